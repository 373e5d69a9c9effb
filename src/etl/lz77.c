/* SPDX-License-Identifier: Apache-2.0 */
#include "lz77.h"

#include "wire/cursor.h"

struct lz77 {
    struct why_cursor in;
    uint32_t flags;
    unsigned flag_count; /* bits of |flags| that are still to be used */
    uint8_t nibbles;     /* a byte whose high half is to be used */
    bool has_nibble;
};

static bool next_flag(struct lz77 *z)
{
    if (z->flag_count == 0) {
        z->flags = why_cur_u32le(&z->in);
        z->flag_count = 32;
    }
    z->flag_count--;
    return (z->flags >> z->flag_count & 1) != 0;
}

/* Two lengths share a byte, which lies where the first of them needed it. */
static unsigned next_nibble(struct lz77 *z)
{
    if (z->has_nibble) {
        z->has_nibble = false;
        return z->nibbles >> 4;
    }
    z->nibbles = why_cur_u8(&z->in);
    z->has_nibble = true;
    return z->nibbles & 0x0f;
}

/* [MS-XCA] 2.4.4: each form takes over where the one before it is full. */
static uint64_t match_length(struct lz77 *z, unsigned match)
{
    uint64_t length = match & 7;

    if (length < 7)
        return length + 3;
    length = next_nibble(z);
    if (length == 15) {
        length = why_cur_u8(&z->in);
        if (length == 255) {
            length = why_cur_u16le(&z->in);
            if (length == 0)
                length = why_cur_u32le(&z->in);
            if (length < 15 + 7) {
                z->in.failed = true;
                return 0;
            }
            length -= 15 + 7;
        }
        length += 15;
    }
    return length + 7 + 3;
}

bool why_lz77_unpack(const uint8_t *in, size_t len, uint8_t *out, size_t outlen)
{
    struct lz77 z = {.in = why_cur_init(in, len)};
    size_t at = 0;

    while (at < outlen && !z.in.failed) {
        if (!next_flag(&z)) {
            out[at] = why_cur_u8(&z.in);
            at += !z.in.failed;
        } else {
            unsigned match = why_cur_u16le(&z.in);
            size_t distance = (match >> 3) + 1;
            uint64_t length = match_length(&z, match);

            if (z.in.failed || distance > at)
                return false;
            for (; length > 0 && at < outlen; length--, at++)
                out[at] = out[at - distance]; /* one by one: they may overlap */
        }
    }
    return at == outlen;
}
