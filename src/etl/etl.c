/* SPDX-License-Identifier: Apache-2.0 */
#include "etl.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"

#include "buffers.h"
#include "packets.h"
#include "records.h"

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
    struct etl_components components;
    struct why_etl_summary summary;
};

/* Providers that people meet in such files, as far as it helps to name them. */
static const struct {
    uint8_t guid[16];
    const char *name;
} known_providers[] = {
    {{0x6e, 0x00, 0xd6, 0x2e, 0x29, 0x47, 0x09, 0x46, 0xb4, 0x23, 0x3e, 0xe7, 0xbc, 0xd6, 0x78,
      0xef},
     "Microsoft-Windows-NDIS-PacketCapture"},
    {{0xd9, 0x80, 0x4f, 0x4d, 0xbd, 0xc8, 0x73, 0x4d, 0xbb, 0x5b, 0x19, 0xc9, 0x04, 0x02, 0xc5,
      0xac},
     "Microsoft-Windows-PktMon"},
    {{0xee, 0xe2, 0x07, 0x2f, 0xdb, 0x15, 0xf1, 0x40, 0x90, 0xef, 0x9d, 0x7b, 0xa2, 0x82, 0x18,
      0x8a},
     "Microsoft-Windows-TCPIP"},
    {{0x5b, 0x8c, 0x47, 0x0c, 0x51, 0x03, 0xb1, 0x41, 0x8c, 0x58, 0x4a, 0x67, 0x37, 0xda, 0x32,
      0xe3},
     "Microsoft-Windows-WFP"},
    {{0x32, 0xd1, 0x78, 0x1f, 0x38, 0x59, 0x86, 0x46, 0x9f, 0xdc, 0xc8, 0xff, 0x68, 0xf1, 0x5c,
      0x85},
     "Schannel"},
    {{0x1b, 0xc6, 0x39, 0x11, 0x49, 0xb5, 0x51, 0x42, 0x8e, 0xd3, 0x27, 0x25, 0x0a, 0x1e, 0xde,
      0xc8},
     "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS"},
    {{0x63, 0xba, 0x6a, 0xc7, 0x81, 0xae, 0x1c, 0x42, 0xb4, 0x25, 0x34, 0x0b, 0x4b, 0x24, 0x15,
      0x7f},
     "Microsoft-Windows-TerminalServices-RemoteConnectionManager"},
};

static void note_provider(struct why_etl_summary *summary, const uint8_t *guid)
{
    for (size_t i = 0; i < sizeof(known_providers) / sizeof(known_providers[0]); i++) {
        if (memcmp(known_providers[i].guid, guid, 16) != 0)
            continue;
        for (size_t k = 0; k < summary->provider_count; k++) {
            if (summary->providers[k] == known_providers[i].name)
                return;
        }
        if (summary->provider_count < WHY_ETL_PROVIDERS_MAX)
            summary->providers[summary->provider_count++] = known_providers[i].name;
        return;
    }
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

static void clear_streams(struct why_etl *etl)
{
    for (size_t i = 0; i < etl->stream_count; i++)
        stream_clear(&etl->streams[i]);
    etl->stream_count = 0;
    etl->last = NULL;
}

int why_etl_rewind(struct why_etl *etl)
{
    int status;

    clear_streams(etl);
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
    return why_etl_rewind(etl);
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
    clear_streams(etl);
    free(etl->streams);
    why_etl_buffers_clear(&etl->buffers);
    why_etl_components_clear(&etl->components);
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
        status = why_etl_packet_take(&stream->event, &stream->pieces, &etl->components,
                                     &etl->summary, packet);
        if (status == WHY_OK) {
            etl->summary.packets++;
            packet->t_us = why_etl_time(&etl->header, stream->event.time);
            etl->last = stream; /* the packet's bytes are the buffer's */
            return WHY_OK;
        }
        if (status == WHY_ERR_NOMEM)
            return status;
        etl->summary.unknown_layouts += status == WHY_ERR_MALFORMED;
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

const char *why_etl_drop_name(uint32_t reason)
{
    /* PKTMON_DROP_REASON in Microsoft's documentation of pktmon for SDN. */
    static const struct {
        uint32_t reason;
        const char *name;
    } names[] = {
        {8, "filtered by the virtual switch"},
        {9, "VLAN that is not allowed"},
        {11, "unknown MAC address"},
        {12, "security policy of the virtual switch"},
        {15, "IPsec policy"},
        {16, "spoofed MAC address"},
        {34, "packet filter"},
        {907, "no route"},
        {909, "inspection at the IP layer (Windows Filtering Platform)"},
        {911, "administratively prohibited at the IP layer"},
        {915, "address unreachable"},
        {919, "taken by a filter at the IP layer"},
        {920, "larger than the path takes, and must not be fragmented"},
        {922, "address resolution got no answer"},
        {923, "address resolution failed"},
        {924, "connection security rule (IPsec)"},
        {945, "administratively prohibited at the IP layer"},
        {1204, "nothing listens on that port"},
        {1207, "inspection of received data (Windows Firewall or a security product)"},
        {1229, "listener takes no more connections for now"},
        {1230, "protection against SYN floods"},
        {1231, "inspection of new connections (Windows Firewall or a security product)"},
        {1232, "redirection of new connections (Windows Filtering Platform)"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].reason == reason)
            return names[i].name;
    }
    return NULL;
}
