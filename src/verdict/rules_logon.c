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

static void tell_skew(struct draft *d, const struct why_result *r)
{
    int64_t skew = r->facts.clock_skew_s;

    because(d, "the server's clock is %" PRId64 " s %s this computer's (NTLM challenge)",
            skew < 0 ? -skew : skew, skew < 0 ? "behind" : "ahead of");
}

/* A member of a domain names another domain than itself in the challenge. */
static bool is_domain_member(const struct why_ntlm_challenge *ntlm)
{
    return ntlm->netbios_domain[0] != '\0' &&
           strcmp(ntlm->netbios_domain, ntlm->netbios_computer) != 0;
}

/* What besides the code helps to read it. */
static void tell_circumstances(struct draft *d, const struct why_result *r)
{
    if (r->verdict.phase == WHY_PHASE_CREDSSP)
        d->conditions |= r->facts.authenticated ? WHY_IF_LOGON : WHY_IF_NO_LOGON;
    if (r->facts.has_ntlm && is_domain_member(&r->facts.ntlm))
        d->conditions |= WHY_IF_DOMAIN;
    if (is_skewed(r)) {
        d->conditions |= WHY_IF_SKEW;
        tell_skew(d, r);
    }
}

bool match_code(const struct evidence *e, struct draft *d)
{
    const struct why_result *r, *first = NULL;
    char code[32];

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!has_code_of(r, d->rule) || is_license_at_fault(e, r))
            continue;
        if (first == NULL)
            first = r;
        d->conditions |= ending_conditions(r) | license_condition(r);
        rest_on_verdict(d, r);
    }
    if (first == NULL)
        return false;
    tell_circumstances(d, first);
    if (!first->verdict.has_code) {
        summarize(d, "%s", why_rule_info(d->rule)->meaning);
        return true;
    }
    why_code_format(first->verdict.code.space, first->verdict.code.value, code, sizeof(code));
    summarize(d, "%s (%s%s%s)", why_rule_info(d->rule)->meaning,
              first->verdict.code.name != NULL ? first->verdict.code.name : "code", " ", code);
    return true;
}

/* The library gave up on the server's proof, or a server says that the bindings do not match. */
static bool fails_proof(const struct why_result *r)
{
    if (has_code_of(r, WHY_RULE_PUBLIC_KEY_MISMATCH))
        return true;
    return r->verdict.outcome == WHY_OUTCOME_ABORTED && r->verdict.phase == WHY_PHASE_CREDSSP &&
           r->facts.account_sent && !why_verdict_is_range(&r->verdict) &&
           r->verdict.ending == WHY_END_PROTOCOL_VIOLATION && r->facts.last_received != NULL &&
           strcmp(r->facts.last_received, why_pdu_info(WHY_PDU_TSREQUEST_PUB_KEY_AUTH)->name) == 0;
}

bool match_public_key_mismatch(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    if (rest_on_all(e, d, fails_proof) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!fails_proof(r) || !r->facts.has_certificate)
            continue;
        because(d, "the certificate seen here: %.150s, SHA-256 %.16s...",
                r->facts.certificate.subject, r->facts.certificate.sha256);
        break;
    }
    summarize(d, "Client and server did not see the same certificate: something between them "
                 "terminates TLS");
    return true;
}

static bool closes_credssp(const struct why_result *r)
{
    return ended_wordless(r, WHY_PHASE_CREDSSP) && tls_worked(r);
}

/* The server proves its key only to a client whose password was right ([MS-CSSP] 3.1.5). */
static unsigned logon_stage(const struct why_result *r)
{
    if (!r->facts.authenticated)
        return WHY_IF_NO_LOGON;
    return r->facts.last_received != NULL &&
                   strcmp(r->facts.last_received,
                          why_pdu_info(WHY_PDU_TSREQUEST_PUB_KEY_AUTH)->name) == 0
               ? WHY_IF_PROVEN
               : WHY_IF_LOGON;
}

bool match_credssp_closed(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;
    const char *end, *when;

    if (rest_on_all(e, d, closes_credssp) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (closes_credssp(r))
            d->conditions |= logon_stage(r);
    }
    if ((d->conditions & WHY_IF_PROVEN) != 0) {
        when = "after it accepted the password";
        because(d, "the server sent its own proof (TSRequest pubKeyAuth), which it does only after "
                   "a right password");
    } else if ((d->conditions & WHY_IF_LOGON) != 0) {
        when = "after the account was sent";
        because(d, "the account (NTLM AUTHENTICATE) had been sent");
    } else {
        when = "before any account was named";
        because(d, "no account had been named yet");
    }
    end = (d->conditions & WHY_IF_CLOSED) == 0 ? "stops responding during NLA"
                                               : "ends NLA without an error code";
    summarize(d, "TLS works, but the server %s, %s", end, when);
    return true;
}

static bool is_old_credssp(const struct why_result *r)
{
    return r->facts.credssp_version != 0 && r->facts.credssp_version < CREDSSP_FIXED;
}

bool match_credssp_outdated(const struct evidence *e, struct draft *d)
{
    const struct why_result *r, *first = NULL;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!is_old_credssp(r))
            continue;
        if (first == NULL)
            first = r;
        rest_on(d, r);
    }
    if (first == NULL)
        return false;
    because(d, "the server's TSRequest has version %u", (unsigned)first->facts.credssp_version);
    summarize(d,
              "The server's CredSSP is version %u; patched Windows clients refuse anything "
              "below %d",
              (unsigned)first->facts.credssp_version, CREDSSP_FIXED);
    return true;
}

bool match_clock_skew(const struct evidence *e, struct draft *d)
{
    const struct why_result *r, *first = NULL;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!is_skewed(r))
            continue;
        if (first == NULL)
            first = r;
        rest_on(d, r);
    }
    if (first == NULL)
        return false;
    tell_skew(d, first);
    summarize(
        d, "The clocks of the server and this computer differ by %" PRId64 " s: Kerberos allows %d",
        first->facts.clock_skew_s < 0 ? -first->facts.clock_skew_s : first->facts.clock_skew_s,
        KERBEROS_TOLERANCE_S);
    return true;
}
