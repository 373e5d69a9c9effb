/* SPDX-License-Identifier: Apache-2.0 */
#include "fragments.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/map.h"

#include "held.h"

#define PACKET_MAX  65535u
#define UNIT        8u /* of offsets */
#define UNITS       (PACKET_MAX / UNIT + 1)
#define PARTIAL_MAX 512u      /* packets at once: 37 MB at most */
#define AGE_US      60000000u /* RFC 8200 4.5 */

#define REPEATED_US 100000u

/* Compared as bytes: padding is zero. */
struct fragment_key {
    uint8_t from[16], to[16];
    uint32_t id;
    uint8_t protocol, v6;
};

/* A packet of which something is missing. */
struct partial {
    struct partial *older, *younger;
    struct fragment_key key;
    uint64_t began_us;
    unsigned count; /* fragments */
    size_t units;   /* that have come */
    size_t total;   /* its length, from the last fragment; 0: not known */
    size_t end;     /* of what has come */
    size_t cut;     /* the first byte that was not captured */
    struct held packets;
    bool bad; /* its fragments contradict each other: RFC 5722 */
    uint8_t have[UNITS];
    uint8_t data[PACKET_MAX + UNIT];
};

struct fragments {
    struct why_map known; /* struct partial */
    struct partial *oldest, *youngest;
    struct partial *done; /* whole, and handed out */
    uint64_t left;
    size_t held; /* bytes of packets that are kept */
};

static void list_remove(struct fragments *f, struct partial *p)
{
    *(p->older != NULL ? &p->older->younger : &f->oldest) = p->younger;
    *(p->younger != NULL ? &p->younger->older : &f->youngest) = p->older;
    (void)why_map_remove(&f->known, &p->key, sizeof(p->key));
}

static void partial_free(struct fragments *f, struct partial *p)
{
    if (p != NULL)
        why_held_clear(&p->packets, &f->held);
    free(p);
}

static void expire(struct fragments *f, uint64_t now_us)
{
    while (f->oldest != NULL) {
        struct partial *p = f->oldest;

        if (f->known.count < PARTIAL_MAX && (now_us < p->began_us || now_us - p->began_us < AGE_US))
            return;
        list_remove(f, p);
        partial_free(f, p);
    }
}

static struct partial *add_partial(struct fragments *f, const struct fragment_key *key,
                                   uint64_t t_us)
{
    struct partial *p = calloc(1, sizeof(*p));

    if (p == NULL || why_map_put(&f->known, key, sizeof(*key), p) != WHY_OK) {
        free(p);
        return NULL;
    }
    memcpy(&p->key, key, sizeof(*key));
    p->began_us = t_us;
    p->cut = SIZE_MAX;
    p->older = f->youngest;
    *(f->youngest != NULL ? &f->youngest->younger : &f->oldest) = p;
    f->youngest = p;
    return p;
}

static void key_of(const struct ip_fragment *fragment, struct fragment_key *key)
{
    memset(key, 0, sizeof(*key));
    memcpy(key->from, fragment->from, sizeof(key->from));
    memcpy(key->to, fragment->to, sizeof(key->to));
    key->id = fragment->id;
    key->protocol = fragment->v6 ? 0 : fragment->protocol; /* RFC 8200 4.5: not part of it */
    key->v6 = fragment->v6;
}

/* Copies what is new; where it overlaps what has come, both must say the same. */
static void copy_units(struct partial *p, const struct ip_fragment *fragment)
{
    for (size_t at = 0; at < fragment->wire_len; at += UNIT) {
        size_t place = fragment->offset + at, unit = place / UNIT;
        size_t left = fragment->len > at ? fragment->len - at : 0, n = left < UNIT ? left : UNIT;

        if (p->have[unit] && n > 0 && p->cut > place + n &&
            memcmp(p->data + place, fragment->data + at, n) != 0)
            p->bad = true;
        if (p->have[unit])
            continue;
        if (n > 0)
            memcpy(p->data + place, fragment->data + at, n);
        p->have[unit] = 1;
        p->units++;
    }
    if (fragment->len < fragment->wire_len && fragment->offset + fragment->len < p->cut)
        p->cut = fragment->offset + fragment->len;
}

static void take(struct partial *p, const struct ip_fragment *fragment)
{
    size_t end = fragment->offset + fragment->wire_len;

    if (fragment->wire_len == 0 || end > PACKET_MAX ||
        (fragment->more && fragment->wire_len % UNIT != 0) ||
        (!fragment->more && p->total > 0 && end != p->total)) {
        p->bad = true;
        return;
    }
    if (!fragment->more)
        p->total = end;
    if (end > p->end)
        p->end = end;
    p->bad = p->total > 0 && p->end > p->total;
    if (!p->bad)
        copy_units(p, fragment);
}

static bool is_whole(const struct partial *p)
{
    return !p->bad && p->total > 0 && p->units == (p->total + UNIT - 1) / UNIT;
}

static bool same_key(const struct fragment_key *a, const struct fragment_key *b)
{
    return a->id == b->id && a->protocol == b->protocol && a->v6 == b->v6 &&
           memcmp(a->from, b->from, sizeof(a->from)) == 0 &&
           memcmp(a->to, b->to, sizeof(a->to)) == 0;
}

int why_fragments_add(struct fragments *f, const struct ip_fragment *fragment, uint64_t t_us,
                      const struct why_pcap_packet *packet, struct whole_packet *whole)
{
    struct fragment_key key;
    struct partial *p;

    key_of(fragment, &key);
    expire(f, t_us);
    p = why_map_get(&f->known, &key, sizeof(key));
    /* One that was captured twice. */
    if (p == NULL && f->done != NULL && same_key(&key, &f->done->key) &&
        t_us - f->done->began_us < REPEATED_US)
        return WHY_ERR_NOTFOUND;
    if (p == NULL)
        p = add_partial(f, &key, t_us);
    if (p == NULL)
        return WHY_ERR_NOMEM;
    f->left++;
    p->count++;
    if (!p->bad)
        take(p, fragment);
    if (!is_whole(p))
        return packet == NULL || why_held_add(&p->packets, packet, &f->held) == WHY_OK
                   ? WHY_ERR_NOTFOUND
                   : WHY_ERR_NOMEM;
    list_remove(f, p);
    f->left -= p->count;
    partial_free(f, f->done);
    f->done = p;
    whole->before = &p->packets;
    whole->before_total = &f->held;
    whole->data = p->data;
    whole->len = p->cut < p->total ? p->cut : p->total;
    whole->wire_len = p->total;
    return WHY_OK;
}

uint64_t why_fragments_left(const struct fragments *f)
{
    return f->left;
}

struct fragments *why_fragments_new(void)
{
    return calloc(1, sizeof(struct fragments));
}

void why_fragments_free(struct fragments *f)
{
    if (f == NULL)
        return;
    while (f->oldest != NULL) {
        struct partial *p = f->oldest;

        list_remove(f, p);
        partial_free(f, p);
    }
    why_map_clear(&f->known, NULL);
    partial_free(f, f->done);
    free(f);
}
