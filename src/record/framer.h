/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RECORD_FRAMER_H
#define RDPWHY_RECORD_FRAMER_H

#include <stdbool.h>

#include <rdpwhy/pdu.h>

#include "buffer.h"

/* The bytes of one direction, cut into what they are made of. */

enum why_framing {
    WHY_FRAMING_PDUS,    /* what is due above TLS */
    WHY_FRAMING_RECORDS, /* TLS records */
    WHY_FRAMING_CLEAR    /* TPKTs where TLS records are due (why_tpkt_check) */
};

struct why_framer {
    enum why_framing framing;
    enum why_dir dir;
    const struct why_dissector *dissector; /* of PDUs; else NULL */
    /* Takes one whole PDU or record; false: no more are wanted now. */
    bool (*whole)(void *arg, enum why_dir dir, const uint8_t *data, size_t len);
    void *arg;
};

/*
 * Hands what is whole at the head of |b| to |whole| and drops it. COMPLETE: |whole| wanted no more.
 * INCOMPLETE: all of it was handed out, but for the beginning of one. INVALID: the rest cannot
 * begin one; |*problem| says why. |problem| may be NULL.
 */
enum why_frame why_framer_cut(const struct why_framer *f, struct why_buffer *b,
                              const char **problem);

/* How much is there of the one at the head of |b|, by its first bytes. */
enum why_frame why_framer_check(const struct why_framer *f, const struct why_buffer *b,
                                size_t *need, const char **problem);

#endif /* !defined(RDPWHY_RECORD_FRAMER_H) */
