/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_BASE_HEX_H
#define RDPWHY_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes in hexadecimal: written in lower case, read in either. */

/* Writes |len| bytes as 2 * |len| digits and a NUL. Returns where the NUL is. */
char *why_hex_print(char *to, const void *bytes, size_t len);

/* Writes a byte as \xNN and a NUL. Returns where the NUL is. */
char *why_hex_escape(char *to, uint8_t byte);

/* The value of a digit, or -1. */
int why_hex_digit(char c);

/* Reads |len| digits into |len| / 2 bytes. Returns false for an odd number of them and for what is
 * no digit; then |bytes| may have been written in part. */
bool why_hex_parse(const char *text, size_t len, uint8_t *bytes);

#endif /* !defined(RDPWHY_BASE_HEX_H) */
