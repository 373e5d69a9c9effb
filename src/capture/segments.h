/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CAPTURE_SEGMENTS_H
#define RDPWHY_CAPTURE_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/trace.h>

/* The TCP segments that an attempt's events stand for, in order. */

#define SEGMENT_PAYLOAD 1440u /* what an Ethernet carries below IPv6 and TCP */
#define SEGMENT_MAX     (40u + 20u + SEGMENT_PAYLOAD)

struct segments {
    bool known; /* a connection was up: there are addresses */
    bool v6;
    uint8_t address[2][16]; /* by direction: the sender's */
    uint16_t port[2];
    uint32_t seq[2];  /* the next byte's */
    bool up;          /* the peer's SYN has passed */
    uint64_t dial_us; /* when the connect() began that succeeded */
};

/* Looks the addresses of the connection |number| and the time of its connect() up; false: the trace
 * has no such connection. */
bool why_segments_init(struct segments *s, const struct why_trace *trace, unsigned number);

/* One packet. |data| holds headers and what was kept of the payload. */
struct segment {
    uint64_t t_us;
    enum why_dir dir;
    uint8_t data[SEGMENT_MAX];
    size_t len, wire_len;
};

/* Called for each; false ends it. */
typedef bool segment_fn(void *arg, const struct segment *segment);

/* All connections of an attempt: to an RD Gateway there may be several. */
#define CONNECTIONS_MAX 4u

struct connections {
    struct segments items[CONNECTIONS_MAX];
    size_t count;
    size_t begun; /* how many are up */
    size_t last;  /* on which something passed last */
};

void why_connections_init(struct connections *c, const struct why_trace *trace);

/* The segments of one event. False when |each| returned false. */
bool why_segments_of_event(struct connections *c, const struct why_event *event, segment_fn *each,
                           void *arg);

#endif /* !defined(RDPWHY_CAPTURE_SEGMENTS_H) */
