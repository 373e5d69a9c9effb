/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_WORKER_H
#define RDPWHY_SCAN_WORKER_H

#include <stdnoreturn.h>

#include <rdpwhy/scan.h>

/*
 * A worker: sets libfreerdp up, carries out the attempts that come over |fd|, which is taken over,
 * in up to |threads| threads, and returns when the other end is closed and all threads have ended.
 */
void worker_run(int fd, const struct why_scan *scan, unsigned threads);

/* The same as all that a process does: ends it. */
noreturn void worker_main(int fd, const struct why_scan *scan, unsigned threads);

#endif /* !defined(RDPWHY_SCAN_WORKER_H) */
