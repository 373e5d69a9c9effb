/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_read.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "unit.h"

struct thing {
    char *name;
    uint16_t port;
    int64_t value;
    enum why_phase phase;
    bool good;
};

enum slot { SLOT_NAME, SLOT_PORT, SLOT_VALUE, SLOT_PHASE, SLOT_GOOD, SLOT_COUNT };

#define GET(kind_, member_) .kind = WHY_JSON_GET_##kind_, WHY_JSON_INTO(struct thing, member_)

static const struct why_json_member inner[] = {
    {"port", SLOT_PORT, GET(NUMBER, port), .max = UINT16_MAX}, {.name = NULL}};
static const struct why_json_member members[] = {
    {"name", SLOT_NAME, GET(TEXT, name), .required = true},
    {"value", SLOT_VALUE, GET(INTEGER, value)},
    {"phase", SLOT_PHASE, GET(WORD, phase), .list = WHY_VOCAB_PHASE},
    {"good", SLOT_GOOD, GET(BOOL, good)},
    {.name = "at", .members = inner},
    {.name = NULL}};

static const struct why_json_wording wording = {
    .separator = ": ",
    .no_text = "no text",
    .no_word = "no word",
    .no_integer = "no integer",
    .out_of_range = "out of range",
};

static struct why_json_reader reader_of(const char *text, char err[128])
{
    *err = '\0';
    return (struct why_json_reader){.at = text,
                                    .end = text + strlen(text),
                                    .line_max = 1000,
                                    .slot_count = SLOT_COUNT,
                                    .wording = &wording,
                                    .err = err,
                                    .errlen = 128};
}

static void test_members(void)
{
    char err[128];
    struct why_json_reader r =
        reader_of("\r\n {\"good\":true,\"at\":{\"port\":65535},\"name\":\"a\\n\\u00e4\","
                  "\"phase\":\"tls\",\"value\":-1}\n{\"name\":\"\"}",
                  err);
    struct thing thing = {.port = 7};

    CU_ASSERT_EQUAL_FATAL(why_json_next(&r, members), WHY_OK);
    CU_ASSERT_EQUAL(r.number, 2);
    CU_ASSERT_TRUE(r.whole);
    CU_ASSERT_EQUAL(why_json_get_all(&r, "", members, &thing), WHY_OK);
    CU_ASSERT_EQUAL(why_json_get_all(&r, "at.", inner, &thing), WHY_OK);
    CU_ASSERT_STRING_EQUAL(thing.name, "a\n\xC3\xA4");
    CU_ASSERT_EQUAL(thing.port, 65535);
    CU_ASSERT_EQUAL(thing.value, -1);
    CU_ASSERT_EQUAL(thing.phase, WHY_PHASE_TLS);
    CU_ASSERT_TRUE(thing.good);
    free(thing.name);

    thing = (struct thing){.port = 7, .good = true};
    CU_ASSERT_EQUAL_FATAL(why_json_next(&r, members), WHY_OK);
    CU_ASSERT_FALSE(r.whole);
    CU_ASSERT_EQUAL(why_json_get_all(&r, "", members, &thing), WHY_OK);
    CU_ASSERT_EQUAL(why_json_get_all(&r, "at.", inner, &thing), WHY_OK);
    CU_ASSERT_STRING_EQUAL(thing.name, "");
    CU_ASSERT_EQUAL(thing.port, 7);
    CU_ASSERT_TRUE(thing.good);
    free(thing.name);
    CU_ASSERT_EQUAL(why_json_next(&r, members), WHY_ERR_NOTFOUND);
}

static void test_messages(void)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"{}", "line 1: name: is missing"},
        {"{\"name\":1}", "line 1: name: no text"},
        {"{\"name\":\"\",\"value\":\"1\"}", "line 1: value: no integer"},
        {"{\"name\":\"\",\"phase\":\"TLS\"}", "line 1: phase: no word"},
        {"{\"name\":\"\",\"phase\":1}", "line 1: phase: no text"},
        {"{\"name\":\"\",\"good\":1}", "line 1: good: is neither true nor false"},
        {"{\"name\":\"\",\"at\":{\"port\":65536}}", "line 1: at.port: out of range"},
        {"{\"name\":\"\",\"at\":{\"port\":-1}}", "line 1: at.port: out of range"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char err[128];
        struct why_json_reader r = reader_of(rows[i].text, err);
        struct thing thing = {.name = NULL};
        int status;

        CU_ASSERT_EQUAL_FATAL(why_json_next(&r, members), WHY_OK);
        status = why_json_get_all(&r, "", members, &thing);
        if (status == WHY_OK)
            status = why_json_get_all(&r, "at.", inner, &thing);
        CU_ASSERT_EQUAL(status, WHY_ERR_MALFORMED);
        CU_ASSERT_STRING_EQUAL(err, rows[i].message);
        free(thing.name);
    }
}

/* Of a file, read ahead or not, the same lines come as of memory. */
static void test_files(void)
{
    static const size_t lengths[] = {1, 900, 0, 4095, 4096, 4097, 300000, 2};

    for (int line_by_line = 0; line_by_line < 2; line_by_line++) {
        FILE *in = tmpfile();
        struct why_json_reader r = {.in = in,
                                    .line_by_line = line_by_line != 0,
                                    .line_max = 400000,
                                    .slot_count = SLOT_COUNT};

        CU_ASSERT_PTR_NOT_NULL_FATAL(in);
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
            fprintf(in, "{\"name\":\"%0*d\"}\n", (int)lengths[i], 0);
        rewind(in);
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            CU_ASSERT_EQUAL_FATAL(why_json_next(&r, members), WHY_OK);
            CU_ASSERT_EQUAL(r.values[SLOT_NAME].len, lengths[i] > 0 ? lengths[i] : 1);
            if (line_by_line)
                CU_ASSERT_PTR_EQUAL(r.at, r.end);
        }
        CU_ASSERT_EQUAL(why_json_next(&r, members), WHY_ERR_NOTFOUND);
        why_json_reader_clear(&r);
        fclose(in);
    }
}

static void test_too_long(void)
{
    char err[128];
    FILE *in = tmpfile();
    struct why_json_reader r = reader_of("{\"name\":\"0123456789\"}\n", err);

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    r.line_max = 10;
    CU_ASSERT_EQUAL(why_json_next(&r, members), WHY_ERR_MALFORMED);
    CU_ASSERT_PTR_NULL(r.problem);

    fprintf(in, "{%0*d", 1000000, 0);
    rewind(in);
    r = (struct why_json_reader){.in = in, .line_max = 10, .slot_count = SLOT_COUNT};
    CU_ASSERT_EQUAL(why_json_next(&r, members), WHY_ERR_MALFORMED);
    CU_ASSERT_PTR_NULL(r.problem);
    CU_ASSERT(r.capacity < 1000000);
    why_json_reader_clear(&r);
    fclose(in);
}

int main(void)
{
    CU_TestInfo tests[] = {{"members", test_members},
                           {"messages", test_messages},
                           {"files", test_files},
                           {"too long", test_too_long},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"JSON reader", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
