/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RUN_RESULTS_H
#define RDPWHY_RUN_RESULTS_H

#include <stddef.h>

#include <rdpwhy/diagnosis.h>

/* Where the results of a run go, whether they were measured or recorded, and what they add up to.
 */

struct why_results {
    int (*on_result)(void *arg, const struct why_result *result);
    int (*on_host)(void *arg, const struct why_host *host);
    void *arg;
    struct why_scan_summary *summary;
};

/* Counts a result and hands it on. Returns the callback's status. */
int why_results_add(const struct why_results *results, const struct why_result *result);

/* Diagnoses a host, counts it and hands it on. Returns the callback's status or WHY_ERR_NOMEM. */
int why_results_add_host(const struct why_results *results, const struct why_target *target,
                         struct why_result *const *of_host, size_t count);

#endif /* !defined(RDPWHY_RUN_RESULTS_H) */
