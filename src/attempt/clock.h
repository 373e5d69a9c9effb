/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_CLOCK_H
#define RDPWHY_ATTEMPT_CLOCK_H

#include <stdint.h>

/* Milliseconds until |deadline_us| (base/clock.h), rounded up, at most |cap_ms|; 0 when it is past.
 */
int why_clock_ms_until(uint64_t deadline_us, int cap_ms);

#endif /* !defined(RDPWHY_ATTEMPT_CLOCK_H) */
