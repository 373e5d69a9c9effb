/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "html_page.h"
#include "html_records.h"
#include "html_writer.h"

/*
 * One page that needs nothing else: style, script and data are inside. The data is written attempt
 * by attempt, host by host, and the page puts it together; a page that was cut off shows what it
 * has.
 */

/* With the exchanges of all attempts a page of many hosts would take a browser long to open. */
#define PAGE_BYTES    4500000 /* what the exchanges may fill it to */
#define ATTEMPT_BYTES 200     /* about what an attempt takes without */
#define HOST_BYTES    800     /* and a host with its certificate */
#define LEAN_ATTEMPTS 1000    /* a run with more keeps only exchanges that failed */

struct html_state {
    struct html_writer *writer;
    size_t at;         /* in why_html_page */
    uint64_t attempts; /* to come */
    uint64_t hosts;    /* to come */
    bool lean;
};

/* What stands for a mark of page.html. */
static const struct mark {
    const char *name;
    const struct html_part *part;
    bool hash;
} marks[] = {
    {"style", &why_html_style, false},
    {"script", &why_html_script, false},
    {"style-hash", &why_html_style, true},
    {"script-hash", &why_html_script, true},
};

static void write_mark(struct html_writer *writer, const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const struct html_part *part = marks[i].part;

        if (strlen(marks[i].name) != len || memcmp(marks[i].name, name, len) != 0)
            continue;
        if (marks[i].hash)
            why_html_write(writer, part->sha256, strlen(part->sha256));
        else
            why_html_write(writer, part->bytes, part->size);
    }
}

/* The offset of |pair| in page.html from |from| on, or the page's end. */
static size_t find_pair(const char *pair, size_t from)
{
    const struct html_part *page = &why_html_page;

    for (size_t i = from; i + 1 < page->size; i++) {
        if (memcmp(page->bytes + i, pair, 2) == 0)
            return i;
    }
    return page->size;
}

/* Writes page.html up to the mark {{data}}, or to its end where that was passed already. */
static void write_page(struct html_state *state)
{
    const unsigned char *page = why_html_page.bytes;

    while (state->at < why_html_page.size) {
        size_t open = find_pair("{{", state->at);
        size_t close = find_pair("}}", open);
        const char *name = (const char *)page + open + 2;

        why_html_write(state->writer, page + state->at, open - state->at);
        state->at = close < why_html_page.size ? close + 2 : close;
        if (close == why_html_page.size)
            return;
        if (close - open == 6 && memcmp(name, "data", 4) == 0)
            return;
        write_mark(state->writer, name, close - open - 2);
    }
}

/* The page of a long run grows while one looks at it, and is whole up to there. */
static int finish(struct why_report *report, const struct html_state *state)
{
    int status = why_html_status(state->writer);

    if (status == WHY_OK && fflush(report->out) != 0)
        status = WHY_ERR_IO;
    return status;
}

static void html_free(struct why_report *report)
{
    struct html_state *state = report->state;

    why_html_writer_free(state->writer);
    free(state);
    report->state = NULL;
}

static int html_begin(struct why_report *report, const struct why_run_info *run)
{
    struct html_state *state = calloc(1, sizeof(*state));
    int status;

    if (!state)
        return WHY_ERR_NOMEM;
    report->state = state;
    state->writer = why_html_writer_new(report->out);
    if (!state->writer) {
        html_free(report);
        return WHY_ERR_NOMEM;
    }
    state->hosts = run->target_count;
    state->attempts = run->target_count * run->profile_count * run->license_mode_count *
                      (run->repeat ? run->repeat : 1);
    state->lean = state->attempts > LEAN_ATTEMPTS;
    write_page(state);
    why_html_run(state->writer, run);
    status = finish(report, state);
    if (status != WHY_OK)
        html_free(report);
    return status;
}

static bool went_well(const struct why_result *result)
{
    return result->verdict.outcome == WHY_OUTCOME_COMPLETED ||
           result->verdict.outcome == WHY_OUTCOME_STOPPED;
}

/* Room for what is still to come comes first, then this attempt's exchange. */
static uint64_t events_allowance(const struct html_state *state, const struct why_result *result)
{
    uint64_t due = why_html_written(state->writer) + state->attempts * ATTEMPT_BYTES +
                   state->hosts * HOST_BYTES;

    if (due >= PAGE_BYTES || (state->lean && went_well(result)))
        return 0;
    return PAGE_BYTES - due;
}

static int html_attempt(struct why_report *report, const struct why_result *result)
{
    struct html_state *state = report->state;
    struct html_detail detail = {state->lean, events_allowance(state, result)};

    why_html_attempt(state->writer, result, &detail);
    if (state->attempts > 0)
        state->attempts--;
    return finish(report, state);
}

static int html_host(struct why_report *report, const struct why_host *host)
{
    struct html_state *state = report->state;

    why_html_host(state->writer, host);
    if (state->hosts > 0)
        state->hosts--;
    return finish(report, state);
}

static int html_across(struct why_report *report, const struct why_target *target,
                       const struct why_finding *finding)
{
    struct html_state *state = report->state;

    why_html_across(state->writer, target, finding);
    return finish(report, state);
}

static int html_end(struct why_report *report, const struct why_scan_summary *summary)
{
    struct html_state *state = report->state;
    int status;

    why_html_end(state->writer, summary);
    write_page(state);
    status = finish(report, state);
    html_free(report);
    return status;
}

const struct why_report_format why_report_html = {
    .name = "html",
    .summary = "One page for a browser: where each attempt ended, and why",
    .begin = html_begin,
    .attempt = html_attempt,
    .host = html_host,
    .across = html_across,
    .end = html_end,
};
