/* SPDX-License-Identifier: Apache-2.0 */
#include "updates.h"

#include <freerdp/pointer.h>
#include <freerdp/update.h>

/* One for each signature. */

static BOOL pointer_position(rdpContext *context, const POINTER_POSITION_UPDATE *update)
{
    (void)context;
    (void)update;
    return TRUE;
}

static BOOL pointer_system(rdpContext *context, const POINTER_SYSTEM_UPDATE *update)
{
    (void)context;
    (void)update;
    return TRUE;
}

static BOOL pointer_color(rdpContext *context, const POINTER_COLOR_UPDATE *update)
{
    (void)context;
    (void)update;
    return TRUE;
}

static BOOL pointer_new(rdpContext *context, const POINTER_NEW_UPDATE *update)
{
    (void)context;
    (void)update;
    return TRUE;
}

static BOOL pointer_cached(rdpContext *context, const POINTER_CACHED_UPDATE *update)
{
    (void)context;
    (void)update;
    return TRUE;
}

static BOOL pointer_large(rdpContext *context, const POINTER_LARGE_UPDATE *update)
{
    (void)context;
    (void)update;
    return TRUE;
}

static BOOL bitmap_update(rdpContext *context, const BITMAP_UPDATE *update)
{
    (void)context;
    (void)update;
    return TRUE;
}

static BOOL palette(rdpContext *context, const PALETTE_UPDATE *update)
{
    (void)context;
    (void)update;
    return TRUE;
}

static BOOL play_sound(rdpContext *context, const PLAY_SOUND_UPDATE *update)
{
    (void)context;
    (void)update;
    return TRUE;
}

static BOOL keyboard_indicators(rdpContext *context, UINT16 leds)
{
    (void)context;
    (void)leds;
    return TRUE;
}

static BOOL keyboard_ime(rdpContext *context, UINT16 id, UINT32 state, UINT32 mode)
{
    (void)context;
    (void)id;
    (void)state;
    (void)mode;
    return TRUE;
}

static BOOL surface_bits(rdpContext *context, const SURFACE_BITS_COMMAND *command)
{
    (void)context;
    (void)command;
    return TRUE;
}

static BOOL frame_marker(rdpContext *context, const SURFACE_FRAME_MARKER *marker)
{
    (void)context;
    (void)marker;
    return TRUE;
}

void why_updates_ignore(rdpContext *context)
{
    rdpUpdate *update = context->update;

    update->pointer->PointerPosition = pointer_position;
    update->pointer->PointerSystem = pointer_system;
    update->pointer->PointerColor = pointer_color;
    update->pointer->PointerNew = pointer_new;
    update->pointer->PointerCached = pointer_cached;
    update->pointer->PointerLarge = pointer_large;
    update->BitmapUpdate = bitmap_update;
    update->Palette = palette;
    update->PlaySound = play_sound;
    update->SetKeyboardIndicators = keyboard_indicators;
    update->SetKeyboardImeStatus = keyboard_ime;
    update->SurfaceBits = surface_bits;
    update->SurfaceFrameMarker = frame_marker;
}
