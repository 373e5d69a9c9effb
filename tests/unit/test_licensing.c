/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/licensing.h>

#include <stdio.h>
#include <string.h>

#include <rdpwhy/result.h>

#include "unit.h"

#define FRESH   WHY_LICENSE_FRESH
#define STORED  WHY_LICENSE_STORED
#define CORRUPT WHY_LICENSE_CORRUPT
#define FOREIGN WHY_LICENSE_FOREIGN
#define ADMIN   WHY_LICENSE_ADMIN

#define HAS(fact) (1u << WHY_LICENSE_FACT_##fact)

/* How an attempt came through licensing. */
enum way {
    NOT_TRIED,
    ASKED_VALID,
    VALID,
    NOT_ASKED,
    ISSUED,
    UPGRADED,
    ALERT,
    FIN,
    TIMEOUT,
    SKIPPED
};

static const struct {
    enum why_outcome outcome;
    enum why_phase phase;
    enum why_ending ending;
    enum why_license_result result;
    bool request;
} ways[] = {
    [ASKED_VALID] = {WHY_OUTCOME_COMPLETED, WHY_PHASE_ACTIVE, WHY_END_DONE,
                     WHY_LICENSE_RESULT_VALID_CLIENT, true},
    [VALID] = {WHY_OUTCOME_COMPLETED, WHY_PHASE_LICENSING, WHY_END_DONE,
               WHY_LICENSE_RESULT_VALID_CLIENT, false},
    [NOT_ASKED] = {WHY_OUTCOME_ABORTED, WHY_PHASE_CAPABILITIES, WHY_END_PROTOCOL_VIOLATION,
                   WHY_LICENSE_RESULT_NOT_ASKED, false},
    [ISSUED] = {WHY_OUTCOME_COMPLETED, WHY_PHASE_ACTIVE, WHY_END_DONE, WHY_LICENSE_RESULT_ISSUED,
                true},
    [UPGRADED] = {WHY_OUTCOME_REFUSED, WHY_PHASE_CAPABILITIES, WHY_END_ERROR_INFO,
                  WHY_LICENSE_RESULT_UPGRADED, true},
    [ALERT] = {WHY_OUTCOME_REFUSED, WHY_PHASE_LICENSING, WHY_END_LICENSE_ERROR,
               WHY_LICENSE_RESULT_ERROR, true},
    [FIN] = {WHY_OUTCOME_ABORTED, WHY_PHASE_LICENSING, WHY_END_FIN, WHY_LICENSE_RESULT_NONE, true},
    [TIMEOUT] = {WHY_OUTCOME_STOPPED, WHY_PHASE_LICENSING, WHY_END_STOP, WHY_LICENSE_RESULT_NONE,
                 false},
    [SKIPPED] = {WHY_OUTCOME_SKIPPED, WHY_PHASE_NONE, WHY_END_STOP, WHY_LICENSE_RESULT_NONE, false},
};

struct tried {
    enum why_license_mode mode;
    enum way way;
    enum why_profile profile;
};

#define TLS(mode, way)                                                                             \
    {                                                                                              \
        mode, way, WHY_PROFILE_TLS                                                                 \
    }
#define RDP(mode, way)                                                                             \
    {                                                                                              \
        mode, way, WHY_PROFILE_RDP                                                                 \
    }

static const struct {
    const char *name;
    struct tried tried[6];
    unsigned facts;
} cases[] = {
    {"nothing", {{0}}, 0},
    {"issued", {TLS(FRESH, ISSUED)}, HAS(ISSUED)},
    {"refused", {TLS(FRESH, ALERT)}, HAS(NOT_ISSUED)},
    {"closed without a word", {TLS(FRESH, FIN)}, 0},
    {"waived", {TLS(FRESH, ASKED_VALID)}, 0},
    {"never asked", {TLS(FRESH, VALID)}, HAS(NOT_ASKED_FOR)},
    {"no license message at all", {TLS(FRESH, NOT_ASKED)}, HAS(NOT_ASKED_FOR)},
    {"asked once", {TLS(FRESH, VALID), TLS(STORED, ALERT)}, HAS(STORED_FAILS)},
    {"the stored one is at fault",
     {TLS(FRESH, ISSUED), TLS(STORED, FIN)},
     HAS(ISSUED) | HAS(STORED_FAILS)},
    {"of another profile", {TLS(FRESH, ISSUED), RDP(STORED, FIN)}, HAS(ISSUED)},
    {"administrators only",
     {TLS(FRESH, ALERT), TLS(STORED, FIN), TLS(ADMIN, VALID)},
     HAS(NOT_ISSUED) | HAS(ONLY_ADMIN)},
    {"administrators too",
     {TLS(FRESH, ALERT), TLS(STORED, ASKED_VALID), TLS(ADMIN, VALID)},
     HAS(NOT_ISSUED)},
    {"administrators, and nothing else tried", {TLS(ADMIN, VALID), TLS(STORED, SKIPPED)}, 0},
    {"our own stop is no failure", {TLS(FRESH, TIMEOUT), TLS(ADMIN, VALID)}, 0},
    {"nothing is checked",
     {TLS(CORRUPT, ASKED_VALID), TLS(FOREIGN, ASKED_VALID)},
     HAS(CORRUPT_PASSES) | HAS(FOREIGN_PASSES)},
    {"upgraded", {TLS(STORED, UPGRADED)}, HAS(UPGRADED)},
    {"replaced", {TLS(STORED, ISSUED)}, HAS(REPLACED)},
    {"a damaged one is replaced", {TLS(CORRUPT, ISSUED)}, HAS(REPLACED) | HAS(CORRUPT_PASSES)},
    {"all is as it should be",
     {TLS(FRESH, ISSUED), TLS(STORED, ASKED_VALID), TLS(CORRUPT, ALERT), TLS(FOREIGN, ALERT),
      TLS(ADMIN, VALID)},
     HAS(ISSUED)},
};

static size_t fill(const struct tried *tried, struct why_result *results,
                   struct why_result **pointers)
{
    size_t count = 0;

    for (; count < 6 && tried[count].way != NOT_TRIED; count++) {
        struct why_result *r = &results[count];
        enum way way = tried[count].way;

        memset(r, 0, sizeof(*r));
        r->step.profile = tried[count].profile;
        r->step.license_mode = tried[count].mode;
        r->verdict.outcome = ways[way].outcome;
        r->verdict.phase = ways[way].phase;
        r->verdict.ending = ways[way].ending;
        r->facts.license_result = ways[way].result;
        r->facts.has_license_request = ways[way].request;
        pointers[count] = r;
    }
    return count;
}

static void test_facts(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct why_result results[6], *pointers[6];
        size_t count = fill(cases[i].tried, results, pointers);

        for (int fact = 0; fact < WHY_LICENSE_FACT_COUNT; fact++) {
            bool holds = why_license_fact_holds((enum why_license_fact)fact, pointers, count);

            if (holds != ((cases[i].facts >> fact & 1u) != 0))
                (void)fprintf(stderr, "%s: %s\n", cases[i].name,
                              why_license_fact_name((enum why_license_fact)fact));
            CU_ASSERT_EQUAL(holds, (cases[i].facts >> fact & 1u) != 0);
        }
    }
}

static void test_names(void)
{
    for (int a = 0; a < WHY_LICENSE_FACT_COUNT; a++) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(why_license_fact_name((enum why_license_fact)a));
        CU_ASSERT_PTR_NOT_NULL_FATAL(why_license_fact_meaning((enum why_license_fact)a));
        for (int b = 0; b < a; b++)
            CU_ASSERT_STRING_NOT_EQUAL(why_license_fact_name((enum why_license_fact)a),
                                       why_license_fact_name((enum why_license_fact)b));
    }
}

static void test_reached(void)
{
    static const bool reached[] = {[ASKED_VALID] = true, [VALID] = true, [NOT_ASKED] = true,
                                   [ISSUED] = true,      [FIN] = true,   [SKIPPED] = false};

    for (int way = ASKED_VALID; way <= SKIPPED; way++) {
        const struct tried tried[6] = {{FRESH, (enum way)way, WHY_PROFILE_TLS}};
        struct why_result results[6], *pointers[6];

        CU_ASSERT_EQUAL_FATAL(fill(tried, results, pointers), 1);
        if (reached[way] || way == SKIPPED)
            CU_ASSERT_EQUAL(why_license_was_reached(pointers[0]), reached[way]);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"facts of the license modes", test_facts},
        {"names", test_names},
        {"what came to licensing", test_reached},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"licensing", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return why_unit_main(suites);
}
