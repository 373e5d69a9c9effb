/* SPDX-License-Identifier: Apache-2.0 */
#include "lz77.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* [MS-XCA] 3.1: the specification's own examples. */
static void test_examples(void)
{
    static const uint8_t letters[] = {0x3f, 0x00, 0x00, 0x00, 'a', 'b', 'c', 'd', 'e', 'f',
                                      'g',  'h',  'i',  'j',  'k', 'l', 'm', 'n', 'o', 'p',
                                      'q',  'r',  's',  't',  'u', 'v', 'w', 'x', 'y', 'z'};
    static const uint8_t repeated[] = {0xff, 0xff, 0xff, 0x1f, 'a',  'b', 'c',
                                       0x17, 0x00, 0x0f, 0xff, 0x26, 0x01};
    uint8_t out[300];

    CU_ASSERT(why_lz77_unpack(letters, sizeof(letters), out, 26));
    CU_ASSERT(memcmp(out, "abcdefghijklmnopqrstuvwxyz", 26) == 0);
    CU_ASSERT(why_lz77_unpack(repeated, sizeof(repeated), out, 300));
    for (size_t i = 0; i < 300; i++)
        CU_ASSERT_EQUAL(out[i], "abc"[i % 3]);
}

/* Every shorter input is too short; a distance before the start is none. */
static void test_bounds(void)
{
    static const uint8_t repeated[] = {0xff, 0xff, 0xff, 0x1f, 'a',  'b', 'c',
                                       0x17, 0x00, 0x0f, 0xff, 0x26, 0x01};
    static const uint8_t before[] = {0xff, 0xff, 0xff, 0xff, 0x08, 0x00};
    static const uint8_t short_length[] = {0xff, 0xff, 0xff, 0x7f, 'a', 0x07,
                                           0x00, 0x0f, 0xff, 0x10, 0x00};
    uint8_t out[300];

    for (size_t n = 0; n < sizeof(repeated); n++) {
        uint8_t *exact = malloc(n > 0 ? n : 1);

        CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
        memcpy(exact, repeated, n);
        CU_ASSERT(!why_lz77_unpack(exact, n, out, 300));
        free(exact);
    }
    CU_ASSERT(!why_lz77_unpack(before, sizeof(before), out, 10));
    CU_ASSERT(!why_lz77_unpack(short_length, sizeof(short_length), out, 300));
    CU_ASSERT(why_lz77_unpack(repeated, 0, out, 0));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"examples of the specification", test_examples},
        {"bounds", test_bounds},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"etl lz77", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return why_unit_main(suites);
}
