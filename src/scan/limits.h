/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_LIMITS_H
#define RDPWHY_SCAN_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* What fits into this machine. Open files are limited for each process. */

#define LIMITS_WORKERS_MAX       16u
#define LIMITS_FILES_OF_WORKER   32u
#define LIMITS_FILES_PER_ATTEMPT 12u /* libfreerdp's context took 9 */

/* Connections being dialled at once: enough for 800 silent hosts a second, and still few enough for
 * the tables of the firewalls on the way. */
#define LIMITS_DIALS_MAX   4096u
#define LIMITS_DIALS_LEAST 16u
/* Workers' channels, reports, sockets that wait for a worker. */
#define LIMITS_FILES_OF_OUR_OWN 96u

unsigned why_limits_attempts_of_worker(void);
size_t why_limits_dials(void);

#endif /* !defined(RDPWHY_SCAN_LIMITS_H) */
