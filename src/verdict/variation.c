/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <string.h>

#include "rules.h"

/* What is worth a second try. */

/*
 * libfreerdp salts its MACs from the Client Info PDU on. Some servers drop the connection right
 * there (xrdp 0.9.21 with a Disconnect Provider Ultimatum); without salt they go on.
 */
static bool salted_mac_suspected(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return r->facts.has_server_security && r->facts.encryption_method != 0 &&
           (v->phase == WHY_PHASE_SECURITY_COMMENCEMENT || v->phase == WHY_PHASE_SECURE_SETTINGS) &&
           v->sent_through == WHY_PHASE_SECURE_SETTINGS && v->has_closer &&
           v->closed_by == WHY_CLOSED_BY_SERVER;
}

/* Some load balancers close what has neither a cookie nor a token. Our own request had none because
 * that was asked for. */
static bool cookie_suspected(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return r->facts.has_request && !r->facts.has_cookie && !r->facts.has_token &&
           v->phase == WHY_PHASE_NEGOTIATION && r->facts.bytes_received == 0 &&
           (v->ending == WHY_END_FIN || v->ending == WHY_END_RESET);
}

/* ---- what stands in front ------------------------------------------------------------------- */

bool why_wants_tls_first(const struct why_result *result)
{
    const struct why_verdict *v = &result->verdict;

    return result->facts.has_request && result->facts.bytes_received == 0 &&
           v->phase == WHY_PHASE_NEGOTIATION && !why_is_hop(result) &&
           (v->ending == WHY_END_FIN || v->ending == WHY_END_RESET);
}

enum why_variation why_variation_due(const struct why_result *result)
{
    if (why_trace_head(result->trace)->variation != NULL)
        return WHY_VARIATION_NONE;
    if (salted_mac_suspected(result))
        return WHY_VARIATION_NO_SALTED_MAC;
    return cookie_suspected(result) ? WHY_VARIATION_WITH_COOKIE : WHY_VARIATION_NONE;
}

/* ---- just again ------------------------------------------------------------------------------ */

static bool ends_without_word(const struct why_verdict *v)
{
    switch (v->ending) {
    case WHY_END_FIN:
    case WHY_END_RESET:
    case WHY_END_TIMEOUT:
    case WHY_END_NO_ROUTE:
    case WHY_END_PROTOCOL_VIOLATION:
    case WHY_END_DISCONNECT_ULTIMATUM:
    case WHY_END_X224_DISCONNECT:
        return true;
    default:
        return false;
    }
}

/* It was to be expected: a TLS version that is off, a license that is to be refused. */
static bool is_expected(const struct why_result *r)
{
    return (why_pins_version(r) && why_tls_died(r)) ||
           !why_license_mode_info(r->step.license_mode)->counts_for_health;
}

static bool is_dear(const struct why_result *r)
{
    return r->facts.account_sent || r->facts.authenticated ||
           r->facts.license_result == WHY_LICENSE_RESULT_ISSUED ||
           r->facts.license_result == WHY_LICENSE_RESULT_UPGRADED;
}

bool why_is_odd(const struct why_result *result)
{
    return result->trace != NULL && why_trace_head(result->trace)->variation == NULL &&
           why_is_failure(result) && ends_without_word(&result->verdict) && !is_expected(result) &&
           !is_dear(result);
}

const struct why_result *why_first_of_two(const struct why_result *result)
{
    const char *variation = result->first_try != NULL && result->trace != NULL
                                ? why_trace_head(result->trace)->variation
                                : NULL;

    return variation != NULL && strcmp(variation, why_variation_name(WHY_VARIATION_AGAIN)) == 0
               ? result->first_try
               : NULL;
}

/* Whether |other| says by itself what |r| does: then |r| does not stand alone. An offer without an
 * answer where others have one takes a second try of one of them. */
static bool bears_out(const struct why_result *r, const struct why_result *other)
{
    if (other->step.repeat != r->step.repeat && why_is_same_step(other, r))
        return true;
    return other->verdict.outcome == r->verdict.outcome &&
           other->verdict.phase == r->verdict.phase && other->verdict.ending == r->verdict.ending &&
           (!why_is_unanswered_offer(r) || why_first_of_two(other) != NULL);
}

static bool is_answer(const struct why_result *r)
{
    return r->facts.has_confirm || r->verdict.outcome == WHY_OUTCOME_COMPLETED ||
           (why_is_failure(r) && !why_is_unanswered_offer(r));
}

/* Silence is waited for where the server spoke in another attempt; an offer is closed where it
 * answered another one. */
static bool is_worth_it(const struct host_results *h, const struct why_result *r)
{
    const struct why_result *other;
    bool answers = false, alone = true;

    for (size_t i = 0; (other = why_results_next(h, &i)) != NULL;) {
        if (other == r)
            continue;
        if (other->verdict.outcome == WHY_OUTCOME_UNREACHABLE || bears_out(r, other))
            return false;
        answers = answers || is_answer(other);
        alone = false;
    }
    return answers || (alone && r->verdict.ending != WHY_END_TIMEOUT);
}

size_t why_second_try_due(struct why_result *const *results, size_t count)
{
    struct host_results h = {.results = results, .count = count};

    for (size_t i = 0; i < count; i++) {
        if (why_is_odd(results[i]) && is_worth_it(&h, results[i]))
            return i;
    }
    return count;
}
