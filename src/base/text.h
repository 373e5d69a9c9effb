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

/* The same of |len| bytes at |text|, which need not end with a NUL. */
size_t why_utf8_decode_part(const char *text, size_t len, uint32_t *codepoint);
#define WHY_UTF8_MAX 4 /* bytes of a character */

/* Whether all of |text| is UTF-8. */
bool why_utf8_valid(const char *text);

/*
 * Whether a terminal, a spreadsheet or an editor acts on |codepoint| instead of showing it: C0, DEL
 * and C1, the line separators U+2028 and U+2029, and the marks that reorder text (U+061C, U+200E,
 * U+200F, U+202A to U+202E, U+2066 to U+2069), with which a name can be made to look like another.
 */
bool why_text_is_harmful(uint32_t codepoint);

/*
 * The character at |text|, which is not at its end: how many bytes of it may be written as they
 * are; 0 where it is harmful or not UTF-8, and each of its |*raw| bytes has to be written as \xNN.
 * All writers for people and programs go by this one.
 */
size_t why_text_plain(const char *text, size_t *raw);

/* |text| with all of that done: nothing of it is lost. A new string, NULL when out of memory. */
char *why_text_shown(const char *text);

/* "812 us", "41.2 ms", "1.24 s": rounded, half of a digit up. Reports say it in no other way. */
void why_duration_text(uint64_t us, char *buf, size_t len);

/* Columns that |codepoint| takes on a terminal: 0 (combining), 1, or 2 (East Asian wide). */
unsigned why_utf8_columns(uint32_t codepoint);

#endif /* !defined(RDPWHY_TEXT_H) */
