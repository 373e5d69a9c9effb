/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_CURSOR_H
#define RDPWHY_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The one way bytes from the network are read. A read beyond the end gives 0, moves nothing and
 * sets |failed|, which stays: a decoder reads a structure through and asks once at its end.
 * Positions count from the start of the whole input, also in sub-cursors.
 */
struct why_cursor {
    const uint8_t *base; /* the whole input */
    size_t pos, end;     /* what is still to be read of it; pos <= end */
    bool failed;
};

struct why_cursor why_cur_init(const uint8_t *data, size_t len);

/* Bytes still to be read; 0 once a read has failed. */
size_t why_cur_left(const struct why_cursor *c);

uint8_t why_cur_u8(struct why_cursor *c);
uint16_t why_cur_u16le(struct why_cursor *c);
uint16_t why_cur_u16be(struct why_cursor *c);
uint32_t why_cur_u24be(struct why_cursor *c);
uint32_t why_cur_u32le(struct why_cursor *c);
uint32_t why_cur_u32be(struct why_cursor *c);
uint64_t why_cur_u64le(struct why_cursor *c);
void why_cur_skip(struct why_cursor *c, size_t n);

/* The byte |ahead| of the next one, without reading it; 0 where there is none. */
uint8_t why_cur_peek(const struct why_cursor *c, size_t ahead);
uint16_t why_cur_peek16le(const struct why_cursor *c, size_t ahead);

/* The next |n| bytes as a cursor of their own, and reads past them; an empty failed one (and |c|
 * failed too) where there are fewer. */
struct why_cursor why_cur_sub(struct why_cursor *c, size_t n);

/* The same, but takes what is there where there are fewer than |n|; |*cut| says so. */
struct why_cursor why_cur_sub_upto(struct why_cursor *c, size_t n, bool *cut);

/* Whether the next |n| bytes are |bytes|; reads nothing. */
bool why_cur_at(const struct why_cursor *c, const void *bytes, size_t n);

/* Moves to the first occurrence of |bytes|; false, and moves nothing, where there is none. */
bool why_cur_find(struct why_cursor *c, const void *bytes, size_t n);

/* BER and DER (X.690): definite lengths of up to four bytes after the first. */
size_t why_cur_ber_length(struct why_cursor *c);
/* A value of tag |tag|: its content as a cursor, read past. Fails on any other tag. */
struct why_cursor why_cur_ber(struct why_cursor *c, uint8_t tag);
/* Content of an INTEGER or ENUMERATED of at most 4 significant bytes: its low 32 bits. */
uint32_t why_cur_ber_value(struct why_cursor *content);

/* Length determinant of aligned PER (X.691 10.9) as RDP uses it: one byte, or two with 15 bits.
 * X.691 would have fragments from 16 KiB on; no RDP implementation sends or reads them. */
size_t why_cur_per_length(struct why_cursor *c);

#endif /* !defined(RDPWHY_WIRE_CURSOR_H) */
