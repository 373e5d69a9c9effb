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

/* Reads the next line of the file into |r->buf|, without its end. */
static int line_of_file(struct why_reader *r, const char **text, size_t *len)
{
    int c;

    *len = 0;
    while ((c = getc_unlocked(r->in)) != EOF && c != '\n') {
        if (*len == LINE_MAX_BYTES)
            return why_reader_fail(r, NULL, "the line is too long");
        if (*len == r->capacity && grow(r) != WHY_OK)
            return WHY_ERR_NOMEM;
        r->buf[(*len)++] = (char)c;
    }
    if (ferror(r->in)) {
        why_reader_fail(r, NULL, "the file could not be read");
        return WHY_ERR_IO;
    }
    *text = r->buf;
    return c == EOF && *len == 0 ? WHY_ERR_NOTFOUND : WHY_OK;
}

static int line_of_memory(struct why_reader *r, const char **text, size_t *len)
{
    const char *end;

    if (r->at == r->end)
        return WHY_ERR_NOTFOUND;
    end = memchr(r->at, '\n', (size_t)(r->end - r->at));
    *text = r->at;
    *len = (size_t)((end != NULL ? end : r->end) - r->at);
    r->at = end != NULL ? end + 1 : r->end;
    return *len > LINE_MAX_BYTES ? why_reader_fail(r, NULL, "the line is too long") : WHY_OK;
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    }
    return true;
}

static bool is_text(const struct why_json_value *value, const char *text)
{
    return value->type == WHY_JSON_TEXT && value->len == strlen(text) &&
           memcmp(value->text, text, value->len) == 0;
}

int why_reader_next(struct why_reader *r, const struct why_json_member *members)
{
    const char *text = NULL, *problem = NULL;
    size_t len = 0;
    int status;

    do {
        ++*r->line;
        status = r->in != NULL ? line_of_file(r, &text, &len) : line_of_memory(r, &text, &len);
    } while (status == WHY_OK && is_blank(text, len));
    if (status != WHY_OK)
        return status;
    r->members = members;
    memset(r->values, 0, sizeof(r->values));
    if (why_json_scan(text, len, members, r->values, &problem) != WHY_OK)
        return why_reader_fail(r, "not JSON", problem);
    if (!is_text(&r->values[READER_SCHEMA], WHY_SCHEMA))
        return why_reader_fail(r, "schema", "is not \"" WHY_SCHEMA "\"");
    return WHY_OK;
}

bool why_reader_is_record(const struct why_reader *r, const char *record)
{
    return is_text(&r->values[READER_RECORD], record);
}

bool why_reader_has(const struct why_reader *r, size_t slot)
{
    return r->values[slot].type != WHY_JSON_ABSENT;
}

int why_reader_fail_member(const struct why_reader *r, size_t slot, const char *problem)
{
    return why_reader_fail(r, r->members[slot].name, problem);
}

/* The member at |slot| as |*value|, NULL where it is absent: an error if it is |required|. */
static int get(const struct why_reader *r, size_t slot, bool required, enum why_json_type type,
               const char *wrong, const struct why_json_value **value)
{
    *value = NULL;
    if (!why_reader_has(r, slot))
        return required ? why_reader_fail_member(r, slot, "is missing") : WHY_OK;
    if (r->values[slot].type != type)
        return why_reader_fail_member(r, slot, wrong);
    *value = &r->values[slot];
    return WHY_OK;
}

int why_reader_get_int(const struct why_reader *r, size_t slot, bool required, int64_t *out)
{
    const struct why_json_value *value;
    int status = get(r, slot, required, WHY_JSON_INTEGER, "is not an integer", &value);

    if (value != NULL)
        *out = value->number;
    return status;
}

int why_reader_get_uint(const struct why_reader *r, size_t slot, bool required, uint64_t max,
                        uint64_t *out)
{
    int64_t value = (int64_t)*out;
    int status = why_reader_get_int(r, slot, required, &value);

    if (status != WHY_OK)
        return status;
    if (value < 0 || (uint64_t)value > max)
        return why_reader_fail_member(r, slot, "is out of range");
    *out = (uint64_t)value;
    return WHY_OK;
}

int why_reader_get_bool(const struct why_reader *r, size_t slot, bool *out)
{
    const struct why_json_value *value;
    int status = get(r, slot, false, WHY_JSON_BOOL, "is neither true nor false", &value);

    if (value != NULL)
        *out = value->number != 0;
    return status;
}

int why_reader_get_text(const struct why_reader *r, size_t slot, bool required, char **out)
{
    const struct why_json_value *value;
    int status = get(r, slot, required, WHY_JSON_TEXT, "is not a string", &value);

    if (value == NULL)
        return status;
    *out = malloc(value->len + 1);
    if (*out == NULL)
        return why_reader_out_of_memory(r);
    (*out)[why_json_unescape(value, *out)] = '\0';
    if (!why_text_unescape(*out))
        return why_reader_fail_member(r, slot, "contains \\x00");
    return WHY_OK;
}

/* A text that is short where it is right, into |buf|; longer ones are as good as cut off. */
static int get_short(const struct why_reader *r, size_t slot, char *buf, size_t size)
{
    const struct why_json_value *value;
    int status = get(r, slot, true, WHY_JSON_TEXT, "is not a string", &value);

    if (value != NULL)
        buf[value->len < size ? why_json_unescape(value, buf) : 0] = '\0';
    return status;
}

int why_reader_get_word(const struct why_reader *r, size_t slot, int (*find)(const char *word),
                        int *out)
{
    char word[64];
    int status = get_short(r, slot, word, sizeof(word));

    if (status != WHY_OK)
        return status;
    *out = find(word);
    return *out < 0 ? why_reader_fail_member(r, slot, "is an unknown word") : WHY_OK;
}

/* A digit's value and one; 0 for what is no digit. */
static const uint8_t hex_digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

int why_reader_get_hex(const struct why_reader *r, size_t slot, uint8_t **out, size_t *len)
{
    const struct why_json_value *value;
    int status = get(r, slot, false, WHY_JSON_TEXT, "is not a string", &value);

    if (value == NULL)
        return status;
    if (value->len % 2 != 0)
        return why_reader_fail_member(r, slot, "has an odd number of hexadecimal digits");
    *out = malloc(value->len / 2 + 1);
    if (*out == NULL)
        return why_reader_out_of_memory(r);
    for (size_t i = 0; i < value->len; i += 2) {
        unsigned high = hex_digits[(uint8_t)value->text[i]];
        unsigned low = hex_digits[(uint8_t)value->text[i + 1]];

        if (high == 0 || low == 0)
            return why_reader_fail_member(r, slot,
                                          "has a character that is not a hexadecimal digit");
        (*out)[i / 2] = (uint8_t)((high - 1) << 4 | (low - 1));
    }
    *len = value->len / 2;
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

int why_reader_get_time(const struct why_reader *r, size_t slot, uint64_t *out)
{
    char text[32] = "";
    unsigned year, month, day, hour, minute, second, us;
    int status = get_short(r, slot, text, sizeof(text));

    if (status != WHY_OK)
        return status;
    if (strlen(text) != strlen("YYYY-MM-DDThh:mm:ss.uuuuuuZ") || !digits(text, 4, &year) ||
        !digits(text + 5, 2, &month) || !digits(text + 8, 2, &day) ||
        !digits(text + 11, 2, &hour) || !digits(text + 14, 2, &minute) ||
        !digits(text + 17, 2, &second) || !digits(text + 20, 6, &us) || text[4] != '-' ||
        text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
        text[19] != '.' || text[26] != 'Z')
        return why_reader_fail_member(r, slot, "is not a time in UTC with microseconds");
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second > 60)
        return why_reader_fail_member(r, slot, "is not an existing date or time");
    *out = ((uint64_t)days_since_1970(year, month, day) * 86400 + hour * 3600u + minute * 60u +
            second) *
               1000000 +
           us;
    return WHY_OK;
}
