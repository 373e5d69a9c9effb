/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "facts/words.h"

#include "escape.h"
#include "memory.h"
#include "steps.h"

/*
 * A plugin's answer for Nagios, Icinga and what speaks their language: one line, a bar, performance
 * data (Monitoring Plugins Development Guidelines, "Plugin Output for Nagios").
 */

#define NAMED_MAX 4 /* hosts that are named in the line; the others are counted */
#define LINE_TEXT 160

struct nagios_state {
    size_t unmet; /* hosts that do not meet a requirement */
    size_t bad;   /* hosts that are not healthy or do not meet one */
    size_t target_count;
    char named[NAMED_MAX][LINE_TEXT + 320];
    struct memory perfdata; /* of the one host */
    char only[LINE_TEXT];   /* its name */
};

enum why_nagios why_nagios_of(const struct why_scan_summary *summary, size_t unmet)
{
    enum why_alarm worst = unmet > 0 ? WHY_ALARM_CRITICAL : WHY_ALARM_OK;

    if (!summary->complete)
        return WHY_NAGIOS_UNKNOWN;
    for (int state = 0; state < WHY_HOST_STATE_COUNT; state++) {
        enum why_alarm alarm = why_host_state_info((enum why_host_state)state)->alarm;

        if (summary->states[state] > 0 && alarm > worst)
            worst = alarm;
    }
    return (enum why_nagios)worst;
}

const char *why_nagios_word(enum why_nagios nagios)
{
    static const char *const words[] = {[WHY_NAGIOS_OK] = "OK",
                                        [WHY_NAGIOS_WARNING] = "WARNING",
                                        [WHY_NAGIOS_CRITICAL] = "CRITICAL",
                                        [WHY_NAGIOS_UNKNOWN] = "UNKNOWN"};

    return words[nagios];
}

/* Writes the beginning of the line: state and |text|. */
static void begin_line(FILE *out, enum why_nagios nagios, const char *text)
{
    fprintf(out, "RDP %s - ", why_nagios_word(nagios));
    why_escape(out, ESCAPE_NAGIOS, text);
}

static int nagios_begin(struct why_report *report, const struct why_run_info *run)
{
    struct nagios_state *state = calloc(1, sizeof(*state));

    if (!state)
        return WHY_ERR_NOMEM;
    state->target_count = run->target_count;
    report->state = state;
    return WHY_OK;
}

static void nagios_targets(struct why_report *report, size_t count)
{
    struct nagios_state *state = report->state;

    state->target_count = count;
}

static int nagios_attempt(struct why_report *report, const struct why_result *result)
{
    (void)report, (void)result;
    return WHY_OK;
}

static void put_times(FILE *out, const struct why_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        const struct why_result *r = host->results[i];
        bool fresh = r->step.license_mode == WHY_LICENSE_MODE_FRESH;

        if (r->verdict.outcome == WHY_OUTCOME_SKIPPED || why_report_is_repeated(host, i))
            continue;
        fprintf(out, " %s%s%s=%" PRIu64 ".%06" PRIu64 "s;;;0", why_profile_name(r->step.profile),
                fresh ? "" : "_", fresh ? "" : why_license_mode_name(r->step.license_mode),
                r->verdict.duration_us / 1000000, r->verdict.duration_us % 1000000);
    }
}

/* The first attempt that saw them speaks for the host. */
static void put_certificate(FILE *out, const struct why_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        int64_t days;

        if (why_certificate_days(host->results[i], &days)) {
            fprintf(out, " certificate_days=%" PRId64, days);
            return;
        }
    }
}

static void put_skew(FILE *out, const struct why_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        if (host->results[i]->facts.has_clock_skew) {
            fprintf(out, " clock_skew=%" PRId64 "s", host->results[i]->facts.clock_skew_s);
            return;
        }
    }
}

/* The requirement that is not met, or the finding that explains most, or the furthest failure. */
static const char *why_bad(const struct why_host *host)
{
    const struct why_result *telling = why_host_telling(host);

    for (size_t i = 0; i < host->finding_count; i++) {
        if (host->findings[i].severity == WHY_SEVERITY_ERROR)
            return host->findings[i].summary;
    }
    if (host->finding_count > 0)
        return host->findings[0].summary;
    return telling ? telling->verdict.reason : "";
}

static void name_host(struct nagios_state *state, const struct why_host *host)
{
    char *text = state->named[state->bad];
    size_t size = sizeof(state->named[0]);
    const char *why = why_bad(host);
    char target[WHY_TARGET_WORDS];

    snprintf(text, size, "%.*s %s%s%.300s", LINE_TEXT, why_words_target(host->target, target),
             why_host_state_name(host->state), *why ? ": " : "", why);
}

static int nagios_host(struct why_report *report, const struct why_host *host)
{
    struct nagios_state *state = report->state;
    bool met = true;
    int status;

    for (size_t i = 0; i < host->judgement_count; i++)
        met = met && host->judgements[i].met;
    state->unmet += !met;
    if (host->state != WHY_HOST_HEALTHY || !met) {
        if (state->bad < NAMED_MAX)
            name_host(state, host);
        state->bad++;
    }
    if (state->target_count != 1)
        return WHY_OK;
    snprintf(state->only, sizeof(state->only), "%s", host->target->label);
    status = why_memory_open(&state->perfdata);
    if (status != WHY_OK)
        return status;
    put_times(state->perfdata.out, host);
    put_certificate(state->perfdata.out, host);
    put_skew(state->perfdata.out, host);
    return WHY_OK;
}

static void put_text(FILE *out, const struct nagios_state *state,
                     const struct why_scan_summary *summary)
{
    if (!summary->complete)
        fprintf(out, "the run %s, %zu of %zu hosts finished; ",
                summary->interrupted ? "was interrupted" : "failed", summary->hosts,
                state->target_count);
    if (state->bad == 0 && *state->only) {
        why_escape(out, ESCAPE_NAGIOS, state->only);
        fprintf(out, " healthy, %zu attempts", summary->attempts);
    } else if (state->bad == 0) {
        fprintf(out, "%zu hosts healthy, %zu attempts", summary->hosts, summary->attempts);
    } else if (!*state->only) {
        fprintf(out, "%zu of %zu hosts: ", state->bad, summary->hosts);
    }
    for (size_t i = 0; i < state->bad && i < NAMED_MAX; i++) {
        fputs(i ? "; " : "", out);
        why_escape(out, ESCAPE_NAGIOS, state->named[i]);
    }
    if (state->bad > NAMED_MAX)
        fprintf(out, "; and %zu more", state->bad - NAMED_MAX);
}

static int nagios_end(struct why_report *report, const struct why_scan_summary *summary)
{
    struct nagios_state *state = report->state;
    FILE *out = report->out;
    int status;

    begin_line(out, why_nagios_of(summary, state->unmet), "");
    put_text(out, state, summary);
    fputs(" |", out);
    for (int i = 0; i < WHY_HOST_STATE_COUNT; i++)
        fprintf(out, " %s=%zu;;;0", why_host_state_name((enum why_host_state)i),
                summary->states[i]);
    status = why_memory_close(&state->perfdata, out);
    fputc('\n', out);
    free(state);
    if (status == WHY_OK && (fflush(out) != 0 || ferror(out)))
        status = WHY_ERR_IO;
    return status;
}

static int nagios_exit_code(const struct why_scan_summary *summary, size_t unmet)
{
    return summary ? (int)why_nagios_of(summary, unmet) : WHY_NAGIOS_UNKNOWN;
}

/* A plugin that says nothing on standard output has said nothing. */
static void nagios_usage_error(FILE *out, const char *message)
{
    begin_line(out, WHY_NAGIOS_UNKNOWN, message);
    fputc('\n', out);
}

const struct why_report_format why_report_nagios = {
    .name = "nagios",
    .summary = "One line with performance data for Nagios and Icinga, with their exit codes",
    .begin = nagios_begin,
    .attempt = nagios_attempt,
    .host = nagios_host,
    .targets = nagios_targets,
    .end = nagios_end,
    .exit_code = nagios_exit_code,
    .usage_error = nagios_usage_error,
};
