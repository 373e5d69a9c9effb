/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/licensing.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/result.h>

#include "unit.h"

#define FRESH   WHY_LICENSE_MODE_FRESH
#define STORED  WHY_LICENSE_MODE_STORED
#define CORRUPT WHY_LICENSE_MODE_CORRUPT
#define FOREIGN WHY_LICENSE_MODE_FOREIGN
#define ADMIN   WHY_LICENSE_MODE_ADMIN

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
    {"nothing was presented", {TLS(CORRUPT, VALID), TLS(FOREIGN, VALID)}, HAS(NOT_ASKED_FOR)},
    {"upgraded", {TLS(STORED, UPGRADED)}, HAS(UPGRADED)},
    {"replaced", {TLS(STORED, ISSUED)}, HAS(REPLACED)},
    {"a damaged one is replaced", {TLS(CORRUPT, ISSUED)}, HAS(REPLACED)},
    {"a foreign one is upgraded", {TLS(FOREIGN, UPGRADED)}, HAS(UPGRADED)},
    {"all is as it should be",
     {TLS(FRESH, ISSUED), TLS(STORED, ASKED_VALID), TLS(CORRUPT, ALERT), TLS(FOREIGN, ALERT),
      TLS(ADMIN, VALID)},
     HAS(ISSUED)},
};

/* The server's request, where it came to that, and what a client of |mode| answers. */
static void add_messages(struct why_facts *f, enum why_license_mode mode)
{
    bool presents = mode == STORED || mode == CORRUPT || mode == FOREIGN;

    if (!f->has_license_request)
        return;
    f->license_messages[f->license_message_count++] = WHY_PDU_LICENSE_REQUEST;
    f->license_messages[f->license_message_count++] =
        presents ? WHY_PDU_LICENSE_INFO : WHY_PDU_LICENSE_NEW_LICENSE_REQUEST;
}

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
        add_messages(&r->facts, tried[count].mode);
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

#define REQUEST  WHY_PDU_LICENSE_REQUEST
#define INFO     WHY_PDU_LICENSE_INFO
#define ASKED    WHY_PDU_LICENSE_NEW_LICENSE_REQUEST
#define RESPONSE WHY_PDU_LICENSE_PLATFORM_CHALLENGE_RESPONSE

/* What an attempt leaves behind, by what passed and how it came out. */
static const struct {
    const char *name;
    enum why_pdu_type messages[3];
    enum why_license_result result;
    bool unread;
    bool requested, issued, open;
} footprints[] = {
    {"nothing passed", {0}, WHY_LICENSE_RESULT_NONE, false, false, false, false},
    {"asked, and waived",
     {REQUEST, ASKED},
     WHY_LICENSE_RESULT_VALID_CLIENT,
     false,
     true,
     false,
     false},
    {"asked, and silence", {REQUEST, ASKED}, WHY_LICENSE_RESULT_NONE, false, true, false, false},
    {"response, and silence", {ASKED, RESPONSE}, WHY_LICENSE_RESULT_NONE, false, true, false, true},
    {"shown, and silence", {INFO, RESPONSE}, WHY_LICENSE_RESULT_NONE, false, false, false, true},
    {"response, and refused",
     {ASKED, RESPONSE},
     WHY_LICENSE_RESULT_ERROR,
     false,
     true,
     false,
     false},
    {"issued", {ASKED, RESPONSE}, WHY_LICENSE_RESULT_ISSUED, false, true, true, false},
    {"upgraded", {INFO, RESPONSE}, WHY_LICENSE_RESULT_UPGRADED, false, true, true, false},
    {"unread", {REQUEST}, WHY_LICENSE_RESULT_NONE, true, false, false, true},
    {"unread, and let in", {REQUEST}, WHY_LICENSE_RESULT_VALID_CLIENT, true, false, false, false},
};

static void test_footprint(void)
{
    for (size_t i = 0; i < sizeof(footprints) / sizeof(footprints[0]); i++) {
        struct why_result r = {.facts = {.license_result = footprints[i].result,
                                         .license_unread = footprints[i].unread}};

        for (size_t k = 0; k < 3 && footprints[i].messages[k] != WHY_PDU_UNKNOWN; k++)
            r.facts.license_messages[r.facts.license_message_count++] = footprints[i].messages[k];
        if (why_license_was_requested(&r) != footprints[i].requested ||
            why_license_was_issued(&r) != footprints[i].issued ||
            why_license_is_open(&r) != footprints[i].open)
            (void)fprintf(stderr, "%s\n", footprints[i].name);
        CU_ASSERT_EQUAL(why_license_was_requested(&r), footprints[i].requested);
        CU_ASSERT_EQUAL(why_license_was_issued(&r), footprints[i].issued);
        CU_ASSERT_EQUAL(why_license_is_open(&r), footprints[i].open);
    }
}

/* Of a capture without its secrets: what is between the two phases was not seen. */
static void test_unread_range(void)
{
    struct why_result r = {.verdict = {.outcome = WHY_OUTCOME_ABORTED,
                                       .phase = WHY_PHASE_TLS,
                                       .phase_to = WHY_PHASE_ACTIVE}};

    CU_ASSERT_TRUE(why_license_is_open(&r));
    r.verdict.phase_to = WHY_PHASE_CREDSSP;
    CU_ASSERT_FALSE(why_license_is_open(&r));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"facts of the license modes", test_facts},
        {"footprint", test_footprint},
        {"licensing that cannot be read", test_unread_range},
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
