/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_PACKET_H
#define RDPWHY_PCAP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/numbers.h"

/* From a captured packet to the TCP segment in it. Pure. */

struct endpoint {
    uint8_t address[16]; /* IPv4: the first four, then zeros */
    uint16_t port;
};

struct why_pcap_packet;

struct tcp_segment {
    uint64_t t_us; /* filled by the caller */
    bool v6;
    struct endpoint from, to;
    uint32_t seq, ack;
    uint8_t flags;
    const uint8_t *data; /* payload, as far as it was captured */
    size_t len;
    size_t wire_len;                      /* payload that passed */
    const struct why_pcap_packet *packet; /* it came in; filled by the caller; NULL: not kept */
};

enum packet_kind {
    PACKET_TCP,
    PACKET_OTHER,   /* not TCP, or cut before its TCP header ends */
    PACKET_FRAGMENT /* of an IP packet */
};

/* Whether packets of this link type (a DLT_ value of libpcap) can be read. */
bool why_packet_link_known(int link);

/* |len| bytes were captured of |wire_len|. */
enum packet_kind why_packet_parse(int link, const uint8_t *data, size_t len, size_t wire_len,
                                  struct tcp_segment *out);

#endif /* !defined(RDPWHY_PCAP_PACKET_H) */
