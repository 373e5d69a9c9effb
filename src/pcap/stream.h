/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_STREAM_H
#define RDPWHY_PCAP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

/*
 * A TCP connection: segments in as they were captured, bytes out in the order in which they passed.
 * Within a direction the sequence numbers say it, between the two the acknowledgements: what
 * acknowledges the other end's bytes passed after them, wherever in the capture it is. What is
 * missing is waited for, but not for ever.
 */

struct queued_segment;

/* What one end sends. */
struct half_connection {
    bool started;         /* |next| is known */
    bool guessed;         /* by the other end's ACK alone; nothing of its own has come */
    bool sure;            /* and nothing was sent before that */
    bool synced;          /* by its own SYN */
    bool seen;            /* a packet of its own was captured */
    bool has_bytes;       /* and bytes of it were delivered */
    bool closed;          /* its FIN was delivered */
    bool open_end;        /* what it sent last, before |next|, is missing: it may have been a FIN */
    bool silent;          /* nothing was captured of it since bytes of it were given up */
    uint32_t first, next; /* sequence numbers of its first byte, and of the next to be delivered */
    uint32_t acked;       /* the other end has all before this one */
    uint64_t acked_us, acked_number;
    struct queued_segment *segments; /* what came too early, in order */
    size_t segment_count, segment_bytes;
};

struct stream {
    struct half_connection halves[2]; /* by the end that sends */
    size_t *waiting;                  /* bytes that wait, of all connections together */
    uint64_t arrivals, delivered;
    uint64_t number; /* of the packet that the sink is told about; 0: none */
    bool stuck;
    uint64_t now_us, stuck_us, stuck_delivered;
    unsigned stuck_packets;
    bool abandoned; /* set by the sink: nothing more is wanted */
    bool reset;     /* an RST has come, and all that was before it */
    int reset_end;  /* whose */
    uint64_t reset_us, reset_number;
    /* An RST before what the other end had already: it is not taken there, and ends the connection
     * only where nothing goes on. */
    bool stale;
    int stale_end;
    uint64_t stale_us, stale_number;
    /* A FIN of which it is not known yet whether the other end had closed before. */
    bool doubt;
    int doubt_end;
    uint32_t doubt_ack;
    uint64_t doubt_us, doubt_number;
    uint64_t retransmitted, reordered, implausible; /* segments; RST and FIN out of all windows */
};

enum stream_close { STREAM_CLOSED, STREAM_CLOSED_IN_DOUBT };

struct stream_sink {
    void (*bytes)(void *arg, int end, const uint8_t *data, size_t len, uint64_t t_us);
    void (*lost)(void *arg, int end, uint64_t count, const char *why, uint64_t t_us);
    /* Its FIN, in order. In doubt: the other end may have closed before, it was not captured. */
    void (*closed)(void *arg, int end, enum stream_close how, uint64_t t_us);
    /* Whether what came of that end stops where a PDU does. */
    bool (*is_whole)(void *arg, int end);
};

/* Takes a segment of |end| in. False: out of memory. */
bool why_stream_segment(struct stream *s, int end, const struct tcp_segment *segment,
                        const struct stream_sink *sink, void *arg);
/* Nothing more will come: delivers what is there, with its gaps. */
void why_stream_flush(struct stream *s, const struct stream_sink *sink, void *arg);
void why_stream_clear(struct stream *s);

#endif /* !defined(RDPWHY_PCAP_STREAM_H) */
