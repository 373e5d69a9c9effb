/* SPDX-License-Identifier: Apache-2.0 */
#include "escape.h"

#include <stdint.h>

#include "base/text.h"

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

/* What may not be written as it is: the two characters below U+10000 that XML 1.0 leaves out are
 * among it in every style. */
static size_t plain_bytes(const char *text, size_t *raw)
{
    uint32_t codepoint = 0;
    size_t n = why_text_plain(text, raw);

    if (n > 0 && why_utf8_decode(text, &codepoint) > 0 &&
        (codepoint == 0xFFFE || codepoint == 0xFFFF))
        return 0;
    return n;
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
        size_t raw = 0;
        size_t n = plain_bytes(text, &raw);

        if (n == 0) {
            for (size_t i = 0; i < raw; i++)
                put_byte(out, style, (unsigned char)*text++);
        } else if (n == 1) {
            put_ascii(out, style, *text++);
        } else {
            fwrite(text, 1, n, out);
            text += n;
        }
    }
}
