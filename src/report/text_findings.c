/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>

#include "facts/words.h"

#include "page.h"

#define INDENT      2
#define LABEL_WIDTH 15

static const enum page_style severity_styles[] = {
    [WHY_SEVERITY_INFO] = PAGE_PLAIN,
    [WHY_SEVERITY_WARNING] = PAGE_YELLOW,
    [WHY_SEVERITY_ERROR] = PAGE_RED,
};

enum page_style why_text_severity_style(enum why_severity severity)
{
    return severity_styles[severity];
}

/* One of several: a dash in front, so that wrapped lines do not look like the next one. */
static void put_item(struct page *page, const char *label, const char *text)
{
    why_page_printf(page, PAGE_PLAIN, "%*s", INDENT, "");
    why_page_text(page, PAGE_DIM, label);
    why_page_printf(page, PAGE_PLAIN, "%*s- ", LABEL_WIDTH - (int)strlen(label), "");
    why_page_wrap(page, PAGE_PLAIN, INDENT + LABEL_WIDTH + 2, INDENT + LABEL_WIDTH + 2, text);
}

static void put_list(struct page *page, const char *label, const char *const *texts)
{
    for (; texts && *texts; texts++) {
        put_item(page, label, *texts);
        label = "";
    }
}

static void put_finding(struct page *page, const struct why_finding *finding)
{
    const char *severity = why_severity_name(finding->severity);
    char summary[WHY_FINDING_TEXT + 128];

    why_page_printf(page, PAGE_PLAIN, "%*s", INDENT, "");
    why_page_text(page, severity_styles[finding->severity], severity);
    why_page_printf(page, PAGE_PLAIN, "%*s", LABEL_WIDTH - (int)strlen(severity), "");
    snprintf(summary, sizeof(summary), "%s [%s]", finding->summary, finding->rule);
    why_page_wrap(page, PAGE_BOLD, INDENT + LABEL_WIDTH, INDENT + LABEL_WIDTH, summary);
    for (size_t i = 0; i < finding->because_count; i++)
        put_item(page, i ? "" : "because", finding->because[i]);
    put_list(page, "likely causes", finding->causes);
    put_list(page, "checks", finding->checks);
    put_list(page, "remedies", finding->remedies);
}

void why_text_across(struct page *page, const struct why_target *target,
                     const struct why_finding *finding, bool texts)
{
    struct why_finding brief = *finding;

    why_page_text(page, PAGE_BOLD, target->label);
    why_page_newline(page);
    if (!texts)
        brief.causes[0] = brief.checks[0] = brief.remedies[0] = NULL;
    put_finding(page, &brief);
}

void why_text_findings(struct page *page, const struct why_host *host)
{
    if (host->finding_count == 0)
        return;
    why_page_heading(page, "Findings");
    for (size_t i = 0; i < host->finding_count; i++) {
        if (i > 0)
            why_page_newline(page);
        put_finding(page, &host->findings[i]);
    }
}

static void put_count(struct page *page, const char *separator, size_t count, const char *what)
{
    why_page_printf(page, PAGE_PLAIN, "%s%zu %s%s", separator, count, what, count == 1 ? "" : "s");
}

static void put_requests(struct page *page, const struct why_footprint *footprint)
{
    if (footprint->as_requests + footprint->tgs_requests == 0)
        return;
    put_count(page, ", ", footprint->as_requests, "AS request");
    put_count(page, " and ", footprint->tgs_requests, "TGS request");
    why_page_text(page, PAGE_PLAIN, " to the KDC");
}

static void put_licenses(struct page *page, const struct why_footprint *footprint)
{
    put_count(page, ", ", footprint->licenses_requested, "license");
    why_page_text(page, PAGE_PLAIN, " requested");
    if (footprint->licenses_requested > 0)
        why_page_printf(page, PAGE_PLAIN, ", %zu %sissued", footprint->licenses_issued,
                        footprint->licenses_unknown > 0 ? "known to be " : "");
    if (footprint->licenses_issued > 0)
        why_page_text(page, PAGE_PLAIN, " (each may be a temporary CAL)");
    if (footprint->licenses_unknown > 0)
        why_page_printf(page, PAGE_PLAIN, ", %zu unknown", footprint->licenses_unknown);
}

bool why_text_is_captured(const struct why_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        const struct why_trace *trace = host->results[i]->trace;

        if (trace != NULL && why_trace_head(trace)->library == NULL &&
            host->results[i]->verdict.outcome != WHY_OUTCOME_SKIPPED)
            return true;
    }
    return false;
}

/* What the client of a capture did. Logons that cannot be read are not counted as none. */
static void put_clients_part(struct page *page, const struct why_host *host)
{
    size_t logons = 0;

    for (size_t i = 0; i < host->count; i++)
        logons += host->results[i]->facts.account_sent;
    why_page_text(page, PAGE_BOLD, "The captured client");
    put_count(page, ": ", host->footprint.connections, "connection");
    if (logons > 0)
        put_count(page, ", ", logons, "logon");
    else
        why_page_text(page, PAGE_PLAIN, ", no logon that can be read");
    put_licenses(page, &host->footprint);
    why_page_newline(page);
}

static bool ended_alike(const struct why_verdict *a, const struct why_verdict *b)
{
    return a->outcome == b->outcome && a->phase == b->phase && a->ending == b->ending;
}

/* Which attempts were made once more, and what came of it. */
static void put_second_tries(struct page *page, const struct why_host *host)
{
    const char *separator = ": ";

    if (host->footprint.second_tries == 0)
        return;
    why_page_text(page, PAGE_BOLD, "Tried again");
    for (size_t i = 0; i < host->count; i++) {
        const struct why_result *r = host->results[i], *first = why_first_of_two(r);
        char step[64];

        if (!first)
            continue;
        why_words_step(&r->step, step, sizeof(step));
        why_page_printf(page, PAGE_PLAIN, "%s%s (%s)", separator, step,
                        ended_alike(&first->verdict, &r->verdict) ? "the same end"
                                                                  : "another end than at first");
        separator = ", ";
    }
    why_page_newline(page);
}

/* Why there are more connections than attempts. */
static void put_more_connections(struct page *page, const struct why_footprint *f)
{
    if (f->second_tries + f->tls_first == 0)
        return;
    why_page_text(page, PAGE_PLAIN, " (");
    if (f->second_tries > 0)
        why_page_printf(page, PAGE_PLAIN, "%zu to try again%s", f->second_tries,
                        f->tls_first > 0 ? ", " : "");
    if (f->tls_first > 0)
        why_page_printf(page, PAGE_PLAIN, "%zu to see whether the port speaks TLS at once",
                        f->tls_first);
    why_page_text(page, PAGE_PLAIN, ")");
}

void why_text_footprint(struct page *page, const struct why_host *host)
{
    if (why_text_is_captured(host)) {
        put_clients_part(page, host);
        return;
    }
    put_second_tries(page, host);
    why_page_text(page, PAGE_BOLD, "Footprint");
    put_count(page, ": ", host->footprint.connections, "connection");
    put_more_connections(page, &host->footprint);
    put_count(page, ", ", host->footprint.authentications, "logon");
    why_page_text(page, PAGE_PLAIN, " with real credentials");
    put_requests(page, &host->footprint);
    put_licenses(page, &host->footprint);
    why_page_newline(page);
}
