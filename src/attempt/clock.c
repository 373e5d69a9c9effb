/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <time.h>

static uint64_t read_clock_us(clockid_t id)
{
    struct timespec ts;

    if (clock_gettime(id, &ts) != 0)
        return 0;
    return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

uint64_t clock_monotonic_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

uint64_t clock_wall_us(void)
{
    return read_clock_us(CLOCK_REALTIME);
}

int clock_ms_until(uint64_t deadline_us, int cap_ms)
{
    uint64_t now = clock_monotonic_us();
    uint64_t ms;

    if (now >= deadline_us)
        return 0;
    ms = (deadline_us - now + 999u) / 1000u;
    return ms > (uint64_t)cap_ms ? cap_ms : (int)ms;
}
