/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_HOST_H
#define RDPWHY_SCAN_HOST_H

#include "run.h"

/* Takes the target's strings over. False: out of memory. */
bool host_begin(struct run *run, const struct why_target *target);

/* Puts the host among those that have a step to begin. */
void host_set_runnable(struct run *run, struct host *host);
/* The next one of them; NULL: none. */
struct host *host_take_runnable(struct run *run);
/* Back to the head of the line. */
void host_put_back(struct run *run, struct host *host);

/* A step is over: |result| is taken over; NULL: interrupted. Writes what is next in order. */
void host_result(struct run *run, struct host *host, size_t ordinal, struct why_result *result);

/* Of the end of the run: hosts that have no record. */
void host_free_all(struct run *run);

#endif /* !defined(RDPWHY_SCAN_HOST_H) */
