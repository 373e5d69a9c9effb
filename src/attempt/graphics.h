/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_GRAPHICS_H
#define RDPWHY_ATTEMPT_GRAPHICS_H

#include <stdbool.h>
#include <stdint.h>

#include <freerdp/client/rdpgfx.h>
#include <freerdp/freerdp.h>

/*
 * The graphics pipeline ([MS-RDPEGFX]): servers that have it may draw nothing else, and some end
 * the connection of a client without it (gnome-remote-desktop since 46). libfreerdp-client brings
 * the channel, libfreerdp's gdi the decoders; what surfaces and caches may take is bounded here.
 */

#define WHY_PIXELS_MAX   (4096u * 2304u)              /* of a desktop or a bitmap: 36 MB */
#define WHY_GRAPHICS_MAX (UINT64_C(64) * 1024 * 1024) /* of all that one server has us keep */

#define WHY_HAS_PIPELINE 0x02u /* DYNVC_GFX_PROTOCOL_SUPPORTED ([MS-RDPBCGR] 2.2.1.2.1) */

struct why_engine;

struct graphics {
    bool usable;         /* the channel's code is there */
    uint64_t held_bytes; /* in surfaces and cache entries */

    /* gdi's, which ours call. */
    pcRdpgfxResetGraphics reset;
    pcRdpgfxCreateSurface create;
    pcRdpgfxDeleteSurface remove;
    pcRdpgfxSurfaceToCache to_cache;
    pcRdpgfxEvictCacheEntry evict;
};

/* Before the connection: whether the pipeline can be had, and the settings that it takes. */
void why_graphics_prepare(struct graphics *graphics, struct why_engine *engine,
                          rdpContext *context);

/* The library's LoadChannels. */
BOOL why_graphics_load(freerdp *instance);

/* The pipeline of an attempt's context (tap.c). */
struct graphics *why_graphics_of(rdpContext *context);

#endif /* !defined(RDPWHY_ATTEMPT_GRAPHICS_H) */
