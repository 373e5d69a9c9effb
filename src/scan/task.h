/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_TASK_H
#define RDPWHY_SCAN_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/scan.h>

#include "attempt/attempt.h"
#include "dial/dial.h"

#include "host.h"
#include "ledger.h"

/*
 * A step of a host that is under way. schedule.c makes it; dials.c and worker_pool.c each take it
 * over and hand it back in a queue, with what has become of it:
 *
 *   schedule ─► dials ─► CONNECTED ─► pool ─► OVER ───────────────────► schedule ─► reports
 *      ▲          └────► OVER: no connection ──┼────────────────────────► ▲
 *      └── once more: a variation, a second try ◄── LOST, AGAIN: its worker has died ◄──┘
 */
enum task_state {
    TASK_CONNECTED, /* the socket is |fd| */
    TASK_OVER,      /* |trace| is all that will be known of it */
    TASK_LOST,      /* its worker died with it, or because of it: |how| says of what */
    TASK_AGAIN,     /* to be dialled again: its worker died before it could begin anything */
    TASK_ABANDONED  /* the run ends: its first try is a result, else there is none */
};

struct task {
    struct task *next; /* in the queue it is in, or in its worker's list */
    enum task_state state;
    struct host *host;
    const struct why_step *step;
    size_t ordinal; /* of the step, from 0 */
    uint64_t id;
    enum why_variation variation;
    bool asks_udp;                           /* for RDP over UDP, once its connection is over */
    unsigned hop;                            /* redirections that were followed to |to| */
    struct why_target to;                    /* its host is owned; NULL: the host's target */
    struct why_license_data redirection;     /* that leads there, or that came; a secret; owned */
    struct why_result *first_try;            /* owned; of TLS_FIRST what is to be the result */
    struct why_license_data license, issued; /* to present; what the server issued; owned */
    unsigned crashes;                        /* workers that died with it */
    char how[128];
    struct why_trace *trace; /* the dial's, in the end the attempt's; owned */
    uint64_t not_before_us;  /* it is to be dialled again then */
    uint64_t began_us, connected_us;
    uint64_t deadline_us; /* when its dial, and then its attempt, must be over */
    int fd;

    /* The dials'. */
    struct why_dial *dial;
    bool known;                 /* the host has answered before */
    bool slow;                  /* not answered for so long that it is unlikely to be */
    size_t poll_at, poll_count; /* its place in the poll set */

    /* The pool's. */
    bool begun;                           /* a thread of its worker has begun the attempt */
    bool asking, granted;                 /* the account: waits for an answer; may be used */
    bool asking_gateway, gateway_granted; /* likewise of the gateway's */
    enum ledger_account account;          /* which one was asked for */
};

void why_task_free(struct task *task);

/* Where the task connects to: the host's target, or where redirections led. */
const struct why_target *why_task_target(const struct task *task);
/* Forgets the redirection, and overwrites it. */
void why_task_drop_redirection(struct task *task);
/* Whether the redirection that leads there brings an account of its own. */
bool why_task_brings_account(const struct task *task);
/* Whether the account has been used there. */
bool *why_task_account_used(struct task *task);

/* How long an attempt may take: a session is watched for a while on top of it. */
uint64_t why_task_time_us(const struct why_scan *scan);

/* The attempt begins: a new trace, and its head. False: out of memory. */
bool why_task_start_trace(struct task *task, const struct why_scan *scan);
/* Appends to the task's trace, with the present time. */
void why_task_event(struct task *task, enum why_event_kind kind, int64_t value, const char *text);

/* Which attempts have been waited for a while; all zeros at first. */
struct task_wait {
    const struct task *longest;
    uint64_t left_us; /* until the last of their hosts is over, at most */
};

/* Takes |host| into account, whose present attempt is over in |left_us|, and whose other ones take
 * as long as they may where it is |silent|. */
void why_host_wait(struct task_wait *wait, const struct host *host, const struct why_scan *scan,
                   bool silent, uint64_t left_us);
/* Takes |task| into account, which is over by its deadline. */
void why_task_wait(struct task_wait *wait, const struct task *task, const struct why_scan *scan,
                   uint64_t now_us);

/* All zeros is the empty queue. */
struct task_queue {
    struct task *first, *last;
    size_t count;
};

void why_queue_put(struct task_queue *queue, struct task *task, enum task_state state);
struct task *why_queue_take(struct task_queue *queue); /* NULL: empty */
/* The same, unless the first task is not to be dialled yet at |now_us|. */
struct task *why_queue_take_due(struct task_queue *queue, uint64_t now_us);

#endif /* !defined(RDPWHY_SCAN_TASK_H) */
