/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <freerdp/codec/color.h>
#include <freerdp/gdi/gdi.h>
#include <freerdp/update.h>
#include <png.h>

#include "base/clock.h"

#include "recorder.h"
#include "xrdp_font.h"

#define COLORS_MAX 256u
#define NEARLY     4 /* of a channel of 256: codecs lose as much, and black is black all the same */
#define LOOK_US    200000u /* a picture of one color is looked at again after as much */
#define SPACE_MIN  3       /* pixels between two characters that are a space */

/* Who draws may announce what mstsc does, so that text comes as text; handshakes leave the decoders
 * out, and with them the orders that need a cache. */
void why_session_announce(struct session *s, struct why_engine *engine, rdpContext *context)
{
    static const size_t orders[] = {NEG_MEMBLT_INDEX,      NEG_MEM3BLT_INDEX,
                                    NEG_MEMBLT_V2_INDEX,   NEG_MEM3BLT_V2_INDEX,
                                    NEG_GLYPH_INDEX_INDEX, NEG_FAST_INDEX_INDEX};
    BYTE *support = freerdp_settings_get_pointer_writable(context->settings, FreeRDP_OrderSupport);

    why_graphics_prepare(&s->graphics, engine, context);
    for (size_t i = 0; support != NULL && i < sizeof(orders) / sizeof(orders[0]); i++)
        support[orders[i]] = TRUE;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* What xrdp says, it says on the screen, as glyphs of its own font. */
static const struct xrdp_glyph *find_glyph(const rdpGlyph *glyph)
{
    const size_t size = (size_t)glyph->cy * ((glyph->cx + 7) / 8);
    const uint8_t head[] = {(uint8_t)glyph->cx, (uint8_t)glyph->cy, (uint8_t)glyph->y};
    uint32_t hash = 0x811c9dc5;

    if (size > glyph->cb)
        return NULL;
    for (size_t i = 0; i < sizeof(head); i++)
        hash = (hash ^ head[i]) * 0x01000193u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ glyph->aj[i]) * 0x01000193u;
    for (size_t i = 0; i < sizeof(xrdp_glyphs) / sizeof(xrdp_glyphs[0]); i++) {
        if (xrdp_glyphs[i].hashes[0] == hash || xrdp_glyphs[i].hashes[1] == hash)
            return &xrdp_glyphs[i];
    }
    return NULL;
}

static void put_char(struct session *s, char c)
{
    if (s->line_len + 1 < sizeof(s->line))
        s->line[s->line_len++] = c;
}

static BOOL on_glyph(rdpContext *context, const rdpGlyph *glyph, INT32 x, INT32 y, INT32 w, INT32 h,
                     INT32 sx, INT32 sy, BOOL redundant)
{
    struct session *s = why_session_of(context);
    const struct xrdp_glyph *known = find_glyph(glyph);
    int32_t pen = x - sx - glyph->x;

    if (s->line_len > 0 && pen - s->pen >= SPACE_MIN)
        put_char(s, ' ');
    put_char(s, known != NULL ? known->character : '?');
    s->pen = pen + (known != NULL ? known->advance : (int32_t)glyph->cx);
    return s->draw_glyph(context, glyph, x, y, w, h, sx, sy, redundant || s->transparent);
}

static bool is_known(const struct session *s)
{
    for (size_t i = 0; i < s->line_count; i++) {
        if (strcmp(s->lines[i], s->line) == 0)
            return true;
    }
    return false;
}

/* Windows are drawn again and again, and text once for each part of it that can be seen. */
static void end_line(struct session *s)
{
    s->line[s->line_len] = '\0';
    s->line_len = 0;
    if (s->line[0] == '\0' || s->line_count == SESSION_LINES_MAX || is_known(s))
        return;
    s->lines[s->line_count] = strdup(s->line);
    if (s->lines[s->line_count] == NULL)
        return;
    s->line_count++;
    why_recorder_event(s->rec, WHY_EV_SCREEN_TEXT, 0, s->line);
}

static BOOL on_glyph_index(rdpContext *context, GLYPH_INDEX_ORDER *order)
{
    struct session *s = why_session_of(context);
    BOOL done;

    /* Without an opaque rectangle ([MS-RDPEGDI] 2.2.2.2.1.1.2.13) what is behind the text stays;
     * libfreerdp would paint it over. */
    s->transparent = order->opRight <= order->opLeft || order->opBottom <= order->opTop;
    done = s->glyph_index(context, order);
    end_line(s);
    return done;
}

static BOOL on_fast_index(rdpContext *context, const FAST_INDEX_ORDER *order)
{
    struct session *s = why_session_of(context);
    BOOL done = s->fast_index(context, order);

    end_line(s);
    return done;
}

static void read_text(struct session *s)
{
    rdpPrimaryUpdate *primary = s->context->update->primary;

    s->draw_glyph = s->context->graphics->Glyph_Prototype->Draw;
    s->glyph_index = primary->GlyphIndex;
    s->fast_index = primary->FastIndex;
    s->context->graphics->Glyph_Prototype->Draw = on_glyph;
    primary->GlyphIndex = on_glyph_index;
    primary->FastIndex = on_fast_index;
}

/* ---- the picture ----------------------------------------------------------------------------- */

static BOOL on_begin_paint(rdpContext *context)
{
    context->gdi->primary->hdc->hwnd->invalid->null = TRUE;
    context->gdi->primary->hdc->hwnd->ninvalid = 0;
    return TRUE;
}

static BOOL on_end_paint(rdpContext *context)
{
    if (!context->gdi->primary->hdc->hwnd->invalid->null)
        why_session_of(context)->drawn = true;
    return TRUE;
}

static bool is_too_large(const rdpSettings *settings)
{
    return (uint64_t)freerdp_settings_get_uint32(settings, FreeRDP_DesktopWidth) *
               freerdp_settings_get_uint32(settings, FreeRDP_DesktopHeight) >
           WHY_PIXELS_MAX;
}

/*
 * xrdp 0.9 cuts the last lines off a bitmap that is larger than it can send, and draws it in its
 * whole size all the same. libfreerdp would end the connection over that.
 */
static BOOL on_memblt(rdpContext *context, MEMBLT_ORDER *order)
{
    struct session *s = why_session_of(context);
    const rdpBitmap *bitmap;
    INT64 width, height;

    if (s->memblt(context, order))
        return TRUE;
    bitmap = order->bitmap; /* found meanwhile */
    width = bitmap != NULL ? (INT64)bitmap->width - order->nXSrc : 0;
    height = bitmap != NULL ? (INT64)bitmap->height - order->nYSrc : 0;
    if (order->nXSrc < 0 || order->nYSrc < 0 || width <= 0 || height <= 0)
        return FALSE;
    order->nWidth = order->nWidth < width ? order->nWidth : (INT32)width;
    order->nHeight = order->nHeight < height ? order->nHeight : (INT32)height;
    return s->memblt(context, order);
}

/* The server has another size, as it may after a reactivation. */
static BOOL on_resize(rdpContext *context)
{
    const rdpSettings *settings = context->settings;

    return !is_too_large(settings) &&
           gdi_resize(context->gdi, freerdp_settings_get_uint32(settings, FreeRDP_DesktopWidth),
                      freerdp_settings_get_uint32(settings, FreeRDP_DesktopHeight));
}

/* ---- what a server may have us keep ---------------------------------------------------------- */

/* Bitmaps of the caches, offscreen ones and glyphs: how many of them there may be is announced, and
 * how large one is, the server says. */
struct counted_bitmap {
    gdiBitmap base;
    uint64_t bytes;
};

struct counted_glyph {
    gdiGlyph base;
    uint64_t bytes;
};

static bool fits(const struct session *s, uint64_t width, uint64_t height, uint64_t pixel)
{
    return width * height <= WHY_PIXELS_MAX &&
           s->graphics.held_bytes + width * height * pixel <= WHY_GRAPHICS_MAX;
}

static BOOL on_bitmap_new(rdpContext *context, rdpBitmap *bitmap)
{
    struct session *s = why_session_of(context);

    if (!fits(s, bitmap->width, bitmap->height, 4) || !s->new_bitmap(context, bitmap))
        return FALSE;
    ((struct counted_bitmap *)bitmap)->bytes = UINT64_C(4) * bitmap->width * bitmap->height;
    s->graphics.held_bytes += ((struct counted_bitmap *)bitmap)->bytes;
    return TRUE;
}

static void on_bitmap_free(rdpContext *context, rdpBitmap *bitmap)
{
    struct session *s = why_session_of(context);

    if (bitmap != NULL)
        s->graphics.held_bytes -= ((struct counted_bitmap *)bitmap)->bytes;
    s->free_bitmap(context, bitmap);
}

static BOOL on_decompress(rdpContext *context, rdpBitmap *bitmap, const BYTE *data, UINT32 width,
                          UINT32 height, UINT32 bpp, UINT32 length, BOOL compressed, UINT32 codec)
{
    struct session *s = why_session_of(context);

    return fits(s, width, height, 4) &&
           s->decompress(context, bitmap, data, width, height, bpp, length, compressed, codec);
}

static BOOL on_glyph_new(rdpContext *context, rdpGlyph *glyph)
{
    struct session *s = why_session_of(context);

    if (!fits(s, glyph->cx, glyph->cy, 1) || !s->new_glyph(context, glyph))
        return FALSE;
    ((struct counted_glyph *)glyph)->bytes = UINT64_C(1) * glyph->cx * glyph->cy;
    s->graphics.held_bytes += ((struct counted_glyph *)glyph)->bytes;
    return TRUE;
}

static void on_glyph_free(rdpContext *context, rdpGlyph *glyph)
{
    struct session *s = why_session_of(context);

    if (glyph != NULL)
        s->graphics.held_bytes -= ((struct counted_glyph *)glyph)->bytes;
    s->free_glyph(context, glyph);
}

static BOOL on_surface_bits(rdpContext *context, const SURFACE_BITS_COMMAND *command)
{
    struct session *s = why_session_of(context);

    return fits(s, command->bmp.width, command->bmp.height, 4) && s->surface_bits(context, command);
}

static void count_memory(struct session *s)
{
    rdpBitmap *bitmap = s->context->graphics->Bitmap_Prototype;
    rdpGlyph *glyph = s->context->graphics->Glyph_Prototype;

    s->new_bitmap = bitmap->New;
    s->free_bitmap = bitmap->Free;
    s->decompress = bitmap->Decompress;
    bitmap->size = sizeof(struct counted_bitmap);
    bitmap->New = on_bitmap_new;
    bitmap->Free = on_bitmap_free;
    bitmap->Decompress = on_decompress;
    s->new_glyph = glyph->New;
    s->free_glyph = glyph->Free;
    glyph->size = sizeof(struct counted_glyph);
    glyph->New = on_glyph_new;
    glyph->Free = on_glyph_free;
    s->surface_bits = s->context->update->SurfaceBits;
    s->context->update->SurfaceBits = on_surface_bits;
}

void why_session_begin(struct session *s, rdpContext *context, struct recorder *rec)
{
    s->rec = rec;
    if (is_too_large(context->settings))
        s->cannot = "the server's desktop is too large to be drawn here";
    else if (!gdi_init(context->instance, PIXEL_FORMAT_BGRX32))
        s->cannot = "libfreerdp cannot set up its decoders";
    if (s->cannot != NULL)
        return;
    s->context = context;
    context->update->BeginPaint = on_begin_paint;
    context->update->EndPaint = on_end_paint;
    context->update->DesktopResize = on_resize;
    s->memblt = context->update->primary->MemBlt;
    context->update->primary->MemBlt = on_memblt;
    count_memory(s);
    read_text(s);
}

static uint32_t pixel_at(const rdpGdi *gdi, size_t x, size_t y)
{
    uint32_t pixel;

    memcpy(&pixel, gdi->primary_buffer + y * gdi->stride + x * sizeof(pixel), sizeof(pixel));
    return pixel & 0xffffff;
}

static bool is_alike(uint32_t a, uint32_t b)
{
    for (unsigned shift = 0; shift < 24; shift += 8) {
        int distance = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);

        if (distance > NEARLY || distance < -NEARLY)
            return false;
    }
    return true;
}

/* Different colors of the picture, at most COLORS_MAX; |*first| is the one of its first pixel. */
static unsigned count_colors(const rdpGdi *gdi, uint32_t *first)
{
    uint32_t seen[COLORS_MAX], last = *first = pixel_at(gdi, 0, 0);
    unsigned count = 1;

    seen[0] = last;
    for (size_t y = 0; y < (size_t)gdi->height; y++) {
        for (size_t x = 0; x < (size_t)gdi->width && count < COLORS_MAX; x++) {
            uint32_t pixel = pixel_at(gdi, x, y);
            unsigned i = 0;

            if (pixel == last)
                continue;
            last = pixel;
            while (i < count && !is_alike(seen[i], pixel))
                i++;
            if (i == count)
                seen[count++] = pixel;
        }
    }
    return count;
}

static void tell(struct session *s, unsigned colors, uint32_t first)
{
    const rdpGdi *gdi = s->context->gdi;
    char text[64];

    (void)snprintf(text, sizeof(text), "%" PRId32 "x%" PRId32, gdi->width, gdi->height);
    if (colors == 1)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " #%06" PRIX32, first);
    s->told = true;
    s->colors = colors;
    why_recorder_event(s->rec, WHY_EV_PICTURE, colors, text);
}

void why_session_look(struct session *s, bool last)
{
    uint64_t now = why_clock_us();
    unsigned colors;
    uint32_t first;

    if (s->context == NULL || !s->drawn ||
        (!last && (s->colors > 1 || (s->told && now < s->looked_us + LOOK_US))))
        return;
    s->looked_us = now;
    colors = count_colors(s->context->gdi, &first);
    if (last || !s->told || colors > 1)
        tell(s, colors, first);
}

/* The mean of |scale| by |scale| pixels, whose fourth byte means nothing. */
static void put_mean(const rdpGdi *gdi, size_t left, size_t top, size_t scale, uint8_t *to)
{
    for (size_t channel = 0; channel < 3; channel++) {
        uint64_t sum = 0;

        for (size_t y = top; y < top + scale; y++) {
            for (size_t x = left; x < left + scale; x++)
                sum += gdi->primary_buffer[y * gdi->stride + x * 4 + channel];
        }
        to[channel] = (uint8_t)(sum / (scale * scale));
    }
}

/* |scale| pixels become one. NULL: out of memory. */
static uint8_t *shrink(const rdpGdi *gdi, size_t width, size_t height, size_t scale)
{
    uint8_t *bgr = malloc(width * height * 3), *to = bgr;

    for (size_t y = 0; bgr != NULL && y < height; y++) {
        for (size_t x = 0; x < width; x++, to += 3)
            put_mean(gdi, x * scale, y * scale, scale, to);
    }
    return bgr;
}

/* As a PNG: its bytes, to be freed, or NULL. */
static void *encode(const rdpGdi *gdi, size_t scale, size_t *size)
{
    size_t width = (size_t)gdi->width / scale, height = (size_t)gdi->height / scale;
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)width,
                       .height = (png_uint_32)height,
                       .format = PNG_FORMAT_BGR};
    uint8_t *bgr = shrink(gdi, width, height, scale);
    png_alloc_size_t most = PNG_IMAGE_PNG_SIZE_MAX(image);
    void *data = bgr != NULL ? malloc(most) : NULL;

    if (data != NULL && !png_image_write_to_memory(&image, data, &most, 0, bgr, 0, NULL)) {
        free(data);
        data = NULL;
    }
    free(bgr);
    *size = most;
    return data;
}

/* Into a file of its own: what is there already, a link among it, stays as it is. */
static bool write_new(const char *path, const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    ssize_t n = 1;

    if (fd < 0)
        return false;
    for (; size > 0 && n > 0; data += n, size -= (size_t)n)
        n = write(fd, data, size);
    return (close(fd) == 0) && size == 0;
}

/* How many pixels become one, so that pages can hold the picture. */
static size_t small_scale(const rdpGdi *gdi)
{
    size_t side = (size_t)(gdi->width > gdi->height ? gdi->width : gdi->height);

    return (side + WHY_SMALL_PICTURE - 1) / WHY_SMALL_PICTURE;
}

const char *why_session_save(const struct session *s, const char *path, bool small)
{
    size_t size = 0;
    void *data;
    bool written;

    if (s->context == NULL || !s->drawn)
        return "the server has drawn nothing";
    data = encode(s->context->gdi, small ? small_scale(s->context->gdi) : 1, &size);
    if (data == NULL)
        return "out of memory";
    written = write_new(path, data, size);
    free(data);
    return written ? NULL : strerror(errno);
}

void why_session_clear(struct session *s)
{
    for (size_t i = 0; i < s->line_count; i++)
        free(s->lines[i]);
    s->line_count = 0;
    if (s->context != NULL)
        gdi_free(s->context->instance);
    s->context = NULL;
}
