/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include <rdpwhy/status.h>

#include "base/hex.h"
#include "base/map.h"

#define ENTRIES_MAX (1u << 20)

static const char *const labels[KEY_LABEL_COUNT] = {
    [KEY_MASTER] = "CLIENT_RANDOM",
    [KEY_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    [KEY_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    [KEY_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
    [KEY_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
};

/* Some editors begin a text in UTF-8 with it. */
static const char byte_order_mark[] = "\xef\xbb\xbf";

struct why_keys {
    struct why_map entries; /* by client random: struct entry, owned */
};

struct entry {
    struct key keys[KEY_LABEL_COUNT]; /* len 0: not there */
};

struct why_keys *why_keys_new(void)
{
    return calloc(1, sizeof(struct why_keys));
}

static void free_entry(void *entry)
{
    OPENSSL_clear_free(entry, sizeof(struct entry));
}

void why_keys_free(struct why_keys *keys)
{
    if (keys == NULL)
        return;
    why_map_clear(&keys->entries, free_entry);
    free(keys);
}

const struct key *why_keys_find(const struct why_keys *keys, enum key_label label,
                                const uint8_t random[TLS_RANDOM])
{
    const struct entry *e = keys != NULL ? why_map_get(&keys->entries, random, TLS_RANDOM) : NULL;

    return e != NULL && e->keys[label].len > 0 ? &e->keys[label] : NULL;
}

bool why_keys_know(const struct why_keys *keys, const uint8_t random[TLS_RANDOM])
{
    return keys != NULL && why_map_get(&keys->entries, random, TLS_RANDOM) != NULL;
}

static struct entry *find_or_add(struct why_keys *keys, const uint8_t random[TLS_RANDOM])
{
    struct entry *e = why_map_get(&keys->entries, random, TLS_RANDOM);

    if (e != NULL || keys->entries.count >= ENTRIES_MAX)
        return e;
    e = OPENSSL_zalloc(sizeof(*e));
    if (e != NULL && why_map_put(&keys->entries, random, TLS_RANDOM, e) != WHY_OK) {
        free_entry(e);
        return NULL;
    }
    return e;
}

/* Reads hexadecimal digits up to a space or the end and moves |*text|; 0 where there are none. */
static size_t hex(const char **text, const char *end, uint8_t *out, size_t max)
{
    size_t n = 0;
    uint8_t byte;

    while (end - *text >= 2 && why_hex_parse(*text, 2, &byte)) {
        if (n == max)
            return 0;
        out[n++] = byte;
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
            return keys->entries.count >= ENTRIES_MAX ? 0 : WHY_ERR_NOMEM;
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
