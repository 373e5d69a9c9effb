/* SPDX-License-Identifier: Apache-2.0 */
#include "test_report.h"

#include "base/text.h"
#include "progress/reading.h"

#include "host_words.h"

#include "trace_builder.h"
#include "unit.h"

/* |text| with its lines joined, so that wrapping does not matter. Returns |text|. */
static char *unwrapped(char *text)
{
    char *to = text;

    for (const char *c = text; *c; c++) {
        char next = *c == '\n' ? ' ' : *c;

        if (next != ' ' || to == text || to[-1] != ' ')
            *to++ = next;
    }
    *to = '\0';
    return text;
}

static void test_samples(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample sample;
        char fixture[64];

        samples[i].make(&sample);
        snprintf(fixture, sizeof(fixture), "%s.txt", samples[i].name);
        CU_ASSERT(is_fixture(write_report("text", 0, false, 1, &sample.host, true), fixture));
        snprintf(fixture, sizeof(fixture), "%s-details.txt", samples[i].name);
        CU_ASSERT(is_fixture(write_report("text", 1, false, 1, &sample.host, true), fixture));
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

/* A host's line tells of NLA only where what was selected says so. */
static void test_no_nla(void)
{
    static const struct {
        uint32_t selected;
        bool told;
    } rows[] = {{WHY_PROTOCOL_RDP, true}, {WHY_PROTOCOL_SSL, true}, {0x40, false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sample sample;
        struct why_facts *facts;
        const char *word;

        sample_healthy(&sample);
        sample.host.count = 1;
        facts = &sample.results[0].facts;
        facts->has_confirm = true;
        facts->requested_protocols = WHY_PROTOCOL_SSL | WHY_PROTOCOL_HYBRID;
        facts->selected_protocol = rows[i].selected;
        word = why_host_nla(&sample.host);
        CU_ASSERT_EQUAL(word != NULL && strcmp(word, "no") == 0, rows[i].told);
        sample_end(&sample);
    }
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
    struct why_scan_summary summary = {.attempts = 2, .interrupted = true};
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
                                 "Run interrupted; some attempts are missing.\n");
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
    text = write_report("text", 1, false, 1, &sample.host, true);
    CU_ASSERT_PTR_NULL(strstr(text, "sent in")); /* the same twice is shown once */
    free(text);
    second->facts.certificate.sha256[0] = 'b';
    text = write_report("text", 1, false, 1, &sample.host, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nCertificate\n  sent in        tls\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nCertificate\n  sent in        nla\n"));
    free(text);
    sample_end(&sample);
}

/* Whole days from the second in which the attempt began, as the findings count them. */
static void test_validity(void)
{
    static const struct {
        int64_t left_s;
        const char *text;
    } rows[] = {
        {30 * 86400, ", 30 days left\n"},
        {30 * 86400 - 1, ", 29 days left\n"},
        {86400, ", 1 day left\n"},
        {1, ", 0 days left\n"},
        {-1, ", EXPIRED less than a day before\n"},
        {-86399, ", EXPIRED less than a day before\n"},
        {-86400, ", EXPIRED 1 day before\n"},
        {-3 * 86400, ", EXPIRED 3 days before\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_certificate *cert;
        struct sample sample;
        char *text;

        sample_healthy(&sample);
        cert = &sample.results[0].facts.certificate;
        cert->not_after = (int64_t)(STARTED_US / 1000000) + rows[i].left_s;
        cert->expired = rows[i].left_s < 0;
        text = write_report("text", 1, false, 1, &sample.host, true);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].text));
        free(text);
        sample_end(&sample);
    }
}

/* What a client of each mode did, and what came of it: only what was seen. */
static void test_licensing(void)
{
    static const struct {
        enum why_license_mode mode;
        enum why_pdu_type messages[2];
        enum why_license_result result;
        const char *text;
    } rows[] = {
        {WHY_LICENSE_MODE_STORED,
         {WHY_PDU_LICENSE_REQUEST, WHY_PDU_LICENSE_INFO},
         WHY_LICENSE_RESULT_VALID_CLIENT,
         "presented the stored license: the server accepted it (STATUS"},
        {WHY_LICENSE_MODE_CORRUPT,
         {WHY_PDU_LICENSE_REQUEST, WHY_PDU_LICENSE_INFO},
         WHY_LICENSE_RESULT_VALID_CLIENT,
         "damaged on purpose: the server accepted the damaged license (STATUS"},
        {WHY_LICENSE_MODE_FOREIGN,
         {WHY_PDU_LICENSE_REQUEST, WHY_PDU_LICENSE_INFO},
         WHY_LICENSE_RESULT_VALID_CLIENT,
         "with another hardware ID: the server accepted another computer's license (STATUS"},
        {WHY_LICENSE_MODE_STORED,
         {WHY_PDU_LICENSE_VALID_CLIENT},
         WHY_LICENSE_RESULT_VALID_CLIENT,
         "had the stored license: accepted without being asked for a license (STATUS"},
        {WHY_LICENSE_MODE_CORRUPT,
         {WHY_PDU_LICENSE_REQUEST, WHY_PDU_LICENSE_INFO},
         WHY_LICENSE_RESULT_ISSUED,
         "damaged on purpose: the server replaced it with a new one, which"},
        {WHY_LICENSE_MODE_FOREIGN,
         {WHY_PDU_LICENSE_REQUEST, WHY_PDU_LICENSE_INFO},
         WHY_LICENSE_RESULT_UPGRADED,
         "with another hardware ID: the server replaced it with an upgraded one, which"},
        {WHY_LICENSE_MODE_FRESH,
         {WHY_PDU_LICENSE_REQUEST, WHY_PDU_LICENSE_INFO},
         WHY_LICENSE_RESULT_VALID_CLIENT,
         "presented a license: the server accepted it (STATUS"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_facts *facts;
        struct sample sample;
        char *text;

        sample_healthy(&sample);
        sample.results[0].step.license_mode = rows[i].mode;
        facts = &sample.results[0].facts;
        facts->license_result = rows[i].result;
        facts->has_license_request = rows[i].messages[0] == WHY_PDU_LICENSE_REQUEST;
        facts->license_message_count = facts->has_license_request ? 2 : 1;
        memcpy(facts->license_messages, rows[i].messages, sizeof(rows[i].messages));
        text = unwrapped(write_report("text", 1, false, 1, &sample.host, true));
        if (!strstr(text, rows[i].text))
            printf("\n%s\n", text);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].text));
        free(text);
        sample_end(&sample);
    }
}

static void test_cals(void)
{
    static const struct {
        struct why_footprint footprint;
        const char *cals, *footer;
    } rows[] = {
        {{.licenses_requested = 0}, "none used: no license was issued", "0 licenses requested "},
        {{.licenses_requested = 1},
         "none used: no license was issued",
         "1 license requested, 0 issued "},
        {{.licenses_requested = 1, .licenses_unknown = 1},
         "unknown: this run does not show whether a license was issued",
         "1 license requested, 0 known to be issued, 1 unknown "},
        {{.licenses_requested = 2, .licenses_issued = 2},
         "up to 2 used; a temporary one is released when it expires",
         "2 licenses requested, 2 issued (each may be a temporary CAL) "},
        {{.licenses_requested = 2, .licenses_issued = 1, .licenses_unknown = 1},
         "up to 2 used; a temporary one is released when it expires; for 1, this run",
         "2 licenses requested, 1 known to be issued (each may be a temporary CAL), 1 unknown "},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sample sample;
        char *text;

        sample_healthy(&sample);
        sample.host.footprint = rows[i].footprint;
        text = unwrapped(write_report("text", 1, false, 1, &sample.host, true));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].cals));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].footer));
        free(text);
        sample_end(&sample);
    }
}

/* What the library encrypted is called by what it said that it was: in the timeline, too. */
static void test_encrypted(void)
{
    static const char license[] =
        "0300001f 02f080 64 0006 03eb 70 11 88020000 0102030405060708 0102030405";
    struct sample sample;
    struct builder b;
    char *text;

    sample_denied(&sample);
    why_trace_free(sample.results[0].trace);
    builder_begin(&b, WHY_PROFILE_RDP, WHY_PHASE_ACTIVE);
    builder_capture(&b, "xrdp-rdp-high", ">Client Info");
    builder_bytes(&b, WHY_EV_PDU, WHY_DIR_SENT, license, "LICENSE_INFO");
    sample.results[0].trace = b.trace;
    sample.results[0].reading = why_reading_new(b.trace);
    add_phase(&sample.results[0].verdict, WHY_PHASE_LICENSING, 0, 1);
    text = write_report("text", 2, false, 1, &sample.host, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, ">  LICENSE_INFO ")); /* the timeline */
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "  LICENSE_INFO  ")); /* the table of phases */
    CU_ASSERT_PTR_NULL(strstr(text, "license message"));
    free(text);
    text = write_report("html", 0, false, 1, &sample.host, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"LICENSE_INFO\""));
    CU_ASSERT_PTR_NULL(strstr(text, "\"license message\""));
    free(text);
    why_reading_free(sample.results[0].reading);
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
    {"no NLA is told where it is known", test_no_nla},
    {"many hosts: healthy ones in short, a summary", test_many_hosts},
    {"interrupted in the middle of a host", test_interrupted},
    {"two certificates", test_two_certificates},
    {"what a certificate has left", test_validity},
    {"what came of licensing", test_licensing},
    {"what licensing cost", test_cals},
    {"names of what is encrypted", test_encrypted},
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
