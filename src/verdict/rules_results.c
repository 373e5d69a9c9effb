/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>

#include "server_kind.h"

#define RPC_INITIATED_DISCONNECT 1 /* [MS-RDPBCGR] 2.2.5.1.1 */

/* What a single result says, in the words that the rules use. */

const struct why_result *why_results_next(const struct host_results *h, size_t *i)
{
    while (*i < h->count) {
        const struct why_result *r = h->results[(*i)++];

        if (r->verdict.outcome != WHY_OUTCOME_SKIPPED && r->verdict.outcome != WHY_OUTCOME_FAILED)
            return r;
    }
    return NULL;
}

const struct why_result *why_results_first(const struct host_results *h, result_test *test)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (test(r))
            return r;
    }
    return NULL;
}

bool why_results_any(const struct host_results *h, result_test *test)
{
    return why_results_first(h, test) != NULL;
}

size_t why_results_count(const struct host_results *h, result_test *test)
{
    const struct why_result *r;
    size_t n = 0;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;)
        n += test(r);
    return n;
}

const struct why_result *why_results_first_of(const struct host_results *h,
                                              enum why_profile profile, result_test *test)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (r->step.profile == profile && test(r))
            return r;
    }
    return NULL;
}

bool why_went_through(const struct why_result *r)
{
    return r->answer == WHY_ANSWER_THROUGH;
}

bool why_is_failure(const struct why_result *r)
{
    /* A capture that cannot be read to its end may have been of a session that went well. */
    if (why_verdict_is_range(&r->verdict))
        return false;
    return (r->verdict.outcome == WHY_OUTCOME_REFUSED && r->verdict.ending != WHY_END_REDIRECTED) ||
           r->verdict.outcome == WHY_OUTCOME_ABORTED;
}

/* The server need not have had a part in it. */
static bool is_ended_by_gateway(const struct why_result *r)
{
    return r->verdict.has_closer && r->verdict.closed_by == WHY_CLOSED_BY_GATEWAY;
}

bool why_ended_wordless(const struct why_result *r, enum why_phase phase)
{
    if (r->verdict.phase != phase || !why_is_failure(r))
        return false;
    if (is_ended_by_gateway(r))
        return false;
    /* The client of a capture may have had reasons that nobody sees. */
    if (r->verdict.closed_by == WHY_CLOSED_BY_CLIENT && r->verdict.ending != WHY_END_TIMEOUT)
        return false;
    switch (r->verdict.ending) {
    case WHY_END_FIN:
    case WHY_END_RESET:
    case WHY_END_TIMEOUT:
    case WHY_END_DISCONNECT_ULTIMATUM:
    case WHY_END_X224_DISCONNECT:
        return true;
    case WHY_END_MCS_ERROR:
        return !r->verdict.has_code;
    default:
        return false;
    }
}

bool why_tls_worked(const struct why_result *r)
{
    return r->facts.tls_version != NULL;
}

/*
 * A TLS 1.3 server that rejects the client's part says so after the client believes the handshake
 * to be over: an alert there belongs to it still, as long as nothing came through TLS.
 */
static bool is_late_alert(const struct why_result *r)
{
    const struct why_facts *f = &r->facts;

    if (r->verdict.ending != WHY_END_TLS_ALERT || f->tls_version == NULL ||
        strcmp(f->tls_version, "TLSv1.3") != 0)
        return false;
    if (f->selected_protocol == WHY_PROTOCOL_SSL)
        return r->verdict.phase == WHY_PHASE_BASIC_SETTINGS;
    if (f->selected_protocol == WHY_PROTOCOL_HYBRID ||
        f->selected_protocol == WHY_PROTOCOL_HYBRID_EX)
        return r->verdict.phase == WHY_PHASE_CREDSSP && f->credssp_version == 0;
    return r->verdict.phase < WHY_PHASE_BASIC_SETTINGS;
}

bool why_tls_died(const struct why_result *r)
{
    return why_is_failure(r) && !is_ended_by_gateway(r) &&
           (r->verdict.phase == WHY_PHASE_TLS || is_late_alert(r));
}

bool why_is_unanswered_offer(const struct why_result *r)
{
    return why_is_failure(r) && r->verdict.phase == WHY_PHASE_NEGOTIATION &&
           !r->facts.has_confirm && !is_ended_by_gateway(r) &&
           (r->verdict.ending == WHY_END_FIN || r->verdict.ending == WHY_END_RESET ||
            r->verdict.ending == WHY_END_TIMEOUT);
}

bool why_is_same_step(const struct why_result *a, const struct why_result *b)
{
    return a->step.profile == b->step.profile && a->step.license_mode == b->step.license_mode;
}

bool why_ended_alike(const struct why_result *a, const struct why_result *b)
{
    return why_is_same_step(a, b) && a->verdict.outcome == b->verdict.outcome &&
           a->verdict.phase == b->verdict.phase && a->verdict.ending == b->verdict.ending;
}

bool why_is_passed_elsewhere(const struct host_results *h, const struct why_result *r)
{
    const struct why_result *other;

    for (size_t i = 0; (other = why_results_next(h, &i)) != NULL;) {
        if (other->verdict.phase > r->verdict.phase)
            return true;
    }
    return false;
}

bool why_is_entra_refused(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return why_profile_info(r->step.profile)->aad && v->phase == WHY_PHASE_NEGOTIATION &&
           (v->ending == WHY_END_DISCONNECT_ULTIMATUM || v->ending == WHY_END_X224_DISCONNECT);
}

bool why_is_refused_with(const struct why_result *r, int64_t code)
{
    return r->verdict.ending == WHY_END_NEGOTIATION_FAILURE && r->verdict.has_code &&
           r->verdict.code.value == code;
}

bool why_pins_version(const struct why_result *r)
{
    return why_profile_info(r->step.profile)->pins != 0;
}

/* What only an account that was sent can be refused for. */
static bool is_credentials_rule(enum why_rule rule)
{
    switch (rule) {
    case WHY_RULE_LOGON_FAILURE:
    case WHY_RULE_ACCOUNT_LOCKED:
    case WHY_RULE_KDC_LOGON_FAILURE:
    case WHY_RULE_ACCOUNT_REVOKED:
    case WHY_RULE_ACCOUNT_DISABLED:
    case WHY_RULE_ACCOUNT_EXPIRED:
    case WHY_RULE_PASSWORD_EXPIRED:
    case WHY_RULE_ACCOUNT_RESTRICTED:
    case WHY_RULE_REMOTE_LOGON_DENIED:
    case WHY_RULE_FRESH_CREDENTIALS:
        return true;
    default:
        return false;
    }
}

bool why_is_account_rule(enum why_rule rule)
{
    return is_credentials_rule(rule) || rule == WHY_RULE_SESSION_REPLACED ||
           rule == WHY_RULE_SESSION_ENDED || rule == WHY_RULE_HYPER_V_PERMISSION;
}

/* Nobody has a session yet that a tool could end: the server gives the connection up. */
static bool is_early_disconnect(const struct why_verdict *v)
{
    return v->code.space == WHY_SPACE_ERROR_INFO && v->code.value == RPC_INITIATED_DISCONNECT &&
           v->phase < WHY_PHASE_ACTIVE;
}

/* The KDC has accepted the password that NTLM is refused with. */
static bool is_ntlm_alone_refused(const struct why_result *r, enum why_rule rule)
{
    return rule == WHY_RULE_LOGON_FAILURE && r->verdict.phase == WHY_PHASE_CREDSSP &&
           r->facts.package == WHY_PACKAGE_NTLM && r->facts.account_sent &&
           (r->facts.kerberos.proven || r->proven_elsewhere);
}

bool why_is_rejected_wordlessly(const struct why_result *r)
{
    return why_ended_wordless(r, WHY_PHASE_CREDSSP) && r->verdict.ending != WHY_END_TIMEOUT &&
           r->verdict.closed_by == WHY_CLOSED_BY_SERVER && r->facts.account_sent &&
           r->facts.package == WHY_PACKAGE_NTLM && !r->facts.proven && why_is_freerdp(&r->facts);
}

/* [MS-TSGU] 2.2.6 */
#define HRESULT_ACCESS_DENIED 0x80070005
#define CAPABILITY_MISMATCH   0x800759E9

/* Of an attempt that an RD Gateway refused or ended with a code. */
static enum why_rule rule_of_gateway(const struct why_verdict *v)
{
    if (v->phase > WHY_PHASE_GATEWAY_CHANNEL)
        return WHY_RULE_GATEWAY_ENDED;
    if (v->code.space == WHY_SPACE_GATEWAY && v->code.value == HRESULT_ACCESS_DENIED)
        return v->phase == WHY_PHASE_GATEWAY_CHANNEL ? WHY_RULE_GATEWAY_RAP : WHY_RULE_GATEWAY_CAP;
    /* All that a handshake is about beside its version is who authenticates the client (2.2.10.10).
     */
    if (v->phase == WHY_PHASE_GATEWAY_HANDSHAKE && v->code.space == WHY_SPACE_GATEWAY &&
        v->code.value == CAPABILITY_MISMATCH)
        return WHY_RULE_GATEWAY_COOKIE;
    return why_rule_of_code(v->code.space, v->code.value);
}

/* What the server's code leads to here. One about an account is about none where none was sent. */
enum why_rule why_rule_of(const struct why_result *r)
{
    static const struct {
        enum why_code_space space;
        enum why_rule rule;
    } unsent[] = {
        {WHY_SPACE_SPNEGO, WHY_RULE_NTLM_BLOCKED},
        {WHY_SPACE_NTSTATUS, WHY_RULE_CREDSSP_ERROR},
        {WHY_SPACE_ERROR_INFO, WHY_RULE_ERROR_INFO},
    };
    const struct why_verdict *v = &r->verdict;
    enum why_rule rule;

    if (why_is_rejected_wordlessly(r))
        return is_ntlm_alone_refused(r, WHY_RULE_LOGON_FAILURE) ? WHY_RULE_KERBEROS_ONLY
                                                                : WHY_RULE_LOGON_FAILURE;
    if (v->ending == WHY_END_PROXY_REFUSED && v->has_code)
        return why_rule_of_proxy(r);
    if (v->ending == WHY_END_GATEWAY_REFUSED && v->has_code)
        return rule_of_gateway(v);
    if (v->outcome != WHY_OUTCOME_REFUSED)
        return WHY_RULE_COUNT;
    if (v->ending == WHY_END_CREDSSP_ERROR && r->facts.wants_kerberos)
        return WHY_RULE_NTLM_BLOCKED;
    if (v->ending == WHY_END_CREDSSP_ERROR && r->facts.kerberos.unanswered)
        return WHY_RULE_TICKET_NOT_ACCEPTED;
    if (!v->has_code)
        return WHY_RULE_COUNT;
    rule = why_rule_of_code(v->code.space, v->code.value);
    if (is_ntlm_alone_refused(r, rule))
        return WHY_RULE_KERBEROS_ONLY;
    if (v->code.space == WHY_SPACE_KERBEROS || v->phase == WHY_PHASE_KERBEROS)
        return rule;
    if (is_early_disconnect(v))
        return r->facts.has_preconnection ? WHY_RULE_HYPER_V_PERMISSION
                                          : WHY_RULE_DISCONNECTED_EARLY;
    if (r->facts.account_sent || !is_credentials_rule(rule))
        return rule;
    for (size_t i = 0; i < sizeof(unsent) / sizeof(unsent[0]); i++) {
        if (unsent[i].space == v->code.space)
            return unsent[i].rule;
    }
    return rule;
}

bool why_has_code_of(const struct why_result *r, enum why_rule rule)
{
    return why_rule_of(r) == rule;
}

static uint64_t alert_conditions(int64_t alert)
{
    switch (alert) {
    case WHY_TLS_ALERT_PROTOCOL_VERSION:
        return WHY_IF(ALERT) | WHY_IF(ALERT_VERSION);
    case WHY_TLS_ALERT_HANDSHAKE_FAILURE:
        return WHY_IF(ALERT) | WHY_IF(ALERT_HANDSHAKE) | WHY_IF(KEY_SUSPECT);
    case WHY_TLS_ALERT_UNRECOGNIZED_NAME:
        return WHY_IF(ALERT) | WHY_IF(ALERT_NAME);
    case WHY_TLS_ALERT_INTERNAL_ERROR:
        return WHY_IF(ALERT) | WHY_IF(KEY_SUSPECT);
    default:
        return WHY_IF(ALERT);
    }
}

/* A device in between closes, falls silent, alters; it does not speak MCS. */
static uint64_t device_conditions(const struct why_result *r)
{
    switch (r->verdict.ending) {
    case WHY_END_DISCONNECT_ULTIMATUM:
    case WHY_END_MCS_ERROR:
    case WHY_END_X224_DISCONNECT:
        return 0;
    default:
        return WHY_IF(MIDDLE_FITS);
    }
}

/* TLS had begun, and this side did not take what came: a signature by another key, for example. */
static bool is_tls_rejected(const struct why_result *r)
{
    const struct why_facts *f = &r->facts;

    return why_tls_died(r) && f->other_protocol == NULL &&
           (f->has_certificate ||
            (f->last_received != NULL && strncmp(f->last_received, "TLS ", 4) == 0));
}

static uint64_t kind_conditions(const struct why_result *r)
{
    switch (r->verdict.ending) {
    case WHY_END_FIN:
    case WHY_END_RESET:
        return why_tls_died(r) ? WHY_IF(CLOSED) | WHY_IF(KEY_SUSPECT) : WHY_IF(CLOSED);
    case WHY_END_DISCONNECT_ULTIMATUM:
    case WHY_END_MCS_ERROR:
    case WHY_END_X224_DISCONNECT:
        /* In the clear where the ServerHello was due: a server that cannot begin TLS at all. */
        return why_tls_died(r) ? WHY_IF(KEY_SUSPECT) : WHY_IF(CLOSED);
    case WHY_END_TIMEOUT:
        return WHY_IF(SILENT);
    case WHY_END_TLS_ALERT:
        return alert_conditions(r->verdict.code.value);
    case WHY_END_PROTOCOL_VIOLATION:
        return is_tls_rejected(r) ? WHY_IF(TLS_REJECTED) : 0;
    default:
        return 0;
    }
}

/* Whose words and limits it may be. */
static uint64_t client_conditions(const struct why_result *r)
{
    return r->trace != NULL && why_trace_head(r->trace)->library == NULL ? WHY_IF(OTHER_CLIENT) : 0;
}

uint64_t why_ending_conditions(const struct why_result *r)
{
    return kind_conditions(r) | device_conditions(r) | client_conditions(r);
}
