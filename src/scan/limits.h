/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_LIMITS_H
#define RDPWHY_SCAN_LIMITS_H

#include <stddef.h>

/* What fits into this machine. Open files are limited for each process. */

#define LIMITS_WORKERS_MAX 16u

/* At once, each at least one: attempts of a worker, and connections that the dispatcher dials. */
unsigned why_limits_attempts_of_worker(void);
size_t why_limits_dials(void);

#endif /* !defined(RDPWHY_SCAN_LIMITS_H) */
