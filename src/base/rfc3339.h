/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_BASE_RFC3339_H
#define RDPWHY_BASE_RFC3339_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Times in UTC as RFC 3339 writes them, "YYYY-MM-DDThh:mm:ss.uuuuuuZ". The calendar is the
 * proleptic Gregorian one, from year 0 to 9999; nothing depends on the system's time_t.
 */

#define WHY_RFC3339_SIZE sizeof("YYYY-MM-DDThh:mm:ss.uuuuuuZ")
#define WHY_RFC3339_MAX  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* Prints |seconds| since 1970 and |micro| seconds, without a fraction where |micro| < 0. Returns
 * false, and an empty text, for a year that has not four digits. */
bool why_rfc3339_print(int64_t seconds, int32_t micro, char text[WHY_RFC3339_SIZE]);

/* The date alone, "YYYY-MM-DD"; otherwise the same. */
bool why_rfc3339_print_date(int64_t seconds, char text[WHY_RFC3339_SIZE]);

/*
 * Parses a time in UTC, its fraction, if any, up to its sixth digit; |*micro| is -1 where there is
 * none. Returns WHY_OK, WHY_ERR_MALFORMED for what is not written so, or WHY_ERR_NOTFOUND for a
 * date or time that does not exist. Second 60 is taken for the next one's 0.
 */
int why_rfc3339_parse(const char *text, size_t len, int64_t *seconds, int32_t *micro);

#endif /* !defined(RDPWHY_BASE_RFC3339_H) */
