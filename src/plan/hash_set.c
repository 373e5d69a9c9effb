/* SPDX-License-Identifier: Apache-2.0 */
#include "hash_set.h"

#include <stdbool.h>
#include <stdlib.h>

#include <rdpwhy/status.h>

#define FIRST_SIZE 1024u

/* FNV-1a with a final mix (MurmurHash3's), for the low bits choose the slot. The list is the user's
 * own: nobody gains by collisions. */
uint64_t why_hash_label(const char *label)
{
    uint64_t hash = 14695981039346656037u;

    for (; *label != '\0'; label++) {
        unsigned char c = (unsigned char)*label;

        hash = (hash ^ (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c)) * 1099511628211u;
    }
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 33;
    return hash != 0 ? hash : 1;
}

/* Where |hash| is or would be; the set is never full. */
static uint64_t *find(uint64_t *slots, size_t size, uint64_t hash)
{
    size_t i = hash & (size - 1);

    while (slots[i] != 0 && slots[i] != hash)
        i = (i + 1) & (size - 1);
    return &slots[i];
}

/* At most 7 of 8 slots are taken. */
static bool make_room(struct why_hash_set *set)
{
    size_t size = set->size == 0 ? FIRST_SIZE : 2 * set->size;
    uint64_t *slots;

    if (set->used < set->size - set->size / 8)
        return true;
    slots = calloc(size, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < set->size; i++) {
        if (set->slots[i] != 0)
            *find(slots, size, set->slots[i]) = set->slots[i];
    }
    free(set->slots);
    set->slots = slots;
    set->size = size;
    return true;
}

int why_hash_set_add(struct why_hash_set *set, uint64_t hash)
{
    uint64_t *slot;

    if (!make_room(set))
        return WHY_ERR_NOMEM;
    slot = find(set->slots, set->size, hash);
    if (*slot == hash)
        return 1;
    *slot = hash;
    set->used++;
    return 0;
}

int why_hash_set_has(const struct why_hash_set *set, uint64_t hash)
{
    return set->size > 0 && *find(set->slots, set->size, hash) == hash;
}

void why_hash_set_clear(struct why_hash_set *set)
{
    free(set->slots);
    *set = (struct why_hash_set){NULL, 0, 0};
}
