/* SPDX-License-Identifier: Apache-2.0 */
#include "escape.h"

#include <stdbool.h>
#include <stdint.h>

#include <rdpwhy/text.h>

struct replacement {
    char character;
    const char *text;
};

/* Ended by a NUL character. "]]>" must not stand in an element either: no '>' does. */
static const struct replacement xml[] = {{'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},
                                         {'"', "&quot;"}, {'\'', "&#39;"}, {'\0', NULL}};
static const struct replacement csv[] = {{'"', "\"\""}, {'\0', NULL}};
static const struct replacement prometheus[] = {{'\\', "\\\\"}, {'"', "\\\""}, {'\0', NULL}};
static const struct replacement nagios[] = {{'|', "\\x7c"}, {'\0', NULL}};

static const struct replacement *const styles[] = {[ESCAPE_XML] = xml,
                                                   [ESCAPE_CSV] = csv,
                                                   [ESCAPE_PROMETHEUS] = prometheus,
                                                   [ESCAPE_NAGIOS] = nagios};

/* Control characters, and the two characters below U+10000 that XML 1.0 leaves out besides. */
static bool is_harmful(uint32_t codepoint)
{
    return codepoint < 0x20 || (codepoint >= 0x7F && codepoint <= 0x9F) || codepoint == 0xFFFE ||
           codepoint == 0xFFFF;
}

static void put_byte(FILE *out, enum escape_style style, unsigned char byte)
{
    fprintf(out, style == ESCAPE_PROMETHEUS ? "\\\\x%02x" : "\\x%02x", byte);
}

static void put_ascii(FILE *out, enum escape_style style, char c)
{
    const struct replacement *r = styles[style];

    while (r->character != '\0' && r->character != c)
        r++;
    if (r->text)
        fputs(r->text, out);
    else
        fputc(c, out);
}

void why_escape(FILE *out, enum escape_style style, const char *text)
{
    while (*text) {
        uint32_t codepoint = 0;
        size_t n = why_utf8_decode(text, &codepoint);

        if (n == 0 || is_harmful(codepoint)) {
            for (size_t i = 0; i < (n ? n : 1); i++)
                put_byte(out, style, (unsigned char)*text++);
        } else if (n == 1) {
            put_ascii(out, style, *text++);
        } else {
            fwrite(text, 1, n, out);
            text += n;
        }
    }
}
