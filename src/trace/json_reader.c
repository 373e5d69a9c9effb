/* SPDX-License-Identifier: Apache-2.0 */
#include "json_reader.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "text_escape.h"
#include "trace_private.h"

/*
 * Longest line that is read: the bytes of one event in hexadecimal, its text with every byte
 * escaped, and the rest. Keeps a file without line ends from being taken into memory whole.
 */
#define LINE_MAX_BYTES (2u * WHY_TRACE_MAX_BYTES + 6u * WHY_TRACE_TEXT_MAX + 65536u)

int why_reader_fail(const struct why_reader *r, const char *subject, const char *problem)
{
    if (r->errlen > 0)
        snprintf(r->err, r->errlen, "line %zu: %s%s%s", *r->line, subject == NULL ? "" : subject,
                 subject == NULL ? "" : ": ", problem);
    return WHY_ERR_MALFORMED;
}

int why_reader_out_of_memory(const struct why_reader *r)
{
    why_reader_fail(r, NULL, "out of memory");
    return WHY_ERR_NOMEM;
}

static int grow(struct why_reader *r)
{
    size_t capacity = r->capacity == 0 ? 4096 : 2 * r->capacity;
    char *buf = realloc(r->buf, capacity);

    if (buf == NULL)
        return why_reader_out_of_memory(r);
    r->buf = buf;
    r->capacity = capacity;
    return WHY_OK;
}

/* Reads the next line into |r->buf| without its end. WHY_ERR_NOTFOUND: there is none. */
static int next_line(struct why_reader *r)
{
    int c;

    r->len = 0;
    ++*r->line;
    while ((c = getc_unlocked(r->in)) != EOF && c != '\n') {
        if (r->len == LINE_MAX_BYTES)
            return why_reader_fail(r, NULL, "the line is too long");
        if (r->len == r->capacity && grow(r) != WHY_OK)
            return WHY_ERR_NOMEM;
        r->buf[r->len++] = (char)c;
    }
    if (ferror(r->in)) {
        why_reader_fail(r, NULL, "the file could not be read");
        return WHY_ERR_IO;
    }
    return c == EOF && r->len == 0 ? WHY_ERR_NOTFOUND : WHY_OK;
}

static bool is_blank(const struct why_reader *r)
{
    for (size_t i = 0; i < r->len; i++) {
        if (strchr(" \t\r", r->buf[i]) == NULL)
            return false;
    }
    return true;
}

int why_reader_next(struct why_reader *r, json_t **out)
{
    json_error_t error;
    const char *schema;
    int status;

    *out = NULL;
    do {
        status = next_line(r);
    } while (status == WHY_OK && is_blank(r));
    if (status != WHY_OK)
        return status;

    *out = json_loadb(r->buf, r->len, JSON_REJECT_DUPLICATES, &error);
    if (*out == NULL) {
        if (json_error_code(&error) == json_error_out_of_memory)
            return why_reader_out_of_memory(r);
        return why_reader_fail(r, "not JSON", error.text);
    }
    if (!json_is_object(*out))
        return why_reader_fail(r, NULL, "not a JSON object");
    schema = json_string_value(json_object_get(*out, "schema"));
    if (schema == NULL || strcmp(schema, WHY_SCHEMA) != 0)
        return why_reader_fail(r, "schema", "is not \"" WHY_SCHEMA "\"");
    return WHY_OK;
}

bool why_reader_is_record(const json_t *object, const char *record)
{
    const char *is = json_string_value(json_object_get(object, "record"));

    return is != NULL && strcmp(is, record) == 0;
}

static int get(const struct why_reader *r, const json_t *object, const char *key, bool required,
               json_t **out)
{
    *out = json_object_get(object, key);
    if (*out == NULL && required)
        return why_reader_fail(r, key, "is missing");
    return WHY_OK;
}

int why_reader_get_int(const struct why_reader *r, const json_t *object, const char *key,
                       bool required, int64_t *out)
{
    json_t *member;
    int status = get(r, object, key, required, &member);

    if (status != WHY_OK || member == NULL)
        return status;
    if (!json_is_integer(member))
        return why_reader_fail(r, key, "is not an integer");
    *out = json_integer_value(member);
    return WHY_OK;
}

int why_reader_get_uint(const struct why_reader *r, const json_t *object, const char *key,
                        bool required, uint64_t max, uint64_t *out)
{
    int64_t value = (int64_t)*out;
    int status = why_reader_get_int(r, object, key, required, &value);

    if (status != WHY_OK)
        return status;
    if (value < 0 || (uint64_t)value > max)
        return why_reader_fail(r, key, "is out of range");
    *out = (uint64_t)value;
    return WHY_OK;
}

int why_reader_get_bool(const struct why_reader *r, const json_t *object, const char *key,
                        bool *out)
{
    const json_t *member = json_object_get(object, key);

    if (member == NULL)
        return WHY_OK;
    if (!json_is_boolean(member))
        return why_reader_fail(r, key, "is neither true nor false");
    *out = json_is_true(member);
    return WHY_OK;
}

int why_reader_get_text(const struct why_reader *r, const json_t *object, const char *key,
                        bool required, char **out)
{
    json_t *member;
    int status = get(r, object, key, required, &member);

    if (status != WHY_OK || member == NULL)
        return status;
    if (!json_is_string(member))
        return why_reader_fail(r, key, "is not a string");
    *out = strdup(json_string_value(member));
    if (*out == NULL)
        return why_reader_out_of_memory(r);
    if (!why_text_unescape(*out))
        return why_reader_fail(r, key, "contains \\x00");
    return WHY_OK;
}

int why_reader_get_word(const struct why_reader *r, const json_t *object, const char *key,
                        enum why_vocabulary list, int *out)
{
    const json_t *member = json_object_get(object, key);

    if (member == NULL)
        return why_reader_fail(r, key, "is missing");
    if (!json_is_string(member))
        return why_reader_fail(r, key, "is not a string");
    *out = why_word_find(list, json_string_value(member));
    return *out < 0 ? why_reader_fail(r, key, "is an unknown word") : WHY_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int why_reader_get_hex(const struct why_reader *r, const json_t *object, const char *key,
                       uint8_t **out, size_t *len)
{
    const json_t *member = json_object_get(object, key);
    const char *hex = json_string_value(member);
    size_t digits;

    if (member == NULL)
        return WHY_OK;
    if (hex == NULL)
        return why_reader_fail(r, key, "is not a string");
    digits = json_string_length(member);
    if (digits % 2 != 0)
        return why_reader_fail(r, key, "has an odd number of hexadecimal digits");
    *out = malloc(digits / 2 + 1);
    if (*out == NULL)
        return why_reader_out_of_memory(r);
    for (size_t i = 0; i < digits; i += 2) {
        int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);

        if (high < 0 || low < 0)
            return why_reader_fail(r, key, "has a character that is no hexadecimal digit");
        (*out)[i / 2] = (uint8_t)(high << 4 | low);
    }
    *len = digits / 2;
    return WHY_OK;
}

/* |count| decimal digits. */
static bool digits(const char *p, size_t count, unsigned *out)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        *out = *out * 10 + (unsigned)(p[i] - '0');
    }
    return true;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, whose years begin in March here. */
static int64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
    int64_t y = (int64_t)year - (month <= 2 ? 1 : 0);
    int64_t m = month <= 2 ? month + 9 : month - 3;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

int why_reader_get_time(const struct why_reader *r, const json_t *object, const char *key,
                        uint64_t *out)
{
    const json_t *member = json_object_get(object, key);
    const char *text = json_string_value(member);
    unsigned year, month, day, hour, minute, second, us;

    if (member == NULL)
        return why_reader_fail(r, key, "is missing");
    if (text == NULL || strlen(text) != strlen("YYYY-MM-DDThh:mm:ss.uuuuuuZ"))
        return why_reader_fail(r, key, "is not a time in UTC with microseconds");
    if (!digits(text, 4, &year) || !digits(text + 5, 2, &month) || !digits(text + 8, 2, &day) ||
        !digits(text + 11, 2, &hour) || !digits(text + 14, 2, &minute) ||
        !digits(text + 17, 2, &second) || !digits(text + 20, 6, &us) || text[4] != '-' ||
        text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
        text[19] != '.' || text[26] != 'Z')
        return why_reader_fail(r, key, "is not a time in UTC with microseconds");
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second > 60)
        return why_reader_fail(r, key, "is no date or time that exists");
    *out = ((uint64_t)days_since_1970(year, month, day) * 86400 + hour * 3600u + minute * 60u +
            second) *
               1000000 +
           us;
    return WHY_OK;
}
