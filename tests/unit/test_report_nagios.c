/* SPDX-License-Identifier: Apache-2.0 */
#include "test_report_judged.h"

#include "unit.h"

static void test_samples(void)
{
    CU_ASSERT(are_fixtures("nagios", "nagios"));
}

static void test_states(void)
{
    static const struct {
        size_t states[WHY_HOST_STATE_COUNT];
        size_t unmet;
        bool complete;
        enum why_nagios nagios;
        const char *word;
    } rows[] = {
        {{3, 0, 0, 0}, 0, true, WHY_NAGIOS_OK, "OK"},
        {{3, 0, 0, 0}, 1, true, WHY_NAGIOS_CRITICAL, "CRITICAL"},
        {{3, 1, 0, 0}, 0, true, WHY_NAGIOS_WARNING, "WARNING"},
        {{3, 1, 1, 0}, 0, true, WHY_NAGIOS_CRITICAL, "CRITICAL"},
        {{0, 0, 0, 1}, 0, true, WHY_NAGIOS_CRITICAL, "CRITICAL"},
        {{3, 0, 0, 0}, 0, false, WHY_NAGIOS_UNKNOWN, "UNKNOWN"},
        {{0, 0, 1, 0}, 0, false, WHY_NAGIOS_UNKNOWN, "UNKNOWN"},
    };

    CU_ASSERT(WHY_NAGIOS_OK == 0 && WHY_NAGIOS_WARNING == 1 && WHY_NAGIOS_CRITICAL == 2 &&
              WHY_NAGIOS_UNKNOWN == 3);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_scan_summary summary = {.complete = rows[i].complete};

        memcpy(summary.states, rows[i].states, sizeof(summary.states));
        CU_ASSERT_EQUAL(why_nagios_of(&summary, rows[i].unmet), rows[i].nagios);
        CU_ASSERT_STRING_EQUAL(why_nagios_word(rows[i].nagios), rows[i].word);
    }
}

/* One line whatever happens, and one bar in it. */
static void test_shape(void)
{
    for (size_t i = 0; i < 2 * SAMPLES; i++) {
        char *text = write_judged("nagios", &samples[i / 2], i % 2 == 0);

        CU_ASSERT_PTR_EQUAL(strchr(text, '\n'), text + strlen(text) - 1);
        CU_ASSERT_PTR_EQUAL(strchr(text, '|'), strrchr(text, '|'));
        CU_ASSERT_EQUAL(strncmp(text, "RDP ", 4), 0);
        CU_ASSERT_EQUAL(strncmp(text, "RDP UNKNOWN - ", 14) == 0, i % 2 == 1);
        free(text);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {{"samples", test_samples},
                           {"states", test_states},
                           {"one line", test_shape},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"report nagios", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
