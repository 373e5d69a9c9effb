/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>

#include "facts/words.h"

#define PROTOCOLS_WITHOUT_NLA (WHY_PROTOCOL_RDP | WHY_PROTOCOL_SSL)

#define DESCRIBE(m, ...) snprintf((m)->said, sizeof((m)->said), __VA_ARGS__)

/* ---- what an attempt says ---------------------------------------------------------------------
 */

static void set_measurement(struct measurement *m, int64_t number, const char *text)
{
    m->number = number;
    m->text = text;
}

/* Let in, and with what. */
static bool is_selected(const struct why_result *r, uint32_t *protocol)
{
    *protocol = r->facts.selected_protocol;
    return r->facts.has_confirm &&
           why_offer_is_accepted(r->step.profile, r->verdict.outcome, r->verdict.phase);
}

static bool measure_nla(const struct why_result *r, struct measurement *m)
{
    uint32_t protocol;

    if (why_nla_is_required(r->verdict.ending, r->verdict.code.value)) {
        set_measurement(m, 1, "refused without Network Level Authentication");
        return true;
    }
    if (!is_selected(r, &protocol) || (protocol & ~PROTOCOLS_WITHOUT_NLA) != 0)
        return false;
    set_measurement(m, 0, "accepted without Network Level Authentication");
    return true;
}

/* Known from the answer to an offer of CredSSP, which both modes belong to. */
static bool measure_delegation(const struct why_result *r, struct measurement *m,
                               enum why_delegation delegation)
{
    bool offered = (r->facts.negotiation_flags & why_delegation_info(delegation)->offered) != 0;

    set_measurement(m, offered, offered ? "offered" : "not offered");
    return r->facts.has_confirm && r->facts.has_negotiation_data &&
           (r->facts.selected_protocol & WHY_PROTOCOLS_CREDSSP) != 0;
}

static bool measure_restricted_admin(const struct why_result *r, struct measurement *m)
{
    return measure_delegation(r, m, WHY_DELEGATE_NOTHING);
}

static bool measure_remote_guard(const struct why_result *r, struct measurement *m)
{
    return measure_delegation(r, m, WHY_DELEGATE_REDIRECTED);
}

static bool measure_no_rdp_security(const struct why_result *r, struct measurement *m)
{
    uint32_t protocol;

    if (why_profile_info(r->step.profile)->requested == 0 && r->answer == WHY_ANSWER_POLICY) {
        set_measurement(m, 1, "refused");
        return true;
    }
    if (!is_selected(r, &protocol) || protocol != 0)
        return false;
    set_measurement(m, 0, "accepted with Standard RDP Security");
    return true;
}

static bool measure_cert_days(const struct why_result *r, struct measurement *m)
{
    if (!why_certificate_days(r, &m->number))
        return false;
    DESCRIBE(m, "%" PRId64 " days left", m->number);
    return true;
}

static bool measure_gateway_cert_days(const struct why_result *r, struct measurement *m)
{
    const struct why_gateway_facts *gateway = &r->facts.gateway;
    uint64_t started_us = r->trace != NULL ? why_trace_head(r->trace)->started_us : 0;

    if (!gateway->has_certificate || started_us == 0)
        return false;
    m->number = why_whole_days(gateway->certificate.not_after - (int64_t)(started_us / 1000000));
    DESCRIBE(m, "%" PRId64 " days left", m->number);
    return true;
}

static bool measure_cert_valid(const struct why_result *r, struct measurement *m)
{
    const struct why_certificate *cert = &r->facts.certificate;

    set_measurement(m, !cert->expired && !cert->not_yet_valid,
                    cert->expired         ? "expired"
                    : cert->not_yet_valid ? "not yet valid"
                                          : "valid");
    return r->facts.has_certificate;
}

static bool measure_cert_name(const struct why_result *r, struct measurement *m)
{
    bool matches = r->facts.certificate.name_matches;

    set_measurement(m, matches, matches ? "for this name" : "for another name");
    return r->facts.has_certificate;
}

static bool measure_cert_issuer(const struct why_result *r, struct measurement *m)
{
    bool own = r->facts.certificate.self_signed;

    set_measurement(m, !own, own ? "self-signed" : "signed by another key");
    return r->facts.has_certificate;
}

static bool measure_trust(const struct why_result *r, struct measurement *m)
{
    const struct why_certificate *cert = &r->facts.certificate;

    set_measurement(m, cert->trust == WHY_TRUST_TRUSTED, why_trust_name(cert->trust));
    return r->facts.has_certificate && cert->has_trust;
}

/* Standard RDP Security's methods, weakest first: the wire's numbers are in no such order. */
static const char *const methods[] = {"none", "40bit", "56bit", "128bit", "fips", NULL};

static const char *method_word(int value)
{
    return methods[value];
}

static bool measure_encryption(const struct why_result *r, struct measurement *m)
{
    uint32_t protocol;
    const char *name = why_encryption_method_name(r->facts.encryption_method);

    if (!r->facts.has_server_security || !name || !is_selected(r, &protocol) || protocol != 0)
        return false;
    for (int i = 0; methods[i]; i++) {
        set_measurement(m, i, name);
        if (strcmp(methods[i], name) == 0)
            return true;
    }
    return false;
}

static const char *license_word(int value)
{
    if (value > WHY_LICENSE_RESULT_NOT_ASKED)
        return NULL;
    return why_license_result_name((enum why_license_result)value);
}

/* Offers that the server turns down by configuration count neither for nor against it. */
static bool counts(const struct why_result *r)
{
    return r->answer != WHY_ANSWER_SKIPPED && r->answer != WHY_ANSWER_FAILED &&
           r->answer != WHY_ANSWER_POLICY;
}

static const char *phase_word(int value)
{
    return value < WHY_PHASE_COUNT ? why_phase_name((enum why_phase)value) : NULL;
}

/* The last phase that was over: the one in which an attempt ended was not. */
static bool measure_phase(const struct why_result *r, struct measurement *m)
{
    static const char *const ended[] = {[WHY_OUTCOME_COMPLETED] = "completed",
                                        [WHY_OUTCOME_STOPPED] = "stopped",
                                        [WHY_OUTCOME_REFUSED] = "refused",
                                        [WHY_OUTCOME_ABORTED] = "aborted",
                                        [WHY_OUTCOME_UNREACHABLE] = "unreachable"};
    int phase = r->verdict.phase;

    if (!counts(r))
        return false;
    if (r->verdict.outcome != WHY_OUTCOME_COMPLETED && r->verdict.ending != WHY_END_REDIRECTED)
        phase--;
    m->number = phase;
    DESCRIBE(m, "%s in %s", ended[r->verdict.outcome], why_phase_name(r->verdict.phase));
    return true;
}

static bool measure_time(const struct why_result *r, struct measurement *m)
{
    m->number = (int64_t)r->verdict.duration_us;
    DESCRIBE(m, "%" PRId64 ".%03" PRId64 " s", m->number / 1000000, m->number % 1000000 / 1000);
    return counts(r);
}

static bool measure_skew(const struct why_result *r, struct measurement *m)
{
    int64_t skew = r->facts.clock_skew_s;

    if (!r->facts.has_clock_skew)
        return false;
    m->number = imaxabs(skew) > INT64_MAX / 1000000 ? INT64_MAX : imaxabs(skew) * 1000000;
    DESCRIBE(m, "%+" PRId64 " s", skew);
    return true;
}

static bool measure_name(const struct why_result *r, struct measurement *m)
{
    const struct why_ntlm_challenge *ntlm = &r->facts.ntlm;

    set_measurement(m, 0, *ntlm->dns_computer ? ntlm->dns_computer : ntlm->netbios_computer);
    return r->facts.has_ntlm && *m->text;
}

static bool measure_udp(const struct why_result *r, struct measurement *m)
{
    set_measurement(m, r->facts.udp == WHY_UDP_ANSWERED, why_udp_name(r->facts.udp));
    return r->facts.udp > WHY_UDP_TRIED;
}

static const char *state_word(int value)
{
    return value < WHY_HOST_STATE_COUNT ? why_host_state_name((enum why_host_state)value) : NULL;
}

/* ---- the table --------------------------------------------------------------------------------
 */

#define NO_CERTIFICATE "no attempt saw a certificate"
#define OFFER_TLS      "Offer TLS: --profile negotiate or tls."
#define NO_CHALLENGE   "no attempt saw the server's NTLM challenge"
#define OFFER_NLA      "Offer Network Level Authentication: --profile negotiate or nla."

/* clang-format off */
const struct requirement_row why_requirement_rows[] = {
    {{"state", "state<=STATE", "The host's state, in the order of `rdpwhy list states`"},
     "require-state", VALUE_WORDS, OPS_ORDER, state_word, NULL, NULL,
     .measure = NULL},
    {{"phase", "phase>=PHASE", "Every attempt that the server's configuration allows gets past this phase"},
     "require-phase", VALUE_WORDS, OPS_ORDER, phase_word,
     "the server allows none of the offers", NULL,
     .measure = measure_phase},
    {{"time", "time<=DURATION", "No attempt that the configuration allows takes longer"},
     "require-time", VALUE_DURATION, OPS_ORDER, NULL,
     "the server allows none of the offers", NULL,
     .measure = measure_time},
    {{"nla", "nla", "Clients without Network Level Authentication are refused"},
     "require-nla", VALUE_NONE, OP(WHY_OP_NONE), NULL,
     "no attempt shows whether it is required", "Offer less: --profile rdp or tls.",
     .measure = measure_nla},
    {{"restricted-admin", "restricted-admin", "The server offers Restricted Admin mode"},
     "require-restricted-admin", VALUE_NONE, OP(WHY_OP_NONE), NULL,
     "no attempt shows whether it is offered", "Offer NLA: --profile nla or restricted-admin.",
     .measure = measure_restricted_admin, .subject = "Restricted Admin mode is"},
    {{"remote-guard", "remote-guard", "The server offers Remote Credential Guard"},
     "require-remote-guard", VALUE_NONE, OP(WHY_OP_NONE), NULL,
     "no attempt shows whether it is offered", "Offer NLA: --profile nla or remote-guard.",
     .measure = measure_remote_guard, .subject = "Remote Credential Guard is"},
    {{"no-rdp-security", "no-rdp-security", "Standard RDP Security is refused"},
     "require-no-rdp-security", VALUE_NONE, OP(WHY_OP_NONE), NULL,
     "no attempt shows whether it is refused", "Offer it: --profile rdp.",
     .measure = measure_no_rdp_security},
    {{"udp", "udp", "The server answers RDP over UDP"},
     "require-udp", VALUE_NONE, OP(WHY_OP_NONE), NULL,
     "no attempt shows whether it is answered", "Ask for it: --udp.",
     .measure = measure_udp},
    {{"tls", "tls>=VERSION", "The TLS version of every attempt that got that far; the profiles tls1.0 and tls1.1 show the lowest"},
     "require-tls", VALUE_VERSION, OPS_ORDER, NULL,
     "no attempt completed a TLS handshake", OFFER_TLS, .fact = "tls.version",
     .rank = why_tls_version_number},
    {{"encryption", "encryption>=METHOD", "The encryption method of Standard RDP Security, if it is used"},
     "require-encryption", VALUE_WORDS, OPS_ORDER, method_word,
     "no attempt was accepted with Standard RDP Security", "Offer it: --profile rdp.",
     .measure = measure_encryption},
    {{"credssp", "credssp>=NUMBER", "The server's CredSSP version"},
     "require-credssp", VALUE_NUMBER, OPS_ORDER, NULL,
     "no attempt saw the server's CredSSP version", OFFER_NLA, .fact = "credssp.version",
     .prefix = "version "},
    {{"cert-valid", "cert-valid", "The certificate is neither expired nor not yet valid"},
     "require-cert-valid", VALUE_NONE, OP(WHY_OP_NONE), NULL, NO_CERTIFICATE,
     OFFER_TLS,
     .measure = measure_cert_valid, .subject = "the certificate is"},
    {{"cert-days", "cert-days>=DAYS", "Whole days until the certificate expires"},
     "require-cert-days", VALUE_NUMBER, OPS_ORDER, NULL, NO_CERTIFICATE,
     OFFER_TLS,
     .measure = measure_cert_days},
    {{"gateway-cert-days", "gateway-cert-days>=DAYS", "Whole days until the RD Gateway's certificate expires"},
     "require-gateway-cert-days", VALUE_NUMBER, OPS_ORDER, NULL,
     "no attempt saw an RD Gateway's certificate", "Go through one: --gateway HOST.",
     .measure = measure_gateway_cert_days},
    {{"cert-name", "cert-name", "The certificate is for the target's name"},
     "require-cert-name", VALUE_NONE, OP(WHY_OP_NONE), NULL, NO_CERTIFICATE,
     OFFER_TLS,
     .measure = measure_cert_name, .subject = "the certificate is"},
    {{"cert-issued", "cert-issued", "The certificate is not self-signed"},
     "require-cert-issued", VALUE_NONE, OP(WHY_OP_NONE), NULL, NO_CERTIFICATE,
     OFFER_TLS,
     .measure = measure_cert_issuer, .subject = "the certificate is"},
    {{"trusted", "trusted", "The certificate's chain leads to an authority that this computer or --ca trusts; revocation is not checked"},
     "require-trusted", VALUE_NONE, OP(WHY_OP_NONE), NULL,
     "no attempt saw a certificate, or this computer has no list of authorities",
     "Offer TLS: --profile negotiate or tls; name the authority: --ca FILE.",
     .measure = measure_trust},
    {{"cert-sha256", "cert-sha256=HEX", "The certificate's SHA-256 fingerprint"},
     "require-cert-sha256", VALUE_TEXT, OPS_EQUALITY, NULL, NO_CERTIFICATE, OFFER_TLS,
     .fact = "tls.certificate.sha256"},
    {{"key", "key>=BITS", "The strength of the certificate's key, in bits of an RSA key (EC P-256 "
      "counts as 3072)"},
     "require-key", VALUE_NUMBER, OPS_ORDER, NULL, NO_CERTIFICATE, OFFER_TLS,
     .fact = "tls.certificate.key", .rank = why_key_strength},
    {{"license", "license=RESULT", "The licensing result of every attempt that got that far"},
     "require-license", VALUE_WORDS, OPS_EQUALITY, license_word,
     "no attempt finished licensing", NULL, .fact = "license.result"},
    {{"skew", "skew<=DURATION", "How far the server's clock differs from this computer's, in either direction"},
     "require-skew", VALUE_DURATION, OPS_ORDER, NULL, NO_CHALLENGE, OFFER_NLA,
     .measure = measure_skew},
    {{"build", "build>=MAJOR.MINOR.BUILD", "The server's operating system version"},
     "require-build", VALUE_BUILD, OPS_ORDER, NULL, NO_CHALLENGE, OFFER_NLA,
     .fact = "ntlm.os_version"},
    {{"name", "name=NAME", "The server's own DNS name, or its NetBIOS name if it has none"},
     "require-name", VALUE_TEXT, OPS_EQUALITY, NULL, NO_CHALLENGE, OFFER_NLA,
     .measure = measure_name},
};
/* clang-format on */
const size_t why_requirement_row_count =
    sizeof(why_requirement_rows) / sizeof(why_requirement_rows[0]);

size_t why_requirement_info_count(void)
{
    return why_requirement_row_count;
}

const struct why_requirement_info *why_requirement_info(size_t index)
{
    return &why_requirement_rows[index].info;
}
