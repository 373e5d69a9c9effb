/* SPDX-License-Identifier: Apache-2.0 */
#include "once.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/map.h"
#include "etl/types.h"
#include "wire/numbers.h"

#define FLOWS_MAX      65536u
#define PLACES_MAX     64u     /* of a connection */
#define PLACES_ALL_MAX 262144u /* of all of them: 50 MB */
#define GAPS_MAX       8u
#define BEHIND_MAX     (INT32_C(1) << 30) /* what is further back is not remembered */
#define AHEAD_MAX      (INT32_C(1) << 28) /* what is further ahead is no part of the stream */

/* ---- sequence numbers ------------------------------------------------------------------------ */

struct gap {
    uint32_t from, to;
};

/* Those from |begin| up to |end|, but for the gaps. */
struct cover {
    bool started;
    uint8_t gap_count;
    uint32_t begin, end;
    struct gap gaps[GAPS_MAX];
};

static int32_t apart(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static void drop_gap(struct cover *c, size_t i)
{
    c->gap_count--;
    memmove(&c->gaps[i], &c->gaps[i + 1], (c->gap_count - i) * sizeof(c->gaps[0]));
}

/* False: the oldest gap had to be forgotten. */
static bool add_gap(struct cover *c, uint32_t from, uint32_t to)
{
    bool fits = c->gap_count < GAPS_MAX;

    if (!fits)
        drop_gap(c, 0);
    c->gaps[c->gap_count++] = (struct gap){from, to};
    return fits;
}

/* Whether something of |from| to |to| is in a gap, which is smaller then. */
static bool fill_gaps(struct cover *c, uint32_t from, uint32_t to, uint64_t *given_up)
{
    bool filled = false;

    for (size_t i = c->gap_count; i-- > 0;) {
        struct gap gap = c->gaps[i];

        if (apart(from, gap.to) >= 0 || apart(to, gap.from) <= 0)
            continue;
        filled = true;
        drop_gap(c, i);
        if (apart(from, gap.from) > 0)
            *given_up += !add_gap(c, gap.from, from);
        if (apart(to, gap.to) < 0)
            *given_up += !add_gap(c, to, gap.to);
    }
    return filled;
}

static void cover_start(struct cover *c, uint32_t from, uint32_t to)
{
    *c = (struct cover){.started = true, .begin = from, .end = to};
}

/* Whether something of |from| to |to| was not covered; it is now. */
static bool cover_add(struct cover *c, uint32_t from, uint32_t to, uint64_t *given_up)
{
    bool is_new = false;

    if (!c->started || apart(from, c->end) > AHEAD_MAX || apart(from, c->end) < -BEHIND_MAX) {
        is_new = true;
        if (!c->started)
            cover_start(c, from, to);
        return is_new;
    }
    if (apart(from, c->end) > 0)
        *given_up += !add_gap(c, c->end, from);
    else
        is_new = fill_gaps(c, from, to, given_up);
    if (apart(from, c->begin) < 0) {
        c->begin = from;
        is_new = true;
    }
    if (apart(to, c->end) > 0) {
        c->end = to;
        is_new = true;
    }
    if (apart(c->end, c->begin) > BEHIND_MAX)
        c->begin = c->end - (uint32_t)BEHIND_MAX;
    return is_new;
}

/* ---- connections ----------------------------------------------------------------------------- */

/* What carries no new bytes is counted: the third such packet at a place is the third of another.
 */
enum counted { COUNT_AGAIN, COUNT_EMPTY, COUNT_RESET, COUNTS };

struct side {
    struct cover cover;
    uint32_t counts[COUNTS];
};

struct place {
    struct why_etl_place at;
    struct side sides[2]; /* by the end that sends */
};

/* Compared as bytes: padding is zero. */
struct once_key {
    struct endpoint ends[2];
    uint8_t v6, is_udp;
};

struct once_flow {
    struct once_flow *older, *younger;
    struct once_key key;
    bool has_syn, has_wire; /* it was seen elsewhere than where packets are dropped */
    uint32_t syn;
    struct side sides[2]; /* what has been handed on */
    struct place *places; /* owned */
    size_t count, capacity;
};

struct once {
    struct why_map flows; /* struct once_flow */
    struct once_flow *oldest, *youngest;
    size_t places; /* of all flows */
    uint64_t given_up;
};

static void list_remove(struct once *o, struct once_flow *flow)
{
    *(flow->older != NULL ? &flow->older->younger : &o->oldest) = flow->younger;
    *(flow->younger != NULL ? &flow->younger->older : &o->youngest) = flow->older;
}

static void list_append(struct once *o, struct once_flow *flow)
{
    flow->older = o->youngest;
    flow->younger = NULL;
    *(o->youngest != NULL ? &o->youngest->younger : &o->oldest) = flow;
    o->youngest = flow;
}

static void flow_free(void *value)
{
    struct once_flow *flow = value;

    if (flow != NULL)
        free(flow->places);
    free(flow);
}

/* The one that was quiet longest. */
static void let_go(struct once *o)
{
    struct once_flow *flow = o->oldest;

    list_remove(o, flow);
    (void)why_map_remove(&o->flows, &flow->key, sizeof(flow->key));
    o->places -= flow->count;
    o->given_up++;
    flow_free(flow);
}

static struct once_flow *add_flow(struct once *o, const struct once_key *key)
{
    struct once_flow *flow;

    while (o->flows.count >= FLOWS_MAX)
        let_go(o);
    flow = calloc(1, sizeof(*flow));
    if (flow == NULL || why_map_put(&o->flows, key, sizeof(*key), flow) != WHY_OK) {
        free(flow);
        return NULL;
    }
    flow->key = *key;
    return flow;
}

/* NULL: out of memory. |*end|: which of its ends sends from |from| to |to|. */
static struct once_flow *flow_of(struct once *o, const struct endpoint *from,
                                 const struct endpoint *to, struct once_key *key, int *end)
{
    struct once_flow *flow;

    *end = memcmp(from, to, sizeof(*from)) > 0;
    memcpy(&key->ends[*end], from, sizeof(*from));
    memcpy(&key->ends[!*end], to, sizeof(*to));
    flow = why_map_get(&o->flows, key, sizeof(*key));
    if (flow != NULL)
        list_remove(o, flow);
    else
        flow = add_flow(o, key);
    if (flow != NULL)
        list_append(o, flow);
    return flow;
}

static bool same_place(const struct why_etl_place *a, const struct why_etl_place *b)
{
    return a->kind == b->kind && a->adapter == b->adapter && a->layer == b->layer &&
           a->port == b->port;
}

/* WHY_OK, WHY_ERR_NOTFOUND (there are too many) or WHY_ERR_NOMEM. */
static int place_of(struct once *o, struct once_flow *flow, const struct why_etl_place *at,
                    struct place **place)
{
    size_t i = 0;

    while (i < flow->count && !same_place(&flow->places[i].at, at))
        i++;
    *place = NULL;
    if (i == flow->count) {
        if (i == PLACES_MAX)
            return WHY_ERR_NOTFOUND;
        while (o->places >= PLACES_ALL_MAX && o->oldest != flow) /* |flow| is the youngest */
            let_go(o);
        if (!why_grow(&flow->places, &flow->capacity, i + 1, sizeof(**place)))
            return WHY_ERR_NOMEM;
        flow->places[flow->count++] = (struct place){.at = *at};
        o->places++;
    }
    *place = &flow->places[i];
    return WHY_OK;
}

/* ---- packets --------------------------------------------------------------------------------- */

static bool count(struct side *all, struct side *here, enum counted what)
{
    if (++here->counts[what] <= all->counts[what])
        return false;
    all->counts[what] = here->counts[what];
    return true;
}

/* A SYN begins the numbers anew, unless it is the same one. */
static bool add(struct cover *c, const struct tcp_segment *s, uint32_t to, uint64_t *given_up)
{
    if ((s->flags & TCP_SYN) != 0 && (!c->started || c->begin != s->seq)) {
        cover_start(c, s->seq, to);
        return true;
    }
    return cover_add(c, s->seq, to, given_up);
}

static bool segment_is_first(struct once *o, struct side *all, struct side *here,
                             const struct tcp_segment *s)
{
    uint32_t to =
        s->seq + (uint32_t)s->wire_len + ((s->flags & TCP_SYN) != 0) + ((s->flags & TCP_FIN) != 0);
    bool is_new, is_new_here;

    if ((s->flags & TCP_RST) != 0)
        return count(all, here, COUNT_RESET);
    if (to == s->seq)
        return count(all, here, COUNT_EMPTY);
    is_new = add(&all->cover, s, to, &o->given_up);
    is_new_here = add(&here->cover, s, to, &o->given_up);
    return is_new || (!is_new_here && count(all, here, COUNT_AGAIN));
}

/* The same ports are used for another connection. */
static void begin_anew(struct once_flow *flow, const struct tcp_segment *s)
{
    if ((s->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN || (flow->has_syn && flow->syn == s->seq))
        return;
    memset(flow->sides, 0, sizeof(flow->sides));
    for (size_t i = 0; i < flow->count; i++)
        memset(flow->places[i].sides, 0, sizeof(flow->places[i].sides));
    flow->has_syn = true;
    flow->syn = s->seq;
}

int why_once_take(struct once *once, const struct packet *packet, const struct why_etl_place *place,
                  bool *first)
{
    bool is_udp = packet->kind == PACKET_UDP;
    struct once_key key;
    struct once_flow *flow;
    struct place *here;
    int end = 0, status;

    memset(&key, 0, sizeof(key));
    key.is_udp = is_udp;
    key.v6 = is_udp ? packet->udp.v6 : packet->tcp.v6;
    *first = false;
    flow = is_udp ? flow_of(once, &packet->udp.from, &packet->udp.to, &key, &end)
                  : flow_of(once, &packet->tcp.from, &packet->tcp.to, &key, &end);
    if (flow == NULL)
        return WHY_ERR_NOMEM;
    /* What was dropped has passed before, unless nothing of the connection ever does (loopback). */
    if (place->kind == WHY_ETL_DROPS && flow->has_wire)
        return WHY_OK;
    flow->has_wire = place->kind != WHY_ETL_DROPS;
    status = place_of(once, flow, place, &here);
    once->given_up += status == WHY_ERR_NOTFOUND;
    if (status != WHY_OK)
        return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
    if (is_udp) {
        *first = count(&flow->sides[end], &here->sides[end],
                       packet->udp.unreachable ? COUNT_RESET : COUNT_EMPTY);
        return WHY_OK;
    }
    begin_anew(flow, &packet->tcp);
    *first = segment_is_first(once, &flow->sides[end], &here->sides[end], &packet->tcp);
    return WHY_OK;
}

struct once *why_once_new(void)
{
    return calloc(1, sizeof(struct once));
}

void why_once_free(struct once *once)
{
    if (once == NULL)
        return;
    why_map_clear(&once->flows, flow_free);
    free(once);
}

uint64_t why_once_given_up(const struct once *once)
{
    return once->given_up;
}
