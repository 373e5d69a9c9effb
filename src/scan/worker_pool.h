/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_WORKER_POOL_H
#define RDPWHY_SCAN_WORKER_POOL_H

#include "fork_server.h"
#include "ledger.h"
#include "message.h"
#include "poll_set.h"
#include "task.h"

/* The worker processes, as the dispatcher sees them: how many there are and what each has to do. */

struct worker_pool {
    const struct why_scan *scan;
    struct fork_server *server;
    struct ledger *ledgers;      /* LEDGER_ACCOUNTS of them */
    struct library library;      /* from the first worker that was ready */
    struct task_queue waiting;   /* connected, and no worker has them yet */
    struct pool_worker *workers; /* owned */
    unsigned limit, threads;     /* workers, and attempts in each */
    size_t active;               /* tasks that workers have */
    unsigned failed_starts;      /* of workers, in a row */
    uint64_t start_again_us;     /* no worker is spawned before */
    int status;                  /* not WHY_OK: it cannot go on */
    char why[512];               /* and why, if that is not all */
};

/* Decides how many workers and threads there may be, and spawns the first. */
void why_workers_start(struct worker_pool *pool);
void why_workers_clear(struct worker_pool *pool);

/* Gives waiting tasks to workers, as far as there are any for them. */
void why_workers_assign(struct worker_pool *pool);

/* Adds the workers' sockets to |set|; returns until when to wait at most (monotonic). */
uint64_t why_workers_poll(struct worker_pool *pool, struct poll_set *set);
/* Reads the workers' messages after the poll, and reaps those that have died or hang. Tasks that no
 * worker has any more go to |done|. */
void why_workers_step(struct worker_pool *pool, const struct poll_set *set,
                      struct task_queue *done);

/* Answers the questions about the account that the ledger can answer now. */
void why_workers_answer(struct worker_pool *pool);

/* Takes all attempts that workers have into account. */
void why_workers_wait(const struct worker_pool *pool, struct task_wait *wait, uint64_t now_us);

/* Tells the workers to end running attempts. */
void why_workers_cancel(struct worker_pool *pool);
/* Takes back what the workers have, whatever they do with it. */
void why_workers_abandon(struct worker_pool *pool, struct task_queue *done);
/* The dispatcher could not listen for |us|: the attempts have that much longer. */
void why_workers_postpone(struct worker_pool *pool, uint64_t us);

#endif /* !defined(RDPWHY_SCAN_WORKER_POOL_H) */
