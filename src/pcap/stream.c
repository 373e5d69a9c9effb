/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#define PIECES_MAX  256u
#define BYTES_MAX   (256u * 1024u)
#define WINDOW_MAX  (64 * 1024 * 1024) /* farther away it is no byte of this connection */
#define PATIENCE_US 50000u             /* for a packet that was captured behind its ACK */

static const char not_captured[] = "a packet is missing from the capture";
static const char cut_off[] = "the capture's snap length cut a packet";

struct piece {
    struct piece *next;
    uint32_t seq;
    size_t len, wire_len;
    uint64_t t_us;
    uint8_t data[];
};

struct out {
    const struct stream_sink *sink;
    void *arg;
};

static void close_if_due(struct stream *s, uint64_t t_us, const struct out *out)
{
    if (s->abandoned || !s->has_fin || s->closed || s->next != s->fin)
        return;
    s->closed = true;
    out->sink->closed(out->arg, t_us);
}

/* Bytes that begin at |seq|, at or before the next one. */
static void accept(struct stream *s, uint32_t seq, const uint8_t *data, size_t len, size_t wire_len,
                   uint64_t t_us, const struct out *out)
{
    size_t old = s->next - seq; /* handed out before */

    if (old >= wire_len)
        return;
    if (len > old)
        out->sink->bytes(out->arg, data + old, len - old, t_us);
    if (len < wire_len)
        out->sink->lost(out->arg, wire_len - (len > old ? len : old), cut_off, t_us);
    s->next = seq + (uint32_t)wire_len;
}

static bool is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

/* The sink may abandon the stream at any of its calls: a piece is taken out before it is told. */
static void drain(struct stream *s, const struct out *out)
{
    while (!s->abandoned && s->pieces != NULL && !is_before(s->next, s->pieces->seq)) {
        struct piece *p = s->pieces;

        s->pieces = p->next;
        s->piece_count--;
        s->piece_bytes -= p->len;
        accept(s, p->seq, p->data, p->len, p->wire_len, p->t_us, out);
        close_if_due(s, p->t_us, out);
        free(p);
    }
}

static void give_up_hole(struct stream *s, uint64_t t_us, const struct out *out)
{
    uint32_t hole = s->pieces->seq - s->next;

    s->next = s->pieces->seq;
    out->sink->lost(out->arg, hole, not_captured, t_us);
    drain(s, out);
}

static bool queue(struct stream *s, const struct tcp_segment *segment)
{
    struct piece **at = &s->pieces, *p = malloc(sizeof(*p) + segment->len);

    if (p == NULL)
        return false;
    p->seq = segment->seq;
    p->len = segment->len;
    p->wire_len = segment->wire_len;
    p->t_us = segment->t_us;
    if (segment->len > 0)
        memcpy(p->data, segment->data, segment->len);
    while (*at != NULL && !is_before(segment->seq, (*at)->seq))
        at = &(*at)->next;
    p->next = *at;
    *at = p;
    s->piece_count++;
    s->piece_bytes += p->len;
    return true;
}

static void begin(struct stream *s, const struct tcp_segment *segment)
{
    if (s->started)
        return;
    s->started = true;
    s->next = segment->seq + ((segment->flags & TCP_SYN) != 0 ? 1 : 0);
}

static enum stream_note payload(struct stream *s, const struct tcp_segment *segment,
                                const struct out *out, bool *nomem)
{
    int32_t ahead = (int32_t)(segment->seq - s->next);

    if (ahead > WINDOW_MAX || ahead < -WINDOW_MAX)
        return STREAM_PLAIN;
    if (ahead > 0) {
        if (!queue(s, segment))
            *nomem = true;
        while (!s->abandoned && s->pieces != NULL &&
               (s->piece_count > PIECES_MAX || s->piece_bytes > BYTES_MAX))
            give_up_hole(s, segment->t_us, out);
        return STREAM_REORDERED;
    }
    if (is_before(s->next, segment->seq + (uint32_t)segment->wire_len)) {
        accept(s, segment->seq, segment->data, segment->len, segment->wire_len, segment->t_us, out);
        drain(s, out);
        return STREAM_PLAIN;
    }
    return STREAM_RETRANSMITTED;
}

enum stream_note stream_segment(struct stream *s, const struct tcp_segment *segment,
                                const struct stream_sink *sink, void *arg, bool *nomem)
{
    struct out out = {sink, arg};
    enum stream_note note = STREAM_PLAIN;

    begin(s, segment);
    if (segment->wire_len > 0 && (segment->flags & TCP_SYN) == 0)
        note = payload(s, segment, &out, nomem);
    if ((segment->flags & TCP_FIN) != 0 && !s->has_fin) {
        s->has_fin = true;
        s->fin = segment->seq + (uint32_t)segment->wire_len;
    }
    close_if_due(s, segment->t_us, &out);
    return note;
}

void stream_acked(struct stream *s, uint32_t ack, uint64_t t_us, const struct stream_sink *sink,
                  void *arg)
{
    struct out out = {sink, arg};

    if (s->pieces == NULL || !is_before(s->pieces->seq, ack))
        return;
    if (t_us > s->pieces->t_us + PATIENCE_US)
        give_up_hole(s, t_us, &out);
}

void stream_flush(struct stream *s, uint64_t t_us, const struct stream_sink *sink, void *arg)
{
    struct out out = {sink, arg};

    while (!s->abandoned && s->pieces != NULL)
        give_up_hole(s, t_us, &out);
    if (!s->abandoned && s->has_fin && !s->closed) {
        if (is_before(s->next, s->fin))
            sink->lost(arg, s->fin - s->next, not_captured, t_us);
        s->next = s->fin;
        close_if_due(s, t_us, &out);
    }
}

void stream_clear(struct stream *s)
{
    for (struct piece *p = s->pieces, *next; p != NULL; p = next) {
        next = p->next;
        free(p);
    }
    s->pieces = NULL;
    s->piece_count = s->piece_bytes = 0;
}
