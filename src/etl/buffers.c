/* SPDX-License-Identifier: Apache-2.0 */
#include "buffers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <rdpwhy/status.h>

#include "base/grow.h"
#include "wire/cursor.h"

#include "lz77.h"

/* Of WMI_BUFFER_HEADER's BufferFlag. */
#define FLAG_EVENTS_LOST  0x02u
#define FLAG_BUFFERS_LOST 0x04u
#define FLAG_PROCESSOR_16 0x20u
#define FLAG_PACKED       0x40u

/* More than a file of 64 GiB with buffers of 64 KiB has. */
#define BUFFERS_MAX (1u << 20)

static void parse(const uint8_t header[BUFFER_HEADER], struct etl_buffer *out, uint16_t *flags)
{
    struct why_cursor c = why_cur_init(header, BUFFER_HEADER);
    uint32_t saved, processor;

    out->size = why_cur_u32le(&c);
    saved = why_cur_u32le(&c);
    why_cur_skip(&c, 0x18 - 8);
    out->sequence = why_cur_u64le(&c);
    why_cur_skip(&c, 8);
    processor = why_cur_u16le(&c);
    why_cur_skip(&c, 0x30 - 0x2a);
    out->end = why_cur_u32le(&c);
    *flags = why_cur_u16le(&c);
    out->processor = (uint16_t)(processor & (*flags & FLAG_PROCESSOR_16 ? 0x7ffu : 0xffu));
    out->packed = (*flags & FLAG_PACKED) != 0;
    if (out->packed)
        out->end = saved;
    else if (out->end < BUFFER_HEADER || out->end > out->size)
        out->end = saved >= BUFFER_HEADER && saved <= out->size ? saved : out->size;
}

static int by_processor(const void *a, const void *b)
{
    const struct etl_buffer *x = a, *y = b;

    if (x->processor != y->processor)
        return x->processor < y->processor ? -1 : 1;
    if (x->sequence != y->sequence)
        return x->sequence < y->sequence ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The buffer at |offset| of a file of |length| bytes. False where there is none that is whole. */
static bool find_one(FILE *in, uint64_t offset, uint64_t length, struct etl_buffer *buffer,
                     uint16_t *flags)
{
    uint8_t header[BUFFER_HEADER];

    if (length - offset < BUFFER_HEADER || fseeko(in, (off_t)offset, SEEK_SET) != 0 ||
        fread(header, 1, sizeof(header), in) != sizeof(header))
        return false;
    parse(header, buffer, flags);
    buffer->offset = offset;
    return buffer->size >= BUFFER_HEADER && buffer->size <= BUFFER_MAX &&
           buffer->size <= length - offset;
}

int why_etl_buffers_find(struct etl_buffers *buffers, FILE *in)
{
    struct etl_buffer buffer;
    uint64_t offset = 0, length;
    uint16_t flags;
    off_t end;

    memset(buffers, 0, sizeof(*buffers));
    if (fseeko(in, 0, SEEK_END) != 0 || (end = ftello(in)) < 0)
        return WHY_OK; /* it will be said that there is no buffer */
    length = (uint64_t)end;
    while (offset < length && buffers->count < BUFFERS_MAX &&
           find_one(in, offset, length, &buffer, &flags)) {
        if (!why_grow(&buffers->items, &buffers->capacity, buffers->count + 1,
                      sizeof(*buffers->items)))
            return WHY_ERR_NOMEM;
        buffers->items[buffers->count++] = buffer;
        buffers->lost += (flags & (FLAG_EVENTS_LOST | FLAG_BUFFERS_LOST)) != 0;
        offset += buffer.size;
    }
    buffers->cut_off = offset < length;
    if (buffers->count > 1) /* the first describes the file */
        qsort(buffers->items + 1, buffers->count - 1, sizeof(*buffers->items), by_processor);
    return WHY_OK;
}

void why_etl_buffers_clear(struct etl_buffers *buffers)
{
    free(buffers->items);
    memset(buffers, 0, sizeof(*buffers));
}

/* Plain LZ77 can say 64 KiB in a few bytes; nothing that Windows writes comes near this. */
#define RATIO_MAX 2000u

static int unpack(const struct etl_buffer *buffer, uint8_t **data)
{
    size_t packed = buffer->size - BUFFER_HEADER;
    uint8_t *out;

    if (buffer->end < BUFFER_HEADER || buffer->end > BUFFER_MAX ||
        (buffer->end - BUFFER_HEADER) / RATIO_MAX > packed)
        return WHY_ERR_MALFORMED;
    out = malloc(buffer->end);
    if (out == NULL)
        return WHY_ERR_NOMEM;
    memcpy(out, *data, BUFFER_HEADER);
    if (!why_lz77_unpack(*data + BUFFER_HEADER, packed, out + BUFFER_HEADER,
                         buffer->end - BUFFER_HEADER)) {
        free(out);
        return WHY_ERR_MALFORMED;
    }
    free(*data);
    *data = out;
    return WHY_OK;
}

int why_etl_buffer_read(const struct etl_buffer *buffer, FILE *in, uint8_t **data, size_t *len)
{
    int status = WHY_OK;

    *data = malloc(buffer->size);
    if (*data == NULL)
        return WHY_ERR_NOMEM;
    if (fseeko(in, (off_t)buffer->offset, SEEK_SET) != 0 ||
        fread(*data, 1, buffer->size, in) != buffer->size)
        status = WHY_ERR_MALFORMED;
    if (status == WHY_OK && buffer->packed)
        status = unpack(buffer, data);
    if (status != WHY_OK) {
        free(*data);
        *data = NULL;
        return status;
    }
    *len = buffer->end;
    return WHY_OK;
}
