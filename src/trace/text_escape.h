/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TEXT_ESCAPE_H
#define RDPWHY_TEXT_ESCAPE_H

#include <stdbool.h>

/*
 * Texts in trace files are UTF-8; what a peer sent need not be. Bytes that are not UTF-8 become
 * the four characters \xNN, and so does a backslash that would read as the start of such a group,
 * so that unescaping gives every byte back. Any other text stays as it is.
 */

/* A new string to be freed, or NULL when out of memory. */
char *why_text_escape(const char *text);

/* Undoes it in place. False: the text holds \x00, which no text can contain. */
bool why_text_unescape(char *text);

#endif /* !defined(RDPWHY_TEXT_ESCAPE_H) */
