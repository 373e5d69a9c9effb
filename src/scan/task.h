/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_TASK_H
#define RDPWHY_SCAN_TASK_H

#include "run.h"

/*
 * The next task to dial: one that is due again, or the next step of a host under way, or of the
 * next target where |new_targets|. Steps that are skipped become results on the way. NULL: none for
 * now, or none any more, or the run has failed.
 */
struct task *task_next(struct run *run, bool new_targets);

/* Skips the steps at the head of the line that are not to be tried. */
void task_skip_pointless(struct run *run);

/* The attempt begins: a new trace, and its head. False: out of memory. */
bool task_start_trace(struct run *run, struct task *task);
/* Appends to the task's trace, at the time that it is. */
void task_event(struct task *task, enum why_event_kind kind, int64_t value, const char *text);

/* What has come of it; both are taken over. Frees the task unless it is to be done again. */
void task_over(struct run *run, struct task *task, struct why_trace *trace,
               struct why_license_data *issued);
/* The dial's own trace is all there is. */
void task_over_by_dial(struct run *run, struct task *task);
/* It is to be dialled again, and nothing is held against it. */
void task_again(struct run *run, struct task *task);
/* Its worker died under it; |how| says of what. */
void task_lost(struct run *run, struct task *task, const char *how);
/* The run is being ended: its first try is a result, else there is none. */
void task_abandon(struct run *run, struct task *task);

#endif /* !defined(RDPWHY_SCAN_TASK_H) */
