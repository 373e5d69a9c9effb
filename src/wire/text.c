/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

/* Appends |ch| at |*used|; false where it and the NUL would not fit. */
static bool append(char *out, size_t size, size_t *used, uint32_t ch)
{
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t n = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;

    if (n >= size - *used)
        return false;
    for (size_t i = n - 1; i > 0; i--) {
        out[*used + i] = (char)(0x80 | (ch & 0x3f));
        ch >>= 6;
    }
    out[*used] = (char)(lead[n] | ch);
    *used += n;
    out[*used] = '\0';
    return true;
}

static bool is_low_surrogate(uint16_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* One character of UTF-16LE; half of a surrogate pair is one of its own. */
static uint32_t next_char(struct why_cursor *c)
{
    uint16_t unit = why_cur_u16le(c);

    if (unit < 0xd800 || unit > 0xdbff || why_cur_left(c) < 2 ||
        !is_low_surrogate(why_cur_peek16le(c, 0)))
        return unit;
    return 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (why_cur_u16le(c) - 0xdc00u);
}

void why_text_utf16le(struct why_cursor c, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    while (why_cur_left(&c) >= 2) {
        uint32_t ch = next_char(&c);

        if (ch == 0 || !append(out, size, &used, ch))
            return;
    }
}

void why_text_oem(struct why_cursor c, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    while (why_cur_left(&c) > 0) {
        uint8_t ch = why_cur_u8(&c);

        if (ch == 0 || !append(out, size, &used, ch))
            return;
    }
}
