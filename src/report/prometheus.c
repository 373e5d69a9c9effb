/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <inttypes.h>
#include <stdlib.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "facts/fact_table.h"

#include "escape.h"
#include "memory.h"
#include "steps.h"

/*
 * Prometheus text exposition for the node exporter's textfile collector. The format wants all
 * samples of a metric together, so they are collected per metric and written at the end; the
 * collector must never see half a file, so the command line writes it under another name first.
 */

enum family {
    HOST_STATE,
    REQUIREMENT_MET,
    ATTEMPT_OUTCOME,
    ATTEMPT_SECONDS,
    PHASE_SECONDS,
    FIRST_FACT, /* the metrics of the fact table, by row */
};

static const struct {
    const char *name, *help;
} families[FIRST_FACT] = {
    [HOST_STATE] = {"host_state", "1 for the state the host is in, 0 for the others."},
    [REQUIREMENT_MET] = {"requirement_met", "Whether the host meets the requirements."},
    [ATTEMPT_OUTCOME] = {"attempt_outcome",
                         "Always 1; how the last attempt of the step ended, and in which phase."},
    [ATTEMPT_SECONDS] = {"attempt_seconds", "Duration of the last attempt of the step."},
    [PHASE_SECONDS] = {"phase_seconds", "Duration of a phase of that attempt."},
};

struct prometheus_state {
    struct memory *families; /* owned; closed where nothing is known of one */
    size_t count;
    uint64_t started_us;
};

static const char *family_name(size_t family)
{
    return family < FIRST_FACT ? families[family].name
                               : why_fact_rows[family - FIRST_FACT].metric.name;
}

static void free_state(struct prometheus_state *state)
{
    for (size_t i = 0; i < state->count; i++)
        why_memory_close(&state->families[i], NULL);
    free(state->families);
    free(state);
}

static int prometheus_begin(struct why_report *report, const struct why_run_info *run)
{
    struct prometheus_state *state = calloc(1, sizeof(*state));
    size_t count = FIRST_FACT + why_fact_row_count;

    if (!state)
        return WHY_ERR_NOMEM;
    state->families = calloc(count, sizeof(*state->families));
    state->count = state->families ? count : 0;
    for (size_t i = 0; i < count; i++) {
        if (!state->families ||
            (family_name(i) && why_memory_open(&state->families[i]) != WHY_OK)) {
            free_state(state);
            return WHY_ERR_NOMEM;
        }
    }
    state->started_us = run->started_us;
    report->state = state;
    return WHY_OK;
}

static int prometheus_attempt(struct why_report *report, const struct why_result *result)
{
    (void)report, (void)result;
    return WHY_OK;
}

/* ---- samples ----------------------------------------------------------------------------------
 */

static void put_label(FILE *out, const char *name, const char *value)
{
    fprintf(out, ",%s=\"", name);
    why_escape(out, ESCAPE_PROMETHEUS, value);
    fputc('"', out);
}

static void begin_sample(FILE *out, size_t family, const struct why_target *target)
{
    fprintf(out, "rdpwhy_%s{target=\"", family_name(family));
    why_escape(out, ESCAPE_PROMETHEUS, target->label);
    fputc('"', out);
    if (target->among_others)
        put_label(out, "vantage", target->vantage);
}

static void end_number(FILE *out, int64_t number)
{
    fprintf(out, "} %" PRId64 "\n", number);
}

static void end_seconds(FILE *out, uint64_t us)
{
    fprintf(out, "} %" PRIu64 ".%06" PRIu64 "\n", us / 1000000, us % 1000000);
}

/* A sample of |family| for a step, up to its own labels. */
static FILE *begin_step(struct prometheus_state *state, size_t family, const struct why_result *r)
{
    FILE *out = state->families[family].out;

    begin_sample(out, family, r->target);
    put_label(out, "profile", why_profile_name(r->step.profile));
    put_label(out, "license_mode", why_license_mode_name(r->step.license_mode));
    return out;
}

static void put_outcome(struct prometheus_state *state, const struct why_result *r)
{
    FILE *out = begin_step(state, ATTEMPT_OUTCOME, r);

    put_label(out, "outcome", why_outcome_name(r->verdict.outcome));
    put_label(out, "phase",
              r->verdict.phase == WHY_PHASE_NONE ? "" : why_phase_name(r->verdict.phase));
    if (why_verdict_is_range(&r->verdict))
        put_label(out, "phase_to", why_phase_name(r->verdict.phase_to));
    put_label(out, "ending", why_ending_name(r->verdict.ending));
    end_number(out, 1);
}

static void put_times(struct prometheus_state *state, const struct why_result *r)
{
    if (r->verdict.outcome == WHY_OUTCOME_SKIPPED)
        return;
    end_seconds(begin_step(state, ATTEMPT_SECONDS, r), r->verdict.duration_us);
    for (size_t i = 0; i < r->verdict.phase_count; i++) {
        FILE *out = begin_step(state, PHASE_SECONDS, r);

        put_label(out, "phase", why_phase_name(r->verdict.phases[i].phase));
        end_seconds(out, r->verdict.phases[i].duration_us);
    }
}

static bool is_text(const struct why_fact_row *row)
{
    return row->kind == WHY_FACT_KIND_TEXT;
}

static void put_facts(struct prometheus_state *state, const struct why_result *r)
{
    for (size_t i = 0; i < why_fact_row_count; i++) {
        const struct why_fact_row *row = &why_fact_rows[i];
        struct why_fact_value value;
        FILE *out;

        if (!row->metric.name || !row->get(r, 0, &value))
            continue;
        out = begin_step(state, FIRST_FACT + i, r);
        if (is_text(row))
            put_label(out, row->key, value.text);
        end_number(out, is_text(row) ? 1 : value.number);
    }
}

static int prometheus_host(struct why_report *report, const struct why_host *host)
{
    struct prometheus_state *state = report->state;
    FILE *out = state->families[HOST_STATE].out;

    for (int i = 0; i < WHY_HOST_STATE_COUNT; i++) {
        begin_sample(out, HOST_STATE, host->target);
        put_label(out, "state", why_host_state_name((enum why_host_state)i));
        end_number(out, host->state == (enum why_host_state)i);
    }
    out = state->families[REQUIREMENT_MET].out;
    for (size_t i = 0; i < host->judgement_count; i++) {
        begin_sample(out, REQUIREMENT_MET, host->target);
        put_label(out, "requirement", host->judgements[i].requirement);
        end_number(out, host->judgements[i].met);
    }
    for (size_t i = 0; i < host->count; i++) {
        if (why_report_is_repeated(host, i))
            continue;
        put_outcome(state, host->results[i]);
        put_times(state, host->results[i]);
        put_facts(state, host->results[i]);
    }
    return WHY_OK;
}

/* ---- the file ---------------------------------------------------------------------------------
 */

static void put_heading(FILE *out, const char *name, const char *help)
{
    fprintf(out, "# HELP rdpwhy_%s %s\n# TYPE rdpwhy_%s gauge\n", name, help, name);
}

static void put_run(FILE *out, const struct prometheus_state *state,
                    const struct why_scan_summary *summary)
{
    put_heading(out, "run_start_timestamp_seconds", "When the run began.");
    fprintf(out, "rdpwhy_run_start_timestamp_seconds %" PRIu64 ".%06" PRIu64 "\n",
            state->started_us / 1000000, state->started_us % 1000000);
    put_heading(out, "run_complete", "Whether the run finished.");
    fprintf(out, "rdpwhy_run_complete %d\n", summary->complete);
}

static int put_family(FILE *out, struct prometheus_state *state, size_t family)
{
    struct memory *memory = &state->families[family];

    if (!memory->out)
        return WHY_OK;
    if (fflush(memory->out) != 0)
        return WHY_ERR_NOMEM;
    if (memory->len == 0)
        return WHY_OK;
    put_heading(out, family_name(family),
                family < FIRST_FACT ? families[family].help
                                    : why_fact_rows[family - FIRST_FACT].metric.help);
    return why_memory_close(memory, out);
}

/* Facts that are words come before those that are numbers. */
static int prometheus_end(struct why_report *report, const struct why_scan_summary *summary)
{
    struct prometheus_state *state = report->state;
    int status = WHY_OK;

    put_run(report->out, state, summary);
    for (size_t i = 0; i < FIRST_FACT && status == WHY_OK; i++)
        status = put_family(report->out, state, i);
    for (size_t i = 0; i < 2 * why_fact_row_count && status == WHY_OK; i++) {
        size_t row = i % why_fact_row_count;

        if (is_text(&why_fact_rows[row]) == (i < why_fact_row_count))
            status = put_family(report->out, state, FIRST_FACT + row);
    }
    if (status == WHY_OK && (fflush(report->out) != 0 || ferror(report->out)))
        status = WHY_ERR_IO;
    free_state(state);
    return status;
}

const struct why_report_format why_report_prometheus = {
    .name = "prometheus",
    .summary = "Metrics for the Prometheus node exporter's textfile collector",
    .replaces = true,
    .begin = prometheus_begin,
    .attempt = prometheus_attempt,
    .host = prometheus_host,
    .end = prometheus_end,
};
