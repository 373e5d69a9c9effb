/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include "base/clock.h"

int why_clock_ms_until(uint64_t deadline_us, int cap_ms)
{
    uint64_t now = why_clock_us();
    uint64_t ms;

    if (now >= deadline_us)
        return 0;
    ms = (deadline_us - now + 999u) / 1000u;
    return ms > (uint64_t)cap_ms ? cap_ms : (int)ms;
}
