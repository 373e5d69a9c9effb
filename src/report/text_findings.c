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

/* A line that is wrapped once all of it is there. */
struct sentence {
    char text[1024];
};

#define APPEND(s, ...)                                                                             \
    ((void)snprintf((s)->text + strlen((s)->text), sizeof((s)->text) - strlen((s)->text),          \
                    __VA_ARGS__))

static void put_count(struct sentence *s, const char *separator, size_t count, const char *what)
{
    APPEND(s, "%s%zu %s%s", separator, count, what, count == 1 ? "" : "s");
}

static void put_requests(struct sentence *s, const struct why_footprint *footprint)
{
    if (footprint->as_requests + footprint->tgs_requests == 0)
        return;
    put_count(s, ", ", footprint->as_requests, "AS request");
    put_count(s, " and ", footprint->tgs_requests, "TGS request");
    APPEND(s, " to the KDC");
}

static void put_licenses(struct sentence *s, const struct why_footprint *footprint)
{
    put_count(s, ", ", footprint->licenses_requested, "license");
    APPEND(s, " requested");
    if (footprint->licenses_requested > 0)
        APPEND(s, ", %zu %sissued", footprint->licenses_issued,
               footprint->licenses_unknown > 0 ? "known to be " : "");
    if (footprint->licenses_issued > 0)
        APPEND(s, " (each may be a temporary CAL)");
    if (footprint->licenses_unknown > 0)
        APPEND(s, ", %zu unknown", footprint->licenses_unknown);
}

/* "TITLE: …", further lines indented. */
static void put_sentence(struct page *page, const char *title, const struct sentence *s)
{
    why_page_text(page, PAGE_BOLD, title);
    why_page_text(page, PAGE_PLAIN, ": ");
    why_page_wrap(page, PAGE_PLAIN, strlen(title) + 2, INDENT, s->text);
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
    struct sentence s = {""};
    size_t logons = 0;

    for (size_t i = 0; i < host->count; i++)
        logons += host->results[i]->facts.account_sent;
    put_count(&s, "", host->footprint.connections, "connection");
    if (logons > 0)
        put_count(&s, ", ", logons, "logon");
    else
        APPEND(&s, ", no logon that can be read");
    put_licenses(&s, &host->footprint);
    put_sentence(page, "The captured client", &s);
}

static bool ended_alike(const struct why_verdict *a, const struct why_verdict *b)
{
    return a->outcome == b->outcome && a->phase == b->phase && a->ending == b->ending;
}

/* Which attempts were made once more, and what came of it. */
static void put_second_tries(struct page *page, const struct why_host *host)
{
    const char *separator = "";
    struct sentence s = {""};

    if (host->footprint.second_tries == 0)
        return;
    for (size_t i = 0; i < host->count; i++) {
        const struct why_result *r = host->results[i], *first = why_first_of_two(r);
        char step[64];

        if (!first)
            continue;
        why_words_step(&r->step, step, sizeof(step));
        APPEND(&s, "%s%s (%s)", separator, step,
               ended_alike(&first->verdict, &r->verdict) ? "the same end"
                                                         : "another end than at first");
        separator = ", ";
    }
    put_sentence(page, "Tried again", &s);
}

/* Why there are more connections than attempts. */
static void put_more_connections(struct sentence *s, const struct why_footprint *f)
{
    if (f->second_tries + f->tls_first == 0)
        return;
    APPEND(s, " (");
    if (f->second_tries > 0)
        APPEND(s, "%zu to try again%s", f->second_tries, f->tls_first > 0 ? ", " : "");
    if (f->tls_first > 0)
        APPEND(s, "%zu to see whether the port speaks TLS at once", f->tls_first);
    APPEND(s, ")");
}

void why_text_footprint(struct page *page, const struct why_host *host)
{
    struct sentence s = {""};

    if (why_text_is_captured(host)) {
        put_clients_part(page, host);
        return;
    }
    put_second_tries(page, host);
    put_count(&s, "", host->footprint.connections, "connection");
    put_more_connections(&s, &host->footprint);
    if (host->footprint.udp_datagrams > 0)
        put_count(&s, ", ", host->footprint.udp_datagrams, "UDP datagram");
    put_count(&s, ", ", host->footprint.authentications, "logon");
    APPEND(&s, " with real credentials");
    put_requests(&s, &host->footprint);
    put_licenses(&s, &host->footprint);
    put_sentence(page, "Footprint", &s);
}
