/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <string.h>

#include "unit.h"

static void test_print(void)
{
    static const uint8_t bytes[] = {0x00, 0x7F, 0x80, 0xFF, 0x0A};
    char text[16];

    CU_ASSERT_PTR_EQUAL(why_hex_print(text, bytes, sizeof(bytes)), text + 10);
    CU_ASSERT_STRING_EQUAL(text, "007f80ff0a");
    CU_ASSERT_PTR_EQUAL(why_hex_print(text, bytes, 0), text);
    CU_ASSERT_STRING_EQUAL(text, "");
    CU_ASSERT_PTR_EQUAL(why_hex_escape(text, 0x9B), text + 4);
    CU_ASSERT_STRING_EQUAL(text, "\\x9b");
}

static void test_parse(void)
{
    uint8_t bytes[8] = {0};

    CU_ASSERT_TRUE(why_hex_parse("007f80FFaB", 10, bytes));
    CU_ASSERT_EQUAL(memcmp(bytes, "\x00\x7F\x80\xFF\xAB", 6), 0);
    CU_ASSERT_TRUE(why_hex_parse("", 0, bytes));
    CU_ASSERT_FALSE(why_hex_parse("0", 1, bytes));
    CU_ASSERT_FALSE(why_hex_parse("0g", 2, bytes));
    CU_ASSERT_FALSE(why_hex_parse("0\xE9", 2, bytes));
}

/* Each of the 256 bytes. */
static void test_digits(void)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";

    for (int c = 0; c < 256; c++) {
        const char *at = c != 0 ? strchr(digits, c) : NULL;

        CU_ASSERT_EQUAL(why_hex_digit((char)c), at != NULL ? (at - digits) % 16 : -1);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"print", test_print}, {"parse", test_parse}, {"digits", test_digits}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"hex", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
