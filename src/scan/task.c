/* SPDX-License-Identifier: Apache-2.0 */
#include "task.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "crew.h"
#include "host.h"
#include "license.h"

#define CRASHES_MAX 2 /* a second worker, of its own, has died of it */

static uint64_t wall_us(void)
{
    struct timespec ts;

    if (clock_gettime(CLOCK_REALTIME, &ts) != 0)
        return 0;
    return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

static const struct why_step *step_of(const struct run *run, size_t ordinal)
{
    return &run->scan->steps[ordinal];
}

static void task_free(struct task *task)
{
    why_dial_free(task->dial);
    why_trace_free(task->trace);
    why_result_free(task->first_try);
    free(task->license.data);
    if (task->fd >= 0)
        (void)close(task->fd);
    free(task);
}

/* ---- what is not to be tried ----------------------------------------------------------------- */

static bool is_unreachable(const struct run *run, const struct host *h, size_t ordinal)
{
    for (size_t i = 0; i < ordinal; i++) {
        const struct why_result *r = h->results[i];

        if (r != NULL && r->step.repeat == step_of(run, ordinal)->repeat &&
            r->verdict.outcome == WHY_OUTCOME_UNREACHABLE)
            return true;
    }
    return false;
}

/* NULL: the step is to be tried. */
static const char *reason_to_skip(const struct run *run, const struct host *h, size_t ordinal)
{
    enum why_profile profile = step_of(run, ordinal)->profile;
    const struct why_profile_info *info = why_profile_info(profile);
    bool needs_account = info->nla || info->ext;

    if (is_unreachable(run, h, ordinal))
        return "an earlier attempt found the host unreachable";
    /* A profile that TLS satisfies too goes on, and stops where the account would be needed. */
    if (run->scan->credentials != NULL && needs_account && !info->tls && run->ledger.rejected)
        return ledger_not_accepted;
    return run->cannot[profile];
}

/* What the libraries can do, or under which name they keep licenses, decides about the step. */
static bool needs_engine(const struct run *run, size_t ordinal)
{
    const struct why_step *step = step_of(run, ordinal);
    const struct why_profile_info *info = why_profile_info(step->profile);

    return info->aad || info->pins != 0 || why_license_mode_info(step->license_mode)->presents;
}

/* Nothing will be sent in the host's next step. */
static bool is_pointless(const struct run *run, const struct host *h)
{
    return (run->engine_known || !needs_engine(run, h->started)) &&
           reason_to_skip(run, h, h->started) != NULL;
}

/* ---- traces of attempts that no worker has seen ---------------------------------------------- */

bool task_start_trace(struct run *run, struct task *task)
{
    const struct why_step *step = step_of(run, task->ordinal);
    struct why_trace_head head = {
        .host = task->host->target.host,
        .port = task->host->target.port,
        .profile = step->profile,
        .license_mode = step->license_mode,
        .until = run->scan->until,
        .started_us = wall_us(),
        .credentials = run->scan->credentials != NULL,
        /* The trace copies it. */
        .variation = (char *)(uintptr_t)why_variation_name(task->variation),
    };

    why_trace_free(task->trace);
    task->trace = why_trace_new(&head);
    task->began_us = why_monotonic_us();
    return task->trace != NULL;
}

void task_event(struct task *task, enum why_event_kind kind, int64_t value, const char *text)
{
    struct why_event event = {
        .t_us = why_monotonic_us() - task->began_us, .kind = kind, .value = value, .text = text};

    /* Out of memory loses the event, not the attempt: the trace counts what it lost. */
    (void)why_trace_append(task->trace, &event);
}

/* ---- results --------------------------------------------------------------------------------- */

/* The host has a step to begin: at the head of the line where that costs nothing. */
static void line_up(struct run *run, struct host *h)
{
    if (h->started == run->scan->step_count || h->running >= run->scan->per_host || h->is_runnable)
        return;
    if (is_pointless(run, h))
        host_put_back(run, h);
    else
        host_set_runnable(run, h);
}

static void deliver(struct run *run, struct task *task, struct why_result *result)
{
    struct host *h = task->host;
    size_t ordinal = task->ordinal;
    bool last = h->finished + 1 == run->scan->step_count;

    h->running--;
    task_free(task);
    host_result(run, h, ordinal, result); /* frees the host after its last */
    if (!last)
        line_up(run, h);
}

void task_abandon(struct run *run, struct task *task)
{
    struct why_result *first = task->first_try;

    task->first_try = NULL;
    deliver(run, task, first);
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
static void settle(struct run *run, struct task *task, const struct why_result *r)
{
    if (!task->granted)
        return;
    task->granted = false;
    if (r == NULL)
        ledger_lose(&run->ledger);
    else if (r->facts.authenticated)
        ledger_settle(&run->ledger, r->verdict.outcome == WHY_OUTCOME_COMPLETED ||
                                        r->verdict.phase > WHY_PHASE_CREDSSP);
    else
        ledger_release(&run->ledger, &task->host->account_used);
    crew_answer_all(run);
}

/* Whether a license that was not kept for this reason is the run's failure. */
static bool is_lost(const struct run *run, int status)
{
    switch (status) {
    case WHY_OK:
    case WHY_ERR_NOTFOUND:
    case WHY_ERR_MALFORMED:
        return false;
    case WHY_ERR_USAGE:
        return !run->scan->license_store_optional;
    default:
        return true;
    }
}

static void keep_license(struct run *run, const struct why_result *result,
                         struct why_license_data *issued)
{
    char warning[1600] = ""; /* with a label of the longest name */
    int status = WHY_OK;

    if (issued->data != NULL && result != NULL)
        status = license_keep(run, result, issued, warning, sizeof(warning));
    if (status != WHY_OK)
        run_warn(run, warning);
    if (is_lost(run, status))
        run->summary->licenses_lost++;
    free(issued->data);
    issued->data = NULL;
}

/* True when the task is to be done once more, with the variation that its result asks for. */
static bool vary(struct run *run, struct task *task, struct why_result *result)
{
    enum why_variation due = why_variation_due(result);

    if (task->variation != WHY_VARIATION_NONE || due == WHY_VARIATION_NONE ||
        run->stage != RUN_GOING)
        return false;
    task->variation = due;
    task->first_try = result;
    queue_put(&run->again, task);
    return true;
}

void task_over(struct run *run, struct task *task, struct why_trace *trace,
               struct why_license_data *issued)
{
    bool interrupted = was_interrupted(trace);
    struct why_result *result = why_result_new(&task->host->target, step_of(run, task->ordinal),
                                               task->ordinal + 1, trace, task->host->certified);

    settle(run, task, result);
    keep_license(run, result, issued);
    if (result == NULL) {
        run_fail(run, WHY_ERR_NOMEM);
        task_abandon(run, task);
    } else if (interrupted && result->verdict.outcome == WHY_OUTCOME_STOPPED) {
        why_result_free(result);
        task_abandon(run, task);
    } else if (!vary(run, task, result)) {
        result->first_try = task->first_try;
        task->first_try = NULL;
        deliver(run, task, result);
    }
}

void task_over_by_dial(struct run *run, struct task *task)
{
    struct why_license_data none = {NULL, 0};
    struct why_trace *trace = task->trace;

    task->trace = NULL;
    task_over(run, task, trace, &none);
}

void task_again(struct run *run, struct task *task)
{
    if (run->stage == RUN_GOING)
        queue_put(&run->again, task);
    else
        task_abandon(run, task);
}

void task_lost(struct run *run, struct task *task, const char *how)
{
    char text[256];

    settle(run, task, NULL);
    task->crashes++;
    if (task->crashes < CRASHES_MAX || run->stage != RUN_GOING) {
        task_again(run, task);
        return;
    }
    (void)snprintf(text, sizeof(text), "it %s, and so did a second one that did nothing else", how);
    task_event(task, WHY_EV_CRASHED, 0, text);
    task_over_by_dial(run, task);
}

/* ---- the next task --------------------------------------------------------------------------- */

static struct task *task_new(struct run *run, struct host *h)
{
    struct task *task = calloc(1, sizeof(*task));

    if (task == NULL) {
        run_fail(run, WHY_ERR_NOMEM);
        return NULL;
    }
    task->host = h;
    task->ordinal = h->started++;
    task->id = ++run->next_id;
    task->fd = -1;
    h->running++;
    return task;
}

static void skip(struct run *run, struct task *task, const char *reason)
{
    struct why_license_data none = {NULL, 0};
    struct why_trace *trace;

    if (!task_start_trace(run, task)) {
        run_fail(run, WHY_ERR_NOMEM);
        task_abandon(run, task);
        return;
    }
    task_event(task, WHY_EV_SKIPPED, 0, reason);
    trace = task->trace;
    task->trace = NULL;
    task_over(run, task, trace, &none);
}

void task_skip_pointless(struct run *run)
{
    while (run->status == WHY_OK && run->runnable != NULL && is_pointless(run, run->runnable)) {
        struct host *h = host_take_runnable(run);
        const char *reason = reason_to_skip(run, h, h->started);
        struct task *task = task_new(run, h);

        if (task != NULL)
            skip(run, task, reason);
    }
}

/* The host's next step as a task with all it needs; NULL: it was skipped, or the run has failed. */
static struct task *begin_step(struct run *run, struct host *h)
{
    const char *reason = reason_to_skip(run, h, h->started);
    char message[512] = "";
    struct task *task = task_new(run, h);
    int status;

    if (task == NULL)
        return NULL;
    if (reason == NULL) {
        status = license_fetch(run, &h->target, step_of(run, task->ordinal)->license_mode,
                               &task->license, message, sizeof(message));
        if (status == WHY_OK) {
            line_up(run, h); /* several steps of a host may be under way at once */
            return task;
        }
        if (status == WHY_ERR_NOMEM)
            run_fail(run, status);
        reason = message;
    }
    skip(run, task, reason);
    return NULL;
}

static bool next_target(struct run *run)
{
    struct why_target target;
    uint64_t since_us;
    int status;

    if (run->source_over)
        return false;
    since_us = why_monotonic_us();
    status = run->scan->next_target(run->scan->arg, &target);
    run_was_held(run, since_us);
    if (status == WHY_OK && host_begin(run, &target))
        return true;
    if (status == WHY_ERR_AGAIN)
        return false;
    run->source_over = true;
    if (status != WHY_ERR_NOTFOUND)
        run_fail(run, status == WHY_OK ? WHY_ERR_NOMEM : status);
    return false;
}

/* A name cannot be looked up for now: too many look-ups have not been answered. */
static bool must_wait(const struct run *run, const struct host *h)
{
    return (needs_engine(run, h->started) && !run->engine_known) ||
           (!why_resolver_has_room(run->resolver) && !why_dial_is_address(h->target.host));
}

struct task *task_next(struct run *run, bool new_targets)
{
    struct task *task = queue_take(&run->again);

    while (task == NULL && run->status == WHY_OK) {
        struct host *h = host_take_runnable(run);

        if (h == NULL && !(new_targets && next_target(run)))
            return NULL;
        if (h == NULL)
            continue;
        if (must_wait(run, h)) {
            host_put_back(run, h);
            return NULL;
        }
        task = begin_step(run, h);
    }
    return task;
}
