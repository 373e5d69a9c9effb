/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <jansson.h>

#include <rdpwhy/status.h>

#include "base/system_error.h"

#include "text_escape.h"

/* Sets |key| to |value|; takes the value over. |*status| keeps the first error. */
static void put(json_t *object, const char *key, json_t *value, int *status)
{
    if (value == NULL || json_object_set_new_nocheck(object, key, value) != 0)
        *status = WHY_ERR_NOMEM;
}

static void put_uint(json_t *object, const char *key, uint64_t value, int *status)
{
    put(object, key, json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value), status);
}

static void put_text(json_t *object, const char *key, const char *text, int *status)
{
    char *escaped;

    if (text == NULL)
        return;
    escaped = why_text_escape(text);
    put(object, key, escaped == NULL ? NULL : json_string_nocheck(escaped), status);
    free(escaped);
}

/* RFC 3339 has four digits for the year. */
#define LAST_SECOND 253402300799 /* 9999-12-31T23:59:59Z */

static void put_time(json_t *object, const char *key, uint64_t us, int *status)
{
    char text[64];
    struct tm tm;
    uint64_t seconds = us / 1000000;
    time_t clock = seconds > LAST_SECOND ? (time_t)LAST_SECOND : (time_t)seconds;

    if (gmtime_r(&clock, &tm) == NULL) {
        *status = WHY_ERR_NOMEM;
        return;
    }
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%06uZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned)(us % 1000000));
    put(object, key, json_string(text), status);
}

static json_t *new_record(const char *record, int *status)
{
    json_t *object = json_object();

    if (object == NULL) {
        *status = WHY_ERR_NOMEM;
        return NULL;
    }
    put(object, "schema", json_string(WHY_SCHEMA), status);
    put(object, "record", json_string(record), status);
    return object;
}

static size_t count_events(const struct why_trace *trace, bool all, size_t first)
{
    size_t count = 0;

    for (size_t i = first; i < why_trace_count(trace); i++) {
        if (all || !why_event_is_capture(why_trace_at(trace, i)->kind))
            count++;
    }
    return count;
}

static json_t *head_object(const struct why_trace *trace, bool all, size_t first, int *status)
{
    const struct why_trace_head *head = why_trace_head(trace);
    json_t *object = new_record("trace", status);

    if (object == NULL)
        return NULL;
    put_text(object, "host", head->host == NULL ? "" : head->host, status);
    put_uint(object, "port", head->port, status);
    put(object, "profile", json_string(why_profile_name(head->profile)), status);
    put(object, "license_mode", json_string(why_license_mode_name(head->license_mode)), status);
    put(object, "until", json_string(why_phase_name(head->until)), status);
    put_time(object, "started", head->started_us, status);
    put(object, "credentials", json_boolean(head->credentials), status);
    put_text(object, "variation", head->variation, status);
    if (head->hop > 0)
        put_uint(object, "hop", head->hop, status);
    put_text(object, "library", head->library, status);
    put_text(object, "client", head->client, status);
    put_text(object, "capture", head->capture, status);
    if (head->capture_us > 0)
        put_time(object, "capture_started", head->capture_us, status);
    put_uint(object, "bytes_sent", why_trace_bytes(trace, WHY_DIR_SENT), status);
    put_uint(object, "bytes_received", why_trace_bytes(trace, WHY_DIR_RECEIVED), status);
    put_uint(object, "events", count_events(trace, all, first), status);
    if (why_trace_lost(trace) > 0)
        put_uint(object, "events_lost", why_trace_lost(trace), status);
    return object;
}

/* Events are the bulk of a trace, and workers send every attempt's: they are written without a JSON
 * object for each. */
static void write_hex(FILE *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char hex[1024] = {0};
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        hex[n++] = digits[bytes[i] >> 4];
        hex[n++] = digits[bytes[i] & 0x0f];
        if (n == sizeof(hex)) {
            (void)fwrite(hex, 1, n, out);
            n = 0;
        }
    }
    (void)fwrite(hex, 1, n, out);
}

static int write_text(FILE *out, const char *text)
{
    char *escaped = why_text_escape(text);
    json_t *string = escaped != NULL ? json_string_nocheck(escaped) : NULL;
    int status = WHY_OK;

    if (string == NULL)
        status = WHY_ERR_NOMEM;
    else if (json_dumpf(string, out, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
        status = WHY_ERR_IO;
    json_decref(string);
    free(escaped);
    return status;
}

/* Numbers of the system are another's where the file is read: names stand for them. */
static void write_value(FILE *out, enum why_code_space space, int64_t value)
{
    char name[WHY_SYSTEM_ERROR_MAX];

    if (why_system_error_space(space) && value != 0)
        (void)fprintf(out, ",\"value\":\"%s\"", why_system_error_write(space, value, name));
    else
        (void)fprintf(out, ",\"value\":%" PRId64, value);
}

static void write_flags(FILE *out, unsigned flags)
{
#define MEMBER(flag, name)                                                                         \
    {                                                                                              \
        WHY_EVENT_##flag, ",\"" name "\":true"                                                     \
    }
    static const struct {
        unsigned flag;
        const char *text;
    } members[] = {WHY_EVENT_FLAGS(MEMBER)};
#undef MEMBER

    for (size_t i = 0; flags != 0 && i < sizeof(members) / sizeof(members[0]); i++) {
        if ((flags & members[i].flag) != 0)
            (void)fputs(members[i].text, out);
    }
}

static int write_event(FILE *out, const struct why_event *event)
{
    const struct why_event_kind_info *info = why_event_kind_info(event->kind);
    uint64_t t_us = event->t_us > INT64_MAX ? INT64_MAX : event->t_us;
    int status = WHY_OK;

    (void)fprintf(out,
                  "{\"schema\":\"" WHY_SCHEMA "\",\"record\":\"event\",\"t_us\":%" PRIu64
                  ",\"kind\":\"%s\"",
                  t_us, info->name);
    if (info->has_dir || event->dir == WHY_DIR_RECEIVED)
        (void)fprintf(out, ",\"dir\":\"%s\"", event->dir == WHY_DIR_SENT ? "sent" : "received");
    write_flags(out, event->flags);
    if (info->has_value || event->value != 0)
        write_value(out, info->space, event->value);
    if (event->text != NULL) {
        (void)fputs(",\"text\":", out);
        status = write_text(out, event->text);
    }
    if (event->bytes != NULL) {
        (void)fputs(",\"bytes\":\"", out);
        write_hex(out, event->bytes, event->len);
        (void)fputc('"', out);
    }
    if (event->wire_len != event->len)
        (void)fprintf(out, ",\"wire_len\":%zu", event->wire_len);
    if (event->packet > 0)
        (void)fprintf(out, ",\"packet\":%" PRIu64, event->packet);
    if (fputs("}\n", out) == EOF || ferror(out))
        return WHY_ERR_IO;
    return status;
}

/* Writes |object| as one line and releases it. */
static int write_line(FILE *out, json_t *object, int status)
{
    if (status == WHY_OK && (json_dumpf(object, out, JSON_COMPACT) != 0 || fputc('\n', out) == EOF))
        status = WHY_ERR_IO;
    json_decref(object);
    return status;
}

static int write_trace(FILE *out, const struct why_trace *trace, bool all, size_t first)
{
    int status = WHY_OK;
    json_t *object = head_object(trace, all, first, &status);

    status = write_line(out, object, status);
    for (size_t i = first; status == WHY_OK && i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        if (!all && why_event_is_capture(event->kind))
            continue;
        status = write_event(out, event);
    }
    return status;
}

int why_trace_write(FILE *out, const struct why_trace *trace)
{
    return write_trace(out, trace, false, 0);
}

int why_trace_write_all(FILE *out, const struct why_trace *trace)
{
    return write_trace(out, trace, true, 0);
}

int why_trace_write_from(FILE *out, const struct why_trace *trace, size_t first)
{
    return write_trace(out, trace, true, first);
}
