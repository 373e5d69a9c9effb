/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_BYTES_H
#define RDPWHY_PEER_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the client's that are read from front to back. A read beyond the end sets |failed| and
 * gives zero. */
struct bytes {
    const uint8_t *next;
    size_t left;
    bool failed;
};

static inline const uint8_t *bytes_take(struct bytes *b, size_t len)
{
    const uint8_t *at = b->next;
    if (b->failed || len > b->left) {
        b->failed = true;
        return NULL;
    }
    b->next += len;
    b->left -= len;
    return at;
}

static inline struct bytes bytes_sub(struct bytes *b, size_t len)
{
    const uint8_t *at = bytes_take(b, len);
    return at != NULL ? (struct bytes){at, len, false} : (struct bytes){NULL, 0, true};
}

static inline uint8_t bytes_u8(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 1);
    return p != NULL ? p[0] : 0;
}

static inline uint16_t bytes_be16(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 2);
    return p != NULL ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint16_t bytes_le16(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 2);
    return p != NULL ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

static inline uint32_t bytes_le32(struct bytes *b)
{
    const uint32_t low = bytes_le16(b);
    return low | (uint32_t)bytes_le16(b) << 16;
}

/* A length of PER (ALIGNED, up to 16383) and one of BER. */
static inline size_t bytes_per_length(struct bytes *b)
{
    const uint8_t first = bytes_u8(b);
    return (first & 0x80) != 0 ? (size_t)(first & 0x7F) << 8 | bytes_u8(b) : first;
}

static inline size_t bytes_ber_length(struct bytes *b)
{
    const uint8_t first = bytes_u8(b);
    size_t len = first & 0x7F;
    if ((first & 0x80) != 0) {
        unsigned count = first & 0x7F;
        b->failed |= count > 3;
        for (len = 0; count > 0 && !b->failed; count--) {
            len = len << 8 | bytes_u8(b);
        }
    }
    return len;
}

/* TPKT and X.224 Data (T.123 8, X.224 13.7): the bytes behind them; failed where they are wrong. */
static inline struct bytes bytes_x224_data(const uint8_t *pdu, size_t len)
{
    struct bytes b = {pdu, len, false};
    const uint16_t version = bytes_be16(&b), length = bytes_be16(&b);
    const uint8_t *header = bytes_take(&b, 3);
    b.failed |= version != 0x0300 || length != len || header == NULL || header[0] != 2 ||
                header[1] != 0xF0 || header[2] != 0x80;
    return b;
}

#endif /* !defined(RDPWHY_PEER_BYTES_H) */
