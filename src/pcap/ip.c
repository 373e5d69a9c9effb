/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wire/numbers.h"

#include "layers.h"
#include "packet.h"

/* IP and what it carries. */

#define PROTOCOL_ICMP   1
#define PROTOCOL_ICMPV6 58

#define EXTENSIONS_MAX     8
#define EXT_HOP_BY_HOP     0
#define EXT_ROUTING        43
#define EXT_FRAGMENT       44
#define EXT_AUTHENTICATION 51
#define EXT_DESTINATION    60

/* ---- TCP, UDP, ICMP -------------------------------------------------------------------------- */

static size_t wire_left(const struct walk *w)
{
    return w->wire_end > w->c.pos ? w->wire_end - w->c.pos : 0;
}

static void take_ends(const struct walk *w, struct endpoint *from, struct endpoint *to)
{
    memcpy(from->address, w->from, sizeof(w->from));
    memcpy(to->address, w->to, sizeof(w->to));
}

static bool tcp(struct walk *w)
{
    struct tcp_segment *out = &w->out->tcp;
    struct why_cursor *c = &w->c;
    size_t wire_len = wire_left(w), header, options;

    memset(out, 0, sizeof(*out));
    out->v6 = w->v6;
    take_ends(w, &out->from, &out->to);
    out->from.port = why_cur_u16be(c);
    out->to.port = why_cur_u16be(c);
    out->seq = why_cur_u32be(c);
    out->ack = why_cur_u32be(c);
    header = (size_t)(why_cur_u8(c) >> 4) * 4;
    out->flags = why_cur_u8(c);
    why_cur_skip(c, 6);
    if (c->failed || header < 20 || header > wire_len)
        return false;
    out->wire_len = wire_len - header;
    options = header - 20;
    why_cur_skip(c, options < why_cur_left(c) ? options : why_cur_left(c));
    out->len = why_cur_left(c) < out->wire_len ? why_cur_left(c) : out->wire_len;
    out->data = c->base + c->pos;
    w->out->kind = PACKET_TCP;
    return false;
}

/* Whether a known tunnel begins here. */
static bool enter_tunnel(struct walk *w, uint16_t port)
{
    struct walk inside = *w;
    layer *read;

    (void)why_layer_go(&inside, SPACE_TUNNEL, port);
    read = inside.find(inside.space, inside.type);
    if (read == NULL || !read(&inside))
        return false;
    *w = inside;
    return true;
}

static bool udp(struct walk *w)
{
    struct udp_datagram *out = &w->out->udp;
    struct why_cursor *c = &w->c;
    size_t start = c->pos, len;

    memset(out, 0, sizeof(*out));
    out->v6 = w->v6;
    take_ends(w, &out->from, &out->to);
    out->from.port = why_cur_u16be(c);
    out->to.port = why_cur_u16be(c);
    len = why_cur_u16be(c);
    why_cur_skip(c, 2);
    if (c->failed || len < 8)
        return false;
    if (start + len < c->end)
        c->end = start + len;
    if (enter_tunnel(w, out->to.port))
        return true;
    out->data = c->base + c->pos;
    out->len = why_cur_left(c);
    w->out->kind = PACKET_UDP;
    return false;
}

/* RFC 792, RFC 4443: a message that something could not be delivered quotes its beginning. */
#define ICMP_UNREACHABLE          3
#define ICMP_FRAGMENTATION_NEEDED 4 /* a code: the sender is to try again */
#define ICMPV6_UNREACHABLE        1

static bool icmp(struct walk *w)
{
    struct packet quoted = {.kind = PACKET_OTHER};
    struct walk inside = *w;
    layer *read;
    uint8_t type = why_cur_u8(&inside.c), code = why_cur_u8(&inside.c);

    if (type != (w->v6 ? ICMPV6_UNREACHABLE : ICMP_UNREACHABLE) ||
        (!w->v6 && code == ICMP_FRAGMENTATION_NEEDED))
        return false;
    why_cur_skip(&inside.c, 6);
    inside.out = &quoted;
    inside.mirrored = true;
    if (!why_layer_go_ip(&inside))
        return false;
    read = inside.find(inside.space, inside.type);
    /* No further than the transport: a quoted tunnel's content is not what was refused. */
    if (read != NULL && read(&inside) && inside.space == SPACE_IP && inside.type == PROTOCOL_UDP)
        (void)udp(&inside);
    if (quoted.kind != PACKET_UDP)
        return false;
    w->out->udp = quoted.udp;
    w->out->udp.unreachable = true;
    w->out->kind = PACKET_UDP;
    return false;
}

/* ---- IP -------------------------------------------------------------------------------------- */

static void take_address(struct why_cursor *c, size_t len, uint8_t address[16])
{
    memset(address, 0, 16);
    for (size_t i = 0; i < len; i++)
        address[i] = why_cur_u8(c);
}

/* What is behind the packet is the link's padding. False: it is longer than what passed. */
static bool end_at(struct walk *w, size_t wire_end)
{
    if (wire_end > w->wire_end && !w->mirrored)
        return false;
    w->wire_end = wire_end;
    if (w->c.end > wire_end)
        w->c.end = wire_end;
    return true;
}

static bool fragment(struct walk *w, uint8_t protocol, uint32_t id, unsigned offset)
{
    struct ip_fragment *out = &w->out->fragment;

    out->v6 = w->v6;
    out->protocol = protocol;
    memcpy(out->from, w->from, sizeof(w->from));
    memcpy(out->to, w->to, sizeof(w->to));
    out->id = id;
    out->data = w->c.base + w->c.pos;
    out->len = why_cur_left(&w->c);
    out->wire_len = wire_left(w);
    out->offset = (size_t)(offset & 0x1fff) * 8;
    out->more = (offset & 0x2000) != 0;
    w->out->kind = PACKET_FRAGMENT;
    return false;
}

static bool ipv4(struct walk *w)
{
    struct why_cursor c = w->c;
    size_t start = c.pos, header = (size_t)(why_cur_u8(&c) & 0x0f) * 4, total;
    unsigned id, offset;
    uint8_t protocol;

    why_cur_skip(&c, 1);
    total = why_cur_u16be(&c);
    id = why_cur_u16be(&c);
    offset = why_cur_u16be(&c);
    why_cur_skip(&c, 1);
    protocol = why_cur_u8(&c);
    why_cur_skip(&c, 2);
    take_address(&c, 4, w->from);
    take_address(&c, 4, w->to);
    w->v6 = false;
    if (total == 0) /* of a network card that cuts by itself: not known yet when captured */
        total = wire_left(w);
    if (c.failed || header < 20 || total < header || !end_at(w, start + total))
        return false;
    why_cur_skip(&w->c, header);
    if (w->c.failed)
        return false;
    if ((offset & 0x3fff) != 0) /* an offset, or more to come */
        return fragment(w, protocol, id, offset);
    return why_layer_go(w, SPACE_IP, protocol);
}

/* RFC 8200 4: the length of an extension header, 0 for what is none. */
static size_t extension_length(uint8_t kind, uint8_t length)
{
    switch (kind) {
    case EXT_HOP_BY_HOP:
    case EXT_ROUTING:
    case EXT_DESTINATION:
        return ((size_t)length + 1) * 8;
    case EXT_AUTHENTICATION: /* RFC 4302 2.2 */
        return ((size_t)length + 2) * 4;
    default:
        return 0;
    }
}

/* RFC 8200 4.5. A packet may say that it is a fragment and be all of it (RFC 6946). */
static bool fragment_header(struct walk *w)
{
    uint8_t protocol = why_cur_u8(&w->c);
    unsigned offset;
    uint32_t id;

    why_cur_skip(&w->c, 1);
    offset = why_cur_u16be(&w->c);
    id = why_cur_u32be(&w->c);
    if (w->c.failed)
        return false;
    if ((offset & 0xfff9) == 0)
        return why_layer_go(w, SPACE_IP, protocol);
    return fragment(w, protocol, id, offset >> 3 | (offset & 1) << 13);
}

/* Moves over the extension headers; false where they cannot be read on. */
static bool extensions(struct walk *w, uint8_t next)
{
    for (int i = 0; i < EXTENSIONS_MAX; i++) {
        uint8_t kind = next;
        size_t length;

        if (kind == EXT_FRAGMENT)
            return fragment_header(w);
        length = extension_length(kind, why_cur_peek(&w->c, 1));
        if (length == 0)
            return why_layer_go(w, SPACE_IP, kind);
        if (length > wire_left(w))
            return false;
        next = why_cur_peek(&w->c, 0);
        why_cur_skip(&w->c, length);
    }
    return false;
}

static bool ipv6(struct walk *w)
{
    size_t start = w->c.pos, payload;
    uint8_t next;

    why_cur_skip(&w->c, 4);
    payload = why_cur_u16be(&w->c);
    next = why_cur_u8(&w->c);
    why_cur_skip(&w->c, 1);
    take_address(&w->c, 16, w->from);
    take_address(&w->c, 16, w->to);
    w->v6 = true;
    if (w->c.failed)
        return false;
    if (payload == 0)
        payload = wire_left(w);
    return end_at(w, start + 40 + payload) && extensions(w, next);
}

/* In IPv4, where it is no extension header. */
static bool authentication(struct walk *w)
{
    return extensions(w, EXT_AUTHENTICATION);
}

static const struct layer_row rows[] = {
    {SPACE_ETHER, 0x0800, ipv4},
    {SPACE_ETHER, 0x86dd, ipv6},
    {SPACE_IP, PROTOCOL_TCP, tcp},
    {SPACE_IP, PROTOCOL_UDP, udp},
    {SPACE_IP, PROTOCOL_ICMP, icmp},
    {SPACE_IP, PROTOCOL_ICMPV6, icmp},
    {SPACE_IP, EXT_AUTHENTICATION, authentication},
};
const struct layer_table why_layers_ip = {rows, sizeof(rows) / sizeof(rows[0])};
