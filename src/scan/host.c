/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <stdlib.h>

#include <rdpwhy/status.h>

void why_hosts_drop(const struct hosts *hosts, struct host *h)
{
    for (size_t i = 0; h->results != NULL && i < hosts->steps; i++)
        why_result_free(h->results[i]);
    free(h->results);
    free(h->done);
    free(h->target.host);
    free(h->target.label);
    free(h);
}

void why_hosts_clear(struct hosts *hosts)
{
    struct host *h;

    while ((h = why_hosts_take(hosts)) != NULL)
        why_hosts_drop(hosts, h);
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
        why_hosts_drop(hosts, h);
        return false;
    }
    hosts->begun++;
    why_hosts_append(hosts, h);
    return true;
}

void why_hosts_append(struct hosts *hosts, struct host *h)
{
    h->is_runnable = true;
    h->next = NULL;
    if (hosts->runnable == NULL)
        hosts->runnable = h;
    else
        hosts->last_runnable->next = h;
    hosts->last_runnable = h;
}

void why_hosts_prepend(struct hosts *hosts, struct host *h)
{
    h->is_runnable = true;
    h->next = hosts->runnable;
    if (hosts->runnable == NULL)
        hosts->last_runnable = h;
    hosts->runnable = h;
}

struct host *why_hosts_take(struct hosts *hosts)
{
    struct host *h = hosts->runnable;

    if (h == NULL)
        return NULL;
    hosts->runnable = h->next;
    h->is_runnable = false;
    return h;
}

bool *why_host_account_used(struct host *h, const struct why_step *step)
{
    return &h->account_used[why_profile_info(step->profile)->package];
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

int why_hosts_report(const struct hosts *hosts, struct host *h)
{
    int status = WHY_OK;

    while (status == WHY_OK && h->reported < hosts->steps && h->done[h->reported]) {
        const struct why_result *r = h->results[h->reported++];

        if (r != NULL)
            status = why_results_add(&hosts->out, r);
    }
    if (status != WHY_OK || h->reported < hosts->steps || !is_whole(h, hosts->steps))
        return status;
    return why_results_add_host(&hosts->out, &h->target, h->results, hosts->steps);
}
