/* SPDX-License-Identifier: Apache-2.0 */
#include "layers.h"

#include "packet.h"

/* IEEE 802.11 as it is in the air, and what drivers put in front of it. */

#define LINK_WLAN 105u

/* Frame control, 9.2.4.1: the first byte, then the second */
#define TYPE_MASK   0x0cu
#define TYPE_DATA   0x08u
#define NO_DATA     0x40u /* among the subtypes of data */
#define QOS         0x80u
#define TO_DS       0x01u
#define FROM_DS     0x02u
#define MORE        0x04u /* fragments */
#define PROTECTED   0x40u /* encrypted */
#define ORDER       0x80u /* with QoS: an HT Control field */
#define AGGREGATION 0x80u /* in the QoS field: an A-MSDU */

static bool skip_to_wlan(struct walk *w, size_t n)
{
    why_cur_skip(&w->c, n);
    return why_layer_go(w, SPACE_LINK, LINK_WLAN);
}

static size_t header_length(uint8_t first, uint8_t second)
{
    size_t len = 24;

    if ((second & TO_DS) != 0 && (second & FROM_DS) != 0)
        len += 6;
    if ((first & QOS) != 0)
        len += 2 + ((second & ORDER) != 0 ? 4 : 0);
    return len;
}

/* |pad|: between the header and what it carries, to a multiple of 4. */
static bool read_frame(struct walk *w, bool pad)
{
    uint8_t first = why_cur_peek(&w->c, 0), second = why_cur_peek(&w->c, 1);
    size_t len = header_length(first, second), order = (second & ORDER) != 0 ? 4 : 0;
    bool aggregated = (first & QOS) != 0 && (why_cur_peek(&w->c, len - order - 2) & AGGREGATION);

    if ((first & TYPE_MASK) != TYPE_DATA || (first & NO_DATA) != 0 ||
        (second & (PROTECTED | MORE)) != 0 || (why_cur_peek(&w->c, 22) & 0x0f) != 0)
        return false;
    why_cur_skip(&w->c, pad ? (len + 3) / 4 * 4 : len);
    if (aggregated)
        return why_layer_go(w, SPACE_AGGREGATE, 0);
    return !w->c.failed && why_layer_go_llc(w);
}

/* One of several frames in one: two addresses and a length, padded to a multiple of 4; 9.3.2.2 */
static bool subframe(struct walk *w)
{
    size_t start = w->c.pos, length, end;

    why_cur_skip(&w->c, 12);
    length = why_cur_u16be(&w->c);
    end = w->c.pos + length;
    if (w->c.failed)
        return false;
    if (start + (14 + length + 3) / 4 * 4 < w->wire_end)
        w->out->next = start + (14 + length + 3) / 4 * 4;
    if (end < w->wire_end)
        w->wire_end = end;
    return why_layer_go_llc(w);
}

static bool wlan(struct walk *w)
{
    return read_frame(w, false);
}

/* https://www.radiotap.org: words that say what is there, then what is there */
#define RADIOTAP_TIME  0x00000001u
#define RADIOTAP_FLAGS 0x00000002u
#define RADIOTAP_MORE  0x80000000u /* another word of them */
#define PADDED         0x20u
#define WORDS_MAX      32

static bool radiotap(struct walk *w)
{
    struct why_cursor c = w->c;
    size_t start = w->c.pos, len;
    uint32_t present, word;
    uint8_t flags = 0;

    why_cur_skip(&c, 2);
    len = why_cur_u16le(&c);
    present = word = why_cur_u32le(&c);
    for (int i = 0; i < WORDS_MAX && (word & RADIOTAP_MORE) != 0; i++)
        word = why_cur_u32le(&c);
    if ((present & RADIOTAP_TIME) != 0) {
        why_cur_skip(&c, (8 - (c.pos - start) % 8) % 8);
        why_cur_skip(&c, 8);
    }
    if ((present & RADIOTAP_FLAGS) != 0)
        flags = why_cur_u8(&c);
    if (c.failed || len < 8)
        return false;
    why_cur_skip(&w->c, len);
    return !w->c.failed && read_frame(w, (flags & PADDED) != 0);
}

#define PRISM_LENGTH 144u
#define AVS_MAGIC    0x80211u /* its upper bits; the lower ones are the version */

static bool avs(struct walk *w)
{
    struct why_cursor c = w->c;
    uint32_t magic = why_cur_u32be(&c), len = why_cur_u32be(&c);

    return magic >> 12 == AVS_MAGIC && len >= 8 && skip_to_wlan(w, len);
}

/* Drivers that announce the one may send the other. */
static bool prism(struct walk *w)
{
    struct why_cursor c = w->c;

    return why_cur_u32be(&c) >> 12 == AVS_MAGIC ? avs(w) : skip_to_wlan(w, PRISM_LENGTH);
}

/* Per-Packet Information: its length, and the link type of what follows */
static bool ppi(struct walk *w)
{
    struct why_cursor c = w->c;
    size_t len;
    uint32_t link;

    why_cur_skip(&c, 2);
    len = why_cur_u16le(&c);
    link = why_cur_u32le(&c);
    if (c.failed || len < 8)
        return false;
    why_cur_skip(&w->c, len);
    return why_layer_go(w, SPACE_LINK, link);
}

static const struct layer_row rows[] = {
    {SPACE_LINK, LINK_WLAN, wlan}, {SPACE_LINK, 119, prism}, {SPACE_LINK, 127, radiotap},
    {SPACE_LINK, 163, avs},        {SPACE_LINK, 192, ppi},   {SPACE_AGGREGATE, 0, subframe},
};
const struct layer_table why_layers_wlan = {rows, sizeof(rows) / sizeof(rows[0])};
