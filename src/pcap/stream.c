/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENTS_MAX 256u
#define BYTES_MAX    (256u * 1024u)
#define WAITING_MAX  (32u * 1024u * 1024u) /* of all connections together */
#define WINDOW_MAX   (64 * 1024 * 1024)    /* farther away it is no byte of this connection */
#define REORDERED_US                                                                               \
    100000u /* later than that a segment was sent after what was captured before                   \
             */
#define CLOSE_MAX (4 * 1024 * 1024) /* and nearer for what would end it */

/* For a packet that was captured behind its ACK: it need not come. */
#define PATIENCE_US      1000000u
#define PATIENCE_PACKETS 256u

static const char not_captured[] = "a packet is missing from the capture";
static const char cut_off[] = "the capture's snap length cut a packet";

struct queued_segment {
    struct queued_segment *next;
    uint64_t arrival;
    uint32_t seq, ack;
    bool has_ack, fin, rst;
    size_t len, wire_len;
    uint64_t t_us, number;
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

static uint32_t end_of(const struct queued_segment *p)
{
    return p->seq + (uint32_t)p->wire_len;
}

/* ---- delivery ---------------------------------------------------------------------------------
 */

static void resolve_close_order(const struct out *out, enum stream_close how)
{
    struct stream *s = out->s;

    if (!s->doubt || s->abandoned)
        return;
    s->doubt = false;
    s->number = s->doubt_number;
    out->sink->closed(out->arg, s->doubt_end, how, s->doubt_us);
}

static void close_half(const struct out *out, int end, uint32_t ack, uint64_t t_us)
{
    struct stream *s = out->s;
    const struct half_connection *other = &s->halves[!end];

    s->halves[end].closed = true;
    s->halves[end].next++; /* a FIN has a sequence number of its own */
    /* What this end acknowledged after its FIN was sent before the other's. */
    if (other->open_end && !other->closed && !s->doubt && !is_before(ack, other->acked)) {
        s->doubt = true;
        s->doubt_end = end;
        s->doubt_ack = ack;
        s->doubt_us = t_us;
        s->doubt_number = s->number;
        return;
    }
    if (!s->abandoned)
        out->sink->closed(out->arg, end, STREAM_CLOSED, t_us);
}

/* Delivers what of |p| was not delivered before. */
static void deliver(const struct out *out, int end, const struct queued_segment *p)
{
    struct stream *s = out->s;
    struct half_connection *half = &s->halves[end];
    size_t old = half->next - p->seq;

    s->delivered++;
    s->number = p->number;
    if (p->rst) {
        if (!s->reset) {
            s->reset_end = end;
            s->reset_us = p->t_us;
            s->reset_number = p->number;
        }
        s->reset = true;
        return;
    }
    if (half->closed || (old >= p->wire_len && !(p->fin && old == p->wire_len)))
        return;
    /* Who still sends behind what the FIN acknowledged had not closed before it. */
    if (s->doubt && s->doubt_end != end)
        resolve_close_order(out, STREAM_CLOSED);
    s->number = p->number;
    if (old < p->wire_len) {
        half->next = end_of(p);
        half->open_end = false;
        half->has_bytes = true;
        if (p->len > old && !s->abandoned)
            out->sink->bytes(out->arg, end, p->data + old, p->len - old, p->t_us);
        if (p->len < p->wire_len && !s->abandoned)
            out->sink->lost(out->arg, end, p->wire_len - (p->len > old ? p->len : old), cut_off,
                            p->t_us);
    }
    if (p->fin)
        close_half(out, end, p->ack, p->t_us);
}

/* ---- what waits ------------------------------------------------------------------------------ */

static void take_out(struct stream *s, int end)
{
    struct half_connection *half = &s->halves[end];
    struct queued_segment *p = half->segments;

    half->segments = p->next;
    half->segment_count--;
    half->segment_bytes -= p->len;
    *s->waiting -= sizeof(*p) + p->len;
}

/* The sink may abandon the stream at any of its calls: a segment is taken out before it is
 * delivered. */
static void deliver_first(const struct out *out, int end)
{
    struct queued_segment *p = out->s->halves[end].segments;

    take_out(out->s, end);
    deliver(out, end, p);
    free(p);
}

/* Whether all has been delivered that passed before |p| in the other direction. */
static bool is_answered(const struct stream *s, int end, const struct queued_segment *p)
{
    const struct half_connection *other = &s->halves[!end];

    if (!p->has_ack || !other->started || other->closed)
        return true;
    if (other->guessed && !other->sure)
        return false;
    return !is_before(other->next, p->ack);
}

/* A segment waits that is the next of its direction. */
static bool has_next(const struct half_connection *half)
{
    return half->segments != NULL && !is_before(half->next, half->segments->seq);
}

static bool can_deliver(const struct stream *s, int end)
{
    return has_next(&s->halves[end]) && is_answered(s, end, s->halves[end].segments);
}

static int older_of(const struct stream *s)
{
    return s->halves[1].segments->arrival < s->halves[0].segments->arrival;
}

static void drain(const struct out *out)
{
    const struct stream *s = out->s;

    while (!s->abandoned) {
        bool can[2] = {can_deliver(s, 0), can_deliver(s, 1)};

        if (!can[0] && !can[1])
            return;
        deliver_first(out, can[0] && can[1] ? older_of(s) : can[1]);
    }
}

/* The other end has got what has not come. */
static bool is_missing(const struct half_connection *half)
{
    return half->started && !half->closed && is_before(half->next, half->acked) && !has_next(half);
}

/* Gives up what of |end| is missing before |upto|. */
static void give_up_gap(const struct out *out, int end, uint32_t upto, uint64_t t_us)
{
    struct stream *s = out->s;
    struct half_connection *half = &s->halves[end];
    uint32_t count;

    if (half->segments != NULL && is_before(half->segments->seq, upto))
        upto = half->segments->seq;
    count = upto - half->next;
    s->delivered++;
    s->number = half->acked_number;
    /* No PDU and no record has a single byte: it was its FIN. */
    if (count == 1 && half->segments == NULL && !half->open_end && !s->abandoned &&
        out->sink->is_whole(out->arg, end)) {
        close_half(out, end, s->halves[!end].acked, t_us);
        return;
    }
    half->next = upto;
    half->open_end = true;
    half->silent = half->segments == NULL;
    if (!s->abandoned)
        out->sink->lost(out->arg, end, count, not_captured, t_us);
}

/* Gives up the first of what is waited for. */
static void give_up(const struct out *out)
{
    struct stream *s = out->s;
    struct half_connection *halves = s->halves;

    for (int end = 0; end < 2; end++) {
        const struct queued_segment *p = halves[end].segments;

        if (!has_next(&halves[end]))
            continue;
        if (halves[!end].guessed && !halves[!end].sure)
            halves[!end].sure = true; /* nothing says that anything was before */
        else if (has_next(&halves[!end]))
            deliver_first(out, older_of(s)); /* each acknowledges the other */
        else
            give_up_gap(out, !end, p->ack, p->t_us);
        return;
    }
    for (int end = 0; end < 2; end++) {
        if (is_missing(&halves[end])) {
            give_up_gap(out, end, halves[end].acked, halves[end].acked_us);
            return;
        }
    }
    for (int end = 0; end < 2; end++) {
        if (halves[end].segments != NULL) {
            give_up_gap(out, end, halves[end].segments->seq, halves[end].segments->t_us);
            return;
        }
    }
}

static bool waits(const struct half_connection *half)
{
    const struct queued_segment *last = half->segments;

    while (last != NULL && last->next != NULL)
        last = last->next;
    return is_missing(half) || has_next(half) || (last != NULL && last->rst);
}

static bool is_overfull(const struct stream *s)
{
    for (int end = 0; end < 2; end++) {
        const struct half_connection *half = &s->halves[end];

        if (half->segment_count > SEGMENTS_MAX || half->segment_bytes > BYTES_MAX ||
            (*s->waiting > WAITING_MAX && half->segment_count > 0))
            return true;
    }
    return false;
}

/* Whether what is missing has been waited for long enough. */
static bool is_over(struct stream *s)
{
    if (is_overfull(s))
        return true;
    if (!waits(&s->halves[0]) && !waits(&s->halves[1])) {
        s->stuck = false;
        return false;
    }
    if (!s->stuck || s->stuck_delivered != s->delivered) {
        s->stuck = true;
        s->stuck_delivered = s->delivered;
        s->stuck_us = s->now_us;
        s->stuck_packets = 0;
    }
    for (int end = 0; end < 2; end++) {
        /* Where nothing comes of an end, nothing more is waited for. */
        if (is_missing(&s->halves[end]) && s->halves[end].silent)
            return true;
        if (has_next(&s->halves[end]) && has_next(&s->halves[!end]))
            return true;
    }
    return s->now_us - s->stuck_us > PATIENCE_US || s->stuck_packets > PATIENCE_PACKETS;
}

/* ---- segments -------------------------------------------------------------------------------- */

/* Where the segment's sender stands, as far as this one tells. */
static void begin_own(struct half_connection *half, const struct tcp_segment *segment)
{
    uint32_t seq = segment->seq + ((segment->flags & TCP_SYN) != 0 ? 1 : 0);
    bool probe = half->guessed && seq + 1 == half->next && segment->wire_len <= 1;

    half->seen = true;
    half->silent = false;
    if (half->started && !half->guessed)
        return;
    if (half->started && !is_within(seq, half->next, WINDOW_MAX))
        return;
    if ((segment->flags & TCP_SYN) != 0 && !half->has_bytes) {
        half->synced = true;
        half->open_end = false;
    }
    if (!half->started || (half->next == half->first && is_before(seq, half->next) && !probe)) {
        half->next = seq;
        if (!half->started)
            half->acked = seq;
    }
    half->started = true;
    half->guessed = false;
    half->first = half->next;
}

static bool ack_is_good(const struct stream *s, int end, const struct tcp_segment *segment)
{
    const struct half_connection *other = &s->halves[!end];

    return (segment->flags & TCP_ACK) != 0 &&
           (!other->started || is_within(segment->ack, other->next, WINDOW_MAX));
}

static void see_ack(struct stream *s, int end, const struct tcp_segment *segment)
{
    struct half_connection *other = &s->halves[!end];
    const struct half_connection *own = &s->halves[end];

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
        other->acked_number = segment->number;
    }
}

static bool queue(struct stream *s, int end, const struct queued_segment *from)
{
    struct half_connection *half = &s->halves[end];
    struct queued_segment **at = &half->segments, *p;

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
    half->segment_count++;
    half->segment_bytes += p->len;
    *s->waiting += sizeof(*p) + p->len;
    return true;
}

/* The segment as it is queued; false where nothing of it is of use. */
static bool queued_of(struct stream *s, int end, const struct tcp_segment *segment,
                      struct queued_segment *p)
{
    const struct half_connection *half = &s->halves[end];
    bool ends = (segment->flags & (TCP_FIN | TCP_RST)) != 0;

    *p = (struct queued_segment){.arrival = s->arrivals,
                                 .seq = segment->seq,
                                 .ack = segment->ack,
                                 .has_ack = ack_is_good(s, end, segment),
                                 .fin = (segment->flags & TCP_FIN) != 0,
                                 .rst = (segment->flags & TCP_RST) != 0,
                                 .t_us = segment->t_us,
                                 .number = segment->number,
                                 .data = segment->data};
    if ((segment->flags & TCP_SYN) != 0 || !is_within(segment->seq, half->next, WINDOW_MAX)) {
        s->implausible += ends;
        return false;
    }
    if (p->rst && is_before(segment->seq, half->acked)) {
        s->stale = true;
        s->stale_end = end;
        s->stale_us = segment->t_us;
        s->stale_number = segment->number;
        return false;
    }
    if (!p->rst) {
        p->len = segment->len;
        p->wire_len = segment->wire_len;
    }
    if (ends && !is_within(end_of(p), half->next, CLOSE_MAX)) {
        s->implausible++;
        p->fin = false;
        if (p->rst)
            return false;
    }
    /* What the sender's RST follows has been sent before it. */
    for (const struct queued_segment *before = half->segments; p->rst && before != NULL;
         before = before->next) {
        if (is_before(p->seq, end_of(before)))
            p->seq = end_of(before);
    }
    if (p->rst || is_before(half->next, end_of(p)) || (p->fin && half->next == end_of(p)))
        return !half->closed || p->rst;
    s->retransmitted += p->wire_len > 0;
    return false;
}

static bool add(const struct out *out, int end, const struct queued_segment *p, bool late)
{
    struct stream *s = out->s;
    struct half_connection *half = &s->halves[end];
    bool first = half->segments == NULL || is_before(p->seq, half->segments->seq);

    s->reordered += late && first && !is_before(half->next, p->seq);
    if (half->segments == NULL && !is_before(half->next, p->seq) && is_answered(s, end, p)) {
        deliver(out, end, p);
        return true;
    }
    return queue(s, end, p);
}

/* Who sends on has not reset the connection before: such an RST is somebody else's. */
static void drop_strays(struct stream *s, int end, const struct tcp_segment *segment)
{
    struct half_connection *half = &s->halves[end];
    struct queued_segment **at = &half->segments, *p;

    if ((segment->flags & (TCP_RST | TCP_SYN)) != 0 || segment->wire_len == 0 ||
        !is_before(half->next, segment->seq + (uint32_t)segment->wire_len))
        return;
    s->implausible += s->stale;
    s->stale = false;
    while ((p = *at) != NULL) {
        if (!p->rst || segment->t_us - p->t_us < REORDERED_US || segment->t_us < p->t_us) {
            at = &p->next;
            continue;
        }
        s->implausible++;
        *at = p->next;
        half->segment_count--;
        *s->waiting -= sizeof(*p);
        free(p);
    }
}

bool why_stream_segment(struct stream *s, int end, const struct tcp_segment *segment,
                        const struct stream_sink *sink, void *arg)
{
    struct out out = {s, sink, arg};
    struct queued_segment p;
    /* Something waits that came before. */
    bool late = (s->halves[0].segments != NULL || s->halves[1].segments != NULL) &&
                !(s->halves[end].guessed && segment->seq == s->halves[end].next);

    s->arrivals++;
    s->stuck_packets++;
    if (segment->t_us > s->now_us)
        s->now_us = segment->t_us;
    drop_strays(s, end, segment);
    begin_own(&s->halves[end], segment);
    see_ack(s, end, segment);
    if (s->doubt && s->doubt_end == end && is_before(s->doubt_ack, s->halves[!end].acked))
        resolve_close_order(&out, STREAM_CLOSED);
    if (queued_of(s, end, segment, &p) && !add(&out, end, &p, late))
        return false;
    drain(&out);
    while (!s->abandoned && !s->reset && is_over(s)) {
        give_up(&out);
        drain(&out);
    }
    return true;
}

void why_stream_flush(struct stream *s, const struct stream_sink *sink, void *arg)
{
    struct out out = {s, sink, arg};

    drain(&out);
    while (!s->abandoned && (s->halves[0].segments != NULL || s->halves[1].segments != NULL ||
                             is_missing(&s->halves[0]) || is_missing(&s->halves[1]))) {
        give_up(&out);
        drain(&out);
    }
    resolve_close_order(&out, STREAM_CLOSED_IN_DOUBT);
    if (s->stale && !s->reset) {
        s->reset = true;
        s->reset_end = s->stale_end;
        s->reset_us = s->stale_us;
        s->reset_number = s->stale_number;
    }
}

void why_stream_clear(struct stream *s)
{
    for (int end = 0; end < 2; end++) {
        while (s->halves[end].segments != NULL) {
            struct queued_segment *p = s->halves[end].segments;

            take_out(s, end);
            free(p);
        }
    }
}
