/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>

#include "page.h"

#define INDENT      2
#define LABEL_WIDTH 15

static const enum page_style severity_styles[] = {
    [WHY_SEVERITY_INFO] = PAGE_PLAIN,
    [WHY_SEVERITY_WARNING] = PAGE_YELLOW,
    [WHY_SEVERITY_ERROR] = PAGE_RED,
};

static void put_list(struct page *page, const char *label, const char *const *texts)
{
    for (; texts && *texts; texts++) {
        page_field(page, INDENT, LABEL_WIDTH, label, *texts);
        label = "";
    }
}

static void put_finding(struct page *page, const struct why_finding *finding)
{
    const char *severity = why_severity_name(finding->severity);
    char summary[WHY_FINDING_TEXT + 128];

    page_printf(page, PAGE_PLAIN, "%*s", INDENT, "");
    page_text(page, severity_styles[finding->severity], severity);
    page_printf(page, PAGE_PLAIN, "%*s", LABEL_WIDTH - (int)strlen(severity), "");
    snprintf(summary, sizeof(summary), "%s [%s]", finding->summary, finding->rule);
    page_wrap(page, PAGE_BOLD, INDENT + LABEL_WIDTH, INDENT + LABEL_WIDTH, summary);
    for (size_t i = 0; i < finding->because_count; i++)
        page_field(page, INDENT, LABEL_WIDTH, i ? "" : "because", finding->because[i]);
    put_list(page, "likely causes", finding->causes);
    put_list(page, "to tell apart", finding->checks);
    put_list(page, "remedies", finding->remedies);
}

void text_findings(struct page *page, const struct why_host *host)
{
    if (host->finding_count == 0)
        return;
    page_heading(page, "Findings");
    for (size_t i = 0; i < host->finding_count; i++) {
        if (i > 0)
            page_newline(page);
        put_finding(page, &host->findings[i]);
    }
}

static void put_count(struct page *page, const char *separator, size_t count, const char *what)
{
    page_printf(page, PAGE_PLAIN, "%s%zu %s%s", separator, count, what, count == 1 ? "" : "s");
}

void text_footprint(struct page *page, const struct why_host *host)
{
    page_newline(page);
    page_text(page, PAGE_BOLD, "Footprint");
    put_count(page, ": ", host->footprint.connections, "connection");
    put_count(page, ", ", host->footprint.authentications, "logon");
    page_text(page, PAGE_PLAIN, " with real credentials");
    put_count(page, ", ", host->footprint.licenses_requested, "license");
    page_text(page, PAGE_PLAIN, " asked for");
    page_newline(page);
}
