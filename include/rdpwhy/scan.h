/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_H
#define RDPWHY_SCAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/attempt.h>
#include <rdpwhy/diagnosis.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>

/* Many steps over many hosts: order, threads, deadlines. Knows nothing of RDP. */

struct why_scan {
    struct why_engine *engine;
    const struct why_target *targets;
    size_t target_count;
    const struct why_step *steps; /* carried out for every target, in this order */
    size_t step_count;
    enum why_phase until;
    uint64_t timeout_us;
    uint64_t connect_timeout_us;
    int family;
    unsigned jobs;     /* attempts at once over all hosts, at least 1 */
    unsigned per_host; /* attempts at once on one host, at least 1 */
    unsigned rate;     /* new attempts a second; 0: no limit */
    const struct why_credentials *credentials;
    bool capture; /* keep the packets and TLS secrets of every attempt in its trace */
    const char *license_store; /* directory, store.h; NULL: none, and no license is kept */
    const atomic_bool *cancelled;
    /*
     * Called from one thread, never at once: every attempt in the host's plan order, the host after
     * its last attempt. A status other than WHY_OK ends the run.
     */
    int (*on_result)(void *arg, const struct why_result *result);
    int (*on_host)(void *arg, const struct why_host *host);
    /* Something went wrong that takes no result away (a license that could not be kept). May be
     * called from any thread, one call at a time; NULL: nobody wants to know. */
    void (*on_warning)(void *arg, const char *message);
    void *arg;
};

struct why_scan_summary {
    size_t hosts, attempts;
    size_t outcomes[WHY_OUTCOME_COUNT];
    size_t states[WHY_HOST_STATE_COUNT];
    bool complete; /* every step of every target has a result */
};

/*
 * Runs to the end, to the first failing callback, or to the cancel flag. Returns WHY_OK,
 * WHY_ERR_INTERRUPTED, a callback's status, or WHY_ERR_NOMEM; |*summary| is filled in any case.
 */
int why_scan_run(const struct why_scan *scan, struct why_scan_summary *summary);

#endif /* !defined(RDPWHY_SCAN_H) */
