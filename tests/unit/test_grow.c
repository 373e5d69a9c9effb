/* SPDX-License-Identifier: Apache-2.0 */
#include "base/grow.h"

#include <stdint.h>
#include <stdlib.h>

#include "unit.h"

static void test_doubling(void)
{
    uint32_t *items = NULL;
    size_t capacity = 0, moves = 0;

    for (uint32_t i = 0; i < 1000; i++) {
        size_t before = capacity;

        CU_ASSERT_TRUE_FATAL(why_grow(&items, &capacity, i + 1, sizeof(*items)));
        moves += capacity != before;
        items[i] = i;
    }
    CU_ASSERT_EQUAL(capacity, 1024);
    CU_ASSERT_EQUAL(moves, 8);
    CU_ASSERT_EQUAL(items[0], 0);
    CU_ASSERT_EQUAL(items[999], 999);
    free(items);
}

static void test_many_at_once(void)
{
    char *bytes = NULL;
    size_t capacity = 0;

    CU_ASSERT_TRUE(why_grow(&bytes, &capacity, 0, 1));
    CU_ASSERT_TRUE(why_grow(&bytes, &capacity, 1000, 1));
    CU_ASSERT_EQUAL(capacity, 1024);
    CU_ASSERT_TRUE(why_grow(&bytes, &capacity, 1024, 1));
    CU_ASSERT_EQUAL(capacity, 1024);
    free(bytes);
}

static void test_too_many(void)
{
    uint64_t *items = NULL;
    size_t capacity = 0;

    CU_ASSERT_TRUE_FATAL(why_grow(&items, &capacity, 1, sizeof(*items)));
    items[0] = 4711;
    CU_ASSERT_FALSE(why_grow(&items, &capacity, SIZE_MAX, sizeof(*items)));
    CU_ASSERT_FALSE(why_grow(&items, &capacity, SIZE_MAX / 2 + 1, sizeof(*items)));
    CU_ASSERT_FALSE(why_grow(&items, &capacity, SIZE_MAX / 8, sizeof(*items)));
    CU_ASSERT_EQUAL(capacity, 8);
    CU_ASSERT_EQUAL(items[0], 4711);
    free(items);
}

int main(void)
{
    CU_TestInfo tests[] = {{"doubling", test_doubling},
                           {"many at once", test_many_at_once},
                           {"too many", test_too_many},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"grow", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
