/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>

#include "base/text.h"
#include "facts/words.h"

#include "unit.h"

#include "../../src/report/json_text.h"
#include "../../src/report/page.h"

static void test_json_text(void)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"CORP\\user", "CORP\\user"},
        {"\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80", "\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80"},
        {"\xff", "\\xff"},
        {"a\xc3", "a\\xc3"},                          /* cut off */
        {"\xc0\xaf", "\\xc0\\xaf"},                   /* overlong */
        {"\xe0\x80\x80", "\\xe0\\x80\\x80"},          /* overlong */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* surrogate */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
        {"\x7f\xc2\x9b", "\\x7f\\xc2\\x9b"},          /* DEL, CSI */
        {"\033[0m", "\033[0m"},                       /* escaped when it is written */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *value = why_json_text(rows[i].in);

        CU_ASSERT_PTR_NOT_NULL_FATAL(value);
        CU_ASSERT_STRING_EQUAL(json_string_value(value), rows[i].out);
        json_decref(value);
    }
}

static void test_durations(void)
{
    static const struct {
        uint64_t us;
        const char *text;
    } rows[] = {
        {0, "0 us"},         {999, "999 us"},       {1000, "1.0 ms"},     {41234, "41.2 ms"},
        {41250, "41.3 ms"},  {8450, "8.5 ms"},      {999949, "999.9 ms"}, {999950, "1.00 s"},
        {1234567, "1.23 s"}, {15000000, "15.00 s"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[32];

        why_duration_text(rows[i].us, text, sizeof(text));
        CU_ASSERT_STRING_EQUAL(text, rows[i].text);
    }
}

static void test_widths(void)
{
    CU_ASSERT_EQUAL(why_page_width("abc"), 3);
    CU_ASSERT_EQUAL(why_page_width("\xc3\xa4"), 1);
    CU_ASSERT_EQUAL(why_page_width("\xe6\x97\xa5\xe6\x9c\xac"), 4); /* two wide characters */
    CU_ASSERT_EQUAL(why_page_width("e\xcc\x81"), 1);                /* a combining accent */
    CU_ASSERT_EQUAL(why_page_width("\033"), 4);                     /* shown as \x1b */
    CU_ASSERT_EQUAL(why_page_width("\xff"), 4);
}

static char *close_to_text(struct page *page)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    CU_ASSERT_EQUAL(why_page_close(page, out), 0);
    fclose(out);
    return text;
}

static void test_table(void)
{
    struct table table = {.columns = 2};
    struct table_row *row;
    struct page page;
    char *text;

    CU_ASSERT_EQUAL_FATAL(why_page_open(&page, false, 0), 0);
    row = why_table_add(&table);
    why_table_set(&page, row, 0, PAGE_PLAIN, "\xe6\x97\xa5\xe6\x9c\xac");
    why_table_set(&page, row, 1, PAGE_PLAIN, "wide");
    row = why_table_add(&table);
    why_table_set(&page, row, 0, PAGE_RED, "a\033b");
    why_table_set(&page, row, 1, PAGE_PLAIN, "escaped");
    row = why_table_add(&table);
    why_table_set(&page, row, 0, PAGE_PLAIN, "alone");
    why_page_table(&page, 1, &table);
    text = close_to_text(&page);
    CU_ASSERT_STRING_EQUAL(text, " \xe6\x97\xa5\xe6\x9c\xac    wide\n"
                                 " a\\x1bb  escaped\n"
                                 " alone\n");
    free(text);
}

static void test_wrapping(void)
{
    char words[301] = "";
    struct page page;
    char *text;

    for (size_t i = 0; i < 60; i++)
        snprintf(words + 5 * i, sizeof(words) - 5 * i, "four ");
    CU_ASSERT_EQUAL_FATAL(why_page_open(&page, false, 0), 0);
    why_page_field(&page, 2, 8, "label", words);
    text = close_to_text(&page);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        CU_ASSERT(strlen(line) <= PAGE_COLUMNS);
        CU_ASSERT(strncmp(line, "  label   four", 14) == 0 ||
                  strncmp(line, "          four", 14) == 0);
    }
    free(text);
}

static CU_TestInfo tests[] = {
    {"server text as JSON strings", test_json_text},
    {"durations", test_durations},
    {"display width", test_widths},
    {"tables", test_table},
    {"wrapping", test_wrapping},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "report_words", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
