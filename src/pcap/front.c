/* SPDX-License-Identifier: Apache-2.0 */
#include "front.h"

#include <stdbool.h>
#include <string.h>

#include "wire/cursor.h"

/*
 * A reader of one message: LIKE_SO and the cursor behind it; LIKE_MAYBE where it may be one that
 * has not come as a whole; LIKE_NOTHING.
 */
typedef enum likeness reader_of(struct why_cursor *c);

#define LINE_MAX_V1    107u /* with its CR LF, PROXY protocol 2.1 */
#define HEAD_MAX_HTTP  1500u
#define PRECONNECTION  16u /* version 1, [MS-RDPEPS] 2.2.1.1 */
#define BLOB_UNITS_MAX 512u

/* As far as there are bytes, they are |text|. */
static enum likeness begins(const struct why_cursor *c, const char *text, size_t n)
{
    size_t left = why_cur_left(c);

    if (!why_cur_at(c, text, left < n ? left : n))
        return LIKE_NOTHING;
    return left < n ? LIKE_MAYBE : LIKE_SO;
}

/* Up to and with |end|, if that comes within |max| bytes. */
static enum likeness up_to(struct why_cursor *c, const char *end, size_t max)
{
    struct why_cursor found = *c;

    if (!why_cur_find(&found, end, strlen(end)))
        return why_cur_left(c) < max ? LIKE_MAYBE : LIKE_NOTHING;
    why_cur_skip(&found, strlen(end));
    if (found.pos - c->pos > max)
        return LIKE_NOTHING;
    *c = found;
    return LIKE_SO;
}

static enum likeness whole(const struct why_cursor *c)
{
    return c->failed ? LIKE_MAYBE : LIKE_SO;
}

/* ---- PROXY protocol: https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt --------------
 */

static enum likeness proxy_1(struct why_cursor *c)
{
    enum likeness like = begins(c, "PROXY ", 6);

    return like == LIKE_SO ? up_to(c, "\r\n", LINE_MAX_V1) : like;
}

static enum likeness proxy_2(struct why_cursor *c)
{
    static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";
    enum likeness like = begins(c, signature, 12);

    if (like != LIKE_SO)
        return like;
    why_cur_skip(c, 12);
    if (why_cur_left(c) > 0 && why_cur_peek(c, 0) >> 4 != 2)
        return LIKE_NOTHING;
    why_cur_skip(c, 2);
    why_cur_skip(c, why_cur_u16be(c));
    return whole(c);
}

/* ---- RDP_PRECONNECTION_PDU_V1 and _V2 -------------------------------------------------------- */

/* As far as its bytes have come, little-endian. */
static bool is_preconnection_size(const struct why_cursor *c)
{
    unsigned low = why_cur_peek(c, 0) | (unsigned)why_cur_peek(c, 1) << 8;
    bool rest = why_cur_peek(c, 2) == 0 && why_cur_peek(c, 3) == 0;

    if (why_cur_left(c) < 2)
        return true;
    return rest && low >= PRECONNECTION && low <= PRECONNECTION + 2 + 2 * BLOB_UNITS_MAX;
}

static enum likeness preconnection(struct why_cursor *c)
{
    struct why_cursor start = *c;
    uint32_t size = why_cur_u32le(c), flags = why_cur_u32le(c), version = why_cur_u32le(c);
    size_t units;

    if (!is_preconnection_size(&start))
        return LIKE_NOTHING;
    if (c->failed)
        return LIKE_MAYBE;
    if (flags != 0 || (version != 1 && version != 2) || (version == 1 && size != PRECONNECTION))
        return LIKE_NOTHING;
    why_cur_skip(c, 4);
    if (version == 1)
        return whole(c);
    units = why_cur_u16le(c);
    if (!c->failed && PRECONNECTION + 2 + 2 * units > size)
        return LIKE_NOTHING;
    why_cur_skip(&start, size);
    *c = start;
    return whole(c);
}

/* ---- SOCKS: https://www.openssh.com/txt/socks4.protocol, RFC 1928, RFC 1929 -------------------
 */

/* A string up to its zero byte. */
static enum likeness zero_ended(struct why_cursor *c)
{
    if (!why_cur_find(c, "", 1))
        return why_cur_left(c) < 256 ? LIKE_MAYBE : LIKE_NOTHING;
    why_cur_skip(c, 1);
    return LIKE_SO;
}

static enum likeness socks_4(struct why_cursor *c)
{
    enum likeness like = begins(c, "\x04\x01", 2);
    uint32_t address;

    if (like != LIKE_SO)
        return like;
    why_cur_skip(c, 4);
    address = why_cur_u32be(c);
    if (c->failed)
        return LIKE_MAYBE;
    like = zero_ended(c);
    /* 4a: an address that cannot be, and a name behind the account */
    return like == LIKE_SO && address != 0 && address < 0x100 ? zero_ended(c) : like;
}

static enum likeness socks_5_methods(struct why_cursor *c)
{
    if (why_cur_left(c) > 0 && why_cur_peek(c, 0) != 5)
        return LIKE_NOTHING;
    why_cur_skip(c, 1);
    why_cur_skip(c, why_cur_u8(c));
    return whole(c);
}

static enum likeness socks_5_account(struct why_cursor *c)
{
    if (why_cur_left(c) > 0 && why_cur_peek(c, 0) != 1)
        return LIKE_NOTHING;
    why_cur_skip(c, 1);
    why_cur_skip(c, why_cur_u8(c));
    why_cur_skip(c, why_cur_u8(c));
    return whole(c);
}

/* A request and its reply: command or result, then an address and a port. */
static enum likeness socks_5_address(struct why_cursor *c)
{
    uint8_t kind;

    if (why_cur_left(c) > 0 && why_cur_peek(c, 0) != 5)
        return LIKE_NOTHING;
    why_cur_skip(c, 3);
    kind = why_cur_u8(c);
    if (c->failed)
        return LIKE_MAYBE;
    switch (kind) {
    case 1:
        why_cur_skip(c, 4);
        break;
    case 3:
        why_cur_skip(c, why_cur_u8(c));
        break;
    case 4:
        why_cur_skip(c, 16);
        break;
    default:
        return LIKE_NOTHING;
    }
    why_cur_skip(c, 2);
    return whole(c);
}

/* The messages of a SOCKS 5 client: methods, an account where one is asked for, the request. */
static enum likeness socks_5(struct why_cursor *c, unsigned *messages)
{
    enum likeness like = socks_5_methods(c);

    *messages = 2;
    if (like == LIKE_SO && why_cur_left(c) == 0)
        return LIKE_MAYBE;
    if (like == LIKE_SO && why_cur_peek(c, 0) == 1) {
        ++*messages;
        like = socks_5_account(c);
    }
    return like == LIKE_SO ? socks_5_address(c) : like;
}

/* ---- HTTP, RFC 9110 9.3.6 -------------------------------------------------------------------- */

static enum likeness http_connect(struct why_cursor *c)
{
    enum likeness like = begins(c, "CONNECT ", 8);

    return like == LIKE_SO ? up_to(c, "\r\n\r\n", HEAD_MAX_HTTP) : like;
}

static enum likeness http_answer(struct why_cursor *c)
{
    enum likeness like = begins(c, "HTTP/1.", 7);

    return like == LIKE_SO ? up_to(c, "\r\n\r\n", HEAD_MAX_HTTP) : like;
}

/* ---- what a client sends in front ------------------------------------------------------------ */

static enum likeness client_message(struct why_cursor *c, struct front *front)
{
    static const struct row {
        unsigned kind;
        reader_of *read;
    } rows[] = {
        {FRONT_PROXY, proxy_1},
        {FRONT_PROXY, proxy_2},
        {FRONT_SOCKS, socks_4},
        {FRONT_CONNECT, http_connect},
        {FRONT_PRECONNECTION, preconnection},
    };
    struct why_cursor at;
    enum likeness like;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        at = *c;
        like = rows[i].read(&at);
        if (like == LIKE_SO && (front->kinds & rows[i].kind) != 0)
            return LIKE_NOTHING; /* none comes twice */
        if (like == LIKE_SO) {
            *c = at;
            front->kinds |= rows[i].kind;
            front->messages += (rows[i].kind & (FRONT_SOCKS | FRONT_CONNECT)) != 0;
        }
        if (like != LIKE_NOTHING)
            return like;
    }
    at = *c;
    like = (front->kinds & FRONT_SOCKS) != 0 ? LIKE_NOTHING : socks_5(&at, &front->messages);
    if (like == LIKE_SO) {
        *c = at;
        front->kinds |= FRONT_SOCKS;
    }
    return like;
}

enum likeness why_front_client(const uint8_t *data, size_t len, struct front *front)
{
    struct why_cursor c = why_cur_init(data, len);

    *front = (struct front){0, 0, 0};
    while (why_cur_left(&c) > 0) {
        enum likeness like = client_message(&c, front);

        if (like == LIKE_MAYBE)
            return like;
        if (like == LIKE_NOTHING)
            break;
        front->len = c.pos;
    }
    return LIKE_SO;
}

/* ---- what is answered ------------------------------------------------------------------------ */

static enum likeness socks_4_answer(struct why_cursor *c)
{
    why_cur_skip(c, 8);
    return whole(c);
}

/* Each of SOCKS 5's messages but the last is answered by two bytes. */
static enum likeness socks_5_answer(struct why_cursor *c, unsigned messages)
{
    why_cur_skip(c, 2 * ((size_t)messages - 1));
    return c->failed ? LIKE_MAYBE : socks_5_address(c);
}

enum likeness why_front_server(const struct front *client, const uint8_t *data, size_t len,
                               struct front *front)
{
    struct why_cursor c = why_cur_init(data, len);
    enum likeness like = LIKE_SO;

    *front = (struct front){0, 0, 0};
    if ((client->kinds & FRONT_CONNECT) != 0)
        like = http_answer(&c);
    else if ((client->kinds & FRONT_SOCKS) != 0)
        like = client->messages == 1 ? socks_4_answer(&c) : socks_5_answer(&c, client->messages);
    if (like == LIKE_SO)
        front->len = c.pos;
    return like;
}
