/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <inttypes.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/pdu.h>
#include <rdpwhy/trace.h>

/* Matchers: CredSSP, the account, and every rule that a code of the server decides alone. */

#define KERBEROS_TOLERANCE_S        300
#define KDC_ERR_S_PRINCIPAL_UNKNOWN 7 /* RFC 4120 7.5.9 */
#define CREDSSP_FIXED               5 /* the version with the answer to CVE-2018-0886 */

static bool is_skewed(const struct why_result *r)
{
    return r->facts.has_clock_skew && (r->facts.clock_skew_s > KERBEROS_TOLERANCE_S ||
                                       r->facts.clock_skew_s < -KERBEROS_TOLERANCE_S);
}

static void add_skew(struct finding_builder *b, const struct why_result *r)
{
    int64_t skew = r->facts.clock_skew_s;

    add_fact(b, "the server's clock is %" PRId64 " s %s this computer's (NTLM challenge)",
             skew < 0 ? -skew : skew, skew < 0 ? "behind" : "ahead of");
}

/* A member of a domain names another domain than itself in the challenge. */
static bool is_domain_member(const struct why_ntlm_challenge *ntlm)
{
    return ntlm->netbios_domain[0] != '\0' &&
           strcmp(ntlm->netbios_domain, ntlm->netbios_computer) != 0;
}

static void add_kdc_skew(struct finding_builder *b, const struct why_result *r)
{
    int64_t skew = r->facts.kerberos.clock_skew_s;

    if (!r->facts.kerberos.has_clock_skew)
        return;
    add_fact(b, "the KDC's clock is %" PRId64 " s %s this computer's", skew < 0 ? -skew : skew,
             skew < 0 ? "behind" : "ahead of");
    if (skew > KERBEROS_TOLERANCE_S || skew < -KERBEROS_TOLERANCE_S)
        b->conditions |= WHY_IF(SKEW);
}

/* What a server that does not allow the mode refuses it with is what it has for a restricted
 * account. */
static uint64_t delegation_condition(const struct why_result *r)
{
    switch (why_delegation_asked(r->facts.request_flags)) {
    case WHY_DELEGATE_NOTHING:
        return WHY_IF(RESTRICTED_ADMIN);
    case WHY_DELEGATE_REDIRECTED:
        return WHY_IF(REMOTE_GUARD);
    default:
        return 0;
    }
}

/* What besides the code helps to read it. */
static void add_circumstances(struct finding_builder *b, const struct why_result *r)
{
    if (b->rule == WHY_RULE_CLOCK_SKEW_REFUSED)
        add_kdc_skew(b, r);
    if (r->verdict.phase == WHY_PHASE_CREDSSP)
        b->conditions |= r->facts.authenticated ? WHY_IF(LOGON) : WHY_IF(NO_LOGON);
    if (r->facts.has_ntlm && is_domain_member(&r->facts.ntlm))
        b->conditions |= WHY_IF(DOMAIN);
    if (is_skewed(r)) {
        b->conditions |= WHY_IF(SKEW);
        add_skew(b, r);
    }
}

/* The rule's meaning and the code of |first|, the way people look both up. */
static void summarize_code(struct finding_builder *b, const struct why_result *first,
                           const char *meaning)
{
    const struct why_code *code = &first->verdict.code;
    const struct why_code_row *row = why_code_lookup(code->space, code->value);
    char text[32];

    if (!first->verdict.has_code) {
        summarize(b, "%s", meaning);
        return;
    }
    why_code_format(code->space, code->value, text, sizeof(text));
    if (b->rule == WHY_RULE_ERROR_INFO && row != NULL)
        summarize(b, "The server ended the connection with an error code: %s (%s %s)", row->meaning,
                  row->name, text);
    else
        summarize(b, "%s (%s %s)", meaning, code->name != NULL ? code->name : "code", text);
}

/* Rests on all results whose code leads to the rule; the first of them, or NULL. */
static const struct why_result *add_results_of_code(const struct host_results *h,
                                                    struct finding_builder *b)
{
    const struct why_result *r, *first = NULL;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!why_has_code_of(r, b->rule) || why_is_license_at_fault(h, r))
            continue;
        if (first == NULL)
            first = r;
        b->conditions |=
            why_ending_conditions(r) | why_license_condition(r) | delegation_condition(r);
        why_finding_add_verdict(b, r);
    }
    if (first != NULL)
        add_circumstances(b, first);
    return first;
}

bool why_match_code(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = add_results_of_code(h, b);

    if (first != NULL)
        summarize_code(b, first, why_rule_info(b->rule)->meaning);
    return first != NULL;
}

/* NTLM was refused, and nobody has asked a KDC: the password may be right all the same. Where there
 * is no domain there is no KDC, and servers that are not Windows do not block NTLM by account. */
static bool is_ntlm_alone(const struct host_results *h, const struct why_result *r)
{
    return r->verdict.phase == WHY_PHASE_CREDSSP && r->facts.package == WHY_PACKAGE_NTLM &&
           (h->kind == WHY_KIND_WINDOWS || h->kind == WHY_KIND_UNKNOWN) && r->facts.has_ntlm &&
           is_domain_member(&r->facts.ntlm);
}

bool why_match_logon_failure(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = add_results_of_code(h, b);

    if (first == NULL)
        return false;
    if (why_is_rejected_wordlessly(first)) {
        add_fact(b, "the server ended the connection right after it had the account's proof (NTLM "
                    "AUTHENTICATE), as servers built on FreeRDP do with a wrong password");
        summarize(b,
                  "NLA ended after the account was sent, without an error code: probably account "
                  "or password is wrong");
        return true;
    }
    if (!is_ntlm_alone(h, first)) {
        summarize_code(b, first, why_rule_info(b->rule)->meaning);
        return true;
    }
    add_fact(b, "NTLM was used; Kerberos was not%s%.150s",
             first->facts.kerberos.given_up != NULL ? ": " : "",
             first->facts.kerberos.given_up != NULL ? first->facts.kerberos.given_up : "");
    summarize_code(b, first,
                   "The server rejected the logon with NTLM: the account or the password is wrong, "
                   "or NTLM is blocked for the account");
    return true;
}

static bool works_with_kerberos(const struct why_result *r)
{
    return why_went_through(r) && r->facts.authenticated && !r->facts.rejected &&
           (r->facts.package == WHY_PACKAGE_KERBEROS ||
            r->facts.package == WHY_PACKAGE_KERBEROS_U2U);
}

/* What Kerberos showed on the same host decides what a refused NTLM means. */
bool why_match_kerberos_only(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = add_results_of_code(h, b);
    const struct why_result *works = why_results_first(h, works_with_kerberos);

    if (first == NULL)
        return false;
    if (works != NULL) {
        b->finding->severity = WHY_SEVERITY_WARNING;
        add_fact(b, "%s: Kerberos logged the same account on",
                 why_profile_name(works->step.profile));
        summarize_code(b, first, "NTLM is not accepted, Kerberos is: the password is right");
    } else {
        add_fact(b, "the KDC accepted the account and its password");
        summarize_code(b, first,
                       "The server rejected the logon with NTLM although the password is right");
    }
    return true;
}

static bool lacks_service(const struct why_result *r)
{
    return r->facts.kerberos.has_error && r->facts.kerberos.error == KDC_ERR_S_PRINCIPAL_UNKNOWN;
}

bool why_match_spn_unknown(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = why_finding_add_verdicts(h, b, lacks_service);

    if (first == NULL)
        return false;
    add_fact(b, "the KDC accepted the account and does not know TERMSRV/%.150s", h->target->host);
    if (first->facts.package == WHY_PACKAGE_NTLM)
        add_fact(b, "NTLM was offered instead, as clients do");
    summarize(b, "There is no Kerberos for this %s: the KDC does not know TERMSRV/%.150s",
              h->named ? "name" : "address", h->target->host);
    return true;
}

static bool lacks_kdc(const struct why_result *r)
{
    return r->verdict.ending == WHY_END_KDC_UNREACHABLE;
}

bool why_match_kdc_unreachable(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = why_finding_add_verdicts(h, b, lacks_kdc);

    if (first == NULL)
        return false;
    if (first->facts.kerberos.kdc != NULL && strstr(first->facts.kerberos.kdc, "https://") != NULL)
        b->conditions |= WHY_IF(KDC_PROXY);
    add_fact(b, "%.220s", first->verdict.reason);
    summarize(b, "No Kerberos KDC could be asked; this says nothing about the server");
    return true;
}

/* RC4 is what Windows and MIT Kerberos call arcfour-hmac and rc4-hmac. */
static bool is_rc4(const struct why_result *r)
{
    const char *ticket = r->facts.kerberos.ticket;

    return ticket != NULL &&
           (strstr(ticket, " arcfour-hmac") != NULL || strstr(ticket, " rc4-hmac") != NULL);
}

bool why_match_kerberos_rc4(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = why_finding_add_attempts(h, b, is_rc4);

    if (first == NULL)
        return false;
    add_fact(b, "the KDC's ticket for the server: %.200s", first->facts.kerberos.ticket);
    summarize(b,
              "The KDC encrypts tickets for this server with RC4; where RC4 is switched off there "
              "is no Kerberos for it");
    return true;
}

enum why_delegation why_lacks_delegation(const struct why_result *r)
{
    enum why_delegation asked = why_delegation_asked(r->facts.request_flags);

    return r->facts.has_confirm && (r->facts.selected_protocol & WHY_PROTOCOLS_CREDSSP) != 0 &&
                   (r->facts.negotiation_flags & why_delegation_info(asked)->offered) == 0
               ? asked
               : WHY_DELEGATE_PASSWORD;
}

/* Servers built on FreeRDP close an offer of Remote Credential Guard that they do not support. */
static bool is_closed_for_mode(const struct host_results *h, const struct why_result *r)
{
    const struct why_result *other;

    if (why_delegation_asked(r->facts.request_flags) != WHY_DELEGATE_REDIRECTED ||
        !why_ended_wordless(r, WHY_PHASE_NEGOTIATION))
        return false;
    for (size_t i = 0; (other = why_results_next(h, &i)) != NULL;) {
        if (other->facts.has_confirm &&
            (other->facts.selected_protocol & WHY_PROTOCOLS_CREDSSP) != 0 &&
            why_delegation_asked(other->facts.request_flags) != WHY_DELEGATE_REDIRECTED)
            return true;
    }
    return false;
}

static bool match_closed_for_mode(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;
    bool any = false;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (is_closed_for_mode(h, r)) {
            why_finding_add_verdict(b, r);
            any = true;
        }
    }
    if (!any)
        return false;
    add_fact(b, "other offers of NLA are answered");
    summarize(b,
              "The server closes an offer of Remote Credential Guard without an answer; probably "
              "it does not support it");
    return true;
}

static bool match_lacking(const struct host_results *h, struct finding_builder *b,
                          bool (*lacks)(const struct why_result *), enum why_delegation what)
{
    const struct why_delegation_info *info = why_delegation_info(what);

    if (why_finding_add_verdicts(h, b, lacks) == NULL)
        return false;
    add_fact(b, "the flags of its Connection Confirm lack %s", info->flag);
    summarize(b, "The server does not offer %s; clients that require it end the connection",
              info->name);
    return true;
}

static bool lacks_restricted_admin(const struct why_result *r)
{
    return why_lacks_delegation(r) == WHY_DELEGATE_NOTHING;
}

bool why_match_restricted_admin_unsupported(const struct host_results *h, struct finding_builder *b)
{
    return match_lacking(h, b, lacks_restricted_admin, WHY_DELEGATE_NOTHING);
}

static bool lacks_remote_guard(const struct why_result *r)
{
    return why_lacks_delegation(r) == WHY_DELEGATE_REDIRECTED;
}

bool why_match_remote_guard_unsupported(const struct host_results *h, struct finding_builder *b)
{
    return match_lacking(h, b, lacks_remote_guard, WHY_DELEGATE_REDIRECTED) ||
           match_closed_for_mode(h, b);
}

bool why_fails_proof(const struct why_result *r)
{
    if (why_has_code_of(r, WHY_RULE_PUBLIC_KEY_MISMATCH))
        return true;
    return r->verdict.outcome == WHY_OUTCOME_ABORTED && r->verdict.phase == WHY_PHASE_CREDSSP &&
           r->facts.account_sent && !why_verdict_is_range(&r->verdict) &&
           r->verdict.ending == WHY_END_PROTOCOL_VIOLATION && r->facts.last_received != NULL &&
           strcmp(r->facts.last_received, why_pdu_info(WHY_PDU_TSREQUEST_PUB_KEY_AUTH)->name) == 0;
}

static bool fails_proof_of_certificate(const struct why_result *r)
{
    return why_fails_proof(r) && r->facts.has_certificate;
}

bool why_match_public_key_mismatch(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_results_first(h, fails_proof_of_certificate);

    if (why_finding_add_verdicts(h, b, why_fails_proof) == NULL)
        return false;
    if (r != NULL)
        add_fact(b, "the certificate seen here: %.150s, SHA-256 %.16s...",
                 r->facts.certificate.subject, r->facts.certificate.sha256);
    summarize(b, "Client and server did not see the same certificate: something between them "
                 "terminates TLS");
    return true;
}

static bool closes_credssp(const struct why_result *r)
{
    return why_ended_wordless(r, WHY_PHASE_CREDSSP) && why_tls_worked(r) &&
           !why_is_rejected_wordlessly(r);
}

/* The server proves its key only to a client whose password was right ([MS-CSSP] 3.1.5). */
static uint64_t logon_stage(const struct why_result *r)
{
    if (!r->facts.authenticated)
        return WHY_IF(NO_LOGON);
    return r->facts.proven ? WHY_IF(PROVEN) : WHY_IF(LOGON);
}

bool why_match_credssp_closed(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;
    const char *end, *when;

    if (why_finding_add_verdicts(h, b, closes_credssp) == NULL)
        return false;
    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (closes_credssp(r))
            b->conditions |= logon_stage(r);
    }
    if ((b->conditions & WHY_IF(PROVEN)) != 0) {
        when = "after it accepted the password";
        add_fact(b, "the server sent its own proof (TSRequest pubKeyAuth), which it does only "
                    "after a right password");
    } else if ((b->conditions & WHY_IF(LOGON)) != 0) {
        when = "after the account was sent";
        add_fact(b, "the account (NTLM AUTHENTICATE) had been sent");
    } else {
        when = "before any account was named";
        add_fact(b, "no account had been named yet");
    }
    end = (b->conditions & WHY_IF(CLOSED)) == 0 ? "stops responding during NLA"
                                                : "ends NLA without an error code";
    summarize(b, "TLS works, but the server %s, %s", end, when);
    return true;
}

static bool is_old_credssp(const struct why_result *r)
{
    return r->facts.credssp_version != 0 && r->facts.credssp_version < CREDSSP_FIXED;
}

bool why_match_credssp_outdated(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = why_finding_add_attempts(h, b, is_old_credssp);

    if (first == NULL)
        return false;
    add_fact(b, "the server's TSRequest has version %u", (unsigned)first->facts.credssp_version);
    summarize(b,
              "The server's CredSSP is version %u; patched Windows clients refuse anything "
              "below %d",
              (unsigned)first->facts.credssp_version, CREDSSP_FIXED);
    return true;
}

bool why_match_clock_skew(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *first = why_finding_add_attempts(h, b, is_skewed);

    if (first == NULL)
        return false;
    add_skew(b, first);
    summarize(
        b,
        "The clocks of the server and this computer differ by %" PRId64 " s; Kerberos allows %d s",
        first->facts.clock_skew_s < 0 ? -first->facts.clock_skew_s : first->facts.clock_skew_s,
        KERBEROS_TOLERANCE_S);
    return true;
}

bool why_match_entra_not_accepted(const struct host_results *h, struct finding_builder *b)
{
    if (why_finding_add_verdicts(h, b, why_is_entra_refused) == NULL)
        return false;
    summarize(b,
              "The server does not accept logons with Entra ID (offer aad); this says nothing of "
              "other logons");
    return true;
}

static bool is_entra_withheld(const struct why_result *r)
{
    for (size_t i = 0; r->trace != NULL && i < why_trace_count(r->trace); i++) {
        const struct why_event *event = why_trace_at(r->trace, i);

        if (event->kind == WHY_EV_STOP && event->text != NULL &&
            strcmp(event->text, WHY_STOP_ENTRA) == 0)
            return true;
    }
    return false;
}

bool why_match_entra_account(const struct host_results *h, struct finding_builder *b)
{
    if (why_finding_add_attempts(h, b, is_entra_withheld) == NULL)
        return false;
    add_fact(b, "no password was sent: --force-logon sends it all the same");
    summarize(b, "The account is of Entra ID (AzureAD), so NLA with a password was not tried");
    return true;
}
