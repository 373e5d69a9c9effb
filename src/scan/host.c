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

void why_hosts_init(struct hosts *hosts)
{
    hosts->last_runnable = &hosts->runnable;
}

void why_hosts_clear(struct hosts *hosts)
{
    while (hosts->first != NULL) {
        struct host *h = hosts->first;

        hosts->first = h->next;
        host_free(h, hosts->steps);
    }
}

bool why_hosts_begin(struct hosts *hosts, const struct why_target *target)
{
    struct host *h = calloc(1, sizeof(*h));

    if (h == NULL) {
        free(target->host);
        free(target->label);
        return false;
    }
    h->target = *target;
    h->results = calloc(hosts->steps, sizeof(struct why_result *));
    h->done = calloc(hosts->steps, sizeof(bool));
    if (h->results == NULL || h->done == NULL) {
        host_free(h, 0);
        return false;
    }
    h->next = hosts->first;
    if (h->next != NULL)
        h->next->previous = h;
    hosts->first = h;
    hosts->begun++;
    why_hosts_append(hosts, h);
    return true;
}

void why_hosts_append(struct hosts *hosts, struct host *h)
{
    if (h->is_runnable)
        return;
    h->is_runnable = true;
    h->next_runnable = NULL;
    *hosts->last_runnable = h;
    hosts->last_runnable = &h->next_runnable;
}

void why_hosts_prepend(struct hosts *hosts, struct host *h)
{
    h->is_runnable = true;
    h->next_runnable = hosts->runnable;
    if (hosts->runnable == NULL)
        hosts->last_runnable = &h->next_runnable;
    hosts->runnable = h;
}

struct host *why_hosts_take(struct hosts *hosts)
{
    struct host *h = hosts->runnable;

    if (h == NULL)
        return NULL;
    hosts->runnable = h->next_runnable;
    if (hosts->runnable == NULL)
        hosts->last_runnable = &hosts->runnable;
    h->is_runnable = false;
    return h;
}

static void drop(struct hosts *hosts, struct host *h)
{
    if (h->previous != NULL)
        h->previous->next = h->next;
    else
        hosts->first = h->next;
    if (h->next != NULL)
        h->next->previous = h->previous;
    host_free(h, hosts->steps);
}

void why_host_finish(struct host *h, size_t ordinal, struct why_result *result)
{
    h->results[ordinal] = result;
    h->done[ordinal] = true;
    if (result != NULL && result->facts.has_certificate)
        h->certified = result;
    h->finished++;
    h->running--;
}

static bool is_whole(const struct host *h, size_t steps)
{
    for (size_t i = 0; i < steps; i++) {
        if (h->results[i] == NULL)
            return false;
    }
    return true;
}

int why_hosts_report(struct hosts *hosts, struct host *h)
{
    int status = WHY_OK;

    while (status == WHY_OK && h->reported < hosts->steps && h->done[h->reported]) {
        const struct why_result *r = h->results[h->reported++];

        if (r != NULL)
            status = why_results_add(&hosts->out, r);
    }
    if (status != WHY_OK || h->reported < hosts->steps || !is_whole(h, hosts->steps))
        return status;
    status = why_results_add_host(&hosts->out, &h->target, h->results, hosts->steps);
    if (status == WHY_OK)
        drop(hosts, h);
    return status;
}
