/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/licensing.h"

#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>

struct tried {
    struct why_result *const *results;
    size_t count;
};

bool why_license_passed(const struct why_result *r)
{
    if (r->verdict.outcome == WHY_OUTCOME_COMPLETED)
        return r->verdict.phase >= WHY_PHASE_LICENSING;
    return r->verdict.outcome != WHY_OUTCOME_SKIPPED && r->verdict.phase > WHY_PHASE_LICENSING;
}

/* Cut off by our own deadline or fault is no answer of the server's. */
static bool failed(const struct why_result *r)
{
    return r->verdict.phase == WHY_PHASE_LICENSING &&
           (r->verdict.outcome == WHY_OUTCOME_REFUSED || r->verdict.outcome == WHY_OUTCOME_ABORTED);
}

/* A result of |profile| and |mode| that |test| is true of. */
static bool any(const struct tried *t, enum why_profile profile, enum why_license_mode mode,
                bool (*test)(const struct why_result *))
{
    for (size_t i = 0; i < t->count; i++) {
        const struct why_result *r = t->results[i];

        if (r->step.profile == profile && r->step.license_mode == mode && test(r))
            return true;
    }
    return false;
}

static bool stored_fails(const struct tried *t, enum why_profile p)
{
    return any(t, p, WHY_LICENSE_MODE_FRESH, why_license_passed) &&
           any(t, p, WHY_LICENSE_MODE_STORED, failed);
}

static bool only_admin(const struct tried *t, enum why_profile p)
{
    for (int mode = 0; mode < WHY_LICENSE_MODE_COUNT; mode++) {
        if (!why_license_mode_info((enum why_license_mode)mode)->console &&
            any(t, p, (enum why_license_mode)mode, why_license_passed))
            return false;
    }
    /* With a license of its own the client may be the trouble. */
    return any(t, p, WHY_LICENSE_MODE_FRESH, failed) &&
           any(t, p, WHY_LICENSE_MODE_ADMIN, why_license_passed);
}

/* As it is: a server that issues another one in its place has not taken it. */
static bool was_taken(const struct why_result *r)
{
    return why_license_passed(r) && why_license_was_presented(r) &&
           r->facts.license_result == WHY_LICENSE_RESULT_VALID_CLIENT;
}

static bool corrupt_passes(const struct tried *t, enum why_profile p)
{
    return any(t, p, WHY_LICENSE_MODE_CORRUPT, was_taken);
}

static bool foreign_passes(const struct tried *t, enum why_profile p)
{
    return any(t, p, WHY_LICENSE_MODE_FOREIGN, was_taken);
}

static bool was_denied(const struct why_result *r)
{
    return failed(r) && r->verdict.ending == WHY_END_LICENSE_ERROR;
}

static bool not_issued(const struct tried *t, enum why_profile p)
{
    return any(t, p, WHY_LICENSE_MODE_FRESH, was_denied);
}

static bool any_presenting(const struct tried *t, enum why_profile p,
                           bool (*test)(const struct why_result *))
{
    for (int mode = 0; mode < WHY_LICENSE_MODE_COUNT; mode++) {
        if (why_license_mode_info((enum why_license_mode)mode)->presents &&
            any(t, p, (enum why_license_mode)mode, test))
            return true;
    }
    return false;
}

static bool was_upgraded(const struct why_result *r)
{
    return why_license_was_presented(r) && r->facts.license_result == WHY_LICENSE_RESULT_UPGRADED;
}

static bool upgraded(const struct tried *t, enum why_profile p)
{
    return any_presenting(t, p, was_upgraded);
}

static bool was_issued(const struct why_result *r)
{
    return r->facts.license_result == WHY_LICENSE_RESULT_ISSUED;
}

static bool issued(const struct tried *t, enum why_profile p)
{
    return any(t, p, WHY_LICENSE_MODE_FRESH, was_issued);
}

static bool was_replaced(const struct why_result *r)
{
    return why_license_was_presented(r) && was_issued(r);
}

static bool replaced(const struct tried *t, enum why_profile p)
{
    return any_presenting(t, p, was_replaced);
}

static bool was_let_in(const struct why_result *r)
{
    return !why_license_was_asked(r) &&
           (r->facts.license_result == WHY_LICENSE_RESULT_VALID_CLIENT ||
            r->facts.license_result == WHY_LICENSE_RESULT_NOT_ASKED);
}

/* Of the modes in which a server may ask at all. */
static bool not_asked_for(const struct tried *t, enum why_profile p)
{
    bool some = false;

    for (int mode = 0; mode < WHY_LICENSE_MODE_COUNT; mode++) {
        if (why_license_mode_info((enum why_license_mode)mode)->console)
            continue;
        if (any(t, p, (enum why_license_mode)mode, why_license_was_asked))
            return false;
        some = some || any(t, p, (enum why_license_mode)mode, was_let_in);
    }
    return some;
}

static const struct {
    const char *name, *meaning;
    bool (*holds)(const struct tried *t, enum why_profile profile);
} facts[WHY_LICENSE_FACT_COUNT] = {
    [WHY_LICENSE_FACT_STORED_FAILS] =
        {"stored-fails", "licensing succeeds without a license and fails with the stored one",
         stored_fails},
    [WHY_LICENSE_FACT_ONLY_ADMIN] = {"only-admin", "only administrative sessions pass licensing",
                                     only_admin},
    [WHY_LICENSE_FACT_CORRUPT_PASSES] =
        {"corrupt-passes", "a damaged license is accepted: the server does not check it",
         corrupt_passes},
    [WHY_LICENSE_FACT_FOREIGN_PASSES] =
        {"foreign-passes",
         "another computer's license is accepted: the server does not check whose it is",
         foreign_passes},
    [WHY_LICENSE_FACT_ISSUED] = {"issued", "a client without a license gets one", issued},
    [WHY_LICENSE_FACT_NOT_ISSUED] = {"not-issued", "a client without a license gets none",
                                     not_issued},
    [WHY_LICENSE_FACT_UPGRADED] = {"upgraded",
                                   "the server upgrades the license that a client presents",
                                   upgraded},
    [WHY_LICENSE_FACT_REPLACED] = {"replaced", "a client that presents a license gets a new one",
                                   replaced},
    [WHY_LICENSE_FACT_NOT_ASKED_FOR] = {"not-asked-for", "the server asks for no license",
                                        not_asked_for},
};

const char *why_license_fact_name(enum why_license_fact fact)
{
    return facts[fact].name;
}

const char *why_license_fact_meaning(enum why_license_fact fact)
{
    return facts[fact].meaning;
}

bool why_license_fact_holds(enum why_license_fact fact, struct why_result *const *results,
                            size_t count)
{
    const struct tried t = {results, count};

    for (int profile = 0; profile < WHY_PROFILE_COUNT; profile++) {
        if (facts[fact].holds(&t, (enum why_profile)profile))
            return true;
    }
    return false;
}

bool why_license_has_message(const struct why_result *result, enum why_pdu_type type)
{
    for (size_t i = 0; i < result->facts.license_message_count; i++) {
        if (result->facts.license_messages[i] == type)
            return true;
    }
    return false;
}

bool why_license_was_asked(const struct why_result *result)
{
    return result->facts.has_license_request ||
           why_license_has_message(result, WHY_PDU_LICENSE_REQUEST);
}

bool why_license_was_presented(const struct why_result *result)
{
    return why_license_has_message(result, WHY_PDU_LICENSE_INFO);
}

bool why_license_was_requested(const struct why_result *result)
{
    return why_license_was_issued(result) ||
           why_license_has_message(result, WHY_PDU_LICENSE_NEW_LICENSE_REQUEST);
}

bool why_license_was_issued(const struct why_result *result)
{
    return result->facts.license_result == WHY_LICENSE_RESULT_ISSUED ||
           result->facts.license_result == WHY_LICENSE_RESULT_UPGRADED;
}

bool why_license_is_open(const struct why_result *result)
{
    const struct why_verdict *v = &result->verdict;

    if (result->facts.license_result != WHY_LICENSE_RESULT_NONE)
        return false;
    /* No server issues a license before that answer ([MS-RDPELE] 3.2.5.3, 3.2.5.4). */
    if (why_license_has_message(result, WHY_PDU_LICENSE_PLATFORM_CHALLENGE_RESPONSE))
        return true;
    return result->facts.license_unread ||
           (why_verdict_is_range(v) && v->phase <= WHY_PHASE_LICENSING &&
            v->phase_to >= WHY_PHASE_LICENSING);
}

bool why_license_was_reached(const struct why_result *result)
{
    return result->facts.license_message_count > 0 ||
           result->facts.license_result != WHY_LICENSE_RESULT_NONE ||
           (result->verdict.outcome != WHY_OUTCOME_SKIPPED &&
            result->verdict.phase == WHY_PHASE_LICENSING);
}
