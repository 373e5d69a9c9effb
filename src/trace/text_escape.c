/* SPDX-License-Identifier: Apache-2.0 */
#include "text_escape.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Whether a \xNN group starts at |p|. */
static bool is_group(const char *p)
{
    return p[0] == '\\' && p[1] == 'x' && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0;
}

/*
 * Length of the UTF-8 sequence at |p|, or 0: not one (RFC 3629 4). The text's NUL ends every
 * sequence that is cut short.
 */
static size_t sequence_length(const unsigned char *p)
{
    static const struct {
        unsigned char first, last; /* of the lead byte */
        unsigned char low, high;   /* of the second byte */
        size_t length;
    } rows[] = {
        {0x01, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (p[0] < rows[i].first || p[0] > rows[i].last)
            continue;
        if (rows[i].length > 1 && (p[1] < rows[i].low || p[1] > rows[i].high))
            return 0;
        for (size_t k = 2; k < rows[i].length; k++) {
            if ((p[k] & 0xC0) != 0x80)
                return 0;
        }
        return rows[i].length;
    }
    return 0;
}

static char *put_group(char *out, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";

    *out++ = '\\';
    *out++ = 'x';
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 0x0f];
    return out;
}

char *why_text_escape(const char *text)
{
    char *escaped = malloc(4 * strlen(text) + 1);
    char *out = escaped;

    if (escaped == NULL)
        return NULL;
    while (*text != '\0') {
        size_t length = sequence_length((const unsigned char *)text);

        if (length == 0 || is_group(text)) {
            out = put_group(out, (unsigned char)*text++);
        } else {
            memcpy(out, text, length);
            out += length;
            text += length;
        }
    }
    *out = '\0';
    return escaped;
}

bool why_text_unescape(char *text)
{
    char *out = text;

    while (*text != '\0') {
        if (is_group(text)) {
            int byte = hex_digit(text[2]) << 4 | hex_digit(text[3]);

            if (byte == 0)
                return false;
            *out++ = (char)byte;
            text += 4;
        } else {
            *out++ = *text++;
        }
    }
    *out = '\0';
    return true;
}
