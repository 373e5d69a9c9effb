/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

/* The host's state (diagnosis.h says what the words mean), and the spread over repeats. */

struct tally {
    size_t measured, unreachable, through, completed, account, bad;
    size_t deep;       /* bad, and behind the connection's security */
    size_t unanswered; /* bad, and not even an answer to the offer */
    size_t special;    /* bad, of an offer that no client makes unasked */
    size_t unclear; /* ended by the server or on the way, and how far it had come cannot be told */
    size_t negotiate, negotiate_through; /* attempts of that profile */
    size_t negotiate_completed;
};

/* A license that is meant to be refused says nothing of the host's health, nor does an account that
 * is no administrator's. */
static bool counts(const struct why_result *r)
{
    return why_license_mode_info(r->step.license_mode)->counts_for_health ||
           r->answer == WHY_ANSWER_THROUGH;
}

static bool is_repeated(const struct host_results *h, const struct why_result *r)
{
    const struct why_result *other;

    for (size_t i = 0; (other = why_results_next(h, &i)) != NULL;) {
        if (other != r && why_is_same_step(other, r))
            return true;
    }
    return false;
}

/* The second try after one that failed. */
static bool failed_before(const struct why_result *r)
{
    const struct why_result *first = why_first_of_two(r);

    return first != NULL && why_is_failure(first);
}

/* Restricted Admin or Remote Credential Guard; servers that do not know it may close the offer. */
static bool is_closed_mode(const struct why_result *r)
{
    return why_profile_info(r->step.profile)->delegation != WHY_DELEGATE_PASSWORD &&
           r->verdict.phase <= WHY_PHASE_NEGOTIATION;
}

static bool is_special(const struct why_result *r)
{
    return is_closed_mode(r) ||
           (why_profile_info(r->step.profile)->aad && r->verdict.phase <= WHY_PHASE_AAD);
}

static void count_bad(const struct host_results *h, struct tally *t, const struct why_result *r)
{
    t->bad++;
    t->deep += r->verdict.phase >= WHY_PHASE_BASIC_SETTINGS;
    t->special += is_special(r);
    t->unanswered +=
        why_is_unanswered_offer(r) && !is_closed_mode(r) && !is_repeated(h, r) && !failed_before(r);
}

/* A capture without its secrets: it may have been a logon that was rejected. Clients go away for
 * reasons of their own, mstsc to ask about a certificate. */
static bool is_unclear(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return v->outcome == WHY_OUTCOME_ABORTED && why_verdict_is_range(v) && v->has_closer &&
           v->closed_by != WHY_CLOSED_BY_CLIENT;
}

static void count_result(const struct host_results *h, struct tally *t, const struct why_result *r)
{
    bool completed = r->verdict.outcome == WHY_OUTCOME_COMPLETED;

    switch (r->answer) {
    case WHY_ANSWER_UNREACHABLE:
        t->unreachable++;
        break;
    case WHY_ANSWER_THROUGH:
        t->through++;
        t->completed += completed;
        break;
    case WHY_ANSWER_POLICY:
        break;
    case WHY_ANSWER_ACCOUNT:
    case WHY_ANSWER_NTLM:
    case WHY_ANSWER_KERBEROS:
        t->account++;
        break;
    case WHY_ANSWER_FAULT:
        count_bad(h, t, r);
        break;
    default:
        t->unclear += is_unclear(r);
        return; /* it says neither yes nor no */
    }
    t->measured++;
    if (!why_profile_info(r->step.profile)->as_mstsc)
        return;
    t->negotiate++;
    t->negotiate_through += r->answer == WHY_ANSWER_THROUGH;
    t->negotiate_completed += completed;
}

/* Whether a repeated step both went through and failed. */
static bool is_unsteady(const struct host_results *h)
{
    const struct why_result *a, *b;

    for (size_t i = 0; (a = why_results_next(h, &i)) != NULL;) {
        if (a->answer != WHY_ANSWER_THROUGH)
            continue;
        if (failed_before(a))
            return true;
        for (size_t j = 0; (b = why_results_next(h, &j)) != NULL;) {
            if (why_is_same_step(a, b) && why_is_failure(b) && b->answer != WHY_ANSWER_ACCOUNT)
                return true;
        }
    }
    return false;
}

static enum why_host_state without_a_way_in(const struct tally *t)
{
    /* Refused by policy or for the account, as a working server does; or nothing was measured. That
     * an offer fails which nobody makes unasked says nothing of the others. */
    return t->bad == t->special && t->unreachable == 0 ? WHY_HOST_DEGRADED : WHY_HOST_BROKEN;
}

/* What mstsc would offer was to be tried, and no attempt at it came to anything on this side. */
static bool misses_the_offer(const struct host_results *h, const struct tally *t)
{
    if (t->negotiate > 0)
        return false;
    for (size_t i = 0; i < h->count; i++) {
        if (why_profile_info(h->results[i]->step.profile)->as_mstsc &&
            h->results[i]->verdict.outcome == WHY_OUTCOME_FAILED)
            return true;
    }
    return false;
}

bool why_host_is_file(const struct why_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        if (why_profile_info(host->results[i]->step.profile)->of_file)
            return true;
    }
    return false;
}

/* Of an .rdp file it is its own connection that counts: the other offers are there to compare. */
static bool file_fails(const struct host_results *h)
{
    const struct why_result *r;
    size_t failed = 0, other = 0;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!why_profile_info(r->step.profile)->of_file || !counts(r))
            continue;
        failed += r->answer == WHY_ANSWER_FAULT || r->answer == WHY_ANSWER_POLICY;
        other += r->answer != WHY_ANSWER_FAULT && r->answer != WHY_ANSWER_POLICY;
    }
    return failed > 0 && other == 0;
}

enum why_host_state why_host_state_of(const struct host_results *h)
{
    struct tally t = {0};
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (counts(r))
            count_result(h, &t, r);
    }
    if (t.measured > 0 && t.unreachable == t.measured)
        return WHY_HOST_UNREACHABLE;
    if (file_fails(h))
        return WHY_HOST_BROKEN;
    if (t.through == 0)
        return without_a_way_in(&t);
    /* Attempts that stopped before the logon saw nothing of what fails behind it. */
    if (t.completed == 0 && t.deep > 0)
        return WHY_HOST_BROKEN;
    /* An offer that got no answer, and was made once, may be refused by policy, but it may also be
     * chance: overload, one bad server of several. */
    if (t.unreachable > 0 || t.account > 0 || t.unanswered > 0 || t.unclear > 0 || is_unsteady(h) ||
        why_is_old_tls_only(h) || misses_the_offer(h, &t))
        return WHY_HOST_DEGRADED;
    if (t.negotiate == 0)
        return t.bad > 0 ? WHY_HOST_DEGRADED : WHY_HOST_HEALTHY;
    if (t.negotiate_through < t.negotiate)
        return WHY_HOST_DEGRADED;
    return t.deep > 0 && t.negotiate_completed == 0 ? WHY_HOST_DEGRADED : WHY_HOST_HEALTHY;
}

const struct why_result *why_host_telling(const struct why_host *host)
{
    const struct why_result *telling = NULL;

    for (size_t i = 0; i < host->count; i++) {
        const struct why_result *r = host->results[i];

        if (r->answer == WHY_ANSWER_THROUGH || r->answer == WHY_ANSWER_WITHHELD ||
            r->answer == WHY_ANSWER_POLICY || r->answer == WHY_ANSWER_SKIPPED)
            continue;
        if (telling == NULL || r->verdict.phase > telling->verdict.phase)
            telling = r;
    }
    return telling;
}

/* ---- spread ---------------------------------------------------------------------------------- */

struct sample {
    uint64_t *values;
    size_t count;
};

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static bool phase_time(const struct why_verdict *v, enum why_phase phase, uint64_t *us)
{
    if (phase == WHY_PHASE_COUNT) {
        *us = v->duration_us;
        return true;
    }
    for (size_t i = 0; i < v->phase_count; i++) {
        if (v->phases[i].phase == phase) {
            *us = v->phases[i].duration_us;
            return true;
        }
    }
    return false;
}

/* The times of |phase| in the attempts of |step|. The phase an attempt failed in is left out: how
 * long it took to fail is another quantity. */
static void sample_phase(const struct host_results *h, const struct why_step *step,
                         enum why_phase phase, struct sample *sample)
{
    const struct why_result *r;

    sample->count = 0;
    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        const struct why_verdict *v = &r->verdict;
        uint64_t us;

        if (r->step.profile != step->profile || r->step.license_mode != step->license_mode)
            continue;
        if (r->answer != WHY_ANSWER_THROUGH && (phase == WHY_PHASE_COUNT || phase == v->phase))
            continue;
        if (phase_time(v, phase, &us))
            sample->values[sample->count++] = us;
    }
    qsort(sample->values, sample->count, sizeof(*sample->values), by_value);
}

static void add_spread(struct why_host *host, const struct why_step *step, enum why_phase phase,
                       const struct sample *s)
{
    if (s->count < 2)
        return;
    host->spreads[host->spread_count++] = (struct why_spread){
        .profile = step->profile,
        .license_mode = step->license_mode,
        .phase = phase,
        .count = s->count,
        .min_us = s->values[0],
        .median_us = s->values[s->count / 2],
        .max_us = s->values[s->count - 1],
    };
}

int why_host_measure_spreads(struct why_host *host)
{
    struct host_results h = {
        .target = host->target, .results = host->results, .count = host->count};
    size_t steps = 0;
    bool repeated = false;
    struct sample sample = {NULL, 0};

    for (size_t i = 0; i < host->count; i++) {
        steps += host->results[i]->step.repeat == 0;
        repeated = repeated || host->results[i]->step.repeat > 0;
    }
    if (!repeated || steps == 0)
        return WHY_OK;
    host->spreads = calloc(steps * (WHY_PHASE_COUNT + 1), sizeof(*host->spreads));
    sample.values = calloc(host->count, sizeof(*sample.values));
    if (host->spreads == NULL || sample.values == NULL) {
        free(sample.values);
        return WHY_ERR_NOMEM;
    }
    for (size_t i = 0; i < host->count; i++) {
        const struct why_step *step = &host->results[i]->step;

        for (int phase = 0; step->repeat == 0 && phase <= WHY_PHASE_COUNT; phase++) {
            sample_phase(&h, step, (enum why_phase)phase, &sample);
            add_spread(host, step, (enum why_phase)phase, &sample);
        }
    }
    free(sample.values);
    return WHY_OK;
}
