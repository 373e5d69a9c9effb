/* SPDX-License-Identifier: Apache-2.0 */
#include "etl.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"

#include "buffers.h"
#include "packets.h"
#include "providers.h"
#include "records.h"
#include "words.h"

/* All buffers in memory at a time. */
#define MEMORY_MAX (UINT64_C(1) << 30)

/* The buffers of one processor, read one after the other. */
struct stream {
    size_t next, end; /* of the buffers */
    uint8_t *data;    /* the buffer that is being read; owned; NULL: none */
    size_t len, at;
    struct etl_pieces pieces;
    bool has_event;
    struct etl_event event; /* the next one, in |data| */
};

struct why_etl {
    FILE *in;
    struct etl_buffers buffers;
    struct etl_header header;
    struct stream *streams; /* owned */
    size_t stream_count, stream_capacity;
    struct stream *last; /* whose event was handed out, and is to be read on */
    int64_t latest;      /* time of the packet that was handed out last */
    struct why_etl_summary summary;
    const struct why_etl_watch *watch; /* NULL: nobody wants events */
};

static void note_provider(struct why_etl_summary *summary, const uint8_t *guid)
{
    const char *name = why_etl_provider_name(why_etl_provider(guid));
    size_t i = 0;

    while (i < summary->provider_count && summary->providers[i] != name)
        i++;
    if (name != NULL && i == summary->provider_count && i < WHY_ETL_PROVIDERS_MAX)
        summary->providers[summary->provider_count++] = name;
}

static void stream_clear(struct stream *stream)
{
    free(stream->data);
    stream->data = NULL;
    stream->has_event = false;
    why_etl_pieces_clear(&stream->pieces);
}

/* Reads on to the next event. WHY_OK, also where there is none any more, or WHY_ERR_NOMEM. */
static int stream_advance(struct why_etl *etl, struct stream *stream)
{
    stream->has_event = false;
    for (;;) {
        int status;

        if (stream->data != NULL) {
            enum etl_record kind =
                why_etl_record_next(stream->data, stream->len, &stream->at, &stream->event);

            if (kind == ETL_EVENT) {
                stream->has_event = true;
                return WHY_OK;
            }
            etl->summary.broken_buffers += kind == ETL_BROKEN;
            free(stream->data);
            stream->data = NULL;
        }
        if (stream->next == stream->end)
            return WHY_OK;
        status = why_etl_buffer_read(&etl->buffers.items[stream->next++], etl->in, &stream->data,
                                     &stream->len);
        if (status == WHY_ERR_NOMEM)
            return status;
        etl->summary.broken_buffers += status != WHY_OK;
        stream->at = BUFFER_HEADER;
    }
}

/* A stream for every processor. The first buffer is the header's. */
static int make_streams(struct why_etl *etl)
{
    const struct etl_buffers *buffers = &etl->buffers;

    for (size_t i = 1; i < buffers->count; i++) {
        if (i > 1 && buffers->items[i].processor == buffers->items[i - 1].processor) {
            etl->streams[etl->stream_count - 1].end = i + 1;
            continue;
        }
        if (!why_grow(&etl->streams, &etl->stream_capacity, etl->stream_count + 1,
                      sizeof(*etl->streams)))
            return WHY_ERR_NOMEM;
        etl->streams[etl->stream_count++] = (struct stream){.next = i, .end = i + 1};
    }
    return WHY_OK;
}

/* To the first event of each processor. */
static int begin(struct why_etl *etl)
{
    int status;

    etl->summary = (struct why_etl_summary){
        .windows_build = etl->header.build,
        .events_lost = etl->header.events_lost,
        .buffers_lost = etl->header.buffers_lost + etl->buffers.lost,
        .cut_off = etl->buffers.cut_off,
        .never_stopped = etl->header.never_stopped,
    };
    status = make_streams(etl);
    for (size_t i = 0; status == WHY_OK && i < etl->stream_count; i++)
        status = stream_advance(etl, &etl->streams[i]);
    return status;
}

/* The largest buffer of each processor may be in memory at a time. */
static bool fits_memory(const struct etl_buffers *buffers)
{
    uint64_t total = 0;
    uint32_t largest = 0;

    for (size_t i = 1; i < buffers->count; i++) {
        const struct etl_buffer *buffer = &buffers->items[i];
        uint32_t size = buffer->end > buffer->size ? buffer->end : buffer->size;

        if (i > 1 && buffer->processor != buffers->items[i - 1].processor) {
            total += largest;
            largest = 0;
        }
        if (size > largest)
            largest = size;
    }
    return total + largest <= MEMORY_MAX;
}

static int open_file(struct why_etl *etl, const char *name, char *err, size_t errlen)
{
    int status = why_etl_buffers_find(&etl->buffers, etl->in);
    uint8_t *data = NULL;
    size_t len = 0;
    bool is_header;

    if (status != WHY_OK)
        return status;
    if (etl->buffers.count > 0)
        status = why_etl_buffer_read(&etl->buffers.items[0], etl->in, &data, &len);
    is_header = status == WHY_OK && data != NULL && why_etl_header_parse(data, len, &etl->header);
    free(data);
    if (status == WHY_ERR_NOMEM)
        return status;
    if (!is_header) {
        (void)snprintf(err, errlen, "%s: no event trace that can be read: its header is not whole",
                       name);
        return WHY_ERR_MALFORMED;
    }
    if (!fits_memory(&etl->buffers)) {
        (void)snprintf(err, errlen, "%s: an event trace whose buffers need more than 1 GB at once",
                       name);
        return WHY_ERR_MALFORMED;
    }
    return begin(etl);
}

int why_etl_open(struct why_etl **out, FILE *in, const char *name, char *err, size_t errlen)
{
    struct why_etl *etl = calloc(1, sizeof(*etl));
    int status;

    *out = NULL;
    if (etl == NULL)
        return WHY_ERR_NOMEM;
    etl->in = in;
    status = open_file(etl, name, err, errlen);
    if (status != WHY_OK)
        why_etl_close(etl);
    else
        *out = etl;
    return status;
}

void why_etl_close(struct why_etl *etl)
{
    if (etl == NULL)
        return;
    for (size_t i = 0; i < etl->stream_count; i++)
        stream_clear(&etl->streams[i]);
    free(etl->streams);
    why_etl_buffers_clear(&etl->buffers);
    free(etl);
}

/* The stream with the earliest event; of equals the first. NULL: all are over. */
static struct stream *earliest(struct why_etl *etl)
{
    struct stream *first = NULL;

    for (size_t i = 0; i < etl->stream_count; i++) {
        struct stream *stream = &etl->streams[i];

        if (stream->has_event && (first == NULL || stream->event.time < first->event.time))
            first = stream;
    }
    return first;
}

void why_etl_watch(struct why_etl *etl, const struct why_etl_watch *watch)
{
    etl->watch = watch;
}

/* An event that is no packet: what it says, if its layout is known. */
static int take_words(struct why_etl *etl, const struct etl_event *event)
{
    struct why_etl_event words;

    if (etl->watch == NULL)
        return WHY_OK;
    switch (why_etl_words_take(event, &words)) {
    case ETL_WORDS:
        words.t_us = why_etl_time(&etl->header, event->time);
        return etl->watch->on_event(etl->watch->arg, &words);
    case ETL_WORDS_UNREADABLE:
        etl->summary.unknown_versions++;
        return WHY_OK;
    default:
        return WHY_OK;
    }
}

int why_etl_next(struct why_etl *etl, struct why_etl_packet *packet)
{
    struct stream *stream;
    int status = WHY_OK;

    if (etl->last != NULL)
        status = stream_advance(etl, etl->last);
    etl->last = NULL;
    while (status == WHY_OK && (stream = earliest(etl)) != NULL) {
        etl->summary.events++;
        note_provider(&etl->summary, stream->event.provider);
        status = why_etl_packet_take(&stream->event, &stream->pieces, &etl->summary, packet);
        if (status == WHY_OK) {
            etl->summary.unordered +=
                etl->summary.packets++ > 0 && stream->event.time < etl->latest;
            etl->latest = stream->event.time;
            packet->t_us = why_etl_time(&etl->header, stream->event.time);
            etl->last = stream; /* the packet's bytes are the buffer's */
            return WHY_OK;
        }
        if (status == WHY_ERR_NOMEM)
            return status;
        etl->summary.unknown_layouts += status == WHY_ERR_MALFORMED;
        status = take_words(etl, &stream->event);
        if (status == WHY_OK)
            status = stream_advance(etl, stream);
    }
    return status == WHY_OK ? WHY_ERR_NOTFOUND : status;
}

const struct why_etl_summary *why_etl_summary(const struct why_etl *etl)
{
    return &etl->summary;
}

bool why_etl_recognize(const uint8_t *head, size_t len)
{
    uint32_t size;

    if (len < WHY_ETL_HEAD)
        return false;
    size = (uint32_t)head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 |
           (uint32_t)head[3] << 24;
    if (size < BUFFER_HEADER || size > BUFFER_MAX)
        return false;
    return (head[BUFFER_HEADER] == 1 || head[BUFFER_HEADER] == 2) && head[BUFFER_HEADER + 1] == 0 &&
           (head[BUFFER_HEADER + 2] == 1 || head[BUFFER_HEADER + 2] == 2) &&
           head[BUFFER_HEADER + 3] == 0xc0 && head[BUFFER_HEADER + 6] == 0 &&
           head[BUFFER_HEADER + 7] == 0;
}
