/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_DIALS_H
#define RDPWHY_SCAN_DIALS_H

#include "poll_set.h"
#include "task.h"

/* Connections being dialled, thousands at once, all by one thread. */

struct dials {
    const struct why_scan *scan;
    struct why_resolver *resolver;
    struct task **items; /* owned */
    size_t count, capacity, limit;
    size_t known_hosts, new_hosts; /* dialled, and not slow */
    double answer_rate;            /* how many of those to new hosts are answered, lately */
    uint64_t polled_slow_us;
};

/*
 * Whether another dial may begin while |busy| tasks have a connection; |*new_targets|: also to a
 * host that has not answered yet. As many are under way as will, by experience, keep the workers
 * busy: a host that answers must not wait long for one of them. Slow dials do not count.
 */
bool why_dials_may_begin(const struct dials *dials, size_t busy, bool *new_targets);

/* Takes the task over; into |done| with it if its dial is over at once. WHY_OK or WHY_ERR_NOMEM. */
int why_dials_begin(struct dials *dials, struct task *task, struct task_queue *done);

/* Adds the sockets to |set|; returns until when to wait at most (monotonic). */
uint64_t why_dials_poll(struct dials *dials, struct poll_set *set);
/* Looks at all of them after the poll; those that are over go to |done|. */
void why_dials_step(struct dials *dials, const struct poll_set *set, struct task_queue *done);

/* Takes all of them into account. */
void why_dials_wait(const struct dials *dials, struct task_wait *wait, uint64_t now_us);

/* Hands all of them back: the run is being ended. */
void why_dials_abandon(struct dials *dials, struct task_queue *done);
/* Nobody could look after them for |us|: that time is not theirs. */
void why_dials_postpone(struct dials *dials, uint64_t us);

#endif /* !defined(RDPWHY_SCAN_DIALS_H) */
