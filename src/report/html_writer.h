/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_HTML_WRITER_H
#define RDPWHY_REPORT_HTML_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "json_build.h"

/*
 * The data inside the page: one JSON object a line in a script element that is never run. What
 * occurs again and again (a verdict, a certificate, a rule's text) is written once, on a line of
 * its own, {"d":number,"v":object}. An object's member "=" is an array of such numbers, or objects,
 * whose members are its own. What was written is remembered, but not for ever: some is written
 * again.
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
/* The same; of the record only that stands in the line what no other has: facts that are an
 * attempt's own (FACT_OWN), and "at". */
void why_html_shared_line(struct html_writer *writer, struct why_json_builder *b, json_t *record);

/* The bytes that |object|'s members would take in a line now: few where they were shared already.
 */
size_t why_html_cost(const struct html_writer *writer, json_t *object);

#endif /* !defined(RDPWHY_REPORT_HTML_WRITER_H) */
