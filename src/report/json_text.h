/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_JSON_TEXT_H
#define RDPWHY_REPORT_JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

/*
 * |text| as a JSON string. Bytes that are not UTF-8 and the control characters that JSON lets
 * through (DEL and U+0080 to U+009F, which some terminals obey) become the literal text \xNN, byte
 * by byte; the other control characters are escaped when the string is written. Returns NULL when
 * out of memory.
 */
json_t *why_json_text(const char *text);

#define WHY_TIME_TEXT 40 /* bytes, with the NUL */

/* A point in time: seconds since 1970-01-01 UTC and the microseconds after them. */
struct why_time {
    int64_t seconds;
    int32_t micro; /* 0 to 999,999; negative: known to the second only */
};

/*
 * |time| as RFC 3339 UTC. Returns false for what RFC 3339 cannot write: before the year 0 or after
 * 9999.
 */
bool why_time_text(struct why_time time, char text[WHY_TIME_TEXT]);

struct why_time why_time_of_us(uint64_t us);
struct why_time why_time_of_seconds(int64_t seconds);
/* Of 100 ns since 1601-01-01 UTC ([MS-DTYP] 2.3.3). */
struct why_time why_time_of_filetime(uint64_t filetime);

/*
 * |value| as one line of JSON with jansson's |flags| to |out|, its line end too. Harmful characters
 * inside texts (why_text_is_harmful) become \uNNNN: a reader gets them back, a terminal never sees
 * them. WHY_OK, WHY_ERR_NOMEM or WHY_ERR_IO.
 */
int why_json_write_line(FILE *out, const json_t *value, size_t flags);

#endif /* !defined(RDPWHY_REPORT_JSON_TEXT_H) */
