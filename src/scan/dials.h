/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_DIALS_H
#define RDPWHY_SCAN_DIALS_H

#include "run.h"

/* Connections being dialled, thousands at once, all by one thread. */

/*
 * Whether another dial may begin; |*new_targets|: also to a host that has not answered yet. As many
 * are under way as will, by experience, keep the workers busy: a host that answers must not wait
 * long for one of them. Dials that nobody has answered for a while do not count.
 */
bool dials_may_begin(const struct run *run, bool *new_targets);

/* Takes the task over. */
void dials_begin(struct run *run, struct task *task);

/* Adds the sockets to what is polled; returns until when to wait at most (monotonic). */
uint64_t dials_poll(struct run *run);
/* Looks at all of them after the poll. */
void dials_step(struct run *run);

/* The run is being ended. */
void dials_abandon(struct run *run);
/* Nobody could look after them for |us|: that time is not theirs. */
void dials_postpone(struct run *run, uint64_t us);

#endif /* !defined(RDPWHY_SCAN_DIALS_H) */
