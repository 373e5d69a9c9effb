/* SPDX-License-Identifier: Apache-2.0 */
#include "etl_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <arpa/inet.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/status.h>

#include "etl/etl.h"

#include "flows.h"
#include "fragments.h"
#include "once.h"
#include "packet.h"

struct reading {
    const struct why_pcap *pcap;
    struct flows *flows;
    struct why_pcap_summary *summary;
    struct why_etl *etl;
    struct once *once;
    struct fragments *fragments;
};

/* ---- packets --------------------------------------------------------------------------------- */

static void count_drop(struct why_pcap_summary *summary, uint32_t reason, const char *name)
{
    size_t i = 0;

    while (i < summary->drop_count && summary->drops[i].name != name)
        i++;
    if (i == WHY_PCAP_DROPS_MAX)
        return;
    if (i == summary->drop_count)
        summary->drops[summary->drop_count++] = (struct why_pcap_drop){name, reason, 0};
    summary->drops[i].packets++;
}

static void address_of(const struct endpoint *end, bool v6, char *text, size_t len)
{
    char host[INET6_ADDRSTRLEN] = "?";

    (void)inet_ntop(v6 ? AF_INET6 : AF_INET, end->address, host, sizeof(host));
    (void)snprintf(text, len, v6 ? "[%s]:%u" : "%s:%u", host, (unsigned)end->port);
}

/* A drop is an event, too. */
static int tell_drop(const struct reading *r, const struct tcp_segment *s,
                     const struct why_etl_packet *seen)
{
    const char *name = why_drop_name(seen->drop_reason);
    char from[80], to[80], values[64];
    struct why_pcap_event event = {.t_us = seen->t_us,
                                   .provider = "Microsoft-Windows-PktMon",
                                   .what = name,
                                   .id = 170,
                                   .sign = WHY_SIGN_FILTER,
                                   .values = values,
                                   .local = from,
                                   .remote = to};

    if (name == NULL)
        return WHY_OK;
    count_drop(r->summary, seen->drop_reason, name);
    if (r->pcap->on_event == NULL)
        return WHY_OK;
    address_of(&s->from, s->v6, from, sizeof(from));
    address_of(&s->to, s->v6, to, sizeof(to));
    (void)snprintf(values, sizeof(values), "packet dropped, reason %" PRIu32, seen->drop_reason);
    return r->pcap->on_event(r->pcap->arg, &event);
}

/* A segment or datagram, unless it has passed another place before. */
static int take_transport(struct reading *r, struct packet *packet,
                          const struct why_etl_place *place, const struct why_pcap_packet *captured)
{
    bool first;
    int status = why_once_take(r->once, packet, place, &first);

    if (status != WHY_OK)
        return status;
    r->summary->doubles += !first;
    if (!first)
        return WHY_OK;
    if (packet->kind == PACKET_UDP) {
        packet->udp.t_us = captured->t_us;
        return why_flows_datagram(r->flows, &packet->udp);
    }
    packet->tcp.t_us = captured->t_us;
    packet->tcp.packet = captured;
    return why_flows_segment(r->flows, &packet->tcp);
}

/* Packets in fragments may hold such packets again. */
#define NESTED_MAX 4

static int take_packet(struct reading *r, const struct why_etl_packet *seen)
{
    const struct why_pcap_packet captured = {.t_us = seen->t_us,
                                             .link = (uint32_t)seen->link,
                                             .data = seen->data,
                                             .len = seen->len,
                                             .wire_len = seen->wire_len};
    const struct why_pcap_packet *kept = r->pcap->on_packet != NULL ? &captured : NULL;
    struct whole_packet whole = {.before = NULL};
    struct packet packet;

    why_packet_saw(r->summary, seen->t_us);
    why_packet_read((int)seen->link, seen->data, seen->len, seen->wire_len, &packet);
    for (int i = 0; i < NESTED_MAX && packet.kind == PACKET_FRAGMENT; i++) {
        struct ip_fragment fragment = packet.fragment;
        int status = why_fragments_add(r->fragments, &fragment, seen->t_us, kept, &whole);

        if (status != WHY_OK)
            return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
        why_packet_read_whole(&fragment, whole.data, whole.len, whole.wire_len, &packet);
    }
    packet.tcp.fragments = whole.before;
    packet.tcp.fragments_total = whole.before_total;
    if (packet.kind != PACKET_TCP && packet.kind != PACKET_UDP) {
        r->summary->other++;
        return WHY_OK;
    }
    if (packet.kind == PACKET_TCP && seen->place.kind == WHY_ETL_DROPS) {
        int status = tell_drop(r, &packet.tcp, seen);

        if (status != WHY_OK)
            return status;
    }
    return take_transport(r, &packet, &seen->place, &captured);
}

static int each_packet(struct reading *r)
{
    struct why_etl_packet packet;
    int status;

    while ((status = why_etl_next(r->etl, &packet)) == WHY_OK) {
        status = take_packet(r, &packet);
        if (status != WHY_OK)
            return status;
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
    if (etl->cut_off && etl->events == 0)
        (void)snprintf(err, errlen,
                       "%s: an event trace of Windows that ends within its first buffer: it was "
                       "copied while it was being written, or is cut",
                       pcap->name);
    else if (etl->headers_only > 0)
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
                                 .sign = event->sign,
                                 .process = event->process,
                                 .owner = event->owner,
                                 .values = event->values,
                                 .local = event->local,
                                 .remote = event->remote};

    return pcap->on_event(pcap->arg, &out);
}

static int read_all(struct reading *r, FILE *in, char *err, size_t errlen)
{
    struct why_pcap pcap = *r->pcap;
    const struct why_etl_watch watch = {on_event, &pcap};
    const struct why_etl_summary *etl;
    int status = why_etl_open(&r->etl, in, r->pcap->name, err, errlen);

    if (status != WHY_OK)
        return status;
    if (pcap.on_event != NULL)
        why_etl_watch(r->etl, &watch);
    status = each_packet(r);
    why_etl_watch(r->etl, NULL);
    etl = why_etl_summary(r->etl);
    r->summary->packets = etl->packets;
    r->summary->windows_build = etl->windows_build;
    r->summary->events_lost = etl->events_lost + etl->buffers_lost;
    r->summary->broken = etl->broken_buffers + etl->unknown_layouts;
    r->summary->events_unknown = etl->unknown_versions;
    r->summary->cut_off = etl->cut_off;
    r->summary->unordered = etl->unordered;
    r->summary->given_up = why_once_given_up(r->once);
    r->summary->fragments = why_fragments_left(r->fragments);
    if (status == WHY_OK && etl->packets == 0)
        status = no_packets(r->pcap, etl, err, errlen);
    return status;
}

/* A pipe is kept in a file: where one processor's buffers come behind those of another, the first
 * packets may be in the last buffer. NULL, and errno, where that cannot be. */
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
    r.once = why_once_new();
    r.fragments = why_fragments_new();
    status =
        r.once != NULL && r.fragments != NULL ? read_all(&r, file, err, errlen) : WHY_ERR_NOMEM;
    why_etl_close(r.etl);
    why_once_free(r.once);
    why_fragments_free(r.fragments);
    if (file != in)
        (void)fclose(file);
    return status;
}
