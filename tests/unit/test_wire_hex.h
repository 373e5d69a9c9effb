/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TESTS_WIRE_HEX_H
#define RDPWHY_TESTS_WIRE_HEX_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/pdu.h>

/* Bytes for the decoders' tests. Static functions, so that each test stays one file. */

struct bytes {
    uint8_t data[8192];
    size_t len;
};

static inline int nibble(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* Appends what |hex| spells, up to anything that is neither a digit nor a space within; returns
 * where it ended. */
static inline const char *add_hex(struct bytes *b, const char *hex)
{
    for (;;) {
        int high, low;

        while (*hex == ' ')
            hex++;
        high = nibble(hex[0]);
        low = high >= 0 ? nibble(hex[1]) : -1;
        if (low < 0 || b->len == sizeof(b->data))
            return hex;
        b->data[b->len++] = (uint8_t)(high * 16 + low);
        hex += 2;
    }
}

static inline struct bytes from_hex(const char *hex)
{
    struct bytes b = {.len = 0};

    add_hex(&b, hex);
    return b;
}

/* |payload| in an MCS send data PDU of |channel|, in X.224 and TPKT. */
static inline struct bytes in_mcs(enum why_dir dir, uint16_t channel, const char *payload)
{
    struct bytes body = from_hex(payload), b = {.len = 0};
    size_t room = sizeof(b.data) - 15;
    size_t total = 15 + (body.len < room ? body.len : room);
    const uint8_t header[] = {3,
                              0,
                              (uint8_t)(total >> 8),
                              (uint8_t)total,
                              2,
                              0xf0,
                              0x80,
                              dir == WHY_DIR_SENT ? 0x64 : 0x68,
                              0,
                              1,
                              (uint8_t)(channel >> 8),
                              (uint8_t)channel,
                              0x70,
                              (uint8_t)(0x80 | body.len >> 8),
                              (uint8_t)body.len};

    memcpy(b.data, header, sizeof(header));
    memcpy(b.data + sizeof(header), body.data, total - sizeof(header));
    b.len = total;
    return b;
}

/* Decodes from a copy that is exactly as long as |len|, so that a sanitizer sees any read beyond
 * it. */
static inline void dissect(struct why_dissector *d, enum why_dir dir, const uint8_t *data,
                           size_t len, unsigned flags, struct why_pdu *out)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    if (copy == NULL)
        abort();
    memcpy(copy, data, len);
    why_dissect(d, dir, copy, len, flags, out);
    free(copy);
}

static inline bool sensitive_inside(const struct why_pdu *pdu, size_t len)
{
    if (pdu->sensitive_count > WHY_SENSITIVE_MAX)
        return false;
    for (size_t i = 0; i < pdu->sensitive_count; i++) {
        if (pdu->sensitive[i].length == 0 || pdu->sensitive[i].offset > len ||
            pdu->sensitive[i].length > len - pdu->sensitive[i].offset)
            return false;
    }
    return true;
}

/* Whether a recorder would overwrite the byte at |offset|. */
static inline bool is_sensitive(const struct why_pdu *pdu, size_t offset)
{
    for (size_t i = 0; i < pdu->sensitive_count; i++) {
        if (offset >= pdu->sensitive[i].offset &&
            offset < pdu->sensitive[i].offset + pdu->sensitive[i].length)
            return true;
    }
    return false;
}

#endif /* !defined(RDPWHY_TESTS_WIRE_HEX_H) */
