/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_RUN_H
#define RDPWHY_SCAN_RUN_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/scan.h>

#include "attempt/attempt.h"
#include "dial/dial.h"

#include "ledger.h"
#include "zygote.h"

/*
 * The state of one run, all of it the dispatcher's one thread's. A step of a host becomes a task;
 * a task is dialled, waits for a worker, is with a worker, and becomes a result:
 *
 *   source ─► host ─► task: dialling ─► ready ─► with a worker ─► result ─► host ─► reports
 *                        ▲      └──── no connection ──────────────▲  │
 *                        └── again: a variation, or its worker died ◄┘
 */

struct member; /* a worker process, crew.c */

/* One target under way. Steps are begun in order; results are written in order. */
struct host {
    struct host *previous, *next;
    struct host *next_runnable;
    bool is_runnable;
    struct why_target target; /* owned */
    size_t started, finished, written;
    unsigned running;
    bool answered;               /* a connection was up: the next one will be, too */
    bool account_used;           /* the ledger's */
    struct why_result **results; /* one per step; NULL: not finished, or interrupted */
    bool *done;
    const struct why_result *certified; /* one of them that has the certificate; or NULL */
};

struct task {
    struct task *next; /* in the queue it is in, or its worker's list */
    struct host *host;
    size_t ordinal; /* from 0 */
    uint64_t id;
    enum why_variation variation;
    struct why_result *first_try;    /* owned */
    struct why_license_data license; /* to present; owned */
    unsigned crashes;                /* workers that it was with when they died */
    struct why_dial *dial;
    bool hopeful;               /* the host has answered before */
    bool aged;                  /* the dial has taken so long that it hardly will be answered */
    size_t poll_at, poll_count; /* its place among what is polled */
    struct why_trace *trace;    /* the dial's; kept until the attempt's own is there */
    uint64_t began_us, connected_us;
    int fd;
    bool begun;           /* with a worker: a thread of it has begun the attempt */
    uint64_t deadline_us; /* when the attempt must be over */
    bool asking, granted; /* the account: waits for an answer; may be used */
};

struct task_queue {
    struct task *first, **last;
    size_t count;
};

enum run_stage { RUN_GOING, RUN_DRAINING, RUN_CANCELLED };

struct run {
    const struct why_scan *scan;
    struct why_scan_summary *summary;
    int status; /* not WHY_OK: the run ends */
    enum run_stage stage;
    uint64_t began_us, stage_since_us, next_progress_us;

    struct host *hosts; /* under way */
    struct host *runnable, **last_runnable;
    size_t hosts_begun;
    bool source_over;

    struct task_queue again, ready;
    struct task **dialling;
    size_t dial_count, dial_capacity, dial_limit;
    size_t hopeful_dials, fresh_dials; /* of the young ones: to known hosts, to new ones */
    double hit_rate;                   /* how many of the fresh ones are answered, lately */
    uint64_t polled_aged_us;
    uint64_t next_start_us; /* for --rate */
    uint64_t next_id;

    struct ledger ledger;
    struct why_resolver *resolver;
    struct zygote zygote;
    struct member *crew;
    unsigned crew_limit, threads; /* workers, and attempts in each */
    size_t active;                /* tasks with workers */
    unsigned failed_starts;       /* of workers, in a row */
    uint64_t start_again_us;      /* no other one is started before */

    bool engine_known; /* what follows, from the first worker that was ready; owned */
    char *client_name, *client_hash;
    char *cannot[WHY_PROFILE_COUNT]; /* NULL: it can */

    struct pollfd *fds;
    size_t fd_count, fd_capacity;
};

/* The first failure stays. */
void run_fail(struct run *run, int status);
void run_warn(const struct run *run, const char *message);
/*
 * The caller's function, which was called at |since_us|, has returned: writing a report to a slow
 * reader takes as long as that one likes. What is under way has not been looked after meanwhile,
 * and no server is to be blamed for it.
 */
void run_was_held(struct run *run, uint64_t since_us);

void queue_init(struct task_queue *queue);
void queue_put(struct task_queue *queue, struct task *task);
struct task *queue_take(struct task_queue *queue); /* NULL: empty */

/* Room for one more to poll; returns its index, SIZE_MAX when out of memory. */
size_t run_poll(struct run *run, int fd, short events);

#endif /* !defined(RDPWHY_SCAN_RUN_H) */
