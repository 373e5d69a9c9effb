/* SPDX-License-Identifier: Apache-2.0 */
#include "graphics.h"

#include <string.h>

#include <freerdp/addin.h>
#include <freerdp/channels/channels.h>
#include <freerdp/channels/drdynvc.h>
#include <freerdp/channels/rdpgfx.h>
#include <freerdp/event.h>
#include <freerdp/gdi/gfx.h>

#include "client_library.h"
#include "engine.h"

/* The library finds channels through one provider for the whole process. */
static bool register_channels(struct why_engine *engine)
{
    struct client_library library;
    char problem[256];

    pthread_mutex_lock(&engine->attach_lock);
    if (!engine->channels_tried) {
        engine->channels_tried = true;
        engine->channels = why_client_library_load(&library, problem, sizeof(problem)) &&
                           freerdp_register_addin_provider(library.load_channel, 0) == 0;
    }
    pthread_mutex_unlock(&engine->attach_lock);
    return engine->channels;
}

/* ---- what a server may take ------------------------------------------------------------------ */

static bool fits(const struct graphics *g, uint64_t width, uint64_t height)
{
    return width * height <= WHY_PIXELS_MAX &&
           g->held_bytes + width * height * 4 <= WHY_GRAPHICS_MAX;
}

static struct graphics *graphics_of(const RdpgfxClientContext *gfx)
{
    const rdpGdi *gdi = gfx->custom;

    return gdi != NULL ? why_graphics_of(gdi->context) : NULL;
}

static UINT on_reset(RdpgfxClientContext *gfx, const RDPGFX_RESET_GRAPHICS_PDU *pdu)
{
    struct graphics *g = graphics_of(gfx);

    if (g == NULL || (uint64_t)pdu->width * pdu->height > WHY_PIXELS_MAX)
        return ERROR_INVALID_DATA;
    return g->reset(gfx, pdu);
}

/* Both sides are rounded up to 16 pixels. One that exists already would be lost. */
static UINT on_create(RdpgfxClientContext *gfx, const RDPGFX_CREATE_SURFACE_PDU *pdu)
{
    struct graphics *g = graphics_of(gfx);
    const uint64_t width = pdu->width + UINT64_C(16), height = pdu->height + UINT64_C(16);
    const gdiGfxSurface *made;
    UINT status;

    if (g == NULL || !fits(g, width, height) || gfx->GetSurfaceData(gfx, pdu->surfaceId) != NULL)
        return ERROR_INVALID_DATA;
    status = g->create(gfx, pdu);
    made = gfx->GetSurfaceData(gfx, pdu->surfaceId);
    if (made != NULL)
        g->held_bytes += (uint64_t)made->scanline * made->height;
    return status;
}

static UINT on_delete(RdpgfxClientContext *gfx, const RDPGFX_DELETE_SURFACE_PDU *pdu)
{
    struct graphics *g = graphics_of(gfx);
    const gdiGfxSurface *surface = gfx->GetSurfaceData(gfx, pdu->surfaceId);

    if (g == NULL)
        return ERROR_INVALID_DATA;
    if (surface != NULL)
        g->held_bytes -= (uint64_t)surface->scanline * surface->height;
    return g->remove(gfx, pdu);
}

static uint64_t cached_bytes(RdpgfxClientContext *gfx, UINT16 slot)
{
    const gdiGfxCacheEntry *entry = gfx->GetCacheSlotData(gfx, slot);

    return entry != NULL ? (uint64_t)entry->scanline * entry->height : 0;
}

static UINT on_to_cache(RdpgfxClientContext *gfx, const RDPGFX_SURFACE_TO_CACHE_PDU *pdu)
{
    struct graphics *g = graphics_of(gfx);
    const RECTANGLE_16 *rect = &pdu->rectSrc;
    UINT status;

    if (g == NULL || rect->right < rect->left || rect->bottom < rect->top ||
        !fits(g, (uint64_t)(rect->right - rect->left) + 16u, (uint64_t)(rect->bottom - rect->top)))
        return ERROR_INVALID_DATA;
    status = g->to_cache(gfx, pdu); /* what was there is evicted through ours */
    if (status == CHANNEL_RC_OK)
        g->held_bytes += cached_bytes(gfx, pdu->cacheSlot);
    return status;
}

static UINT on_evict(RdpgfxClientContext *gfx, const RDPGFX_EVICT_CACHE_ENTRY_PDU *pdu)
{
    struct graphics *g = graphics_of(gfx);

    if (g == NULL)
        return ERROR_INVALID_DATA;
    g->held_bytes -= cached_bytes(gfx, pdu->cacheSlot);
    return g->evict(gfx, pdu);
}

/* ---- the channel ----------------------------------------------------------------------------- */

static void on_opened(void *arg, const ChannelConnectedEventArgs *event)
{
    rdpContext *context = arg;
    struct graphics *g = why_graphics_of(context);
    RdpgfxClientContext *gfx = event->pInterface;

    if (strcmp(event->name, RDPGFX_DVC_CHANNEL_NAME) != 0 || context->gdi == NULL ||
        !gdi_graphics_pipeline_init(context->gdi, gfx))
        return;
    g->reset = gfx->ResetGraphics;
    g->create = gfx->CreateSurface;
    g->remove = gfx->DeleteSurface;
    g->to_cache = gfx->SurfaceToCache;
    g->evict = gfx->EvictCacheEntry;
    gfx->ResetGraphics = on_reset;
    gfx->CreateSurface = on_create;
    gfx->DeleteSurface = on_delete;
    gfx->SurfaceToCache = on_to_cache;
    gfx->EvictCacheEntry = on_evict;
}

static void on_closed(void *arg, const ChannelDisconnectedEventArgs *event)
{
    rdpContext *context = arg;

    if (strcmp(event->name, RDPGFX_DVC_CHANNEL_NAME) == 0)
        gdi_graphics_pipeline_uninit(context->gdi, event->pInterface);
}

static bool add_pipeline(rdpSettings *settings)
{
    static const char *const name[] = {RDPGFX_CHANNEL_NAME};
    ADDIN_ARGV *arguments = freerdp_addin_argv_new(1, name);

    if (arguments == NULL || !freerdp_dynamic_channel_collection_add(settings, arguments)) {
        freerdp_addin_argv_free(arguments);
        return false;
    }
    return true;
}

void why_graphics_prepare(struct graphics *g, struct why_engine *engine, rdpContext *context)
{
    static const struct {
        FreeRDP_Settings_Keys_Bool key;
        BOOL value;
    } values[] = {
        {FreeRDP_SupportGraphicsPipeline, FALSE},   /* until the server's Confirm */
        {FreeRDP_SynchronousDynamicChannels, TRUE}, /* no thread but the attempt's own */
        {FreeRDP_GfxH264, FALSE},
        {FreeRDP_GfxAVC444, FALSE},
        {FreeRDP_GfxAVC444v2, FALSE},
        {FreeRDP_GfxProgressive, TRUE},
        {FreeRDP_GfxSmallCache, TRUE},
    };
    bool set = true;

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        set = set && freerdp_settings_set_bool(context->settings, values[i].key, values[i].value);
    g->usable = set && register_channels(engine) && add_pipeline(context->settings) &&
                PubSub_SubscribeChannelConnected(context->pubSub, on_opened) >= 0 &&
                PubSub_SubscribeChannelDisconnected(context->pubSub, on_closed) >= 0;
}

BOOL why_graphics_load(freerdp *instance)
{
    union {
        PVIRTUALCHANNELENTRY plain;
        PVIRTUALCHANNELENTRYEX ex;
    } entry;

    if (!why_graphics_of(instance->context)->usable)
        return TRUE;
    entry.plain = freerdp_load_channel_addin_entry(DRDYNVC_SVC_CHANNEL_NAME, NULL, NULL,
                                                   FREERDP_ADDIN_CHANNEL_STATIC |
                                                       FREERDP_ADDIN_CHANNEL_ENTRYEX);
    return entry.plain != NULL &&
           freerdp_channels_client_load_ex(instance->context->channels, instance->context->settings,
                                           entry.ex, NULL) == 0;
}
