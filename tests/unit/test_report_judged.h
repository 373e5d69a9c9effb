/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TESTS_TEST_REPORT_JUDGED_H
#define RDPWHY_TESTS_TEST_REPORT_JUDGED_H

#include "test_report.h"

/* The samples as the formats for programs get them: with requirements, one met and one not. */
static inline char *write_judged(const char *format, const struct sample_row *row, bool complete)
{
    static struct why_judgement judgements[] = {
        {"tls>=1.2", "require-tls", true, true, "tls TLSv1.3"},
        {"name=\"<a&b>\"|]]>", "require-name", false, false,
         "no attempt saw the server's NTLM challenge"}};
    struct sample sample;
    char *text;

    row->make(&sample);
    sample.host.judgements = judgements;
    sample.host.judgement_count = 2;
    text = write_report(format, 0, false, 1, &sample.host, complete);
    sample_end(&sample);
    return text;
}

/* Compares all samples with fixtures/reports/NAME.|ending|. */
static inline bool are_fixtures(const char *format, const char *ending)
{
    bool same = true;

    for (size_t i = 0; i < SAMPLES; i++) {
        char fixture[64];

        snprintf(fixture, sizeof(fixture), "%s.%s", samples[i].name, ending);
        same = is_fixture(write_judged(format, &samples[i], true), fixture) && same;
    }
    return same;
}

#endif /* !defined(RDPWHY_TESTS_TEST_REPORT_JUDGED_H) */
