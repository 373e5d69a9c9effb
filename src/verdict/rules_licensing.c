/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "verdict/licensing.h"

/* Matchers: licensing. */

/* Licensing itself is what failed, in whatever words. */
static bool failed_licensing(const struct why_result *r)
{
    if (!why_is_failure(r))
        return false;
    if (r->verdict.ending == WHY_END_LICENSE_ERROR || r->verdict.phase == WHY_PHASE_LICENSING)
        return true;
    return r->verdict.ending == WHY_END_ERROR_INFO && r->verdict.code.value >= 0x100 &&
           r->verdict.code.value <= 0x1FF;
}

/* The same profile, tried with both modes: |failing| failed in licensing and |passing| passed. */
static const struct why_result *partner(const struct host_results *h,
                                        const struct why_result *failing,
                                        enum why_license_mode passing)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (r->step.profile == failing->step.profile && r->step.license_mode == passing &&
            why_license_passed(r))
            return r;
    }
    return NULL;
}

/* We spoiled it ourselves, so that it is to be refused. */
bool why_is_license_spoilt(const struct why_result *r)
{
    const struct why_license_mode_info *mode = why_license_mode_info(r->step.license_mode);

    return mode->corrupts || mode->foreign_name != NULL;
}

bool why_is_license_at_fault(const struct host_results *h, const struct why_result *r)
{
    if (!failed_licensing(r))
        return false;
    if (why_is_license_spoilt(r))
        return true;
    return r->step.license_mode == WHY_LICENSE_MODE_STORED &&
           partner(h, r, WHY_LICENSE_MODE_FRESH) != NULL;
}

bool why_match_license_admin_only(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        const struct why_result *admin;

        /* With a license of its own the client may be the trouble. */
        if (r->step.license_mode != WHY_LICENSE_MODE_FRESH || !failed_licensing(r))
            continue;
        admin = partner(h, r, WHY_LICENSE_MODE_ADMIN);
        if (admin == NULL)
            continue;
        b->conditions |= why_ending_conditions(r);
        why_finding_add_verdict(b, r);
        why_finding_add_verdict(b, admin);
    }
    if (b->finding->attempt_count == 0)
        return false;
    summarize(b, "Administrative sessions pass licensing, ordinary ones do not: the server cannot "
                 "issue licenses (grace period over, or no license server)");
    return true;
}

/* A corrupt or foreign license that is refused is as it should be and no finding. */
bool why_match_license_store_bad(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (r->step.license_mode != WHY_LICENSE_MODE_STORED || !why_is_license_at_fault(h, r))
            continue;
        why_finding_add_verdict(b, r);
        why_finding_add_verdict(b, partner(h, r, WHY_LICENSE_MODE_FRESH));
    }
    if (b->finding->attempt_count == 0)
        return false;
    summarize(b, "Licensing fails with the stored license and succeeds without it: the stored "
                 "license is the problem");
    return true;
}

uint64_t why_license_condition(const struct why_result *r)
{
    return why_license_mode_info(r->step.license_mode)->presents ? WHY_IF(STORED) : 0;
}

static bool closes_licensing(const struct why_result *r)
{
    return why_ended_wordless(r, WHY_PHASE_LICENSING);
}

bool why_match_licensing_closed(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!closes_licensing(r) || why_is_license_at_fault(h, r))
            continue;
        b->conditions |= why_ending_conditions(r) | why_license_condition(r);
        why_finding_add_verdict(b, r);
    }
    if (b->finding->attempt_count == 0)
        return false;
    summarize(b, (b->conditions & WHY_IF(CLOSED)) == 0
                     ? "The server stops responding during licensing"
                     : "The server ends the connection during licensing without a license error");
    return true;
}
