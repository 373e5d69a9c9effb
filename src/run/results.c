/* SPDX-License-Identifier: Apache-2.0 */
#include "run/results.h"

#include <rdpwhy/status.h>

int why_results_add(const struct why_results *results, const struct why_result *result)
{
    results->summary->attempts++;
    results->summary->outcomes[result->verdict.outcome]++;
    return results->on_result(results->arg, result);
}

int why_results_add_host(const struct why_results *results, const struct why_target *target,
                         struct why_result *const *of_host, size_t count)
{
    struct why_host host;
    int status = why_diagnose(target, of_host, count, &host);

    if (status != WHY_OK)
        return status;
    results->summary->hosts++;
    results->summary->states[host.state]++;
    status = results->on_host(results->arg, &host);
    why_host_clear(&host);
    return status;
}
