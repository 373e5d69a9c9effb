/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_PACKET_H
#define RDPWHY_PCAP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/numbers.h"

/* From a captured packet to the TCP segment or UDP datagram in it, whatever lies around. Pure. */

struct endpoint {
    uint8_t address[16]; /* IPv4: the first four, then zeros */
    uint16_t port;
};

struct held;
struct why_pcap_packet;
struct why_pcap_summary;

struct tcp_segment {
    uint64_t t_us; /* filled by the caller */
    bool v6;
    struct endpoint from, to;
    uint32_t seq, ack;
    uint8_t flags;
    const uint8_t *data; /* payload, as far as it was captured */
    size_t len;
    size_t wire_len;                      /* payload that passed */
    uint64_t number;                      /* of the packet in its file; 0: none */
    const struct why_pcap_packet *packet; /* it came in; filled by the caller; NULL: not kept */
    struct held *fragments; /* the packets before it that the segment came in; NULL: none kept */
    size_t *fragments_total;
};

struct udp_datagram {
    uint64_t t_us; /* filled by the caller */
    bool v6;
    struct endpoint from, to;
    bool unreachable; /* not itself: an ICMP message says that it could not be delivered */
    const uint8_t *data;
    size_t len;
};

struct ip_fragment {
    bool v6;
    uint8_t protocol; /* of what the fragments make together */
    bool more;        /* it is not the last one */
    uint8_t from[16], to[16];
    uint32_t id;
    size_t offset;
    const uint8_t *data;
    size_t len, wire_len;
};

enum packet_kind {
    PACKET_TCP,
    PACKET_UDP,
    PACKET_FRAGMENT, /* of an IP packet */
    PACKET_OTHER     /* none of these, or cut before its header ends */
};

/* What |kind| says is filled. */
struct packet {
    enum packet_kind kind;
    struct tcp_segment tcp;
    struct udp_datagram udp;
    struct ip_fragment fragment;
    size_t next; /* where in the captured bytes another one begins; 0: there is none */
};

/* A packet has passed: when the capture began, and how far it has come. */
void why_packet_saw(struct why_pcap_summary *summary, uint64_t t_us);

/* Whether packets of this link type (LINKTYPE_, or libpcap's DLT_) can be read. */
bool why_packet_link_known(int link);

/* |len| bytes were captured of |wire_len|. */
void why_packet_read(int link, const uint8_t *data, size_t len, size_t wire_len,
                     struct packet *out);
/* The next one in the same frame, at |out->next|; false: that was all. */
bool why_packet_read_next(const uint8_t *data, size_t len, size_t wire_len, struct packet *out);
/* The same of what fragments made together: |first| is any of them, |data| their content. */
void why_packet_read_whole(const struct ip_fragment *first, const uint8_t *data, size_t len,
                           size_t wire_len, struct packet *out);

/* why_packet_read for who wants TCP alone. */
enum packet_kind why_packet_parse(int link, const uint8_t *data, size_t len, size_t wire_len,
                                  struct tcp_segment *out);

#endif /* !defined(RDPWHY_PCAP_PACKET_H) */
