/* SPDX-License-Identifier: Apache-2.0 */
#include "html_records.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "base/system_error.h"

#include "html_events.h"
#include "json_facts.h"
#include "json_kind.h"
#include "json_run.h"
#include "json_text.h"
#include "words.h"

/* {"resolve":"name to addresses",…}, in the order of the list */
static json_t *word_list(struct why_json_builder *b, enum why_vocabulary list)
{
    json_t *object = why_json_build_object(b);
    size_t count = 0;
    const struct why_word *words = why_vocab(list, &count);

    for (size_t i = 0; i < count; i++)
        why_json_put_text(b, object, words[i].name, words[i].meaning);
    return object;
}

/* What the page shows of the states beside their words. */
static json_t *state_list(struct why_json_builder *b)
{
    static const char *const alarms[] = {"ok", "warning", "critical"};
    json_t *object = why_json_build_object(b);

    for (int i = 0; i < WHY_HOST_STATE_COUNT; i++) {
        const struct why_host_state_info *info = why_host_state_info((enum why_host_state)i);
        json_t *state = why_json_build_object(b);

        why_json_put_text(b, state, "alarm", alarms[info->alarm]);
        why_json_put_text(b, state, "sign", info->sign);
        why_json_put_int(b, state, "urgent", (int64_t)info->urgent);
        why_json_put(b, object, why_host_state_name((enum why_host_state)i), state);
    }
    return object;
}

static json_t *vocabulary(struct why_json_builder *b)
{
    json_t *words = why_json_build_object(b);

    why_json_put(b, words, "phases", word_list(b, WHY_VOCAB_PHASE));
    why_json_put(b, words, "profiles", word_list(b, WHY_VOCAB_PROFILE));
    why_json_put(b, words, "license_modes", word_list(b, WHY_VOCAB_LICENSE_MODE));
    why_json_put(b, words, "outcomes", word_list(b, WHY_VOCAB_OUTCOME));
    why_json_put(b, words, "endings", word_list(b, WHY_VOCAB_ENDING));
    why_json_put(b, words, "closers", word_list(b, WHY_VOCAB_CLOSER));
    why_json_put(b, words, "states", word_list(b, WHY_VOCAB_HOST_STATE));
    return words;
}

void why_html_run(struct html_writer *writer, const struct why_run_info *run)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_object(&b);
    json_t *object = why_json_build_object(&b);

    why_json_put_text(&b, object, "version", run->tool_version);
    why_json_put_text(&b, object, "freerdp", run->library_running);
    why_json_put_text(&b, object, "openssl", run->openssl);
    why_json_put_time_us(&b, object, "started", run->started_us);
    why_json_put_text(&b, object, "source", run->source);
    why_json_put_int(&b, object, "targets", (int64_t)run->target_count);
    why_json_put(&b, object, "options", why_json_run_options(&b, run));
    why_json_put(&b, object, "words", vocabulary(&b));
    why_json_put(&b, object, "states", state_list(&b));
    why_json_put(&b, record, "run", object);
    why_html_line(writer, &b, record);
}

static json_t *code_object(struct why_json_builder *b, const struct why_verdict *verdict)
{
    const struct why_code_row *row = why_code_lookup(verdict->code.space, verdict->code.value);
    json_t *code = why_json_build_object(b);
    char text[32], name[WHY_SYSTEM_ERROR_MAX];

    why_code_format(verdict->code.space, verdict->code.value, text, sizeof(text));
    why_json_put_text(b, code, "space", why_code_space_name(verdict->code.space));
    if (why_words_code_has_value(&verdict->code))
        why_json_put_text(b, code, "value", text);
    why_json_put_text(b, code, "name", why_words_code_name(&verdict->code, name));
    if (row)
        why_json_put_text(b, code, "meaning", row->meaning);
    return code;
}

static void put_meaning(struct why_json_builder *b, json_t *object, const char *key,
                        const char *space, uint32_t value)
{
    const struct why_code_table *table = why_code_table_find(space);
    const struct why_code_row *row = table ? why_code_row_find(table, value) : NULL;

    if (row)
        why_json_put_text(b, object, key, row->meaning);
}

static json_t *mstsc_object(struct why_json_builder *b, const struct why_verdict *verdict)
{
    const struct why_mstsc *mstsc = &verdict->mstsc;
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "basis", why_mstsc_basis(verdict));
    if (!verdict->has_mstsc)
        return object;
    why_json_put_hex(b, object, "code", mstsc->code);
    put_meaning(b, object, "meaning", "mstsc", mstsc->code);
    if (mstsc->has_extended) {
        why_json_put_hex(b, object, "extended", mstsc->extended);
        put_meaning(b, object, "extended_meaning", "mstsc-extended", mstsc->extended);
    }
    why_json_put_text(b, object, "rule", mstsc->rule);
    return object;
}

/* How an answer counts on the page. */
static const char *const ratings[WHY_ANSWER_COUNT] = {
    [WHY_ANSWER_THROUGH] = "through",
    [WHY_ANSWER_WITHHELD] = "through",
    [WHY_ANSWER_POLICY] = "policy",
    [WHY_ANSWER_TLS_VERSION] = "tls-version", /* the host's record says which */
    [WHY_ANSWER_ACCOUNT] = "fault",
    [WHY_ANSWER_NTLM] = "fault",
    [WHY_ANSWER_FAULT] = "fault",
    [WHY_ANSWER_UNREACHABLE] = "fault",
    [WHY_ANSWER_UNKNOWN] = "unknown",
    [WHY_ANSWER_SKIPPED] = "none",
    [WHY_ANSWER_FAILED] = "fault",
};

/* What an attempt shares with others that went alike: everything but times and facts. */
static json_t *verdict_object(struct why_json_builder *b, const struct why_result *result)
{
    const struct why_verdict *verdict = &result->verdict;
    const struct why_trace_head *head = result->trace ? why_trace_head(result->trace) : NULL;
    json_t *object = why_json_build_object(b);
    char ending[256];

    why_words_ending(verdict, ending, sizeof(ending));
    why_json_put_text(b, object, "rating", ratings[result->answer]);
    why_json_put_text(b, object, "outcome", why_outcome_name(verdict->outcome));
    if (verdict->phase != WHY_PHASE_NONE)
        why_json_put_text(b, object, "phase", why_phase_name(verdict->phase));
    if (why_verdict_is_range(verdict))
        why_json_put_text(b, object, "phase_to", why_phase_name(verdict->phase_to));
    why_json_put_text(b, object, "step", verdict->step);
    why_json_put_text(b, object, "ending", why_ending_name(verdict->ending));
    why_json_put_text(b, object, "ended", ending);
    if (verdict->has_closer)
        why_json_put_text(b, object, "closed_by", why_closer_name(verdict->closed_by));
    if (verdict->sent_through != WHY_PHASE_NONE)
        why_json_put_text(b, object, "sent_through", why_phase_name(verdict->sent_through));
    if (verdict->has_code)
        why_json_put(b, object, "code", code_object(b, verdict));
    if (why_mstsc_basis(verdict))
        why_json_put(b, object, "mstsc", mstsc_object(b, verdict));
    if (*verdict->reason)
        why_json_put(b, object, "reason", why_html_text(result->target, verdict->reason));
    why_json_put_text(b, object, "last_sent", result->facts.last_sent);
    why_json_put_text(b, object, "last_received", result->facts.last_received);
    if (head)
        why_json_put_text(b, object, "variation", head->variation);
    return object;
}

/* The phases share, their times do not. A start is told where it is not the end of the phase
 * before, and then all are. */
static void put_ladder(struct html_writer *writer, struct why_json_builder *b, json_t *record,
                       const struct why_verdict *verdict, bool lean)
{
    json_t *phases = why_json_build_array(b);
    json_t *starts = why_json_build_array(b);
    json_t *took = why_json_build_array(b);
    bool gaps = false;
    uint64_t end = 0;

    for (size_t i = 0; i < verdict->phase_count; i++) {
        const struct why_phase_time *phase = &verdict->phases[i];

        why_json_add_text(b, phases, why_phase_name(phase->phase));
        why_json_add(b, starts, json_integer((json_int_t)phase->start_us));
        why_json_add(b, took, json_integer((json_int_t)phase->duration_us));
        gaps |= phase->start_us != end;
        end = phase->start_us + phase->duration_us;
    }
    why_html_put_shared(writer, b, record, "phases", phases);
    why_json_put_filled(b, record, "took", took);
    if (gaps && !lean)
        why_json_put_filled(b, record, "starts", starts);
    else
        json_decref(starts);
}

/* One object a kind of facts: what hosts have in common is shared, however else they differ. */
static json_t *fact_array(struct html_writer *writer, struct why_json_builder *b,
                          const struct why_facts *facts, bool lean)
{
    json_t *all = why_json_build_object(b);
    json_t *array = why_json_build_array(b);
    const char *key;
    json_t *value;

    why_json_put_facts(b, all, facts);
    json_object_foreach(all, key, value)
    {
        json_t *one = why_json_build_object(b);
        json_t *certificate = json_incref(json_object_get(value, "certificate"));

        json_object_del(value, "certificate");
        if (lean) { /* times: no two are the same */
            json_object_del(value, "server_time");
            json_object_del(value, "times_us");
        }
        if (certificate)
            why_html_put_shared(writer, b, value, "certificate", certificate);
        why_json_put(b, one, key, json_incref(value));
        why_html_add_shared(writer, b, array, one);
    }
    json_decref(all);
    return array;
}

static json_t *step_array(struct why_json_builder *b, const struct why_step *step)
{
    json_t *array = why_json_build_array(b);

    why_json_add_text(b, array, why_profile_name(step->profile));
    why_json_add_text(b, array, why_license_mode_name(step->license_mode));
    why_json_add(b, array, json_integer(step->repeat));
    return array;
}

static void put_close_look(struct why_json_builder *b, json_t *record,
                           const struct why_result *result)
{
    const struct why_trace_head *head = result->trace ? why_trace_head(result->trace) : NULL;
    const struct why_facts *facts = &result->facts;

    if (head)
        why_json_put_time_us(b, record, "started", head->started_us);
    if (facts->address) {
        why_json_put_int(b, record, "sent", (int64_t)facts->bytes_sent);
        why_json_put_int(b, record, "received", (int64_t)facts->bytes_received);
    }
}

void why_html_attempt(struct html_writer *writer, const struct why_result *result,
                      const struct html_detail *detail)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_object(&b);

    why_json_put_text(&b, record, "a", result->target->label);
    why_json_put_int(&b, record, "n", (int64_t)result->ordinal);
    why_html_put_shared(writer, &b, record, "step", step_array(&b, &result->step));
    if (result->facts.address && strcmp(result->facts.address, result->target->host) != 0)
        why_json_put_text(&b, record, "address", result->facts.address);
    why_html_put_shared(writer, &b, record, "verdict", verdict_object(&b, result));
    if (result->first_try)
        why_html_put_shared(writer, &b, record, "first", verdict_object(&b, result->first_try));
    if (result->verdict.outcome != WHY_OUTCOME_SKIPPED)
        why_json_put_int(&b, record, "us", (int64_t)result->verdict.duration_us);
    put_ladder(writer, &b, record, &result->verdict, detail->lean);
    why_json_put_filled(&b, record, "facts", fact_array(writer, &b, &result->facts, detail->lean));
    if (!detail->lean)
        put_close_look(&b, record, result);
    why_html_events(writer, &b, record, result, detail->events_allowance);
    why_html_line(writer, &b, record);
}

static json_t *text_list(struct why_json_builder *b, const struct why_host *host,
                         const char *const *texts)
{
    json_t *array = why_json_build_array(b);

    for (; texts && *texts; texts++)
        why_json_add(b, array, why_html_text(host->target, *texts));
    return array;
}

static json_t *finding_object(struct html_writer *writer, struct why_json_builder *b,
                              const struct why_host *host, const struct why_finding *finding)
{
    json_t *object = why_json_build_object(b);
    json_t *because = why_json_build_array(b);
    json_t *attempts = why_json_build_array(b);

    why_json_put_text(b, object, "rule", finding->rule);
    why_json_put_text(b, object, "severity", why_severity_name(finding->severity));
    why_json_put(b, object, "summary", why_html_text(host->target, finding->summary));
    for (size_t i = 0; i < finding->because_count; i++)
        why_json_add(b, because, why_html_text(host->target, finding->because[i]));
    why_json_put_filled(b, object, "because", because);
    why_html_put_shared(writer, b, object, "causes", text_list(b, host, finding->causes));
    why_html_put_shared(writer, b, object, "checks", text_list(b, host, finding->checks));
    why_html_put_shared(writer, b, object, "remedies", text_list(b, host, finding->remedies));
    for (size_t i = 0; i < finding->attempt_count; i++)
        why_json_add(b, attempts, json_integer((json_int_t)finding->attempts[i]));
    why_json_put_filled(b, object, "attempts", attempts);
    return object;
}

void why_html_host(struct html_writer *writer, const struct why_host *host)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_object(&b);
    json_t *findings = why_json_build_array(&b);
    json_t *spreads = why_json_build_array(&b);

    why_json_put_text(&b, record, "h", host->target->label);
    why_json_put_text(&b, record, "state", why_host_state_name(host->state));
    if (host->tls_version != WHY_ANSWER_TLS_VERSION)
        why_json_put_text(&b, record, "tls_version", ratings[host->tls_version]);
    why_json_put_kind(&b, record, &host->kind);
    for (size_t i = 0; i < host->finding_count; i++)
        why_html_add_shared(writer, &b, findings,
                            finding_object(writer, &b, host, &host->findings[i]));
    why_json_put_filled(&b, record, "findings", findings);
    for (size_t i = 0; i < host->spread_count; i++)
        why_json_add(&b, spreads, why_json_spread(&b, &host->spreads[i]));
    why_json_put_filled(&b, record, "spreads", spreads);
    why_html_put_shared(writer, &b, record, "footprint", why_json_footprint(&b, &host->footprint));
    why_html_line(writer, &b, record);
}

void why_html_end(struct html_writer *writer, const struct why_scan_summary *summary)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_object(&b);
    json_t *end = why_json_build_object(&b);

    why_json_put_int(&b, end, "hosts", (int64_t)summary->hosts);
    why_json_put_int(&b, end, "attempts", (int64_t)summary->attempts);
    why_json_put_bool(&b, end, "complete", summary->complete);
    why_json_put(&b, record, "end", end);
    why_html_line(writer, &b, record);
}
