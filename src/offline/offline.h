/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_OFFLINE_OFFLINE_H
#define RDPWHY_OFFLINE_OFFLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "run/results.h"

/*
 * Attempts that were made before: traces go in, the same results come out as of a scan. A second
 * try of a step becomes one result with its first, if it follows at once. All zeros, but for |out|
 * and |trust|, is how it begins.
 */

struct offline_host;
struct offline_held;
struct why_authorities;

struct why_offline {
    struct why_results out;
    struct why_authorities *trust; /* trust.h; NULL: chains are not judged */
    struct why_map hosts;          /* by their labels, in the order in which they came */
    struct why_result *pending;    /* the next trace may be the second try of its step */
    struct offline_host *pending_host;
    /* What comes later may have to be told of results: they wait for why_offline_release, or until
     * they are too many. */
    bool hold;
    struct offline_held *held; /* owned */
    size_t held_count, held_capacity;
    size_t kept;   /* results that a host's diagnosis will count */
    size_t unkept; /* results that were handed on, but are too many to keep for that */
};

/* Of a host's results that ended alike, at least so many are kept. */
#define WHY_OFFLINE_ALIKE 16u

/* Takes |trace| over. Returns WHY_OK, WHY_ERR_NOMEM, or the status of |out|'s function. */
int why_offline_add(struct why_offline *offline, struct why_trace *trace);
/* Each result that was not handed on yet, in the order in which they came. WHY_OK, or the first
 * status of |each| that is another. */
int why_offline_each(struct why_offline *offline, int (*each)(void *arg, struct why_result *result),
                     void *arg);
/* Hands on what waits. Returns the same as why_offline_add. */
int why_offline_release(struct why_offline *offline);
/* There are no more traces. Returns the same. */
int why_offline_finish(struct why_offline *offline);
/* Diagnoses the hosts, after that. Returns the same. */
int why_offline_diagnose(struct why_offline *offline);
void why_offline_clear(struct why_offline *offline);

#endif /* !defined(RDPWHY_OFFLINE_OFFLINE_H) */
