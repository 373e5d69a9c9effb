/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 * 1024)

struct pool_block {
    struct pool_block *next;
    size_t used, capacity;
    char bytes[];
};

/* FNV-1a. Names chosen to collide make it slow, and a file is only as slow as its reader lets it:
 * nobody else waits. */
static uint32_t hash_of(const char *text, size_t len)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

/* Room for |len| bytes that stay where they are; NULL when out of memory. */
static char *reserve(struct pool *pool, size_t len)
{
    struct pool_block *block = pool->blocks;

    if (!block || block->capacity - block->used < len) {
        size_t capacity = len > BLOCK_BYTES ? len : BLOCK_BYTES;

        block = malloc(sizeof(*block) + capacity);
        if (!block)
            return NULL;
        *block = (struct pool_block){pool->blocks, 0, capacity};
        pool->blocks = block;
    }
    block->used += len;
    return block->bytes + block->used - len;
}

/* The slot where a text of this hash is, or would go. */
static size_t slot_of(const struct pool *pool, uint32_t hash, const char *text, size_t len)
{
    size_t slot = hash & (pool->slot_count - 1);

    while (pool->slots[slot]) {
        size_t number = pool->slots[slot] - 1;

        if (pool->hashes[number] == hash && strncmp(pool->texts[number], text, len) == 0 &&
            pool->texts[number][len] == '\0')
            break;
        slot = (slot + 1) & (pool->slot_count - 1);
    }
    return slot;
}

static int grow_slots(struct pool *pool)
{
    size_t count = pool->slot_count ? 2 * pool->slot_count : 1024;
    uint32_t *slots = calloc(count, sizeof(*slots));

    if (!slots)
        return -1;
    for (size_t i = 0; i < pool->count; i++) {
        size_t slot = pool->hashes[i] & (count - 1);

        while (slots[slot])
            slot = (slot + 1) & (count - 1);
        slots[slot] = (uint32_t)i + 1;
    }
    free(pool->slots);
    pool->slots = slots;
    pool->slot_count = count;
    return 0;
}

static int grow_texts(struct pool *pool)
{
    size_t capacity = pool->capacity ? 2 * pool->capacity : 512;
    const char **texts = realloc(pool->texts, capacity * sizeof(*texts));
    uint32_t *hashes;

    if (!texts)
        return -1;
    pool->texts = texts;
    hashes = realloc(pool->hashes, capacity * sizeof(*hashes));
    if (!hashes)
        return -1;
    pool->hashes = hashes;
    pool->capacity = capacity;
    return 0;
}

size_t why_pool_add(struct pool *pool, const char *text, size_t len)
{
    uint32_t hash = hash_of(text, len);
    size_t slot;
    char *copy;

    if (2 * (pool->count + 1) > pool->slot_count && grow_slots(pool) != 0)
        return POOL_NONE;
    slot = slot_of(pool, hash, text, len);
    if (pool->slots[slot])
        return pool->slots[slot] - 1;
    if (pool->count == UINT32_MAX - 1 || (pool->count == pool->capacity && grow_texts(pool) != 0))
        return POOL_NONE;
    copy = reserve(pool, len + 1);
    if (!copy)
        return POOL_NONE;
    memcpy(copy, text, len);
    copy[len] = '\0';
    pool->texts[pool->count] = copy;
    pool->hashes[pool->count] = hash;
    pool->slots[slot] = (uint32_t)++pool->count;
    return pool->count - 1;
}

size_t why_pool_find(const struct pool *pool, const char *text)
{
    size_t len = strlen(text);
    size_t slot;

    if (pool->slot_count == 0)
        return POOL_NONE;
    slot = slot_of(pool, hash_of(text, len), text, len);
    return pool->slots[slot] ? pool->slots[slot] - 1 : POOL_NONE;
}

void why_pool_clear(struct pool *pool)
{
    while (pool->blocks) {
        struct pool_block *next = pool->blocks->next;

        free(pool->blocks);
        pool->blocks = next;
    }
    free(pool->slots);
    free(pool->hashes);
    /* const char ** to void *: the array is ours, its elements are constant */
    free((void *)pool->texts);
    *pool = (struct pool){.count = 0};
}
