/* SPDX-License-Identifier: Apache-2.0 */
#include "test_report_judged.h"

#include "unit.h"

/* cli.formats has promtool check these files where it is installed. */
static void test_samples(void)
{
    CU_ASSERT(are_fixtures("prometheus", "prom"));
}

/* Repeats would be the same sample twice: the last one speaks for the step. */
static void test_repeats(void)
{
    struct sample sample;
    struct why_result *result;
    char *text, *first;

    sample_healthy(&sample);
    result = sample_add(&sample, WHY_PROFILE_TLS);
    result->step.repeat = 1;
    result->verdict.outcome = WHY_OUTCOME_ABORTED;
    result->verdict.phase = WHY_PHASE_TLS;
    result->verdict.ending = WHY_END_RESET;
    result->verdict.duration_us = 1500000;
    text = write_report("prometheus", 0, false, 1, &sample.host, true);
    first = strstr(text, "\nrdpwhy_attempt_outcome{");
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    CU_ASSERT_EQUAL(strncmp(first + 1,
                            "rdpwhy_attempt_outcome{target=\"srv1:3389\",profile=\"tls\","
                            "license_mode=\"fresh\",outcome=\"aborted\",phase=\"tls\","
                            "ending=\"reset\"} 1\n",
                            strcspn(first + 1, "\n") + 1),
                    0);
    CU_ASSERT_PTR_NULL(strstr(first + 1, "\nrdpwhy_attempt_outcome{"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text,
                                  "rdpwhy_attempt_seconds{target=\"srv1:3389\",profile=\"tls\","
                                  "license_mode=\"fresh\"} 1.500000\n"));
    free(text);
    sample_end(&sample);
}

static void test_incomplete(void)
{
    char *text = write_judged("prometheus", &samples[0], false);

    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nrdpwhy_run_complete 0\n"));
    free(text);
}

int main(void)
{
    CU_TestInfo tests[] = {{"samples", test_samples},
                           {"repeats", test_repeats},
                           {"incomplete runs", test_incomplete},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"report prometheus", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
