/* SPDX-License-Identifier: Apache-2.0 */
#include "step.h"

#include <stdlib.h>
#include <time.h>

#include <rdpwhy/status.h>

#include "license.h"

static const char *reason_to_skip(const struct step_context *c)
{
    const struct why_profile_info *info = why_profile_info(c->step->profile);
    bool needs_account = info->nla || info->ext;

    if (c->unreachable)
        return "an earlier attempt found the host unreachable";
    /* A profile that TLS satisfies too goes on, and stops where the account would be needed. */
    if (c->scan->credentials != NULL && needs_account && !info->tls &&
        ledger_is_rejected(c->ledger))
        return "the account was not accepted before in this run, and accounts lock";
    return NULL;
}

bool step_is_pointless(const struct step_context *context)
{
    return reason_to_skip(context) != NULL;
}

static uint64_t read_clock_us(clockid_t id)
{
    struct timespec ts;

    if (clock_gettime(id, &ts) != 0)
        return 0;
    return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

static struct why_trace *skipped_trace(const struct step_context *c, const char *reason)
{
    const struct why_target *target = &c->scan->targets[c->host];
    struct why_trace_head head = {
        .host = target->host,
        .port = target->port,
        .profile = c->step->profile,
        .license_mode = c->step->license_mode,
        .until = c->scan->until,
        .started_us = read_clock_us(CLOCK_REALTIME),
    };
    struct why_event event = {.kind = WHY_EV_SKIPPED, .text = reason};
    struct why_trace *trace = why_trace_new(&head);

    if (trace != NULL && why_trace_append(trace, &event) != WHY_OK) {
        why_trace_free(trace);
        return NULL;
    }
    return trace;
}

struct claim {
    const struct step_context *context;
    uint64_t deadline_us; /* the attempt's, monotonic */
    bool granted;
};

static const char *may_authenticate(void *arg, const struct why_target *target)
{
    struct claim *claim = arg;
    const struct step_context *c = claim->context;
    uint64_t now = read_clock_us(CLOCK_MONOTONIC);
    uint64_t left = claim->deadline_us > now ? claim->deadline_us - now : 0;
    const char *why_not;

    (void)target;
    /* Half of the time left: the attempt then still has some to stop in, and to say why. */
    why_not = ledger_claim(c->ledger, c->host, left / 2);
    claim->granted = why_not == NULL;
    return why_not;
}

static bool was_interrupted(const struct why_trace *trace)
{
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        if (why_trace_at(trace, i)->kind == WHY_EV_CANCELLED)
            return true;
    }
    return false;
}

/* What came of real credentials, where they were used: anything short of acceptance counts as a
 * rejection, for some servers reject a password by closing the connection. */
static void settle(const struct claim *claim, const struct why_result *r)
{
    const struct step_context *c = claim->context;

    if (!claim->granted)
        return;
    if (r == NULL || r->facts.authenticated)
        ledger_settle(c->ledger, r != NULL && (r->verdict.outcome == WHY_OUTCOME_COMPLETED ||
                                               r->verdict.phase > WHY_PHASE_CREDSSP));
    else
        ledger_release(c->ledger, c->host);
}

static void keep_license(const struct step_context *c, const struct why_result *result,
                         struct why_license_data *issued)
{
    char warning[512] = "";

    if (issued->data != NULL && result != NULL &&
        license_keep(c->scan, result, issued, warning, sizeof(warning)) != WHY_OK)
        c->warn(c->warn_arg, warning);
    free(issued->data);
}

static int attempt(const struct step_context *c, enum why_variation variation,
                   const struct why_license_data *license, struct why_result **result)
{
    const struct why_scan *scan = c->scan;
    const struct why_target *target = &scan->targets[c->host];
    struct claim claim = {.context = c,
                          .deadline_us = read_clock_us(CLOCK_MONOTONIC) + scan->timeout_us};
    struct why_attempt what = {
        .target = target,
        .step = *c->step,
        .until = scan->until,
        .timeout_us = scan->timeout_us,
        .connect_timeout_us = scan->connect_timeout_us,
        .family = scan->family,
        .credentials = scan->credentials,
        .variation = variation,
        .license = license->data != NULL ? license : NULL,
        .may_authenticate = may_authenticate,
        .may_authenticate_arg = &claim,
        .cancelled = c->stop,
        .capture = scan->capture,
    };
    struct why_license_data issued;
    struct why_trace *trace = NULL;
    int status = why_attempt_run(scan->engine, &what, &trace, &issued);
    bool interrupted;

    if (status != WHY_OK)
        return status;
    interrupted = was_interrupted(trace);
    *result = why_result_new(target, c->step, c->ordinal, trace);
    settle(&claim, *result);
    keep_license(c, *result, &issued);
    if (*result == NULL)
        return WHY_ERR_NOMEM;
    if (interrupted && (*result)->verdict.outcome == WHY_OUTCOME_STOPPED) {
        why_result_free(*result);
        *result = NULL;
        return WHY_ERR_INTERRUPTED;
    }
    return WHY_OK;
}

static int skip_step(const struct step_context *c, const char *reason, struct why_result **result)
{
    struct why_trace *trace = skipped_trace(c, reason);

    if (trace == NULL)
        return WHY_ERR_NOMEM;
    *result = why_result_new(&c->scan->targets[c->host], c->step, c->ordinal, trace);
    return *result != NULL ? WHY_OK : WHY_ERR_NOMEM;
}

/* The step, and once more with its variation where that is due. */
static int run_with(const struct step_context *c, const struct why_license_data *license,
                    struct why_result **result)
{
    struct why_result *second = NULL;
    enum why_variation variation;
    int status = attempt(c, WHY_VARIATION_NONE, license, result);

    if (status != WHY_OK)
        return status;
    variation = why_variation_due(*result);
    if (variation == WHY_VARIATION_NONE)
        return WHY_OK;
    status = attempt(c, variation, license, &second);
    if (status != WHY_OK) /* what was measured first is not lost for it */
        return status == WHY_ERR_INTERRUPTED ? WHY_OK : status;
    second->first_try = *result;
    *result = second;
    return WHY_OK;
}

int step_run(const struct step_context *c, struct why_result **result)
{
    const char *skip = reason_to_skip(c);
    struct why_license_data license;
    char reason[512] = "";
    int status;

    *result = NULL;
    if (skip != NULL)
        return skip_step(c, skip, result);
    status = license_fetch(c->scan, &c->scan->targets[c->host], c->step->license_mode, &license,
                           reason, sizeof(reason));
    if (status == WHY_ERR_NOMEM)
        return status;
    if (status != WHY_OK)
        return skip_step(c, reason, result);
    status = run_with(c, &license, result);
    free(license.data);
    return status;
}
