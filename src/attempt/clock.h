/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_CLOCK_H
#define RDPWHY_ATTEMPT_CLOCK_H

#include <stdint.h>

/* Microseconds of a clock that never goes back; its zero means nothing. */
uint64_t clock_monotonic_us(void);

/* Microseconds since 1970-01-01 UTC. */
uint64_t clock_wall_us(void);

/* Milliseconds until |deadline_us| (monotonic), rounded up, at most |cap_ms|; 0 when it is past. */
int clock_ms_until(uint64_t deadline_us, int cap_ms);

#endif /* !defined(RDPWHY_ATTEMPT_CLOCK_H) */
