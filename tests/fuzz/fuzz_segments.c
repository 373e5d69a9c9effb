/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <rdpwhy/pcap.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "flows.h"
#include "packet.h"

/*
 * Segments of one connection in any order, with holes and overlaps, past the checks of files and
 * headers. A part's control byte: bit 0 from the server, bits 1 to 4 FIN, SYN, RST, ACK; its first
 * two bytes say where it begins, from the sender's first byte on.
 */

static int on_trace(void *arg, struct why_trace *trace)
{
    (void)arg;
    why_trace_free(trace);
    return WHY_OK;
}

static struct tcp_segment segment_of(const struct part *part, uint64_t t_us)
{
    static const struct endpoint ends[2] = {{{192, 0, 2, 1}, 50000}, {{192, 0, 2, 2}, 3389}};
    struct tcp_segment s = {.t_us = t_us,
                            .from = ends[part->control & 1],
                            .to = ends[!(part->control & 1)],
                            .seq = 0xffffff00u,
                            .ack = 0xffffff00u};

    if (part->len >= 2) {
        s.seq += (uint32_t)(part->data[0] << 8 | part->data[1]) % 512;
        s.ack += part->data[1];
        s.data = part->data + 2;
        s.len = part->len - 2;
    }
    s.wire_len = s.len + ((part->control & 0x80) != 0 ? 16 : 0);
    s.flags = (uint8_t)(((part->control & 2) != 0 ? TCP_FIN : 0) |
                        ((part->control & 4) != 0 ? TCP_SYN : 0) |
                        ((part->control & 8) != 0 ? TCP_RST : 0) |
                        ((part->control & 16) != 0 ? TCP_ACK : 0));
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct why_pcap pcap = {.name = "fuzz", .on_trace = on_trace};
    struct why_pcap_summary summary = {.packets = 0};
    struct flows *flows = why_flows_new(&pcap, NULL, &summary);
    struct part part;
    uint64_t t_us = 1000000;

    REQUIRE(flows != NULL);
    while (next_part(&data, &size, &part)) {
        struct tcp_segment segment = segment_of(&part, t_us);

        REQUIRE(why_flows_segment(flows, &segment) == WHY_OK);
        t_us += 20000;
        free(part.data);
    }
    REQUIRE(why_flows_finish(flows) == WHY_OK);
    why_flows_free(flows);
    return 0;
}
