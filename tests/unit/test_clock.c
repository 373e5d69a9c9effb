/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>

#include "unit.h"

static void test_clock(void)
{
    uint64_t first = why_clock_us(), wall = why_clock_wall_us();
    time_t now = time(NULL);
    struct timespec nap = {0, 2000000};

    nanosleep(&nap, NULL);
    CU_ASSERT(why_clock_us() >= first + 2000);
    CU_ASSERT(wall / 1000000 <= (uint64_t)now + 1 && wall / 1000000 + 10 >= (uint64_t)now);
}

int main(void)
{
    CU_TestInfo tests[] = {{"microseconds", test_clock}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"clock", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
