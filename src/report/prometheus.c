/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <inttypes.h>
#include <stdlib.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "escape.h"
#include "fields.h"
#include "memory.h"

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
    LICENSE_RESULT,
    CERTIFICATE_EXPIRY,
    CERTIFICATE_NAME,
    CLOCK_SKEW,
    FAMILY_COUNT
};

static const struct {
    const char *name, *help;
} families[FAMILY_COUNT] = {
    [HOST_STATE] = {"rdpwhy_host_state", "1 for the state the host is in, 0 for the others."},
    [REQUIREMENT_MET] = {"rdpwhy_requirement_met", "Whether the host meets the requirements."},
    [ATTEMPT_OUTCOME] = {"rdpwhy_attempt_outcome",
                         "Always 1; how the last attempt of the step ended, and in which phase."},
    [ATTEMPT_SECONDS] = {"rdpwhy_attempt_seconds", "Duration of the last attempt of the step."},
    [PHASE_SECONDS] = {"rdpwhy_phase_seconds", "Duration of a phase of that attempt."},
    [LICENSE_RESULT] = {"rdpwhy_license_result",
                        "Always 1; the result of licensing in that attempt."},
    [CERTIFICATE_EXPIRY] = {"rdpwhy_certificate_expiry_timestamp_seconds",
                            "When the certificate seen in that attempt expires."},
    [CERTIFICATE_NAME] = {"rdpwhy_certificate_name_matches",
                          "Whether that certificate is for the target's name."},
    [CLOCK_SKEW] = {"rdpwhy_clock_skew_seconds",
                    "The server's clock minus this computer's, as seen in that attempt."},
};

struct prometheus_state {
    struct memory families[FAMILY_COUNT];
    uint64_t started_us;
};

static void free_state(struct prometheus_state *state)
{
    for (int i = 0; i < FAMILY_COUNT; i++)
        why_memory_close(&state->families[i], NULL);
    free(state);
}

static int prometheus_begin(struct why_report *report, const struct why_run_info *run)
{
    struct prometheus_state *state = calloc(1, sizeof(*state));

    if (!state)
        return WHY_ERR_NOMEM;
    for (int i = 0; i < FAMILY_COUNT; i++) {
        if (why_memory_open(&state->families[i]) != WHY_OK) {
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

static void begin_sample(FILE *out, enum family family, const char *target)
{
    fprintf(out, "%s{target=\"", families[family].name);
    why_escape(out, ESCAPE_PROMETHEUS, target);
    fputc('"', out);
}

static void put_label(FILE *out, const char *name, const char *value)
{
    fprintf(out, ",%s=\"", name);
    why_escape(out, ESCAPE_PROMETHEUS, value);
    fputc('"', out);
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
static FILE *begin_step(struct prometheus_state *state, enum family family,
                        const struct why_result *r)
{
    FILE *out = state->families[family].out;

    begin_sample(out, family, r->target->label);
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

static void put_facts(struct prometheus_state *state, const struct why_result *r)
{
    const struct why_facts *facts = &r->facts;

    if (facts->license_result != WHY_LICENSE_RESULT_NONE) {
        FILE *out = begin_step(state, LICENSE_RESULT, r);

        put_label(out, "result", why_license_result_name(facts->license_result));
        end_number(out, 1);
    }
    if (facts->has_certificate) {
        end_number(begin_step(state, CERTIFICATE_EXPIRY, r), facts->certificate.not_after);
        end_number(begin_step(state, CERTIFICATE_NAME, r), facts->certificate.name_matches);
    }
    if (facts->has_clock_skew)
        end_number(begin_step(state, CLOCK_SKEW, r), facts->clock_skew_s);
}

static int prometheus_host(struct why_report *report, const struct why_host *host)
{
    struct prometheus_state *state = report->state;
    FILE *out = state->families[HOST_STATE].out;

    for (int i = 0; i < WHY_HOST_STATE_COUNT; i++) {
        begin_sample(out, HOST_STATE, host->target->label);
        put_label(out, "state", why_host_state_name((enum why_host_state)i));
        end_number(out, host->state == (enum why_host_state)i);
    }
    out = state->families[REQUIREMENT_MET].out;
    for (size_t i = 0; i < host->judgement_count; i++) {
        begin_sample(out, REQUIREMENT_MET, host->target->label);
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
    fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_run(FILE *out, const struct prometheus_state *state,
                    const struct why_scan_summary *summary)
{
    put_heading(out, "rdpwhy_run_start_timestamp_seconds", "When the run began.");
    fprintf(out, "rdpwhy_run_start_timestamp_seconds %" PRIu64 ".%06" PRIu64 "\n",
            state->started_us / 1000000, state->started_us % 1000000);
    put_heading(out, "rdpwhy_run_complete", "Whether the run finished.");
    fprintf(out, "rdpwhy_run_complete %d\n", summary->complete);
}

static int prometheus_end(struct why_report *report, const struct why_scan_summary *summary)
{
    struct prometheus_state *state = report->state;
    int status = WHY_OK;

    put_run(report->out, state, summary);
    for (int i = 0; i < FAMILY_COUNT && status == WHY_OK; i++) {
        struct memory *memory = &state->families[i];

        if (fflush(memory->out) != 0) {
            status = WHY_ERR_NOMEM;
        } else if (memory->len > 0) {
            put_heading(report->out, families[i].name, families[i].help);
            status = why_memory_close(memory, report->out);
        }
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
