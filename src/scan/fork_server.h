/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_FORK_SERVER_H
#define RDPWHY_SCAN_FORK_SERVER_H

#include <sys/types.h>

#include <rdpwhy/scan.h>

#include "channel.h"

/*
 * The process that forks the workers. It is forked itself before anybody has started a thread, and
 * never starts one, for only a process without threads may fork and go on as if nothing had
 * happened. It also owns the directory below which the workers have theirs, and removes what they
 * left there.
 */
struct fork_server {
    struct channel channel;
    pid_t pid;
};

/* The caller must have no threads. WHY_OK, or WHY_ERR_IO with a message in |err|. */
int why_fork_server_start(struct fork_server *server, const struct why_scan *scan, char *err,
                          size_t errlen);

/*
 * Forks a worker of |threads| attempts at once. Returns the socket to it, non-blocking, and its
 * process id; -1 when there is no process to be had, or no server.
 */
int why_fork_server_spawn(struct fork_server *server, unsigned threads, pid_t *pid);

/* Kills a worker unless it has ended, and returns its status as waitpid() does; -1: not known. */
int why_fork_server_reap(struct fork_server *server, pid_t pid);

/* Ends the server, which first waits for its workers to end, and kills those that do not. */
void why_fork_server_end(struct fork_server *server);

#endif /* !defined(RDPWHY_SCAN_FORK_SERVER_H) */
