/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_private.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/system_error.h"

#include "json_reader.h"

/* What the head says beside struct why_trace_head. */
struct counts {
    uint64_t bytes[2];
    uint64_t events, lost;
};

enum head_member {
    HEAD_HOST = READER_OWN,
    HEAD_PORT,
    HEAD_PROFILE,
    HEAD_LICENSE_MODE,
    HEAD_UNTIL,
    HEAD_STARTED,
    HEAD_CREDENTIALS,
    HEAD_VARIATION,
    HEAD_LIBRARY,
    HEAD_BYTES_SENT,
    HEAD_BYTES_RECEIVED,
    HEAD_EVENTS,
    HEAD_EVENTS_LOST,
    HEAD_END
};

static const struct why_json_member head_members[] = {
    [READER_SCHEMA] = {"schema", READER_SCHEMA, NULL},
    [READER_RECORD] = {"record", READER_RECORD, NULL},
    [HEAD_HOST] = {"host", HEAD_HOST, NULL},
    [HEAD_PORT] = {"port", HEAD_PORT, NULL},
    [HEAD_PROFILE] = {"profile", HEAD_PROFILE, NULL},
    [HEAD_LICENSE_MODE] = {"license_mode", HEAD_LICENSE_MODE, NULL},
    [HEAD_UNTIL] = {"until", HEAD_UNTIL, NULL},
    [HEAD_STARTED] = {"started", HEAD_STARTED, NULL},
    [HEAD_CREDENTIALS] = {"credentials", HEAD_CREDENTIALS, NULL},
    [HEAD_VARIATION] = {"variation", HEAD_VARIATION, NULL},
    [HEAD_LIBRARY] = {"library", HEAD_LIBRARY, NULL},
    [HEAD_BYTES_SENT] = {"bytes_sent", HEAD_BYTES_SENT, NULL},
    [HEAD_BYTES_RECEIVED] = {"bytes_received", HEAD_BYTES_RECEIVED, NULL},
    [HEAD_EVENTS] = {"events", HEAD_EVENTS, NULL},
    [HEAD_EVENTS_LOST] = {"events_lost", HEAD_EVENTS_LOST, NULL},
    [HEAD_END] = {NULL, 0, NULL},
};

enum event_member {
    EVENT_T_US = READER_OWN,
    EVENT_KIND,
    EVENT_DIR,
#define SLOT(flag, name) EVENT_##flag
    WHY_EVENT_FLAGS(SLOT),
#undef SLOT
    EVENT_VALUE,
    EVENT_TEXT,
    EVENT_BYTES,
    EVENT_WIRE_LEN,
    EVENT_END
};

static const struct why_json_member event_members[] = {
    [READER_SCHEMA] = {"schema", READER_SCHEMA, NULL},
    [READER_RECORD] = {"record", READER_RECORD, NULL},
    [EVENT_T_US] = {"t_us", EVENT_T_US, NULL},
    [EVENT_KIND] = {"kind", EVENT_KIND, NULL},
    [EVENT_DIR] = {"dir", EVENT_DIR, NULL},
#define MEMBER(flag, name) [EVENT_##flag] = {name, EVENT_##flag, NULL}
    WHY_EVENT_FLAGS(MEMBER),
#undef MEMBER
    [EVENT_VALUE] = {"value", EVENT_VALUE, NULL},
    [EVENT_TEXT] = {"text", EVENT_TEXT, NULL},
    [EVENT_BYTES] = {"bytes", EVENT_BYTES, NULL},
    [EVENT_WIRE_LEN] = {"wire_len", EVENT_WIRE_LEN, NULL},
    [EVENT_END] = {NULL, 0, NULL},
};

_Static_assert(HEAD_END < READER_MEMBERS && EVENT_END < READER_MEMBERS, "a table is too long");

static int find_profile(const char *word)
{
    return why_word_find(WHY_VOCAB_PROFILE, word);
}

static int find_license_mode(const char *word)
{
    return why_word_find(WHY_VOCAB_LICENSE_MODE, word);
}

static int find_phase(const char *word)
{
    return why_word_find(WHY_VOCAB_PHASE, word);
}

static int find_dir(const char *word)
{
    if (strcmp(word, "sent") == 0)
        return WHY_DIR_SENT;
    return strcmp(word, "received") == 0 ? WHY_DIR_RECEIVED : -1;
}

static int read_head_words(const struct why_reader *r, struct why_trace_head *head)
{
    int status, profile, mode, until;

    if ((status = why_reader_get_word(r, HEAD_PROFILE, find_profile, &profile)) != WHY_OK ||
        (status = why_reader_get_word(r, HEAD_LICENSE_MODE, find_license_mode, &mode)) != WHY_OK ||
        (status = why_reader_get_word(r, HEAD_UNTIL, find_phase, &until)) != WHY_OK)
        return status;
    head->profile = (enum why_profile)profile;
    head->license_mode = (enum why_license_mode)mode;
    head->until = (enum why_phase)until;
    return WHY_OK;
}

static int read_head(const struct why_reader *r, struct why_trace_head *head, struct counts *counts)
{
    uint64_t port = 0;
    int status;

    if (!why_reader_is_record(r, "trace"))
        return why_reader_fail(r, "record", "is not \"trace\": the head of a trace is missing");
    if ((status = why_reader_get_text(r, HEAD_HOST, true, &head->host)) != WHY_OK ||
        (status = why_reader_get_uint(r, HEAD_PORT, true, UINT16_MAX, &port)) != WHY_OK ||
        (status = read_head_words(r, head)) != WHY_OK ||
        (status = why_reader_get_time(r, HEAD_STARTED, &head->started_us)) != WHY_OK ||
        (status = why_reader_get_bool(r, HEAD_CREDENTIALS, &head->credentials)) != WHY_OK ||
        (status = why_reader_get_text(r, HEAD_VARIATION, false, &head->variation)) != WHY_OK ||
        (status = why_reader_get_text(r, HEAD_LIBRARY, false, &head->library)) != WHY_OK ||
        (status = why_reader_get_uint(r, HEAD_BYTES_SENT, false, INT64_MAX,
                                      &counts->bytes[WHY_DIR_SENT])) != WHY_OK ||
        (status = why_reader_get_uint(r, HEAD_BYTES_RECEIVED, false, INT64_MAX,
                                      &counts->bytes[WHY_DIR_RECEIVED])) != WHY_OK ||
        (status = why_reader_get_uint(r, HEAD_EVENTS, true, WHY_TRACE_MAX_EVENTS,
                                      &counts->events)) != WHY_OK ||
        (status = why_reader_get_uint(r, HEAD_EVENTS_LOST, false, SIZE_MAX / 2, &counts->lost)) !=
            WHY_OK)
        return status;
    head->port = (uint16_t)port;
    return WHY_OK;
}

static int read_kind(const struct why_reader *r, struct why_event *event)
{
    int kind, dir = WHY_DIR_SENT;
    int status = why_reader_get_word(r, EVENT_KIND, why_event_kind_find, &kind);

    if (status != WHY_OK)
        return status;
    event->kind = (enum why_event_kind)kind;
    if (!why_reader_has(r, EVENT_DIR)) {
        if (why_event_kind_info(event->kind)->has_dir)
            return why_reader_fail_member(r, EVENT_DIR, "is missing");
    } else if (why_reader_get_word(r, EVENT_DIR, find_dir, &dir) != WHY_OK) {
        return why_reader_fail_member(r, EVENT_DIR, "is neither \"sent\" nor \"received\"");
    }
    event->dir = (enum why_dir)dir;
    return WHY_OK;
}

/* A name of a system's error; a number where an older version wrote it, on Linux. */
static int read_value(const struct why_reader *r, struct why_event *event)
{
    enum why_code_space space = why_event_kind_info(event->kind)->space;
    char *name = NULL;
    int status;

    if (!why_system_error_space(space))
        return why_reader_get_int(r, EVENT_VALUE, false, &event->value);
    if (r->values[EVENT_VALUE].type != WHY_JSON_TEXT) {
        status = why_reader_get_int(r, EVENT_VALUE, false, &event->value);
        event->value = why_system_error_linux(space, event->value);
        return status;
    }
    status = why_reader_get_text(r, EVENT_VALUE, true, &name);
    if (status == WHY_OK)
        event->value = why_system_error_read(space, name);
    free(name);
    return status;
}

static int read_flags(const struct why_reader *r, struct why_event *event)
{
#define FLAG(flag, name) WHY_EVENT_##flag
    static const unsigned flags[] = {WHY_EVENT_FLAGS(FLAG)};
#undef FLAG
    int status = WHY_OK;

    for (size_t i = 0; status == WHY_OK && i < sizeof(flags) / sizeof(flags[0]); i++) {
        bool is_set = false;

        status = why_reader_get_bool(r, EVENT_DECRYPTED + i, &is_set);
        event->flags |= is_set ? flags[i] : 0;
    }
    return status;
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

static int read_event(const struct why_reader *r, struct why_trace *trace)
{
    struct why_event event = {0};
    uint64_t last = 0, wire_len;
    char *text = NULL;
    uint8_t *bytes = NULL;
    int status;

    if (!why_reader_is_record(r, "event"))
        return why_reader_fail(r, "record",
                               "is not \"event\": the trace before it is not complete");
    if ((status = why_reader_get_uint(r, EVENT_T_US, true, INT64_MAX, &event.t_us)) != WHY_OK ||
        (status = read_kind(r, &event)) != WHY_OK || (status = read_flags(r, &event)) != WHY_OK ||
        (status = read_value(r, &event)) != WHY_OK ||
        (status = why_reader_get_text(r, EVENT_TEXT, false, &text)) != WHY_OK ||
        (status = why_reader_get_hex(r, EVENT_BYTES, &bytes, &event.len)) != WHY_OK)
        goto out;
    wire_len = event.len;
    if ((status = why_reader_get_uint(r, EVENT_WIRE_LEN, false, INT64_MAX, &wire_len)) != WHY_OK)
        goto out;

    if (why_trace_count(trace) > 0)
        last = why_trace_at(trace, why_trace_count(trace) - 1)->t_us;
    if (event.t_us < last) {
        status = why_reader_fail_member(r, EVENT_T_US, "is before the previous event's");
    } else if (wire_len < event.len || wire_len > SIZE_MAX) {
        status = why_reader_fail_member(r, EVENT_WIRE_LEN, "is less than the number of bytes");
    } else {
        event.text = text;
        event.bytes = bytes;
        event.wire_len = (size_t)wire_len;
        read_older(&event);
        if (why_trace_append(trace, &event) != WHY_OK)
            status = why_reader_out_of_memory(r);
    }

out:
    free(bytes);
    free(text);
    return status;
}

static int read_events(struct why_reader *r, struct why_trace *trace, uint64_t count)
{
    int status = WHY_OK;

    for (uint64_t i = 0; status == WHY_OK && i < count; i++) {
        status = why_reader_next(r, event_members);
        if (status == WHY_OK)
            status = read_event(r, trace);
        else if (status == WHY_ERR_NOTFOUND)
            status = why_reader_fail(r, NULL, "the file ends before the trace does");
    }
    return status;
}

/* A new trace from the head just read, its events still to come. */
static int start_trace(const struct why_reader *r, struct counts *counts, struct why_trace **out)
{
    struct why_trace_head head = {0};
    int status = read_head(r, &head, counts);

    if (status == WHY_OK) {
        *out = why_trace_new(&head);
        if (*out == NULL)
            status = why_reader_out_of_memory(r);
    }
    free(head.host);
    free(head.variation);
    free(head.library);
    return status;
}

static int read_trace(struct why_reader *r, struct why_trace **out)
{
    struct counts counts = {0};
    struct why_trace *trace = NULL;
    int status;

    *out = NULL;
    status = why_reader_next(r, head_members);
    if (status == WHY_OK)
        status = start_trace(r, &counts, &trace);
    if (status == WHY_OK)
        status = read_events(r, trace, counts.events);
    free(r->buf);
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

int why_trace_read(FILE *in, struct why_trace **out, size_t *line, char *err, size_t errlen)
{
    struct why_reader r = {.in = in, .line = line, .err = err, .errlen = errlen};

    return read_trace(&r, out);
}

int why_trace_read_memory(const char *text, size_t len, struct why_trace **out, char *err,
                          size_t errlen)
{
    size_t line = 0;
    struct why_reader r = {
        .at = text, .end = text + len, .line = &line, .err = err, .errlen = errlen};

    return read_trace(&r, out);
}
