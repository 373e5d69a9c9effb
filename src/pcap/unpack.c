/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack.h"

#include <stdlib.h>
#include <string.h>

#ifdef RDPWHY_HAVE_ZLIB
#define ZLIB_CONST
#include <zlib.h>
#endif
#ifdef RDPWHY_HAVE_LZMA
#include <lzma.h>
#endif
#ifdef RDPWHY_HAVE_ZSTD
#include <zstd.h>
#endif

/* A window of the strongest usual settings: xz -9 needs 65 MiB, zstd --ultra -22 128 MiB. */
#define MEMORY_MAX     (160u * 1024u * 1024u)
#define WINDOW_LOG_MAX 27

/* ---- gzip, RFC 1952 -------------------------------------------------------------------------- */

#ifdef RDPWHY_HAVE_ZLIB
static void *gzip_open(void)
{
    z_stream *z = calloc(1, sizeof(*z));

    if (z != NULL && inflateInit2(z, MAX_WBITS + 16) != Z_OK) {
        free(z);
        return NULL;
    }
    return z;
}

static enum unpack_result gzip_result(z_stream *z, int result)
{
    switch (result) {
    case Z_STREAM_END: /* another member may follow */
        return inflateReset(z) == Z_OK ? UNPACK_OK : UNPACK_BROKEN;
    case Z_OK:
    case Z_BUF_ERROR:
        return UNPACK_OK;
    case Z_MEM_ERROR:
        return UNPACK_NOMEM;
    default:
        return UNPACK_BROKEN;
    }
}

/* Whether no member follows; what does may be padding. */
static bool gzip_is_over(const z_stream *z, const struct unpack_span *span)
{
    return z->total_in == 0 && (span->in_len > 0 ? span->in[0] != 0x1f : span->last);
}

static enum unpack_result gzip_step(void *state, struct unpack_span *span)
{
    z_stream *z = state;
    int result;

    if (gzip_is_over(z, span))
        return UNPACK_END;
    z->next_in = span->in;
    z->avail_in = (uInt)span->in_len;
    z->next_out = span->out;
    z->avail_out = (uInt)span->out_len;
    result = inflate(z, Z_NO_FLUSH);
    span->in = z->next_in;
    span->in_len = z->avail_in;
    span->out = z->next_out;
    span->out_len = z->avail_out;
    return gzip_result(z, result);
}

static void gzip_close(void *state)
{
    (void)inflateEnd(state);
    free(state);
}
#else
#define gzip_open  NULL
#define gzip_step  NULL
#define gzip_close NULL
#endif

/* ---- xz -------------------------------------------------------------------------------------- */

#ifdef RDPWHY_HAVE_LZMA
static void *xz_open(void)
{
    static const lzma_stream empty = LZMA_STREAM_INIT;
    lzma_stream *xz = malloc(sizeof(*xz));

    if (xz == NULL)
        return NULL;
    *xz = empty;
    if (lzma_stream_decoder(xz, MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK) {
        free(xz);
        return NULL;
    }
    return xz;
}

static enum unpack_result xz_step(void *state, struct unpack_span *span)
{
    lzma_stream *xz = state;
    lzma_ret result;

    xz->next_in = span->in;
    xz->avail_in = span->in_len;
    xz->next_out = span->out;
    xz->avail_out = span->out_len;
    result = lzma_code(xz, span->last ? LZMA_FINISH : LZMA_RUN);
    span->in = xz->next_in;
    span->in_len = xz->avail_in;
    span->out = xz->next_out;
    span->out_len = xz->avail_out;
    switch (result) {
    case LZMA_OK:
        return UNPACK_OK;
    case LZMA_STREAM_END:
        return UNPACK_END;
    case LZMA_MEMLIMIT_ERROR:
        return UNPACK_LARGE;
    case LZMA_MEM_ERROR:
        return UNPACK_NOMEM;
    default:
        return UNPACK_BROKEN;
    }
}

static void xz_close(void *state)
{
    lzma_end(state);
    free(state);
}
#else
#define xz_open  NULL
#define xz_step  NULL
#define xz_close NULL
#endif

/* ---- Zstandard, RFC 8878 --------------------------------------------------------------------- */

#ifdef RDPWHY_HAVE_ZSTD
struct zstd {
    ZSTD_DStream *stream;
    bool inside; /* a frame has begun that is not over */
};

static void zstd_close(void *state)
{
    struct zstd *zstd = state;

    (void)ZSTD_freeDStream(zstd->stream);
    free(zstd);
}

static void *zstd_open(void)
{
    struct zstd *zstd = calloc(1, sizeof(*zstd));

    if (zstd == NULL)
        return NULL;
    zstd->stream = ZSTD_createDStream();
    if (zstd->stream == NULL ||
        ZSTD_isError(ZSTD_DCtx_setParameter(zstd->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
        zstd_close(zstd);
        return NULL;
    }
    return zstd;
}

static enum unpack_result zstd_step(void *state, struct unpack_span *span)
{
    struct zstd *zstd = state;
    ZSTD_inBuffer in = {span->in, span->in_len, 0};
    ZSTD_outBuffer out = {span->out, span->out_len, 0};
    size_t result;

    if (span->in_len == 0 && span->last && !zstd->inside)
        return UNPACK_END;
    result = ZSTD_decompressStream(zstd->stream, &out, &in);
    span->in += in.pos;
    span->in_len -= in.pos;
    span->out += out.pos;
    span->out_len -= out.pos;
    zstd->inside = result != 0;
    if (!ZSTD_isError(result))
        return UNPACK_OK;
    /* "Frame requires too much memory for decoding": the library has no stable number for it. */
    return strstr(ZSTD_getErrorName(result), "too much memory") != NULL ? UNPACK_LARGE
                                                                        : UNPACK_BROKEN;
}
#else
#define zstd_open  NULL
#define zstd_step  NULL
#define zstd_close NULL
#endif

/* ---- the kinds ------------------------------------------------------------------------------- */

const struct why_unpacker *why_unpacker_of(const uint8_t *head, size_t len)
{
    static const struct why_unpacker kinds[] = {
        {"gzip", "gzip -dc", "\x1f\x8b", 2, gzip_open, gzip_step, gzip_close},
        {"xz", "xz -dc", "\xfd\x37zXZ", 6, xz_open, xz_step, xz_close},
        {"Zstandard", "zstd -dc", "\x28\xb5\x2f\xfd", 4, zstd_open, zstd_step, zstd_close},
        {"bzip2", "bzip2 -dc", "BZh", 3, NULL, NULL, NULL},
        {"LZ4", "lz4 -dc", "\x04\x22\x4d\x18", 4, NULL, NULL, NULL},
        {"zip", "unzip -p", "PK\x03\x04", 4, NULL, NULL, NULL},
        {"7-Zip", "7z e -so", "7z\xbc\xaf\x27\x1c", 6, NULL, NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (len >= kinds[i].magic_len && memcmp(head, kinds[i].magic, kinds[i].magic_len) == 0)
            return &kinds[i];
    }
    return NULL;
}
