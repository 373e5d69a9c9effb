/* SPDX-License-Identifier: Apache-2.0 */
#include "target_set.h"

#include <stdint.h>
#include <stdlib.h>

#include <rdpwhy/status.h>

/* Open addressing with linear probing; at most half full. |item| is an index into the list + 1. */
struct slot {
    uint32_t hash;
    uint32_t item; /* 0: free */
};

struct set {
    size_t used;
    size_t size; /* a power of two */
    struct slot slots[];
};

#define FIRST_SIZE 256u

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* FNV-1a. The list is the user's own, so nobody gains by collisions. */
static uint32_t hash_label(const char *label)
{
    uint32_t hash = 2166136261u;

    for (; *label != '\0'; label++)
        hash = (hash ^ (unsigned char)lower(*label)) * 16777619u;
    return hash;
}

static bool same_label(const char *a, const char *b)
{
    for (; lower(*a) == lower(*b); a++, b++) {
        if (*a == '\0')
            return true;
    }
    return false;
}

static struct set *set_new(size_t size)
{
    struct set *set;

    if (size > (SIZE_MAX - sizeof(*set)) / sizeof(struct slot))
        return NULL;
    set = calloc(1, sizeof(*set) + size * sizeof(struct slot));
    if (set != NULL)
        set->size = size;
    return set;
}

static struct slot *free_slot(struct set *set, uint32_t hash)
{
    size_t i = hash & (set->size - 1);

    while (set->slots[i].item != 0)
        i = (i + 1) & (set->size - 1);
    return &set->slots[i];
}

/* The list's set with room for one more, or NULL when out of memory. */
static struct set *set_with_room(struct why_target_list *list)
{
    struct set *set = list->seen;
    struct set *bigger;

    if (set != NULL && set->used < set->size / 2)
        return set;
    bigger = set_new(set == NULL ? FIRST_SIZE : set->size * 2);
    if (bigger == NULL)
        return NULL;
    for (size_t i = 0; set != NULL && i < set->size; i++) {
        if (set->slots[i].item != 0)
            *free_slot(bigger, set->slots[i].hash) = set->slots[i];
    }
    bigger->used = set == NULL ? 0 : set->used;
    free(set);
    list->seen = bigger;
    return bigger;
}

int why_target_set_add(struct why_target_list *list, const char *label)
{
    struct set *set = set_with_room(list);
    uint32_t hash = hash_label(label);
    size_t i;

    if (set == NULL || list->count >= UINT32_MAX - 1)
        return WHY_ERR_NOMEM;
    for (i = hash & (set->size - 1); set->slots[i].item != 0; i = (i + 1) & (set->size - 1)) {
        if (set->slots[i].hash == hash &&
            same_label(list->items[set->slots[i].item - 1].label, label))
            return 1;
    }
    set->slots[i] = (struct slot){hash, (uint32_t)list->count + 1};
    set->used++;
    return 0;
}

void why_target_set_free(void *seen)
{
    free(seen);
}
