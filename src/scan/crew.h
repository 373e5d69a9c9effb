/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_CREW_H
#define RDPWHY_SCAN_CREW_H

#include "run.h"

/* The workers, seen from the dispatcher. */

/* How many there may be, and how many attempts each may have. Starts the first. */
void crew_init(struct run *run);
void crew_free(struct run *run);

/* Hands tasks that are ready to workers, as far as there are any for them. */
void crew_assign(struct run *run);

/* Adds the channels to what is polled; returns until when to wait at most (monotonic). */
uint64_t crew_poll(struct run *run);
/* Reads what they have to say after the poll, and sees who has died or hangs. */
void crew_step(struct run *run);

/* Answers the questions about the account that can be answered now. */
void crew_answer_all(struct run *run);

/* Tells them to end what is under way. */
void crew_cancel(struct run *run);
/* Gives up what is with them. */
void crew_abandon(struct run *run);
/* Nobody could listen to them for |us|. */
void crew_postpone(struct run *run, uint64_t us);

#endif /* !defined(RDPWHY_SCAN_CREW_H) */
