/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/require.h>
#include <rdpwhy/status.h>

#include "base/grow.h"

int why_judged_list_add(struct why_judged_list *list, const struct why_host *judged)
{
    struct why_judged_host host = {.count = judged->judgement_count};

    if (!why_grow(&list->hosts, &list->capacity, list->count + 1, sizeof(*list->hosts)))
        return WHY_ERR_NOMEM;
    host.target = strdup(judged->target->label);
    host.judgements = calloc(host.count + 1, sizeof(*host.judgements));
    if (!host.target || !host.judgements) {
        free(host.target);
        free(host.judgements);
        return WHY_ERR_NOMEM;
    }
    for (size_t i = 0; i < host.count; i++) {
        host.judgements[i] = judged->judgements[i];
        host.unmet += !judged->judgements[i].met;
    }
    list->unmet += host.unmet > 0;
    list->hosts[list->count++] = host;
    return WHY_OK;
}

static int by_worst(const void *left, const void *right)
{
    const struct why_judged_host *a = left, *b = right;

    if (a->unmet != b->unmet)
        return a->unmet > b->unmet ? -1 : 1;
    return strcmp(a->target, b->target);
}

void why_judged_list_sort(struct why_judged_list *list)
{
    if (list->count > 0)
        qsort(list->hosts, list->count, sizeof(*list->hosts), by_worst);
}

void why_judged_list_clear(struct why_judged_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->hosts[i].target);
        free(list->hosts[i].judgements);
    }
    free(list->hosts);
    memset(list, 0, sizeof(*list));
}
