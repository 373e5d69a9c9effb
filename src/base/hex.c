/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"

static const char digits[] = "0123456789abcdef";

char *why_hex_print(char *to, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;

    for (size_t i = 0; i < len; i++) {
        *to++ = digits[from[i] >> 4];
        *to++ = digits[from[i] & 0x0F];
    }
    *to = '\0';
    return to;
}

char *why_hex_escape(char *to, uint8_t byte)
{
    *to++ = '\\';
    *to++ = 'x';
    return why_hex_print(to, &byte, 1);
}

/* A digit's value and one; 0 for what is no digit. Workers send all bytes of all attempts in
 * hexadecimal: a table is three times as fast as comparing. */
static const uint8_t values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

int why_hex_digit(char c)
{
    return values[(uint8_t)c] - 1;
}

bool why_hex_parse(const char *text, size_t len, uint8_t *bytes)
{
    if (len % 2 != 0)
        return false;
    for (size_t i = 0; i < len; i += 2) {
        int high = why_hex_digit(text[i]), low = why_hex_digit(text[i + 1]);

        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}
