/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <stdlib.h>

const struct why_run_plan *why_run_plan(const struct why_run *run)
{
    return &run->plan;
}

struct run_host *why_run_host(const struct why_run *run, size_t number)
{
    return run->hosts.entries[number]->value; /* no host is ever removed */
}

size_t why_run_target_count(const struct why_run *run)
{
    return run->hosts.count;
}

const char *why_run_target(const struct why_run *run, size_t index)
{
    return why_run_host(run, index)->target;
}

void why_run_free(struct why_run *run)
{
    if (!run)
        return;
    for (size_t i = 0; i < run->count; i++)
        free(run->attempts[i].phases);
    free(run->attempts);
    why_map_clear(&run->hosts, free);
    why_map_clear(&run->texts, NULL);
    free(run);
}
