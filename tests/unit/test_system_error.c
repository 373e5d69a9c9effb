/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "base/system_error.h"

#include "unit.h"

static const enum why_code_space spaces[] = {WHY_SPACE_ERRNO, WHY_SPACE_RESOLVER};

/* Every name comes back, as a number that no other name has. */
static void test_round_trip(void)
{
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < why_system_error_count(spaces[s]); i++) {
            const char *name = why_system_error_at(spaces[s], i);
            int64_t value = why_system_error_read(spaces[s], name);
            char buf[WHY_SYSTEM_ERROR_MAX];

            CU_ASSERT_NOT_EQUAL(value, 0);
            CU_ASSERT_STRING_EQUAL(why_system_error_write(spaces[s], value, buf), name);
            CU_ASSERT_STRING_EQUAL(why_system_error_name(spaces[s], value), name);
            for (size_t k = 0; k < i; k++)
                CU_ASSERT_NOT_EQUAL(
                    value, why_system_error_read(spaces[s], why_system_error_at(spaces[s], k)));
        }
        CU_ASSERT_PTR_NULL(why_system_error_at(spaces[s], why_system_error_count(spaces[s])));
    }
    CU_ASSERT_EQUAL(why_system_error_count(WHY_SPACE_TLS_ALERT), 0);
}

/* What something can be said of has the same name in both tables. */
static void test_knowledge_agrees(void)
{
    for (size_t s = 0; s < 2; s++) {
        const struct why_code_table *table = why_code_table_find(why_code_space_name(spaces[s]));

        for (size_t i = 0; i < table->count; i++)
            CU_ASSERT_EQUAL(why_system_error_read(spaces[s], table->rows[i].name),
                            table->rows[i].value);
    }
}

static void test_this_system(void)
{
    CU_ASSERT_EQUAL(why_system_error_read(WHY_SPACE_ERRNO, "ECONNREFUSED"), ECONNREFUSED);
    CU_ASSERT_EQUAL(why_system_error_read(WHY_SPACE_RESOLVER, "EAI_NONAME"), EAI_NONAME);
    CU_ASSERT_STRING_EQUAL(why_system_error_text(WHY_SPACE_ERRNO, EHOSTUNREACH),
                           "No route to host");
    CU_ASSERT_STRING_EQUAL(why_system_error_text(WHY_SPACE_ERRNO, -77),
                           "an error that has no name");
    CU_ASSERT_PTR_NULL(why_system_error_name(WHY_SPACE_ERRNO, -77));
}

/* Numbers of older files are Linux's, here and elsewhere. */
static void test_linux_numbers(void)
{
    CU_ASSERT_EQUAL(why_system_error_linux(WHY_SPACE_ERRNO, 111), ECONNREFUSED);
    CU_ASSERT_EQUAL(why_system_error_linux(WHY_SPACE_ERRNO, 104), ECONNRESET);
    CU_ASSERT_EQUAL(why_system_error_linux(WHY_SPACE_ERRNO, 0), 0);
    CU_ASSERT_EQUAL(why_system_error_linux(WHY_SPACE_RESOLVER, -2), EAI_NONAME);
    CU_ASSERT_EQUAL(why_system_error_linux(WHY_SPACE_RESOLVER, -3), EAI_AGAIN);
}

/* What this system does not know equals nothing but itself, also where somebody casts it to int. */
static void test_foreign(void)
{
    int64_t none = why_system_error_read(WHY_SPACE_ERRNO, "ENOTHINGLIKEIT");
    int64_t other_system = why_system_error_read(WHY_SPACE_ERRNO, "plan9:61");
    char buf[WHY_SYSTEM_ERROR_MAX];

    CU_ASSERT(why_system_error_is_elsewhere(none));
    CU_ASSERT_EQUAL(none, other_system);
    CU_ASSERT_EQUAL((int64_t)(int)none, none);
    for (size_t i = 0; i < why_system_error_count(WHY_SPACE_ERRNO); i++)
        CU_ASSERT_NOT_EQUAL(
            none, why_system_error_read(WHY_SPACE_ERRNO, why_system_error_at(WHY_SPACE_ERRNO, i)));
    CU_ASSERT_STRING_EQUAL(why_system_error_write(WHY_SPACE_ERRNO, none, buf), "unknown");
    CU_ASSERT_EQUAL(why_system_error_read(WHY_SPACE_ERRNO, "unknown"), none);
    CU_ASSERT_EQUAL(why_system_error_linux(WHY_SPACE_ERRNO, none), none);
    CU_ASSERT_EQUAL(why_system_error_read(WHY_SPACE_ERRNO, "unix:"), none);
    CU_ASSERT_EQUAL(why_system_error_read(WHY_SPACE_ERRNO, ""), none);
}

/* A number that the table has no name for survives the way between two processes. */
static void test_nameless(void)
{
    char buf[WHY_SYSTEM_ERROR_MAX];
    const char *text = why_system_error_write(WHY_SPACE_ERRNO, 9999, buf);

    CU_ASSERT_EQUAL(strcmp(strchr(text, ':'), ":9999"), 0);
    CU_ASSERT_EQUAL(why_system_error_read(WHY_SPACE_ERRNO, text), 9999);
}

/* ---- traces ---------------------------------------------------------------------------------- */

#define HEAD                                                                                       \
    "{\"schema\":\"rdpwhy/1\",\"record\":\"trace\",\"host\":\"srv1\",\"port\":3389,"               \
    "\"profile\":\"tls\",\"license_mode\":\"fresh\",\"until\":\"active\","                         \
    "\"started\":\"2026-11-22T08:00:00.123456Z\",\"credentials\":false,\"events\":2}\n"            \
    "{\"schema\":\"rdpwhy/1\",\"record\":\"event\",\"t_us\":1,\"kind\":"
#define DIAL                                                                                       \
    "\"dial\",\"text\":\"192.0.2.7:3389\"}\n{\"schema\":\"rdpwhy/1\",\"record\":\"event\","        \
    "\"t_us\":2,\"kind\":\"dial-failed\",\"text\":\"192.0.2.7:3389\",\"value\":"
#define RESOLVE                                                                                    \
    "\"resolve\",\"text\":\"srv1\"}\n{\"schema\":\"rdpwhy/1\",\"record\":\"event\","               \
    "\"t_us\":2,\"kind\":\"resolve-failed\",\"text\":\"?\",\"value\":"
#define UP                                                                                         \
    "\"connected\",\"text\":\"192.0.2.7:3389\"}\n{\"schema\":\"rdpwhy/1\",\"record\":\"event\","   \
    "\"t_us\":2,\"kind\":\"net-error\",\"text\":\"?\",\"value\":"

/* On macOS ECONNREFUSED is 61, EHOSTUNREACH 65, ETIMEDOUT 60, EAI_NONAME 8, EAI_AGAIN 2. What such
 * a system writes is the name, and the verdict is the one that it has reached itself. */
static void test_written_elsewhere(void)
{
    static const struct {
        const char *trace, *value;
        enum why_outcome outcome;
        enum why_ending ending;
        const char *name; /* of the verdict's code */
    } rows[] = {
        {HEAD DIAL, "\"ECONNREFUSED\"", WHY_OUTCOME_UNREACHABLE, WHY_END_REFUSED, "ECONNREFUSED"},
        {HEAD DIAL, "\"EHOSTUNREACH\"", WHY_OUTCOME_UNREACHABLE, WHY_END_NO_ROUTE, "EHOSTUNREACH"},
        {HEAD DIAL, "\"ETIMEDOUT\"", WHY_OUTCOME_UNREACHABLE, WHY_END_TIMEOUT, "ETIMEDOUT"},
        {HEAD DIAL, "\"EADDRNOTAVAIL\"", WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, "EADDRNOTAVAIL"},
        {HEAD DIAL, "\"ESOMETHINGELSE\"", WHY_OUTCOME_UNREACHABLE, WHY_END_NO_ROUTE, NULL},
        {HEAD DIAL, "111", WHY_OUTCOME_UNREACHABLE, WHY_END_REFUSED, "ECONNREFUSED"},
        {HEAD DIAL, "61", WHY_OUTCOME_UNREACHABLE, WHY_END_NO_ROUTE, "ENODATA"},
        {HEAD RESOLVE, "\"EAI_NONAME\"", WHY_OUTCOME_UNREACHABLE, WHY_END_NAME_NOT_FOUND,
         "EAI_NONAME"},
        {HEAD RESOLVE, "\"EAI_MEMORY\"", WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, "EAI_MEMORY"},
        {HEAD RESOLVE, "\"EAI_BADHINTS\"", WHY_OUTCOME_UNREACHABLE, WHY_END_NAME_NOT_FOUND,
         "EAI_BADHINTS"},
        {HEAD RESOLVE, "-10", WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, "EAI_MEMORY"},
        {HEAD UP, "\"ETIMEDOUT\"", WHY_OUTCOME_ABORTED, WHY_END_TIMEOUT, "ETIMEDOUT"},
        {HEAD UP, "\"ENETUNREACH\"", WHY_OUTCOME_ABORTED, WHY_END_NO_ROUTE, "ENETUNREACH"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_trace *trace = NULL;
        struct why_facts facts;
        struct why_verdict v;
        char text[1024], err[160];
        int n = snprintf(text, sizeof(text), "%s%s}\n", rows[i].trace, rows[i].value);

        CU_ASSERT_EQUAL_FATAL(why_trace_read_memory(text, (size_t)n, &trace, err, sizeof(err)),
                              WHY_OK);
        CU_ASSERT_EQUAL(why_trace_judge(trace, NULL, &facts, &v, NULL), WHY_OK);
        CU_ASSERT_EQUAL(v.outcome, rows[i].outcome);
        CU_ASSERT_EQUAL(v.ending, rows[i].ending);
        CU_ASSERT(v.has_code);
        CU_ASSERT_STRING_EQUAL(v.code.name != NULL ? v.code.name : "",
                               rows[i].name != NULL ? rows[i].name : "");
        why_facts_clear(&facts);
        why_trace_free(trace);
    }
}

static void test_wrong_types(void)
{
    static const char *const values[] = {"true", "[]", "1.5", "\"a\\u0000\""};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct why_trace *trace = NULL;
        char text[1024], err[160];
        int n = snprintf(text, sizeof(text), "%s%s}\n", HEAD DIAL, values[i]);

        CU_ASSERT_NOT_EQUAL(why_trace_read_memory(text, (size_t)n, &trace, err, sizeof(err)),
                            WHY_OK);
        CU_ASSERT_PTR_NULL(trace);
    }
}

static CU_TestInfo tests[] = {
    {"round trip of every name", test_round_trip},
    {"the knowledge tables agree", test_knowledge_agrees},
    {"this system's numbers", test_this_system},
    {"numbers of older files", test_linux_numbers},
    {"names that are not here", test_foreign},
    {"numbers without a name", test_nameless},
    {"traces of another system", test_written_elsewhere},
    {"values of a wrong type", test_wrong_types},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "system errors", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
