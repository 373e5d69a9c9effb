/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rfc3339.h"

#include <string.h>

#include <rdpwhy/status.h>

#include "unit.h"

static const struct {
    const char *text;
    int64_t seconds;
    int32_t micro;
} times[] = {
    {"1970-01-01T00:00:00Z", 0, -1},
    {"1970-01-01T00:00:00.000000Z", 0, 0},
    {"1969-12-31T23:59:59.999999Z", -1, 999999},
    {"2000-02-29T12:34:56Z", 951827696, -1},
    {"2026-11-26T17:13:01.000007Z", 1795713181, 7},
    {"1601-01-01T00:00:00Z", INT64_C(-11644473600), -1},
    {"0000-01-01T00:00:00Z", INT64_C(-62167219200), -1},
    {"9999-12-31T23:59:59Z", WHY_RFC3339_MAX, -1},
};

static void test_both_ways(void)
{
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char text[WHY_RFC3339_SIZE];
        int64_t seconds = 0;
        int32_t micro = 0;

        CU_ASSERT_TRUE(why_rfc3339_print(times[i].seconds, times[i].micro, text));
        CU_ASSERT_STRING_EQUAL(text, times[i].text);
        CU_ASSERT_EQUAL(why_rfc3339_parse(text, strlen(text), &seconds, &micro), WHY_OK);
        CU_ASSERT_EQUAL(seconds, times[i].seconds);
        CU_ASSERT_EQUAL(micro, times[i].micro);
        CU_ASSERT_TRUE(why_rfc3339_print_date(times[i].seconds, text));
        CU_ASSERT_NSTRING_EQUAL(text, times[i].text, 10);
        CU_ASSERT_EQUAL(text[10], '\0');
    }
}

/* Each day of 800 years. */
static void test_calendar(void)
{
    char text[WHY_RFC3339_SIZE], before[WHY_RFC3339_SIZE] = "";

    for (int64_t day = -146097; day <= 146097; day++) {
        int64_t seconds = 0;
        int32_t micro;

        CU_ASSERT_TRUE(why_rfc3339_print(day * 86400, -1, text));
        CU_ASSERT_EQUAL(why_rfc3339_parse(text, strlen(text), &seconds, &micro), WHY_OK);
        CU_ASSERT_EQUAL(seconds, day * 86400);
        CU_ASSERT(strcmp(before, text) < 0);
        memcpy(before, text, sizeof(before));
    }
}

static void test_years_of_more_digits(void)
{
    char text[WHY_RFC3339_SIZE] = "x";

    CU_ASSERT_FALSE(why_rfc3339_print(WHY_RFC3339_MAX + 1, 0, text));
    CU_ASSERT_STRING_EQUAL(text, "");
    CU_ASSERT_FALSE(why_rfc3339_print(INT64_C(-62167219201), -1, text));
    CU_ASSERT_FALSE(why_rfc3339_print_date(WHY_RFC3339_MAX + 1, text));
}

static void test_fractions(void)
{
    static const struct {
        const char *text;
        int32_t micro;
    } rows[] = {{"2026-01-01T00:00:60.5Z", 500000},
                {"2026-01-01T00:00:60.123456789Z", 123456},
                {"2026-01-01T00:00:60.000001Z", 1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t seconds = 0;
        int32_t micro = 0;

        CU_ASSERT_EQUAL(why_rfc3339_parse(rows[i].text, strlen(rows[i].text), &seconds, &micro),
                        WHY_OK);
        CU_ASSERT_EQUAL(seconds, 1767225660);
        CU_ASSERT_EQUAL(micro, rows[i].micro);
    }
}

static void test_wrong(void)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {
        {"", WHY_ERR_MALFORMED},
        {"Z", WHY_ERR_MALFORMED},
        {"2026-01-01", WHY_ERR_MALFORMED},
        {"2026-01-01T00:00:00", WHY_ERR_MALFORMED},
        {"2026-01-01 00:00:00Z", WHY_ERR_MALFORMED},
        {"2026-01-01T00:00:0xZ", WHY_ERR_MALFORMED},
        {"2026-01-01T00:00:00.Z", WHY_ERR_MALFORMED},
        {"2026-01-01T00:00:00.12xZ", WHY_ERR_MALFORMED},
        {"2026-01-01T00:00:00xxZ", WHY_ERR_MALFORMED},
        {"2026-01-01T00:00:00+01Z", WHY_ERR_MALFORMED},
        {"2026-00-01T00:00:00Z", WHY_ERR_NOTFOUND},
        {"2026-13-01T00:00:00Z", WHY_ERR_NOTFOUND},
        {"2026-01-00T00:00:00Z", WHY_ERR_NOTFOUND},
        {"2026-02-29T00:00:00Z", WHY_ERR_NOTFOUND},
        {"2026-06-31T00:00:00Z", WHY_ERR_NOTFOUND},
        {"2026-01-01T24:00:00Z", WHY_ERR_NOTFOUND},
        {"2026-01-01T00:60:00Z", WHY_ERR_NOTFOUND},
        {"2026-01-01T00:00:61Z", WHY_ERR_NOTFOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t seconds;
        int32_t micro;

        CU_ASSERT_EQUAL(why_rfc3339_parse(rows[i].text, strlen(rows[i].text), &seconds, &micro),
                        rows[i].status);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {{"both ways", test_both_ways},
                           {"calendar", test_calendar},
                           {"years of more digits", test_years_of_more_digits},
                           {"fractions", test_fractions},
                           {"wrong", test_wrong},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"RFC 3339", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
