/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/status.h>

#include "verdict/across.h"

#include "unit.h"

static char name[] = "srv1", label[] = "srv1:3389";
static const struct why_target target = {.host = name, .port = 3389, .label = label};

#define WORKS(place_, address_)                                                                    \
    {                                                                                              \
        .vantage = (place_), .state = WHY_HOST_HEALTHY, .address = (address_), .verdict = {        \
            .outcome = WHY_OUTCOME_COMPLETED,                                                      \
            .phase = WHY_PHASE_ACTIVE,                                                             \
            .phase_to = WHY_PHASE_NONE,                                                            \
            .ending = WHY_END_DONE                                                                 \
        }                                                                                          \
    }
#define FAILS(place_, address_, phase_, ending_)                                                   \
    {                                                                                              \
        .vantage = (place_), .state = WHY_HOST_BROKEN, .address = (address_), .verdict = {         \
            .outcome = WHY_OUTCOME_ABORTED,                                                        \
            .phase = (phase_),                                                                     \
            .phase_to = WHY_PHASE_NONE,                                                            \
            .ending = (ending_)                                                                    \
        }                                                                                          \
    }

#define TEXT_SIZE 8192

static void append(char *to, const char *text, const char *end)
{
    size_t len = strlen(to), more = strlen(text);

    if (more + strlen(end) >= TEXT_SIZE - len) {
        CU_FAIL("the texts outgrow their buffer");
        return;
    }
    memcpy(to + len, text, more);
    memcpy(to + len + more, end, strlen(end) + 1);
}

/* The rules that hold, each ended by a space; |summary| is the first one's. */
static void judge(const struct why_view *views, size_t count, char *rules, char *summary,
                  char *causes)
{
    static struct why_finding findings[WHY_ACROSS_MAX];
    size_t found = 0;

    *rules = *summary = *causes = '\0';
    CU_ASSERT_EQUAL(why_across(&target, views, count, findings, &found), WHY_OK);
    for (size_t i = 0; i < found; i++) {
        append(rules, findings[i].rule, " ");
        for (size_t k = 0; i == 0 && findings[i].causes[k] != NULL; k++)
            append(causes, findings[i].causes[k], "\n");
        if (i == 0)
            append(summary, findings[i].summary, "");
        free(findings[i].texts);
    }
}

static char rules[TEXT_SIZE], summary[TEXT_SIZE], causes[TEXT_SIZE];
#define JUDGE(views) judge((views), sizeof(views) / sizeof((views)[0]), rules, summary, causes)

static void test_one_place_tells_nothing(void)
{
    const struct why_view views[] = {FAILS("fra", "192.0.2.1", WHY_PHASE_TLS, WHY_END_RESET)};

    JUDGE(views);
    CU_ASSERT_STRING_EQUAL(rules, "");
}

static void test_all_work(void)
{
    const struct why_view views[] = {WORKS("fra", "192.0.2.1"), WORKS("nyc", "192.0.2.1")};

    JUDGE(views);
    CU_ASSERT_STRING_EQUAL(rules, "");
}

static void test_path(void)
{
    const struct why_view views[] = {
        WORKS("fra", "192.0.2.1"), WORKS("nyc", "192.0.2.1"),
        FAILS("sgp", "192.0.2.1", WHY_PHASE_NEGOTIATION, WHY_END_RESET)};

    JUDGE(views);
    CU_ASSERT_STRING_EQUAL(rules, "path-differs ");
    CU_ASSERT_STRING_EQUAL(summary,
                           "The server works from fra and nyc, but not from sgp: aborted in "
                           "negotiation: reset, so something on that path differs");
    CU_ASSERT_PTR_NOT_NULL(strstr(causes, "ends the connection"));
    CU_ASSERT_PTR_NULL(strstr(causes, "drops packets"));
    CU_ASSERT_PTR_NULL(strstr(causes, "different servers"));
}

/* Another address is another server, perhaps: the path is not blamed alone. */
static void test_other_addresses(void)
{
    const struct why_view views[] = {
        WORKS("fra", "192.0.2.1"),
        FAILS("sgp", "192.0.2.9", WHY_PHASE_NEGOTIATION, WHY_END_TIMEOUT)};

    JUDGE(views);
    CU_ASSERT_STRING_EQUAL(rules, "path-differs addresses-differ-by-place ");
    CU_ASSERT_STRING_EQUAL(summary, "The server works from fra, but not from sgp: aborted in "
                                    "negotiation: timeout");
    CU_ASSERT_PTR_NOT_NULL(strstr(causes, "different servers"));
    CU_ASSERT_PTR_NULL(strstr(causes, "network path of the places that fail drops packets"));
}

/* Nothing is said of an address that nobody knows. */
static void test_name_unknown_in_one_place(void)
{
    const struct why_view views[] = {WORKS("fra", "192.0.2.1"),
                                     FAILS("sgp", NULL, WHY_PHASE_RESOLVE, WHY_END_NAME_NOT_FOUND)};

    JUDGE(views);
    CU_ASSERT_STRING_EQUAL(rules, "path-differs ");
    CU_ASSERT_PTR_NULL(strstr(summary, "on that path"));
    CU_ASSERT_PTR_NOT_NULL(strstr(causes, "DNS at the places that fail"));
    CU_ASSERT_PTR_NULL(strstr(causes, "intrusion"));
}

static void test_everywhere(void)
{
    const struct why_view alike[] = {FAILS("fra", "192.0.2.1", WHY_PHASE_TLS, WHY_END_RESET),
                                     FAILS("nyc", "192.0.2.1", WHY_PHASE_TLS, WHY_END_RESET)};
    const struct why_view unlike[] = {
        FAILS("fra", "192.0.2.1", WHY_PHASE_TLS, WHY_END_RESET),
        FAILS("nyc", "192.0.2.1", WHY_PHASE_NEGOTIATION, WHY_END_TIMEOUT)};

    JUDGE(alike);
    CU_ASSERT_STRING_EQUAL(rules, "fails-everywhere ");
    JUDGE(unlike);
    CU_ASSERT_STRING_EQUAL(rules, "endings-differ-by-place ");
}

static void test_certificate_and_time(void)
{
    struct why_view views[] = {WORKS("fra", "192.0.2.1"), WORKS("nyc", "192.0.2.1"),
                               WORKS("sgp", "192.0.2.1")};

    views[0].certificate = views[1].certificate = "aa";
    views[0].connect_us = 2000;
    views[2].connect_us = 101999;
    JUDGE(views);
    CU_ASSERT_STRING_EQUAL(rules, "");
    views[2].certificate = "bb";
    views[2].connect_us = 102000;
    JUDGE(views);
    CU_ASSERT_STRING_EQUAL(rules, "certificate-differs-by-place slower-by-place ");
    CU_ASSERT_STRING_EQUAL(summary, "fra and sgp got different certificates");
}

static CU_TestInfo tests[] = {
    {"one place tells nothing", test_one_place_tells_nothing},
    {"all work", test_all_work},
    {"path", test_path},
    {"other addresses", test_other_addresses},
    {"a name that one place does not know", test_name_unknown_in_one_place},
    {"everywhere", test_everywhere},
    {"certificate and time", test_certificate_and_time},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "across", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
