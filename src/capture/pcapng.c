/* SPDX-License-Identifier: Apache-2.0 */
#include "pcapng.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"
#include "wire/numbers.h"

#define OPT_NAME        2u /* if_name */
#define OPT_APPLICATION 4u /* shb_userappl */
#define OPT_RESOLUTION  9u /* if_tsresol */
#define MICROSECONDS    6u

/* One block being put together. */
struct block {
    uint8_t *data;
    size_t len, size;
    int status;
};

static void put(struct block *b, const void *bytes, size_t len)
{
    if (b->status == WHY_OK && !why_grow(&b->data, &b->size, b->len + len, 1))
        b->status = WHY_ERR_NOMEM;
    if (b->status != WHY_OK || len == 0)
        return;
    memcpy(b->data + b->len, bytes, len);
    b->len += len;
}

static void put16(struct block *b, uint16_t value)
{
    put(b, &value, sizeof(value));
}

static void put32(struct block *b, uint32_t value)
{
    put(b, &value, sizeof(value));
}

static void put_padded(struct block *b, const void *bytes, size_t len)
{
    static const uint8_t zeros[4];

    put(b, bytes, len);
    put(b, zeros, (4 - len % 4) % 4);
}

static void put_option(struct block *b, uint16_t code, const void *bytes, size_t len)
{
    put16(b, code);
    put16(b, (uint16_t)len);
    put_padded(b, bytes, len);
}

static void put_comment(struct block *b, const char *text)
{
    put_option(b, PCAPNG_OPT_COMMENT, text, strnlen(text, PCAPNG_COMMENT_MAX));
}

/* The header's length is filled in by finish. */
static struct block begin(uint32_t type)
{
    struct block b = {.data = NULL};

    put32(&b, type);
    put32(&b, 0);
    return b;
}

static int finish(struct block *b, FILE *out)
{
    uint32_t total = (uint32_t)b->len + 4;

    put32(b, total);
    if (b->status == WHY_OK) {
        memcpy(b->data + 4, &total, sizeof(total));
        if (fwrite(b->data, 1, b->len, out) != b->len)
            b->status = WHY_ERR_IO;
    }
    free(b->data);
    return b->status;
}

int why_pcapng_section(FILE *out, const char *const *comments, size_t count)
{
    struct block b = begin(PCAPNG_SECTION);

    put32(&b, PCAPNG_BYTE_ORDER_MAGIC);
    put16(&b, 1); /* version 1.0 */
    put16(&b, 0);
    put32(&b, UINT32_MAX); /* length of the section: not said */
    put32(&b, UINT32_MAX);
    for (size_t i = 0; i < count; i++)
        put_comment(&b, comments[i]);
    put_option(&b, OPT_APPLICATION, "rdpwhy", 6);
    put_option(&b, PCAPNG_OPT_END, NULL, 0);
    return finish(&b, out);
}

int why_pcapng_interface(FILE *out, uint32_t link)
{
    static const uint8_t resolution = MICROSECONDS;
    struct block b = begin(PCAPNG_INTERFACE);

    put16(&b, (uint16_t)link);
    put16(&b, 0);
    put32(&b, 0); /* no snap length */
    put_option(&b, OPT_NAME, "rdpwhy", 6);
    put_option(&b, OPT_RESOLUTION, &resolution, 1);
    put_option(&b, PCAPNG_OPT_END, NULL, 0);
    return finish(&b, out);
}

int why_pcapng_secrets(FILE *out, const char *keylog, size_t len)
{
    struct block b = begin(PCAPNG_SECRETS);

    put32(&b, PCAPNG_SECRETS_TLS);
    put32(&b, (uint32_t)len);
    put_padded(&b, keylog, len);
    return finish(&b, out);
}

int why_pcapng_packet(FILE *out, const struct why_pcapng_packet *packet)
{
    struct block b = begin(PCAPNG_PACKET);

    put32(&b, packet->interface);
    put32(&b, (uint32_t)(packet->time_us >> 32));
    put32(&b, (uint32_t)packet->time_us);
    put32(&b, (uint32_t)packet->len);
    put32(&b, (uint32_t)packet->wire_len);
    put_padded(&b, packet->data, packet->len);
    if (packet->comment != NULL) {
        put_comment(&b, packet->comment);
        put_option(&b, PCAPNG_OPT_END, NULL, 0);
    }
    return finish(&b, out);
}
