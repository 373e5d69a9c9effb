/* SPDX-License-Identifier: Apache-2.0 */
#include "packets.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"
#include "wire/cursor.h"

#include "providers.h"

#define PACKET_MAX (256u * 1024u)
#define PIECES_MAX 1024u
#define STRING_MAX 4096u

/* ---- 802.11 ---------------------------------------------------------------------------------- */

#define WIFI_TYPE_MASK 0x0cu
#define WIFI_TYPE_DATA 0x08u
#define WIFI_NO_DATA   0x40u
#define WIFI_QOS       0x80u
#define WIFI_BOTH_DS   0x03u
#define WIFI_ORDER     0x80u
#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu

static bool is_ip(unsigned type)
{
    return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6;
}

/*
 * Moves |packet| to the IP header behind a data frame's header and LLC/SNAP (IEEE 802.11 9.2.4,
 * RFC 1042). The frame was decrypted, though its bit for that may still be set. False for what
 * carries no IP.
 */
static bool unwrap_wifi(struct why_etl_packet *packet)
{
    static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0, 0, 0};
    struct why_cursor c = why_cur_init(packet->data, packet->len);
    unsigned control = why_cur_u8(&c), flags = why_cur_u8(&c);
    size_t header = 24;

    if ((control & WIFI_TYPE_MASK) != WIFI_TYPE_DATA || (control & WIFI_NO_DATA) != 0)
        return false;
    if ((flags & WIFI_BOTH_DS) == WIFI_BOTH_DS)
        header += 6;
    if ((control & WIFI_QOS) != 0)
        header += (flags & WIFI_ORDER) != 0 ? 6 : 2;
    why_cur_skip(&c, header - 2);
    if (!why_cur_at(&c, snap, sizeof(snap)))
        return false;
    why_cur_skip(&c, sizeof(snap));
    if (!is_ip(why_cur_u16be(&c)) || c.failed)
        return false;
    packet->link = WHY_ETL_RAW_IP;
    packet->data += c.pos;
    packet->len -= c.pos;
    packet->wire_len -= packet->wire_len > c.pos ? c.pos : packet->wire_len;
    return true;
}

/* Whether the bytes are an Ethernet frame with IP in it, whatever they are called. */
static bool looks_ethernet(const struct why_etl_packet *packet)
{
    struct why_cursor c = why_cur_init(packet->data, packet->len);
    unsigned type, version;

    why_cur_skip(&c, 12);
    type = why_cur_u16be(&c);
    version = why_cur_u8(&c) >> 4;
    return !c.failed &&
           ((type == ETHERTYPE_IPV4 && version == 4) || (type == ETHERTYPE_IPV6 && version == 6) ||
            type == 0x8100 || type == 0x88a8);
}

/* ---- Microsoft-Windows-NDIS-PacketCapture ---------------------------------------------------- */

#define NDIS_PACKET        1001u
#define NDIS_SWITCH_PACKET 1003u

#define NDIS_KEY_RAW       UINT64_C(0x200)
#define NDIS_KEY_TUNNEL    UINT64_C(0x8000)
#define NDIS_KEY_WIFI      UINT64_C(0x10000)
#define NDIS_KEY_FIRST     UINT64_C(0x40000000)
#define NDIS_KEY_LAST      UINT64_C(0x80000000)
#define NDIS_KEY_DIRECTION UINT64_C(0x300000000)

static void drop_piece(struct etl_pieces *pieces, size_t index)
{
    free(pieces->items[index].data);
    pieces->items[index] = pieces->items[--pieces->count];
}

static size_t find_piece(const struct etl_pieces *pieces, const struct etl_piece *like)
{
    size_t i = 0;

    while (i < pieces->count &&
           (pieces->items[i].miniport != like->miniport || pieces->items[i].lower != like->lower ||
            pieces->items[i].direction != like->direction))
        i++;
    return i;
}

/* Puts the bytes of |packet| behind those of |piece|. WHY_ERR_NOTFOUND: it is too large. */
static int extend(struct etl_piece *piece, const struct why_etl_packet *packet)
{
    if (packet->len == 0)
        return WHY_OK;
    if (packet->len > PACKET_MAX - piece->len)
        return WHY_ERR_NOTFOUND;
    if (!why_grow(&piece->data, &piece->capacity, piece->len + packet->len, 1))
        return WHY_ERR_NOMEM;
    memcpy(piece->data + piece->len, packet->data, packet->len);
    piece->len += packet->len;
    return WHY_OK;
}

/* A part of a packet: WHY_OK with the whole one where it was the last part. */
static int put_together(struct etl_pieces *pieces, uint64_t keyword, struct why_etl_packet *packet)
{
    struct etl_piece like = {.miniport = packet->place.adapter,
                             .lower = packet->place.layer,
                             .direction = keyword & NDIS_KEY_DIRECTION};
    size_t i = find_piece(pieces, &like);
    int status;

    if ((keyword & NDIS_KEY_FIRST) != 0) {
        if (i < pieces->count)
            drop_piece(pieces, i);
        if (pieces->count == PIECES_MAX)
            return WHY_ERR_NOTFOUND;
        if (!why_grow(&pieces->items, &pieces->capacity, pieces->count + 1, sizeof(like)))
            return WHY_ERR_NOMEM;
        i = pieces->count++;
        pieces->items[i] = like;
    } else if (i == pieces->count) {
        return WHY_ERR_NOTFOUND; /* its first part is from before the trace */
    }
    status = extend(&pieces->items[i], packet);
    if (status != WHY_OK) {
        drop_piece(pieces, i);
        return status;
    }
    if ((keyword & NDIS_KEY_LAST) == 0)
        return WHY_ERR_NOTFOUND;
    free(pieces->whole);
    pieces->whole = pieces->items[i].data;
    packet->data = pieces->whole;
    packet->len = packet->wire_len = pieces->items[i].len;
    pieces->items[i] = pieces->items[--pieces->count];
    return WHY_OK;
}

/* How long the packet was is not recorded: where it was cut, its IP header says it. */
static void complete_length(struct why_etl_packet *packet)
{
    struct why_cursor c = why_cur_init(packet->data, packet->len);
    unsigned version;
    size_t length;

    if (packet->link == WHY_ETL_ETHERNET) {
        unsigned type;

        why_cur_skip(&c, 12);
        while ((type = why_cur_u16be(&c)) == 0x8100 || type == 0x88a8)
            why_cur_skip(&c, 2);
        if (!is_ip(type))
            return;
    }
    length = c.pos;
    version = why_cur_peek(&c, 0) >> 4;
    why_cur_skip(&c, version == 6 ? 4 : 2);
    length += why_cur_u16be(&c) + (version == 6 ? 40u : 0u);
    if (!c.failed && length > packet->wire_len)
        packet->wire_len = length;
}

/* A UTF-16 string with its NUL. */
static void skip_string(struct why_cursor *c)
{
    for (unsigned i = 0; i < STRING_MAX; i++) {
        if (why_cur_u16le(c) == 0)
            return;
    }
    c->failed = true;
}

static int take_ndis(const struct etl_event *event, struct etl_pieces *pieces,
                     struct why_etl_packet *packet)
{
    struct why_cursor c = why_cur_init(event->data, event->len);
    struct why_cursor bytes;

    if (event->id != NDIS_PACKET && event->id != NDIS_SWITCH_PACKET)
        return WHY_ERR_NOTFOUND;
    packet->place.kind = 0;
    packet->place.adapter = why_cur_u32le(&c);
    packet->place.layer = why_cur_u32le(&c);
    if (event->id == NDIS_SWITCH_PACKET) {
        uint32_t destinations;

        packet->place.port = why_cur_u32le(&c) + 1; /* 0 stands for no port */
        for (int i = 0; i < 3; i++)
            skip_string(&c);
        destinations = why_cur_u32le(&c);
        if (destinations > why_cur_left(&c) / 8)
            return WHY_ERR_MALFORMED;
        why_cur_skip(&c, (size_t)destinations * 8);
    }
    packet->len = packet->wire_len = why_cur_u32le(&c);
    bytes = why_cur_sub(&c, packet->len);
    if (bytes.failed || packet->len > PACKET_MAX)
        return WHY_ERR_MALFORMED;
    packet->data = bytes.base + bytes.pos;
    if ((event->keyword & (NDIS_KEY_FIRST | NDIS_KEY_LAST)) != (NDIS_KEY_FIRST | NDIS_KEY_LAST)) {
        int status = put_together(pieces, event->keyword, packet);

        if (status != WHY_OK)
            return status;
    }
    packet->link = WHY_ETL_ETHERNET;
    if ((event->keyword & NDIS_KEY_WIFI) != 0 && !unwrap_wifi(packet))
        return WHY_ERR_NOTFOUND;
    if ((event->keyword & NDIS_KEY_RAW) != 0 ||
        ((event->keyword & NDIS_KEY_TUNNEL) != 0 && !looks_ethernet(packet)))
        packet->link = WHY_ETL_RAW_IP;
    complete_length(packet);
    return WHY_OK;
}

/* ---- Microsoft-Windows-PktMon ---------------------------------------------------------------- */

#define PKTMON_HEADERS_FIRST 120u
#define PKTMON_HEADERS_LAST  150u
#define PKTMON_PACKET        160u
#define PKTMON_DROP          170u

#define PKTMON_ETHERNET 1u
#define PKTMON_WIFI     2u
#define PKTMON_IP       3u

/* What pktmon calls Wi-Fi is Ethernet above the driver that translates. */
static int settle_link(unsigned kind, struct why_etl_packet *packet)
{
    packet->link = WHY_ETL_ETHERNET;
    if (kind == PKTMON_IP)
        packet->link = WHY_ETL_RAW_IP;
    else if (kind == PKTMON_WIFI && !unwrap_wifi(packet) && !looks_ethernet(packet))
        return WHY_ERR_NOTFOUND;
    else if (kind != PKTMON_ETHERNET && kind != PKTMON_WIFI && !looks_ethernet(packet))
        return WHY_ERR_NOTFOUND;
    return WHY_OK;
}

static int take_pktmon(const struct etl_event *event, struct why_etl_summary *summary,
                       struct why_etl_packet *packet)
{
    struct why_cursor c = why_cur_init(event->data, event->len);
    unsigned kind;

    if (event->id >= PKTMON_HEADERS_FIRST && event->id <= PKTMON_HEADERS_LAST)
        summary->headers_only++;
    if (event->id != PKTMON_PACKET && event->id != PKTMON_DROP)
        return WHY_ERR_NOTFOUND;
    why_cur_skip(&c, 0x0e);
    kind = why_cur_u16le(&c);
    packet->place.kind = event->id == PKTMON_DROP ? WHY_ETL_DROPS : 1;
    packet->place.adapter = why_cur_u16le(&c);
    packet->place.layer = why_cur_u16le(&c);
    why_cur_skip(&c, 2);
    packet->drop_reason = why_cur_u32le(&c);
    packet->drop_location = why_cur_u32le(&c);
    packet->wire_len = why_cur_u16le(&c);
    packet->len = why_cur_u16le(&c);
    if (c.failed || packet->len != why_cur_left(&c))
        return WHY_ERR_MALFORMED;
    if (packet->wire_len < packet->len)
        packet->wire_len = packet->len;
    packet->data = c.base + c.pos;
    if (event->id == PKTMON_PACKET)
        packet->drop_reason = packet->drop_location = 0;
    return settle_link(kind, packet);
}

/* ---- all ------------------------------------------------------------------------------------- */

void why_etl_pieces_clear(struct etl_pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++)
        free(pieces->items[i].data);
    free(pieces->items);
    free(pieces->whole);
    memset(pieces, 0, sizeof(*pieces));
}

int why_etl_packet_take(const struct etl_event *event, struct etl_pieces *pieces,
                        struct why_etl_summary *summary, struct why_etl_packet *packet)
{
    memset(packet, 0, sizeof(*packet));
    switch (why_etl_provider(event->provider)) {
    case ETL_NDIS:
        return take_ndis(event, pieces, packet);
    case ETL_PKTMON:
        return take_pktmon(event, summary, packet);
    default:
        return WHY_ERR_NOTFOUND;
    }
}
