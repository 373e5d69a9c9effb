/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_private.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <rdpwhy/status.h>

#include "json_reader.h"

/* What the head says beside struct why_trace_head. */
struct counts {
    uint64_t bytes[2];
    uint64_t events, lost;
};

static int read_head_words(const struct why_reader *r, const json_t *object,
                           struct why_trace_head *head)
{
    int status, profile, mode, until;

    if ((status = why_reader_get_word(r, object, "profile", WHY_VOCAB_PROFILE, &profile)) !=
            WHY_OK ||
        (status = why_reader_get_word(r, object, "license_mode", WHY_VOCAB_LICENSE_MODE, &mode)) !=
            WHY_OK ||
        (status = why_reader_get_word(r, object, "until", WHY_VOCAB_PHASE, &until)) != WHY_OK)
        return status;
    head->profile = (enum why_profile)profile;
    head->license_mode = (enum why_license_mode)mode;
    head->until = (enum why_phase)until;
    return WHY_OK;
}

static int read_head(const struct why_reader *r, const json_t *object, struct why_trace_head *head,
                     struct counts *counts)
{
    uint64_t port = 0;
    int status;

    if (!why_reader_is_record(object, "trace"))
        return why_reader_fail(r, "record", "is not \"trace\": the head of a trace is missing");
    if ((status = why_reader_get_text(r, object, "host", true, &head->host)) != WHY_OK ||
        (status = why_reader_get_uint(r, object, "port", true, UINT16_MAX, &port)) != WHY_OK ||
        (status = read_head_words(r, object, head)) != WHY_OK ||
        (status = why_reader_get_time(r, object, "started", &head->started_us)) != WHY_OK ||
        (status = why_reader_get_bool(r, object, "credentials", &head->credentials)) != WHY_OK ||
        (status = why_reader_get_text(r, object, "variation", false, &head->variation)) != WHY_OK ||
        (status = why_reader_get_text(r, object, "library", false, &head->library)) != WHY_OK ||
        (status = why_reader_get_uint(r, object, "bytes_sent", false, INT64_MAX,
                                      &counts->bytes[WHY_DIR_SENT])) != WHY_OK ||
        (status = why_reader_get_uint(r, object, "bytes_received", false, INT64_MAX,
                                      &counts->bytes[WHY_DIR_RECEIVED])) != WHY_OK ||
        (status = why_reader_get_uint(r, object, "events", true, WHY_TRACE_MAX_EVENTS,
                                      &counts->events)) != WHY_OK ||
        (status = why_reader_get_uint(r, object, "events_lost", false, SIZE_MAX / 2,
                                      &counts->lost)) != WHY_OK)
        return status;
    head->port = (uint16_t)port;
    return WHY_OK;
}

static int read_kind(const struct why_reader *r, const json_t *object, struct why_event *event)
{
    const json_t *member = json_object_get(object, "kind");
    const json_t *dir = json_object_get(object, "dir");
    const char *word = json_string_value(dir);
    int kind;

    if (member == NULL)
        return why_reader_fail(r, "kind", "is missing");
    if (!json_is_string(member))
        return why_reader_fail(r, "kind", "is not a string");
    kind = why_event_kind_find(json_string_value(member));
    if (kind < 0)
        return why_reader_fail(r, "kind", "is an unknown word");
    event->kind = (enum why_event_kind)kind;

    if (dir == NULL && why_event_kind_info(event->kind)->has_dir)
        return why_reader_fail(r, "dir", "is missing");
    if (dir != NULL &&
        (word == NULL || (strcmp(word, "sent") != 0 && strcmp(word, "received") != 0)))
        return why_reader_fail(r, "dir", "is neither \"sent\" nor \"received\"");
    event->dir = word != NULL && strcmp(word, "received") == 0 ? WHY_DIR_RECEIVED : WHY_DIR_SENT;
    return WHY_OK;
}

static int read_event(const struct why_reader *r, const json_t *object, struct why_trace *trace)
{
    struct why_event event = {0};
    uint64_t last = 0, wire_len;
    bool decrypted = false;
    char *text = NULL;
    uint8_t *bytes = NULL;
    int status;

    if (!why_reader_is_record(object, "event"))
        return why_reader_fail(r, "record",
                               "is not \"event\": the trace before it is not complete");
    if ((status = why_reader_get_uint(r, object, "t_us", true, INT64_MAX, &event.t_us)) != WHY_OK ||
        (status = read_kind(r, object, &event)) != WHY_OK ||
        (status = why_reader_get_bool(r, object, "decrypted", &decrypted)) != WHY_OK ||
        (status = why_reader_get_int(r, object, "value", false, &event.value)) != WHY_OK ||
        (status = why_reader_get_text(r, object, "text", false, &text)) != WHY_OK ||
        (status = why_reader_get_hex(r, object, "bytes", &bytes, &event.len)) != WHY_OK)
        goto out;
    wire_len = event.len;
    if ((status = why_reader_get_uint(r, object, "wire_len", false, INT64_MAX, &wire_len)) !=
        WHY_OK)
        goto out;

    if (why_trace_count(trace) > 0)
        last = why_trace_at(trace, why_trace_count(trace) - 1)->t_us;
    if (event.t_us < last) {
        status = why_reader_fail(r, "t_us", "is before the previous event's");
    } else if (wire_len < event.len || wire_len > SIZE_MAX) {
        status = why_reader_fail(r, "wire_len", "is less than the number of bytes");
    } else {
        event.flags = decrypted ? WHY_EVENT_DECRYPTED : 0;
        event.text = text;
        event.bytes = bytes;
        event.wire_len = (size_t)wire_len;
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
        json_t *object;

        status = why_reader_next(r, &object);
        if (status == WHY_OK)
            status = read_event(r, object, trace);
        else if (status == WHY_ERR_NOTFOUND)
            status = why_reader_fail(r, NULL, "the file ends before the trace does");
        json_decref(object);
    }
    return status;
}

/* A new trace from the head in |object|, its events still to come. */
static int start_trace(const struct why_reader *r, const json_t *object, struct counts *counts,
                       struct why_trace **out)
{
    struct why_trace_head head = {0};
    int status = read_head(r, object, &head, counts);

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

int why_trace_read(FILE *in, struct why_trace **out, size_t *line, char *err, size_t errlen)
{
    struct why_reader r = {.in = in, .line = line, .err = err, .errlen = errlen};
    struct counts counts = {0};
    struct why_trace *trace = NULL;
    json_t *object;
    int status;

    *out = NULL;
    status = why_reader_next(&r, &object);
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
