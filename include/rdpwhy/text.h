/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TEXT_H
#define RDPWHY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text of servers and users, which claims to be UTF-8 and may be anything. Pure. */

/*
 * Decodes the character at |text| (NUL-terminated) into |*codepoint|. Returns the number of its
 * bytes, or 0 at the end of the text and where the bytes are not UTF-8 (RFC 3629: no overlong
 * forms, no surrogates, nothing above U+10FFFF).
 */
size_t why_utf8_decode(const char *text, uint32_t *codepoint);

/* Whether all of |text| is UTF-8. */
bool why_utf8_valid(const char *text);

/* "812 us", "41.2 ms", "1.24 s": rounded, half of a digit up. Reports say it in no other way. */
void why_duration_text(uint64_t us, char *buf, size_t len);

/* Columns that |codepoint| takes on a terminal: 0 (combining), 1, or 2 (East Asian wide). */
unsigned why_utf8_columns(uint32_t codepoint);

#endif /* !defined(RDPWHY_TEXT_H) */
