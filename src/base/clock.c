/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <time.h>

static uint64_t read_us(clockid_t id)
{
    struct timespec ts;

    if (clock_gettime(id, &ts) != 0)
        return 0;
    return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

uint64_t why_clock_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

uint64_t why_clock_wall_us(void)
{
    return read_us(CLOCK_REALTIME);
}
