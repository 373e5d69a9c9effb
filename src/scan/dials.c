/* SPDX-License-Identifier: Apache-2.0 */
#include "dials.h"

#include <stdlib.h>

#include <rdpwhy/status.h>

#include "progress/progress.h"

#include "task.h"

/* Hosts that will answer have done so by then, or lost a packet. */
#define AGED_US 250000u
/* Aged dials are thousands, and each poll() costs time for each of them: they are looked at so much
 * less often. */
#define AGED_EVERY_US 10000u
/* What one more dial weighs in the experience, and the least that is expected of one. */
#define WEIGHT       0.05
#define LEAST_EXPECT 0.05

static void learn(struct run *run, struct task *task, bool answered)
{
    if (task->hopeful)
        return;
    run->hit_rate = run->hit_rate * (1 - WEIGHT) + (answered ? WEIGHT : 0);
    if (run->hit_rate < LEAST_EXPECT)
        run->hit_rate = LEAST_EXPECT;
}

bool dials_may_begin(const struct run *run, bool *new_targets)
{
    double load = (double)(run->active + run->ready.count + run->hopeful_dials) +
                  (double)run->fresh_dials * run->hit_rate;

    *new_targets = run->dial_count < run->dial_limit;
    return load < (double)run->scan->jobs && run->dial_count <= run->dial_limit;
}

static void on_event(void *arg, enum why_event_kind kind, int64_t value, const char *text)
{
    task_event(arg, kind, value, text);
}

static bool start(struct run *run, struct task *task)
{
    const struct why_scan *scan = run->scan;
    uint64_t timeout =
        scan->connect_timeout_us < scan->timeout_us ? scan->connect_timeout_us : scan->timeout_us;
    struct why_dial_request request = {
        .host = task->host->target.host,
        .port = task->host->target.port,
        .family = scan->family,
        .resolve_only = scan->until == WHY_PHASE_RESOLVE,
        .event = on_event,
        .arg = task,
    };

    if (!task_start_trace(run, task))
        return false;
    request.deadline_us = task->began_us + timeout;
    task->dial = why_dial_new(run->resolver, &request);
    return task->dial != NULL;
}

static bool make_room(struct run *run)
{
    size_t capacity = run->dial_capacity == 0 ? 256 : 2 * run->dial_capacity;
    struct task **dialling;

    if (run->dial_count < run->dial_capacity)
        return true;
    dialling = realloc(run->dialling, capacity * sizeof(struct task *));
    if (dialling == NULL)
        return false;
    run->dialling = dialling;
    run->dial_capacity = capacity;
    return true;
}

static void count(struct run *run, const struct task *task, bool add)
{
    size_t *counter = task->hopeful ? &run->hopeful_dials : &run->fresh_dials;

    if (!task->aged)
        *counter += add ? 1 : SIZE_MAX; /* that is, less 1 */
}

/* What the dial has recorded is all that was asked for. */
static bool is_enough(const struct run *run, const struct task *task)
{
    const struct why_trace_head *head = why_trace_head(task->trace);
    struct why_progress progress;

    if (run->scan->until > WHY_PHASE_CONNECT)
        return false;
    why_progress_init(&progress, why_profile_info(head->profile)->wanted);
    for (size_t i = 0; i < why_trace_count(task->trace); i++)
        why_progress_event(&progress, why_trace_at(task->trace, i), NULL);
    return why_progress_reached(&progress, run->scan->until);
}

/* The dial is over; the task goes on, or is over too. */
static void finish(struct run *run, struct task *task)
{
    bool answered = why_dial_state(task->dial) == WHY_DIAL_CONNECTED;
    bool enough = is_enough(run, task);

    if (!task->aged || answered)
        learn(run, task, answered);
    if (enough)
        task_event(task, WHY_EV_REACHED, run->scan->until, NULL);
    if (answered) {
        task->host->answered = true;
        task->connected_us = why_monotonic_us();
        task->fd = why_dial_take(task->dial);
        if (enough)
            task_event(task, WHY_EV_CLOSE, 0, NULL);
    }
    why_dial_free(task->dial);
    task->dial = NULL;
    if (answered && !enough)
        queue_put(&run->ready, task);
    else
        task_over_by_dial(run, task);
}

void dials_begin(struct run *run, struct task *task)
{
    task->hopeful = task->host->answered;
    task->aged = false;
    if (!make_room(run) || !start(run, task)) {
        run_fail(run, WHY_ERR_NOMEM);
        task_abandon(run, task);
        return;
    }
    if (why_dial_state(task->dial) >= WHY_DIAL_CONNECTED) {
        finish(run, task);
        return;
    }
    count(run, task, true);
    run->dialling[run->dial_count++] = task;
}

static void grow_old(struct run *run, struct task *task, uint64_t now)
{
    if (task->aged || now < task->began_us + AGED_US)
        return;
    count(run, task, false);
    task->aged = true;
    learn(run, task, false);
}

uint64_t dials_poll(struct run *run)
{
    uint64_t now = why_monotonic_us(), wake = UINT64_MAX;
    bool aged_too = now >= run->polled_aged_us + AGED_EVERY_US;
    bool any_aged = false;

    for (size_t i = 0; i < run->dial_count; i++) {
        struct task *task = run->dialling[i];
        uint64_t task_wake = why_dial_wake_us(task->dial);
        struct pollfd fds[WHY_DIAL_FDS];
        size_t n;

        grow_old(run, task, now);
        any_aged = any_aged || task->aged;
        if (!task->aged && task->began_us + AGED_US < task_wake)
            task_wake = task->began_us + AGED_US;
        if (task_wake < wake)
            wake = task_wake;
        task->poll_count = 0;
        if (task->aged && !aged_too)
            continue;
        n = why_dial_fds(task->dial, fds);
        for (size_t k = 0; k < n; k++) {
            size_t at = run_poll(run, fds[k].fd, fds[k].events);

            if (at == SIZE_MAX)
                break;
            if (task->poll_count++ == 0)
                task->poll_at = at;
        }
    }
    if (aged_too)
        run->polled_aged_us = now;
    if (any_aged && run->polled_aged_us + AGED_EVERY_US < wake)
        wake = run->polled_aged_us + AGED_EVERY_US;
    return wake;
}

static bool is_due(const struct run *run, const struct task *task, uint64_t now)
{
    if (why_dial_state(task->dial) == WHY_DIAL_LOOKUP || why_dial_wake_us(task->dial) <= now)
        return true;
    for (size_t i = 0; i < task->poll_count; i++) {
        if (run->fds[task->poll_at + i].revents != 0)
            return true;
    }
    return false;
}

void dials_step(struct run *run)
{
    uint64_t now = why_monotonic_us();

    for (size_t i = run->dial_count; i > 0 && run->status == WHY_OK; i--) {
        struct task *task = run->dialling[i - 1];

        if (!is_due(run, task, now))
            continue;
        if (why_dial_step(task->dial, run->fds + task->poll_at, task->poll_count) <
            WHY_DIAL_CONNECTED)
            continue;
        count(run, task, false);
        run->dialling[i - 1] = run->dialling[--run->dial_count];
        finish(run, task);
    }
}

void dials_postpone(struct run *run, uint64_t us)
{
    for (size_t i = 0; i < run->dial_count; i++) {
        run->dialling[i]->began_us += us;
        why_dial_postpone(run->dialling[i]->dial, us);
    }
}

void dials_abandon(struct run *run)
{
    while (run->dial_count > 0)
        task_abandon(run, run->dialling[--run->dial_count]);
    run->fresh_dials = run->hopeful_dials = 0;
}
