/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "base/text.h"
#include "facts/words.h"

#include "host_words.h"
#include "page.h"
#include "pending.h"
#include "text_details.h"

/* For people at 3 a.m.: the answer first, then what it rests on. */

/* So many hosts are a list: one line for each, unless more is asked for. */
#define LIST_FROM 9

struct text_state {
    size_t target_count;
    bool from_several; /* places: what differs is told first, and hosts are a list */
    bool list;         /* one line a host: there are many of them, or it is not known */
    struct why_text_run run;
    const char *saved; /* as in struct why_run_info */
    bool written;      /* a host was written already: an empty line goes between two */
    uint64_t told;     /* rules of several places, a bit each */
    struct why_pending pending;
};

static void text_targets(struct why_report *report, size_t count)
{
    struct text_state *state = report->state;

    state->target_count = count;
    state->list =
        report->verbosity <= 0 && (count == 0 || count >= LIST_FROM || state->from_several);
}

static int text_begin(struct why_report *report, const struct why_run_info *run)
{
    struct text_state *state = calloc(1, sizeof(*state));

    if (!state)
        return WHY_ERR_NOMEM;
    report->state = state;
    state->run = (struct why_text_run){run->source == NULL && run->parts == NULL, run->credentials};
    state->saved = run->saved;
    state->from_several = why_run_is_from_several(run);
    text_targets(report, run->target_count);
    return WHY_OK;
}

static char *attempt_line(const struct why_result *result)
{
    const struct why_verdict *verdict = &result->verdict;
    char step[64], phase[64], ending[256], line[WHY_REASON_MAX + 512];

    why_words_step(&result->step, step, sizeof(step));
    why_words_phase(verdict, phase, sizeof(phase));
    why_words_ending(verdict, ending, sizeof(ending));
    snprintf(line, sizeof(line), "%s %s: %s%s%s, %s", result->target->label, step,
             why_outcome_name(verdict->outcome), *phase ? " in " : "", phase, ending);
    return strdup(line);
}

/* A host is told as a whole, when its last attempt is over. */
static int text_attempt(struct why_report *report, const struct why_result *result)
{
    struct text_state *state = report->state;

    return why_pending_add(&state->pending, result->target, attempt_line(result));
}

static const enum page_style alarm_styles[WHY_ALARM_COUNT] = {
    [WHY_ALARM_OK] = PAGE_GREEN,
    [WHY_ALARM_WARNING] = PAGE_YELLOW,
    [WHY_ALARM_CRITICAL] = PAGE_RED,
};

/* The host in one sentence; "" where the state says it all. */
static void headline(const struct why_host *host, char *buf, size_t len)
{
    const struct why_result *result = why_host_telling(host);

    if (host->finding_count > 0)
        snprintf(buf, len, "%s", host->findings[0].summary);
    else if (result && host->state != WHY_HOST_HEALTHY)
        snprintf(buf, len, "%s: %s", why_profile_name(result->step.profile),
                 result->verdict.reason);
    else
        snprintf(buf, len, "%s", "");
}

/* The address that was used, where it says more than the target. */
static const char *address_of(const struct why_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        const char *address = host->results[i]->facts.address;

        if (address && strcmp(address, host->target->host) != 0)
            return address;
    }
    return NULL;
}

static void put_header(struct page *page, const struct why_host *host)
{
    const char *address = address_of(host);
    char sentence[WHY_FINDING_TEXT + 64], target[WHY_TARGET_WORDS];

    why_page_text(page, PAGE_BOLD, why_words_target(host->target, target));
    if (why_host_is_file(host))
        why_page_printf(page, PAGE_PLAIN,
                        strchr(host->target->host, ':') ? " ([%s]:%u)" : " (%s:%u)",
                        host->target->host, (unsigned)host->target->port);
    else if (address)
        why_page_printf(page, PAGE_PLAIN, " (%s)", address);
    why_page_text(page, PAGE_PLAIN, ": ");
    why_page_text(page, alarm_styles[why_host_state_info(host->state)->alarm],
                  why_host_state_name(host->state));
    why_page_printf(page, PAGE_PLAIN, ", %s", why_host_state_meaning(host));
    why_page_newline(page);
    headline(host, sentence, sizeof(sentence));
    if (*sentence)
        why_page_wrap(page, PAGE_BOLD, 0, 0, sentence);
}

/* The answer, what to do next, the offers, what else was noticed. */
static void put_brief(struct page *page, const struct why_host *host,
                      const struct why_text_run *run)
{
    put_header(page, host);
    why_text_where(page, host);
    why_text_next(page, host);
    why_text_offers(page, host);
    why_text_also(page, host);
    why_text_more(page, host, run);
}

static void put_details(struct page *page, const struct why_host *host, bool timeline)
{
    put_header(page, host);
    why_text_where(page, host);
    why_text_offers(page, host);
    why_text_findings(page, host);
    why_text_attempts(page, host, timeline);
    why_text_spreads(page, host);
    why_text_certificates(page, host);
    why_text_server(page, host);
    why_text_licensing(page, host);
    why_page_newline(page);
    why_text_footprint(page, host);
}

static void put_host_line(struct page *page, const struct why_host *host)
{
    const char *state = why_host_state_name(host->state);
    char sentence[WHY_FINDING_TEXT + 64], target[WHY_TARGET_WORDS];

    why_page_text(page, alarm_styles[why_host_state_info(host->state)->alarm], state);
    why_page_printf(page, PAGE_PLAIN, "%*s%s", 13 - (int)strlen(state), "",
                    why_words_target(host->target, target));
    headline(host, sentence, sizeof(sentence));
    if (*sentence)
        why_page_printf(page, PAGE_PLAIN, "  %s", sentence);
    why_page_newline(page);
}

static void put_list_row(struct page *page, const struct why_host *host, bool first)
{
    char sentence[WHY_FINDING_TEXT + 64];

    if (first)
        why_text_list_titles(page);
    headline(host, sentence, sizeof(sentence));
    why_text_list_row(page, host, alarm_styles[why_host_state_info(host->state)->alarm], sentence);
}

/* What differs by place comes first. What a rule advises is said once: it is the same for all hosts
 * that it holds of. */
static int text_across(struct why_report *report, const struct why_target *target,
                       const struct why_finding *finding)
{
    struct text_state *state = report->state;
    uint64_t bit = UINT64_C(1) << (why_rule_find(finding->rule) % 64);
    struct page page;
    int status;

    if (report->verbosity < 0)
        return WHY_OK;
    status = why_page_open(&page, report->color, report->columns);
    if (status != WHY_OK)
        return status;
    if (state->told == 0)
        why_page_heading(&page, "Seen from several places");
    why_text_across(&page, target, finding, (state->told & bit) == 0 || report->verbosity > 0);
    why_page_newline(&page);
    state->told |= bit;
    return why_page_close(&page, report->out);
}

static int text_host(struct why_report *report, const struct why_host *host)
{
    struct text_state *state = report->state;
    struct page page;
    int status = why_page_open(&page, report->color, report->columns);

    why_pending_drop(&state->pending, host->target);
    if (status != WHY_OK)
        return status;
    if (state->list) {
        put_list_row(&page, host, !state->written && report->verbosity == 0);
    } else if (report->verbosity < 0) {
        put_host_line(&page, host);
    } else {
        if (state->written)
            why_page_newline(&page);
        if (report->verbosity > 0)
            put_details(&page, host, report->verbosity > 1);
        else
            put_brief(&page, host, &state->run);
    }
    state->written = true;
    return why_page_close(&page, report->out);
}

static void put_counts(struct page *page, size_t total, const char *what, enum why_vocabulary list,
                       const size_t *values)
{
    size_t count = 0;
    const struct why_word *words = why_vocab(list, &count);
    const char *separator = ": ";

    why_page_printf(page, PAGE_PLAIN, "%zu %s%s", total, what, total == 1 ? "" : "s");
    for (size_t i = 0; i < count; i++) {
        if (values[i] == 0)
            continue;
        why_page_printf(page, PAGE_PLAIN, "%s%zu %s", separator, values[i], words[i].name);
        separator = ", ";
    }
    why_page_newline(page);
}

static const char *why_cut_off(const struct text_state *state, bool interrupted)
{
    if (interrupted)
        return "Run interrupted; some attempts are missing.";
    return state->run.probed ? "The run failed; some attempts are missing."
                             : "Not all of the input could be read; the rest is missing here.";
}

static void put_cut_off(struct page *page, struct text_state *state, bool interrupted)
{
    char *line;

    if (state->written && state->target_count <= 1)
        why_page_newline(page);
    while ((line = why_pending_take(&state->pending, NULL)) != NULL) {
        why_page_wrap(page, PAGE_PLAIN, 0, 2, line);
        free(line);
    }
    why_page_text(page, PAGE_YELLOW, why_cut_off(state, interrupted));
    why_page_newline(page);
}

static char *append(char *to, const char *text)
{
    size_t len = strlen(text);

    memcpy(to, text, len + 1);
    return to + len;
}

/* |name| as a shell takes it, whatever is in it. A new string; NULL when out of memory. */
static char *shell_word(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "%+,-./:=@_";
    char *word, *to;

    if (*name != '-' && name[strspn(name, plain)] == '\0')
        return strdup(name);
    to = word = malloc(4 * strlen(name) + sizeof("'./'"));
    if (word == NULL)
        return NULL;
    to = append(to, *name == '-' ? "'./" : "'");
    for (; *name != '\0'; name++) {
        const char letter[2] = {*name, '\0'};

        to = append(to, *name == '\'' ? "'\\''" : letter);
    }
    (void)append(to, "'");
    return word;
}

/* The command that shows what a line of the list leaves out. A run that was cut off may not be
 * where it was to be saved. */
static void put_way_to_details(struct page *page, const struct text_state *state, bool complete)
{
    char *file = state->saved != NULL && complete ? shell_word(state->saved) : NULL;

    if (file != NULL) {
        why_page_text(page, PAGE_PLAIN, "Details of one host: rdpwhy show ");
        why_page_text(page, PAGE_PLAIN, file);
        why_page_text(page, PAGE_PLAIN, " HOST");
    } else if (state->run.probed) {
        why_page_text(page, PAGE_PLAIN, "Details of one host: rdpwhy probe -v HOST");
    } else {
        why_page_text(page, PAGE_PLAIN, "Details of every host: the same command with -v");
    }
    free(file);
    why_page_newline(page);
}

static int put_end(struct why_report *report, struct text_state *state,
                   const struct why_scan_summary *summary)
{
    struct page page;
    int status = why_page_open(&page, report->color, report->columns);

    if (status != WHY_OK)
        return status;
    if (state->target_count != 1 && report->verbosity >= 0) {
        if (state->written)
            why_page_newline(&page);
        put_counts(&page, summary->hosts, "host", WHY_VOCAB_HOST_STATE, summary->states);
        put_counts(&page, summary->attempts, "attempt", WHY_VOCAB_OUTCOME, summary->outcomes);
    }
    if (state->list && state->written && report->verbosity >= 0)
        put_way_to_details(&page, state, summary->complete);
    if (!summary->complete && report->verbosity >= 0)
        put_cut_off(&page, state, summary->interrupted);
    return why_page_close(&page, report->out);
}

static int text_end(struct why_report *report, const struct why_scan_summary *summary)
{
    struct text_state *state = report->state;
    int status = put_end(report, state, summary);

    why_pending_drop(&state->pending, NULL);
    free(state);
    report->state = NULL;
    return status;
}

const struct why_report_format why_report_text = {
    .name = "text",
    .summary = "For people: the answer first, then the evidence",
    .begin = text_begin,
    .attempt = text_attempt,
    .host = text_host,
    .across = text_across,
    .targets = text_targets,
    .end = text_end,
};
