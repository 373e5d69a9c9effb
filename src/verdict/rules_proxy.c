/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <rdpwhy/trace.h>

/* Matchers: the proxy in front of the server. What it did is never the server's doing. */

static bool is_proxys(const struct why_result *r)
{
    return r->verdict.phase == WHY_PHASE_PROXY && r->verdict.outcome == WHY_OUTCOME_UNREACHABLE;
}

static bool is_out_of_reach(const struct why_result *r)
{
    return is_proxys(r) && r->facts.connections == 0;
}

static bool wants_logon(const struct why_result *r)
{
    return is_proxys(r) && (why_has_code_of(r, WHY_RULE_PROXY_AUTHENTICATION) ||
                            (r->verdict.ending == WHY_END_PROXY_REFUSED && !r->verdict.has_code));
}

static bool is_forbidden(const struct why_result *r)
{
    return is_proxys(r) && why_has_code_of(r, WHY_RULE_PROXY_FORBIDS);
}

static bool cannot_reach(const struct why_result *r)
{
    return is_proxys(r) && why_has_code_of(r, WHY_RULE_PROXY_CANNOT_REACH);
}

static bool is_failed(const struct why_result *r)
{
    return is_proxys(r) && why_has_code_of(r, WHY_RULE_PROXY_FAILED);
}

static bool says_so(const struct why_result *r)
{
    return is_failed(r) && why_rule_of_proxys_words(r) == WHY_RULE_PROXY_FAILED;
}

static bool is_refused_otherwise(const struct why_result *r)
{
    return is_proxys(r) && !is_out_of_reach(r) && !wants_logon(r) && !is_forbidden(r) &&
           !cannot_reach(r) && !is_failed(r);
}

/* What a finding of a proxy has: the verdicts, and which proxy it is. */
static const struct why_result *found(const struct host_results *h, struct finding_builder *b,
                                      result_test *test)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, test);

    if (r != NULL)
        add_fact(b, "the proxy: %s%s%s%s", r->facts.proxy != NULL ? r->facts.proxy : "?",
                 r->facts.proxy_address != NULL ? " (" : "",
                 r->facts.proxy_address != NULL ? r->facts.proxy_address : "",
                 r->facts.proxy_address != NULL ? ")" : "");
    return r;
}

bool why_match_proxy_unreachable(const struct host_results *h, struct finding_builder *b)
{
    if (found(h, b, is_out_of_reach) == NULL)
        return false;
    b->conditions |= WHY_IF(NAME);
    summarize(b, "The proxy cannot be reached, so %s was not tried", h->target->label);
    return true;
}

bool why_match_proxy_authentication(const struct host_results *h, struct finding_builder *b)
{
    if (found(h, b, wants_logon) == NULL)
        return false;
    summarize(b, "The proxy requires a logon or rejected the one given; %s was not asked",
              h->target->label);
    return true;
}

bool why_match_proxy_forbids(const struct host_results *h, struct finding_builder *b)
{
    if (found(h, b, is_forbidden) == NULL)
        return false;
    summarize(b, "The proxy does not allow connections to %s", h->target->label);
    return true;
}

bool why_match_proxy_cannot_reach(const struct host_results *h, struct finding_builder *b)
{
    if (found(h, b, cannot_reach) == NULL)
        return false;
    summarize(b, "The proxy cannot connect to %s, or cannot resolve its name", h->target->label);
    return true;
}

bool why_match_proxy_failed(const struct host_results *h, struct finding_builder *b)
{
    if (found(h, b, is_failed) == NULL)
        return false;
    if (why_results_any(h, says_so))
        summarize(b, "The proxy is in trouble itself, so %s was not asked", h->target->label);
    else
        summarize(b,
                  "The proxy is in trouble itself, or cannot connect to %s: its answer does not "
                  "tell which",
                  h->target->label);
    return true;
}

bool why_match_proxy_refused(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_refused_otherwise);
    const struct why_code_row *code;

    if (r == NULL)
        return false;
    code = r->verdict.ending == WHY_END_PROXY_REFUSED && r->verdict.has_code
               ? why_code_lookup(r->verdict.code.space, r->verdict.code.value)
               : NULL;
    if (r->verdict.ending == WHY_END_TIMEOUT)
        summarize(b, "The proxy did not answer in time whether it can connect to %s",
                  h->target->label);
    else if (code != NULL)
        summarize(b, "The proxy did not connect to %s: %s", h->target->label, code->meaning);
    else
        summarize(b, "The proxy did not connect to %s and does not say why", h->target->label);
    return true;
}
