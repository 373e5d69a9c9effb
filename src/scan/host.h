/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_HOST_H
#define RDPWHY_SCAN_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "run/results.h"

/* Targets under way, the order in which they are served, and the order of their results. */

/* One target. Its steps are begun in order, and their results are reported in order. */
struct host {
    struct host *next; /* of those that have a step to begin */
    bool is_runnable;
    struct why_target target; /* owned */
    size_t started, finished, reported;
    unsigned running;
    bool answered;                        /* a connection was up: the next one will be, too */
    bool account_used[WHY_PACKAGE_COUNT]; /* the ledger's, by what the step's profile pins */
    struct why_result **results; /* one for each step; NULL: not finished, or interrupted */
    bool *done;
    const struct why_result *certified; /* one of them that has the certificate; or NULL */
};

struct hosts {
    size_t steps; /* of each */
    struct why_results out;
    struct host *runnable, *last_runnable; /* have a step to begin, in this order */
    size_t begun;
};

/* Frees the runnable hosts, which are all that have an unfinished step once no task is left. */
void why_hosts_clear(struct hosts *hosts);

/* Takes the target's strings over. False: out of memory. */
bool why_hosts_begin(struct hosts *hosts, const struct why_target *target);

/* Puts the host at the end of those that have a step to begin, or before them all. */
void why_hosts_append(struct hosts *hosts, struct host *host);
void why_hosts_prepend(struct hosts *hosts, struct host *host);
/* Takes the first of them; NULL: none. */
struct host *why_hosts_take(struct hosts *hosts);

/* Whether the account has been used on the host: once by profiles that leave it to the server how
 * it is proven, and once by those that pin a package. */
bool *why_host_account_used(struct host *h, const struct why_step *step);

/* A step is over: |result| is taken over; NULL: interrupted. */
void why_host_finish(struct host *host, size_t ordinal, struct why_result *result);
/*
 * Reports the results that are next in order, and the host after its last. Returns WHY_OK, the
 * callback's status, or WHY_ERR_NOMEM.
 */
int why_hosts_report(const struct hosts *hosts, struct host *host);
/* Frees a host with its results. */
void why_hosts_drop(const struct hosts *hosts, struct host *host);

#endif /* !defined(RDPWHY_SCAN_HOST_H) */
