/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/scan.h>

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/clock.h"

#include "dials.h"
#include "limits.h"
#include "worker_pool.h"
#include "schedule.h"

#define TICK_US     50000u  /* how soon an interrupt is seen, however the signal comes */
#define PROGRESS_US 200000u /* how often progress is shown */
#define CANCEL_US   300000u /* what cancelled attempts have to return; then they are abandoned */
#define LOOKUPS_MAX 256u
#define HELD_US     1000u /* less is not worth a look at every dial */

/* Interrupted, a run drains: nothing more is begun, running attempts may end by themselves. */
enum stage { GOING, DRAINING, CANCELLED };

/* All of it is the dispatcher's one thread's. */
struct run {
    const struct why_scan *scan;
    struct why_scan_summary *summary;
    enum stage stage;
    uint64_t began_us, stage_since_us, next_progress_us;
    uint64_t next_start_us; /* for --rate */

    struct fork_server server;
    struct why_resolver *resolver;
    struct ledger ledgers[LEDGER_ACCOUNTS];
    struct schedule schedule;
    struct dials dials;
    struct worker_pool pool;
    struct task_queue done; /* handed back by dials and pool */
    struct poll_set fds;
};

static void warn(const struct run *run, const char *message)
{
    if (run->scan->on_warning != NULL)
        run->scan->on_warning(run->scan->arg, message);
}

/* ---- the loop -------------------------------------------------------------------------------- */

/*
 * The caller's functions take as long as they like: writing a report to a slow reader, for example.
 * Dials and attempts have not been looked after meanwhile, so they have that much longer.
 */
static void extend_deadlines(struct run *run)
{
    uint64_t held_us = run->schedule.held_us;

    run->schedule.held_us = 0;
    if (held_us < HELD_US)
        return;
    why_dials_postpone(&run->dials, held_us);
    why_workers_postpone(&run->pool, held_us);
}

/* The pool's failure is the run's. */
static void see_failure(struct run *run)
{
    if (run->pool.status == WHY_OK || run->schedule.status != WHY_OK)
        return;
    if (run->pool.why[0] != '\0')
        warn(run, run->pool.why);
    why_schedule_fail(&run->schedule, run->pool.status);
}

/* Passes on what dials and pool have handed back. */
static void settle(struct run *run)
{
    struct task *task;

    while ((task = why_queue_take(&run->done)) != NULL) {
        if (task->state == TASK_CONNECTED)
            why_queue_put(&run->pool.waiting, task, TASK_CONNECTED);
        else
            why_schedule_done(&run->schedule, task);
    }
    extend_deadlines(run);
}

static bool rate_allows(const struct run *run)
{
    return run->scan->rate == 0 || why_clock_us() >= run->next_start_us;
}

static void keep_rate(struct run *run)
{
    uint64_t now = why_clock_us();

    if (run->scan->rate == 0)
        return;
    if (run->next_start_us < now)
        run->next_start_us = now;
    run->next_start_us += 1000000u / run->scan->rate;
}

static void start_some(struct run *run)
{
    struct schedule *s = &run->schedule;
    bool new_targets;

    why_schedule_skip(s);
    while (s->status == WHY_OK && run->stage == GOING && rate_allows(run) &&
           why_dials_may_begin(&run->dials, run->pool.active + run->pool.waiting.count,
                               &new_targets)) {
        struct task *task = why_schedule_next(s, new_targets);

        extend_deadlines(run);
        if (task == NULL)
            return;
        keep_rate(run);
        why_schedule_fail(s, why_dials_begin(&run->dials, task, &run->done));
        settle(run);
        why_schedule_skip(s);
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void wait_for_something(struct run *run)
{
    uint64_t now = why_clock_us(), wake = now + TICK_US;
    uint64_t rested = why_schedule_wake_us(&run->schedule);

    run->fds.count = 0;
    (void)why_poll_add(&run->fds, why_resolver_fd(run->resolver), POLLIN);
    wake = least(wake, why_dials_poll(&run->dials, &run->fds));
    wake = least(wake, why_workers_poll(&run->pool, &run->fds));
    if (run->scan->rate > 0 && run->next_start_us > now)
        wake = least(wake, run->next_start_us);
    if (run->stage == GOING && rested > now) /* what is due already waits for something else */
        wake = least(wake, rested);
    (void)poll(run->fds.items, (nfds_t)run->fds.count,
               wake <= now ? 0 : (int)((wake - now + 999u) / 1000u));
    why_resolver_seen(run->resolver);
}

/* Nothing is under way, and nothing will be. */
static bool is_over(const struct run *run)
{
    bool idle = run->dials.count == 0 && run->pool.waiting.count == 0 && run->pool.active == 0;

    return run->schedule.status != WHY_OK ||
           (idle && (run->stage != GOING || why_schedule_is_over(&run->schedule)));
}

static void abandon_all(struct run *run, struct task_queue *queue)
{
    struct task *task;

    while ((task = why_queue_take(queue)) != NULL)
        why_queue_put(&run->done, task, TASK_ABANDONED);
    settle(run);
}

static void abandon_waiting(struct run *run)
{
    why_dials_abandon(&run->dials, &run->done);
    abandon_all(run, &run->pool.waiting);
    abandon_all(run, &run->schedule.again);
    abandon_all(run, &run->schedule.second_tries);
}

static void abandon_running(struct run *run)
{
    why_workers_abandon(&run->pool, &run->done);
    settle(run);
}

static void enter(struct run *run, enum stage stage)
{
    run->stage = stage;
    run->stage_since_us = why_clock_us();
    why_schedule_end(&run->schedule);
}

/* From the user's first interrupt to the end; the second one does not come here. */
static void see_interrupt(struct run *run)
{
    uint64_t now = why_clock_us();

    switch (run->stage) {
    case GOING:
        if (run->scan->cancelled == NULL || !atomic_load(run->scan->cancelled))
            return;
        enter(run, DRAINING);
        abandon_all(run, &run->schedule.again);
        abandon_all(run, &run->schedule.second_tries);
        break;
    case DRAINING:
        if (now < run->stage_since_us + run->scan->drain_us)
            return;
        enter(run, CANCELLED);
        abandon_waiting(run);
        why_workers_cancel(&run->pool);
        break;
    default:
        if (now >= run->stage_since_us + CANCEL_US)
            abandon_running(run);
        break;
    }
}

static void put_waiting(const struct run *run, struct why_scan_progress *progress, uint64_t now)
{
    struct task_wait wait = {NULL, 0};

    why_dials_wait(&run->dials, &wait, now);
    why_workers_wait(&run->pool, &wait, now);
    why_schedule_wait(&run->schedule, &wait);
    progress->waiting_us = wait.left_us;
    if (wait.longest == NULL)
        return;
    progress->waiting.target = &wait.longest->host->target;
    progress->waiting.profile = wait.longest->step->profile;
    progress->waiting.ordinal = wait.longest->ordinal + 1;
    progress->waiting.count = wait.longest->host->step_count;
    progress->waiting.us = now - wait.longest->began_us;
}

static void show_progress(struct run *run, bool last)
{
    const struct why_scan *scan = run->scan;
    uint64_t now = why_clock_us();
    struct why_scan_progress progress = {
        .summary = run->summary,
        .begun = run->schedule.hosts.begun,
        .source_over = run->schedule.source_over,
        .elapsed_us = now - run->began_us,
        .dialling = run->dials.count,
        .attempts = run->pool.active,
        .draining = !last && run->stage == DRAINING,
        .last = last,
    };

    if (scan->on_progress == NULL || (!last && now < run->next_progress_us))
        return;
    run->next_progress_us = now + PROGRESS_US;
    put_waiting(run, &progress, now);
    scan->on_progress(scan->arg, &progress);
}

static void loop(struct run *run)
{
    while (run->schedule.status == WHY_OK) {
        see_interrupt(run);
        start_some(run);
        extend_deadlines(run);
        if (run->schedule.status == WHY_OK)
            why_workers_assign(&run->pool);
        if (run->stage != GOING)
            abandon_all(run, &run->pool.waiting); /* a worker for them would be free only later */
        see_failure(run);
        if (is_over(run))
            break;
        wait_for_something(run);
        why_dials_step(&run->dials, &run->fds, &run->done);
        why_workers_step(&run->pool, &run->fds, &run->done);
        settle(run);
        why_workers_answer(&run->pool);
        see_failure(run);
        show_progress(run, false);
    }
    run->summary->interrupted = run->stage != GOING;
    if (run->stage != GOING)
        why_schedule_fail(&run->schedule, WHY_ERR_INTERRUPTED);
    show_progress(run, true);
}

/* ---- the run --------------------------------------------------------------------------------- */

static void connect_parts(struct run *run)
{
    const struct why_scan *scan = run->scan;

    run->schedule = (struct schedule){
        .scan = scan,
        .ledgers = run->ledgers,
        .library = &run->pool.library,
        .resolver = run->resolver,
        .hosts = {.steps = scan->steps,
                  .step_count = scan->step_count,
                  .file_steps = scan->file_step_count,
                  .out = {scan->on_result, scan->on_host, scan->arg, run->summary}},
    };
    run->dials = (struct dials){
        .scan = scan, .resolver = run->resolver, .limit = why_limits_dials(), .answer_rate = 1};
    run->pool = (struct worker_pool){.scan = scan, .server = &run->server, .ledgers = run->ledgers};
}

static int run_all(struct run *run)
{
    struct schedule *s = &run->schedule;

    connect_parts(run);
    run->began_us = why_clock_us();
    why_workers_start(&run->pool);
    see_failure(run);
    loop(run);
    abandon_waiting(run);
    abandon_running(run);
    run->summary->complete =
        s->status == WHY_OK && s->source_over && run->summary->hosts == s->hosts.begun;
    why_workers_clear(&run->pool);
    why_hosts_clear(&s->hosts);
    free(run->dials.items);
    free(run->fds.items);
    return s->status;
}

int why_scan_run(const struct why_scan *scan, struct why_scan_summary *summary)
{
    struct run run = {.scan = scan, .summary = summary};
    char err[256] = "";
    int status;

    memset(summary, 0, sizeof(*summary));
    status = why_fork_server_start(&run.server, scan, err, sizeof(err));
    if (status != WHY_OK) {
        warn(&run, err);
        return status;
    }
    run.resolver = why_resolver_new(LOOKUPS_MAX);
    status = run.resolver != NULL ? run_all(&run) : WHY_ERR_NOMEM;
    why_fork_server_end(&run.server);
    why_resolver_free(run.resolver);
    return status;
}
