/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#define PIECES_MAX  256u
#define BYTES_MAX   (256u * 1024u)
#define WAITING_MAX (32u * 1024u * 1024u) /* of all connections together */
#define WINDOW_MAX  (64 * 1024 * 1024)    /* farther away it is no byte of this connection */
#define CLOSE_MAX   (4 * 1024 * 1024)     /* and nearer for what would end it */

/* For a packet that was captured behind its ACK: it need not come. */
#define PATIENCE_US      1000000u
#define PATIENCE_PACKETS 256u

static const char not_captured[] = "a packet is missing from the capture";
static const char cut_off[] = "the capture's snap length cut a packet";

struct piece {
    struct piece *next;
    uint64_t arrival;
    uint32_t seq, ack;
    bool has_ack, fin, rst;
    size_t len, wire_len;
    uint64_t t_us;
    const uint8_t *data;
};

struct out {
    struct stream *s;
    const struct stream_sink *sink;
    void *arg;
};

static bool is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static bool is_within(uint32_t a, uint32_t b, int32_t distance)
{
    int32_t ahead = (int32_t)(a - b);

    return ahead <= distance && ahead >= -distance;
}

static uint32_t end_of(const struct piece *p)
{
    return p->seq + (uint32_t)p->wire_len;
}

/* ---- telling --------------------------------------------------------------------------------- */

static void dispel_doubt(const struct out *out, enum stream_close how)
{
    struct stream *s = out->s;

    if (!s->doubt || s->abandoned)
        return;
    s->doubt = false;
    out->sink->closed(out->arg, s->doubt_end, how, s->doubt_us);
}

static void close_lane(const struct out *out, int end, uint32_t ack, uint64_t t_us)
{
    struct stream *s = out->s;
    const struct lane *other = &s->lanes[!end];

    s->lanes[end].closed = true;
    s->lanes[end].next++; /* a FIN has a sequence number of its own */
    /* What this end acknowledged after its FIN was sent before the other's. */
    if (other->open_end && !other->closed && !s->doubt && !is_before(ack, other->acked)) {
        s->doubt = true;
        s->doubt_end = end;
        s->doubt_ack = ack;
        s->doubt_us = t_us;
        return;
    }
    if (!s->abandoned)
        out->sink->closed(out->arg, end, STREAM_CLOSED, t_us);
}

/* Tells what of |p| was not told before. */
static void tell(const struct out *out, int end, const struct piece *p)
{
    struct stream *s = out->s;
    struct lane *lane = &s->lanes[end];
    size_t old = lane->next - p->seq;

    s->told++;
    if (p->rst) {
        if (!s->reset) {
            s->reset_end = end;
            s->reset_us = p->t_us;
        }
        s->reset = true;
        return;
    }
    if (lane->closed || (old >= p->wire_len && !(p->fin && old == p->wire_len)))
        return;
    /* Who still sends behind what the FIN acknowledged had not closed before it. */
    if (s->doubt && s->doubt_end != end)
        dispel_doubt(out, STREAM_CLOSED);
    if (old < p->wire_len) {
        lane->next = end_of(p);
        lane->open_end = false;
        lane->has_bytes = true;
        if (p->len > old && !s->abandoned)
            out->sink->bytes(out->arg, end, p->data + old, p->len - old, p->t_us);
        if (p->len < p->wire_len && !s->abandoned)
            out->sink->lost(out->arg, end, p->wire_len - (p->len > old ? p->len : old), cut_off,
                            p->t_us);
    }
    if (p->fin)
        close_lane(out, end, p->ack, p->t_us);
}

/* ---- what waits ------------------------------------------------------------------------------ */

static void take_out(struct stream *s, int end)
{
    struct lane *lane = &s->lanes[end];
    struct piece *p = lane->pieces;

    lane->pieces = p->next;
    lane->piece_count--;
    lane->piece_bytes -= p->len;
    *s->waiting -= sizeof(*p) + p->len;
}

/* The sink may abandon the stream at any of its calls: a piece is taken out before it is told. */
static void tell_first(const struct out *out, int end)
{
    struct piece *p = out->s->lanes[end].pieces;

    take_out(out->s, end);
    tell(out, end, p);
    free(p);
}

/* Whether all has been told that passed before |p| in the other direction. */
static bool is_answered(const struct stream *s, int end, const struct piece *p)
{
    const struct lane *other = &s->lanes[!end];

    if (!p->has_ack || !other->started || other->closed)
        return true;
    if (other->guessed && !other->sure)
        return false;
    return !is_before(other->next, p->ack);
}

/* A piece waits that is the next of its direction. */
static bool has_next(const struct lane *lane)
{
    return lane->pieces != NULL && !is_before(lane->next, lane->pieces->seq);
}

static bool can_tell(const struct stream *s, int end)
{
    return has_next(&s->lanes[end]) && is_answered(s, end, s->lanes[end].pieces);
}

static int older_of(const struct stream *s)
{
    return s->lanes[1].pieces->arrival < s->lanes[0].pieces->arrival;
}

static void drain(const struct out *out)
{
    const struct stream *s = out->s;

    while (!s->abandoned) {
        bool can[2] = {can_tell(s, 0), can_tell(s, 1)};

        if (!can[0] && !can[1])
            return;
        tell_first(out, can[0] && can[1] ? older_of(s) : can[1]);
    }
}

/* The other end has got what has not come. */
static bool is_missing(const struct lane *lane)
{
    return lane->started && !lane->closed && is_before(lane->next, lane->acked) && !has_next(lane);
}

/* Gives up what of |end| is missing before |upto|. */
static void lose(const struct out *out, int end, uint32_t upto, uint64_t t_us)
{
    struct stream *s = out->s;
    struct lane *lane = &s->lanes[end];
    uint32_t count;

    if (lane->pieces != NULL && is_before(lane->pieces->seq, upto))
        upto = lane->pieces->seq;
    count = upto - lane->next;
    s->told++;
    /* No PDU and no record has a single byte: it was its FIN. */
    if (count == 1 && lane->pieces == NULL && !lane->open_end && !s->abandoned &&
        out->sink->is_whole(out->arg, end)) {
        close_lane(out, end, s->lanes[!end].acked, t_us);
        return;
    }
    lane->next = upto;
    lane->open_end = true;
    lane->silent = lane->pieces == NULL;
    if (!s->abandoned)
        out->sink->lost(out->arg, end, count, not_captured, t_us);
}

/* Gives up the first of what is waited for. */
static void give_up(const struct out *out)
{
    struct stream *s = out->s;
    struct lane *lanes = s->lanes;

    for (int end = 0; end < 2; end++) {
        const struct piece *p = lanes[end].pieces;

        if (!has_next(&lanes[end]))
            continue;
        if (lanes[!end].guessed && !lanes[!end].sure)
            lanes[!end].sure = true; /* nothing says that anything was before */
        else if (has_next(&lanes[!end]))
            tell_first(out, older_of(s)); /* each acknowledges the other */
        else
            lose(out, !end, p->ack, p->t_us);
        return;
    }
    for (int end = 0; end < 2; end++) {
        if (is_missing(&lanes[end])) {
            lose(out, end, lanes[end].acked, lanes[end].acked_us);
            return;
        }
    }
    for (int end = 0; end < 2; end++) {
        if (lanes[end].pieces != NULL) {
            lose(out, end, lanes[end].pieces->seq, lanes[end].pieces->t_us);
            return;
        }
    }
}

static bool waits(const struct lane *lane)
{
    const struct piece *last = lane->pieces;

    while (last != NULL && last->next != NULL)
        last = last->next;
    return is_missing(lane) || has_next(lane) || (last != NULL && last->rst);
}

static bool is_overfull(const struct stream *s)
{
    for (int end = 0; end < 2; end++) {
        const struct lane *lane = &s->lanes[end];

        if (lane->piece_count > PIECES_MAX || lane->piece_bytes > BYTES_MAX ||
            (*s->waiting > WAITING_MAX && lane->piece_count > 0))
            return true;
    }
    return false;
}

/* Whether what is missing has been waited for long enough. */
static bool is_over(struct stream *s)
{
    if (is_overfull(s))
        return true;
    if (!waits(&s->lanes[0]) && !waits(&s->lanes[1])) {
        s->stuck = false;
        return false;
    }
    if (!s->stuck || s->stuck_told != s->told) {
        s->stuck = true;
        s->stuck_told = s->told;
        s->stuck_us = s->now_us;
        s->stuck_packets = 0;
    }
    for (int end = 0; end < 2; end++) {
        /* Where nothing comes of an end, nothing more is waited for. */
        if (is_missing(&s->lanes[end]) && s->lanes[end].silent)
            return true;
        if (has_next(&s->lanes[end]) && has_next(&s->lanes[!end]))
            return true;
    }
    return s->now_us - s->stuck_us > PATIENCE_US || s->stuck_packets > PATIENCE_PACKETS;
}

/* ---- segments -------------------------------------------------------------------------------- */

/* Where the segment's sender stands, as far as this one tells. */
static void begin_own(struct lane *lane, const struct tcp_segment *segment)
{
    uint32_t seq = segment->seq + ((segment->flags & TCP_SYN) != 0 ? 1 : 0);
    bool probe = lane->guessed && seq + 1 == lane->next && segment->wire_len <= 1;

    lane->seen = true;
    lane->silent = false;
    if (lane->started && !lane->guessed)
        return;
    if (lane->started && !is_within(seq, lane->next, WINDOW_MAX))
        return;
    if ((segment->flags & TCP_SYN) != 0 && !lane->has_bytes) {
        lane->synced = true;
        lane->open_end = false;
    }
    if (!lane->started || (lane->next == lane->first && is_before(seq, lane->next) && !probe)) {
        lane->next = seq;
        if (!lane->started)
            lane->acked = seq;
    }
    lane->started = true;
    lane->guessed = false;
    lane->first = lane->next;
}

static bool ack_is_good(const struct stream *s, int end, const struct tcp_segment *segment)
{
    const struct lane *other = &s->lanes[!end];

    return (segment->flags & TCP_ACK) != 0 &&
           (!other->started || is_within(segment->ack, other->next, WINDOW_MAX));
}

static void see_ack(struct stream *s, int end, const struct tcp_segment *segment)
{
    struct lane *other = &s->lanes[!end];
    const struct lane *own = &s->lanes[end];

    if (!ack_is_good(s, end, segment) || (segment->flags & TCP_RST) != 0)
        return;
    if (!other->started) {
        other->started = other->guessed = true;
        other->next = other->first = other->acked = segment->ack;
        /* An answer to a SYN, and the answer to that one. */
        other->sure =
            (segment->flags & TCP_SYN) != 0 || (own->synced && segment->seq == own->first);
        other->open_end = !other->sure;
    }
    if (is_before(other->acked, segment->ack)) {
        other->acked = segment->ack;
        other->acked_us = segment->t_us;
    }
}

static bool queue(struct stream *s, int end, const struct piece *from)
{
    struct lane *lane = &s->lanes[end];
    struct piece **at = &lane->pieces, *p;

    while (*at != NULL && !is_before(from->seq, (*at)->seq)) {
        if ((*at)->seq == from->seq && (*at)->wire_len == from->wire_len &&
            (*at)->fin == from->fin && (*at)->rst == from->rst) {
            s->retransmitted++;
            return true;
        }
        at = &(*at)->next;
    }
    p = malloc(sizeof(*p) + from->len);
    if (p == NULL)
        return false;
    *p = *from;
    p->data = (const uint8_t *)(p + 1);
    if (from->len > 0)
        memcpy(p + 1, from->data, from->len);
    p->next = *at;
    *at = p;
    lane->piece_count++;
    lane->piece_bytes += p->len;
    *s->waiting += sizeof(*p) + p->len;
    return true;
}

/* The segment as a piece; false where nothing of it is of use. */
static bool piece_of(struct stream *s, int end, const struct tcp_segment *segment, struct piece *p)
{
    const struct lane *lane = &s->lanes[end];
    bool ends = (segment->flags & (TCP_FIN | TCP_RST)) != 0;

    *p = (struct piece){.arrival = s->arrivals,
                        .seq = segment->seq,
                        .ack = segment->ack,
                        .has_ack = ack_is_good(s, end, segment),
                        .fin = (segment->flags & TCP_FIN) != 0,
                        .rst = (segment->flags & TCP_RST) != 0,
                        .t_us = segment->t_us,
                        .data = segment->data};
    if ((segment->flags & TCP_SYN) != 0 || !is_within(segment->seq, lane->next, WINDOW_MAX)) {
        s->implausible += ends;
        return false;
    }
    if (!p->rst) {
        p->len = segment->len;
        p->wire_len = segment->wire_len;
    }
    if (ends && !is_within(end_of(p), lane->next, CLOSE_MAX)) {
        s->implausible++;
        p->fin = false;
        if (p->rst)
            return false;
    }
    /* What the sender's RST follows has been sent before it. */
    for (const struct piece *before = lane->pieces; p->rst && before != NULL;
         before = before->next) {
        if (is_before(p->seq, end_of(before)))
            p->seq = end_of(before);
    }
    if (p->rst || is_before(lane->next, end_of(p)) || (p->fin && lane->next == end_of(p)))
        return !lane->closed || p->rst;
    s->retransmitted += p->wire_len > 0;
    return false;
}

static bool add(const struct out *out, int end, const struct piece *p, bool late)
{
    struct stream *s = out->s;
    struct lane *lane = &s->lanes[end];
    bool first = lane->pieces == NULL || is_before(p->seq, lane->pieces->seq);

    s->reordered += late && first && !is_before(lane->next, p->seq);
    if (lane->pieces == NULL && !is_before(lane->next, p->seq) && is_answered(s, end, p)) {
        tell(out, end, p);
        return true;
    }
    return queue(s, end, p);
}

bool stream_segment(struct stream *s, int end, const struct tcp_segment *segment,
                    const struct stream_sink *sink, void *arg)
{
    struct out out = {s, sink, arg};
    struct piece p;
    /* Something waits that came before. */
    bool late = (s->lanes[0].pieces != NULL || s->lanes[1].pieces != NULL) &&
                !(s->lanes[end].guessed && segment->seq == s->lanes[end].next);

    s->arrivals++;
    s->stuck_packets++;
    if (segment->t_us > s->now_us)
        s->now_us = segment->t_us;
    begin_own(&s->lanes[end], segment);
    see_ack(s, end, segment);
    if (s->doubt && s->doubt_end == end && is_before(s->doubt_ack, s->lanes[!end].acked))
        dispel_doubt(&out, STREAM_CLOSED);
    if (piece_of(s, end, segment, &p) && !add(&out, end, &p, late))
        return false;
    drain(&out);
    while (!s->abandoned && !s->reset && is_over(s)) {
        give_up(&out);
        drain(&out);
    }
    return true;
}

void stream_flush(struct stream *s, const struct stream_sink *sink, void *arg)
{
    struct out out = {s, sink, arg};

    drain(&out);
    while (!s->abandoned && (s->lanes[0].pieces != NULL || s->lanes[1].pieces != NULL ||
                             is_missing(&s->lanes[0]) || is_missing(&s->lanes[1]))) {
        give_up(&out);
        drain(&out);
    }
    dispel_doubt(&out, STREAM_CLOSED_IN_DOUBT);
}

void stream_clear(struct stream *s)
{
    for (int end = 0; end < 2; end++) {
        while (s->lanes[end].pieces != NULL) {
            struct piece *p = s->lanes[end].pieces;

            take_out(s, end);
            free(p);
        }
    }
}
