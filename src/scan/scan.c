/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/scan.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rdpwhy/status.h>

#include "ledger.h"
#include "step.h"

#define TICK_NS 50000000L /* how soon an interrupt is seen */

/* One host under way. Steps are started in order; results are written in order. */
struct host_run {
    struct host_run *next;
    size_t index; /* of the target */
    size_t started, finished, written;
    size_t running;
    struct why_result **results; /* one per step; NULL: not finished, or interrupted */
    bool *done;
};

struct run {
    const struct why_scan *scan;
    struct why_scan_summary *summary;
    struct ledger *ledger;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a result is there, or a worker is gone */
    struct host_run *hosts; /* under way */
    size_t next_target;
    size_t workers;
    uint64_t next_start_us; /* for --rate */
    atomic_bool stop;       /* end what is in flight, start nothing */
    int status;
};

static uint64_t now_us(void)
{
    struct timespec ts;

    if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
        return 0;
    return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

static void sleep_us(uint64_t us)
{
    struct timespec ts = {.tv_sec = (time_t)(us / 1000000u),
                          .tv_nsec = (long)(us % 1000000u) * 1000L};

    (void)nanosleep(&ts, NULL);
}

static struct host_run *host_run_new(size_t index, size_t steps)
{
    struct host_run *h = calloc(1, sizeof(*h));

    if (h == NULL)
        return NULL;
    h->index = index;
    h->results = calloc(steps, sizeof(struct why_result *));
    h->done = calloc(steps, sizeof(bool));
    if (h->results == NULL || h->done == NULL) {
        free(h->results);
        free(h->done);
        free(h);
        return NULL;
    }
    return h;
}

static void host_run_free(struct host_run *h, size_t steps)
{
    for (size_t i = 0; i < steps; i++)
        why_result_free(h->results[i]);
    free(h->results);
    free(h->done);
    free(h);
}

/* ---- workers --------------------------------------------------------------------------------- */

/* The next host that has a step to start; begins another target where none has. Locked. */
static struct host_run *pick(struct run *run)
{
    const struct why_scan *scan = run->scan;
    struct host_run *h;

    for (h = run->hosts; h != NULL; h = h->next) {
        if (h->started < scan->step_count && h->running < scan->per_host)
            return h;
    }
    if (run->next_target == scan->target_count)
        return NULL;
    h = host_run_new(run->next_target, scan->step_count);
    if (h == NULL) {
        run->status = WHY_ERR_NOMEM;
        atomic_store(&run->stop, true);
        return NULL;
    }
    run->next_target++;
    h->next = run->hosts;
    run->hosts = h;
    return h;
}

/* A step of the same host may become free when a running one ends. Locked. */
static bool may_come(const struct run *run)
{
    for (const struct host_run *h = run->hosts; h != NULL; h = h->next) {
        if (h->started < run->scan->step_count)
            return true;
    }
    return false;
}

static void keep_rate(struct run *run)
{
    uint64_t now, due;

    if (run->scan->rate == 0)
        return;
    pthread_mutex_lock(&run->lock);
    now = now_us();
    due = run->next_start_us > now ? run->next_start_us : now;
    run->next_start_us = due + 1000000u / run->scan->rate;
    pthread_mutex_unlock(&run->lock);
    while ((now = now_us()) < due && !atomic_load(&run->stop))
        sleep_us(due - now > 50000 ? 50000 : due - now);
}

static void warn(void *arg, const char *message)
{
    struct run *run = arg;

    if (run->scan->on_warning == NULL)
        return;
    pthread_mutex_lock(&run->lock);
    run->scan->on_warning(run->scan->arg, message);
    pthread_mutex_unlock(&run->lock);
}

/* What is known of the host from results that are there already. Locked. */
static struct step_context context_of(struct run *run, struct host_run *h, size_t ordinal)
{
    struct step_context context = {
        .scan = run->scan,
        .ledger = run->ledger,
        .host = h->index,
        .step = &run->scan->steps[ordinal],
        .ordinal = ordinal + 1,
        .stop = &run->stop,
        .warn = warn,
        .warn_arg = run,
    };

    for (size_t i = 0; i < ordinal; i++) {
        const struct why_result *r = h->results[i];

        if (r != NULL && r->step.repeat == context.step->repeat &&
            r->verdict.outcome == WHY_OUTCOME_UNREACHABLE)
            context.unreachable = true;
    }
    return context;
}

static void work_one(struct run *run, struct host_run *h)
{
    size_t ordinal = h->started++;
    struct step_context context = context_of(run, h, ordinal);
    struct why_result *result = NULL;
    int status;

    h->running++;
    pthread_mutex_unlock(&run->lock);
    if (!step_is_pointless(&context))
        keep_rate(run);
    status = step_run(&context, &result);
    pthread_mutex_lock(&run->lock);
    h->running--;
    h->results[ordinal] = result;
    h->done[ordinal] = true;
    h->finished++;
    if (status != WHY_OK && run->status == WHY_OK && status != WHY_ERR_INTERRUPTED) {
        run->status = status;
        atomic_store(&run->stop, true);
    }
    pthread_cond_broadcast(&run->changed);
}

static void *worker(void *arg)
{
    struct run *run = arg;

    pthread_mutex_lock(&run->lock);
    while (!atomic_load(&run->stop)) {
        struct host_run *h = pick(run);

        if (h != NULL)
            work_one(run, h);
        else if (may_come(run))
            pthread_cond_wait(&run->changed, &run->lock);
        else
            break;
    }
    run->workers--;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

/* ---- the one thread that writes -------------------------------------------------------------- */

static void count_result(struct why_scan_summary *summary, const struct why_result *r)
{
    summary->attempts++;
    summary->outcomes[r->verdict.outcome]++;
}

static int write_result(struct run *run, const struct why_result *result)
{
    count_result(run->summary, result);
    return run->scan->on_result(run->scan->arg, result);
}

static int write_host(struct run *run, const struct host_run *h)
{
    const struct why_scan *scan = run->scan;
    struct why_host host;
    int status = why_diagnose(&scan->targets[h->index], h->results, scan->step_count, &host);

    if (status != WHY_OK)
        return status;
    run->summary->hosts++;
    run->summary->states[host.state]++;
    status = scan->on_host(scan->arg, &host);
    why_host_clear(&host);
    return status;
}

/* Writes what of |h| is next in order. Unlocks while it writes; true when the host is through. */
static bool write_ready(struct run *run, struct host_run *h)
{
    const struct why_scan *scan = run->scan;
    int status = WHY_OK;

    while (status == WHY_OK && h->written < scan->step_count && h->done[h->written]) {
        struct why_result *r = h->results[h->written++];

        if (r == NULL) /* interrupted: not a result, and the host will have no record */
            continue;
        pthread_mutex_unlock(&run->lock);
        status = write_result(run, r);
        pthread_mutex_lock(&run->lock);
    }
    if (status == WHY_OK && h->written == scan->step_count) {
        bool whole = true;

        for (size_t i = 0; i < scan->step_count; i++)
            whole = whole && h->results[i] != NULL;
        pthread_mutex_unlock(&run->lock);
        if (whole)
            status = write_host(run, h);
        pthread_mutex_lock(&run->lock);
    }
    if (status != WHY_OK && run->status == WHY_OK) {
        run->status = status;
        atomic_store(&run->stop, true);
    }
    return h->written == scan->step_count;
}

/* True when something was written or taken away. Locked. */
static bool write_some(struct run *run)
{
    for (struct host_run **p = &run->hosts; *p != NULL; p = &(*p)->next) {
        struct host_run *h = *p;

        if (run->status != WHY_OK && run->status != WHY_ERR_INTERRUPTED)
            return false;
        if (h->written < run->scan->step_count && !h->done[h->written])
            continue;
        if (write_ready(run, h)) {
            /* The list may have grown at its head while it was unlocked. */
            for (p = &run->hosts; *p != h;)
                p = &(*p)->next;
            *p = h->next;
            host_run_free(h, run->scan->step_count);
        }
        return true;
    }
    return false;
}

static void tick(struct run *run)
{
    struct timespec until;

    if (clock_gettime(CLOCK_REALTIME, &until) != 0)
        return;
    until.tv_nsec += TICK_NS;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_cond_timedwait(&run->changed, &run->lock, &until);
}

/* Locked. Until the workers are gone and everything they left is written. */
static void write_all(struct run *run)
{
    for (;;) {
        if (run->scan->cancelled != NULL && atomic_load(run->scan->cancelled) &&
            !atomic_load(&run->stop)) {
            if (run->status == WHY_OK)
                run->status = WHY_ERR_INTERRUPTED;
            atomic_store(&run->stop, true);
            pthread_cond_broadcast(&run->changed);
        }
        if (write_some(run))
            continue;
        if (run->workers == 0)
            return;
        tick(run);
    }
}

static size_t start_workers(struct run *run, pthread_t *threads)
{
    size_t n = 0;

    run->workers = run->scan->jobs;
    while (n < run->scan->jobs && pthread_create(&threads[n], NULL, worker, run) == 0)
        n++;
    pthread_mutex_lock(&run->lock);
    run->workers -= run->scan->jobs - n;
    pthread_mutex_unlock(&run->lock);
    return n;
}

static int run_all(struct run *run)
{
    const struct why_scan *scan = run->scan;
    pthread_t *threads = calloc(scan->jobs, sizeof(*threads));
    size_t n;

    if (threads == NULL)
        return WHY_ERR_NOMEM;
    n = start_workers(run, threads);
    if (n == 0)
        run->status = WHY_ERR_NOMEM;
    pthread_mutex_lock(&run->lock);
    write_all(run);
    pthread_mutex_unlock(&run->lock);
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    while (run->hosts != NULL) {
        struct host_run *h = run->hosts;

        run->hosts = h->next;
        host_run_free(h, scan->step_count);
    }
    free(threads);
    run->summary->complete =
        run->status == WHY_OK && run->summary->attempts == scan->target_count * scan->step_count;
    return run->status;
}

int why_scan_run(const struct why_scan *scan, struct why_scan_summary *summary)
{
    struct run run = {.scan = scan, .summary = summary};
    int status;

    memset(summary, 0, sizeof(*summary));
    run.ledger = ledger_new(scan->target_count);
    if (run.ledger == NULL)
        return WHY_ERR_NOMEM;
    if (pthread_mutex_init(&run.lock, NULL) != 0) {
        ledger_free(run.ledger);
        return WHY_ERR_NOMEM;
    }
    if (pthread_cond_init(&run.changed, NULL) != 0) {
        pthread_mutex_destroy(&run.lock);
        ledger_free(run.ledger);
        return WHY_ERR_NOMEM;
    }
    status = run_all(&run);
    pthread_cond_destroy(&run.changed);
    pthread_mutex_destroy(&run.lock);
    ledger_free(run.ledger);
    return status;
}
