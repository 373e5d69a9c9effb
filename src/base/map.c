/* SPDX-License-Identifier: Apache-2.0 */
#include "map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "grow.h"

#define FIRST_SLOTS 64u

/* FNV-1a with the final mix of MurmurHash3, for the low bits choose the slot. Keys that were chosen
 * to collide make a map slow, not wrong: keys are compared. */
static uint64_t hash_of(const void *key, size_t len)
{
    const unsigned char *bytes = key;
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    return hash ^ hash >> 33;
}

static bool is_key(const struct why_map_entry *entry, uint64_t hash, const void *key, size_t len)
{
    return entry->hash == hash && entry->len == len && memcmp(entry->key, key, len) == 0;
}

/* The slot that a key has, or would get. A removed entry's slot stays taken until the slots are
 * made anew, so that the search goes on behind it. */
static size_t slot_of(const struct why_map *map, uint64_t hash, const void *key, size_t len)
{
    size_t slot = hash & (map->slot_count - 1);

    while (map->slots[slot] != 0) {
        const struct why_map_entry *entry = map->entries[map->slots[slot] - 1];

        if (entry != NULL && is_key(entry, hash, key, len))
            break;
        slot = (slot + 1) & (map->slot_count - 1);
    }
    return slot;
}

static void fill_slots(struct why_map *map)
{
    memset(map->slots, 0, map->slot_count * sizeof(*map->slots));
    for (size_t i = 0; i < map->used; i++) {
        size_t slot = map->entries[i]->hash & (map->slot_count - 1);

        while (map->slots[slot] != 0)
            slot = (slot + 1) & (map->slot_count - 1);
        map->slots[slot] = (uint32_t)i + 1;
    }
}

static void close_gaps(struct why_map *map)
{
    size_t kept = 0;

    for (size_t i = 0; i < map->used; i++) {
        if (map->entries[i] != NULL)
            map->entries[kept++] = map->entries[i];
    }
    map->used = kept;
}

/* Room for one more: in the places of those that were removed where they are many. */
static bool make_room(struct why_map *map)
{
    size_t count = map->slot_count > 0 ? 2 * map->slot_count : FIRST_SLOTS;
    uint32_t *slots;

    if (!why_grow(&map->entries, &map->capacity, map->used + 1, sizeof(struct why_map_entry *)))
        return false;
    if (2 * (map->used + 1) <= map->slot_count)
        return true;
    if (4 * map->count >= map->slot_count) {
        if (map->used >= UINT32_MAX - 1)
            return false;
        slots = realloc(map->slots, count * sizeof(*slots));
        if (slots == NULL)
            return false;
        map->slots = slots;
        map->slot_count = count;
    }
    close_gaps(map);
    fill_slots(map);
    return true;
}

static struct why_map_entry *find(const struct why_map *map, uint64_t hash, const void *key,
                                  size_t len)
{
    size_t slot;

    if (map->count == 0)
        return NULL;
    slot = slot_of(map, hash, key, len);
    return map->slots[slot] != 0 ? map->entries[map->slots[slot] - 1] : NULL;
}

struct why_map_entry *why_map_add(struct why_map *map, const void *key, size_t len)
{
    uint64_t hash = hash_of(key, len);
    struct why_map_entry *entry = find(map, hash, key, len);

    if (entry != NULL)
        return entry;
    if (!make_room(map) || len > SIZE_MAX - sizeof(*entry) - 1)
        return NULL;
    entry = malloc(sizeof(*entry) + len + 1);
    if (entry == NULL)
        return NULL;
    *entry = (struct why_map_entry){NULL, hash, len};
    memcpy(entry->key, key, len);
    entry->key[len] = '\0';
    map->slots[slot_of(map, hash, key, len)] = (uint32_t)map->used + 1;
    map->entries[map->used++] = entry;
    map->count++;
    return entry;
}

struct why_map_entry *why_map_find(const struct why_map *map, const void *key, size_t len)
{
    return find(map, hash_of(key, len), key, len);
}

int why_map_put(struct why_map *map, const void *key, size_t len, void *value)
{
    struct why_map_entry *entry = why_map_add(map, key, len);

    if (entry == NULL)
        return WHY_ERR_NOMEM;
    entry->value = value;
    return WHY_OK;
}

void *why_map_get(const struct why_map *map, const void *key, size_t len)
{
    const struct why_map_entry *entry = why_map_find(map, key, len);

    return entry != NULL ? entry->value : NULL;
}

void *why_map_remove(struct why_map *map, const void *key, size_t len)
{
    struct why_map_entry *entry;
    void *value;
    size_t index;

    if (map->count == 0)
        return NULL;
    index = map->slots[slot_of(map, hash_of(key, len), key, len)];
    if (index == 0)
        return NULL;
    entry = map->entries[index - 1];
    value = entry->value;
    map->entries[index - 1] = NULL;
    map->count--;
    free(entry);
    return value;
}

struct why_map_entry *why_map_next(const struct why_map *map, size_t *position)
{
    while (*position < map->used) {
        struct why_map_entry *entry = map->entries[(*position)++];

        if (entry != NULL)
            return entry;
    }
    return NULL;
}

void why_map_clear(struct why_map *map, void (*free_value)(void *value))
{
    for (size_t i = 0; i < map->used; i++) {
        if (map->entries[i] != NULL && free_value != NULL)
            free_value(map->entries[i]->value);
        free(map->entries[i]);
    }
    free(map->entries);
    free(map->slots);
    *map = (struct why_map){.count = 0};
}
