/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <stdlib.h>

#include <rdpwhy/status.h>

static void host_free(struct host *h, size_t steps)
{
    for (size_t i = 0; h->results != NULL && i < steps; i++)
        why_result_free(h->results[i]);
    free(h->results);
    free(h->done);
    free(h->target.host);
    free(h->target.label);
    free(h);
}

bool host_begin(struct run *run, const struct why_target *target)
{
    size_t steps = run->scan->step_count;
    struct host *h = calloc(1, sizeof(*h));

    if (h == NULL) {
        free(target->host);
        free(target->label);
        return false;
    }
    h->target = *target;
    h->results = calloc(steps, sizeof(struct why_result *));
    h->done = calloc(steps, sizeof(bool));
    if (h->results == NULL || h->done == NULL) {
        host_free(h, 0);
        return false;
    }
    h->next = run->hosts;
    if (h->next != NULL)
        h->next->previous = h;
    run->hosts = h;
    run->hosts_begun++;
    host_set_runnable(run, h);
    return true;
}

void host_set_runnable(struct run *run, struct host *h)
{
    if (h->is_runnable)
        return;
    h->is_runnable = true;
    h->next_runnable = NULL;
    *run->last_runnable = h;
    run->last_runnable = &h->next_runnable;
}

struct host *host_take_runnable(struct run *run)
{
    struct host *h = run->runnable;

    if (h == NULL)
        return NULL;
    run->runnable = h->next_runnable;
    if (run->runnable == NULL)
        run->last_runnable = &run->runnable;
    h->is_runnable = false;
    return h;
}

void host_put_back(struct run *run, struct host *h)
{
    h->is_runnable = true;
    h->next_runnable = run->runnable;
    if (run->runnable == NULL)
        run->last_runnable = &h->next_runnable;
    run->runnable = h;
}

static void drop(struct run *run, struct host *h)
{
    if (h->previous != NULL)
        h->previous->next = h->next;
    else
        run->hosts = h->next;
    if (h->next != NULL)
        h->next->previous = h->previous;
    host_free(h, run->scan->step_count);
}

static int write_host(const struct run *run, const struct host *h)
{
    struct why_host host;
    int status = why_diagnose(&h->target, h->results, run->scan->step_count, &host);

    if (status != WHY_OK)
        return status;
    run->summary->hosts++;
    run->summary->states[host.state]++;
    status = run->scan->on_host(run->scan->arg, &host);
    why_host_clear(&host);
    return status;
}

static int write_result(const struct run *run, const struct why_result *r)
{
    run->summary->attempts++;
    run->summary->outcomes[r->verdict.outcome]++;
    return run->scan->on_result(run->scan->arg, r);
}

static bool is_whole(const struct run *run, const struct host *h)
{
    for (size_t i = 0; i < run->scan->step_count; i++) {
        if (h->results[i] == NULL)
            return false;
    }
    return true;
}

void host_result(struct run *run, struct host *h, size_t ordinal, struct why_result *result)
{
    int status = WHY_OK;
    uint64_t since_us;

    h->results[ordinal] = result;
    h->done[ordinal] = true;
    if (result != NULL && result->facts.has_certificate)
        h->certified = result;
    h->finished++;
    since_us = why_monotonic_us();
    while (run->status == WHY_OK && h->written < run->scan->step_count && h->done[h->written]) {
        const struct why_result *r = h->results[h->written++];

        if (r != NULL)
            status = write_result(run, r);
        if (status != WHY_OK)
            run_fail(run, status);
    }
    if (run->status != WHY_OK || h->written < run->scan->step_count || !is_whole(run, h)) {
        run_was_held(run, since_us);
        return;
    }
    status = write_host(run, h);
    run_was_held(run, since_us);
    if (status != WHY_OK)
        run_fail(run, status);
    else
        drop(run, h);
}

void host_free_all(struct run *run)
{
    while (run->hosts != NULL) {
        struct host *h = run->hosts;

        run->hosts = h->next;
        host_free(h, run->scan->step_count);
    }
}
