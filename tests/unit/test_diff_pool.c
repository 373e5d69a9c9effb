/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "pool.h"
#include "unit.h"

static void test_pool(void)
{
    struct pool pool = {.count = 0};
    char text[32];

    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 5000; i++) {
            int len = snprintf(text, sizeof(text), "host-%zu", i);

            CU_ASSERT_EQUAL(why_pool_add(&pool, text, (size_t)len), i);
        }
    }
    CU_ASSERT_EQUAL(pool.count, 5000);
    CU_ASSERT_EQUAL(why_pool_find(&pool, "host-4711"), 4711);
    CU_ASSERT_EQUAL(why_pool_find(&pool, "host-5000"), POOL_NONE);
    CU_ASSERT_EQUAL(why_pool_find(&pool, "host-471"), 471);
    why_pool_clear(&pool);
    CU_ASSERT_EQUAL(why_pool_find(&pool, "host-1"), POOL_NONE);
}

int main(void)
{
    CU_TestInfo tests[] = {{"texts kept once", test_pool}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"diff pool", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
