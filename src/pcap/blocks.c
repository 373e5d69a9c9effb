/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"

#include <string.h>

#include <rdpwhy/status.h>

#include "wire/numbers.h"

/* draft-ietf-opsawg-pcapng */
#define SECTION_FIXED 16u /* of a section's body, before its options */

#define NOTES_MAX (1024u * 1024u)

static const char notes_start[] = "{\"schema\":\"rdpwhy/1\",\"record\":\"trace\"";

static uint32_t get32(const uint8_t *at, bool swapped)
{
    uint32_t v;

    memcpy(&v, at, sizeof(v));
    return swapped ? v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24 : v;
}

static uint16_t get16(const uint8_t *at, bool swapped)
{
    uint16_t v;

    memcpy(&v, at, sizeof(v));
    return swapped ? (uint16_t)(v << 8 | v >> 8) : v;
}

static int take_comment(struct why_buffer *notes, const uint8_t *text, size_t len)
{
    bool first = notes->len == 0;
    enum why_buffer_result result;

    if (first && (len < strlen(notes_start) || memcmp(text, notes_start, strlen(notes_start)) != 0))
        return WHY_OK;
    result = why_buffer_add(notes, text, len, NOTES_MAX);
    if (result == WHY_BUFFER_ADDED)
        result = why_buffer_add(notes, (const uint8_t *)"\n", 1, NOTES_MAX);
    if (result == WHY_BUFFER_FULL)
        why_buffer_clear(notes);
    return result == WHY_BUFFER_NOMEM ? WHY_ERR_NOMEM : WHY_OK;
}

int why_blocks_section(struct why_buffer *notes, const uint8_t *body, size_t len, bool swapped)
{
    size_t at = SECTION_FIXED;
    int status = WHY_OK;

    while (status == WHY_OK && len >= at + 4) {
        uint16_t code = get16(body + at, swapped), n = get16(body + at + 2, swapped);

        if (code == PCAPNG_OPT_END || n > len - at - 4)
            return WHY_OK;
        if (code == PCAPNG_OPT_COMMENT)
            status = take_comment(notes, body + at + 4, n);
        at += 4 + ((size_t)n + 3) / 4 * 4;
    }
    return status;
}

int why_blocks_secrets(struct why_keys *keys, const uint8_t *body, size_t len, bool swapped)
{
    uint32_t n;

    if (len < 8 || get32(body, swapped) != PCAPNG_SECRETS_TLS)
        return WHY_OK;
    n = get32(body + 4, swapped);
    if (n > len - 8)
        n = (uint32_t)(len - 8);
    return why_keys_add(keys, (const char *)body + 8, n) < 0 ? WHY_ERR_NOMEM : WHY_OK;
}
