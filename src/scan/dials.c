/* SPDX-License-Identifier: Apache-2.0 */
#include "dials.h"

#include <rdpwhy/gateway.h>
#include <rdpwhy/status.h>

#include "base/clock.h"
#include "base/grow.h"
#include "progress/progress.h"

/* Hosts that will answer have done so by then, or lost a packet. */
#define SLOW_US 250000u
/* Slow dials are thousands, and each poll() costs time for each of them: they are looked at so much
 * less often. */
#define SLOW_EVERY_US 10000u
/* What one more dial weighs in the answer rate, and the least that is expected. */
#define WEIGHT     0.05
#define LEAST_RATE 0.05

static void learn(struct dials *d, const struct task *task, bool answered)
{
    if (task->known)
        return;
    d->answer_rate = d->answer_rate * (1 - WEIGHT) + (answered ? WEIGHT : 0);
    if (d->answer_rate < LEAST_RATE)
        d->answer_rate = LEAST_RATE;
}

bool why_dials_may_begin(const struct dials *d, size_t busy, bool *new_targets)
{
    double load = (double)(busy + d->known_hosts) + (double)d->new_hosts * d->answer_rate;

    *new_targets = d->count < d->limit;
    return load < (double)d->scan->jobs && d->count <= d->limit;
}

static void on_event(void *arg, enum why_event_kind kind, int64_t value, const char *text)
{
    why_task_event(arg, kind, value, text);
}

static bool start(const struct dials *d, struct task *task)
{
    const struct why_scan *scan = d->scan;
    uint64_t timeout =
        scan->connect_timeout_us < scan->timeout_us ? scan->connect_timeout_us : scan->timeout_us;
    struct why_dial_request request = {
        .host = why_task_target(task)->host,
        .port = why_task_target(task)->port,
        .family = scan->family,
        .proxy = scan->proxy,
        .resolve_only = scan->until == WHY_PHASE_RESOLVE,
        .event = on_event,
        .arg = task,
    };

    if (!why_task_start_trace(task, scan))
        return false;
    if (scan->gateway != NULL) {
        request.host = scan->gateway->host;
        request.port = scan->gateway->port;
        why_task_event(task, WHY_EV_GATEWAY, 0, scan->gateway->label);
    }
    request.deadline_us = task->deadline_us = task->began_us + timeout;
    task->dial = why_dial_new(d->resolver, &request);
    return task->dial != NULL;
}

static void count(struct dials *d, const struct task *task, bool add)
{
    size_t *counter = task->known ? &d->known_hosts : &d->new_hosts;

    if (!task->slow)
        *counter += add ? 1 : SIZE_MAX; /* that is, less 1 */
}

/* What the dial has recorded is all that was asked for. */
static bool is_enough(const struct task *task, enum why_phase until)
{
    const struct why_trace_head *head = why_trace_head(task->trace);
    struct why_progress progress;

    if (until > WHY_PHASE_PROXY)
        return false;
    why_progress_init(&progress, why_profile_info(head->profile)->wanted);
    for (size_t i = 0; i < why_trace_count(task->trace); i++)
        why_progress_event(&progress, why_trace_at(task->trace, i), NULL);
    return why_progress_reached(&progress, until);
}

static void finish(struct dials *d, struct task *task, struct task_queue *done)
{
    bool answered = why_dial_state(task->dial) == WHY_DIAL_CONNECTED;
    bool enough = is_enough(task, d->scan->until);

    if (!task->slow || answered)
        learn(d, task, answered);
    if (enough)
        why_task_event(task, WHY_EV_REACHED, d->scan->until, NULL);
    if (answered) {
        task->host->answered = task->host->answered || task->hop == 0;
        task->connected_us = why_clock_us();
        task->fd = why_dial_take(task->dial);
        if (enough)
            why_task_event(task, WHY_EV_CLOSE, 0, NULL);
    }
    why_dial_free(task->dial);
    task->dial = NULL;
    why_queue_put(done, task, answered && !enough ? TASK_CONNECTED : TASK_OVER);
}

int why_dials_begin(struct dials *d, struct task *task, struct task_queue *done)
{
    task->known = task->host->answered;
    task->slow = false;
    if (!why_grow(&d->items, &d->capacity, d->count + 1, sizeof(struct task *)) ||
        !start(d, task)) {
        why_queue_put(done, task, TASK_ABANDONED);
        return WHY_ERR_NOMEM;
    }
    if (why_dial_state(task->dial) >= WHY_DIAL_CONNECTED) {
        finish(d, task, done);
        return WHY_OK;
    }
    count(d, task, true);
    d->items[d->count++] = task;
    return WHY_OK;
}

static void grow_slow(struct dials *d, struct task *task, uint64_t now)
{
    if (task->slow || now < task->began_us + SLOW_US)
        return;
    count(d, task, false);
    task->slow = true;
    learn(d, task, false);
}

static void add_sockets(struct task *task, struct poll_set *set)
{
    struct pollfd fds[WHY_DIAL_FDS];
    size_t n = why_dial_fds(task->dial, fds);

    task->poll_at = set->count;
    while (task->poll_count < n &&
           why_poll_add(set, fds[task->poll_count].fd, fds[task->poll_count].events) != SIZE_MAX)
        task->poll_count++;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t why_dials_poll(struct dials *d, struct poll_set *set)
{
    uint64_t now = why_clock_us(), wake = UINT64_MAX;
    bool slow_too = now >= d->polled_slow_us + SLOW_EVERY_US;

    if (slow_too)
        d->polled_slow_us = now;
    for (size_t i = 0; i < d->count; i++) {
        struct task *task = d->items[i];

        grow_slow(d, task, now);
        wake = earlier(wake, why_dial_wake_us(task->dial));
        wake = earlier(wake,
                       task->slow ? d->polled_slow_us + SLOW_EVERY_US : task->began_us + SLOW_US);
        task->poll_at = task->poll_count = 0;
        if (!task->slow || slow_too)
            add_sockets(task, set);
    }
    return wake;
}

static bool is_due(const struct task *task, const struct poll_set *set, uint64_t now)
{
    if (why_dial_state(task->dial) == WHY_DIAL_LOOKUP || why_dial_wake_us(task->dial) <= now)
        return true;
    for (size_t i = 0; i < task->poll_count; i++) {
        if (set->items[task->poll_at + i].revents != 0)
            return true;
    }
    return false;
}

void why_dials_step(struct dials *d, const struct poll_set *set, struct task_queue *done)
{
    uint64_t now = why_clock_us();

    for (size_t i = d->count; i > 0; i--) {
        struct task *task = d->items[i - 1];

        if (!is_due(task, set, now) || why_dial_step(task->dial, set->items + task->poll_at,
                                                     task->poll_count) < WHY_DIAL_CONNECTED)
            continue;
        count(d, task, false);
        d->items[i - 1] = d->items[--d->count];
        finish(d, task, done);
    }
}

void why_dials_postpone(struct dials *d, uint64_t us)
{
    for (size_t i = 0; i < d->count; i++) {
        d->items[i]->began_us += us;
        d->items[i]->deadline_us += us;
        why_dial_postpone(d->items[i]->dial, us);
    }
}

void why_dials_wait(const struct dials *d, struct task_wait *wait, uint64_t now_us)
{
    for (size_t i = 0; i < d->count; i++)
        why_task_wait(wait, d->items[i], d->scan, now_us);
}

void why_dials_abandon(struct dials *d, struct task_queue *done)
{
    while (d->count > 0)
        why_queue_put(done, d->items[--d->count], TASK_ABANDONED);
    d->new_hosts = d->known_hosts = 0;
}
