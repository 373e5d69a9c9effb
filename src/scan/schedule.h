/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_SCHEDULE_H
#define RDPWHY_SCAN_SCHEDULE_H

#include "ledger.h"
#include "message.h"
#include "task.h"

/* Which step is next, and what comes of one that has been tried: all that a run decides. */

struct schedule {
    const struct why_scan *scan;
    struct ledger *ledgers; /* LEDGER_ACCOUNTS of them */
    const struct library *library;
    struct why_resolver *resolver;
    int status;       /* not WHY_OK: the run ends; the first failure stays */
    bool ending;      /* nothing more is begun */
    uint64_t held_us; /* how long the caller's functions took since this was last set to 0 */
    struct hosts hosts;
    struct task_queue again;        /* to be dialled once more, after the host's pause */
    struct task_queue second_tries; /* the same, a while later */
    bool source_over;
    uint64_t last_id;
};

void why_schedule_fail(struct schedule *schedule, int status);

/*
 * The next task to dial: one that is due again, or the next step of a host under way, or of the
 * next target where |new_targets|. Steps that are skipped become results on the way. NULL: none for
 * now, or none any more, or the run has failed.
 */
struct task *why_schedule_next(struct schedule *schedule, bool new_targets);
/* Skips the next steps as long as they are not to be tried. */
void why_schedule_skip(struct schedule *schedule);
/* When something that waits for its time is to be begun (monotonic); UINT64_MAX: nothing waits. */
uint64_t why_schedule_wake_us(const struct schedule *schedule);
/* Takes the hosts that are silent, and left alone for now, into account. */
void why_schedule_wait(const struct schedule *schedule, struct task_wait *wait);
/* Nothing more is begun. What was held back for a second try is reported as it is. */
void why_schedule_end(struct schedule *schedule);
/* Nothing is left to begin. */
bool why_schedule_is_over(const struct schedule *schedule);

/* What has become of a task, by its state; takes it over. */
void why_schedule_done(struct schedule *schedule, struct task *task);

#endif /* !defined(RDPWHY_SCAN_SCHEDULE_H) */
