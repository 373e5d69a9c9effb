/* SPDX-License-Identifier: Apache-2.0 */
#include "test_report.h"

#include <rdpwhy/text.h>

#include "unit.h"

static void test_samples(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample sample;
        char fixture[64];

        samples[i].make(&sample);
        snprintf(fixture, sizeof(fixture), "%s.txt", samples[i].name);
        CU_ASSERT(is_fixture(write_report("text", 0, false, 1, &sample.host, true), fixture));
        sample_end(&sample);
    }
}

static void test_quiet(void)
{
    struct sample sample;
    char *text;

    sample_denied(&sample);
    text = write_report("text", -1, false, 2, &sample.host, true);
    CU_ASSERT_STRING_EQUAL(text, "broken       srv1:3389  The server denies this account the "
                                 "connection, in every profile that came as far as the "
                                 "capabilities.\n");
    free(text);
    sample_end(&sample);
    sample_healthy(&sample);
    text = write_report("text", -1, false, 2, &sample.host, true);
    CU_ASSERT_STRING_EQUAL(text, "healthy      srv1:3389\n");
    free(text);
    sample_end(&sample);
}

static void test_many_hosts(void)
{
    struct sample sample;

    sample_healthy(&sample);
    CU_ASSERT(is_fixture(write_report("text", 0, false, 2, &sample.host, false), "many.txt"));
    sample_end(&sample);
}

/* Interrupted before the host was over: the attempts that were made are told in a line each. */
static void test_interrupted(void)
{
    const struct why_report_format *format = why_report_format_find("text");
    struct why_report report = {.out = NULL};
    struct why_scan_summary summary = {.attempts = 2};
    struct why_run_info run = sample_run(1);
    struct sample sample;
    char *text = NULL;
    size_t len = 0;

    sample_variation(&sample);
    report.out = open_memstream(&text, &len);
    CU_ASSERT_EQUAL_FATAL(format->begin(&report, &run), WHY_OK);
    for (size_t i = 0; i < sample.host.count; i++)
        CU_ASSERT_EQUAL(format->attempt(&report, &sample.results[i]), WHY_OK);
    CU_ASSERT_EQUAL(format->end(&report, &summary), WHY_OK);
    fclose(report.out);
    CU_ASSERT_STRING_EQUAL(text, "srv1:3389 aad: skipped, stop\n"
                                 "srv1:3389 rdp #2: refused in licensing, license-error 0x6 "
                                 "ERR_NO_LICENSE_SERVER, ST_TOTAL_ABORT\n"
                                 "The run was cut off: not every attempt was made.\n");
    free(text);
    sample_end(&sample);
}

static void test_two_certificates(void)
{
    struct sample sample;
    struct why_result *second;
    char *text;

    sample_healthy(&sample);
    second = sample_add(&sample, WHY_PROFILE_NLA);
    second->verdict = sample.results[0].verdict;
    second->facts = sample.results[0].facts;
    text = write_report("text", 0, false, 1, &sample.host, true);
    CU_ASSERT_PTR_NULL(strstr(text, "sent in")); /* the same twice is shown once */
    free(text);
    second->facts.certificate.sha256[0] = 'b';
    text = write_report("text", 0, false, 1, &sample.host, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nCertificate\n  sent in        tls\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nCertificate\n  sent in        nla\n"));
    free(text);
    sample_end(&sample);
}

static void test_color(void)
{
    struct sample sample;

    sample_denied(&sample);
    CU_ASSERT(is_fixture(write_report("text", 0, true, 1, &sample.host, true), "color.txt"));
    sample_end(&sample);
}

/* Whatever a server sends: nothing but printable UTF-8 and newlines comes out. */
static void test_terminal_is_safe(void)
{
    for (int verbosity = -1; verbosity <= 1; verbosity++) {
        struct sample sample;
        char *text;

        sample_hostile(&sample);
        text = write_report("text", verbosity, false, 1, &sample.host, true);
        CU_ASSERT(why_utf8_valid(text));
        CU_ASSERT_EQUAL(strspn(text, "\n"), 0);
        for (const char *c = text; *c; c++)
            CU_ASSERT((unsigned char)*c >= 0x20 || *c == '\n');
        CU_ASSERT_PTR_NULL(strstr(text, "\xe2\x80\xae")); /* right-to-left override */
        CU_ASSERT_PTR_NULL(strstr(text, "\xc2\x9b"));     /* CSI as C1 */
        free(text);
        sample_end(&sample);
    }
}

static void test_lines_are_not_too_long(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample sample;
        char *text, *line;

        samples[i].make(&sample);
        text = write_report("text", 1, false, 1, &sample.host, true);
        for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            CU_ASSERT(strlen(line) <= 120 || !strchr(line + 17, ' '));
        free(text);
        sample_end(&sample);
    }
}

static void test_full_disk(void)
{
    const struct why_report_format *format = why_report_format_find("text");
    struct why_report report = {.out = fopen("/dev/full", "w")};
    struct why_scan_summary summary = {.complete = false};
    struct why_run_info run = sample_run(1);
    struct sample sample;

    if (!report.out)
        return; /* only Linux has it */
    sample_denied(&sample);
    CU_ASSERT_EQUAL_FATAL(format->begin(&report, &run), WHY_OK);
    CU_ASSERT_EQUAL(format->host(&report, &sample.host), WHY_ERR_IO);
    CU_ASSERT_EQUAL(format->end(&report, &summary), WHY_ERR_IO);
    sample_end(&sample);
    fclose(report.out);
}

static CU_TestInfo tests[] = {
    {"every sample as in fixtures/reports", test_samples},
    {"quiet: one line a host", test_quiet},
    {"many hosts: healthy ones in short, a summary", test_many_hosts},
    {"interrupted in the middle of a host", test_interrupted},
    {"two certificates", test_two_certificates},
    {"colors", test_color},
    {"nothing reaches the terminal but text", test_terminal_is_safe},
    {"lines are wrapped", test_lines_are_not_too_long},
    {"a full disk", test_full_disk},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "report_text", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
