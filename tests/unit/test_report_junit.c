/* SPDX-License-Identifier: Apache-2.0 */
#include "test_report_judged.h"

#include "unit.h"

/* cli.formats validates these files with a parser and against fixtures/junit.xsd. */
static void test_samples(void)
{
    CU_ASSERT(are_fixtures("junit", "xml"));
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        n++;
    return n;
}

/* Refused by configuration is no failure, our own failure is an error. */
static void test_kinds(void)
{
    struct sample sample;
    struct why_result *result;
    char *text;

    sample_healthy(&sample);
    result = sample_add(&sample, WHY_PROFILE_RDP);
    result->verdict.outcome = WHY_OUTCOME_REFUSED;
    result->verdict.phase = WHY_PHASE_NEGOTIATION;
    result->verdict.ending = WHY_END_NEGOTIATION_FAILURE;
    result->verdict.has_code = true;
    result->verdict.code = (struct why_code){WHY_SPACE_NEGOTIATION_FAILURE, 1, "SSL_REQUIRED"};
    result = sample_add(&sample, WHY_PROFILE_NLA);
    result->verdict.outcome = WHY_OUTCOME_FAILED;
    result->verdict.ending = WHY_END_CLIENT_ERROR;
    text = write_report("junit", 0, false, 1, &sample.host, true);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "tests=\"3\" failures=\"0\" errors=\"1\" skipped=\"1\" time=\"0.041234\""));
    CU_ASSERT_EQUAL(count(text, "<skipped "), 1);
    CU_ASSERT_EQUAL(count(text, "<error "), 1);
    CU_ASSERT_EQUAL(count(text, "<failure"), 0);
    free(text);
    sample_end(&sample);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"samples", test_samples}, {"kinds of results", test_kinds}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"report junit", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
