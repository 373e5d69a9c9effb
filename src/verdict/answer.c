/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>

#include "rules.h"

/* A capture that cannot be read to its end, ends before the connection does, or whose client went
 * away by itself; or somebody interrupted us. */
static bool is_open(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    if (v->outcome == WHY_OUTCOME_STOPPED &&
        (!v->has_closer || (v->phase < WHY_PHASE_CREDSSP && v->phase != WHY_PHASE_NEGOTIATION)))
        return true;
    return why_verdict_is_range(v) ||
           (v->outcome == WHY_OUTCOME_ABORTED && v->closed_by == WHY_CLOSED_BY_CLIENT &&
            (v->ending == WHY_END_FIN || v->ending == WHY_END_RESET ||
             v->ending == WHY_END_TLS_ALERT) &&
            r->trace != NULL && why_trace_head(r->trace)->library == NULL);
}

/* An RD Gateway's steps come before the server is asked anything. */
static bool is_at_gateway(const struct why_result *r)
{
    return r->verdict.phase >= WHY_PHASE_GATEWAY_TLS &&
           r->verdict.phase <= WHY_PHASE_GATEWAY_CHANNEL;
}

/* It is libfreerdp that did not go on. */
static bool is_untaken(const struct why_result *r)
{
    return r->verdict.untaken;
}

static bool is_other_protocol(const struct why_result *r)
{
    return r->verdict.phase == WHY_PHASE_NEGOTIATION;
}

static bool lacks_mode(const struct why_result *r)
{
    return why_lacks_delegation(r) != WHY_DELEGATE_PASSWORD;
}

static bool logon_withheld(const struct why_result *r)
{
    return r->trace != NULL && why_trace_head(r->trace)->credentials && !r->facts.authenticated;
}

/* A session was to be logged on to, and began without. */
static bool session_withheld(const struct why_result *r)
{
    return r->facts.session.watched && logon_withheld(r);
}

static bool is_redirected(const struct why_result *r)
{
    return r->verdict.ending == WHY_END_REDIRECTED;
}

static bool is_policy(const struct why_result *r)
{
    return why_is_entra_refused(r) || why_is_refused_with(r, WHY_NEG_SSL_REQUIRED) ||
           why_is_refused_with(r, WHY_NEG_SSL_NOT_ALLOWED) ||
           why_is_refused_with(r, WHY_NEG_HYBRID_REQUIRED);
}

/* The session that was watched did not come to anything. */
static bool is_without_manager(const struct why_result *r)
{
    return r->verdict.phase == WHY_PHASE_SESSION && r->facts.session.watched &&
           why_session_answer(&r->facts.session) == WHY_SESSION_NO_MANAGER;
}

static bool is_undrawn(const struct why_result *r)
{
    return r->verdict.phase == WHY_PHASE_SESSION && r->facts.session.watched &&
           why_session_answer(&r->facts.session) == WHY_SESSION_UNKNOWN;
}

static bool is_without_session(const struct why_result *r)
{
    return r->verdict.phase == WHY_PHASE_SESSION && r->facts.session.watched;
}

static bool is_version(const struct why_result *r)
{
    return why_pins_version(r) && why_tls_died(r);
}

static bool is_account(const struct why_result *r)
{
    return why_is_account_rule(why_rule_of(r));
}

static bool is_ntlm(const struct why_result *r)
{
    return why_has_code_of(r, WHY_RULE_NTLM_BLOCKED) || why_has_code_of(r, WHY_RULE_KERBEROS_ONLY);
}

static bool is_ticketless(const struct why_result *r)
{
    return r->verdict.phase == WHY_PHASE_KERBEROS;
}

enum why_answer why_answer_of(const struct why_result *result)
{
    /* The first that fits: the outcome, COUNT for any, and what there is besides. */
    static const struct {
        enum why_outcome outcome;
        bool (*fits)(const struct why_result *r);
        enum why_answer answer;
    } rows[] = {
        {WHY_OUTCOME_SKIPPED, NULL, WHY_ANSWER_SKIPPED},
        {WHY_OUTCOME_FAILED, NULL, WHY_ANSWER_FAILED},
        {WHY_OUTCOME_UNREACHABLE, why_is_hop, WHY_ANSWER_FAULT}, /* the server itself was reached */
        {WHY_OUTCOME_UNREACHABLE, NULL, WHY_ANSWER_UNREACHABLE},
        {WHY_OUTCOME_STOPPED, is_at_gateway, WHY_ANSWER_UNREACHABLE},
        {WHY_OUTCOME_COUNT, is_open, WHY_ANSWER_UNKNOWN},
        {WHY_OUTCOME_COUNT, is_untaken, WHY_ANSWER_UNKNOWN},
        {WHY_OUTCOME_COMPLETED, session_withheld, WHY_ANSWER_WITHHELD},
        {WHY_OUTCOME_COMPLETED, NULL, WHY_ANSWER_THROUGH},
        {WHY_OUTCOME_STOPPED, is_other_protocol, WHY_ANSWER_POLICY},
        {WHY_OUTCOME_STOPPED, lacks_mode, WHY_ANSWER_POLICY},
        {WHY_OUTCOME_COUNT, is_without_manager, WHY_ANSWER_FAULT},
        {WHY_OUTCOME_STOPPED, logon_withheld, WHY_ANSWER_WITHHELD},
        {WHY_OUTCOME_STOPPED, is_undrawn, WHY_ANSWER_UNKNOWN},
        {WHY_OUTCOME_STOPPED, is_without_session, WHY_ANSWER_ACCOUNT},
        {WHY_OUTCOME_STOPPED, NULL, WHY_ANSWER_THROUGH},
        {WHY_OUTCOME_COUNT, why_is_redirected_endlessly, WHY_ANSWER_FAULT},
        {WHY_OUTCOME_COUNT, is_redirected, WHY_ANSWER_THROUGH},
        {WHY_OUTCOME_COUNT, is_policy, WHY_ANSWER_POLICY},
        {WHY_OUTCOME_COUNT, is_version, WHY_ANSWER_TLS_VERSION},
        {WHY_OUTCOME_COUNT, is_account, WHY_ANSWER_ACCOUNT},
        {WHY_OUTCOME_COUNT, is_ntlm, WHY_ANSWER_NTLM},
        {WHY_OUTCOME_COUNT, is_ticketless, WHY_ANSWER_KERBEROS},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((rows[i].outcome == WHY_OUTCOME_COUNT || rows[i].outcome == result->verdict.outcome) &&
            (rows[i].fits == NULL || rows[i].fits(result)))
            return rows[i].answer;
    }
    return WHY_ANSWER_FAULT;
}

void why_result_proven(struct why_result *result)
{
    result->proven_elsewhere = true;
    result->answer = why_answer_of(result);
}

bool why_answer_shows_tls(enum why_answer answer, enum why_profile profile, const char *tls_version)
{
    uint16_t pins = why_profile_info(profile)->pins;

    return tls_version != NULL && answer != WHY_ANSWER_TLS_VERSION &&
           answer != WHY_ANSWER_SKIPPED && answer != WHY_ANSWER_FAILED &&
           (pins == 0 || pins >= WHY_TLS_1_2);
}

enum why_answer why_answer_settle(enum why_answer answer, bool tls_works)
{
    if (answer != WHY_ANSWER_TLS_VERSION)
        return answer;
    return tls_works ? WHY_ANSWER_POLICY : WHY_ANSWER_FAULT;
}

/* What Kerberos has proven once cannot be what NTLM is refused for. */
static void tell_proven(struct why_result *const *results, size_t count)
{
    bool proven = false;

    for (size_t i = 0; i < count; i++)
        proven = proven || results[i]->facts.kerberos.proven;
    for (size_t i = 0; i < count; i++)
        results[i]->proven_elsewhere = proven;
}

enum why_answer why_answers_settle(struct why_result *const *results, size_t count)
{
    enum why_answer version = WHY_ANSWER_TLS_VERSION;
    bool tls_works = false;

    tell_proven(results, count);
    for (size_t i = 0; i < count; i++) {
        struct why_result *r = results[i];

        r->answer = why_answer_of(r);
        tls_works =
            tls_works || why_answer_shows_tls(r->answer, r->step.profile, r->facts.tls_version);
    }
    for (size_t i = 0; i < count; i++) {
        if (results[i]->answer == WHY_ANSWER_TLS_VERSION)
            results[i]->answer = version = why_answer_settle(results[i]->answer, tls_works);
    }
    return version;
}

bool why_offer_is_accepted(enum why_profile profile, enum why_outcome outcome, enum why_phase phase)
{
    if (outcome == WHY_OUTCOME_SKIPPED || outcome == WHY_OUTCOME_FAILED)
        return false;
    return outcome == WHY_OUTCOME_COMPLETED || phase >= why_profile_info(profile)->settled_in;
}

bool why_nla_is_required(enum why_ending ending, int64_t code)
{
    return ending == WHY_END_NEGOTIATION_FAILURE && code == WHY_NEG_HYBRID_REQUIRED;
}
