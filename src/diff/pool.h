/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIFF_POOL_H
#define RDPWHY_DIFF_POOL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Texts kept once each: the attempts of a run repeat the same words, names and fingerprints over
 * and over. All zeros is the empty pool. Numbers count the texts from 0 in the order of adding.
 */

struct pool_block;

struct pool {
    const char **texts; /* by number; owned */
    uint32_t *hashes;   /* by number; owned */
    size_t count, capacity;
    uint32_t *slots; /* number + 1; 0: free; owned */
    size_t slot_count;
    struct pool_block *blocks; /* owned */
};

#define POOL_NONE SIZE_MAX

/* Adds |len| bytes that have no NUL among them. Returns the text's number, POOL_NONE when out of
 * memory. */
size_t why_pool_add(struct pool *pool, const char *text, size_t len);

/* The number of a text, POOL_NONE where the pool does not have it. */
size_t why_pool_find(const struct pool *pool, const char *text);

void why_pool_clear(struct pool *pool);

#endif /* !defined(RDPWHY_DIFF_POOL_H) */
