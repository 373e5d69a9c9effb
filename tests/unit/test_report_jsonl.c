/* SPDX-License-Identifier: Apache-2.0 */
#include "test_report.h"

#include "unit.h"

static void test_samples(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample sample;
        char fixture[64];

        samples[i].make(&sample);
        snprintf(fixture, sizeof(fixture), "%s.jsonl", samples[i].name);
        CU_ASSERT(is_fixture(write_report("jsonl", 0, false, 1, &sample.host, true), fixture));
        sample_end(&sample);
    }
}

static void test_cut_off(void)
{
    struct sample sample;
    char *text;

    sample_unreachable(&sample);
    text = write_report("jsonl", 0, false, 1, &sample.host, false);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"record\":\"end\""));
    CU_ASSERT_PTR_NULL(strstr(text, "complete\":"));
    free(text);
    sample_end(&sample);
}

/* A full disk shows on every record, since every line is flushed. */
static void test_full_disk(void)
{
    const struct why_report_format *format = why_report_format_find("jsonl");
    struct why_report report = {.out = fopen("/dev/full", "w")};
    struct why_scan_summary summary = {.complete = true};
    struct why_run_info run = sample_run(1);
    struct sample sample;

    if (!report.out)
        return; /* only Linux has it */
    sample_denied(&sample);
    CU_ASSERT_EQUAL(format->begin(&report, &run), WHY_ERR_IO);
    CU_ASSERT_EQUAL(format->attempt(&report, &sample.results[0]), WHY_ERR_IO);
    CU_ASSERT_EQUAL(format->host(&report, &sample.host), WHY_ERR_IO);
    CU_ASSERT_EQUAL(format->end(&report, &summary), WHY_ERR_IO);
    sample_end(&sample);
    fclose(report.out);
}

static CU_TestInfo tests[] = {
    {"every sample as in fixtures/reports", test_samples},
    {"a run that was cut off is not complete", test_cut_off},
    {"a full disk", test_full_disk},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "report_jsonl", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
