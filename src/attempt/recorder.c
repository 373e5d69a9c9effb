/* SPDX-License-Identifier: Apache-2.0 */
#include "recorder.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* A copy of the PDU with zeros over its secrets; NULL when out of memory. */
static uint8_t *scrubbed(const uint8_t *data, size_t len, const struct why_pdu *pdu)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, data, len);
    for (size_t i = 0; i < pdu->sensitive_count && i < WHY_SENSITIVE_MAX; i++) {
        size_t offset = pdu->sensitive[i].offset;
        size_t n = pdu->sensitive[i].length;

        if (offset >= len)
            continue;
        memset(copy + offset, 0, n < len - offset ? n : len - offset);
    }
    return copy;
}

static void append(struct recorder *rec, struct why_event *event, uint64_t at_us,
                   struct why_pdu *pdu)
{
    uint8_t *copy = NULL;

    event->t_us = at_us > rec->start_us ? at_us - rec->start_us : 0;
    why_progress_event(&rec->progress, event, pdu);
    if (pdu->sensitive_count > 0) {
        copy = scrubbed(event->bytes, event->len, pdu);
        event->bytes = copy;
        event->len = copy != NULL ? event->len : 0;
    }
    /* Out of memory loses the event, not the attempt: the trace counts what it lost. */
    (void)why_trace_append(rec->trace, event);
    free(copy);
    if (rec->on_event != NULL)
        rec->on_event(rec->on_event_arg, rec->trace);
}

void recorder_flagged(struct recorder *rec, enum why_event_kind kind, unsigned flags, int64_t value,
                      const char *text)
{
    struct why_event event = {.kind = kind, .flags = flags, .value = value, .text = text};
    struct why_pdu pdu;

    append(rec, &event, clock_monotonic_us(), &pdu);
}

void recorder_event(struct recorder *rec, enum why_event_kind kind, int64_t value, const char *text)
{
    recorder_flagged(rec, kind, 0, value, text);
}

void recorder_bytes(struct recorder *rec, enum why_event_kind kind, enum why_dir dir,
                    const uint8_t *data, size_t len, int64_t value, const char *text)
{
    struct why_event event = {
        .kind = kind,
        .dir = dir,
        .value = value,
        .text = text,
        .bytes = data,
        .len = len,
        .wire_len = len,
    };
    struct why_pdu pdu;

    append(rec, &event, clock_monotonic_us(), &pdu);
}

void recorder_partial(struct recorder *rec, enum why_dir dir, const uint8_t *data, size_t len,
                      size_t lost, const char *problem)
{
    struct why_event event = {
        .kind = WHY_EV_PARTIAL,
        .dir = dir,
        .text = problem,
        .bytes = data,
        .len = len,
        .wire_len = len + lost,
    };
    struct why_pdu pdu;

    append(rec, &event, clock_monotonic_us(), &pdu);
}

void recorder_capture(struct recorder *rec, enum why_event_kind kind, enum why_dir dir,
                      const uint8_t *data, size_t len, int64_t value, const char *text)
{
    if (rec->capture)
        recorder_bytes(rec, kind, dir, data, len, value, text);
}

void recorder_pdu(struct recorder *rec, enum why_dir dir, const uint8_t *data, size_t len,
                  unsigned flags, const char *name, uint64_t at_us, struct why_pdu *pdu)
{
    struct why_event event = {
        .kind = WHY_EV_PDU,
        .dir = dir,
        .text = name,
        .flags = (flags & WHY_DISSECT_DECRYPTED) != 0 ? WHY_EVENT_DECRYPTED : 0,
        .bytes = data,
        .len = len,
        .wire_len = len,
    };

    append(rec, &event, at_us, pdu);
}
