/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <stdlib.h>

#include <rdpwhy/status.h>

void why_hosts_drop(struct host *h)
{
    for (size_t i = 0; h->results != NULL && i < h->step_count; i++)
        why_result_free(h->results[i]);
    free(h->results);
    free(h->done);
    why_target_clear(&h->target);
    free(h);
}

static void list_append(struct host_list *list, struct host *h)
{
    h->is_lined_up = true;
    h->next = NULL;
    if (list->first == NULL)
        list->first = h;
    else
        list->last->next = h;
    list->last = h;
}

static struct host *list_take(struct host_list *list)
{
    struct host *h = list->first;

    if (h == NULL)
        return NULL;
    list->first = h->next;
    h->is_lined_up = false;
    return h;
}

void why_hosts_clear(struct hosts *hosts)
{
    struct host *h;

    while ((h = list_take(&hosts->runnable)) != NULL || (h = list_take(&hosts->resting)) != NULL)
        why_hosts_drop(h);
}

bool why_hosts_begin(struct hosts *hosts, const struct why_target *target)
{
    struct host *h = calloc(1, sizeof(*h));

    if (h == NULL) {
        struct why_target lost = *target;

        why_target_clear(&lost);
        return false;
    }
    h->target = *target;
    h->steps = hosts->steps + (target->file != NULL ? 0 : hosts->file_steps);
    h->step_count = hosts->step_count - (target->file != NULL ? 0 : hosts->file_steps);
    h->results = calloc(h->step_count, sizeof(struct why_result *));
    h->done = calloc(h->step_count, sizeof(bool));
    if (h->results == NULL || h->done == NULL) {
        why_hosts_drop(h);
        return false;
    }
    hosts->begun++;
    why_hosts_append(hosts, h);
    return true;
}

void why_hosts_append(struct hosts *hosts, struct host *h)
{
    list_append(&hosts->runnable, h);
}

void why_hosts_prepend(struct hosts *hosts, struct host *h)
{
    struct host_list *list = &hosts->runnable;

    h->is_lined_up = true;
    h->next = list->first;
    if (list->first == NULL)
        list->last = h;
    list->first = h;
}

void why_hosts_rest(struct hosts *hosts, struct host *h)
{
    h->rests_until_us = h->not_before_us;
    list_append(&hosts->resting, h);
}

/* All rest about equally long, so that the first to rest is the first to wake up. One that has had
 * another connection meanwhile, of several at once, lies down again. */
void why_hosts_wake(struct hosts *hosts, uint64_t now_us)
{
    while (hosts->resting.first != NULL && hosts->resting.first->rests_until_us <= now_us) {
        struct host *h = list_take(&hosts->resting);

        if (h->not_before_us > now_us)
            why_hosts_rest(hosts, h);
        else
            why_hosts_append(hosts, h);
    }
}

struct host *why_hosts_take(struct hosts *hosts)
{
    return list_take(&hosts->runnable);
}

bool *why_host_account_used(struct host *h, const struct why_step *step)
{
    const struct why_profile_info *info = why_profile_info(step->profile);

    return &h->account_used[info->package][info->delegation];
}

void why_host_finish(struct host *h, size_t ordinal, struct why_result *result)
{
    h->results[ordinal] = result;
    h->done[ordinal] = true;
    if (result != NULL && result->facts.has_certificate && !why_is_hop(result))
        h->certified = result;
    h->silent = result != NULL && result->verdict.ending == WHY_END_TIMEOUT &&
                result->verdict.outcome == WHY_OUTCOME_ABORTED;
    h->finished++;
    h->running--;
}

struct why_result *why_host_reopen(struct host *h, size_t ordinal)
{
    struct why_result *result = h->results[ordinal];

    h->results[ordinal] = NULL;
    h->done[ordinal] = false;
    h->finished--;
    h->running++;
    return result;
}

static bool is_whole(const struct host *h)
{
    for (size_t i = 0; i < h->step_count; i++) {
        if (h->results[i] == NULL)
            return false;
    }
    return true;
}

int why_hosts_report(const struct hosts *hosts, struct host *h, bool hold)
{
    int status = WHY_OK;

    while (status == WHY_OK && h->reported < h->step_count && h->done[h->reported]) {
        const struct why_result *r = h->results[h->reported];

        if (hold && r != NULL && why_is_odd(r))
            return WHY_OK;
        h->reported++;
        if (r != NULL)
            status = why_results_add(&hosts->out, r);
    }
    if (status != WHY_OK || h->reported < h->step_count || !is_whole(h))
        return status;
    return why_results_add_host(&hosts->out, &h->target, h->results, h->step_count);
}
