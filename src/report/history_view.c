/* SPDX-License-Identifier: Apache-2.0 */
#include "history_formats.h"

#include <stdlib.h>
#include <string.h>

bool why_history_is_flapping(const struct why_history_host *host)
{
    return host->changes >= WHY_HISTORY_FLAPPING;
}

static void clear_host(struct why_history_host *host)
{
    free(host->target);
    free(host->vantage);
    free(host->rule);
    free(host->summary);
}

static void clear_certificate(struct why_history_certificate *certificate)
{
    free(certificate->sha256);
    free(certificate->subject);
    free(certificate->issuer);
    for (size_t i = 0; i < WHY_HISTORY_NAMED; i++)
        free(certificate->names[i]);
}

void why_history_view_clear(struct why_history_view *view)
{
    for (size_t i = 0; i < view->host_count; i++)
        clear_host(&view->hosts[i]);
    for (size_t i = 0; i < view->certificate_count; i++)
        clear_certificate(&view->certificates[i]);
    for (size_t i = 0; i < view->time_count; i++)
        free(view->times[i].vantage);
    for (size_t i = 0; i < view->pace_count; i++) {
        free(view->paces[i].target);
        free(view->paces[i].vantage);
    }
    free(view->hosts);
    free(view->certificates);
    free(view->times);
    free(view->paces);
    *view = (struct why_history_view){.now = view->now};
}

static int by_urgency(const void *left, const void *right)
{
    const struct why_history_host *a = *(struct why_history_host *const *)left;
    const struct why_history_host *b = *(struct why_history_host *const *)right;
    unsigned urgent_a = why_host_state_info(a->state)->urgent;
    unsigned urgent_b = why_host_state_info(b->state)->urgent;
    int order;

    if (urgent_a != urgent_b)
        return urgent_a > urgent_b ? -1 : 1;
    order = strcmp(b->since, a->since); /* what is new first */
    if (order == 0)
        order = strcmp(a->target, b->target);
    return order != 0 ? order : strcmp(a->vantage, b->vantage);
}

struct why_history_host **why_history_by_urgency(const struct why_history_view *view)
{
    struct why_history_host **hosts =
        calloc(view->host_count + 1, sizeof(struct why_history_host *));

    for (size_t i = 0; hosts != NULL && i < view->host_count; i++)
        hosts[i] = &view->hosts[i];
    if (hosts != NULL)
        qsort(hosts, view->host_count, sizeof(struct why_history_host *), by_urgency);
    return hosts;
}
