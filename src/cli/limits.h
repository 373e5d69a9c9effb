/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_LIMITS_H
#define RDPWHY_CLI_LIMITS_H

/*
 * How many of |jobs| attempts at once this process can carry: at least 1. Raises the soft limit of
 * open files as far as that needs and the hard limit allows.
 */
unsigned cli_limit_jobs(unsigned jobs);

#endif /* !defined(RDPWHY_CLI_LIMITS_H) */
