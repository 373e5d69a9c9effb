/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_ZYGOTE_H
#define RDPWHY_SCAN_ZYGOTE_H

#include <stdbool.h>
#include <sys/types.h>

#include <rdpwhy/scan.h>

/*
 * The process that makes workers. It is forked before anybody has started a thread and never starts
 * one itself, for only a process without threads may fork and go on as if nothing had happened. It
 * also owns the directory below which the workers have theirs, and removes what they left there.
 */
struct zygote {
    int fd; /* -1: there is none */
    pid_t pid;
};

/* The caller must have no threads. WHY_OK, or WHY_ERR_IO with a message in |err|. */
int zygote_start(struct zygote *zygote, const struct why_scan *scan, char *err, size_t errlen);

/*
 * Forks a worker of |threads| attempts at once. Returns its end of the channel, non-blocking, and
 * its process id; -1 when there is no process or zygote to be had.
 */
int zygote_fork(struct zygote *zygote, unsigned threads, pid_t *pid);

/* Ends a worker if it has not ended by itself, and says how it ended: as waitpid() does, -1 where
 * that is not known. */
int zygote_reap(struct zygote *zygote, pid_t pid);

/* Ends it, after it has waited for workers that are through; those that are not are killed. */
void zygote_end(struct zygote *zygote);

#endif /* !defined(RDPWHY_SCAN_ZYGOTE_H) */
