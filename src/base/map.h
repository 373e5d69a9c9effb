/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_BASE_MAP_H
#define RDPWHY_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

/*
 * Keys of any bytes to pointers; with all values NULL, a set. Entries are walked in the order in
 * which their keys were first put, so that what is written of them is the same every time. All
 * zeros is the empty map.
 */

/* Stays where it is until it is removed. */
struct why_map_entry {
    void *value; /* the caller's, to change as he likes */
    uint64_t hash;
    size_t len;
    char key[]; /* |len| bytes, and a NUL behind them */
};

struct why_map {
    size_t count;                   /* of the entries that are there */
    struct why_map_entry **entries; /* in order, NULL where one was removed; owned */
    size_t used, capacity;
    uint32_t *slots; /* index in |entries| + 1; 0: free; at least twice as many as used; owned */
    size_t slot_count;
};

/* The entry of a key, made with a NULL value if there was none; NULL when out of memory. */
struct why_map_entry *why_map_add(struct why_map *map, const void *key, size_t len);

/* The entry of a key, or NULL. */
struct why_map_entry *why_map_find(const struct why_map *map, const void *key, size_t len);

/* Gives a key its value, in place of one it may have had. WHY_OK or WHY_ERR_NOMEM. */
int why_map_put(struct why_map *map, const void *key, size_t len, void *value);

/* A key's value; NULL where the key is not there. */
void *why_map_get(const struct why_map *map, const void *key, size_t len);

/* Takes a key out. Returns the value it had; NULL where it was not there. */
void *why_map_remove(struct why_map *map, const void *key, size_t len);

/*
 * The next entry, |*position| being 0 for the first; NULL after the last. Entries may be removed
 * meanwhile; those that are added may move the positions.
 *
 *     size_t position = 0;
 *     while ((entry = why_map_next(map, &position)) != NULL)
 */
struct why_map_entry *why_map_next(const struct why_map *map, size_t *position);

/* Empties the map, each value through |free_value| unless that is NULL. */
void why_map_clear(struct why_map *map, void (*free_value)(void *value));

#endif /* !defined(RDPWHY_BASE_MAP_H) */
