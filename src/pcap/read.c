/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pcap.h>

#include <string.h>
#include <sys/types.h>

#include <rdpwhy/status.h>

#include "etl_read.h"
#include "flows.h"
#include "fragments.h"
#include "input.h"
#include "packet.h"
#include "reader.h"
#include "secrets.h"

struct reading {
    const struct why_pcap *pcap;
    struct why_pcap_summary *summary;
    struct flows *flows;
    struct fragments *fragments;
    struct input *in;
    struct reader reader;
    char *err;
    size_t errlen;
};

/* ---- packets --------------------------------------------------------------------------------- */

static int take_transport(const struct reading *r, struct packet *packet,
                          const struct why_pcap_packet *captured)
{
    switch (packet->kind) {
    case PACKET_TCP:
        packet->tcp.t_us = captured->t_us;
        packet->tcp.packet = captured;
        packet->tcp.number = captured->number;
        return why_flows_segment(r->flows, &packet->tcp);
    case PACKET_UDP:
        packet->udp.t_us = captured->t_us;
        return why_flows_datagram(r->flows, &packet->udp);
    default:
        r->summary->other++;
        return WHY_OK;
    }
}

/* Packets in fragments may hold such packets again. */
#define NESTED_MAX 4

static int take_one(const struct reading *r, struct packet *packet,
                    const struct why_pcap_packet *captured)
{
    const struct why_pcap_packet *kept = r->pcap->on_packet != NULL ? captured : NULL;
    struct whole_packet whole = {.before = NULL};

    for (int i = 0; i < NESTED_MAX && packet->kind == PACKET_FRAGMENT; i++) {
        struct ip_fragment fragment = packet->fragment;
        int status = why_fragments_add(r->fragments, &fragment, captured->t_us, kept, &whole);

        if (status != WHY_OK)
            return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
        why_packet_read_whole(&fragment, whole.data, whole.len, whole.wire_len, packet);
    }
    packet->tcp.fragments = whole.before;
    packet->tcp.fragments_total = whole.before_total;
    return take_transport(r, packet, captured);
}

static int take_packet(const struct reading *r, const struct why_pcap_packet *captured)
{
    struct packet packet;
    int link = (int)captured->link, status;
    size_t next;

    r->summary->packets++;
    why_packet_saw(r->summary, captured->t_us);
    if (!why_packet_link_known(link)) {
        r->summary->unknown_links++;
        r->summary->unknown_link = link;
        return WHY_OK;
    }
    why_packet_read(link, captured->data, captured->len, captured->wire_len, &packet);
    do {
        next = packet.next;
        status = take_one(r, &packet, captured);
        packet.next = next;
    } while (status == WHY_OK &&
             why_packet_read_next(captured->data, captured->len, captured->wire_len, &packet));
    return status;
}

/* An attempt that never had a connection has no packets: the notes are all there is. */
static int hand_out_notes(const struct why_pcap *pcap, const struct why_trace *notes)
{
    struct why_trace *trace = why_trace_new(why_trace_head(notes));

    if (trace == NULL)
        return WHY_ERR_NOMEM;
    for (size_t i = 0; i < why_trace_count(notes); i++) {
        if (why_trace_append(trace, why_trace_at(notes, i)) != WHY_OK) {
            why_trace_free(trace);
            return WHY_ERR_NOMEM;
        }
    }
    return pcap->on_trace(pcap->arg, trace);
}

static int breaks_off(const struct reading *r)
{
    (void)snprintf(r->err, r->errlen, "%s: breaks off after %llu packet%s: %s", r->pcap->name,
                   (unsigned long long)r->summary->packets, r->summary->packets == 1 ? "" : "s",
                   r->reader.problem);
    return WHY_ERR_MALFORMED;
}

/* Hands out what there was, whatever ended the reading. */
static int finish(const struct reading *r, const struct why_trace *notes, int status)
{
    int finished = WHY_OK;

    r->summary->fragments = why_fragments_left(r->fragments);
    if (status == WHY_OK || status == WHY_ERR_NOTFOUND || status == WHY_ERR_MALFORMED)
        finished = why_flows_finish(r->flows);
    if (status == WHY_ERR_NOTFOUND && finished == WHY_OK && notes != NULL &&
        r->summary->packets == 0)
        finished = hand_out_notes(r->pcap, notes);
    if (finished != WHY_OK)
        return finished;
    if (status == WHY_ERR_MALFORMED)
        return breaks_off(r);
    return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
}

static int read_packets(struct reading *r, const struct why_trace *notes)
{
    struct why_pcap_packet packet = {.number = 0};
    int status = WHY_ERR_NOMEM;

    r->flows = why_flows_new(r->pcap, notes, r->summary);
    r->fragments = why_fragments_new();
    if (r->flows != NULL && r->fragments != NULL) {
        while ((status = why_reader_next(&r->reader, &packet)) == WHY_OK &&
               (status = take_packet(r, &packet)) == WHY_OK)
            ;
        status = finish(r, notes, status);
    }
    why_flows_free(r->flows);
    why_fragments_free(r->fragments);
    return status;
}

static int read_etl(const struct why_pcap *pcap, FILE *in, struct why_pcap_summary *summary,
                    char *err, size_t errlen)
{
    struct flows *flows = why_flows_new(pcap, NULL, summary);
    int status =
        flows != NULL ? why_etl_read(pcap, in, flows, summary, err, errlen) : WHY_ERR_NOMEM;

    if (status == WHY_OK)
        status = why_flows_finish(flows);
    why_flows_free(flows);
    return status;
}

/* A cabinet is what netsh leaves beside its trace: a report, without the packets. */
static bool is_cabinet(FILE *in)
{
    char head[4] = "";
    off_t start = ftello(in);
    size_t n = start < 0 ? 0 : fread(head, 1, sizeof(head), in);

    return n == sizeof(head) && fseeko(in, start, SEEK_SET) == 0 && memcmp(head, "MSCF", 4) == 0;
}

static int not_readable(const struct reading *r, const char *why)
{
    (void)snprintf(r->err, r->errlen, "%s: no capture that can be read: %s", r->pcap->name, why);
    return WHY_ERR_MALFORMED;
}

/* The file's head says whether there is anything to read. */
static int open_capture(struct reading *r)
{
    int status = why_reader_open(&r->reader, r->in), link = why_reader_link(&r->reader);

    if (status == WHY_ERR_MALFORMED)
        return not_readable(r, r->reader.problem);
    if (status == WHY_OK && link >= 0 && !why_packet_link_known(link)) {
        (void)snprintf(r->err, r->errlen, "%s: the link type %d is not known here", r->pcap->name,
                       link);
        return WHY_ERR_MALFORMED;
    }
    return status;
}

static int read_capture(struct reading *r)
{
    struct why_trace *notes = NULL;
    int status = why_secrets_scan(r->in, r->pcap->keys, &notes);

    /* Of what cannot be read twice, the secrets that come before they are needed. */
    if (!why_input_can_rewind(r->in))
        r->reader.keys = r->pcap->keys;
    if (status == WHY_OK)
        status = open_capture(r);
    if (status == WHY_OK)
        status = read_packets(r, notes);
    why_reader_clear(&r->reader);
    why_trace_free(notes);
    return status;
}

/* What is compressed, but not a capture: only the file itself is looked at for that. */
static bool is_other_file(const struct reading *r, const char **what)
{
    const uint8_t *head = why_input_is_packed(r->in) ? why_input_peek(r->in, 4) : NULL;

    *what = NULL;
    if (head != NULL && memcmp(head, "MSCF", 4) == 0)
        *what = "a compressed cabinet: unpack it first";
    else if (head != NULL && head[0] == 0) /* the size of a buffer; no capture begins so */
        *what = "what seems to be a compressed .etl file: unpack it first";
    return *what != NULL;
}

static int read_input(struct reading *r)
{
    const char *command = NULL, *kind = why_input_unreadable(r->in, &command), *what;

    if (kind != NULL) {
        (void)snprintf(r->err, r->errlen,
                       "%s: compressed with %s, which this rdpwhy cannot read: %s FILE | rdpwhy "
                       "pcap -",
                       r->pcap->name, kind, command);
        return WHY_ERR_MALFORMED;
    }
    if (is_other_file(r, &what))
        return not_readable(r, what);
    return read_capture(r);
}

static int read_file(const struct why_pcap *pcap, FILE *in, struct why_pcap_summary *summary,
                     char *err, size_t errlen)
{
    struct reading r = {.pcap = pcap, .summary = summary, .err = err, .errlen = errlen};
    int status;

    if (why_etl_is_likely(in))
        return read_etl(pcap, in, summary, err, errlen);
    if (is_cabinet(in)) {
        (void)snprintf(
            err, errlen,
            "%s: a cabinet, the report that netsh leaves beside its trace: the packets are "
            "in the .etl file of the same name; should there be one inside: cabextract "
            "FILE (Windows: expand FILE -F:* FOLDER)",
            pcap->name);
        return WHY_ERR_MALFORMED;
    }
    r.in = why_input_open(in);
    status = r.in != NULL ? read_input(&r) : WHY_ERR_NOMEM;
    why_input_close(r.in);
    return status;
}

bool why_pcap_is_trace(FILE *in)
{
    return why_etl_is_likely(in);
}

int why_pcap_read(const struct why_pcap *pcap, FILE *in, struct why_pcap_summary *summary,
                  char *err, size_t errlen)
{
    int status;

    memset(summary, 0, sizeof(*summary));
    status = read_file(pcap, in, summary, err, errlen);
    (void)fclose(in);
    return status;
}
