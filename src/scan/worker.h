/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_WORKER_H
#define RDPWHY_SCAN_WORKER_H

#include <stdnoreturn.h>

#include <rdpwhy/scan.h>

/*
 * A worker process: sets libfreerdp up, carries out the attempts that come over |fd| in up to
 * |threads| threads, and ends when the other end is closed. Does not return.
 */
noreturn void worker_main(int fd, const struct why_scan *scan, unsigned threads);

#endif /* !defined(RDPWHY_SCAN_WORKER_H) */
