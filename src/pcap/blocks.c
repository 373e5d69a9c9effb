/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <rdpwhy/status.h>

#include "record/buffer.h"
#include "wire/numbers.h"

/* draft-ietf-opsawg-pcapng */
#define SECTION_FIXED 16u /* of a section's body, before its options */

#define BODY_MAX  (16u * 1024u * 1024u)
#define NOTES_MAX (1024u * 1024u)

static const char notes_start[] = "{\"schema\":\"rdpwhy/1\",\"record\":\"trace\"";

struct scan {
    FILE *in;
    bool swapped; /* the section's byte order is not this machine's */
    struct why_keys *keys;
    struct why_buffer notes;
    int status;
};

static uint32_t swap32(uint32_t v)
{
    return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static uint32_t get32(const struct scan *s, const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return s->swapped ? swap32(value) : value;
}

static uint16_t get16(const struct scan *s, const uint8_t *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof(value));
    return s->swapped ? (uint16_t)(value << 8 | value >> 8) : value;
}

static void take_comment(struct scan *s, const uint8_t *text, size_t len)
{
    bool first = s->notes.len == 0;
    enum why_buffer_result result;

    if (first && (len < strlen(notes_start) || memcmp(text, notes_start, strlen(notes_start)) != 0))
        return;
    result = why_buffer_add(&s->notes, text, len, NOTES_MAX);
    if (result == WHY_BUFFER_ADDED)
        result = why_buffer_add(&s->notes, (const uint8_t *)"\n", 1, NOTES_MAX);
    if (result == WHY_BUFFER_FULL)
        why_buffer_clear(&s->notes);
    else if (result == WHY_BUFFER_NOMEM)
        s->status = WHY_ERR_NOMEM;
}

static void section(struct scan *s, const uint8_t *body, size_t len)
{
    size_t at = SECTION_FIXED;

    while (len >= at + 4) {
        uint16_t code = get16(s, body + at), n = get16(s, body + at + 2);

        if (code == PCAPNG_OPT_END || n > len - at - 4)
            return;
        if (code == PCAPNG_OPT_COMMENT)
            take_comment(s, body + at + 4, n);
        at += 4 + ((size_t)n + 3) / 4 * 4;
    }
}

static void secrets(struct scan *s, const uint8_t *body, size_t len)
{
    uint32_t n;

    if (len < 8 || get32(s, body) != PCAPNG_SECRETS_TLS)
        return;
    n = get32(s, body + 4);
    if (n > len - 8)
        n = (uint32_t)(len - 8);
    if (why_keys_add(s->keys, (const char *)body + 8, n) < 0)
        s->status = WHY_ERR_NOMEM;
}

/* Reads a body of |len| bytes and takes what is of use in it. False at the end of the file. */
static bool take_body(struct scan *s, uint32_t type, size_t len)
{
    uint8_t *body = malloc(len > 0 ? len : 1);
    bool whole;

    if (body == NULL) {
        s->status = WHY_ERR_NOMEM;
        return false;
    }
    whole = fread(body, 1, len, s->in) == len;
    if (whole && type == PCAPNG_SECTION)
        section(s, body, len);
    else if (whole)
        secrets(s, body, len);
    free(body);
    return whole;
}

/* A section says its byte order in its body, which its length needs. */
static bool learn_order(struct scan *s, uint8_t magic[4])
{
    uint32_t value;

    if (fread(magic, 1, 4, s->in) != 4 || fseeko(s->in, -4, SEEK_CUR) != 0)
        return false;
    memcpy(&value, magic, sizeof(value));
    s->swapped = value == swap32(PCAPNG_BYTE_ORDER_MAGIC);
    return s->swapped || value == PCAPNG_BYTE_ORDER_MAGIC;
}

/* One block. False at the end of the file, and where it is no pcapng. */
static bool block(struct scan *s)
{
    uint8_t header[8], magic[4];
    uint32_t type, len;

    if (fread(header, 1, sizeof(header), s->in) != sizeof(header))
        return false;
    memcpy(&type, header, sizeof(type)); /* a section's reads the same in both byte orders */
    if (type == PCAPNG_SECTION && !learn_order(s, magic))
        return false;
    type = get32(s, header);
    len = get32(s, header + 4);
    if (len < 12 || len % 4 != 0)
        return false;
    if ((type == PCAPNG_SECTION || type == PCAPNG_SECRETS) && len <= BODY_MAX)
        return take_body(s, type, len - 12) && fseeko(s->in, 4, SEEK_CUR) == 0;
    return fseeko(s->in, (off_t)len - 8, SEEK_CUR) == 0;
}

static int read_notes(const struct scan *s, struct why_trace **notes)
{
    int status = why_trace_read_memory((const char *)s->notes.data, s->notes.len, notes, NULL, 0);

    return status == WHY_ERR_NOMEM ? status : WHY_OK; /* notes that are not whole are none */
}

int why_blocks_scan(FILE *in, struct why_keys *keys, struct why_trace **notes)
{
    struct scan s = {.in = in, .keys = keys, .status = WHY_OK};
    off_t start = ftello(in);
    uint8_t first[4];
    uint32_t type = 0;

    *notes = NULL;
    if (start < 0 || fseeko(in, 0, SEEK_CUR) != 0)
        return WHY_OK;
    if (fread(first, 1, sizeof(first), in) == sizeof(first))
        memcpy(&type, first, sizeof(type));
    if (fseeko(in, start, SEEK_SET) != 0)
        return WHY_OK;
    while (type == PCAPNG_SECTION && s.status == WHY_OK && block(&s))
        ;
    clearerr(in);
    if (fseeko(in, start, SEEK_SET) != 0)
        s.status = WHY_ERR_IO;
    if (s.status == WHY_OK && s.notes.len > 0)
        s.status = read_notes(&s, notes);
    why_buffer_clear(&s.notes);
    return s.status;
}
