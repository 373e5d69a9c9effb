/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>

/* Matchers: what the server does with the offers, and TLS. */

/* A connection without TLS that came behind the negotiation: the server's RDP is alive. */
static bool plain_worked(const struct why_result *r)
{
    return r->facts.has_confirm && r->facts.selected_protocol == 0 && !why_tls_worked(r) &&
           (r->answer == WHY_ANSWER_THROUGH || r->verdict.phase > WHY_PHASE_BASIC_SETTINGS);
}

static bool demands_tls(const struct why_result *r)
{
    return why_is_refused_with(r, WHY_NEG_SSL_REQUIRED) ||
           why_is_refused_with(r, WHY_NEG_HYBRID_REQUIRED);
}

/* It died as with a key that cannot be used. */
static bool suspects_key(const struct why_result *r)
{
    return why_tls_died(r) && (why_ending_conditions(r) & WHY_IF(KEY_SUSPECT)) != 0;
}

static bool tls_lives(const struct why_result *r)
{
    return why_tls_worked(r) && !why_tls_died(r);
}

static bool wants_client_certificate(const struct why_result *r)
{
    if (why_has_code_of(r, WHY_RULE_CLIENT_CERTIFICATE_REQUIRED))
        return true;
    /* With TLS 1.2 a server that misses the client's certificate ends with handshake_failure, but
     * only after it has sent its own: had it found no cipher, there would be none. */
    return why_tls_died(r) && r->verdict.ending == WHY_END_TLS_ALERT &&
           r->verdict.code.value == WHY_TLS_ALERT_HANDSHAKE_FAILURE && r->facts.has_certificate;
}

/* Adds how TLS died, and what of the server's had come until then. */
static void add_dead_tls(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;

    (void)why_finding_add_verdicts(h, b, why_tls_died);
    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!why_tls_died(r))
            continue;
        if (r->facts.has_certificate ||
            (r->facts.last_received != NULL && strstr(r->facts.last_received, "X.224") == NULL &&
             r->verdict.ending != WHY_END_TLS_ALERT))
            b->conditions |= WHY_IF(SERVER_SPOKE);
    }
}

static size_t profiles_of(const struct host_results *h, bool (*wanted)(const struct why_result *r))
{
    const struct why_result *r;
    bool seen[WHY_PROFILE_COUNT] = {false};
    size_t n = 0;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (wanted(r) && !seen[r->step.profile]) {
            seen[r->step.profile] = true;
            n++;
        }
    }
    return n;
}

bool why_match_certificate_unusable(const struct host_results *h, struct finding_builder *b)
{
    if (!why_results_any(h, suspects_key) || why_results_any(h, tls_lives) ||
        !why_results_any(h, plain_worked) || why_results_any(h, wants_client_certificate))
        return false;
    add_dead_tls(h, b);
    add_fact(b, "Standard RDP Security works on the same port");
    summarize(b,
              "TLS fails in all %zu profiles that reach it, but Standard RDP Security works: the "
              "server's certificate or private key is probably unusable",
              profiles_of(h, why_tls_died));
    return true;
}

bool why_match_nla_certificate_broken(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;

    if (!why_results_any(h, suspects_key) || why_results_any(h, tls_lives) ||
        why_results_any(h, plain_worked) || !why_results_any(h, demands_tls) ||
        why_results_any(h, wants_client_certificate))
        return false;
    add_dead_tls(h, b);
    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (demands_tls(r))
            why_finding_add_verdict(b, r);
    }
    summarize(b, "The server requires TLS or NLA, and every TLS handshake fails: its certificate "
                 "or private key is probably unusable, and nobody can log on");
    return true;
}

bool why_match_client_certificate_required(const struct host_results *h, struct finding_builder *b)
{
    if (why_finding_add_verdicts(h, b, wants_client_certificate) == NULL)
        return false;
    summarize(b,
              "The server requires a TLS certificate from the client; RDP clients do not have one");
    return true;
}

/* The alert that ends every attempt which comes to TLS, or NULL: there are several, or none. */
static const char *only_alert(const struct host_results *h)
{
    const char *name = NULL;
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!why_tls_died(r))
            continue;
        if (r->verdict.ending != WHY_END_TLS_ALERT || r->verdict.code.name == NULL ||
            (name != NULL && strcmp(name, r->verdict.code.name) != 0))
            return NULL;
        name = r->verdict.code.name;
    }
    return name;
}

/* Bytes came where the server's TLS was expected, and they are none. */
static bool answers_in_clear(const struct why_result *r)
{
    return why_tls_died(r) && r->verdict.ending == WHY_END_PROTOCOL_VIOLATION &&
           (r->facts.last_received == NULL || strncmp(r->facts.last_received, "TLS ", 4) != 0);
}

static bool answers_in_tls(const struct why_result *r)
{
    return why_tls_died(r) && !answers_in_clear(r);
}

/* All of TLS is dead, and what is known besides does not point at the certificate. */
bool why_match_tls_fails(const struct host_results *h, struct finding_builder *b)
{
    bool plain = why_results_any(h, plain_worked);
    const char *alert = only_alert(h);

    if (!why_results_any(h, why_tls_died) || why_results_any(h, tls_lives) ||
        why_results_any(h, wants_client_certificate) ||
        why_results_any(h, why_is_unanswered_console))
        return false;
    if (why_results_any(h, suspects_key) && (plain || why_results_any(h, demands_tls)))
        return false; /* certificate-unusable, nla-certificate-broken */
    add_dead_tls(h, b);
    if (!why_results_any(h, answers_in_tls) && why_results_any(h, answers_in_clear)) {
        b->conditions |= WHY_IF(CLEAR_TEXT);
        b->conditions &= ~WHY_IF(MIDDLE_FITS);
        add_fact(b, "what came in answer to the ClientHello is no TLS record");
    }
    add_fact(b, plain ? "Standard RDP Security works on the same port"
                      : "this run does not show whether the server works without TLS");
    summarize(b, "The TLS handshake fails in every attempt that gets that far%s%s%s%s",
              (b->conditions & WHY_IF(ALERT_VERSION)) != 0
                  ? ": client and server have no TLS version in common"
              : (b->conditions & WHY_IF(SILENT)) != 0 ? ": the server stops responding"
                                                      : "",
              alert != NULL ? " (TLS alert " : "", alert != NULL ? alert : "",
              alert != NULL ? ")" : "");
    return true;
}

static bool is_later_alert(const struct why_result *r)
{
    return why_is_failure(r) && r->verdict.ending == WHY_END_TLS_ALERT && !why_tls_died(r) &&
           !why_has_code_of(r, WHY_RULE_CLIENT_CERTIFICATE_REQUIRED);
}

bool why_match_tls_alert_later(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, is_later_alert);

    if (r == NULL)
        return false;
    summarize(b, "TLS was up; then, in %s, the server ended the connection with the TLS alert %s",
              why_phase_name(r->verdict.phase),
              r->verdict.code.name != NULL ? r->verdict.code.name : "that is named below");
    return true;
}

/* ---- TLS versions ---------------------------------------------------------------------------- */

struct versions {
    bool tried[4], worked[4]; /* TLS 1.0 to 1.3 */
};

/* 0 for TLS 1.0, 1 for 1.1: what was agreed on; -1: something newer, or nothing. */
static int old_version(const struct why_result *r)
{
    if (!why_tls_worked(r))
        return -1;
    if (strcmp(r->facts.tls_version, "TLSv1") == 0)
        return 0;
    return strcmp(r->facts.tls_version, "TLSv1.1") == 0 ? 1 : -1;
}

/* Our own client; what that of a capture offered is not looked at. */
static bool offers_all_versions(const struct why_result *r)
{
    return !why_pins_version(r) && r->trace != NULL && why_trace_head(r->trace)->library != NULL;
}

static struct versions look_at_versions(const struct host_results *h, struct finding_builder *b)
{
    struct versions v = {{false}, {false}};
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (why_pins_version(r) && (why_tls_died(r) || why_tls_worked(r))) {
            size_t version = (size_t)(why_profile_info(r->step.profile)->pins - WHY_TLS_1_0);

            v.tried[version] = true;
            v.worked[version] = v.worked[version] || why_tls_worked(r);
        } else if (offers_all_versions(r) && old_version(r) >= 0) {
            /* the server chose this one */
            v.tried[old_version(r)] = v.tried[3] = true;
            v.worked[old_version(r)] = true;
        } else {
            continue;
        }
        if (b != NULL)
            why_finding_add_verdict(b, r);
    }
    return v;
}

static bool tells_old_from_new(const struct versions *v)
{
    return (v->tried[0] || v->tried[1]) && (v->tried[2] || v->tried[3]);
}

static bool has_new_tls(const struct why_result *r)
{
    return why_tls_worked(r) && old_version(r) < 0;
}

static bool has_only_old(const struct host_results *h, const struct versions *v)
{
    return tells_old_from_new(v) && !why_results_any(h, has_new_tls) &&
           (v->worked[0] || v->worked[1]);
}

bool why_is_old_tls_only(const struct host_results *h)
{
    struct versions v = look_at_versions(h, NULL);

    return has_only_old(h, &v);
}

bool why_match_tls_old_only(const struct host_results *h, struct finding_builder *b)
{
    struct versions v = look_at_versions(h, b);

    if (!has_only_old(h, &v))
        return false;
    summarize(b, "Only old TLS versions work (up to TLS %s); current clients need at least TLS 1.2",
              v.worked[1] ? "1.1" : "1.0");
    return true;
}

bool why_match_tls_new_only(const struct host_results *h, struct finding_builder *b)
{
    struct versions v = look_at_versions(h, b);

    if (!tells_old_from_new(&v) || v.worked[0] || v.worked[1] || !(v.worked[2] || v.worked[3]))
        return false;
    summarize(b, "TLS 1.0 and 1.1 are off; clients need TLS %s", v.worked[2] ? "1.2" : "1.3");
    return true;
}

/* ---- negotiation ----------------------------------------------------------------------------- */

static bool refuses_for_nla(const struct why_result *r)
{
    return why_is_refused_with(r, WHY_NEG_HYBRID_REQUIRED);
}

static bool offers_nla(const struct why_result *r)
{
    return why_profile_info(r->step.profile)->nla;
}

static bool passes_with_nla(const struct why_result *r)
{
    return offers_nla(r) && why_went_through(r);
}

static bool is_answered_with_nla(const struct why_result *r)
{
    return offers_nla(r) && (why_went_through(r) || r->facts.has_ntlm);
}

/*
 * CredSSP was gone into, and the server ended it. An offer of Restricted Admin or Remote Credential
 * Guard that ends in the negotiation may end for want of that mode alone, and where no ticket was
 * to be had the server has not been asked.
 */
static bool fails_with_nla(const struct why_result *r)
{
    bool wants_mode = why_delegation_asked(r->facts.request_flags) != WHY_DELEGATE_PASSWORD;

    return offers_nla(r) && why_is_failure(r) && r->verdict.phase != WHY_PHASE_KERBEROS &&
           why_lacks_delegation(r) == WHY_DELEGATE_PASSWORD &&
           (r->verdict.phase > WHY_PHASE_NEGOTIATION || !wants_mode);
}

bool why_match_nla_required(const struct host_results *h, struct finding_builder *b)
{
    bool works = why_results_any(h, is_answered_with_nla);

    if (why_finding_add_verdicts(h, b, refuses_for_nla) == NULL)
        return false;
    (void)why_finding_add_attempts(h, b, passes_with_nla);
    if (works)
        add_fact(b, "offers with NLA are answered with NLA");
    summarize(b, "The server requires NLA (CredSSP); by policy it refuses clients without it%s",
              works                                ? ""
              : why_results_any(h, fails_with_nla) ? "; NLA itself fails too, for another reason"
                                                   : "; NLA itself was not tried");
    return true;
}

/* Of offers without TLS: another one may be refused with that code for want of something else. */
static bool refuses_for_tls(const struct why_result *r)
{
    return why_is_refused_with(r, WHY_NEG_SSL_REQUIRED) &&
           why_profile_info(r->step.profile)->requested == 0;
}

bool why_match_tls_required(const struct host_results *h, struct finding_builder *b)
{
    if (why_finding_add_verdicts(h, b, refuses_for_tls) == NULL)
        return false;
    summarize(b, "The server requires TLS; by policy it refuses Standard RDP Security");
    return true;
}

/* RDP_NEG_FAILURE 2, or an answer that ignores the offer as servers before RDP 5.2 do. */
static bool refuses_tls(const struct why_result *r)
{
    const struct why_profile_info *info = why_profile_info(r->step.profile);

    if (info->says_nothing_of_tls)
        return false;
    if (why_is_refused_with(r, WHY_NEG_SSL_NOT_ALLOWED))
        return true;
    return info->requested != 0 && r->facts.has_confirm && r->facts.selected_protocol == 0;
}

static bool names_its_refusal(const struct why_result *r)
{
    return refuses_tls(r) && !(r->facts.has_confirm && !r->facts.has_negotiation_data);
}

bool why_match_standard_security_only(const struct host_results *h, struct finding_builder *b)
{
    if (why_results_any(h, why_tls_died) || why_results_any(h, tls_lives) ||
        why_finding_add_verdicts(h, b, refuses_tls) == NULL)
        return false;
    if (!why_results_any(h, names_its_refusal))
        add_fact(b, "its Connection Confirm has no negotiation data: it ignores all offers");
    summarize(b, "The server supports only Standard RDP Security, neither TLS nor NLA");
    return true;
}

static bool lacks_nla(const struct why_result *r)
{
    const struct why_profile_info *info = why_profile_info(r->step.profile);

    return info->nla && r->facts.has_confirm && r->facts.selected_protocol == 1;
}

bool why_match_nla_not_offered(const struct host_results *h, struct finding_builder *b)
{
    if (why_finding_add_verdicts(h, b, lacks_nla) == NULL)
        return false;
    summarize(b, "The server does not support NLA: it selects TLS and asks for the account later");
    return true;
}

/* CredSSP without TLS beside it, which the server answers as if it were not there. */
static bool passes_over_nla(const struct why_result *r)
{
    const struct why_profile_info *info = why_profile_info(r->step.profile);

    return info->nla && info->says_nothing_of_tls &&
           (why_is_refused_with(r, WHY_NEG_SSL_REQUIRED) ||
            (r->facts.has_confirm && r->facts.selected_protocol == 0));
}

bool why_match_nla_without_tls(const struct host_results *h, struct finding_builder *b)
{
    bool works = why_results_any(h, is_answered_with_nla);

    if (why_finding_add_verdicts(h, b, passes_over_nla) == NULL)
        return false;
    if (works)
        b->conditions |= WHY_IF(OTHERS_PASS);
    if (works)
        add_fact(b, "other offers with NLA are answered with NLA");
    summarize(b, "The server does not accept NLA from a client that offers it without TLS%s",
              works ? "; with TLS beside it NLA works" : "");
    return true;
}

static bool is_odd_failure(const struct why_result *r)
{
    return why_has_code_of(r, WHY_RULE_NEGOTIATION_FAILURE);
}

bool why_match_negotiation_failure(const struct host_results *h, struct finding_builder *b)
{
    if (why_finding_add_verdicts(h, b, is_odd_failure) == NULL)
        return false;
    if (why_results_any(h, why_went_through))
        b->finding->severity = WHY_SEVERITY_WARNING;
    summarize(b, "The server refuses the offered security with an unusual code (RDP_NEG_FAILURE)");
    return true;
}
