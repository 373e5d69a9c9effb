/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

#include <string.h>

#include "wire/cursor.h"

/* https://www.tcpdump.org/linktypes.html; raw IP has had three numbers */
enum link {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_RAW = 12,
    LINK_RAW_OPENBSD = 14,
    LINK_RAW_FILE = 101,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_SLL2 = 276
};

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define TAGS_MAX       4 /* VLAN tags, one in the other */

#define EXTENSIONS_MAX     8
#define EXT_HOP_BY_HOP     0
#define EXT_ROUTING        43
#define EXT_FRAGMENT       44
#define EXT_AUTHENTICATION 51
#define EXT_DESTINATION    60

bool why_packet_link_known(int link)
{
    static const int known[] = {LINK_NULL,     LINK_ETHERNET, LINK_RAW, LINK_RAW_OPENBSD,
                                LINK_RAW_FILE, LINK_LOOP,     LINK_SLL, LINK_IPV4,
                                LINK_IPV6,     LINK_SLL2};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i] == link)
            return true;
    }
    return false;
}

/* IEEE 802.1Q, 802.1ad: a tag has the place of the type, which follows it. */
static unsigned ether_type(struct why_cursor *c, unsigned type)
{
    for (int i = 0; i < TAGS_MAX && (type == 0x8100 || type == 0x88a8 || type == 0x9100); i++) {
        why_cur_skip(c, 2);
        type = why_cur_u16be(c);
    }
    return type;
}

/* Moves over the link header. The type is 0 where the IP header itself has to say. */
static unsigned link_header(int link, struct why_cursor *c)
{
    unsigned type;

    switch (link) {
    case LINK_ETHERNET:
        why_cur_skip(c, 12);
        return ether_type(c, why_cur_u16be(c));
    case LINK_SLL:
        why_cur_skip(c, 14);
        return ether_type(c, why_cur_u16be(c));
    case LINK_SLL2:
        type = why_cur_u16be(c);
        why_cur_skip(c, 18);
        return ether_type(c, type);
    case LINK_NULL: /* the address family, in the byte order of whoever captured */
    case LINK_LOOP:
        why_cur_skip(c, 4);
        return 0;
    default:
        return 0;
    }
}

static enum packet_kind tcp(struct why_cursor c, size_t wire_len, struct tcp_segment *out)
{
    size_t header, options;

    out->from.port = why_cur_u16be(&c);
    out->to.port = why_cur_u16be(&c);
    out->seq = why_cur_u32be(&c);
    out->ack = why_cur_u32be(&c);
    header = (size_t)(why_cur_u8(&c) >> 4) * 4;
    out->flags = why_cur_u8(&c);
    why_cur_skip(&c, 6);
    if (c.failed || header < 20 || header > wire_len)
        return PACKET_OTHER;
    out->wire_len = wire_len - header;
    options = header - 20;
    why_cur_skip(&c, options < why_cur_left(&c) ? options : why_cur_left(&c));
    out->len = why_cur_left(&c) < out->wire_len ? why_cur_left(&c) : out->wire_len;
    out->data = c.base + c.pos;
    return PACKET_TCP;
}

static void take_address(struct why_cursor *c, size_t len, uint8_t address[16])
{
    memset(address, 0, 16);
    for (size_t i = 0; i < len; i++)
        address[i] = why_cur_u8(c);
}

/* |wire_len| counts from the header on; what is behind the packet is the link's padding. */
static enum packet_kind ipv4(struct why_cursor c, size_t wire_len, struct tcp_segment *out)
{
    struct why_cursor start = c;
    size_t header = (size_t)(why_cur_u8(&c) & 0x0f) * 4, total;
    unsigned fragment;
    uint8_t protocol;

    why_cur_skip(&c, 1);
    total = why_cur_u16be(&c);
    why_cur_skip(&c, 2);
    fragment = why_cur_u16be(&c);
    why_cur_skip(&c, 1);
    protocol = why_cur_u8(&c);
    why_cur_skip(&c, 2);
    take_address(&c, 4, out->from.address);
    take_address(&c, 4, out->to.address);
    if (total == 0) /* of a network card that cuts by itself: not known yet when captured */
        total = wire_len;
    if (c.failed || header < 20 || protocol != PROTOCOL_TCP || total < header || total > wire_len)
        return PACKET_OTHER;
    if ((fragment & 0x3fff) != 0) /* an offset, or more to come */
        return PACKET_FRAGMENT;
    why_cur_skip(&start, header);
    return start.failed ? PACKET_OTHER : tcp(start, total - header, out);
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

static enum packet_kind ipv6(struct why_cursor c, size_t wire_len, struct tcp_segment *out)
{
    size_t payload;
    uint8_t next;

    why_cur_skip(&c, 4);
    payload = why_cur_u16be(&c);
    next = why_cur_u8(&c);
    why_cur_skip(&c, 1);
    take_address(&c, 16, out->from.address);
    take_address(&c, 16, out->to.address);
    out->v6 = true;
    if (c.failed || wire_len < 40)
        return PACKET_OTHER;
    if (payload == 0)
        payload = wire_len - 40;
    for (int i = 0; i < EXTENSIONS_MAX && next != PROTOCOL_TCP; i++) {
        uint8_t kind = next;
        size_t length;

        if (kind == EXT_FRAGMENT)
            return PACKET_FRAGMENT;
        next = why_cur_u8(&c);
        length = extension_length(kind, why_cur_u8(&c));
        if (length == 0 || length > payload)
            return PACKET_OTHER;
        why_cur_skip(&c, length - 2);
        payload -= length;
    }
    return next == PROTOCOL_TCP && !c.failed ? tcp(c, payload, out) : PACKET_OTHER;
}

enum packet_kind why_packet_parse(int link, const uint8_t *data, size_t len, size_t wire_len,
                                  struct tcp_segment *out)
{
    struct why_cursor c = why_cur_init(data, len);
    unsigned type = link_header(link, &c), version = why_cur_peek(&c, 0) >> 4;

    memset(out, 0, sizeof(*out));
    if (c.failed)
        return PACKET_OTHER;
    if (wire_len < len)
        wire_len = len;
    if (type == ETHERTYPE_IPV4 || (type == 0 && version == 4))
        return ipv4(c, wire_len - c.pos, out);
    if (type == ETHERTYPE_IPV6 || (type == 0 && version == 6))
        return ipv6(c, wire_len - c.pos, out);
    return PACKET_OTHER;
}
