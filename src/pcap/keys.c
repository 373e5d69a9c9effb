/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include <rdpwhy/status.h>

#define BUCKETS_FIRST 256u
#define ENTRIES_MAX   (1u << 20)

static const char *const labels[KEY_LABEL_COUNT] = {
    [KEY_MASTER] = "CLIENT_RANDOM",
    [KEY_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    [KEY_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    [KEY_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
    [KEY_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
};

/* Some editors begin a text in UTF-8 with it. */
static const char byte_order_mark[] = "\xef\xbb\xbf";

struct entry {
    struct entry *next;
    uint8_t random[TLS_RANDOM];
    struct key keys[KEY_LABEL_COUNT]; /* len 0: not there */
};

struct why_keys {
    struct entry **buckets;
    size_t bucket_count, count;
};

struct why_keys *why_keys_new(void)
{
    struct why_keys *keys = calloc(1, sizeof(*keys));

    if (keys == NULL)
        return NULL;
    keys->bucket_count = BUCKETS_FIRST;
    keys->buckets = calloc(BUCKETS_FIRST, sizeof(struct entry *));
    if (keys->buckets == NULL) {
        free(keys);
        return NULL;
    }
    return keys;
}

void why_keys_free(struct why_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->bucket_count; i++) {
        for (struct entry *e = keys->buckets[i], *next; e != NULL; e = next) {
            next = e->next;
            OPENSSL_cleanse(e, sizeof(*e));
            free(e);
        }
    }
    free(keys->buckets);
    free(keys);
}

/* A client random is random: some of its bytes are as good a hash as any. */
static size_t bucket_of(const struct why_keys *keys, const uint8_t random[TLS_RANDOM])
{
    uint32_t hash;

    memcpy(&hash, random + 12, sizeof(hash));
    return hash % keys->bucket_count;
}

static struct entry *find(const struct why_keys *keys, const uint8_t random[TLS_RANDOM])
{
    struct entry *e = keys->buckets[bucket_of(keys, random)];

    while (e != NULL && memcmp(e->random, random, TLS_RANDOM) != 0)
        e = e->next;
    return e;
}

const struct key *keys_find(const struct why_keys *keys, enum key_label label,
                            const uint8_t random[TLS_RANDOM])
{
    const struct entry *e = keys != NULL ? find(keys, random) : NULL;

    return e != NULL && e->keys[label].len > 0 ? &e->keys[label] : NULL;
}

static void grow(struct why_keys *keys)
{
    size_t old_count = keys->bucket_count;
    struct entry **old = keys->buckets;
    struct entry **buckets = calloc(2 * old_count, sizeof(struct entry *));

    if (buckets == NULL)
        return; /* longer chains will do */
    keys->buckets = buckets;
    keys->bucket_count = 2 * old_count;
    for (size_t i = 0; i < old_count; i++) {
        for (struct entry *e = old[i], *next; e != NULL; e = next) {
            struct entry **at = &keys->buckets[bucket_of(keys, e->random)];

            next = e->next;
            e->next = *at;
            *at = e;
        }
    }
    free(old);
}

static struct entry *find_or_add(struct why_keys *keys, const uint8_t random[TLS_RANDOM])
{
    struct entry *e = find(keys, random), **at;

    if (e != NULL || keys->count >= ENTRIES_MAX)
        return e;
    e = calloc(1, sizeof(*e));
    if (e == NULL)
        return NULL;
    if (keys->count++ > keys->bucket_count)
        grow(keys);
    memcpy(e->random, random, TLS_RANDOM);
    at = &keys->buckets[bucket_of(keys, random)];
    e->next = *at;
    *at = e;
    return e;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Reads hexadecimal digits up to a space or the end and moves |*text|; 0 where there are none. */
static size_t hex(const char **text, const char *end, uint8_t *out, size_t max)
{
    size_t n = 0;

    while (end - *text >= 2 && digit((*text)[0]) >= 0 && digit((*text)[1]) >= 0) {
        if (n == max)
            return 0;
        out[n++] = (uint8_t)(digit((*text)[0]) << 4 | digit((*text)[1]));
        *text += 2;
    }
    return *text == end || **text == ' ' ? n : 0;
}

static bool skip_word(const char **text, const char *end, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(end - *text) <= len || memcmp(*text, word, len) != 0 || (*text)[len] != ' ')
        return false;
    *text += len + 1;
    return true;
}

/* 1: a secret; 0: none; or WHY_ERR_NOMEM. */
static int add_line(struct why_keys *keys, const char *text, const char *end)
{
    uint8_t random[TLS_RANDOM];
    struct key key;

    if (end - text >= 3 && memcmp(text, byte_order_mark, 3) == 0)
        text += 3;
    while (end > text && (end[-1] == '\r' || end[-1] == ' '))
        end--;
    for (int label = 0; label < KEY_LABEL_COUNT; label++) {
        const char *at = text;
        struct entry *e;

        if (!skip_word(&at, end, labels[label]))
            continue;
        if (hex(&at, end, random, TLS_RANDOM) != TLS_RANDOM || at == end)
            return 0;
        at++;
        key.len = hex(&at, end, key.secret, TLS_SECRET_MAX);
        if (key.len == 0 || at != end)
            return 0;
        e = find_or_add(keys, random);
        if (e == NULL)
            return keys->count >= ENTRIES_MAX ? 0 : WHY_ERR_NOMEM;
        if (e->keys[label].len == 0)
            e->keys[label] = key;
        return 1;
    }
    return 0;
}

int why_keys_add(struct why_keys *keys, const char *log, size_t len)
{
    const char *end = log + len;
    int count = 0;

    while (log < end) {
        const char *line_end = memchr(log, '\n', (size_t)(end - log));
        int added;

        if (line_end == NULL)
            line_end = end;
        added = add_line(keys, log, line_end);
        if (added < 0)
            return added;
        count += added;
        log = line_end + (line_end < end ? 1 : 0);
    }
    return count;
}
