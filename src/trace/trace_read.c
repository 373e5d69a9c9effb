/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_private.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <rdpwhy/status.h>

#include "text_escape.h"

/*
 * Longest line that is read: the bytes of one event in hexadecimal, its text with every byte
 * escaped, and the rest. Keeps a file without line ends from being taken into memory whole.
 */
#define LINE_MAX_BYTES (2u * WHY_TRACE_MAX_BYTES + 6u * WHY_TRACE_TEXT_MAX + 65536u)

struct reader {
    FILE *in;
    size_t *line;
    char *buf;
    size_t len, capacity;
    char *err;
    size_t errlen;
};

/* Puts "line N: |subject|: |problem|" into the message; |subject| may be NULL. */
static int fail(const struct reader *r, const char *subject, const char *problem)
{
    if (r->errlen > 0)
        snprintf(r->err, r->errlen, "line %zu: %s%s%s", *r->line, subject == NULL ? "" : subject,
                 subject == NULL ? "" : ": ", problem);
    return WHY_ERR_MALFORMED;
}

static int out_of_memory(const struct reader *r)
{
    fail(r, NULL, "out of memory");
    return WHY_ERR_NOMEM;
}

static int grow(struct reader *r)
{
    size_t capacity = r->capacity == 0 ? 4096 : 2 * r->capacity;
    char *buf = realloc(r->buf, capacity);

    if (buf == NULL)
        return out_of_memory(r);
    r->buf = buf;
    r->capacity = capacity;
    return WHY_OK;
}

/* Reads the next line into |r->buf| without its end. WHY_ERR_NOTFOUND: there is none. */
static int next_line(struct reader *r)
{
    int c;

    r->len = 0;
    ++*r->line;
    while ((c = getc_unlocked(r->in)) != EOF && c != '\n') {
        if (r->len == LINE_MAX_BYTES)
            return fail(r, NULL, "the line is too long");
        if (r->len == r->capacity && grow(r) != WHY_OK)
            return WHY_ERR_NOMEM;
        r->buf[r->len++] = (char)c;
    }
    if (ferror(r->in)) {
        fail(r, NULL, "the file could not be read");
        return WHY_ERR_IO;
    }
    return c == EOF && r->len == 0 ? WHY_ERR_NOTFOUND : WHY_OK;
}

static bool is_blank(const struct reader *r)
{
    for (size_t i = 0; i < r->len; i++) {
        if (strchr(" \t\r", r->buf[i]) == NULL)
            return false;
    }
    return true;
}

/* The next line that is not blank as a JSON object of our schema; |*out| is the caller's. */
static int next_object(struct reader *r, json_t **out)
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
            return out_of_memory(r);
        return fail(r, "not JSON", error.text);
    }
    if (!json_is_object(*out))
        return fail(r, NULL, "not a JSON object");
    schema = json_string_value(json_object_get(*out, "schema"));
    if (schema == NULL || strcmp(schema, WHY_SCHEMA) != 0)
        return fail(r, "schema", "is not \"" WHY_SCHEMA "\"");
    return WHY_OK;
}

static bool is_record(const json_t *object, const char *record)
{
    const char *is = json_string_value(json_object_get(object, "record"));

    return is != NULL && strcmp(is, record) == 0;
}

/*
 * The member readers below leave |*out| alone where the member is absent, and then fail only if it
 * is |required|.
 */
static int get(const struct reader *r, const json_t *object, const char *key, bool required,
               json_t **out)
{
    *out = json_object_get(object, key);
    if (*out == NULL && required)
        return fail(r, key, "is missing");
    return WHY_OK;
}

static int get_int(const struct reader *r, const json_t *object, const char *key, bool required,
                   int64_t *out)
{
    json_t *member;
    int status = get(r, object, key, required, &member);

    if (status != WHY_OK || member == NULL)
        return status;
    if (!json_is_integer(member))
        return fail(r, key, "is not an integer");
    *out = json_integer_value(member);
    return WHY_OK;
}

static int get_uint(const struct reader *r, const json_t *object, const char *key, bool required,
                    uint64_t max, uint64_t *out)
{
    int64_t value = (int64_t)*out;
    int status = get_int(r, object, key, required, &value);

    if (status != WHY_OK)
        return status;
    if (value < 0 || (uint64_t)value > max)
        return fail(r, key, "is out of range");
    *out = (uint64_t)value;
    return WHY_OK;
}

static int get_bool(const struct reader *r, const json_t *object, const char *key, bool *out)
{
    const json_t *member = json_object_get(object, key);

    if (member == NULL)
        return WHY_OK;
    if (!json_is_boolean(member))
        return fail(r, key, "is neither true nor false");
    *out = json_is_true(member);
    return WHY_OK;
}

/* |*out| is to be freed. */
static int get_text(const struct reader *r, const json_t *object, const char *key, bool required,
                    char **out)
{
    json_t *member;
    int status = get(r, object, key, required, &member);

    if (status != WHY_OK || member == NULL)
        return status;
    if (!json_is_string(member))
        return fail(r, key, "is not a string");
    *out = strdup(json_string_value(member));
    if (*out == NULL)
        return out_of_memory(r);
    if (!why_text_unescape(*out))
        return fail(r, key, "contains \\x00");
    return WHY_OK;
}

/* A word of |list| as its value. */
static int get_word(const struct reader *r, const json_t *object, const char *key,
                    enum why_vocabulary list, int *out)
{
    const json_t *member = json_object_get(object, key);

    if (member == NULL)
        return fail(r, key, "is missing");
    if (!json_is_string(member))
        return fail(r, key, "is not a string");
    *out = why_word_find(list, json_string_value(member));
    return *out < 0 ? fail(r, key, "is an unknown word") : WHY_OK;
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

/* |*out| is to be freed. */
static int get_hex(const struct reader *r, const json_t *object, const char *key, uint8_t **out,
                   size_t *len)
{
    const json_t *member = json_object_get(object, key);
    const char *hex = json_string_value(member);
    size_t digits;

    if (member == NULL)
        return WHY_OK;
    if (hex == NULL)
        return fail(r, key, "is not a string");
    digits = json_string_length(member);
    if (digits % 2 != 0)
        return fail(r, key, "has an odd number of hexadecimal digits");
    *out = malloc(digits / 2 + 1);
    if (*out == NULL)
        return out_of_memory(r);
    for (size_t i = 0; i < digits; i += 2) {
        int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);

        if (high < 0 || low < 0)
            return fail(r, key, "has a character that is no hexadecimal digit");
        (*out)[i / 2] = (uint8_t)(high << 4 | low);
    }
    *len = digits / 2;
    return WHY_OK;
}

/* Two or four digits of a date. */
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

/* "YYYY-MM-DDThh:mm:ss.uuuuuuZ", as the writer writes it. */
static int get_time(const struct reader *r, const json_t *object, const char *key, uint64_t *out)
{
    const json_t *member = json_object_get(object, key);
    const char *text = json_string_value(member);
    unsigned year, month, day, hour, minute, second, us;

    if (member == NULL)
        return fail(r, key, "is missing");
    if (text == NULL || strlen(text) != strlen("YYYY-MM-DDThh:mm:ss.uuuuuuZ"))
        return fail(r, key, "is not a time in UTC with microseconds");
    if (!digits(text, 4, &year) || !digits(text + 5, 2, &month) || !digits(text + 8, 2, &day) ||
        !digits(text + 11, 2, &hour) || !digits(text + 14, 2, &minute) ||
        !digits(text + 17, 2, &second) || !digits(text + 20, 6, &us) || text[4] != '-' ||
        text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
        text[19] != '.' || text[26] != 'Z')
        return fail(r, key, "is not a time in UTC with microseconds");
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second > 60)
        return fail(r, key, "is no date or time that exists");
    *out = ((uint64_t)days_since_1970(year, month, day) * 86400 + hour * 3600u + minute * 60u +
            second) *
               1000000 +
           us;
    return WHY_OK;
}

/* What the head says beside struct why_trace_head. */
struct counts {
    uint64_t bytes[2];
    uint64_t events, lost;
};

static int read_head_words(const struct reader *r, const json_t *object,
                           struct why_trace_head *head)
{
    int status, profile, mode, until;

    if ((status = get_word(r, object, "profile", WHY_VOCAB_PROFILE, &profile)) != WHY_OK ||
        (status = get_word(r, object, "license_mode", WHY_VOCAB_LICENSE_MODE, &mode)) != WHY_OK ||
        (status = get_word(r, object, "until", WHY_VOCAB_PHASE, &until)) != WHY_OK)
        return status;
    head->profile = (enum why_profile)profile;
    head->license_mode = (enum why_license_mode)mode;
    head->until = (enum why_phase)until;
    return WHY_OK;
}

static int read_head(const struct reader *r, const json_t *object, struct why_trace_head *head,
                     struct counts *counts)
{
    uint64_t port = 0;
    int status;

    if (!is_record(object, "trace"))
        return fail(r, "record", "is not \"trace\": the head of a trace is missing");
    if ((status = get_text(r, object, "host", true, &head->host)) != WHY_OK ||
        (status = get_uint(r, object, "port", true, UINT16_MAX, &port)) != WHY_OK ||
        (status = read_head_words(r, object, head)) != WHY_OK ||
        (status = get_time(r, object, "started", &head->started_us)) != WHY_OK ||
        (status = get_bool(r, object, "credentials", &head->credentials)) != WHY_OK ||
        (status = get_text(r, object, "variation", false, &head->variation)) != WHY_OK ||
        (status = get_text(r, object, "library", false, &head->library)) != WHY_OK ||
        (status = get_uint(r, object, "bytes_sent", false, INT64_MAX,
                           &counts->bytes[WHY_DIR_SENT])) != WHY_OK ||
        (status = get_uint(r, object, "bytes_received", false, INT64_MAX,
                           &counts->bytes[WHY_DIR_RECEIVED])) != WHY_OK ||
        (status = get_uint(r, object, "events", true, WHY_TRACE_MAX_EVENTS, &counts->events)) !=
            WHY_OK ||
        (status = get_uint(r, object, "events_lost", false, SIZE_MAX / 2, &counts->lost)) != WHY_OK)
        return status;
    head->port = (uint16_t)port;
    return WHY_OK;
}

static int read_kind(const struct reader *r, const json_t *object, struct why_event *event)
{
    const json_t *member = json_object_get(object, "kind");
    const json_t *dir = json_object_get(object, "dir");
    const char *word = json_string_value(dir);
    int kind;

    if (member == NULL)
        return fail(r, "kind", "is missing");
    if (!json_is_string(member))
        return fail(r, "kind", "is not a string");
    kind = why_event_kind_find(json_string_value(member));
    if (kind < 0)
        return fail(r, "kind", "is an unknown word");
    event->kind = (enum why_event_kind)kind;

    if (dir == NULL && why_event_kind_info(event->kind)->has_dir)
        return fail(r, "dir", "is missing");
    if (dir != NULL &&
        (word == NULL || (strcmp(word, "sent") != 0 && strcmp(word, "received") != 0)))
        return fail(r, "dir", "is neither \"sent\" nor \"received\"");
    event->dir = word != NULL && strcmp(word, "received") == 0 ? WHY_DIR_RECEIVED : WHY_DIR_SENT;
    return WHY_OK;
}

static int read_event(const struct reader *r, const json_t *object, struct why_trace *trace)
{
    struct why_event event = {0};
    uint64_t last = 0, wire_len;
    bool decrypted = false;
    char *text = NULL;
    uint8_t *bytes = NULL;
    int status;

    if (!is_record(object, "event"))
        return fail(r, "record", "is not \"event\": the trace before it is not complete");
    if ((status = get_uint(r, object, "t_us", true, INT64_MAX, &event.t_us)) != WHY_OK ||
        (status = read_kind(r, object, &event)) != WHY_OK ||
        (status = get_bool(r, object, "decrypted", &decrypted)) != WHY_OK ||
        (status = get_int(r, object, "value", false, &event.value)) != WHY_OK ||
        (status = get_text(r, object, "text", false, &text)) != WHY_OK ||
        (status = get_hex(r, object, "bytes", &bytes, &event.len)) != WHY_OK)
        goto out;
    wire_len = event.len;
    if ((status = get_uint(r, object, "wire_len", false, INT64_MAX, &wire_len)) != WHY_OK)
        goto out;

    if (why_trace_count(trace) > 0)
        last = why_trace_at(trace, why_trace_count(trace) - 1)->t_us;
    if (event.t_us < last) {
        status = fail(r, "t_us", "is before the previous event's");
    } else if (wire_len < event.len || wire_len > SIZE_MAX) {
        status = fail(r, "wire_len", "is less than the number of bytes");
    } else {
        event.flags = decrypted ? WHY_EVENT_DECRYPTED : 0;
        event.text = text;
        event.bytes = bytes;
        event.wire_len = (size_t)wire_len;
        if (why_trace_append(trace, &event) != WHY_OK)
            status = out_of_memory(r);
    }

out:
    free(bytes);
    free(text);
    return status;
}

static int read_events(struct reader *r, struct why_trace *trace, uint64_t count)
{
    int status = WHY_OK;

    for (uint64_t i = 0; status == WHY_OK && i < count; i++) {
        json_t *object;

        status = next_object(r, &object);
        if (status == WHY_OK)
            status = read_event(r, object, trace);
        else if (status == WHY_ERR_NOTFOUND)
            status = fail(r, NULL, "the file ends before the trace does");
        json_decref(object);
    }
    return status;
}

/* A new trace from the head in |object|, its events still to come. */
static int start_trace(const struct reader *r, const json_t *object, struct counts *counts,
                       struct why_trace **out)
{
    struct why_trace_head head = {0};
    int status = read_head(r, object, &head, counts);

    if (status == WHY_OK) {
        *out = why_trace_new(&head);
        if (*out == NULL)
            status = out_of_memory(r);
    }
    free(head.host);
    free(head.variation);
    free(head.library);
    return status;
}

int why_trace_read(FILE *in, struct why_trace **out, size_t *line, char *err, size_t errlen)
{
    struct reader r = {.in = in, .line = line, .err = err, .errlen = errlen};
    struct counts counts = {0};
    struct why_trace *trace = NULL;
    json_t *object;
    int status;

    *out = NULL;
    status = next_object(&r, &object);
    if (status == WHY_OK)
        status = start_trace(&r, object, &counts, &trace);
    json_decref(object);
    if (status == WHY_OK)
        status = read_events(&r, trace, counts.events);
    free(r.buf);
    if (status != WHY_OK) {
        why_trace_free(trace);
        return status;
    }
    for (int dir = WHY_DIR_SENT; dir <= WHY_DIR_RECEIVED; dir++)
        why_trace_count_bytes(trace, (enum why_dir)dir, (size_t)counts.bytes[dir]);
    why_trace_set_lost(trace, (size_t)counts.lost);
    *out = trace;
    return WHY_OK;
}
