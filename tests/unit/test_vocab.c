/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <rdpwhy/status.h>
#include <rdpwhy/vocab.h>

#include "unit.h"

static void test_names_round_trip(void)
{
    for (int list = WHY_VOCAB_PHASE; list <= WHY_VOCAB_CODE_SPACE; list++) {
        size_t count = 0;
        const struct why_word *rows = why_vocab((enum why_vocabulary)list, &count);

        CU_ASSERT(count > 0);
        for (size_t i = 0; i < count; i++) {
            CU_ASSERT_PTR_NOT_NULL_FATAL(rows[i].name);
            CU_ASSERT(strlen(rows[i].meaning) > 0);
            CU_ASSERT_EQUAL(why_word_find((enum why_vocabulary)list, rows[i].name), (int)i);
        }
    }
}

static void test_outside_the_list(void)
{
    CU_ASSERT_STRING_EQUAL(why_phase_name(WHY_PHASE_NONE), "?");
    CU_ASSERT_STRING_EQUAL(why_word_name(WHY_VOCAB_PROFILE, WHY_PROFILE_COUNT), "?");
    CU_ASSERT_EQUAL(why_word_find(WHY_VOCAB_PROFILE, "TLS"), WHY_ERR_NOTFOUND);
    CU_ASSERT_EQUAL(why_word_find(WHY_VOCAB_PROFILE, ""), WHY_ERR_NOTFOUND);
}

static void test_phases_are_in_protocol_order(void)
{
    CU_ASSERT(WHY_PHASE_NEGOTIATION < WHY_PHASE_TLS);
    CU_ASSERT(WHY_PHASE_SECURE_SETTINGS < WHY_PHASE_LICENSING);
    CU_ASSERT_EQUAL(why_word_find(WHY_VOCAB_PHASE, "session"), WHY_PHASE_COUNT - 1);
}

static CU_TestInfo tests[] = {
    {"every name is found again", test_names_round_trip},
    {"values and names outside a list", test_outside_the_list},
    {"phases are in protocol order", test_phases_are_in_protocol_order},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "vocab", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
