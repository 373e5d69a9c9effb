/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/scan.h>

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "crew.h"
#include "dials.h"
#include "host.h"
#include "limits.h"
#include "run.h"
#include "task.h"

#define TICK_US     50000u  /* how soon an interrupt is seen, however the signal comes */
#define PROGRESS_US 200000u /* how often progress is told */
/* After an interrupt, and the time for what is under way to come to its end by itself: it is told
 * to end, and has as long for that. */
#define CANCEL_US 300000u

#define LOOKUPS_MAX 256u
#define HELD_US     1000u /* less is not worth a look at every dial */

/* ---- what all files of the stage share ------------------------------------------------------- */

void run_fail(struct run *run, int status)
{
    if (run->status == WHY_OK)
        run->status = status;
}

void run_warn(const struct run *run, const char *message)
{
    if (run->scan->on_warning != NULL)
        run->scan->on_warning(run->scan->arg, message);
}

void run_was_held(struct run *run, uint64_t since_us)
{
    uint64_t held = why_monotonic_us() - since_us;

    if (held < HELD_US)
        return;
    dials_postpone(run, held);
    crew_postpone(run, held);
}

void queue_init(struct task_queue *queue)
{
    *queue = (struct task_queue){.first = NULL};
    queue->last = &queue->first;
}

void queue_put(struct task_queue *queue, struct task *task)
{
    task->next = NULL;
    *queue->last = task;
    queue->last = &task->next;
    queue->count++;
}

struct task *queue_take(struct task_queue *queue)
{
    struct task *task = queue->first;

    if (task == NULL)
        return NULL;
    queue->first = task->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
    queue->count--;
    return task;
}

size_t run_poll(struct run *run, int fd, short events)
{
    if (run->fd_count == run->fd_capacity) {
        size_t capacity = run->fd_capacity == 0 ? 256 : 2 * run->fd_capacity;
        struct pollfd *fds = realloc(run->fds, capacity * sizeof(*fds));

        if (fds == NULL)
            return SIZE_MAX;
        run->fds = fds;
        run->fd_capacity = capacity;
    }
    run->fds[run->fd_count] = (struct pollfd){.fd = fd, .events = events};
    return run->fd_count++;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static bool rate_allows(const struct run *run)
{
    return run->scan->rate == 0 || why_monotonic_us() >= run->next_start_us;
}

static void keep_rate(struct run *run)
{
    uint64_t now = why_monotonic_us();

    if (run->scan->rate == 0)
        return;
    if (run->next_start_us < now)
        run->next_start_us = now;
    run->next_start_us += 1000000u / run->scan->rate;
}

static void start_some(struct run *run)
{
    bool new_targets;

    task_skip_pointless(run);
    while (run->status == WHY_OK && run->stage == RUN_GOING && rate_allows(run) &&
           dials_may_begin(run, &new_targets)) {
        struct task *task = task_next(run, new_targets);

        if (task == NULL)
            return;
        keep_rate(run);
        dials_begin(run, task);
        task_skip_pointless(run);
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void wait_for_something(struct run *run)
{
    uint64_t now = why_monotonic_us(), wake = now + TICK_US;

    run->fd_count = 0;
    (void)run_poll(run, why_resolver_fd(run->resolver), POLLIN);
    wake = least(wake, dials_poll(run));
    wake = least(wake, crew_poll(run));
    if (run->scan->rate > 0 && run->next_start_us > now)
        wake = least(wake, run->next_start_us);
    (void)poll(run->fds, (nfds_t)run->fd_count,
               wake <= now ? 0 : (int)((wake - now + 999u) / 1000u));
    why_resolver_seen(run->resolver);
}

/* Nothing is under way, and nothing will be. */
static bool is_over(const struct run *run)
{
    bool idle = run->dial_count == 0 && run->ready.count == 0 && run->active == 0;

    if (run->status != WHY_OK)
        return true;
    if (run->stage != RUN_GOING)
        return idle;
    return idle && run->source_over && run->again.count == 0 && run->runnable == NULL;
}

static void abandon_all(struct run *run, struct task_queue *queue)
{
    struct task *task;

    while ((task = queue_take(queue)) != NULL)
        task_abandon(run, task);
}

static void abandon_waiting(struct run *run)
{
    dials_abandon(run);
    abandon_all(run, &run->ready);
    abandon_all(run, &run->again);
}

static void enter(struct run *run, enum run_stage stage)
{
    run->stage = stage;
    run->stage_since_us = why_monotonic_us();
}

/* From the user's first interrupt to the end; the second one does not come here. */
static void see_interrupt(struct run *run)
{
    uint64_t now = why_monotonic_us();

    switch (run->stage) {
    case RUN_GOING:
        if (run->scan->cancelled == NULL || !atomic_load(run->scan->cancelled))
            return;
        enter(run, RUN_DRAINING);
        abandon_all(run, &run->again);
        break;
    case RUN_DRAINING:
        if (now < run->stage_since_us + run->scan->drain_us)
            return;
        enter(run, RUN_CANCELLED);
        abandon_waiting(run);
        crew_cancel(run);
        break;
    default:
        if (now >= run->stage_since_us + CANCEL_US)
            crew_abandon(run);
        break;
    }
}

static void tell_progress(struct run *run, bool last)
{
    const struct why_scan *scan = run->scan;
    uint64_t now = why_monotonic_us();
    struct why_scan_progress progress = {
        .summary = run->summary,
        .begun = run->hosts_begun,
        .source_over = run->source_over,
        .elapsed_us = now - run->began_us,
        .dialling = run->dial_count,
        .attempts = run->active,
        .draining = !last && run->stage == RUN_DRAINING,
        .last = last,
    };

    if (scan->on_progress == NULL || (!last && now < run->next_progress_us))
        return;
    run->next_progress_us = now + PROGRESS_US;
    scan->on_progress(scan->arg, &progress);
}

static void loop(struct run *run)
{
    while (run->status == WHY_OK) {
        see_interrupt(run);
        start_some(run);
        crew_assign(run);
        if (run->stage != RUN_GOING)
            abandon_all(run, &run->ready); /* a worker for them would be free only later */
        if (is_over(run))
            break;
        wait_for_something(run);
        dials_step(run);
        crew_step(run);
        tell_progress(run, false);
    }
    if (run->status == WHY_OK && run->stage != RUN_GOING)
        run->status = WHY_ERR_INTERRUPTED;
    tell_progress(run, true);
}

static int run_all(struct run *run)
{
    size_t open;

    run->began_us = why_monotonic_us();
    run->dial_limit = limits_dials();
    run->hit_rate = 1;
    run->last_runnable = &run->runnable;
    queue_init(&run->again);
    queue_init(&run->ready);
    crew_init(run);
    loop(run);
    abandon_waiting(run);
    crew_abandon(run);
    open = 0;
    for (const struct host *h = run->hosts; h != NULL; h = h->next)
        open++;
    run->summary->complete = run->status == WHY_OK && run->source_over && open == 0;
    return run->status;
}

int why_scan_run(const struct why_scan *scan, struct why_scan_summary *summary)
{
    struct run run = {.scan = scan, .summary = summary};
    char err[256] = "";
    int status;

    memset(summary, 0, sizeof(*summary));
    status = zygote_start(&run.zygote, scan, err, sizeof(err));
    if (status != WHY_OK) {
        run_warn(&run, err);
        return status;
    }
    run.resolver = why_resolver_new(LOOKUPS_MAX);
    status = run.resolver != NULL ? run_all(&run) : WHY_ERR_NOMEM;
    crew_free(&run);
    zygote_end(&run.zygote);
    host_free_all(&run);
    why_resolver_free(run.resolver);
    free(run.dialling);
    free(run.fds);
    return status;
}
