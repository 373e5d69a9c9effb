/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/diagnosis.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

const char *why_severity_name(enum why_severity severity)
{
    switch (severity) {
    case WHY_SEVERITY_INFO:
        return "info";
    case WHY_SEVERITY_WARNING:
        return "warning";
    default:
        return "error";
    }
}

static bool was_tried(const struct why_result *r)
{
    return r->verdict.outcome != WHY_OUTCOME_SKIPPED;
}

/* The server let this attempt as far as it was meant to go: to the end, or to the point where only
 * credentials were missing. */
static bool went_through(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    if (v->outcome == WHY_OUTCOME_COMPLETED)
        return true;
    return v->outcome == WHY_OUTCOME_STOPPED && v->phase >= WHY_PHASE_CREDSSP;
}

struct tally {
    size_t tried, unreachable, through, failed;
    size_t negotiate, negotiate_through;
};

static void count_result(struct tally *t, const struct why_result *r)
{
    if (!was_tried(r))
        return;
    t->tried++;
    if (r->verdict.outcome == WHY_OUTCOME_UNREACHABLE)
        t->unreachable++;
    if (r->verdict.outcome == WHY_OUTCOME_FAILED)
        t->failed++;
    if (went_through(r))
        t->through++;
    if (r->step.profile == WHY_PROFILE_NEGOTIATE) {
        t->negotiate++;
        if (went_through(r))
            t->negotiate_through++;
    }
}

/*
 * What mstsc offers decides where it was tried: a server that refuses weaker profiles by policy is
 * healthy, one that only lets those in is not.
 */
static enum why_host_state host_state(const struct tally *t)
{
    if (t->tried > 0 && t->unreachable == t->tried)
        return WHY_HOST_UNREACHABLE;
    if (t->through == 0)
        return WHY_HOST_BROKEN;
    if (t->unreachable > 0 || (t->negotiate > 0 && t->negotiate_through < t->negotiate))
        return WHY_HOST_DEGRADED;
    return WHY_HOST_HEALTHY;
}

static void add_footprint(struct why_footprint *f, const struct why_result *r)
{
    f->connections += r->facts.connections;
    if (r->facts.authenticated)
        f->authentications++;
    if (r->facts.license_result == WHY_LICENSE_RESULT_ISSUED ||
        r->facts.license_result == WHY_LICENSE_RESULT_UPGRADED)
        f->licenses_requested++;
    if (r->first_try != NULL)
        add_footprint(f, r->first_try);
}

int why_diagnose(const struct why_target *target, struct why_result *const *results, size_t count,
                 struct why_host *host)
{
    struct tally tally = {0};

    memset(host, 0, sizeof(*host));
    host->target = target;
    host->results = results;
    host->count = count;
    for (size_t i = 0; i < count; i++) {
        count_result(&tally, results[i]);
        add_footprint(&host->footprint, results[i]);
    }
    host->state = host_state(&tally);
    return WHY_OK;
}

void why_host_clear(struct why_host *host)
{
    if (host == NULL)
        return;
    free(host->findings);
    memset(host, 0, sizeof(*host));
}
