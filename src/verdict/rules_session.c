/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include <rdpwhy/trace.h>

#include "progress/progress.h"

/* Matchers: behind the security. Settings, licensing, the session itself. */

/* ---- licensing ------------------------------------------------------------------------------- */

/* The server's license messages had ended, whatever came then. */
static bool passed_licensing(const struct why_result *r)
{
    if (r->verdict.outcome == WHY_OUTCOME_COMPLETED)
        return r->verdict.phase >= WHY_PHASE_LICENSING;
    return r->verdict.phase > WHY_PHASE_LICENSING;
}

/* Licensing itself is what failed, in whatever words. */
static bool failed_licensing(const struct why_result *r)
{
    if (!is_failure(r))
        return false;
    if (r->verdict.ending == WHY_END_LICENSE_ERROR || r->verdict.phase == WHY_PHASE_LICENSING)
        return true;
    return r->verdict.ending == WHY_END_ERROR_INFO && r->verdict.code.value >= 0x100 &&
           r->verdict.code.value <= 0x1FF;
}

/* The same profile, tried with both modes: |failing| failed in licensing and |passing| passed. */
static const struct why_result *partner(const struct evidence *e, const struct why_result *failing,
                                        enum why_license_mode passing)
{
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (r->step.profile == failing->step.profile && r->step.license_mode == passing &&
            passed_licensing(r))
            return r;
    }
    return NULL;
}

/* We spoiled it ourselves, so that it is to be refused. */
bool is_license_spoilt(const struct why_result *r)
{
    const struct why_license_mode_info *mode = why_license_mode_info(r->step.license_mode);

    return mode->corrupts || mode->foreign_name != NULL;
}

bool is_license_at_fault(const struct evidence *e, const struct why_result *r)
{
    if (!failed_licensing(r))
        return false;
    if (is_license_spoilt(r))
        return true;
    return r->step.license_mode == WHY_LICENSE_MODE_STORED &&
           partner(e, r, WHY_LICENSE_MODE_FRESH) != NULL;
}

bool match_license_admin_only(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        const struct why_result *admin;

        /* With a license of its own the client may be the trouble. */
        if (r->step.license_mode != WHY_LICENSE_MODE_FRESH || !failed_licensing(r))
            continue;
        admin = partner(e, r, WHY_LICENSE_MODE_ADMIN);
        if (admin == NULL)
            continue;
        d->conditions |= ending_conditions(r);
        rest_on_verdict(d, r);
        rest_on_verdict(d, admin);
    }
    if (d->finding->attempt_count == 0)
        return false;
    summarize(d, "Administrative sessions pass licensing and ordinary ones do not: the server "
                 "cannot issue licenses (grace period over, or no license server)");
    return true;
}

/* A corrupt or foreign license that is refused is as it should be and no finding. */
bool match_license_store_bad(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (r->step.license_mode != WHY_LICENSE_MODE_STORED || !is_license_at_fault(e, r))
            continue;
        rest_on_verdict(d, r);
        rest_on_verdict(d, partner(e, r, WHY_LICENSE_MODE_FRESH));
    }
    if (d->finding->attempt_count == 0)
        return false;
    summarize(d, "With the stored license licensing fails, without it it passes: the stored "
                 "license is the trouble");
    return true;
}

unsigned license_condition(const struct why_result *r)
{
    return why_license_mode_info(r->step.license_mode)->presents ? WHY_IF_STORED : 0;
}

static bool closes_licensing(const struct why_result *r)
{
    return ended_wordless(r, WHY_PHASE_LICENSING);
}

bool match_licensing_closed(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!closes_licensing(r) || is_license_at_fault(e, r))
            continue;
        d->conditions |= ending_conditions(r) | license_condition(r);
        rest_on_verdict(d, r);
    }
    if (d->finding->attempt_count == 0)
        return false;
    summarize(d, (d->conditions & WHY_IF_CLOSED) == 0
                     ? "The server falls silent in licensing"
                     : "The connection ends in licensing without a license error");
    return true;
}

/* ---- settings and session -------------------------------------------------------------------- */

bool match_salted_mac(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        const struct why_trace_head *head = why_trace_head(r->trace);
        char line[256];

        if (r->first_try == NULL || head->variation == NULL ||
            strcmp(head->variation, why_variation_name(WHY_VARIATION_NO_SALTED_MAC)) != 0 ||
            r->verdict.phase <= r->first_try->verdict.phase)
            continue;
        rest_on(d, r);
        why_verdict_line(&r->first_try->verdict, line, sizeof(line));
        because(d, "%s with salted MACs: %s", why_profile_name(r->step.profile), line);
        why_verdict_line(&r->verdict, line, sizeof(line));
        because(d, "%s without them: %s", why_profile_name(r->step.profile), line);
    }
    if (d->finding->attempt_count == 0)
        return false;
    summarize(d, "Standard RDP Security fails with salted checksums and works without them");
    return true;
}

static bool closes_basic_settings(const struct why_result *r)
{
    return ended_wordless(r, WHY_PHASE_BASIC_SETTINGS);
}

bool match_closed_in_basic_settings(const struct evidence *e, struct draft *d)
{
    return rest_on_wordless(
        e, d, closes_basic_settings,
        "The server ends the connection on the first message behind the security (basic settings)",
        "The server does not answer the first message behind the security (basic settings)");
}

static bool closes_channel_join(const struct why_result *r)
{
    return ended_wordless(r, WHY_PHASE_CHANNEL_CONNECTION);
}

bool match_closed_in_channel_join(const struct evidence *e, struct draft *d)
{
    return rest_on_wordless(e, d, closes_channel_join,
                            "The server ends the connection while channels are joined",
                            "The server falls silent while channels are joined");
}

static bool is_refused_in_mcs(const struct why_result *r)
{
    return has_code_of(r, WHY_RULE_MCS_REFUSED);
}

bool match_mcs_refused(const struct evidence *e, struct draft *d)
{
    if (!match_code(e, d))
        return false;
    (void)tell_passing(e, d, is_refused_in_mcs);
    return true;
}

static bool closes_after_client_info(const struct why_result *r)
{
    return ended_wordless(r, WHY_PHASE_SECURITY_COMMENCEMENT) ||
           ended_wordless(r, WHY_PHASE_SECURE_SETTINGS) || ended_wordless(r, WHY_PHASE_AUTO_DETECT);
}

bool match_closed_after_client_info(const struct evidence *e, struct draft *d)
{
    return rest_on_wordless(
        e, d, closes_after_client_info,
        "The server ends the connection once it has the Client Info, before licensing",
        "The server falls silent once it has the Client Info, before licensing");
}

static bool closes_before_active(const struct why_result *r)
{
    return ended_wordless(r, WHY_PHASE_MULTITRANSPORT) ||
           ended_wordless(r, WHY_PHASE_CAPABILITIES) || ended_wordless(r, WHY_PHASE_FINALIZATION) ||
           ended_wordless(r, WHY_PHASE_ACTIVE);
}

bool match_closed_before_active(const struct evidence *e, struct draft *d)
{
    return rest_on_wordless(
        e, d, closes_before_active,
        "Licensing is over, but the session does not come up: the connection ends before it is "
        "active",
        "Licensing is over, but the session does not come up: the server falls silent before it is "
        "active");
}

/* In TLS a violation is a matter of the TLS rules, in CredSSP one that fails the proof is of its
 * own. */
static bool violates(const struct why_result *r)
{
    if (!is_failure(r) || r->verdict.ending != WHY_END_PROTOCOL_VIOLATION || r->verdict.untaken)
        return false;
    return r->verdict.phase >= WHY_PHASE_CREDSSP ||
           (r->verdict.phase == WHY_PHASE_NEGOTIATION && r->facts.has_confirm);
}

bool match_protocol_violation(const struct evidence *e, struct draft *d)
{
    struct draft proof = {.finding = &(struct why_finding){0}};
    const struct why_result *r;

    /* The mismatch of public keys says it better. */
    if (match_public_key_mismatch(e, &proof) || rest_on_all(e, d, violates) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!violates(r))
            continue;
        because(d, "%s", r->verdict.reason);
        summarize(d, "The server sent what RDP does not allow there%s%s",
                  r->facts.foreign != NULL ? ": it looks like " : "",
                  r->facts.foreign != NULL ? r->facts.foreign : "");
        break;
    }
    return true;
}

static bool is_untaken(const struct why_result *r)
{
    return r->verdict.untaken;
}

bool match_not_taken(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    if (rest_on_all(e, d, is_untaken) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!is_untaken(r))
            continue;
        because(d, "%s", r->verdict.reason);
        summarize(d, "%s", why_rule_info(d->rule)->meaning);
        break;
    }
    return true;
}

static bool lacks_finalization(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_COMPLETED && r->facts.has_font_map &&
           r->facts.finalized != WHY_FINAL_ALL;
}

bool match_finalization_incomplete(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    if (rest_on_all(e, d, lacks_finalization) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!lacks_finalization(r))
            continue;
        because(d, "%s: %s", why_profile_name(r->step.profile), r->verdict.reason);
        break;
    }
    summarize(d, "The session begins, though the server leaves out a part of the finalization");
    return true;
}

static bool is_redirected(const struct why_result *r)
{
    return r->verdict.ending == WHY_END_REDIRECTED;
}

bool match_redirected(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    if (rest_on_all(e, d, is_redirected) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!is_redirected(r))
            continue;
        summarize(d, "The server sends the client on to %.200s; the session is made there",
                  r->facts.redirection_target[0] != '\0' ? r->facts.redirection_target
                                                         : "another server it does not name");
        break;
    }
    return true;
}
