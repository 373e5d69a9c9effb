/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_BASE_CLOCK_H
#define RDPWHY_BASE_CLOCK_H

#include <stdint.h>

/* Microseconds of a clock that never goes back; its zero means nothing. */
uint64_t why_clock_us(void);

/* Microseconds since 1970-01-01 UTC. */
uint64_t why_clock_wall_us(void);

#endif /* !defined(RDPWHY_BASE_CLOCK_H) */
