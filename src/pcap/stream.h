/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_STREAM_H
#define RDPWHY_PCAP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

/* One direction of a TCP connection: segments in, bytes in order out. */

struct piece;

struct stream {
    bool started;         /* |next| is known */
    uint32_t next;        /* sequence number of the next byte to be handed out */
    struct piece *pieces; /* what came too early, in order */
    size_t piece_count, piece_bytes;
    bool has_fin, closed;
    bool abandoned; /* set by the sink: nothing more is wanted */
    uint32_t fin;
};

struct stream_sink {
    void (*bytes)(void *arg, const uint8_t *data, size_t len, uint64_t t_us);
    void (*lost)(void *arg, uint64_t count, const char *why, uint64_t t_us);
    void (*closed)(void *arg, uint64_t t_us); /* its FIN, in order */
};

enum stream_note { STREAM_PLAIN, STREAM_RETRANSMITTED, STREAM_REORDERED };

/* Takes a segment in. |*nomem| is set when memory runs out. */
enum stream_note stream_segment(struct stream *s, const struct tcp_segment *segment,
                                const struct stream_sink *sink, void *arg, bool *nomem);
/*
 * The other side has acknowledged all before |ack|: a hole before it is a hole in the capture, and
 * not waited for much longer.
 */
void stream_acked(struct stream *s, uint32_t ack, uint64_t t_us, const struct stream_sink *sink,
                  void *arg);
/* Nothing more will come: hands out what is there, with its holes. */
void stream_flush(struct stream *s, uint64_t t_us, const struct stream_sink *sink, void *arg);
void stream_clear(struct stream *s);

#endif /* !defined(RDPWHY_PCAP_STREAM_H) */
