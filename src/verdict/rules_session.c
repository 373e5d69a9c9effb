/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include <rdpwhy/trace.h>

#include "progress/progress.h"
#include "verdict/licensing.h"

/* Matchers: behind the security. Settings, licensing, the session itself. */

/* ---- settings and session -------------------------------------------------------------------- */

static bool refuses_token(const struct why_result *r)
{
    return why_has_code_of(r, WHY_RULE_ROUTING_TOKEN) && r->facts.has_request && r->facts.has_token;
}

static bool misses_token(const struct why_result *r)
{
    return why_has_code_of(r, WHY_RULE_ROUTING_TOKEN) && r->facts.has_request &&
           !r->facts.has_token;
}

bool why_match_routing_token(const struct host_results *h, struct finding_builder *b)
{
    if (!why_match_code(h, b))
        return false;
    if (why_results_any(h, misses_token))
        add_fact(b, "the client sent no routing token");
    if (why_results_any(h, refuses_token))
        add_fact(b, "the client sent a routing token");
    return true;
}

/* The second try went on where the first one ended. */
static bool is_helped_by(const struct why_result *r, enum why_variation variation)
{
    const char *is = why_trace_head(r->trace)->variation;

    return r->first_try != NULL && is != NULL && strcmp(is, why_variation_name(variation)) == 0 &&
           r->verdict.phase > r->first_try->verdict.phase;
}

bool why_match_cookie_required(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        char line[256];

        if (!is_helped_by(r, WHY_VARIATION_WITH_COOKIE))
            continue;
        why_finding_add_attempt(b, r);
        why_verdict_line(&r->first_try->verdict, line, sizeof(line));
        add_fact(b, "%s without a cookie: %s", why_profile_name(r->step.profile), line);
        why_verdict_line(&r->verdict, line, sizeof(line));
        add_fact(b, "%s with the cookie: %s", why_profile_name(r->step.profile), line);
    }
    if (b->finding->attempt_count == 0)
        return false;
    summarize(b, "Without a routing cookie the connection is closed before any answer; with it, it "
                 "works");
    return true;
}

bool why_match_salted_mac(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        char line[256];

        if (!is_helped_by(r, WHY_VARIATION_NO_SALTED_MAC))
            continue;
        why_finding_add_attempt(b, r);
        why_verdict_line(&r->first_try->verdict, line, sizeof(line));
        add_fact(b, "%s with salted MACs: %s", why_profile_name(r->step.profile), line);
        why_verdict_line(&r->verdict, line, sizeof(line));
        add_fact(b, "%s without them: %s", why_profile_name(r->step.profile), line);
    }
    if (b->finding->attempt_count == 0)
        return false;
    summarize(b, "Standard RDP Security fails with salted checksums and works without the salt");
    return true;
}

static bool closes_basic_settings(const struct why_result *r)
{
    return why_ended_wordless(r, WHY_PHASE_BASIC_SETTINGS);
}

bool why_match_closed_in_basic_settings(const struct host_results *h, struct finding_builder *b)
{
    return why_finding_add_wordless(
        h, b, closes_basic_settings,
        "The server closes the connection on the first message after security is set up (basic "
        "settings)",
        "The server does not answer the first message after security is set up (basic settings)");
}

static bool closes_channel_join(const struct why_result *r)
{
    return why_ended_wordless(r, WHY_PHASE_CHANNEL_CONNECTION);
}

bool why_match_closed_in_channel_join(const struct host_results *h, struct finding_builder *b)
{
    return why_finding_add_wordless(
        h, b, closes_channel_join,
        "The server closes the connection while channels are being joined",
        "The server stops responding while channels are being joined");
}

static bool is_refused_in_mcs(const struct why_result *r)
{
    return why_has_code_of(r, WHY_RULE_MCS_REFUSED);
}

bool why_match_mcs_refused(const struct host_results *h, struct finding_builder *b)
{
    if (!why_match_code(h, b))
        return false;
    (void)why_finding_add_passing(h, b, is_refused_in_mcs);
    return true;
}

static bool closes_after_client_info(const struct why_result *r)
{
    return why_ended_wordless(r, WHY_PHASE_SECURITY_COMMENCEMENT) ||
           why_ended_wordless(r, WHY_PHASE_SECURE_SETTINGS) ||
           why_ended_wordless(r, WHY_PHASE_AUTO_DETECT);
}

bool why_match_closed_after_client_info(const struct host_results *h, struct finding_builder *b)
{
    return why_finding_add_wordless(
        h, b, closes_after_client_info,
        "The server closes the connection after the Client Info, before licensing",
        "The server stops responding after the Client Info, before licensing");
}

static bool closes_before_active(const struct why_result *r)
{
    return why_ended_wordless(r, WHY_PHASE_MULTITRANSPORT) ||
           why_ended_wordless(r, WHY_PHASE_CAPABILITIES) ||
           why_ended_wordless(r, WHY_PHASE_FINALIZATION) || why_ended_wordless(r, WHY_PHASE_ACTIVE);
}

bool why_match_closed_before_active(const struct host_results *h, struct finding_builder *b)
{
    return why_finding_add_wordless(h, b, closes_before_active,
                                    "Licensing succeeds, but the session does not start: the "
                                    "connection ends before it is active",
                                    "Licensing succeeds, but the session does not start: the "
                                    "server stops responding before it is active");
}

/* In TLS a violation is a matter of the TLS rules, in CredSSP one that fails the proof is of its
 * own. */
static bool violates(const struct why_result *r)
{
    if (!why_is_failure(r) || r->verdict.ending != WHY_END_PROTOCOL_VIOLATION || r->verdict.untaken)
        return false;
    return r->verdict.phase >= WHY_PHASE_CREDSSP ||
           (r->verdict.phase == WHY_PHASE_NEGOTIATION && r->facts.has_confirm);
}

bool why_match_protocol_violation(const struct host_results *h, struct finding_builder *b)
{
    /* The mismatch of public keys says it better. */
    const struct why_result *r =
        why_results_any(h, why_fails_proof) ? NULL : why_finding_add_verdicts(h, b, violates);

    if (r == NULL)
        return false;
    add_fact(b, "%s", r->verdict.reason);
    summarize(b, "The server sent something that RDP does not allow at that point%s%s",
              r->facts.other_protocol != NULL ? ": it looks like " : "",
              r->facts.other_protocol != NULL ? r->facts.other_protocol : "");
    return true;
}

static bool is_untaken(const struct why_result *r)
{
    return r->verdict.untaken;
}

bool why_match_not_taken(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, is_untaken);

    if (r == NULL)
        return false;
    add_fact(b, "%s", r->verdict.reason);
    summarize(b, "%s", why_rule_info(b->rule)->meaning);
    return true;
}

static bool lacks_finalization(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_COMPLETED && r->facts.has_font_map &&
           r->facts.finalized != WHY_FINAL_ALL;
}

bool why_match_finalization_incomplete(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, lacks_finalization);

    if (r == NULL)
        return false;
    add_fact(b, "%s: %s", why_profile_name(r->step.profile), r->verdict.reason);
    summarize(b, "The session starts, although the server skips a part of the finalization");
    return true;
}

/* RedirFlags, [MS-RDPBCGR] 2.2.13.1: besides the name and address that the facts hold */
#define LOAD_BALANCE_INFO 0x00000002u
#define TARGET_ADDRESSES  0x00000800u

static bool names_a_target(const struct why_result *r)
{
    return r->facts.redirection_target[0] != '\0' ||
           (r->facts.redirection_flags & TARGET_ADDRESSES) != 0;
}

/* A client that gets no target but a token dials the same address again, with it. */
static bool is_sent_back(const struct why_result *r)
{
    return r->verdict.ending == WHY_END_REDIRECTED && !names_a_target(r) &&
           (r->facts.redirection_flags & LOAD_BALANCE_INFO) != 0;
}

static bool is_redirected(const struct why_result *r)
{
    return r->verdict.ending == WHY_END_REDIRECTED && (names_a_target(r) || is_sent_back(r));
}

bool why_is_redirected_nowhere(const struct why_result *r)
{
    return r->verdict.ending == WHY_END_REDIRECTED && !is_redirected(r);
}

bool why_is_redirected_endlessly(const struct why_result *r)
{
    return r->verdict.ending == WHY_END_REDIRECTED && why_is_hop(r) &&
           why_trace_head(r->trace)->hop >= WHY_HOPS_MAX;
}

/* What |r| shows beside the certificate that the redirection to it names; 0: one of them is not
 * there. */
static int compare_certificates(const struct why_result *r)
{
    const char *named;

    if (!why_is_hop(r) || r->first_try == NULL || !r->facts.has_certificate)
        return 0;
    named = r->first_try->facts.redirection_certificate;
    return named[0] == '\0' ? 0 : strcmp(named, r->facts.certificate.sha256) == 0 ? 1 : -1;
}

/* Adds each redirection that was followed to come to |r|; the first of them, or NULL. */
static const struct why_result *add_hops(struct finding_builder *b, const struct why_result *r)
{
    const struct why_result *before;

    if (!why_is_hop(r) || r->first_try == NULL)
        return NULL;
    before = add_hops(b, r->first_try);
    add_fact(b, "redirection %u, by %.100s: to %.100s:%u%s", why_trace_head(r->trace)->hop,
             r->first_try->facts.address != NULL ? r->first_try->facts.address : "?",
             why_trace_head(r->trace)->host, (unsigned)why_trace_head(r->trace)->port,
             compare_certificates(r) > 0   ? ", which shows the certificate that it names"
             : compare_certificates(r) < 0 ? ", which shows another certificate than it names"
                                           : "");
    return before != NULL ? before : r->first_try;
}

/* The first attempt whose redirections were followed, told in |b|; NULL: none was. */
static const struct why_result *followed(const struct host_results *h, struct finding_builder *b,
                                         result_test *wanted)
{
    const struct why_result *r, *first = NULL;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!why_is_hop(r) || !wanted(r))
            continue;
        if (first == NULL)
            (void)add_hops(b, r);
        why_finding_add_verdict(b, r);
        first = first != NULL ? first : r;
    }
    return first;
}

static bool is_followed(const struct why_result *r)
{
    return why_is_hop(r);
}

bool why_match_redirected(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *last = followed(h, b, is_followed);
    const struct why_result *r;

    if (last != NULL) {
        b->conditions |= is_sent_back(last->first_try) ? WHY_IF(TOKEN) : 0;
        summarize(b, "The server redirects the client%s%.200s; rdpwhy followed",
                  is_sent_back(last->first_try) ? " to its own address, with a routing token"
                                                : " to ",
                  is_sent_back(last->first_try) ? "" : why_trace_head(last->trace)->host);
        return true;
    }
    r = why_finding_add_verdicts(h, b, is_redirected);
    if (r == NULL)
        return false;
    b->conditions |= WHY_IF(UNFOLLOWED);
    if (is_sent_back(r)) {
        b->conditions |= WHY_IF(TOKEN);
        summarize(b,
                  "The server redirects the client to its own address, with a routing token; the "
                  "session runs behind it");
        return true;
    }
    summarize(b, "The server redirects the client to %.200s; the session runs there",
              r->facts.redirection_target[0] != '\0' ? r->facts.redirection_target
                                                     : "one of several addresses");
    return true;
}

/* The last of the servers on the way to |r| that shows another certificate; NULL: none does. */
static const struct why_result *shows_another(const struct why_result *r)
{
    while (why_is_hop(r) && r->first_try != NULL) {
        if (compare_certificates(r) < 0)
            return r;
        r = r->first_try;
    }
    return NULL;
}

static bool met_another_certificate(const struct why_result *r)
{
    return shows_another(r) != NULL;
}

/* [MS-RDPBCGR] 2.2.13.1: by TargetCertificate the client is to know the server. */
bool why_match_redirect_certificate(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *last = why_finding_add_attempts(h, b, met_another_certificate);
    const struct why_result *r = last != NULL ? shows_another(last) : NULL;

    if (r == NULL)
        return false;
    add_fact(b, "the redirection names the certificate with the SHA-256 %s",
             r->first_try->facts.redirection_certificate);
    add_fact(b, "%.100s:%u shows %.150s, SHA-256 %s", why_trace_head(r->trace)->host,
             (unsigned)why_trace_head(r->trace)->port, r->facts.certificate.subject,
             r->facts.certificate.sha256);
    summarize(b,
              "%.150s, to which the client is redirected, shows another certificate than the "
              "redirection names",
              why_trace_head(r->trace)->host);
    return true;
}

static bool is_hop_out_of_reach(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_UNREACHABLE && !why_is_at_gateway(r);
}

bool why_match_redirect_unreachable(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = followed(h, b, is_hop_out_of_reach);
    const char *host = r != NULL ? why_trace_head(r->trace)->host : NULL;

    if (r == NULL)
        return false;
    b->conditions |= why_ending_conditions(r);
    summarize(b, "The server redirects the client to %.150s, which %s", host,
              r->verdict.phase == WHY_PHASE_RESOLVE ? "this computer cannot resolve"
                                                    : "this computer cannot reach");
    return true;
}

bool why_match_redirect_loop(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = followed(h, b, why_is_redirected_endlessly);

    if (r == NULL)
        return false;
    summarize(b,
              "The client is redirected again and again: after %d redirections %.150s redirects it "
              "once more",
              WHY_HOPS_MAX, why_trace_head(r->trace)->host);
    return true;
}

bool why_match_redirected_nowhere(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, why_is_redirected_nowhere);

    if (r == NULL)
        return false;
    add_fact(b, "its redirection has neither a target nor a routing token (RedirFlags 0x%X)",
             (unsigned)r->facts.redirection_flags);
    summarize(b, "The server redirects the client, but names no server to go to");
    return true;
}

/* ---- consoles of Hyper-V --------------------------------------------------------------------- */

static bool is_not_permitted(const struct why_result *r)
{
    return why_has_code_of(r, WHY_RULE_HYPER_V_PERMISSION);
}

bool why_match_hyper_v_permission(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, is_not_permitted);

    if (r == NULL)
        return false;
    add_fact(b, "the preconnection PDU named \"%.100s\"", r->facts.preconnection);
    summarize(b, "The account may not open this virtual machine's console: it is probably not in "
                 "the group Hyper-V Administrators");
    return true;
}
