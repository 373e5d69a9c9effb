/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/knowledge.h>

#include "base/text.h"
#include "facts/words.h"

#include "page.h"

/* What is said of a host unless more is asked for: the answer, what to do next, the offers, and in
 * a line each what else was noticed. It fits a screen. */

#define INDENT      2
#define LABEL_WIDTH 8
#define NEXT_CHECKS 2
/* A second check is only shown where both stay within so many lines. */
#define NEXT_LINES         6
#define NEXT_LINES_HEALTHY 2
#define CAUSES             3
#define CAUSES_LINES       4

/* Where the attempt that says most ended, and who ended it. */
static void put_where(struct page *page, const struct why_result *result)
{
    const struct why_verdict *verdict = &result->verdict;
    char step[64], phase[64], took[32], text[512];
    size_t at;

    why_words_step(&result->step, step, sizeof(step));
    why_words_phase(verdict, phase, sizeof(phase));
    why_duration_text(verdict->duration_us, took, sizeof(took));
    snprintf(text, sizeof(text), "%s%s%s", *phase ? phase : "before anything was sent",
             verdict->step ? ", " : "", verdict->step ? verdict->step : "");
    at = strlen(text);
    snprintf(text + at, sizeof(text) - at, " (offer %s)", step);
    at = strlen(text);
    if (verdict->has_closer && verdict->closed_by == WHY_CLOSED_BY_DEADLINE)
        snprintf(text + at, sizeof(text) - at, "; timed out after %s", took);
    else if (verdict->has_closer)
        snprintf(text + at, sizeof(text) - at, "; ended by the %s after %s",
                 why_closer_name(verdict->closed_by), took);
    why_page_field(page, INDENT, LABEL_WIDTH, "Where", text);
}

static void put_mstsc(struct page *page, const struct why_verdict *verdict)
{
    char codes[64], text[128];

    if (!verdict->has_mstsc)
        return;
    why_words_mstsc(verdict, codes, sizeof(codes));
    snprintf(text, sizeof(text), "%s (%s)", codes, why_mstsc_basis(verdict));
    why_page_field(page, INDENT, LABEL_WIDTH, "mstsc", text);
}

/* Where in the capture to look for it. */
static void put_capture(struct page *page, const struct why_result *result)
{
    char text[512];

    if (why_words_capture(result, text, sizeof(text)))
        why_page_field(page, INDENT, LABEL_WIDTH, "Capture", text);
}

/* Whether the finding that is the answer rests on |result|, or on no attempt at all. */
static bool is_of_answer(const struct why_host *host, const struct why_result *result)
{
    if (host->finding_count == 0 || host->findings[0].attempt_count == 0)
        return true;
    for (size_t i = 0; i < host->findings[0].attempt_count; i++) {
        if (host->findings[0].attempts[i] == result->ordinal)
            return true;
    }
    return false;
}

void why_text_where(struct page *page, const struct why_host *host)
{
    const struct why_result *telling = why_host_telling(host);

    if (telling == NULL && host->state == WHY_HOST_HEALTHY && host->count > 0)
        telling = host->results[0];
    if (telling == NULL || !is_of_answer(host, telling))
        return;
    if (host->state != WHY_HOST_HEALTHY) {
        put_where(page, telling);
        put_mstsc(page, &telling->verdict);
    }
    put_capture(page, telling);
}

static size_t lines_of(const struct page *page, const char *text)
{
    return why_page_width(text) / (page->columns - INDENT - 2) + 1;
}

/* The first |most| of |texts| under a heading, but of more than one only what stays within
 * |lines|. */
static void put_first(struct page *page, const char *heading, const char *const *texts, size_t most,
                      size_t lines)
{
    size_t used = 0;

    if (texts[0] == NULL)
        return;
    why_page_heading(page, heading);
    for (size_t i = 0; i < most && texts[i] != NULL; i++) {
        used += lines_of(page, texts[i]);
        if (i > 0 && used > lines)
            break;
        why_page_printf(page, PAGE_PLAIN, "%*s- ", INDENT, "");
        why_page_wrap(page, PAGE_PLAIN, INDENT + 2, INDENT + 2, texts[i]);
    }
}

void why_text_next(struct page *page, const struct why_host *host)
{
    const struct why_finding *finding = host->findings;

    if (host->finding_count == 0)
        return;
    if (host->state != WHY_HOST_HEALTHY)
        put_first(page, "Most likely", finding->causes, CAUSES, CAUSES_LINES);
    put_first(page, "Check next", finding->checks, NEXT_CHECKS,
              host->state == WHY_HOST_HEALTHY ? NEXT_LINES_HEALTHY : NEXT_LINES);
}

/* That everything works is what the headline of a healthy host says. */
static bool is_worth_a_line(const struct why_host *host, const struct why_finding *finding)
{
    return host->state != WHY_HOST_HEALTHY ||
           why_rule_find(finding->rule) != WHY_RULE_EVERYTHING_WORKS;
}

void why_text_also(struct page *page, const struct why_host *host)
{
    bool heading = false;

    for (size_t i = 1; i < host->finding_count; i++) {
        const struct why_finding *finding = &host->findings[i];
        const char *severity = why_severity_name(finding->severity);

        if (!is_worth_a_line(host, finding))
            continue;
        if (!heading)
            why_page_heading(page, "Also noticed");
        heading = true;
        why_page_printf(page, PAGE_PLAIN, "%*s", INDENT, "");
        why_page_text(page, why_text_severity_style(finding->severity), severity);
        why_page_printf(page, PAGE_PLAIN, "%*s", LABEL_WIDTH + 2 - (int)strlen(severity), "");
        why_page_wrap(page, PAGE_PLAIN, INDENT + LABEL_WIDTH + 2, INDENT + LABEL_WIDTH + 2,
                      finding->summary);
    }
}

void why_text_more(struct page *page, const struct why_host *host, const struct why_text_run *run)
{
    why_page_newline(page);
    why_text_tested(page, host, run);
    why_text_footprint(page, host);
    why_page_text(page, PAGE_DIM,
                  "-v shows the phases, the certificate, the server, and causes and remedies.");
    why_page_newline(page);
}
