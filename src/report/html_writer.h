/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_HTML_WRITER_H
#define RDPWHY_REPORT_HTML_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "json_build.h"

struct why_target;

/*
 * The data inside the page: one JSON object a line in a script element that is never run. A value
 * that occurs again and again (a verdict, a certificate, a rule's text) is written once, on a line
 * of its own, {"d":number,"v":value}, and stands for its number from then on. Which values were
 * written is remembered in a cache of constant size: one that was pushed out is written again.
 */
struct html_writer;

/* NULL when out of memory. */
struct html_writer *why_html_writer_new(FILE *out);
void why_html_writer_free(struct html_writer *writer);

/* Page text that was written to |out| by |writer|'s owner counts too. */
void why_html_write(struct html_writer *writer, const void *bytes, size_t len);

/* WHY_OK, or the first WHY_ERR_IO or WHY_ERR_NOMEM of all calls. */
int why_html_status(const struct html_writer *writer);
uint64_t why_html_written(const struct html_writer *writer);

/* Writes |record| as one line and gives it up. */
void why_html_line(struct html_writer *writer, const struct why_json_builder *b, json_t *record);

/*
 * Puts |value| (taken over) under |key| of |object|, as a number where sharing it saves bytes. An
 * empty object or array adds nothing. |value| itself is no number.
 */
void why_html_put_shared(struct html_writer *writer, struct why_json_builder *b, json_t *object,
                         const char *key, json_t *value);
void why_html_add_shared(struct html_writer *writer, struct why_json_builder *b, json_t *array,
                         json_t *value);

/* The bytes that |value| would take in a line now: few where it was shared already. */
size_t why_html_cost(const struct html_writer *writer, const json_t *value);

/*
 * |text| with the target's label replaced by U+0001 and its host by U+0002, so that texts of
 * different hosts are the same text; the page puts them back.
 */
json_t *why_html_text(const struct why_target *target, const char *text);

#endif /* !defined(RDPWHY_REPORT_HTML_WRITER_H) */
