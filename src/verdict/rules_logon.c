/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <inttypes.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/pdu.h>
#include <rdpwhy/trace.h>

/* Matchers: CredSSP, the account, and every rule that a code of the server decides alone. */

#define KERBEROS_TOLERANCE_S 300
#define CREDSSP_FIXED        5 /* the version with the answer to CVE-2018-0886 */

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

/* What besides the code helps to read it. */
static void add_circumstances(struct finding_builder *b, const struct why_result *r)
{
    if (r->verdict.phase == WHY_PHASE_CREDSSP)
        b->conditions |= r->facts.authenticated ? WHY_IF_LOGON : WHY_IF_NO_LOGON;
    if (r->facts.has_ntlm && is_domain_member(&r->facts.ntlm))
        b->conditions |= WHY_IF_DOMAIN;
    if (is_skewed(r)) {
        b->conditions |= WHY_IF_SKEW;
        add_skew(b, r);
    }
}

bool why_match_code(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r, *first = NULL;
    const struct why_code_row *row;
    char code[32];

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!why_has_code_of(r, b->rule) || why_is_license_at_fault(h, r))
            continue;
        if (first == NULL)
            first = r;
        b->conditions |= why_ending_conditions(r) | why_license_condition(r);
        why_finding_add_verdict(b, r);
    }
    if (first == NULL)
        return false;
    add_circumstances(b, first);
    if (why_is_rejected_wordlessly(first)) {
        add_fact(b, "the server ended the connection right after it had the account's proof (NTLM "
                    "AUTHENTICATE), as servers built on FreeRDP do with a wrong password");
        summarize(b,
                  "NLA ended after the account was sent, without an error code: probably account "
                  "or password is wrong");
        return true;
    }
    if (!first->verdict.has_code) {
        summarize(b, "%s", why_rule_info(b->rule)->meaning);
        return true;
    }
    why_code_format(first->verdict.code.space, first->verdict.code.value, code, sizeof(code));
    row = why_code_lookup(first->verdict.code.space, first->verdict.code.value);
    if (b->rule == WHY_RULE_ERROR_INFO && row != NULL) {
        summarize(b, "The server ended the connection with an error code: %s (%s %s)", row->meaning,
                  row->name, code);
        return true;
    }
    summarize(b, "%s (%s%s%s)", why_rule_info(b->rule)->meaning,
              first->verdict.code.name != NULL ? first->verdict.code.name : "code", " ", code);
    return true;
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
static unsigned logon_stage(const struct why_result *r)
{
    if (!r->facts.authenticated)
        return WHY_IF_NO_LOGON;
    return r->facts.proven ? WHY_IF_PROVEN : WHY_IF_LOGON;
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
    if ((b->conditions & WHY_IF_PROVEN) != 0) {
        when = "after it accepted the password";
        add_fact(b, "the server sent its own proof (TSRequest pubKeyAuth), which it does only "
                    "after a right password");
    } else if ((b->conditions & WHY_IF_LOGON) != 0) {
        when = "after the account was sent";
        add_fact(b, "the account (NTLM AUTHENTICATE) had been sent");
    } else {
        when = "before any account was named";
        add_fact(b, "no account had been named yet");
    }
    end = (b->conditions & WHY_IF_CLOSED) == 0 ? "stops responding during NLA"
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
