/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

/* The first byte tells the length, and the second byte's range excludes overlong forms, surrogates
 * and what is above U+10FFFF (Unicode, table 3-7). */
static const struct lead {
    uint8_t first, last;
    uint8_t length;
    uint8_t mask;
    uint8_t second_min, second_max;
} leads[] = {
    {0x01, 0x7F, 1, 0x7F, 0, 0},       {0xC2, 0xDF, 2, 0x1F, 0x80, 0xBF},
    {0xE0, 0xE0, 3, 0x0F, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x0F, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x0F, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x0F, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x07, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x07, 0x80, 0xBF},
    {0xF4, 0xF4, 4, 0x07, 0x80, 0x8F},
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct lead *find_lead(uint8_t byte)
{
    for (size_t i = 0; i < ROWS(leads); i++) {
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    }
    return NULL;
}

size_t why_utf8_decode_part(const char *text, size_t len, uint32_t *codepoint)
{
    const uint8_t *s = (const uint8_t *)text;
    const struct lead *lead = len > 0 ? find_lead(s[0]) : NULL;
    uint32_t value;

    if (!lead || lead->length > len)
        return 0;
    value = s[0] & lead->mask;
    for (size_t i = 1; i < lead->length; i++) {
        uint8_t min = i == 1 ? lead->second_min : 0x80;
        uint8_t max = i == 1 ? lead->second_max : 0xBF;

        if (s[i] < min || s[i] > max)
            return 0;
        value = value << 6 | (s[i] & 0x3Fu);
    }
    *codepoint = value;
    return lead->length;
}

/* The NUL is no byte of any character: nothing behind it is looked at. */
size_t why_utf8_decode(const char *text, uint32_t *codepoint)
{
    return why_utf8_decode_part(text, WHY_UTF8_MAX, codepoint);
}

bool why_utf8_valid(const char *text)
{
    uint32_t codepoint = 0;
    size_t n = why_utf8_decode(text, &codepoint);

    while (n > 0) {
        text += n;
        n = why_utf8_decode(text, &codepoint);
    }
    return *text == '\0';
}

bool why_text_is_harmful(uint32_t codepoint)
{
    return codepoint < 0x20 || (codepoint >= 0x7F && codepoint <= 0x9F) || codepoint == 0x061C ||
           (codepoint >= 0x200E && codepoint <= 0x200F) ||
           (codepoint >= 0x2028 && codepoint <= 0x202E) ||
           (codepoint >= 0x2066 && codepoint <= 0x2069);
}

size_t why_text_plain(const char *text, size_t *raw)
{
    uint32_t codepoint = 0;
    size_t n = why_utf8_decode(text, &codepoint);

    *raw = n > 0 ? n : 1;
    return n > 0 && !why_text_is_harmful(codepoint) ? n : 0;
}

char *why_text_shown(const char *text)
{
    char *copy = malloc(4 * strlen(text) + 1);
    char *to = copy;

    if (copy == NULL)
        return NULL;
    while (*text != '\0') {
        size_t raw = 0;
        size_t n = why_text_plain(text, &raw);

        memcpy(to, text, n);
        to += n;
        for (size_t i = 0; n == 0 && i < raw; i++)
            to = why_hex_escape(to, (uint8_t)text[i]);
        text += raw;
    }
    *to = '\0';
    return copy;
}

/* wcwidth() would need a locale and differs between systems. Blocks, not single characters: enough
 * to keep columns aligned (Unicode 15, EastAsianWidth W and F; general categories Mn, Me, Cf). */
static const struct width {
    uint32_t first, last;
    unsigned columns;
} widths[] = {
    {0x0300, 0x036F, 0},   {0x0483, 0x0489, 0},   {0x0591, 0x05BD, 0},   {0x0610, 0x061A, 0},
    {0x064B, 0x065F, 0},   {0x1100, 0x115F, 2},   {0x1AB0, 0x1AFF, 0},   {0x1DC0, 0x1DFF, 0},
    {0x200B, 0x200F, 0},   {0x20D0, 0x20FF, 0},   {0x2E80, 0x303E, 2},   {0x3041, 0x33FF, 2},
    {0x3400, 0x4DBF, 2},   {0x4E00, 0x9FFF, 2},   {0xA000, 0xA4CF, 2},   {0xA960, 0xA97F, 2},
    {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},   {0xFE00, 0xFE0F, 0},   {0xFE20, 0xFE2F, 0},
    {0xFE30, 0xFE6F, 2},   {0xFEFF, 0xFEFF, 0},   {0xFF00, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2},
    {0x1F300, 0x1F64F, 2}, {0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1F9FF, 2}, {0x20000, 0x3FFFD, 2},
    {0xE0100, 0xE01EF, 0},
};

unsigned why_utf8_columns(uint32_t codepoint)
{
    for (size_t i = 0; i < ROWS(widths); i++) {
        if (codepoint >= widths[i].first && codepoint <= widths[i].last)
            return widths[i].columns;
    }
    return 1;
}
