/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pcap.h>

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/map.h"

#define CONNECTIONS_MAX 65536u
#define CLOCKS_MAX_US   UINT64_C(600000000) /* how far two computers' clocks are taken to differ */

struct seen {
    size_t file;
    struct why_pcap_connection connection;
};

struct pair {
    size_t at[2];
    enum why_pcap_basis basis;
};

struct why_pcap_pairs {
    struct seen *seen; /* owned */
    size_t count, capacity;
    struct pair *pairs; /* owned */
    size_t pair_count, pair_capacity;
    struct why_map by[3]; /* by enum why_pcap_basis; the last of its kind: index + 1 */
};

struct why_pcap_pairs *why_pcap_pairs_new(void)
{
    return calloc(1, sizeof(struct why_pcap_pairs));
}

void why_pcap_pairs_free(struct why_pcap_pairs *pairs)
{
    if (pairs == NULL)
        return;
    for (int i = 0; i < 3; i++)
        why_map_clear(&pairs->by[i], NULL);
    free(pairs->seen);
    free(pairs->pairs);
    free(pairs);
}

/* What a connection is found by; 0: it has not got it. */
#define KEY_MAX 160u
static size_t key_of(const struct why_pcap_connection *c, enum why_pcap_basis basis, uint8_t *key)
{
    size_t client = strlen(c->client) + 1;

    switch (basis) {
    case WHY_PCAP_BY_SEQUENCE:
        memcpy(key, c->isn, sizeof(c->isn));
        return c->has_isn[0] && c->has_isn[1] ? sizeof(c->isn) : 0;
    case WHY_PCAP_BY_RANDOM:
        memcpy(key, c->random, sizeof(c->random));
        return c->has_random ? sizeof(c->random) : 0;
    default:
        memcpy(key, c->client, client);
        memcpy(key + client, c->server, strlen(c->server));
        return client + strlen(c->server);
    }
}

static bool same_addresses(const struct why_pcap_connection *a, const struct why_pcap_connection *b)
{
    return strcmp(a->client, b->client) == 0 && strcmp(a->server, b->server) == 0;
}

static bool sequence_differs(const struct why_pcap_connection *a,
                             const struct why_pcap_connection *b)
{
    for (int dir = 0; dir < 2; dir++) {
        if (a->has_isn[dir] && b->has_isn[dir] && a->isn[dir] != b->isn[dir])
            return true;
    }
    return false;
}

/* Whether two that have the same key can be the same connection. */
static bool can_be(const struct seen *a, const struct seen *b, enum why_pcap_basis basis)
{
    const struct why_pcap_connection *x = &a->connection, *y = &b->connection;

    /* Within a file they are one only where they do not look it. */
    if (a->file == b->file && same_addresses(x, y))
        return false;
    if (x->has_random && y->has_random && memcmp(x->random, y->random, sizeof(x->random)) != 0)
        return false;
    if (basis != WHY_PCAP_BY_ADDRESS)
        return true;
    /* What would have told them apart was not captured of one of them. */
    if (sequence_differs(x, y) || (x->has_random && y->has_random))
        return false;
    return x->began_us < y->ended_us + CLOCKS_MAX_US && y->began_us < x->ended_us + CLOCKS_MAX_US;
}

static bool find(const struct why_pcap_pairs *pairs, const struct seen *seen, struct pair *found)
{
    for (int basis = 0; basis < 3; basis++) {
        uint8_t key[KEY_MAX];
        size_t len = key_of(&seen->connection, (enum why_pcap_basis)basis, key);
        uintptr_t at = len > 0 ? (uintptr_t)why_map_get(&pairs->by[basis], key, len) : 0;

        if (at == 0 || !can_be(&pairs->seen[at - 1], seen, (enum why_pcap_basis)basis))
            continue;
        *found = (struct pair){{at - 1, pairs->count}, (enum why_pcap_basis)basis};
        return true;
    }
    return false;
}

static int index_last(struct why_pcap_pairs *pairs)
{
    for (int basis = 0; basis < 3; basis++) {
        uint8_t key[KEY_MAX];
        size_t len =
            key_of(&pairs->seen[pairs->count - 1].connection, (enum why_pcap_basis)basis, key);
        struct why_map_entry *entry;

        if (len == 0)
            continue;
        entry = why_map_add(&pairs->by[basis], key, len);
        if (entry == NULL)
            return WHY_ERR_NOMEM;
        entry->value = (void *)(uintptr_t)pairs->count;
    }
    return WHY_OK;
}

int why_pcap_pairs_add(struct why_pcap_pairs *pairs, size_t file,
                       const struct why_pcap_connection *connection)
{
    struct seen seen = {file, *connection};
    struct pair pair;

    if (pairs->count == CONNECTIONS_MAX)
        return WHY_OK;
    if (!why_grow(&pairs->seen, &pairs->capacity, pairs->count + 1, sizeof(seen)) ||
        !why_grow(&pairs->pairs, &pairs->pair_capacity, pairs->pair_count + 1, sizeof(pair)))
        return WHY_ERR_NOMEM;
    if (find(pairs, &seen, &pair))
        pairs->pairs[pairs->pair_count++] = pair;
    pairs->seen[pairs->count++] = seen;
    return index_last(pairs);
}

size_t why_pcap_pairs_count(const struct why_pcap_pairs *pairs)
{
    return pairs->pair_count;
}

/* The way to the server and back is shorter the nearer one stands to it. Half as long is more than
 * what two looks at the same place differ by. */
static int nearer_to_client(const struct why_pcap_connection *a,
                            const struct why_pcap_connection *b)
{
    if (a->handshake_us == 0 || b->handshake_us == 0)
        return -1;
    if (a->handshake_us / 2 > b->handshake_us)
        return 0;
    return b->handshake_us / 2 > a->handshake_us ? 1 : -1;
}

struct why_pcap_pair why_pcap_pairs_at(const struct why_pcap_pairs *pairs, size_t index)
{
    const struct pair *pair = &pairs->pairs[index];
    const struct seen *a = &pairs->seen[pair->at[0]], *b = &pairs->seen[pair->at[1]];
    bool two = sequence_differs(&a->connection, &b->connection);

    return (struct why_pcap_pair){
        .file = {a->file, b->file},
        .seen = {&a->connection, &b->connection},
        .basis = pair->basis,
        .translated = !same_addresses(&a->connection, &b->connection),
        .resequenced = two,
        .nearer = two ? -1 : nearer_to_client(&a->connection, &b->connection),
    };
}
