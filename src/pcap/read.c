/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pcap.h>

#include <string.h>
#include <sys/types.h>

#include <pcap/pcap.h>

#include <rdpwhy/status.h>

#include "blocks.h"
#include "etl_read.h"
#include "flows.h"
#include "packet.h"

static uint64_t time_of(const struct pcap_pkthdr *header)
{
    if (header->ts.tv_sec < 0 || header->ts.tv_usec < 0)
        return 0;
    return (uint64_t)header->ts.tv_sec * 1000000u + (uint64_t)header->ts.tv_usec;
}

/* What a capture file calls the link; two are called otherwise in memory. */
static uint32_t linktype_of(int link)
{
    return link == DLT_RAW ? 101u : link == DLT_LOOP ? 108u : (uint32_t)link;
}

static int take_packet(struct flows *flows, struct why_pcap_summary *summary, int link,
                       const struct pcap_pkthdr *header, const u_char *data)
{
    struct why_pcap_packet packet = {.t_us = time_of(header),
                                     .link = linktype_of(link),
                                     .data = data,
                                     .len = header->caplen,
                                     .wire_len = header->len};
    struct tcp_segment segment;

    summary->packets++;
    switch (why_packet_parse(link, data, header->caplen, header->len, &segment)) {
    case PACKET_TCP:
        segment.t_us = packet.t_us;
        segment.packet = &packet;
        return why_flows_segment(flows, &segment);
    case PACKET_FRAGMENT:
        summary->fragments++;
        return WHY_OK;
    default:
        summary->other++;
        return WHY_OK;
    }
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

static int read_packets(const struct why_pcap *pcap, pcap_t *handle, const struct why_trace *notes,
                        struct why_pcap_summary *summary, char *err, size_t errlen)
{
    struct flows *flows = why_flows_new(pcap, notes, summary);
    struct pcap_pkthdr *header;
    const u_char *data;
    int link = pcap_datalink(handle), r = 0, status = flows != NULL ? WHY_OK : WHY_ERR_NOMEM;

    while (status == WHY_OK && (r = pcap_next_ex(handle, &header, &data)) == 1)
        status = take_packet(flows, summary, link, header, data);
    if (status == WHY_OK)
        status = why_flows_finish(flows);
    if (status == WHY_OK && notes != NULL && summary->packets == 0)
        status = hand_out_notes(pcap, notes);
    if (status == WHY_OK && r == PCAP_ERROR) {
        (void)snprintf(err, errlen, "%s: breaks off after %llu packets: %s", pcap->name,
                       (unsigned long long)summary->packets, pcap_geterr(handle));
        status = WHY_ERR_MALFORMED;
    }
    why_flows_free(flows);
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

int why_pcap_read(const struct why_pcap *pcap, FILE *in, struct why_pcap_summary *summary,
                  char *err, size_t errlen)
{
    char message[PCAP_ERRBUF_SIZE] = "";
    struct why_trace *notes = NULL;
    int status;
    pcap_t *handle;

    memset(summary, 0, sizeof(*summary));
    if (why_etl_is_likely(in)) {
        status = read_etl(pcap, in, summary, err, errlen);
        (void)fclose(in);
        return status;
    }
    if (is_cabinet(in)) {
        (void)snprintf(
            err, errlen,
            "%s: a cabinet, the report that netsh leaves beside its trace: the packets are "
            "in the .etl file of the same name; should there be one inside: cabextract "
            "FILE (Windows: expand FILE -F:* FOLDER)",
            pcap->name);
        (void)fclose(in);
        return WHY_ERR_MALFORMED;
    }
    status = why_blocks_scan(in, pcap->keys, &notes);
    if (status != WHY_OK) {
        (void)fclose(in);
        return status;
    }
    handle = pcap_fopen_offline_with_tstamp_precision(in, PCAP_TSTAMP_PRECISION_MICRO, message);
    if (handle == NULL) {
        (void)snprintf(err, errlen, "%s: no capture that can be read: %s", pcap->name, message);
        (void)fclose(in);
        status = WHY_ERR_MALFORMED;
    } else if (!why_packet_link_known(pcap_datalink(handle))) {
        (void)snprintf(err, errlen, "%s: the link type %d is not known here", pcap->name,
                       pcap_datalink(handle));
        status = WHY_ERR_MALFORMED;
    } else {
        status = read_packets(pcap, handle, notes, summary, err, errlen);
    }
    if (handle != NULL)
        pcap_close(handle);
    why_trace_free(notes);
    return status;
}
