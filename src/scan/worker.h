/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_WORKER_H
#define RDPWHY_SCAN_WORKER_H

#include <stdnoreturn.h>

#include <rdpwhy/scan.h>

/*
 * A worker: sets libfreerdp up, carries out the attempts that come over |fd|, which is taken over,
 * in up to |threads| threads, and returns when the other end is closed and all threads have ended.
 */
void why_worker_run(int fd, const struct why_scan *scan, unsigned threads);

/* The whole life of a worker process: runs the worker and exits. */
noreturn void why_worker_main(int fd, const struct why_scan *scan, unsigned threads);

#endif /* !defined(RDPWHY_SCAN_WORKER_H) */
