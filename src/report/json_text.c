/* SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/hex.h"
#include "base/text.h"

json_t *why_json_text(const char *text)
{
    char *clean = malloc(4 * strlen(text) + 1);
    char *to = clean;
    json_t *value;

    if (!clean)
        return NULL;
    while (*text) {
        uint32_t codepoint = 0;
        size_t n = why_utf8_decode(text, &codepoint);

        if (n > 0 && (codepoint < 0x7F || codepoint > 0x9F)) {
            memcpy(to, text, n);
            to += n;
            text += n;
        } else {
            for (size_t i = 0; i < (n ? n : 1); i++)
                to = why_hex_escape(to, (uint8_t)*text++);
        }
    }
    *to = '\0';
    value = json_string(clean);
    free(clean);
    return value;
}

/* Writes |text|, JSON in UTF-8, where all that is harmful stands inside of strings. */
static void write_guarded(FILE *out, const char *text)
{
    const char *from = text;

    while (*text) {
        uint32_t codepoint = 0;
        size_t raw = 1;
        bool plain = (unsigned char)*text < 0x7F || why_text_plain(text, &raw) > 0;

        if (!plain && why_utf8_decode(text, &codepoint) > 0) {
            fwrite(from, 1, (size_t)(text - from), out);
            fprintf(out, "\\u%04X", (unsigned)codepoint);
            from = text + raw;
        }
        text += raw;
    }
    fwrite(from, 1, (size_t)(text - from), out);
}

int why_json_write_line(FILE *out, const json_t *value, size_t flags)
{
    char *line = json_dumps(value, flags);

    if (!line)
        return WHY_ERR_NOMEM;
    write_guarded(out, line);
    free(line);
    return fputc('\n', out) == EOF || ferror(out) ? WHY_ERR_IO : WHY_OK;
}
