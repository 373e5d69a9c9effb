/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "base/system_error.h"
#include "verdict/licensing.h"

#include "json_build.h"
#include "json_facts.h"
#include "json_kind.h"
#include "json_run.h"
#include "json_text.h"
#include "words.h"

/* JSON Lines for programs: one object a line, flushed line by line, so that what a cut-off run has
 * written is whole. */

#define SCHEMA "rdpwhy/1"

static json_t *new_record(struct why_json_builder *b, const char *kind)
{
    json_t *record = why_json_build_object(b);

    why_json_put_text(b, record, "schema", SCHEMA);
    why_json_put_text(b, record, "record", kind);
    return record;
}

/* Writes |record| and gives it up. */
static int write_record(struct why_report *report, const struct why_json_builder *b, json_t *record)
{
    int status = b->failed
                     ? WHY_ERR_NOMEM
                     : why_json_write_line(report->out, record, JSON_COMPACT | JSON_PRESERVE_ORDER);

    json_decref(record);
    return status == WHY_OK && fflush(report->out) != 0 ? WHY_ERR_IO : status;
}

static int jsonl_begin(struct why_report *report, const struct why_run_info *run)
{
    struct why_json_builder b = {false};
    json_t *record = new_record(&b, "run");
    json_t *libraries = why_json_build_object(&b);

    why_json_put_text(&b, record, "version", run->tool_version);
    why_json_put_text(&b, libraries, "freerdp_built", run->library_built);
    why_json_put_text(&b, libraries, "freerdp_running", run->library_running);
    why_json_put_text(&b, libraries, "openssl", run->openssl);
    why_json_put_filled(&b, record, "libraries", libraries);
    why_json_put_time_us(&b, record, "started", run->started_us);
    why_json_put_text(&b, record, "source", run->source);
    if (run->target_count > 0)
        why_json_put_int(&b, record, "targets", (int64_t)run->target_count);
    why_json_put(&b, record, "options", why_json_run_options(&b, run));
    return write_record(report, &b, record);
}

static json_t *code_object(struct why_json_builder *b, const struct why_verdict *verdict)
{
    json_t *code = why_json_build_object(b);
    char name[WHY_SYSTEM_ERROR_MAX];

    why_json_put_text(b, code, "space", why_code_space_name(verdict->code.space));
    if (why_words_code_has_value(&verdict->code))
        why_json_put_int(b, code, "value", verdict->code.value);
    why_json_put_text(b, code, "name", why_words_code_name(&verdict->code, name));
    if (verdict->has_transition)
        why_json_put_int(b, code, "transition", verdict->transition);
    return code;
}

static json_t *mstsc_object(struct why_json_builder *b, const struct why_verdict *verdict)
{
    const struct why_mstsc *mstsc = &verdict->mstsc;
    json_t *object = why_json_build_object(b);

    if (verdict->has_mstsc)
        why_json_put_hex(b, object, "code", mstsc->code);
    if (verdict->has_mstsc && mstsc->has_extended)
        why_json_put_hex(b, object, "extended", mstsc->extended);
    why_json_put_text(b, object, "basis", why_mstsc_basis(verdict));
    if (verdict->has_mstsc)
        why_json_put_text(b, object, "rule", mstsc->rule);
    return object;
}

static json_t *phase_array(struct why_json_builder *b, const struct why_verdict *verdict)
{
    json_t *phases = why_json_build_array(b);

    for (size_t i = 0; i < verdict->phase_count; i++) {
        json_t *phase = why_json_build_object(b);

        why_json_put_text(b, phase, "phase", why_phase_name(verdict->phases[i].phase));
        why_json_put_int(b, phase, "start_us", (int64_t)verdict->phases[i].start_us);
        why_json_put_int(b, phase, "duration_us", (int64_t)verdict->phases[i].duration_us);
        why_json_add(b, phases, phase);
    }
    return phases;
}

/* The part of the verdict that a first try has too. */
static void put_verdict(struct why_json_builder *b, json_t *record,
                        const struct why_verdict *verdict)
{
    why_json_put_text(b, record, "outcome", why_outcome_name(verdict->outcome));
    if (verdict->phase != WHY_PHASE_NONE)
        why_json_put_text(b, record, "phase", why_phase_name(verdict->phase));
    if (why_verdict_is_range(verdict)) {
        json_t *range = why_json_build_object(b);

        why_json_put_text(b, range, "from", why_phase_name(verdict->phase));
        why_json_put_text(b, range, "to", why_phase_name(verdict->phase_to));
        why_json_put(b, record, "phase_range", range);
    }
    why_json_put_text(b, record, "step", verdict->step);
    why_json_put_text(b, record, "ending", why_ending_name(verdict->ending));
    if (verdict->has_closer)
        why_json_put_text(b, record, "closed_by", why_closer_name(verdict->closed_by));
    if (verdict->sent_through != WHY_PHASE_NONE)
        why_json_put_text(b, record, "sent_through", why_phase_name(verdict->sent_through));
    if (verdict->has_code)
        why_json_put(b, record, "code", code_object(b, verdict));
    if (why_mstsc_basis(verdict))
        why_json_put(b, record, "mstsc", mstsc_object(b, verdict));
    why_json_put_text(b, record, "reason", verdict->reason);
}

static json_t *first_try(struct why_json_builder *b, const struct why_result *result)
{
    json_t *object = why_json_build_object(b);
    const struct why_trace_head *head = result->trace ? why_trace_head(result->trace) : NULL;

    if (head)
        why_json_put_text(b, object, "variation", head->variation);
    why_json_put_int(b, object, "duration_us", (int64_t)result->verdict.duration_us);
    put_verdict(b, object, &result->verdict);
    why_json_put_text(b, object, "last_sent", result->facts.last_sent);
    why_json_put_text(b, object, "last_received", result->facts.last_received);
    return object;
}

static void put_step(struct why_json_builder *b, json_t *record, const struct why_result *result)
{
    const struct why_trace_head *head = result->trace ? why_trace_head(result->trace) : NULL;

    why_json_put_text(b, record, "target", result->target->label);
    why_json_put_text(b, record, "address", result->facts.address);
    if (result->facts.address)
        why_json_put_int(b, record, "port", result->facts.port);
    why_json_put_int(b, record, "ordinal", (int64_t)result->ordinal);
    why_json_put_text(b, record, "profile", why_profile_name(result->step.profile));
    why_json_put_text(b, record, "license_mode", why_license_mode_name(result->step.license_mode));
    if (result->step.repeat > 0)
        why_json_put_int(b, record, "repeat", result->step.repeat);
    if (!head)
        return;
    why_json_put_text(b, record, "variation", head->variation);
    why_json_put_time_us(b, record, "started", head->started_us);
}

static int jsonl_attempt(struct why_report *report, const struct why_result *result)
{
    struct why_json_builder b = {false};
    json_t *record = new_record(&b, "attempt");
    const struct why_facts *facts = &result->facts;

    put_step(&b, record, result);
    if (result->verdict.outcome != WHY_OUTCOME_SKIPPED)
        why_json_put_int(&b, record, "duration_us", (int64_t)result->verdict.duration_us);
    why_json_put_text(&b, record, "answer", why_answer_name(result->answer));
    put_verdict(&b, record, &result->verdict);
    why_json_put_text(&b, record, "last_sent", facts->last_sent);
    why_json_put_text(&b, record, "last_received", facts->last_received);
    why_json_put_filled(&b, record, "phases", phase_array(&b, &result->verdict));
    if (facts->address) {
        why_json_put_int(&b, record, "bytes_sent", (int64_t)facts->bytes_sent);
        why_json_put_int(&b, record, "bytes_received", (int64_t)facts->bytes_received);
    }
    why_json_put_facts(&b, record, facts);
    if (result->first_try)
        why_json_put(&b, record, "first_try", first_try(&b, result->first_try));
    return write_record(report, &b, record);
}

static void put_list(struct why_json_builder *b, json_t *object, const char *key,
                     const char *const *texts)
{
    json_t *array = why_json_build_array(b);

    for (; texts && *texts; texts++)
        why_json_add_text(b, array, *texts);
    why_json_put_filled(b, object, key, array);
}

static json_t *finding_object(struct why_json_builder *b, const struct why_finding *finding)
{
    json_t *object = why_json_build_object(b);
    json_t *because = why_json_build_array(b);
    json_t *attempts = why_json_build_array(b);

    why_json_put_text(b, object, "rule", finding->rule);
    why_json_put_text(b, object, "severity", why_severity_name(finding->severity));
    why_json_put_text(b, object, "summary", finding->summary);
    for (size_t i = 0; i < finding->because_count; i++)
        why_json_add_text(b, because, finding->because[i]);
    why_json_put_filled(b, object, "because", because);
    put_list(b, object, "causes", finding->causes);
    put_list(b, object, "checks", finding->checks);
    put_list(b, object, "remedies", finding->remedies);
    for (size_t i = 0; i < finding->attempt_count; i++)
        why_json_add(b, attempts, json_integer((json_int_t)finding->attempts[i]));
    why_json_put_filled(b, object, "attempts", attempts);
    return object;
}

static json_t *license_mode_object(struct why_json_builder *b, const struct why_result *result)
{
    const struct why_verdict *verdict = &result->verdict;
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "profile", why_profile_name(result->step.profile));
    why_json_put_text(b, object, "license_mode", why_license_mode_name(result->step.license_mode));
    why_json_put_int(b, object, "ordinal", (int64_t)result->ordinal);
    why_json_put_text(b, object, "outcome", why_outcome_name(verdict->outcome));
    if (verdict->phase == WHY_PHASE_LICENSING)
        why_json_put_text(b, object, "step", verdict->step);
    if (result->facts.license_result != WHY_LICENSE_RESULT_NONE)
        why_json_put_text(b, object, "result",
                          why_license_result_name(result->facts.license_result));
    if (verdict->has_code && verdict->phase == WHY_PHASE_LICENSING)
        why_json_put(b, object, "code", code_object(b, verdict));
    return object;
}

/* Attempts that came to licensing, and what they mean together. */
static void put_licensing(struct why_json_builder *b, json_t *record, const struct why_host *host)
{
    json_t *modes = why_json_build_array(b);
    json_t *facts = why_json_build_array(b);

    for (size_t i = 0; i < host->count; i++) {
        if (why_license_was_reached(host->results[i]))
            why_json_add(b, modes, license_mode_object(b, host->results[i]));
    }
    for (int fact = 0; fact < WHY_LICENSE_FACT_COUNT; fact++) {
        if (why_license_fact_holds((enum why_license_fact)fact, host->results, host->count))
            why_json_add_text(b, facts, why_license_fact_name((enum why_license_fact)fact));
    }
    why_json_put_filled(b, record, "license_modes", modes);
    why_json_put_filled(b, record, "license_facts", facts);
}

static int jsonl_host(struct why_report *report, const struct why_host *host)
{
    struct why_json_builder b = {false};
    json_t *record = new_record(&b, "host");
    json_t *findings = why_json_build_array(&b);
    json_t *spreads = why_json_build_array(&b);

    why_json_put_text(&b, record, "target", host->target->label);
    why_json_put_text(&b, record, "state", why_host_state_name(host->state));
    if (host->tls_version != WHY_ANSWER_TLS_VERSION)
        why_json_put_text(&b, record, "tls_version", why_answer_name(host->tls_version));
    why_json_put_kind(&b, record, &host->kind);
    why_json_put_int(&b, record, "attempts", (int64_t)host->count);
    for (size_t i = 0; i < host->finding_count; i++)
        why_json_add(&b, findings, finding_object(&b, &host->findings[i]));
    why_json_put(&b, record, "findings", findings);
    for (size_t i = 0; i < host->spread_count; i++)
        why_json_add(&b, spreads, why_json_spread(&b, &host->spreads[i]));
    why_json_put_filled(&b, record, "spreads", spreads);
    why_json_put_judgements(&b, record, host->judgements, host->judgement_count);
    put_licensing(&b, record, host);
    why_json_put(&b, record, "footprint", why_json_footprint(&b, &host->footprint));
    return write_record(report, &b, record);
}

/* Every word of the list with its count, the zeros too: a count that was made is known. */
static json_t *counts(struct why_json_builder *b, enum why_vocabulary list, const size_t *values)
{
    json_t *object = why_json_build_object(b);
    size_t count = 0;
    const struct why_word *words = why_vocab(list, &count);

    for (size_t i = 0; i < count; i++)
        why_json_put_int(b, object, words[i].name, (int64_t)values[i]);
    return object;
}

static int jsonl_end(struct why_report *report, const struct why_scan_summary *summary)
{
    struct why_json_builder b = {false};
    json_t *record = new_record(&b, "end");

    why_json_put_int(&b, record, "hosts", (int64_t)summary->hosts);
    why_json_put_int(&b, record, "attempts", (int64_t)summary->attempts);
    why_json_put(&b, record, "outcomes", counts(&b, WHY_VOCAB_OUTCOME, summary->outcomes));
    why_json_put(&b, record, "states", counts(&b, WHY_VOCAB_HOST_STATE, summary->states));
    if (summary->complete)
        why_json_put_bool(&b, record, "complete", true);
    return write_record(report, &b, record);
}

const struct why_report_format why_report_jsonl = {
    .name = "jsonl",
    .summary = "JSON Lines for programs: one object a line, schema " SCHEMA,
    .begin = jsonl_begin,
    .attempt = jsonl_attempt,
    .host = jsonl_host,
    .end = jsonl_end,
};
