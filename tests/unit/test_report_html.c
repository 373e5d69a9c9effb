/* SPDX-License-Identifier: Apache-2.0 */
#include "test_report.h"

#include <openssl/evp.h>

#include "progress/reading.h"

#include "unit.h"

#define DATA_BEGIN "<script id=\"data\" type=\"application/jsonl\">\n"
#define DATA_END   "</script>\n</body>\n</html>\n"

static char *page_of(struct sample *s)
{
    char *text, *page;

    for (size_t i = 0; i < s->host.count; i++)
        s->results[i].reading = why_reading_new(s->results[i].trace);
    text = write_report("html", 0, false, 1, &s->host, true);
    page = strdup(text); /* gcc 12 takes what a memory stream made for a local variable */
    free(text);
    for (size_t i = 0; i < s->host.count; i++) {
        why_reading_free(s->results[i].reading);
        s->results[i].reading = NULL;
    }
    if (!page)
        abort();
    return page;
}

/* The data lines of |page|, which is cut behind them; "" where there are none. */
static char *data_of(char *page)
{
    char *data = strstr(page, DATA_BEGIN);
    char *end = data ? strstr(data, "</script>") : NULL;

    if (!end)
        return page + strlen(page);
    *end = '\0';
    return data + strlen(DATA_BEGIN);
}

/* Whether |line| is one whole line of |data|; prints the data where it is not. */
static bool has_line(const char *data, const char *line)
{
    size_t len = strlen(line);
    const char *at;

    for (at = strstr(data, line); at; at = strstr(at + 1, line)) {
        if ((at == data || at[-1] == '\n') && at[len] == '\n')
            return true;
    }
    printf("\n--- no line ---\n%s\n--- in ---\n%s--- end ---\n", line, data);
    return false;
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    for (text = strstr(text, what); text; text = strstr(text + 1, what))
        count++;
    return count;
}

/* 'sha256-…' of what is between |open| and |close| in |page|, as a policy wants it. */
static bool policy_allows(const char *page, const char *open, const char *close)
{
    const char *begin = strstr(page, open);
    const char *end = begin ? strstr(begin, close) : NULL;
    unsigned char hash[EVP_MAX_MD_SIZE];
    char text[EVP_MAX_MD_SIZE * 2], source[sizeof(text) + 16];
    unsigned len = 0;

    if (!end)
        return false;
    begin += strlen(open);
    EVP_Digest(begin, (size_t)(end - begin), hash, &len, EVP_sha256(), NULL);
    EVP_EncodeBlock((unsigned char *)text, hash, (int)len);
    snprintf(source, sizeof(source), "'sha256-%s'", text);
    return strstr(page, source) != NULL;
}

static void test_page(void)
{
    struct sample sample;
    char *page;

    sample_healthy(&sample);
    page = page_of(&sample);
    CU_ASSERT_EQUAL(strncmp(page, "<!doctype html>\n<html lang=\"en\">\n", 33), 0);
    CU_ASSERT_STRING_EQUAL(page + strlen(page) - strlen(DATA_END), DATA_END);
    CU_ASSERT_PTR_NOT_NULL(strstr(page, "content=\"default-src 'none'; style-src 'sha256-"));
    CU_ASSERT(policy_allows(page, "<style>", "</style>"));
    CU_ASSERT(policy_allows(page, "<script>", "</script>"));
    CU_ASSERT_EQUAL(count_of(page, "</script>"), 2);
    CU_ASSERT_EQUAL(count_of(page, "</style>"), 1);
    CU_ASSERT_PTR_NULL(strstr(page, "{{"));
    CU_ASSERT_PTR_NULL(strstr(page, "://"));
    CU_ASSERT_PTR_NULL(strstr(page, "src=\""));
    CU_ASSERT_PTR_NULL(strstr(page, "url("));
    CU_ASSERT_PTR_NULL(strstr(page, "innerHTML"));
    free(page);
    sample_end(&sample);
}

static void test_records(void)
{
    struct sample sample;
    char *page, *data;

    sample_denied(&sample);
    page = page_of(&sample);
    data = data_of(page);
    CU_ASSERT_EQUAL(strncmp(data, "{\"schema\":\"rdpwhy/1\",\"record\":\"run\",", 36), 0);
    CU_ASSERT(has_line(data, "{\"d\":5,\"v\":{\"routing\":\"cookie\",\"selected\":\"SSL\"}}"));
    CU_ASSERT(has_line(data, "{\"d\":6,\"v\":{\"negotiation\":{\"=\":[3,4,5]}}}"));
    CU_ASSERT(has_line(data, "{\"d\":13,\"v\":{\"phase\":[\"tls\",\"capabilities\"]}}"));
    CU_ASSERT(has_line(data, "{\"target\":\"srv1:3389\",\"address\":\"192.0.2.7\",\"ordinal\":1,"
                             "\"started\":\"2026-11-22T08:00:00.123456Z\",\"duration_us\":1234567,"
                             "\"bytes_sent\":3456,\"bytes_received\":4567,"
                             "\"phases\":{\"duration_us\":[20000,1213487],\"=\":[13]},"
                             "\"=\":[1,2,6,11,12,14,15]}"));
    CU_ASSERT(has_line(data, "{\"target\":\"srv1:3389\",\"=\":[22,23,24]}"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(data, "{\"schema\":\"rdpwhy/1\",\"record\":\"end\",\"hosts\":1,\"attempts\":1,"));
    free(page);
    sample_end(&sample);
}

/* What two attempts have in common is there once. */
static void test_shared(void)
{
    struct sample sample;
    char *page, *data;

    sample_unreachable(&sample);
    page = page_of(&sample);
    data = data_of(page);
    CU_ASSERT_EQUAL(count_of(data, "The TCP connection was refused."), 1);
    CU_ASSERT_EQUAL(count_of(data, "\n{\"target\":"), 3); /* two attempts and the host */
    free(page);
    sample_end(&sample);
}

static bool is_harmless(const char *data)
{
    for (; *data; data++) {
        if ((*data < 0x20 && *data != '\n') || *data > 0x7E || strchr("<>&", *data))
            return false;
    }
    return true;
}

static void test_hostile(void)
{
    static char host[] = "</script><img src=x onerror=alert(1)>";
    static char label[] = "</script><img src=x onerror=alert(1)>:3389";
    static char subject[] = "CN=<!--<script>&lt;\xe2\x80\xa8\xe2\x80\xa9]]>";
    const struct why_target target = {.host = host, .port = 3389, .label = label};
    struct sample sample;
    char *page, *data;

    sample_hostile(&sample);
    sample.results[0].target = sample.host.target = &target;
    sample.results[0].facts.certificate.subject = subject;
    page = page_of(&sample);
    CU_ASSERT_EQUAL(count_of(page, "</script"), 2);
    CU_ASSERT_EQUAL(count_of(page, "<!--"), 0);
    data = data_of(page);
    CU_ASSERT(is_harmless(data));
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "{\"target\":\"\\u003c/script\\u003e\\u003cimg src=x "
                                        "onerror=alert(1)\\u003e:3389\",\"=\":["));
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "\"subject\":\"CN=\\u003c!--\\u003cscript\\u003e\\u0026lt;"
                                        "\\u2028\\u2029]]\\u003e\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "\"issuer\":\"\\\\xff\\\\xfe\\\\xc0\\\\x80\""));
    free(page);
    sample_end(&sample);
}

/* Texts of different hosts become the same text; a text that tries to look so stays what it is. */
static void test_stand_ins(void)
{
    struct sample sample;
    char *page, *data;

    sample_denied(&sample);
    strcpy(sample.finding.summary, "srv1 and srv1:3389, not \001 or \002");
    page = page_of(&sample);
    data = data_of(page);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(data, "\"summary\":\"\\u0002 and \\u0001, not \\\\x01 or \\\\x02\""));
    free(page);
    sample_end(&sample);
}

static void append(struct why_trace *trace, uint64_t t_us, enum why_event_kind kind,
                   enum why_dir dir, const char *text, const char *bytes, size_t len)
{
    const struct why_event event = {.t_us = t_us,
                                    .kind = kind,
                                    .dir = dir,
                                    .text = text,
                                    .bytes = (const uint8_t *)bytes,
                                    .len = len,
                                    .wire_len = len};

    if (why_trace_append(trace, &event) != WHY_OK)
        abort();
}

static void append_exchange(struct why_trace *trace)
{
    append(trace, 10, WHY_EV_CONNECTED, WHY_DIR_RECEIVED, "192.0.2.7:3389", NULL, 0);
    append(trace, 15, WHY_EV_STATE, WHY_DIR_SENT, "CONNECTION_STATE_NEGO", NULL, 0);
    append(trace, 30, WHY_EV_PDU, WHY_DIR_SENT, NULL,
           "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x01\x00\x00\x00", 19);
    append(trace, 75, WHY_EV_PDU, WHY_DIR_RECEIVED, NULL,
           "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x05\x00\x00\x00", 19);
    append(trace, 80, WHY_EV_FIN, WHY_DIR_RECEIVED, NULL, NULL, 0);
}

static void test_exchange(void)
{
    struct sample sample;
    char *page, *data;

    sample_denied(&sample);
    append_exchange(sample.results[0].trace);
    page = page_of(&sample);
    data = data_of(page);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        data,
        ",\"v\":{\"events\":[[\"\\u003c\",\"TCP connected\",1,2],"
        "[\"\\u003e\",\"X.224 Connection Request\",9,1],"
        "[\"\\u003c\",\"RDP_NEG_FAILURE\",9,5],[\"\\u003c\",\"FIN: connection closed\",9,4]]}}\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(data, ",\"v\":{\"size\":[19,19]}}\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(data, ",\"exchange\":{\"at\":[10,20,45,5],\"=\":["));
    free(page);
    sample_end(&sample);
}

static void append_event(struct why_trace *trace, const struct why_event *event)
{
    if (why_trace_append(trace, event) != WHY_OK)
        abort();
}

static void append_value(struct why_trace *trace, uint64_t t_us, enum why_event_kind kind,
                         enum why_dir dir, const char *text, size_t wire_len, int64_t value)
{
    append_event(trace, &(struct why_event){.t_us = t_us,
                                            .kind = kind,
                                            .dir = dir,
                                            .text = text,
                                            .wire_len = wire_len,
                                            .value = value});
}

static void append_unread(struct why_trace *trace)
{
    append(trace, 80, WHY_EV_TLS_DONE, WHY_DIR_RECEIVED, NULL, NULL, 0);
    append_value(trace, 90, WHY_EV_OPAQUE, WHY_DIR_SENT, NULL, 100, 0);
    append_value(trace, 91, WHY_EV_OPAQUE, WHY_DIR_SENT, NULL, 50, 3);
    append_value(trace, 92, WHY_EV_OPAQUE, WHY_DIR_RECEIVED, NULL, 30, 1);
    append_value(trace, 93, WHY_EV_OPAQUE, WHY_DIR_RECEIVED, "an encrypted alert", 19, 1);
    append_value(trace, 94, WHY_EV_LOST, WHY_DIR_RECEIVED, "cut", 0, 37);
    append_event(trace, &(struct why_event){.t_us = 95,
                                            .kind = WHY_EV_CLOSE,
                                            .flags = WHY_EVENT_BY_RESET | WHY_EVENT_IN_DOUBT,
                                            .text = "in doubt"});
}

/* What cannot be read is told by direction, count and size; it is in no phase that is known. */
static void test_unread(void)
{
    struct sample sample;
    char *page, *data, *library = sample_library;

    sample_library = NULL;
    sample_denied(&sample);
    sample_library = library;
    sample.results[0].verdict.outcome = WHY_OUTCOME_ABORTED;
    sample.results[0].verdict.phase = WHY_PHASE_BASIC_SETTINGS;
    sample.results[0].verdict.phase_to = WHY_PHASE_ACTIVE;
    append_unread(sample.results[0].trace);
    page = page_of(&sample);
    data = data_of(page);
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "\"outcome\":\"aborted\",\"phase\":\"basic-settings\","));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(data, "[[\"\",\"TLS is up\",10,0],[\"\\u003e\",\"unreadable data\",-1,49],"
                     "[\"\\u003c\",\"unreadable data\",-1,33],"
                     "[\"\\u003c\",\"unreadable data\",-1,35],"
                     "[\"\",\"gap in what the server sent\",-1,34],"
                     "[\"\",\"RST: connection reset\",-1,6]]"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(data, "[\"an encrypted alert\",\"(37 bytes: cut)\",\"in doubt\"]"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(data, "{\"phase_range\":{\"from\":\"basic-settings\",\"to\":\"active\"}}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "\"size\":[150,30,19]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "\"many\":[4]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "\"at\":[80,10,2,1,1,1]"));
    free(page);
    sample_end(&sample);
}

/* Where one side goes on to be read, the other's rows are in the phase that it tells. */
static void test_half_read(void)
{
    struct sample sample;
    char *page, *data;

    sample_denied(&sample);
    sample.results[0].verdict.outcome = WHY_OUTCOME_ABORTED;
    sample.results[0].verdict.phase = WHY_PHASE_NEGOTIATION;
    sample.results[0].verdict.phase_to = WHY_PHASE_ACTIVE;
    append_value(sample.results[0].trace, 1, WHY_EV_CONNECTED, WHY_DIR_RECEIVED, NULL, 0, 0);
    append_value(sample.results[0].trace, 2, WHY_EV_LOST, WHY_DIR_RECEIVED, NULL, 0, 0);
    append_exchange(sample.results[0].trace);
    page = page_of(&sample);
    data = data_of(page);
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "[\"\",\"gap in what the server sent\",1,34]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "\"(not captured)\""));
    CU_ASSERT_PTR_NULL(strstr(data, ",-1,"));
    free(page);
    sample_end(&sample);
}

/* Of a run that probed nothing the page says where it comes from. */
static void test_source(void)
{
    const struct why_report_format *format = why_report_format_find("html");
    struct why_run_info run = sample_run(0);
    struct why_report report = {.out = NULL};
    struct why_scan_summary summary = {.complete = true};
    char *text = NULL;
    size_t len = 0;

    run.source = "captures";
    run.library_running = NULL;
    report.out = open_memstream(&text, &len);
    CU_ASSERT_EQUAL(format->begin(&report, &run), WHY_OK);
    CU_ASSERT_EQUAL(format->end(&report, &summary), WHY_OK);
    fclose(report.out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"source\":\"captures\","));
    CU_ASSERT_PTR_NULL(strstr(text, "\"freerdp_running\""));
    free(text);
}

/* The middle of an exchange without end is left out. */
static void test_flood(void)
{
    struct sample sample;
    char *page, *data;

    sample_denied(&sample);
    for (uint64_t i = 0; i < 2000; i++)
        append(sample.results[0].trace, i, WHY_EV_REDIAL_REFUSED, WHY_DIR_SENT, NULL, NULL, 0);
    page = page_of(&sample);
    data = data_of(page);
    CU_ASSERT_PTR_NOT_NULL(strstr(data, "\"cut\":[400,1500]"));
    CU_ASSERT_EQUAL(count_of(data, "second connection"), 500);
    free(page);
    sample_end(&sample);
}

static void test_cut_off(void)
{
    const struct why_report_format *format = why_report_format_find("html");
    struct why_run_info run = sample_run(1);
    struct why_report report = {.out = NULL};
    struct why_scan_summary summary = {.complete = false};
    struct sample sample;
    char *text = NULL;
    size_t len = 0;

    sample_denied(&sample);
    report.out = open_memstream(&text, &len);
    CU_ASSERT_EQUAL(format->begin(&report, &run), WHY_OK);
    CU_ASSERT_EQUAL(format->attempt(&report, &sample.results[0]), WHY_OK);
    /* Were it killed now, the file would end with a whole line. */
    CU_ASSERT_STRING_EQUAL(text + len - 3, "]}\n");
    CU_ASSERT_EQUAL(format->end(&report, &summary), WHY_OK);
    fclose(report.out);
    CU_ASSERT_PTR_NULL(strstr(text, "\"complete\":true"));
    CU_ASSERT_STRING_EQUAL(text + len - strlen(DATA_END), DATA_END);
    free(text);
    sample_end(&sample);
}

static void test_full_disk(void)
{
    const struct why_report_format *format = why_report_format_find("html");
    struct why_report report = {.out = fopen("/dev/full", "w")};
    struct why_run_info run = sample_run(1);

    if (!report.out)
        return; /* only Linux has it */
    CU_ASSERT_EQUAL(format->begin(&report, &run), WHY_ERR_IO);
    fclose(report.out);
}

#define HOSTS 2000

/* One of many hosts, each with a name, a certificate and a server of its own. */
static void report_host(const struct why_report_format *format, struct why_report *report, int i)
{
    char host[64], label[80], subject[96], sha256[65];
    struct why_target target = {.host = host, .port = 3389, .label = label};
    struct sample sample;

    snprintf(host, sizeof(host), "terminal-server-%04d.corp.example", i);
    snprintf(label, sizeof(label), "%s:3389", host);
    snprintf(subject, sizeof(subject), "CN=%s,OU=Computers,O=Corp", host);
    snprintf(sha256, sizeof(sha256), "%064d", i);
    sample_denied(&sample);
    sample.host.target = sample.results[0].target = &target;
    snprintf(sample.finding.summary, sizeof(sample.finding.summary), "%s denies the connection.",
             label);
    sample.results[0].facts.certificate.subject = subject;
    sample.results[0].facts.certificate.names[0] = host;
    memcpy(sample.results[0].facts.certificate.sha256, sha256, sizeof(sha256));
    append_exchange(sample.results[0].trace);
    for (int k = 0; k < 5; k++) {
        sample.results[0].step.profile = (enum why_profile)k;
        if (format->attempt(report, &sample.results[0]) != WHY_OK)
            abort();
    }
    if (format->host(report, &sample.host) != WHY_OK)
        abort();
    sample_end(&sample);
}

static void test_many(void)
{
    static const enum why_profile profiles[] = {0, 1, 2, 3, 4};
    const struct why_report_format *format = why_report_format_find("html");
    struct why_run_info run = sample_run(HOSTS);
    struct why_report report = {.out = NULL};
    struct why_scan_summary summary = {.complete = true};
    char *text = NULL;
    size_t len = 0;

    run.profiles = profiles;
    run.profile_count = 5;
    report.out = open_memstream(&text, &len);
    CU_ASSERT_EQUAL(format->begin(&report, &run), WHY_OK);
    for (int i = 0; i < HOSTS; i++)
        report_host(format, &report, i);
    CU_ASSERT_EQUAL(format->end(&report, &summary), WHY_OK);
    fclose(report.out);
    CU_ASSERT(len < 5000000);
    CU_ASSERT_EQUAL(count_of(text, "\n{\"target\":"), 6 * HOSTS); /* attempts and hosts */
    /* The cache has forgotten it now and then. */
    CU_ASSERT(count_of(text, "\"\\u0001 denies the connection.\"") < HOSTS / 20);
    free(text);
}

static CU_TestInfo tests[] = {
    {"one page with nothing from elsewhere", test_page},
    {"records", test_records},
    {"what attempts have in common is shared", test_shared},
    {"hostile texts stay inside the data", test_hostile},
    {"stand-ins for the target", test_stand_ins},
    {"the exchange", test_exchange},
    {"what cannot be read", test_unread},
    {"what one side can be read of", test_half_read},
    {"a run of captures", test_source},
    {"an exchange without end", test_flood},
    {"a run that was cut off", test_cut_off},
    {"a full disk", test_full_disk},
    {"2,000 hosts are less than 5 MB", test_many},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "report_html", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
