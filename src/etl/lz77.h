/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ETL_LZ77_H
#define RDPWHY_ETL_LZ77_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Plain LZ77 ([MS-XCA] 2.4.4). Fills |out| with |outlen| bytes; what is left of the input then is
 * not looked at. False where the input ends before, or is none.
 */
bool why_lz77_unpack(const uint8_t *in, size_t len, uint8_t *out, size_t outlen);

#endif /* !defined(RDPWHY_ETL_LZ77_H) */
