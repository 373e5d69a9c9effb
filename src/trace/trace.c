/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_private.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

/*
 * Neither events nor what they point to ever move: readers keep pointers while an attempt appends.
 * Events live in segments of doubling size, bytes and texts in an arena of chunks.
 */

#define FIRST_SEGMENT 32u
#define SEGMENTS      12u /* 32 * (2^12 - 1) events, enough for WHY_TRACE_MAX_EVENTS */

_Static_assert(FIRST_SEGMENT *((1u << SEGMENTS) - 1) >= WHY_TRACE_MAX_EVENTS,
               "too few segments for the number of events allowed");

/* A flood of PDUs must not push out the events that tell how the attempt ended. */
#define RESERVED_EVENTS 256u

#define FIRST_CHUNK   4096u
#define LARGEST_CHUNK (256u * 1024)

struct chunk {
    struct chunk *next;
    size_t used, size;
    unsigned char data[];
};

struct why_trace {
    struct why_trace_head head;
    struct why_event *segments[SEGMENTS];
    size_t count;
    size_t lost;
    uint64_t wire_bytes[2];
    size_t kept_bytes, kept_text; /* each against WHY_TRACE_MAX_BYTES */
    size_t kept_raw, raw_events;  /* packets must not push out what they carry */
    struct chunk *chunks;         /* the one being filled first */
};

static void *arena_alloc(struct why_trace *trace, size_t size)
{
    struct chunk *chunk = trace->chunks;

    if (chunk == NULL || chunk->size - chunk->used < size) {
        size_t want = chunk == NULL ? FIRST_CHUNK : chunk->size * 2;

        if (want > LARGEST_CHUNK)
            want = LARGEST_CHUNK;
        if (want < size)
            want = size;
        chunk = malloc(sizeof(*chunk) + want);
        if (chunk == NULL)
            return NULL;
        chunk->used = 0;
        chunk->size = want;
        chunk->next = trace->chunks;
        trace->chunks = chunk;
    }

    void *p = chunk->data + chunk->used;

    chunk->used += size;
    return p;
}

/* Copies |text|, or as much of it as may be kept. NULL stays NULL and is no error. */
static int arena_text(struct why_trace *trace, const char *text, const char **out)
{
    *out = NULL;
    if (text == NULL)
        return WHY_OK;

    size_t room = WHY_TRACE_MAX_BYTES - trace->kept_text;
    size_t len = strnlen(text, room < WHY_TRACE_TEXT_MAX ? room : WHY_TRACE_TEXT_MAX);
    char *copy = arena_alloc(trace, len + 1);

    if (copy == NULL)
        return WHY_ERR_NOMEM;
    memcpy(copy, text, len);
    copy[len] = '\0';
    trace->kept_text += len;
    *out = copy;
    return WHY_OK;
}

static void scrub(uint8_t *data, size_t len, const struct why_pdu *pdu)
{
    for (size_t i = 0; i < pdu->sensitive_count && i < WHY_SENSITIVE_MAX; i++) {
        size_t offset = pdu->sensitive[i].offset, n = pdu->sensitive[i].length;

        if (offset < len)
            memset(data + offset, 0, n < len - offset ? n : len - offset);
    }
}

/* |pdu|: what in the bytes is not to be kept; NULL: all is. */
static int arena_bytes(struct why_trace *trace, struct why_event *event, const struct why_pdu *pdu)
{
    size_t *kept = event->kind == WHY_EV_RAW ? &trace->kept_raw : &trace->kept_bytes;
    size_t room = WHY_TRACE_MAX_BYTES - *kept;
    const uint8_t *bytes = event->bytes;

    if (event->wire_len < event->len)
        event->wire_len = event->len;
    if (event->len > room)
        event->len = room;
    event->bytes = NULL;
    if (bytes == NULL || event->len == 0) {
        event->len = 0;
        return WHY_OK;
    }

    uint8_t *copy = arena_alloc(trace, event->len);

    if (copy == NULL)
        return WHY_ERR_NOMEM;
    memcpy(copy, bytes, event->len);
    if (pdu != NULL)
        scrub(copy, event->len, pdu);
    *kept += event->len;
    event->bytes = copy;
    return WHY_OK;
}

struct why_trace *why_trace_new(const struct why_trace_head *head)
{
    struct why_trace *trace = calloc(1, sizeof(*trace));

    if (trace == NULL)
        return NULL;
    trace->head = *head;
    if (arena_text(trace, head->host, &trace->head.host) != WHY_OK ||
        arena_text(trace, head->variation, &trace->head.variation) != WHY_OK ||
        arena_text(trace, head->library, &trace->head.library) != WHY_OK ||
        arena_text(trace, head->client, &trace->head.client) != WHY_OK ||
        arena_text(trace, head->capture, &trace->head.capture) != WHY_OK) {
        why_trace_free(trace);
        return NULL;
    }
    return trace;
}

void why_trace_free(struct why_trace *trace)
{
    if (trace == NULL)
        return;
    for (struct chunk *chunk = trace->chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    for (size_t i = 0; i < SEGMENTS; i++)
        free(trace->segments[i]);
    free(trace);
}

const struct why_trace_head *why_trace_head(const struct why_trace *trace)
{
    return &trace->head;
}

size_t why_trace_count(const struct why_trace *trace)
{
    return trace->count;
}

/* Segment |*segment| holds event |index| at the position returned. */
static size_t locate(size_t index, size_t *segment)
{
    size_t size = FIRST_SEGMENT;

    for (*segment = 0; index >= size; (*segment)++) {
        index -= size;
        size *= 2;
    }
    return index;
}

const struct why_event *why_trace_at(const struct why_trace *trace, size_t index)
{
    size_t segment;

    if (index >= trace->count)
        return NULL;
    index = locate(index, &segment);
    return &trace->segments[segment][index];
}

/* Room for the event at |trace->count|, or NULL when out of memory. */
static struct why_event *next_slot(struct why_trace *trace)
{
    size_t segment;
    size_t index = locate(trace->count, &segment);

    if (trace->segments[segment] == NULL) {
        size_t size = (size_t)FIRST_SEGMENT << segment;

        trace->segments[segment] = malloc(size * sizeof(struct why_event));
        if (trace->segments[segment] == NULL)
            return NULL;
    }
    return &trace->segments[segment][index];
}

static bool is_full(const struct why_trace *trace, const struct why_event *event)
{
    size_t limit = WHY_TRACE_MAX_EVENTS;

    if (event->kind == WHY_EV_PDU || event->kind == WHY_EV_TLS_RECORD)
        limit -= RESERVED_EVENTS;
    if (event->kind == WHY_EV_RAW && trace->raw_events >= WHY_TRACE_MAX_EVENTS / 2)
        return true;
    return trace->count >= limit;
}

int why_trace_append_scrubbed(struct why_trace *trace, const struct why_event *event,
                              const struct why_pdu *pdu)
{
    struct why_event *slot;
    struct why_event copy = *event;
    const char *text;

    if (is_full(trace, event)) {
        trace->lost++;
        return WHY_OK;
    }
    slot = next_slot(trace);
    if (slot == NULL || arena_text(trace, event->text, &text) != WHY_OK ||
        arena_bytes(trace, &copy, pdu) != WHY_OK) {
        trace->lost++;
        return WHY_ERR_NOMEM;
    }
    copy.text = text;
    if (trace->count > 0) {
        uint64_t last = why_trace_at(trace, trace->count - 1)->t_us;

        if (copy.t_us < last)
            copy.t_us = last;
    }
    *slot = copy;
    trace->count++;
    if (copy.kind == WHY_EV_RAW)
        trace->raw_events++;
    return WHY_OK;
}

int why_trace_append(struct why_trace *trace, const struct why_event *event)
{
    return why_trace_append_scrubbed(trace, event, NULL);
}

uint64_t why_trace_end_us(const struct why_trace *trace)
{
    for (size_t i = trace->count; i > 0; i--) {
        const struct why_event *event = why_trace_at(trace, i - 1);

        if (!why_event_is_capture(event->kind) && !why_event_is_remark(event->kind))
            return event->t_us;
    }
    return 0;
}

size_t why_trace_lost(const struct why_trace *trace)
{
    return trace->lost;
}

void why_trace_set_lost(struct why_trace *trace, size_t lost)
{
    trace->lost = lost;
}

void why_trace_count_bytes(struct why_trace *trace, enum why_dir dir, size_t n)
{
    trace->wire_bytes[dir] += n;
}

uint64_t why_trace_bytes(const struct why_trace *trace, enum why_dir dir)
{
    return trace->wire_bytes[dir];
}
