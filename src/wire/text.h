/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_TEXT_H
#define RDPWHY_WIRE_TEXT_H

#include "cursor.h"

/*
 * What is left of |c| as UTF-8 into |out| of |size| bytes, always terminated, cut between
 * characters. Ends at the first NUL. Control characters stay: writers escape them.
 */

/* UTF-16LE. Half of a surrogate pair becomes the three bytes that UTF-8 would have for it if it
 * were a character (WTF-8): not UTF-8, so that whoever writes the text escapes it (rdpwhy/text.h).
 * An odd last byte is dropped. */
void why_text_utf16le(struct why_cursor c, char *out, size_t size);

/* One byte a character, read as ISO 8859-1: the sender's code page is not known. */
void why_text_oem(struct why_cursor c, char *out, size_t size);

#endif /* !defined(RDPWHY_WIRE_TEXT_H) */
