/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_TEXT_DETAILS_H
#define RDPWHY_REPORT_TEXT_DETAILS_H

#include <stdbool.h>

#include "page.h"

struct why_host;
struct why_result;

/* The parts of a host's text report below its table. Each writes nothing where nothing is known. */

enum page_style text_outcome_style(const struct why_result *result);

/* Every attempt that did not complete: its last phases, or all of them with what passed when
 * |verbose|. Attempts that ended alike are told once unless |verbose|. */
void text_attempts(struct page *page, const struct why_host *host, bool verbose);
void text_certificates(struct page *page, const struct why_host *host);
void text_server(struct page *page, const struct why_host *host);
void text_findings(struct page *page, const struct why_host *host);
void text_footprint(struct page *page, const struct why_host *host);

/* The timeline of |result| as it was recorded: every PDU, every record, every turn. */
void text_events(struct page *page, const struct why_result *result);

#endif /* !defined(RDPWHY_REPORT_TEXT_DETAILS_H) */
