/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_HTML_RECORDS_H
#define RDPWHY_REPORT_HTML_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "html_writer.h"

struct why_host;
struct why_result;
struct why_finding;
struct why_run_info;
struct why_target;
struct why_scan_summary;

/* The page's records, each one line: those of JSON Lines, taken apart so that what several have in
 * common is there once (html_writer.h), and what the page needs besides. */

/* With the vocabulary with which the page speaks. */
void why_html_run(struct html_writer *writer, const struct why_run_info *run);

/* How much of an attempt goes into the page. */
struct html_detail {
    bool lean;                 /* one of many: without what only a close look needs */
    uint64_t events_allowance; /* bytes that its exchange may take; 0: none of it */
};

/* With what the tables say of its codes, its phases in columns, and its exchange
 * (html_events.h). */
void why_html_attempt(struct html_writer *writer, const struct why_result *result,
                      const struct html_detail *detail);
void why_html_host(struct html_writer *writer, const struct why_host *host);
void why_html_across(struct html_writer *writer, const struct why_target *target,
                     const struct why_finding *finding);
void why_html_end(struct html_writer *writer, const struct why_scan_summary *summary);

#endif /* !defined(RDPWHY_REPORT_HTML_RECORDS_H) */
