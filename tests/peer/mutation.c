/* SPDX-License-Identifier: Apache-2.0 */
#include "mutation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acts.h"
#include "builders.h"
#include "conn.h"

#define HISTORY      40
#define MORE_MAX     64
#define LAST_JOIN    4
#define LAST_LICENSE 3
#define INDICATION   26 /* T.125 DomainMCSPDU, sendDataIndication */
#define IO_CHANNEL   1003

enum kind { BITS, BYTES, TRUNCATE, EXTEND, DUPLICATE, DROP, SWAP, INSERT, KIND_COUNT };

static const char *const kind_names[] = {"bits",      "bytes", "truncate", "extend",
                                         "duplicate", "drop",  "swap",     "insert"};

/* The PDUs that may be changed: of those that come more than once the first |last|. */
static const struct slot {
    enum peer_moment moment;
    const char *name;
    unsigned last;
    bool nla;
} slots[] = {
    {BEFORE_CONFIRM, "Connection Confirm", 1, false},
    {BEFORE_NTLM_CHALLENGE, "NTLM CHALLENGE", 1, true},
    {BEFORE_PUB_KEY_AUTH, "pubKeyAuth", 1, true},
    {BEFORE_CONNECT_RESPONSE, "Connect Response", 1, false},
    {BEFORE_ATTACH_CONFIRM, "Attach User Confirm", 1, false},
    {BEFORE_JOIN_CONFIRM, "Channel Join Confirm", LAST_JOIN, false},
    {BEFORE_LICENSE, "license message", 1, false},
    {BEFORE_DEMAND_ACTIVE, "Demand Active", 1, false},
    {BEFORE_SYNCHRONIZE, "Synchronize", 1, false},
    {BEFORE_COOPERATE, "Cooperate", 1, false},
    {BEFORE_GRANTED, "Granted Control", 1, false},
    {BEFORE_FONT_MAP, "Font Map", 1, false},
};

struct peer_mutation {
    uint64_t seed, state;
    const struct slot *slot;
    unsigned nth, seen; /* of the slot's PDUs: the one that is changed; so far */
    enum kind kind;
    bool done, font_map;
    struct peer_pdu waiting; /* for the next one to go first */
    struct peer_pdu history[HISTORY];
    size_t count;
    char what[120];
};

/* splitmix64 */
static uint64_t next(struct peer_mutation *m)
{
    uint64_t z = m->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static size_t below(struct peer_mutation *m, size_t limit)
{
    return limit > 0 ? (size_t)(next(m) % limit) : 0;
}

struct peer_mutation *mutation_new(uint64_t seed, const struct peer_fault *fault)
{
    struct peer_mutation *m = calloc(1, sizeof(*m));
    if (m == NULL) {
        return NULL;
    }
    m->seed = m->state = seed;
    do {
        m->slot = &slots[below(m, sizeof(slots) / sizeof(slots[0]))];
    } while (m->slot->nla && fault->security != PEER_SEC_NLA);
    const bool licenses = fault->act == act_license_exchange;
    const bool license = m->slot->moment == BEFORE_LICENSE;
    m->nth = 1 + (unsigned)below(m, license && licenses ? LAST_LICENSE : m->slot->last);
    m->kind = (enum kind)below(m, KIND_COUNT);
    return m;
}

static void print(const struct peer_mutation *m, const struct peer_conn *conn)
{
    printf("mutation\t%" PRIu64 "\t%s\t%s %u\t%s\t%s\tfont map %s\n", m->seed, conn->fault->name,
           m->slot->name, m->nth, kind_names[m->kind], m->done ? m->what : "did not come to it",
           m->font_map ? "sent" : "never sent");
    fflush(stdout);
}

void mutation_end(struct peer_mutation *m, const struct peer_conn *conn)
{
    if (m == NULL) {
        return;
    }
    print(m, conn);
    for (size_t i = 0; i < m->count; i++) {
        free(m->history[i].data);
    }
    free(m->waiting.data);
    free(m);
}

/* A copy with room for more; |data| NULL when out of memory. */
static struct peer_pdu copy_of(const struct peer_pdu *pdu)
{
    struct peer_pdu copy = {.data = calloc(1, pdu->len + MORE_MAX), .len = pdu->len};
    if (copy.data != NULL && pdu->len > 0) {
        memcpy(copy.data, pdu->data, pdu->len);
    }
    return copy;
}

static void remember(struct peer_mutation *m, const struct peer_pdu *pdu)
{
    const struct peer_pdu copy = m->count < HISTORY ? copy_of(pdu) : (struct peer_pdu){NULL, 0};
    if (copy.data != NULL) {
        m->history[m->count++] = copy;
    }
}

/* Whether a client could still take it for a Font Map: fields that say nothing of that may be
 * wrong, and more may follow. */
static bool is_font_map(const struct peer_pdu *pdu, size_t header)
{
    const size_t at = DATA_HEADER + header;
    const uint8_t *p = pdu->data;
    return pdu->len > at + 14 && p[0] == 3 && p[5] == 0xF0 && p[7] >> 2 == INDICATION &&
           (p[10] << 8 | p[11]) == IO_CHANNEL && (p[at + 2] & 0xF) == 7 &&
           p[at + 14] == DATA_FONT_MAP;
}

/* TPKT's length as it now is, or as it was: both happen. */
static void fix_length(struct peer_mutation *m, struct peer_pdu *pdu)
{
    if (below(m, 2) == 1 && pdu->len >= 4 && pdu->data[0] == 3) {
        pdu->data[2] = (uint8_t)(pdu->len >> 8);
        pdu->data[3] = (uint8_t)pdu->len;
    }
}

static void change(struct peer_mutation *m, struct peer_pdu *pdu)
{
    const size_t times = 1 + below(m, 3);
    int n = 0;
    for (size_t i = 0; i < times && pdu->len > 0; i++) {
        const size_t at = below(m, pdu->len);
        const uint8_t mask =
            m->kind == BITS ? (uint8_t)(1u << below(m, 8)) : (uint8_t)(1 + below(m, 255));
        pdu->data[at] ^= mask;
        n += snprintf(m->what + n, sizeof(m->what) - (size_t)n, "%s%zu^%02X", i > 0 ? " " : "at ",
                      at, mask);
    }
}

static void resize(struct peer_mutation *m, struct peer_pdu *pdu)
{
    const size_t old = pdu->len;
    if (m->kind == TRUNCATE) {
        pdu->len = below(m, pdu->len);
    } else {
        for (size_t more = 1 + below(m, MORE_MAX); more > 0; more--) {
            pdu->data[pdu->len++] = (uint8_t)next(m);
        }
    }
    fix_length(m, pdu);
    snprintf(m->what, sizeof(m->what), "%zu of %zu bytes", pdu->len, old);
}

struct way {
    struct peer_conn *conn;
    size_t header;
    bool (*send)(struct peer_conn *conn, const struct peer_pdu *pdu);
};

static bool emit(struct peer_mutation *m, const struct way *way, const struct peer_pdu *pdu)
{
    m->font_map |= is_font_map(pdu, way->header);
    return pdu->len == 0 || way->send(way->conn, pdu);
}

static bool mutate(struct peer_mutation *m, const struct way *way, const struct peer_pdu *pdu)
{
    struct peer_pdu copy = copy_of(pdu);
    bool sent = copy.data != NULL;
    m->done = true;
    if (!sent) {
        return false;
    }
    switch (m->kind) {
    case BITS:
    case BYTES:
        change(m, &copy);
        sent = emit(m, way, &copy);
        break;
    case TRUNCATE:
    case EXTEND:
        resize(m, &copy);
        sent = emit(m, way, &copy);
        break;
    case DUPLICATE:
        sent = emit(m, way, pdu);
        sent = sent && emit(m, way, &copy);
        break;
    case INSERT: {
        const size_t which = below(m, m->count);
        snprintf(m->what, sizeof(m->what), "number %zu of %zu so far", which, m->count);
        sent = (m->count == 0 || emit(m, way, &m->history[which])) && emit(m, way, &copy);
        break;
    }
    case SWAP:
        m->waiting = copy;
        return true;
    default: /* DROP */
        break;
    }
    free(copy.data);
    return sent;
}

bool mutation_send(struct peer_mutation *m, struct peer_conn *conn, enum peer_moment moment,
                   const struct peer_pdu *pdu, size_t header,
                   bool (*send)(struct peer_conn *conn, const struct peer_pdu *pdu))
{
    const struct way way = {conn, header, send};
    bool sent;
    if (!m->done && moment == m->slot->moment && ++m->seen == m->nth) {
        sent = mutate(m, &way, pdu);
    } else {
        sent = emit(m, &way, pdu);
        if (m->waiting.data != NULL) {
            sent = sent && emit(m, &way, &m->waiting);
            free(m->waiting.data);
            m->waiting.data = NULL;
        }
    }
    remember(m, pdu);
    return sent;
}
