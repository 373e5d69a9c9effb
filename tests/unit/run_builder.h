/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TESTS_RUN_BUILDER_H
#define RDPWHY_TESTS_RUN_BUILDER_H

#include <stdint.h>

#include <rdpwhy/scan.h>

#include "dials.h"
#include "worker_pool.h"
#include "schedule.h"

/* A run of the scan put together by hand: no fork server, and no loop but the test's. */

struct run_builder {
    struct why_scan scan;
    struct why_scan_summary summary;
    struct fork_server server;
    struct why_resolver *resolver;
    struct ledger ledgers[LEDGER_ACCOUNTS];
    struct schedule schedule;
    struct dials dials;
    struct worker_pool pool;
    struct task_queue done;
    struct poll_set fds;
    const char *const *hosts; /* the targets to come, at |port|; NULL ends them */
    uint16_t port;
    char log[2048]; /* "tls@a completed/done; " for each result, "a healthy; " for each host */
};

/*
 * A run over |hosts| that carries out |count| steps for each. Attempts have an hour, or whatever
 * the test writes into |scan|. Any failure of these functions ends the test.
 */
void run_build(struct run_builder *b, const struct why_step *steps, size_t count,
               const char *const *hosts);
/* Abandons what is under way, and frees everything. */
void run_build_end(struct run_builder *b);

/* Tasks that dials and pool have handed back go on: to the pool, or to the schedule. */
void run_build_settle(struct run_builder *b);

/* The next task, as if its dial had ended just now: among those that are ready for a worker, with a
 * socket of its own. */
struct task *run_build_ready(struct run_builder *b);

/* A trace of an attempt like the task's, which goes on with |kind|; for the schedule, or for a
 * worker to hand in. */
struct why_trace *run_build_trace(const struct why_trace *dialled, enum why_event_kind kind,
                                  int64_t value);

/* The same of one that sends the account with NTLM first. */
struct why_trace *run_build_logon(const struct why_trace *dialled, enum why_event_kind kind,
                                  int64_t value);

/* A socket of 127.0.0.1 whose port is |*port|; with |listens|, connections to it come up. */
int run_build_port(bool listens, uint16_t *port);

#endif /* !defined(RDPWHY_TESTS_RUN_BUILDER_H) */
