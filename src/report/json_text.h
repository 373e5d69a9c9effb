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

/*
 * |value| as one line of JSON with jansson's |flags| to |out|, its line end too. Harmful characters
 * inside texts (why_text_is_harmful) become \uNNNN: a reader gets them back, a terminal never sees
 * them. WHY_OK, WHY_ERR_NOMEM or WHY_ERR_IO.
 */
int why_json_write_line(FILE *out, const json_t *value, size_t flags);

#endif /* !defined(RDPWHY_REPORT_JSON_TEXT_H) */
