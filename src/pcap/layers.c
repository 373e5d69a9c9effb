/* SPDX-License-Identifier: Apache-2.0 */
#include "layers.h"

/* What lies around IP: links, labels and tunnels. */

#define ETHER_IPV4  0x0800u
#define ETHER_IPV6  0x86ddu
#define ETHER_MPLS  0x8847u
#define ETHER_FRAME 0x6558u /* Transparent Ethernet Bridging, RFC 7637 */
#define ETHER_PPP   0x880bu

#define LINK_ETHERNET 1u
#define LENGTH_MAX    1500u /* IEEE 802.3: up to here it is a length, above a type */

bool why_layer_go(struct walk *w, enum space space, unsigned type)
{
    w->space = space;
    w->type = type;
    return !w->c.failed;
}

bool why_layer_go_ip(struct walk *w)
{
    unsigned version = why_cur_peek(&w->c, 0) >> 4;

    return why_layer_go(w, SPACE_ETHER, version == 6 ? ETHER_IPV6 : version == 4 ? ETHER_IPV4 : 0);
}

static bool skip_to(struct walk *w, size_t n, enum space space, unsigned type)
{
    why_cur_skip(&w->c, n);
    return why_layer_go(w, space, type);
}

static bool skip_to_frame(struct walk *w, size_t n)
{
    return skip_to(w, n, SPACE_LINK, LINK_ETHERNET);
}

/* IEEE 802.2 with the Subnetwork Access Protocol; another use of it is none of IP. */
bool why_layer_go_llc(struct walk *w)
{
    static const uint8_t snap[] = {0xaa, 0xaa, 0x03};

    if (!why_cur_at(&w->c, snap, sizeof(snap)))
        return false;
    why_cur_skip(&w->c, 6);
    return why_layer_go(w, SPACE_ETHER, why_cur_u16be(&w->c));
}

/* ---- links ----------------------------------------------------------------------------------- */

static bool ethernet(struct walk *w)
{
    unsigned type;

    why_cur_skip(&w->c, 12);
    type = why_cur_u16be(&w->c);
    return type <= LENGTH_MAX ? why_layer_go_llc(w) : why_layer_go(w, SPACE_ETHER, type);
}

static bool linux_cooked(struct walk *w)
{
    why_cur_skip(&w->c, 14);
    return why_layer_go(w, SPACE_ETHER, why_cur_u16be(&w->c));
}

static bool linux_cooked_2(struct walk *w)
{
    unsigned type = why_cur_u16be(&w->c);

    return skip_to(w, 18, SPACE_ETHER, type);
}

/* The address family, in the byte order of whoever captured; the IP header says it again. */
static bool loopback(struct walk *w)
{
    why_cur_skip(&w->c, 4);
    return why_layer_go_ip(w);
}

/* RFC 1661, RFC 1662: address and control may be there, and the protocol may be one byte. */
static bool ppp(struct walk *w)
{
    static const uint8_t hdlc[] = {0xff, 0x03};
    unsigned type;

    if (why_cur_at(&w->c, hdlc, sizeof(hdlc)))
        why_cur_skip(&w->c, sizeof(hdlc));
    type = why_cur_u8(&w->c);
    if ((type & 1) == 0)
        type = type << 8 | why_cur_u8(&w->c);
    return why_layer_go(w, SPACE_PPP, type);
}

static bool cisco_hdlc(struct walk *w)
{
    why_cur_skip(&w->c, 2);
    return why_layer_go(w, SPACE_ETHER, why_cur_u16be(&w->c));
}

/* ---- between the link and IP ----------------------------------------------------------------- */

/* IEEE 802.1Q, 802.1ad: a tag has the place of the type, which follows it. */
static bool vlan_tag(struct walk *w)
{
    why_cur_skip(&w->c, 2);
    return why_layer_go(w, SPACE_ETHER, why_cur_u16be(&w->c));
}

/* IEEE 802.1ah: a service tag, and the frame */
static bool backbone(struct walk *w)
{
    return skip_to_frame(w, 4);
}

/* RFC 3032. What comes after the last label, only those know that made it; RFC 4385: a pseudowire
 * avoids what looks like IP. */
static bool mpls(struct walk *w)
{
    unsigned bottom;

    why_cur_skip(&w->c, 2);
    bottom = why_cur_u8(&w->c) & 1;
    why_cur_skip(&w->c, 1);
    if (bottom == 0)
        return why_layer_go(w, SPACE_ETHER, ETHER_MPLS);
    switch (why_cur_peek(&w->c, 0) >> 4) {
    case 4:
    case 6:
        return why_layer_go_ip(w);
    case 0:
        /* A control word, or an address that begins like one: the type tells. */
        return skip_to_frame(
            w, why_cur_peek(&w->c, 12) == 0x08 || why_cur_peek(&w->c, 12) == 0x81 ? 0 : 4);
    default:
        return skip_to_frame(w, 0);
    }
}

/* RFC 2516 */
static bool pppoe_session(struct walk *w)
{
    uint8_t version = why_cur_u8(&w->c), code = why_cur_u8(&w->c);

    why_cur_skip(&w->c, 4);
    return version == 0x11 && code == 0 && ppp(w);
}

/* ---- tunnels in IP --------------------------------------------------------------------------- */

#define GRE_CHECKSUM 0x8000u
#define GRE_ROUTING  0x4000u
#define GRE_KEY      0x2000u
#define GRE_SEQUENCE 0x1000u
#define GRE_ACK      0x0080u /* version 1, RFC 2637 */
#define GRE_VERSION  0x0007u

#define ERSPAN_2 0x88beu
#define ERSPAN_3 0x22ebu

/* draft-foschiano-erspan: the first version has no header of its own, and no sequence number. */
static bool erspan_2(struct walk *w, unsigned gre_flags)
{
    w->mirrored = true;
    return skip_to_frame(w, (gre_flags & GRE_SEQUENCE) != 0 ? 8 : 0);
}

static bool erspan_3(struct walk *w)
{
    unsigned word;

    w->mirrored = true;
    why_cur_skip(&w->c, 10);
    word = why_cur_u16be(&w->c);
    if ((word & 1) != 0) /* a subheader of the platform's */
        why_cur_skip(&w->c, 8);
    return (word >> 10 & 0x1f) == 2 ? why_layer_go_ip(w) : skip_to_frame(w, 0);
}

/* RFC 2784, RFC 2890 */
static bool gre(struct walk *w)
{
    unsigned flags = why_cur_u16be(&w->c), type = why_cur_u16be(&w->c);

    if ((flags & GRE_ROUTING) != 0 || (flags & GRE_VERSION) > 1)
        return false;
    why_cur_skip(&w->c, (flags & GRE_CHECKSUM) != 0 ? 4 : 0);
    why_cur_skip(&w->c, (flags & GRE_KEY) != 0 ? 4 : 0);
    why_cur_skip(&w->c, (flags & GRE_SEQUENCE) != 0 ? 4 : 0);
    why_cur_skip(&w->c, (flags & GRE_VERSION) == 1 && (flags & GRE_ACK) != 0 ? 4 : 0);
    if (type == ERSPAN_2)
        return erspan_2(w, flags);
    return type == ERSPAN_3 ? erspan_3(w) : why_layer_go(w, SPACE_ETHER, type);
}

/* RFC 3378 */
static bool ether_ip(struct walk *w)
{
    return why_cur_peek(&w->c, 0) == 0x30 && skip_to_frame(w, 2);
}

/* RFC 7348, draft-ietf-nvo3-vxlan-gpe */
static bool vxlan(struct walk *w)
{
    return (why_cur_peek(&w->c, 0) & 0x08) != 0 && skip_to_frame(w, 8);
}

static bool vxlan_gpe(struct walk *w)
{
    uint8_t flags = why_cur_peek(&w->c, 0), next = why_cur_peek(&w->c, 3);

    if ((flags & 0x04) == 0 || next == 3)
        return vxlan(w);
    why_cur_skip(&w->c, 8);
    return (next == 1 || next == 2) && why_layer_go_ip(w);
}

/* RFC 8926 */
static bool geneve(struct walk *w)
{
    uint8_t first = why_cur_u8(&w->c);
    unsigned type;

    why_cur_skip(&w->c, 1);
    type = why_cur_u16be(&w->c);
    why_cur_skip(&w->c, 4 + (size_t)(first & 0x3f) * 4);
    return first >> 6 == 0 && why_layer_go(w, SPACE_ETHER, type);
}

/* ---- the table ------------------------------------------------------------------------------- */

/* https://www.tcpdump.org/linktypes.html, the registries of IEEE and IANA; raw IP has had three
 * numbers */
static const struct layer_row rows[] = {
    {SPACE_LINK, LINK_ETHERNET, ethernet},
    {SPACE_LINK, 0, loopback},
    {SPACE_LINK, 9, ppp},
    {SPACE_LINK, 12, why_layer_go_ip},
    {SPACE_LINK, 14, why_layer_go_ip},
    {SPACE_LINK, 50, ppp},
    {SPACE_LINK, 51, pppoe_session},
    {SPACE_LINK, 101, why_layer_go_ip},
    {SPACE_LINK, 104, cisco_hdlc},
    {SPACE_LINK, 108, loopback},
    {SPACE_LINK, 113, linux_cooked},
    {SPACE_LINK, 228, why_layer_go_ip},
    {SPACE_LINK, 229, why_layer_go_ip},
    {SPACE_LINK, 276, linux_cooked_2},
    {SPACE_ETHER, 0x8100, vlan_tag},
    {SPACE_ETHER, 0x88a8, vlan_tag},
    {SPACE_ETHER, 0x9100, vlan_tag},
    {SPACE_ETHER, 0x88e7, backbone},
    {SPACE_ETHER, ETHER_MPLS, mpls},
    {SPACE_ETHER, 0x8848, mpls},
    {SPACE_ETHER, 0x8864, pppoe_session},
    {SPACE_ETHER, ETHER_FRAME, ethernet},
    {SPACE_ETHER, ETHER_PPP, ppp},
    {SPACE_PPP, 0x0021, why_layer_go_ip},
    {SPACE_PPP, 0x0057, why_layer_go_ip},
    {SPACE_PPP, 0x0281, mpls},
    {SPACE_PPP, 0x0283, mpls},
    {SPACE_IP, 4, why_layer_go_ip},
    {SPACE_IP, 41, why_layer_go_ip},
    {SPACE_IP, 47, gre},
    {SPACE_IP, 97, ether_ip},
    {SPACE_IP, 137, mpls},
    {SPACE_TUNNEL, 4754, gre}, /* RFC 8086 */
    {SPACE_TUNNEL, 4789, vxlan},
    {SPACE_TUNNEL, 4790, vxlan_gpe},
    {SPACE_TUNNEL, 6081, geneve},
    {SPACE_TUNNEL, 6635, mpls}, /* RFC 7510 */
    {SPACE_TUNNEL, 8472, vxlan} /* Linux' old default */
};
const struct layer_table why_layers_around = {rows, sizeof(rows) / sizeof(rows[0])};
