/* SPDX-License-Identifier: Apache-2.0 */
#include "etl_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/map.h"
#include "etl/etl.h"

#include "flows.h"
#include "packet.h"

#define CONNECTIONS_MAX (1u << 20)
#define PLACES_MAX      64u

/* How many packets of a connection were seen at one place of the network stack. */
struct place {
    struct why_etl_place at;
    enum why_etl_link link;
    bool is_miniport, was_wireless;
    uint64_t packets;
};

/* A connection, and where its packets were seen. */
struct seen {
    struct place *places; /* owned */
    size_t count, capacity;
    size_t best; /* the place that is read */
};

struct reading {
    const struct why_pcap *pcap;
    struct flows *flows;
    struct why_pcap_summary *summary;
    struct why_etl *etl;
    struct why_map connections; /* struct seen */
};

static void seen_free(void *value)
{
    struct seen *seen = value;

    if (seen != NULL)
        free(seen->places);
    free(seen);
}

/* The same in both directions. */
#define KEY_LEN 37u
static void key_of(const struct tcp_segment *segment, uint8_t key[KEY_LEN])
{
    uint8_t ends[2][18];
    int order;

    for (int i = 0; i < 2; i++) {
        const struct endpoint *end = i == 0 ? &segment->from : &segment->to;

        memcpy(ends[i], end->address, 16);
        ends[i][16] = (uint8_t)(end->port >> 8);
        ends[i][17] = (uint8_t)end->port;
    }
    order = memcmp(ends[0], ends[1], sizeof(ends[0])) > 0;
    memcpy(key, ends[order], 18);
    memcpy(key + 18, ends[!order], 18);
    key[36] = segment->v6;
}

static bool same_place(const struct why_etl_place *a, const struct why_etl_place *b)
{
    return a->kind == b->kind && a->adapter == b->adapter && a->layer == b->layer &&
           a->port == b->port;
}

/* ---- first: where each connection was seen --------------------------------------------------- */

static int count_place(struct seen *seen, const struct why_etl_packet *packet)
{
    size_t i = 0;

    while (i < seen->count && !same_place(&seen->places[i].at, &packet->place))
        i++;
    if (i == seen->count) {
        if (seen->count == PLACES_MAX)
            return WHY_OK;
        if (!why_grow(&seen->places, &seen->capacity, seen->count + 1, sizeof(*seen->places)))
            return WHY_ERR_NOMEM;
        seen->places[seen->count++] = (struct place){packet->place, packet->link,
                                                     packet->is_miniport, packet->was_wireless, 0};
    }
    seen->places[i].packets++;
    return WHY_OK;
}

static int count_packet(struct reading *r, const struct why_etl_packet *packet,
                        const struct tcp_segment *segment)
{
    uint8_t key[KEY_LEN];
    struct why_map_entry *entry;

    key_of(segment, key);
    if (r->connections.count == CONNECTIONS_MAX &&
        why_map_find(&r->connections, key, sizeof(key)) == NULL)
        return WHY_OK;
    entry = why_map_add(&r->connections, key, sizeof(key));
    if (entry == NULL)
        return WHY_ERR_NOMEM;
    if (entry->value == NULL)
        entry->value = calloc(1, sizeof(struct seen));
    return entry->value != NULL ? count_place(entry->value, packet) : WHY_ERR_NOMEM;
}

/* Whether |a| is the better place to read a connection at. Of places that saw as much, the one
 * whose frames were least changed, and the network adapter's own. */
static bool is_better(const struct place *a, const struct place *b)
{
    bool drop_a = a->at.kind == WHY_ETL_DROPS, drop_b = b->at.kind == WHY_ETL_DROPS;

    if (drop_a != drop_b)
        return drop_b;
    if (a->packets != b->packets)
        return a->packets > b->packets;
    if (a->was_wireless != b->was_wireless)
        return b->was_wireless;
    if (a->link != b->link)
        return a->link == WHY_ETL_ETHERNET;
    return a->is_miniport && !b->is_miniport;
}

static void choose_places(struct reading *r)
{
    struct why_map_entry *entry;
    size_t position = 0;

    while ((entry = why_map_next(&r->connections, &position)) != NULL) {
        struct seen *seen = entry->value;

        for (size_t i = 1; i < seen->count; i++) {
            if (is_better(&seen->places[i], &seen->places[seen->best]))
                seen->best = i;
        }
    }
}

/* ---- then: the packets ----------------------------------------------------------------------- */

static void count_drop(struct why_pcap_summary *summary, uint32_t reason)
{
    const char *name = why_drop_name(reason);
    size_t i = 0;

    if (name == NULL)
        return;
    while (i < summary->drop_count && summary->drops[i].name != name)
        i++;
    if (i == WHY_PCAP_DROPS_MAX)
        return;
    if (i == summary->drop_count)
        summary->drops[summary->drop_count++] = (struct why_pcap_drop){name, reason, 0};
    summary->drops[i].packets++;
}

static int read_packet(struct reading *r, const struct why_etl_packet *packet,
                       struct tcp_segment *segment)
{
    const struct seen *seen;
    uint8_t key[KEY_LEN];

    key_of(segment, key);
    seen = why_map_get(&r->connections, key, sizeof(key));
    if (packet->place.kind == WHY_ETL_DROPS)
        count_drop(r->summary, packet->drop_reason);
    if (seen == NULL || seen->count == 0)
        return WHY_OK;
    if (!same_place(&seen->places[seen->best].at, &packet->place)) {
        r->summary->doubles++;
        return WHY_OK;
    }
    segment->t_us = packet->t_us;
    return why_flows_segment(r->flows, segment);
}

static int each_packet(struct reading *r, bool second)
{
    struct why_pcap_summary *summary = r->summary;
    struct why_etl_packet packet;
    int status;

    while ((status = why_etl_next(r->etl, &packet)) == WHY_OK) {
        const struct why_pcap_packet whole = {.t_us = packet.t_us,
                                              .link = (uint32_t)packet.link,
                                              .data = packet.data,
                                              .len = packet.len,
                                              .wire_len = packet.wire_len};
        struct tcp_segment segment;
        enum packet_kind kind =
            why_packet_parse(packet.link, packet.data, packet.len, packet.wire_len, &segment);

        if (kind == PACKET_TCP) {
            segment.packet = &whole;
            why_packet_saw(summary, packet.t_us);
            status =
                second ? read_packet(r, &packet, &segment) : count_packet(r, &packet, &segment);
            if (status != WHY_OK)
                return status;
        } else if (second) {
            summary->fragments += kind == PACKET_FRAGMENT;
            summary->other += kind == PACKET_OTHER;
        }
    }
    return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
}

/* What an .etl is that has no packets, and how one with them is made. */
static int no_packets(const struct why_pcap *pcap, const struct why_etl_summary *etl, char *err,
                      size_t errlen)
{
    char providers[512] = "";

    for (size_t i = 0; i < etl->provider_count; i++) {
        size_t at = strlen(providers);

        (void)snprintf(providers + at, sizeof(providers) - at, "%s%s", i == 0 ? "" : ", ",
                       etl->providers[i]);
    }
    if (etl->headers_only > 0)
        (void)snprintf(err, errlen,
                       "%s: a pktmon trace that was made without the packets' bytes: make it with "
                       "pktmon start --capture --pkt-size 0",
                       pcap->name);
    else
        (void)snprintf(err, errlen,
                       "%s: an event trace of Windows (%" PRIu64 " events; %s) without any packet: "
                       "make it with netsh trace start capture=yes, or pktmon start --capture "
                       "--pkt-size 0",
                       pcap->name, etl->events,
                       *providers != '\0'
                           ? providers
                           : "of no provider of the network's: made by WPR, perhaps");
    return WHY_ERR_MALFORMED;
}

static int on_event(void *arg, const struct why_etl_event *event)
{
    const struct why_pcap *pcap = arg;
    struct why_pcap_event out = {.t_us = event->t_us,
                                 .provider = event->provider,
                                 .what = event->what,
                                 .id = event->id,
                                 .values = event->values,
                                 .local = event->local,
                                 .remote = event->remote};

    return pcap->on_event(pcap->arg, &out);
}

/* The second time, with the events of Windows' own. */
static int read_again(struct reading *r)
{
    struct why_pcap pcap = *r->pcap;
    const struct why_etl_watch watch = {on_event, &pcap};
    int status = why_etl_rewind(r->etl);

    if (pcap.on_event != NULL)
        why_etl_watch(r->etl, &watch);
    if (status == WHY_OK)
        status = each_packet(r, true);
    why_etl_watch(r->etl, NULL);
    return status;
}

static int read_all(struct reading *r, FILE *in, char *err, size_t errlen)
{
    const struct why_etl_summary *etl;
    int status = why_etl_open(&r->etl, in, r->pcap->name, err, errlen);

    if (status == WHY_OK)
        status = each_packet(r, false);
    if (status != WHY_OK)
        return status;
    choose_places(r);
    status = read_again(r);
    etl = why_etl_summary(r->etl);
    r->summary->packets = etl->packets;
    r->summary->windows_build = etl->windows_build;
    r->summary->events_lost = etl->events_lost + etl->buffers_lost;
    r->summary->broken = etl->broken_buffers + etl->unknown_layouts;
    r->summary->events_unknown = etl->unknown_versions;
    r->summary->cut_off = etl->cut_off;
    if (status == WHY_OK && etl->packets == 0)
        status = no_packets(r->pcap, etl, err, errlen);
    return status;
}

/* A pipe is kept in a file: it has to be read twice. NULL, and errno, where that cannot be. */
static FILE *kept(FILE *in)
{
    FILE *file = tmpfile();
    char block[65536];
    size_t n;

    while (file != NULL && (n = fread(block, 1, sizeof(block), in)) > 0) {
        if (fwrite(block, 1, n, file) == n)
            continue;
        (void)fclose(file);
        return NULL;
    }
    return file;
}

bool why_etl_is_likely(FILE *in)
{
    uint8_t head[WHY_ETL_HEAD];
    off_t start = ftello(in);
    size_t n;
    int first;

    if (start < 0) {
        /* The size of a buffer, a multiple of 256, starts with a zero; no capture file does. */
        first = getc(in);
        if (first != EOF)
            (void)ungetc(first, in);
        return first == 0;
    }
    n = fread(head, 1, sizeof(head), in);
    clearerr(in);
    return fseeko(in, start, SEEK_SET) == 0 && why_etl_recognize(head, n);
}

int why_etl_read(const struct why_pcap *pcap, FILE *in, struct flows *flows,
                 struct why_pcap_summary *summary, char *err, size_t errlen)
{
    struct reading r = {.pcap = pcap, .flows = flows, .summary = summary};
    FILE *file = ftello(in) < 0 ? kept(in) : in;
    int status;

    if (file == NULL) {
        (void)snprintf(err, errlen, "%s: cannot be kept in a temporary file", pcap->name);
        return WHY_ERR_IO;
    }
    summary->etl = true;
    status = read_all(&r, file, err, errlen);
    why_etl_close(r.etl);
    why_map_clear(&r.connections, seen_free);
    if (file != in)
        (void)fclose(file);
    return status;
}
