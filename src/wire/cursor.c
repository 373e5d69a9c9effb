/* SPDX-License-Identifier: Apache-2.0 */
#include "cursor.h"

#include <string.h>

struct why_cursor why_cur_init(const uint8_t *data, size_t len)
{
    return (struct why_cursor){.base = data, .pos = 0, .end = len, .failed = false};
}

size_t why_cur_left(const struct why_cursor *c)
{
    return c->failed ? 0 : c->end - c->pos;
}

/* The next |n| bytes, or NULL and |failed|. The only place where the input is addressed. */
static const uint8_t *take(struct why_cursor *c, size_t n)
{
    const uint8_t *at;

    if (c->failed || n > c->end - c->pos) {
        c->failed = true;
        return NULL;
    }
    at = c->base + c->pos;
    c->pos += n;
    return at;
}

static uint64_t take_le(struct why_cursor *c, size_t n)
{
    const uint8_t *p = take(c, n);
    uint64_t value = 0;

    for (size_t i = n; p != NULL && i > 0; i--)
        value = value << 8 | p[i - 1];
    return value;
}

static uint32_t take_be(struct why_cursor *c, size_t n)
{
    const uint8_t *p = take(c, n);
    uint32_t value = 0;

    for (size_t i = 0; p != NULL && i < n; i++)
        value = value << 8 | p[i];
    return value;
}

uint8_t why_cur_u8(struct why_cursor *c)
{
    return (uint8_t)take_le(c, 1);
}

uint16_t why_cur_u16le(struct why_cursor *c)
{
    return (uint16_t)take_le(c, 2);
}

uint16_t why_cur_u16be(struct why_cursor *c)
{
    return (uint16_t)take_be(c, 2);
}

uint32_t why_cur_u24be(struct why_cursor *c)
{
    return take_be(c, 3);
}

uint32_t why_cur_u32le(struct why_cursor *c)
{
    return (uint32_t)take_le(c, 4);
}

uint32_t why_cur_u32be(struct why_cursor *c)
{
    return take_be(c, 4);
}

uint64_t why_cur_u64le(struct why_cursor *c)
{
    return take_le(c, 8);
}

void why_cur_skip(struct why_cursor *c, size_t n)
{
    (void)take(c, n);
}

uint8_t why_cur_peek(const struct why_cursor *c, size_t ahead)
{
    return ahead < why_cur_left(c) ? c->base[c->pos + ahead] : 0;
}

uint16_t why_cur_peek16le(const struct why_cursor *c, size_t ahead)
{
    return (uint16_t)(why_cur_peek(c, ahead) | why_cur_peek(c, ahead + 1) << 8);
}

struct why_cursor why_cur_sub(struct why_cursor *c, size_t n)
{
    struct why_cursor sub = *c;

    why_cur_skip(c, n);
    sub.failed = c->failed;
    sub.end = c->failed ? sub.pos : c->pos;
    return sub;
}

struct why_cursor why_cur_sub_upto(struct why_cursor *c, size_t n, bool *cut)
{
    size_t left = why_cur_left(c);

    *cut = n > left;
    return why_cur_sub(c, *cut ? left : n);
}

bool why_cur_at(const struct why_cursor *c, const void *bytes, size_t n)
{
    return n <= why_cur_left(c) && memcmp(c->base + c->pos, bytes, n) == 0;
}

bool why_cur_find(struct why_cursor *c, const void *bytes, size_t n)
{
    struct why_cursor at = *c;

    for (; why_cur_left(&at) >= n; at.pos++) {
        if (why_cur_at(&at, bytes, n)) {
            c->pos = at.pos;
            return true;
        }
    }
    return false;
}

size_t why_cur_ber_length(struct why_cursor *c)
{
    uint8_t first = why_cur_u8(c);

    if (first < 0x80)
        return first;
    if (first == 0x80 || first > 0x84) { /* indefinite, or beyond anything RDP carries */
        c->failed = true;
        return 0;
    }
    return take_be(c, first & 0x7f);
}

struct why_cursor why_cur_ber(struct why_cursor *c, uint8_t tag)
{
    if (why_cur_u8(c) != tag)
        c->failed = true;
    return why_cur_sub(c, why_cur_ber_length(c));
}

uint32_t why_cur_ber_value(struct why_cursor *content)
{
    size_t n = why_cur_left(content);

    if (n == 5 && why_cur_peek(content, 0) == 0) { /* an unsigned number above 2^31 */
        why_cur_skip(content, 1);
        n--;
    }
    if (n == 0 || n > 4) {
        content->failed = true;
        return 0;
    }
    return take_be(content, n);
}

size_t why_cur_per_length(struct why_cursor *c)
{
    uint8_t first = why_cur_u8(c);

    if (first < 0x80)
        return first;
    return (size_t)(first & 0x7f) << 8 | why_cur_u8(c);
}
