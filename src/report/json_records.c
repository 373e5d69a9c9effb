/* SPDX-License-Identifier: Apache-2.0 */
#include "json_records.h"

#include "base/rfc3339.h"
#include "facts/fact_table.h"
#include "verdict/licensing.h"

#include "json_facts.h"
#include "json_kind.h"

/* ---- the run ----------------------------------------------------------------------------------
 */

static json_t *run_routing(struct why_json_builder *b, const struct why_routing *routing)
{
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "kind", why_routing_kind_name(routing->kind));
    why_json_put_text(b, object, "text", routing->text);
    return object;
}

static json_t *run_proxy(struct why_json_builder *b, const struct why_run_info *run)
{
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "url", run->proxy);
    why_json_put_text(b, object, "resolve", run->proxy_resolve);
    return object;
}

static json_t *run_gateway(struct why_json_builder *b, const struct why_run_info *run)
{
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "host", run->gateway);
    why_json_put_text(b, object, "transport", run->gateway_transport);
    return object;
}

static json_t *run_options(struct why_json_builder *b, const struct why_run_info *run)
{
    json_t *options = why_json_build_object(b);
    json_t *profiles = why_json_build_array(b);
    json_t *modes = why_json_build_array(b);

    for (size_t i = 0; i < run->profile_count; i++)
        why_json_add_text(b, profiles, why_profile_name(run->profiles[i]));
    for (size_t i = 0; i < run->license_mode_count; i++)
        why_json_add_text(b, modes, why_license_mode_name(run->license_modes[i]));
    why_json_put(b, options, "profiles", profiles);
    why_json_put(b, options, "license_modes", modes);
    why_json_put_text(b, options, "until", why_phase_name(run->until));
    why_json_put_int(b, options, "timeout_us", (int64_t)run->timeout_us);
    why_json_put_int(b, options, "connect_timeout_us", (int64_t)run->connect_timeout_us);
    if (run->source == NULL) { /* offline nobody listened, and nobody waited */
        why_json_put_int(b, options, "linger_us", (int64_t)run->linger_us);
        if (run->until == WHY_PHASE_SESSION)
            why_json_put_int(b, options, "watch_us", (int64_t)run->watch_us);
        why_json_put_int(b, options, "pause_us", (int64_t)run->pause_us);
        why_json_put_int(b, options, "second_try_us", (int64_t)run->second_try_us);
    }
    why_json_put_int(b, options, "jobs", run->jobs);
    why_json_put_int(b, options, "per_host", run->per_host);
    why_json_put_int(b, options, "repeat", run->repeat);
    why_json_put_bool(b, options, "credentials", run->credentials);
    if (run->routing.kind != WHY_ROUTING_ACCOUNT)
        why_json_put(b, options, "routing", run_routing(b, &run->routing));
    if (run->proxy != NULL)
        why_json_put(b, options, "proxy", run_proxy(b, run));
    if (run->gateway != NULL)
        why_json_put(b, options, "gateway", run_gateway(b, run));
    why_json_put_text(b, options, "preconnection", run->preconnection);
    if (run->follow)
        why_json_put_bool(b, options, "follow", true);
    if (run->udp)
        why_json_put_bool(b, options, "udp", true);
    return options;
}

static json_t *merged_runs(struct why_json_builder *b, const struct why_run_info *run)
{
    json_t *array = why_json_build_array(b);

    for (size_t i = 0; i < run->part_count; i++) {
        const struct why_run_part *part = &run->parts[i];
        json_t *object = why_json_build_object(b);

        why_json_put_text(b, object, "vantage", part->vantage);
        why_json_put_text(b, object, "version", part->version);
        why_json_put_text(b, object, "started", part->started);
        if (part->targets > 0)
            why_json_put_int(b, object, "targets", part->targets);
        if (part->complete)
            why_json_put_bool(b, object, "complete", true);
        why_json_add(b, array, object);
    }
    return array;
}

json_t *why_json_run(struct why_json_builder *b, const struct why_run_info *run)
{
    json_t *record = why_json_build_record(b, "run");
    json_t *libraries = why_json_build_object(b);
    char started[WHY_RFC3339_SIZE];

    why_json_put_text(b, record, "vantage", run->vantage);
    why_json_put_text(b, record, "version", run->tool_version);
    why_json_put_text(b, libraries, "freerdp_built", run->library_built);
    why_json_put_text(b, libraries, "freerdp_running", run->library_running);
    why_json_put_text(b, libraries, "openssl", run->openssl);
    why_json_put_filled(b, record, "libraries", libraries);
    if (run->started_us > 0 && why_rfc3339_print((int64_t)(run->started_us / 1000000),
                                                 (int32_t)(run->started_us % 1000000), started))
        why_json_put_text(b, record, "started", started);
    why_json_put_text(b, record, "source", run->source);
    if (run->target_count > 0)
        why_json_put_int(b, record, "targets", (int64_t)run->target_count);
    why_json_put(b, record, "options", run_options(b, run));
    if (run->parts != NULL)
        why_json_put(b, record, "merged", merged_runs(b, run));
    return record;
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

json_t *why_json_end(struct why_json_builder *b, const struct why_scan_summary *summary)
{
    json_t *record = why_json_build_record(b, "end");

    why_json_put_int(b, record, "hosts", (int64_t)summary->hosts);
    why_json_put_int(b, record, "attempts", (int64_t)summary->attempts);
    why_json_put(b, record, "outcomes", counts(b, WHY_VOCAB_OUTCOME, summary->outcomes));
    why_json_put(b, record, "states", counts(b, WHY_VOCAB_HOST_STATE, summary->states));
    if (summary->complete)
        why_json_put_bool(b, record, "complete", true);
    if (summary->interrupted)
        why_json_put_bool(b, record, "interrupted", true);
    return record;
}

/* ---- an attempt -------------------------------------------------------------------------------
 */

static void put_more(struct why_json_builder *b, json_t *record, const struct why_result *result);

static json_t *attempt_record(struct why_json_builder *b, const struct why_result *result)
{
    json_t *record = why_json_build_record(b, "attempt");

    why_json_put_facts(b, record, result, 0);
    return record;
}

/* The attempts that were redirected on the way to |result|, each a record of its own, in order. */
static void add_hops(struct why_json_builder *b, json_t *hops, const struct why_result *result)
{
    json_t *record;

    if (!why_is_hop(result) || result->first_try == NULL)
        return;
    add_hops(b, hops, result->first_try);
    record = attempt_record(b, result->first_try);
    if (!why_is_hop(result->first_try))
        put_more(b, record, result->first_try);
    why_json_add(b, hops, record);
}

/* The attempts that belong to this one. */
static void put_more(struct why_json_builder *b, json_t *record, const struct why_result *result)
{
    if (why_is_hop(result)) {
        json_t *hops = why_json_build_array(b);

        add_hops(b, hops, result);
        why_json_put_filled(b, record, "hops", hops);
    } else if (result->first_try) {
        json_t *first_try = why_json_build_object(b);

        why_json_put_facts(b, first_try, result->first_try, FACT_FIRST_TRY);
        why_json_put(b, record, "first_try", first_try);
    }
    if (result->tls_first)
        why_json_put(b, record, "tls_first", attempt_record(b, result->tls_first));
}

json_t *why_json_attempt(struct why_json_builder *b, const struct why_result *result)
{
    json_t *record = attempt_record(b, result);

    put_more(b, record, result);
    return record;
}

/* ---- a host -----------------------------------------------------------------------------------
 */

static json_t *finding_object(struct why_json_builder *b, const struct why_finding *finding)
{
    json_t *object = why_json_build_object(b);
    json_t *because = why_json_build_array(b);
    json_t *attempts = why_json_build_array(b);

    why_json_put_text(b, object, "rule", finding->rule);
    why_json_put_text(b, object, "severity", why_severity_name(finding->severity));
    why_json_put_prose(b, object, "summary", finding->summary);
    for (size_t i = 0; i < finding->because_count; i++)
        why_json_add(b, because, why_json_prose(b, finding->because[i]));
    why_json_put_filled(b, object, "because", because);
    why_json_put_prose_list(b, object, "causes", finding->causes);
    why_json_put_prose_list(b, object, "checks", finding->checks);
    why_json_put_prose_list(b, object, "remedies", finding->remedies);
    for (size_t i = 0; i < finding->attempt_count; i++)
        why_json_add(b, attempts, json_integer((json_int_t)finding->attempts[i]));
    why_json_put_filled(b, object, "attempts", attempts);
    return object;
}

json_t *why_json_across(struct why_json_builder *b, const struct why_target *target,
                        const struct why_finding *finding)
{
    json_t *record = why_json_build_record(b, "across");

    why_json_put_text(b, record, "target", target->label);
    why_json_put(b, record, "finding", finding_object(b, finding));
    return record;
}

static json_t *spread_object(struct why_json_builder *b, const struct why_spread *spread)
{
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "profile", why_profile_name(spread->profile));
    why_json_put_text(b, object, "license_mode", why_license_mode_name(spread->license_mode));
    if (spread->phase < WHY_PHASE_COUNT)
        why_json_put_text(b, object, "phase", why_phase_name(spread->phase));
    why_json_put_int(b, object, "count", (int64_t)spread->count);
    why_json_put_int(b, object, "min_us", (int64_t)spread->min_us);
    why_json_put_int(b, object, "median_us", (int64_t)spread->median_us);
    why_json_put_int(b, object, "max_us", (int64_t)spread->max_us);
    return object;
}

void why_json_put_judgements(struct why_json_builder *b, json_t *object,
                             const struct why_judgement *judgements, size_t count)
{
    json_t *requirements = why_json_build_array(b);

    for (size_t i = 0; i < count; i++) {
        json_t *requirement = why_json_build_object(b);

        why_json_put_text(b, requirement, "requirement", judgements[i].requirement);
        why_json_put_bool(b, requirement, "met", judgements[i].met);
        why_json_put_text(b, requirement, "fact", judgements[i].fact);
        why_json_add(b, requirements, requirement);
    }
    why_json_put_filled(b, object, "requirements", requirements);
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
    if (verdict->phase == WHY_PHASE_LICENSING)
        why_json_put_facts_of(b, object, result, "code");
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

static json_t *footprint_object(struct why_json_builder *b, const struct why_footprint *footprint)
{
    json_t *object = why_json_build_object(b);

    why_json_put_int(b, object, "connections", (int64_t)footprint->connections);
    why_json_put_int(b, object, "authentications", (int64_t)footprint->authentications);
    if (footprint->as_requests + footprint->tgs_requests > 0) {
        why_json_put_int(b, object, "as_requests", (int64_t)footprint->as_requests);
        why_json_put_int(b, object, "tgs_requests", (int64_t)footprint->tgs_requests);
    }
    why_json_put_int(b, object, "licenses_requested", (int64_t)footprint->licenses_requested);
    why_json_put_int(b, object, "licenses_issued", (int64_t)footprint->licenses_issued);
    if (footprint->licenses_unknown > 0)
        why_json_put_int(b, object, "licenses_unknown", (int64_t)footprint->licenses_unknown);
    if (footprint->second_tries > 0)
        why_json_put_int(b, object, "second_tries", (int64_t)footprint->second_tries);
    if (footprint->udp_datagrams > 0)
        why_json_put_int(b, object, "udp_datagrams", (int64_t)footprint->udp_datagrams);
    if (footprint->tls_first > 0)
        why_json_put_int(b, object, "tls_first", (int64_t)footprint->tls_first);
    return object;
}

json_t *why_json_host(struct why_json_builder *b, const struct why_host *host)
{
    json_t *record = why_json_build_record(b, "host");
    json_t *findings = why_json_build_array(b);
    json_t *spreads = why_json_build_array(b);

    why_json_put_text(b, record, "target", host->target->label);
    why_json_put_text(b, record, "vantage", host->target->vantage);
    why_json_put_text(b, record, "state", why_host_state_name(host->state));
    if (host->tls_version != WHY_ANSWER_TLS_VERSION)
        why_json_put_text(b, record, "tls_version", why_answer_name(host->tls_version));
    why_json_put_kind(b, record, &host->kind);
    why_json_put_int(b, record, "attempts", (int64_t)host->count);
    for (size_t i = 0; i < host->finding_count; i++)
        why_json_add(b, findings, finding_object(b, &host->findings[i]));
    why_json_put(b, record, "findings", findings);
    for (size_t i = 0; i < host->spread_count; i++)
        why_json_add(b, spreads, spread_object(b, &host->spreads[i]));
    why_json_put_filled(b, record, "spreads", spreads);
    why_json_put_judgements(b, record, host->judgements, host->judgement_count);
    put_licensing(b, record, host);
    why_json_put(b, record, "footprint", footprint_object(b, &host->footprint));
    return record;
}
