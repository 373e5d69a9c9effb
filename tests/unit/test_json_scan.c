/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include <rdpwhy/status.h>

#include "base/json_scan.h"

#include "unit.h"

/* What the scanner takes for JSON must be what a JSON library does. */
static const char *const lines[] = {
    "{}",
    " { } ",
    "{\"a\":1}",
    "{\"a\":1,}",
    "{\"a\":1,\"a\":2}",
    "{\"a\" : [ 1 , 2,[],{}] }",
    "{\"a\":[1,]}",
    "{\"a\":[,1]}",
    "{\"a\":01}",
    "{\"a\":-0}",
    "{\"a\":-}",
    "{\"a\":1.}",
    "{\"a\":.5}",
    "{\"a\":1.5e+3}",
    "{\"a\":1e}",
    "{\"a\":+1}",
    "{\"a\":9223372036854775807}",
    "{\"a\":-9223372036854775808}",
    "{\"a\":9223372036854775808}",
    "{\"a\":true,\"b\":false,\"c\":null}",
    "{\"a\":tru}",
    "{\"a\":True}",
    "{\"a\":\"x\\n\\\"\\\\\\/\\b\\f\\r\\t\"}",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"\\u00e9\\u20ac\\ud83d\\ude00\"}",
    "{\"a\":\"\\u00e\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"a\":\"tab\there\"}",
    "{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}",
    "{\"a\":\"\xc3\"}",
    "{\"a\":\"\xc0\x80\"}",
    "{\"a\":\"\xed\xa0\x80\"}",
    "{\"a\":\"\xf5\x80\x80\x80\"}",
    "{\"a\":\"\xe0\x80\x80\"}",
    "{\"a\":\"\xf4\x90\x80\x80\"}",
    "{\"a\":\"open",
    "{\"a\":\"open\\",
    "{\"a\":\"open\\u12",
    "{\"a\"}",
    "{\"a\":}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1",
    "{\"a\":[1",
    "{\"a\":{\"b\":{\"c\":[{\"d\":1}]}}}",
    "{\"a\":1}x",
    "{\"a\":1}{}",
    "{\"\":1}",
    "",
    " ",
};

static void test_same_language(void)
{
    static const struct why_json_member wanted[] = {{.name = "a", .slot = 0}, {.name = NULL}};

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct why_json_value value = {.type = WHY_JSON_ABSENT};
        const char *problem = NULL;
        json_t *json = json_loads(lines[i], JSON_REJECT_DUPLICATES, NULL);
        int status = why_json_scan(lines[i], strlen(lines[i]), wanted, &value, &problem);

        if ((json != NULL) != (status == WHY_OK))
            printf("\n%s\n", lines[i]);
        CU_ASSERT_EQUAL(json != NULL, status == WHY_OK);
        CU_ASSERT_EQUAL(problem == NULL, status == WHY_OK);
        if (json && value.type == WHY_JSON_INTEGER)
            CU_ASSERT_EQUAL(value.number, json_integer_value(json_object_get(json, "a")));
        if (json && value.type == WHY_JSON_TEXT) {
            const char *text = json_string_value(json_object_get(json, "a"));
            char *buf = malloc(value.len + 1);
            size_t len = why_json_unescape(&value, buf);

            CU_ASSERT_EQUAL(len, strlen(text));
            CU_ASSERT_EQUAL(memcmp(buf, text, len), 0);
            free(buf);
        }
        json_decref(json);
    }
}

/* What jansson refuses, and this reader keeps as three bytes that are not UTF-8: half of a pair. */
static void test_half_pairs(void)
{
    static const struct {
        const char *line, *text;
    } rows[] = {
        {"{\"a\":\"\\ud83d\"}", "\xed\xa0\xbd"},
        {"{\"a\":\"\\ude00\"}", "\xed\xb8\x80"},
        {"{\"a\":\"\\ud83d\\u0041\"}", "\xed\xa0\xbd\x41"},
        {"{\"a\":\"\\ud83d\\ud83d\\ude00\"}", "\xed\xa0\xbd\xf0\x9f\x98\x80"},
        {"{\"a\":\"\\ud83dudeaa\"}", "\xed\xa0\xbdudeaa"},
        {"{\"a\":\"\\ud83d\\n\"}", "\xed\xa0\xbd\n"},
    };
    static const struct why_json_member wanted[] = {{.name = "a", .slot = 0}, {.name = NULL}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_json_value value = {.type = WHY_JSON_ABSENT};
        const char *problem = NULL;
        char buf[64];
        size_t len;

        CU_ASSERT_EQUAL_FATAL(
            why_json_scan(rows[i].line, strlen(rows[i].line), wanted, &value, &problem), WHY_OK);
        len = why_json_unescape(&value, buf);
        CU_ASSERT_EQUAL(len, strlen(rows[i].text));
        CU_ASSERT_EQUAL(memcmp(buf, rows[i].text, len), 0);
    }
}

/* What jansson would take, and this reader does not: an array or a value alone is no record. */
static void test_only_objects(void)
{
    static const char *const others[] = {"[]", "1", "\"x\"", "null", "[{}]"};
    const char *problem;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        CU_ASSERT_EQUAL(why_json_scan(others[i], strlen(others[i]), NULL, NULL, &problem),
                        WHY_ERR_MALFORMED);
}

static void test_depth(void)
{
    char text[4 * WHY_JSON_DEPTH_MAX] = "{\"a\":";
    size_t depth = WHY_JSON_DEPTH_MAX - 1;
    const char *problem;

    memset(text + 5, '[', depth);
    memset(text + 5 + depth, ']', depth);
    text[5 + 2 * depth] = '}';
    CU_ASSERT_EQUAL(why_json_scan(text, strlen(text), NULL, NULL, &problem), WHY_OK);
    memset(text + 5, '[', WHY_JSON_DEPTH_MAX);
    CU_ASSERT_EQUAL(why_json_scan(text, strlen(text), NULL, NULL, &problem), WHY_ERR_MALFORMED);
    CU_ASSERT_STRING_EQUAL(problem, "values are nested too deep");
}

static void test_nested_members(void)
{
    static const struct why_json_member inner[] = {{.name = "version", .slot = 1}, {.name = NULL}};
    static const struct why_json_member wanted[] = {{.name = "target", .slot = 0},
                                                    {.name = "tls", .slot = 0, .members = inner},
                                                    {.name = "list", .slot = 2},
                                                    {.name = NULL}};
    static const char text[] = "{\"version\":\"no\",\"tls\":{\"cipher\":\"c\",\"version\":\"yes\"},"
                               "\"target\":\"t\",\"list\":[1, {\"x\":[2]} ,\"z\"]}";
    struct why_json_value values[3] = {{.type = WHY_JSON_ABSENT}}, element;
    const char *problem;

    CU_ASSERT_EQUAL(why_json_scan(text, strlen(text), wanted, values, &problem), WHY_OK);
    CU_ASSERT(values[1].len == 3 && memcmp(values[1].text, "yes", 3) == 0);
    CU_ASSERT(values[0].len == 1 && *values[0].text == 't');
    CU_ASSERT_EQUAL(values[2].type, WHY_JSON_ARRAY);
    CU_ASSERT(why_json_element(&values[2], &element));
    CU_ASSERT(element.type == WHY_JSON_INTEGER && element.number == 1);
    CU_ASSERT(why_json_element(&values[2], &element));
    CU_ASSERT(element.type == WHY_JSON_OBJECT && element.len == 9);
    CU_ASSERT(why_json_element(&values[2], &element));
    CU_ASSERT(element.type == WHY_JSON_TEXT && *element.text == 'z');
    CU_ASSERT(!why_json_element(&values[2], &element));
}

/* Every byte at every place of strings that are longer and shorter than a word of the machine. */
static void test_every_byte_at_every_place(void)
{
    static const struct why_json_member wanted[] = {{.name = "a"}, {.name = NULL}};

    for (size_t len = 1; len <= 20; len++) {
        for (size_t at = 0; at < len; at++) {
            for (int c = 0; c < 256; c++) {
                struct why_json_value value = {.type = WHY_JSON_ABSENT};
                char *text = malloc(len + 8); /* of just that size: reads beyond it are found */
                const char *problem;
                json_t *judge;
                int status;

                memcpy(text, "{\"a\":\"", 6);
                memset(text + 6, 'x', len);
                text[6 + at] = (char)c;
                memcpy(text + 6 + len, "\"}", 2);
                judge = json_loadb(text, len + 8, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
                status = why_json_scan(text, len + 8, wanted, &value, &problem);
                CU_ASSERT_EQUAL(status == WHY_OK, judge != NULL);
                if (status == WHY_OK)
                    CU_ASSERT(value.type == WHY_JSON_TEXT && value.len == len &&
                              value.text == text + 6);
                json_decref(judge);
                free(text);
            }
        }
    }
}

int main(void)
{
    CU_TestInfo tests[] = {{"the same language as a JSON library", test_same_language},
                           {"half of a surrogate pair", test_half_pairs},
                           {"every byte at every place", test_every_byte_at_every_place},
                           {"only objects", test_only_objects},
                           {"depth", test_depth},
                           {"nested members and elements", test_nested_members},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"JSON scan", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
