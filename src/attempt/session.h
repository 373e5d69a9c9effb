/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_SESSION_H
#define RDPWHY_ATTEMPT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <freerdp/freerdp.h>
#include <freerdp/graphics.h>
#include <freerdp/primary.h>

#include "graphics.h"

/*
 * What the server draws once its session has begun: decoded by libfreerdp into a picture, of which
 * it is told when it comes and how many colors it has, and what of it was sent as text.
 */

struct recorder;

#define SESSION_LINES_MAX 32
#define SESSION_LINE_SIZE 128

struct session {
    rdpContext *context; /* NULL: nothing is drawn */
    struct recorder *rec;
    const char *cannot; /* why nothing is drawn, static text; NULL: it is */
    bool drawn;         /* something was */
    bool told;          /* that something was */
    unsigned colors;    /* as last told; at most 256 */
    uint64_t looked_us; /* monotonic; when they were counted last */

    struct graphics graphics;

    /* The library's, which ours call. */
    pMemBlt memblt;
    pBitmap_New new_bitmap;
    pBitmap_Free free_bitmap;
    pBitmap_Decompress decompress;
    pGlyph_New new_glyph;
    pGlyph_Free free_glyph;
    pSurfaceBits surface_bits;

    /* A line that is being written, glyph by glyph; and those that were. */
    pGlyph_Draw draw_glyph;
    pGlyphIndex glyph_index;
    pFastIndex fast_index;
    bool transparent; /* the present line */
    char line[SESSION_LINE_SIZE];
    size_t line_len;
    int32_t pen; /* where the next glyph begins if no space comes before it */
    char *lines[SESSION_LINES_MAX];
    size_t line_count;
};

/* Before the connection, when the library has put its own there: the drawing orders, and the
 * graphics pipeline. */
void why_session_announce(struct session *session, struct why_engine *engine, rdpContext *context);

/* The connection is up: from now on the library draws. |session| is zeroed. */
void why_session_begin(struct session *session, rdpContext *context, struct recorder *rec);

/* Tells of the picture where there is news of it; |last|: whatever it is. */
void why_session_look(struct session *session, bool last);

/* Writes the picture to |path| as PNG, |small|: with at most WHY_SMALL_PICTURE pixels to a side.
 * NULL, or why it cannot be, static text. */
const char *why_session_save(const struct session *session, const char *path, bool small);

/* The session of an attempt's context (tap.c). */
struct session *why_session_of(rdpContext *context);

/* After the connection, before the context is freed. */
void why_session_clear(struct session *session);

#endif /* !defined(RDPWHY_ATTEMPT_SESSION_H) */
