/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_HASH_SET_H
#define RDPWHY_HASH_SET_H

#include <stddef.h>
#include <stdint.h>

/* A set of 64-bit hashes: 8 to 16 bytes for each. All zeros is the empty set. */
struct why_hash_set {
    uint64_t *slots; /* 0: free; owned */
    size_t used, size;
};

/* Of a label, ASCII case ignored; never 0. */
uint64_t why_hash_label(const char *label);

/* 1: it was there, 0: it was entered, or WHY_ERR_NOMEM. */
int why_hash_set_add(struct why_hash_set *set, uint64_t hash);
int why_hash_set_has(const struct why_hash_set *set, uint64_t hash);
void why_hash_set_clear(struct why_hash_set *set);

#endif /* !defined(RDPWHY_HASH_SET_H) */
