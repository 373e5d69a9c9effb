/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_private.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/hex.h"
#include "base/json_read.h"
#include "base/rfc3339.h"
#include "base/system_error.h"

#include "text_escape.h"

/*
 * Longest line that is read: the bytes of one event in hexadecimal, its text with every byte
 * escaped, and the rest.
 */
#define LINE_MAX_BYTES (2u * WHY_TRACE_MAX_BYTES + 6u * WHY_TRACE_TEXT_MAX + 65536u)

static const struct why_json_wording wording = {
    .separator = ": ",
    .no_text = "is not a string",
    .no_word = "is an unknown word",
    .no_integer = "is not an integer",
    .out_of_range = "is out of range",
};

/* What the head says, its strings to be freed. */
struct head {
    struct why_trace_head trace;
    char *host, *variation, *library, *client, *capture; /* its texts; owned */
    uint64_t bytes[2];
    uint64_t events, lost;
};

enum slot {
    SLOT_SCHEMA,
    SLOT_RECORD,
    HEAD_HOST,
    HEAD_PORT,
    HEAD_PROFILE,
    HEAD_LICENSE_MODE,
    HEAD_UNTIL,
    HEAD_STARTED,
    HEAD_CREDENTIALS,
    HEAD_VARIATION,
    HEAD_HOP,
    HEAD_LIBRARY,
    HEAD_CLIENT,
    HEAD_CAPTURE,
    HEAD_CAPTURE_STARTED,
    HEAD_BYTES_SENT,
    HEAD_BYTES_RECEIVED,
    HEAD_EVENTS,
    HEAD_EVENTS_LOST,
    EVENT_T_US,
    EVENT_KIND,
    EVENT_DIR,
#define SLOT(flag, name) EVENT_##flag
    WHY_EVENT_FLAGS(SLOT),
#undef SLOT
    EVENT_VALUE,
    EVENT_TEXT,
    EVENT_BYTES,
    EVENT_WIRE_LEN,
    EVENT_PACKET,
    SLOT_COUNT
};

/* What an event says, its strings to be freed. */
struct event {
    uint64_t t_us, wire_len, packet;
    enum why_event_kind kind;
    enum why_dir dir;
    bool flags[EVENT_VALUE - EVENT_DECRYPTED];
    int64_t value;
    char *text;
    uint8_t *bytes;
    size_t len;
};

_Static_assert(SLOT_COUNT <= WHY_JSON_SLOTS_MAX, "a reader has no room for them");

static int find_dir(const char *word)
{
    if (strcmp(word, "sent") == 0)
        return WHY_DIR_SENT;
    return strcmp(word, "received") == 0 ? WHY_DIR_RECEIVED : -1;
}

#define GET(kind_, struct_, member_) .kind = WHY_JSON_GET_##kind_, WHY_JSON_INTO(struct_, member_)

/* clang-format off */
static const struct why_json_member head_members[] = {
    {"schema", .slot = SLOT_SCHEMA}, {"record", .slot = SLOT_RECORD},
    {"host", HEAD_HOST, GET(TEXT, struct head, host), .required = true},
    {"port", HEAD_PORT, GET(NUMBER, struct head, trace.port), .required = true, .max = UINT16_MAX},
    {"profile", HEAD_PROFILE, GET(WORD, struct head, trace.profile), .required = true,
     .list = WHY_VOCAB_PROFILE},
    {"license_mode", HEAD_LICENSE_MODE, GET(WORD, struct head, trace.license_mode),
     .required = true, .list = WHY_VOCAB_LICENSE_MODE},
    {"until", HEAD_UNTIL, GET(WORD, struct head, trace.until), .required = true,
     .list = WHY_VOCAB_PHASE},
    {"started", .slot = HEAD_STARTED},
    {"credentials", HEAD_CREDENTIALS, GET(BOOL, struct head, trace.credentials)},
    {"variation", HEAD_VARIATION, GET(TEXT, struct head, variation)},
    {"hop", HEAD_HOP, GET(NUMBER, struct head, trace.hop), .max = WHY_HOPS_MAX},
    {"library", HEAD_LIBRARY, GET(TEXT, struct head, library)},
    {"client", HEAD_CLIENT, GET(TEXT, struct head, client)},
    {"capture", HEAD_CAPTURE, GET(TEXT, struct head, capture)},
    {"capture_started", .slot = HEAD_CAPTURE_STARTED},
    {"bytes_sent", HEAD_BYTES_SENT, GET(NUMBER, struct head, bytes[WHY_DIR_SENT]),
     .max = INT64_MAX},
    {"bytes_received", HEAD_BYTES_RECEIVED, GET(NUMBER, struct head, bytes[WHY_DIR_RECEIVED]),
     .max = INT64_MAX},
    {"events", HEAD_EVENTS, GET(NUMBER, struct head, events), .required = true,
     .max = WHY_TRACE_MAX_EVENTS},
    {"events_lost", HEAD_EVENTS_LOST, GET(NUMBER, struct head, lost), .max = SIZE_MAX / 2},
    {.name = NULL},
};

static const struct why_json_member event_members[] = {
    {"schema", .slot = SLOT_SCHEMA}, {"record", .slot = SLOT_RECORD},
    {"t_us", EVENT_T_US, GET(NUMBER, struct event, t_us), .required = true, .max = INT64_MAX},
    {"kind", EVENT_KIND, GET(WORD, struct event, kind), .required = true,
     .find = why_event_kind_find},
    {"dir", .slot = EVENT_DIR},
#define MEMBER(flag, name)                                                                         \
    {name, EVENT_##flag, GET(BOOL, struct event, flags[EVENT_##flag - EVENT_DECRYPTED])}
    WHY_EVENT_FLAGS(MEMBER),
#undef MEMBER
    {"value", .slot = EVENT_VALUE},
    {"text", EVENT_TEXT, GET(TEXT, struct event, text)},
    {"bytes", .slot = EVENT_BYTES},
    {"wire_len", EVENT_WIRE_LEN, GET(NUMBER, struct event, wire_len), .max = INT64_MAX},
    {"packet", EVENT_PACKET, GET(NUMBER, struct event, packet), .max = INT64_MAX},
    {.name = NULL},
};
/* clang-format on */

/* The next line, which must be an object of our schema. */
static int next(struct why_json_reader *r, const struct why_json_member *members)
{
    int status = why_json_next(r, members);

    if (status == WHY_ERR_IO)
        why_json_fail(r, NULL, "the file could not be read");
    else if (status == WHY_ERR_NOMEM)
        why_json_fail(r, NULL, "out of memory");
    else if (status == WHY_ERR_MALFORMED && r->problem == NULL)
        why_json_fail(r, NULL, "the line is too long");
    else if (status == WHY_ERR_MALFORMED)
        why_json_fail(r, "not JSON", r->problem);
    else if (status == WHY_OK && !why_json_is(&r->values[SLOT_SCHEMA], WHY_SCHEMA))
        return why_json_fail(r, "schema", "is not \"" WHY_SCHEMA "\"");
    return status;
}

static int out_of_memory(const struct why_json_reader *r)
{
    why_json_fail(r, NULL, "out of memory");
    return WHY_ERR_NOMEM;
}

/* Undoes what the writer did to bytes that are not UTF-8, in a text that may be NULL. */
static int unescape(const struct why_json_reader *r, const char *name, char *text)
{
    return text == NULL || why_text_unescape(text) ? WHY_OK
                                                   : why_json_fail(r, name, "contains \\x00");
}

static int read_time(const struct why_json_reader *r, const char *name, enum slot slot,
                     uint64_t *us)
{
    const struct why_json_value *value = &r->values[slot];
    int64_t seconds;
    int32_t micro;
    int status;

    if (value->type != WHY_JSON_TEXT)
        return why_json_fail(r, name, wording.no_text);
    status = why_rfc3339_parse(value->text, value->len, &seconds, &micro);
    if (status == WHY_ERR_MALFORMED || value->len != WHY_RFC3339_SIZE - 1)
        return why_json_fail(r, name, "is not a time in UTC with microseconds");
    if (status != WHY_OK || seconds < 0)
        return why_json_fail(r, name, "is not an existing date or time");
    *us = (uint64_t)seconds * 1000000 + (uint64_t)micro;
    return WHY_OK;
}

static int read_times(const struct why_json_reader *r, struct why_trace_head *head)
{
    int status = WHY_OK;

    if (!why_json_has(r, HEAD_STARTED))
        return why_json_fail(r, "started", "is missing");
    if (why_json_has(r, HEAD_CAPTURE_STARTED))
        status = read_time(r, "capture_started", HEAD_CAPTURE_STARTED, &head->capture_us);
    return status == WHY_OK ? read_time(r, "started", HEAD_STARTED, &head->started_us) : status;
}

static int read_head(const struct why_json_reader *r, struct head *head)
{
    int status;

    if (!why_json_is(&r->values[SLOT_RECORD], "trace"))
        return why_json_fail(r, "record", "is not \"trace\": the head of a trace is missing");
    status = why_json_get_all(r, "", head_members, head);
    if (status == WHY_OK)
        status = read_times(r, &head->trace);
    if (status == WHY_OK)
        status = unescape(r, "host", head->host);
    if (status == WHY_OK)
        status = unescape(r, "variation", head->variation);
    head->trace.host = head->host;
    head->trace.variation = head->variation;
    head->trace.library = head->library;
    head->trace.client = head->client;
    head->trace.capture = head->capture;
    if (status == WHY_OK)
        status = unescape(r, "client", head->client);
    if (status == WHY_OK)
        status = unescape(r, "capture", head->capture);
    return status == WHY_OK ? unescape(r, "library", head->library) : status;
}

static int read_dir(const struct why_json_reader *r, struct event *event)
{
    static const struct why_json_member dir = {"dir", EVENT_DIR, GET(WORD, struct event, dir),
                                               .find = find_dir};

    if (!why_json_has(r, EVENT_DIR) && why_event_kind_info(event->kind)->has_dir)
        return why_json_fail(r, "dir", "is missing");
    return why_json_get(r, "", &dir, event) == WHY_OK
               ? WHY_OK
               : why_json_fail(r, "dir", "is neither \"sent\" nor \"received\"");
}

/* A name of a system's error; a number where an older version wrote it, on Linux. */
static int read_value(const struct why_json_reader *r, struct event *event)
{
    static const struct why_json_member number = {"value", EVENT_VALUE,
                                                  GET(INTEGER, struct event, value)};
    const struct why_json_value *value = &r->values[EVENT_VALUE];
    enum why_code_space space = why_event_kind_info(event->kind)->space;
    char *name;
    int status;

    if (!why_system_error_space(space) || value->type != WHY_JSON_TEXT) {
        status = why_json_get(r, "", &number, event);
        if (why_system_error_space(space))
            event->value = why_system_error_linux(space, event->value);
        return status;
    }
    name = why_json_string(value);
    if (name == NULL)
        return out_of_memory(r);
    status = unescape(r, "value", name);
    if (status == WHY_OK)
        event->value = why_system_error_read(space, name);
    free(name);
    return status;
}

static int read_bytes(const struct why_json_reader *r, struct event *event)
{
    const struct why_json_value *value = &r->values[EVENT_BYTES];

    if (value->type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (value->type != WHY_JSON_TEXT)
        return why_json_fail(r, "bytes", wording.no_text);
    if (value->len % 2 != 0)
        return why_json_fail(r, "bytes", "has an odd number of hexadecimal digits");
    event->len = value->len / 2;
    event->bytes = malloc(event->len + 1);
    if (event->bytes == NULL)
        return out_of_memory(r);
    return why_hex_parse(value->text, value->len, event->bytes)
               ? WHY_OK
               : why_json_fail(r, "bytes", "has a character that is not a hexadecimal digit");
}

/* What flags say now was once said by numbers and by a text. */
static void read_older(struct why_event *event)
{
    switch (event->kind) {
    case WHY_EV_NET_ERROR:
        if (event->text == NULL || strcmp(event->text, "write") != 0)
            return;
        event->flags |= WHY_EVENT_WRITING;
        event->text = why_system_error_text(WHY_SPACE_ERRNO, event->value);
        return;
    case WHY_EV_CLOSE: /* 1: by RST; 2 and 3: the same, in doubt */
        event->flags |= (event->value % 2 != 0 ? WHY_EVENT_BY_RESET : 0) |
                        (event->value > 1 ? WHY_EVENT_IN_DOUBT : 0);
        event->value = 0;
        return;
    case WHY_EV_STOP:
        event->flags |= event->value != 0 ? WHY_EVENT_CUT_OFF : 0;
        event->value = 0;
        return;
    default:
        return;
    }
}

static int append(const struct why_json_reader *r, struct why_trace *trace, const struct event *e)
{
#define FLAG(flag, name) WHY_EVENT_##flag
    static const unsigned flags[] = {WHY_EVENT_FLAGS(FLAG)};
#undef FLAG
    struct why_event event = {.t_us = e->t_us,
                              .kind = e->kind,
                              .dir = e->dir,
                              .value = e->value,
                              .text = e->text,
                              .bytes = e->bytes,
                              .len = e->len,
                              .wire_len = (size_t)e->wire_len,
                              .packet = e->packet};

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        event.flags |= e->flags[i] ? flags[i] : 0;
    read_older(&event);
    return why_trace_append(trace, &event) == WHY_OK ? WHY_OK : out_of_memory(r);
}

static int check_event(const struct why_json_reader *r, const struct why_trace *trace,
                       struct event *event)
{
    size_t count = why_trace_count(trace);

    if (!why_json_has(r, EVENT_WIRE_LEN))
        event->wire_len = event->len;
    if (count > 0 && event->t_us < why_trace_at(trace, count - 1)->t_us)
        return why_json_fail(r, "t_us", "is before the previous event's");
    if (event->wire_len < event->len || event->wire_len > SIZE_MAX)
        return why_json_fail(r, "wire_len", "is less than the number of bytes");
    return WHY_OK;
}

static int read_event(const struct why_json_reader *r, struct why_trace *trace)
{
    struct event event = {.dir = WHY_DIR_SENT};
    int status;

    if (!why_json_is(&r->values[SLOT_RECORD], "event"))
        return why_json_fail(r, "record", "is not \"event\": the trace before it is not complete");
    status = why_json_get_all(r, "", event_members, &event);
    if (status == WHY_OK)
        status = read_dir(r, &event);
    if (status == WHY_OK)
        status = read_value(r, &event);
    if (status == WHY_OK)
        status = unescape(r, "text", event.text);
    if (status == WHY_OK)
        status = read_bytes(r, &event);
    if (status == WHY_OK)
        status = check_event(r, trace, &event);
    if (status == WHY_OK)
        status = append(r, trace, &event);
    free(event.bytes);
    free(event.text);
    return status;
}

static int read_events(struct why_json_reader *r, struct why_trace *trace, uint64_t count)
{
    int status = WHY_OK;

    for (uint64_t i = 0; status == WHY_OK && i < count; i++) {
        status = next(r, event_members);
        if (status == WHY_OK)
            status = read_event(r, trace);
        else if (status == WHY_ERR_NOTFOUND)
            status = why_json_fail(r, NULL, "the file ends before the trace does");
    }
    return status;
}

static int read_trace(struct why_json_reader *r, struct why_trace **out)
{
    struct head head = {.events = 0};
    struct why_trace *trace = NULL;
    int status = next(r, head_members);

    *out = NULL;
    if (status == WHY_OK)
        status = read_head(r, &head);
    if (status == WHY_OK && (trace = why_trace_new(&head.trace)) == NULL)
        status = out_of_memory(r);
    if (status == WHY_OK)
        status = read_events(r, trace, head.events);
    free(head.host);
    free(head.variation);
    free(head.client);
    free(head.capture);
    free(head.library);
    why_json_reader_clear(r);
    if (status != WHY_OK) {
        why_trace_free(trace);
        return status;
    }
    for (int dir = WHY_DIR_SENT; dir <= WHY_DIR_RECEIVED; dir++)
        why_trace_count_bytes(trace, (enum why_dir)dir, (size_t)head.bytes[dir]);
    why_trace_set_lost(trace, (size_t)head.lost);
    *out = trace;
    return WHY_OK;
}

int why_trace_read(FILE *in, struct why_trace **out, size_t *line, char *err, size_t errlen)
{
    struct why_json_reader r = {.in = in,
                                .line_by_line = true,
                                .line_max = LINE_MAX_BYTES,
                                .number = *line,
                                .slot_count = SLOT_COUNT,
                                .wording = &wording,
                                .err = err,
                                .errlen = errlen};
    int status = read_trace(&r, out);

    *line = r.number;
    return status;
}

int why_trace_read_memory(const char *text, size_t len, struct why_trace **out, char *err,
                          size_t errlen)
{
    struct why_json_reader r = {.at = text,
                                .end = text + len,
                                .line_max = LINE_MAX_BYTES,
                                .slot_count = SLOT_COUNT,
                                .wording = &wording,
                                .err = err,
                                .errlen = errlen};

    return read_trace(&r, out);
}
