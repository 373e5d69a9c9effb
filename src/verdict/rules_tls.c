/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>

/* Matchers: what the server does with the offers, and TLS. */

struct tls_view {
    size_t died, worked, rdp_worked, demanded; /* attempts */
    bool key_suspect;                          /* some died as with a key that cannot be used */
};

/* A connection without TLS that came behind the negotiation: the server's RDP is alive. */
static bool plain_worked(const struct why_result *r)
{
    return r->facts.has_confirm && r->facts.selected_protocol == 0 && !tls_worked(r) &&
           (r->answer == WHY_ANSWER_THROUGH || r->verdict.phase > WHY_PHASE_BASIC_SETTINGS);
}

static bool demands_tls(const struct why_result *r)
{
    return is_refused_with(r, WHY_NEG_SSL_REQUIRED) || is_refused_with(r, WHY_NEG_HYBRID_REQUIRED);
}

static struct tls_view look_at_tls(const struct evidence *e)
{
    struct tls_view v = {0};
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        v.died += tls_died(r);
        v.key_suspect =
            v.key_suspect || (tls_died(r) && (ending_conditions(r) & WHY_IF_KEY_SUSPECT) != 0);
        v.worked += tls_worked(r) && !tls_died(r);
        v.rdp_worked += plain_worked(r);
        v.demanded += demands_tls(r);
    }
    return v;
}

static bool wants_client_certificate(const struct why_result *r)
{
    if (has_code_of(r, WHY_RULE_CLIENT_CERTIFICATE_REQUIRED))
        return true;
    /* With TLS 1.2 a server that misses the client's certificate ends with handshake_failure, but
     * only after it has sent its own: had it found no cipher, there would be none. */
    return tls_died(r) && r->verdict.ending == WHY_END_TLS_ALERT &&
           r->verdict.code.value == WHY_TLS_ALERT_HANDSHAKE_FAILURE && r->facts.has_certificate;
}

/* Adds how TLS died, and what of the server's had come until then. */
static void rest_on_dead_tls(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    (void)rest_on_all(e, d, tls_died);
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!tls_died(r))
            continue;
        if (r->facts.has_certificate ||
            (r->facts.last_received != NULL && strstr(r->facts.last_received, "X.224") == NULL &&
             r->verdict.ending != WHY_END_TLS_ALERT))
            d->conditions |= WHY_IF_SERVER_SPOKE;
    }
}

static size_t profiles_of(const struct evidence *e, bool (*wanted)(const struct why_result *r))
{
    const struct why_result *r;
    bool seen[WHY_PROFILE_COUNT] = {false};
    size_t n = 0;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (wanted(r) && !seen[r->step.profile]) {
            seen[r->step.profile] = true;
            n++;
        }
    }
    return n;
}

static bool any_wants_certificate(const struct evidence *e)
{
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (wants_client_certificate(r))
            return true;
    }
    return false;
}

bool match_certificate_unusable(const struct evidence *e, struct draft *d)
{
    struct tls_view v = look_at_tls(e);

    if (!v.key_suspect || v.worked > 0 || v.rdp_worked == 0 || any_wants_certificate(e))
        return false;
    rest_on_dead_tls(e, d);
    because(d, "Standard RDP Security works on the same port");
    summarize(d,
              "TLS dies in all %zu profiles that reach it while Standard RDP Security works: "
              "the server's certificate or its private key is probably unusable",
              profiles_of(e, tls_died));
    return true;
}

bool match_nla_certificate_broken(const struct evidence *e, struct draft *d)
{
    struct tls_view v = look_at_tls(e);
    const struct why_result *r;

    if (!v.key_suspect || v.worked > 0 || v.rdp_worked > 0 || v.demanded == 0 ||
        any_wants_certificate(e))
        return false;
    rest_on_dead_tls(e, d);
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (demands_tls(r))
            rest_on_verdict(d, r);
    }
    summarize(d, "The server demands TLS or NLA, and every TLS handshake dies: its certificate or "
                 "private key is probably unusable, and nobody can log on");
    return true;
}

bool match_client_certificate_required(const struct evidence *e, struct draft *d)
{
    if (rest_on_all(e, d, wants_client_certificate) == 0)
        return false;
    summarize(d, "A TLS certificate of the client is demanded, which RDP clients do not have");
    return true;
}

/* All of TLS is dead, and what is known besides does not point at the certificate. */
bool match_tls_fails(const struct evidence *e, struct draft *d)
{
    struct tls_view v = look_at_tls(e);

    if (v.died == 0 || v.worked > 0 || any_wants_certificate(e))
        return false;
    if (v.key_suspect && (v.rdp_worked > 0 || v.demanded > 0))
        return false; /* certificate-unusable, nla-certificate-broken */
    rest_on_dead_tls(e, d);
    because(d, v.rdp_worked > 0 ? "Standard RDP Security works on the same port"
                                : "whether the server works without TLS was not shown");
    summarize(d, "The TLS handshake dies in every attempt that comes so far%s",
              (d->conditions & WHY_IF_ALERT_VERSION) != 0
                  ? ": client and server have no TLS version in common"
              : (d->conditions & WHY_IF_SILENT) != 0 ? ": the server falls silent in it"
                                                     : "");
    return true;
}

static bool is_later_alert(const struct why_result *r)
{
    return is_failure(r) && r->verdict.ending == WHY_END_TLS_ALERT && !tls_died(r) &&
           !has_code_of(r, WHY_RULE_CLIENT_CERTIFICATE_REQUIRED);
}

bool match_tls_alert_later(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    if (rest_on_all(e, d, is_later_alert) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!is_later_alert(r))
            continue;
        summarize(d, "TLS was up; in %s the server ended the connection with the TLS alert %s",
                  why_phase_name(r->verdict.phase),
                  r->verdict.code.name != NULL ? r->verdict.code.name : "that is named below");
        break;
    }
    return true;
}

/* ---- TLS versions ---------------------------------------------------------------------------- */

struct versions {
    bool tried[4], worked[4]; /* TLS 1.0 to 1.3 */
};

/* 0 for TLS 1.0, 1 for 1.1: what was agreed on; -1: something newer, or nothing. */
static int old_version(const struct why_result *r)
{
    if (!tls_worked(r))
        return -1;
    if (strcmp(r->facts.tls_version, "TLSv1") == 0)
        return 0;
    return strcmp(r->facts.tls_version, "TLSv1.1") == 0 ? 1 : -1;
}

/* Our own client; what that of a capture offered is not looked at. */
static bool offers_all_versions(const struct why_result *r)
{
    return !pins_version(r) && r->trace != NULL && why_trace_head(r->trace)->library != NULL;
}

static struct versions look_at_versions(const struct evidence *e, struct draft *d)
{
    struct versions v = {{false}, {false}};
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (pins_version(r) && (tls_died(r) || tls_worked(r))) {
            size_t version = (size_t)(why_profile_info(r->step.profile)->pins - WHY_TLS_1_0);

            v.tried[version] = true;
            v.worked[version] = v.worked[version] || tls_worked(r);
        } else if (offers_all_versions(r) && old_version(r) >= 0) {
            /* the server chose this one */
            v.tried[old_version(r)] = v.tried[3] = true;
            v.worked[old_version(r)] = true;
        } else {
            continue;
        }
        if (d != NULL)
            rest_on_verdict(d, r);
    }
    return v;
}

static bool tells_old_from_new(const struct versions *v)
{
    return (v->tried[0] || v->tried[1]) && (v->tried[2] || v->tried[3]);
}

static bool any_new_tls(const struct evidence *e)
{
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (tls_worked(r) && old_version(r) < 0)
            return true;
    }
    return false;
}

static bool has_only_old(const struct evidence *e, const struct versions *v)
{
    return tells_old_from_new(v) && !any_new_tls(e) && (v->worked[0] || v->worked[1]);
}

bool is_old_tls_only(const struct evidence *e)
{
    struct versions v = look_at_versions(e, NULL);

    return has_only_old(e, &v);
}

bool match_tls_old_only(const struct evidence *e, struct draft *d)
{
    struct versions v = look_at_versions(e, d);

    if (!has_only_old(e, &v))
        return false;
    summarize(d, "Only old TLS works (up to TLS %s); current clients start at TLS 1.2",
              v.worked[1] ? "1.1" : "1.0");
    return true;
}

bool match_tls_new_only(const struct evidence *e, struct draft *d)
{
    struct versions v = look_at_versions(e, d);

    if (!tells_old_from_new(&v) || v.worked[0] || v.worked[1] || !(v.worked[2] || v.worked[3]))
        return false;
    summarize(d, "TLS 1.0 and 1.1 are off; clients need TLS %s", v.worked[2] ? "1.2" : "1.3");
    return true;
}

/* ---- negotiation ----------------------------------------------------------------------------- */

static bool refuses_for_nla(const struct why_result *r)
{
    return is_refused_with(r, WHY_NEG_HYBRID_REQUIRED);
}

bool match_nla_required(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;
    bool tried = false, works = false;

    if (rest_on_all(e, d, refuses_for_nla) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!why_profile_info(r->step.profile)->nla)
            continue;
        tried = true;
        works = works || r->answer == WHY_ANSWER_THROUGH || r->facts.has_ntlm;
        if (r->answer == WHY_ANSWER_THROUGH)
            rest_on(d, r);
    }
    if (works)
        because(d, "offers with NLA are answered with NLA");
    summarize(d, "The server requires NLA (CredSSP): clients without it are refused by policy%s",
              works   ? ""
              : tried ? "; NLA does not work here either, for another reason"
                      : "; whether NLA works was not tried");
    return true;
}

/* Of offers without TLS: another one may be refused with that code for want of something else. */
static bool refuses_for_tls(const struct why_result *r)
{
    return is_refused_with(r, WHY_NEG_SSL_REQUIRED) &&
           why_profile_info(r->step.profile)->requested == 0;
}

bool match_tls_required(const struct evidence *e, struct draft *d)
{
    if (rest_on_all(e, d, refuses_for_tls) == 0)
        return false;
    summarize(d, "The server requires TLS: Standard RDP Security is refused by policy");
    return true;
}

/* RDP_NEG_FAILURE 2, or an answer that ignores the offer as servers before RDP 5.2 do. */
static bool refuses_tls(const struct why_result *r)
{
    const struct why_profile_info *info = why_profile_info(r->step.profile);

    if (info->says_nothing_of_tls)
        return false;
    if (is_refused_with(r, WHY_NEG_SSL_NOT_ALLOWED))
        return true;
    return info->requested != 0 && r->facts.has_confirm && r->facts.selected_protocol == 0;
}

bool match_standard_security_only(const struct evidence *e, struct draft *d)
{
    struct tls_view v = look_at_tls(e);
    bool old = true;
    const struct why_result *r;

    if (v.died > 0 || v.worked > 0 || rest_on_all(e, d, refuses_tls) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;)
        old = old && (!refuses_tls(r) || (r->facts.has_confirm && !r->facts.has_negotiation_data));
    if (old)
        because(d, "its Connection Confirm has no negotiation data: it ignores offers altogether");
    summarize(d, "The server does Standard RDP Security only: TLS and NLA cannot be had from it");
    return true;
}

static bool lacks_nla(const struct why_result *r)
{
    const struct why_profile_info *info = why_profile_info(r->step.profile);

    return info->nla && r->facts.has_confirm && r->facts.selected_protocol == 1;
}

bool match_nla_not_offered(const struct evidence *e, struct draft *d)
{
    if (rest_on_all(e, d, lacks_nla) == 0)
        return false;
    summarize(d, "The server does no NLA: it selects TLS, and would ask for the account later");
    return true;
}

static bool is_odd_failure(const struct why_result *r)
{
    return has_code_of(r, WHY_RULE_NEGOTIATION_FAILURE);
}

bool match_negotiation_failure(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    if (rest_on_all(e, d, is_odd_failure) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (r->answer == WHY_ANSWER_THROUGH)
            d->finding->severity = WHY_SEVERITY_WARNING;
    }
    summarize(d, "The server refuses the security offered, in an unusual way");
    return true;
}
