/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_TEXT_DETAILS_H
#define RDPWHY_REPORT_TEXT_DETAILS_H

#include <stdbool.h>

#include <rdpwhy/knowledge.h>

#include "page.h"

struct why_host;
struct why_finding;
struct why_target;

struct why_text_run {
    bool probed;      /* else it came from a file */
    bool credentials; /* an account was given */
};
struct why_result;

/* The parts of a host's text report below its table. Each writes nothing where nothing is known. */

enum page_style why_text_outcome_style(const struct why_result *result);

/* A line for each offer: how it went, where it ended, who ended it. */
void why_text_offers(struct page *page, const struct why_host *host);
/* Every attempt that did not complete: its last phases, or all of them with what passed when
 * |verbose|. Attempts that ended alike are told once unless |verbose|. */
void why_text_attempts(struct page *page, const struct why_host *host, bool verbose);
/* How long the phases took where steps were repeated. */
void why_text_spreads(struct page *page, const struct why_host *host);
void why_text_certificates(struct page *page, const struct why_host *host);
void why_text_server(struct page *page, const struct why_host *host);
/* What the server asked for, what each license mode brought, what came of it. */
void why_text_licensing(struct page *page, const struct why_host *host);
/* What several places together tell of a host. */
void why_text_across(struct page *page, const struct why_target *target,
                     const struct why_finding *finding, bool texts);
void why_text_findings(struct page *page, const struct why_host *host);
enum page_style why_text_severity_style(enum why_severity severity);

/* Where the attempt that says most ended, who ended it, and what mstsc shows then. */
void why_text_where(struct page *page, const struct why_host *host);
/* The likeliest causes of the first finding, where something is wrong, and its first checks. */
void why_text_next(struct page *page, const struct why_host *host);
/* The other findings, a line each. */
void why_text_also(struct page *page, const struct why_host *host);
/* What was not tested, the footprint, and how more is shown. */
void why_text_more(struct page *page, const struct why_host *host, const struct why_text_run *run);
/* What is ruled out, what was not tested, which server it is: of how it was probed, |run|. */
void why_text_tested(struct page *page, const struct why_host *host,
                     const struct why_text_run *run);
/* Its attempts are connections that somebody else made. */
bool why_text_is_captured(const struct why_host *host);
void why_text_footprint(struct page *page, const struct why_host *host);

/* Of each phase the names of the last PDUs that belong to it, per direction; NULL: none passed. */
struct text_last_pdus {
    const char *names[WHY_PHASE_COUNT][2];
};
void why_text_last_pdus(const struct why_result *result, struct text_last_pdus *last);

/* The timeline of |result| as it was recorded: every PDU, every record, every turn. */
void why_text_events(struct page *page, const struct why_result *result);

/* One line a host: state (in |style|), target, NLA, best TLS version, certificate, |sentence|. */
void why_text_list_titles(struct page *page);
void why_text_list_row(struct page *page, const struct why_host *host, enum page_style style,
                       const char *sentence);

#endif /* !defined(RDPWHY_REPORT_TEXT_DETAILS_H) */
