/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/rdpeudp.h"

#include <string.h>

#include "wire/cursor.h"

/* RDPUDP_FEC_HEADER, [MS-RDPEUDP] 2.2.2.1: uFlags */
#define FLAG_SYN            0x0001u
#define FLAG_ACK            0x0004u
#define FLAG_SYNLOSSY       0x0200u
#define FLAG_CORRELATION_ID 0x0800u
#define FLAG_SYNEX          0x1000u

#define NO_ACK 0xffffffffu /* snSourceAck of a SYN */

/* uUpStreamMtu and uDownStreamMtu, 2.2.2.5 */
#define MTU_MIN 1132u
#define MTU_MAX WHY_RDPEUDP_SYN_LEN

#define RECEIVE_WINDOW 64u /* datagrams; what mstsc offers */

#define CORRELATION_ID_LEN 32u /* 2.2.2.8 */
#define VERSION_INFO_VALID 0x0001u
#define VERSION_1          0x0001u
#define VERSION_2          0x0002u
#define VERSION_3          0x0101u

static bool is_mtu(uint16_t mtu)
{
    return mtu >= MTU_MIN && mtu <= MTU_MAX;
}

/* RDPUDP_SYNDATAEX_PAYLOAD, 2.2.2.9; without it both sides speak version 1. */
static unsigned version_of(struct why_cursor *c, unsigned flags)
{
    unsigned valid, version;

    if ((flags & FLAG_CORRELATION_ID) != 0)
        why_cur_skip(c, CORRELATION_ID_LEN);
    if ((flags & FLAG_SYNEX) == 0)
        return 1;
    valid = why_cur_u16be(c);
    version = why_cur_u16be(c);
    if (c->failed || (valid & VERSION_INFO_VALID) == 0)
        return 1;
    return version == VERSION_3 ? 3 : version == VERSION_2 ? 2 : 1;
}

struct why_rdpeudp why_rdpeudp_read(const uint8_t *data, size_t len)
{
    struct why_rdpeudp out = {.kind = WHY_RDPEUDP_NONE};
    struct why_cursor c = why_cur_init(data, len);
    uint32_t acknowledged = why_cur_u32be(&c), sequence;
    unsigned flags;
    uint16_t up, down;

    why_cur_skip(&c, 2);
    flags = why_cur_u16be(&c);
    sequence = why_cur_u32be(&c);
    up = why_cur_u16be(&c);
    down = why_cur_u16be(&c);
    if (c.failed || !is_mtu(up) || !is_mtu(down) || (flags & FLAG_SYN) == 0 ||
        (flags & ~(FLAG_SYN | FLAG_ACK | FLAG_SYNLOSSY | FLAG_CORRELATION_ID | FLAG_SYNEX)) != 0)
        return out;
    if ((flags & FLAG_ACK) == 0 && acknowledged != NO_ACK)
        return out;
    out.kind = (flags & FLAG_ACK) != 0 ? WHY_RDPEUDP_SYN_ACK : WHY_RDPEUDP_SYN;
    out.lossy = (flags & FLAG_SYNLOSSY) != 0;
    out.version = version_of(&c, flags);
    out.sequence = sequence;
    out.acknowledged = acknowledged;
    return out;
}

static uint8_t *put16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
    return put16(put16(to, value >> 16), value & 0xffffu);
}

void why_rdpeudp_write_syn(unsigned version, uint32_t sequence, uint8_t out[WHY_RDPEUDP_SYN_LEN])
{
    uint8_t *to = out;

    memset(out, 0, WHY_RDPEUDP_SYN_LEN);
    to = put32(to, NO_ACK);
    to = put16(to, RECEIVE_WINDOW);
    to = put16(to, FLAG_SYN | (version > 1 ? FLAG_SYNEX : 0));
    to = put32(to, sequence);
    to = put16(to, MTU_MAX);
    to = put16(to, MTU_MAX);
    if (version > 1) {
        to = put16(to, VERSION_INFO_VALID);
        (void)put16(to, VERSION_2);
    }
}
