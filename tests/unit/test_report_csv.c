/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include <jansson.h>

#include "facts/fact_table.h"
#include "test_report_judged.h"
#include "unit.h"

/* cli.formats reads these files with a CSV parser. */
static void test_samples(void)
{
    CU_ASSERT(are_fixtures("csv", "csv"));
}

/* The member at |path| of the attempt that the JSON Lines report writes, as text; NULL: absent. */
static char *member(const json_t *object, const char *path)
{
    char key[64], *text = NULL;
    size_t len = strcspn(path, ".");
    const json_t *value;

    snprintf(key, sizeof(key), "%.*s", (int)len, path);
    value = json_object_get(object, key);
    if (path[len])
        return value ? member(value, path + len + 1) : NULL;
    if (json_is_string(value))
        return strdup(json_string_value(value));
    if (json_is_boolean(value))
        return strdup(json_is_true(value) ? "true" : "false");
    if (!json_is_integer(value))
        return NULL;
    text = malloc(32);
    sprintf(text, "%" PRId64, (int64_t)json_integer_value(value));
    return text;
}

/* Columns are counted by who reads them: new ones come behind. Nothing of this ever changes. */
static void test_heading(void)
{
    static const char heading[] =
        "target,address,port,ordinal,profile,license_mode,repeat,variation,started,"
        "duration_us,outcome,phase,ending,closed_by,sent_through,code_space,code,"
        "code_name,mstsc_code,mstsc_extended,mstsc_basis,reason,last_sent,last_received,"
        "bytes_sent,bytes_received,selected,tls_version,tls_cipher,certificate_subject,"
        "certificate_issuer,certificate_serial,certificate_sha256,certificate_not_before,"
        "certificate_not_after,certificate_self_signed,certificate_expired,"
        "certificate_name_matches,certificate_key,netbios_computer,netbios_domain,"
        "dns_computer,dns_domain,os_version,clock_skew_s,credssp_version,security_method,"
        "security_level,license_result,server_version,phase_range_to,resolve_us,"
        "connect_us,negotiation_us,tls_us,credssp_us,rdstls_us,aad_us,basic_settings_us,"
        "channel_connection_us,security_commencement_us,secure_settings_us,"
        "auto_detect_us,licensing_us,multitransport_us,capabilities_us,finalization_us,"
        "active_us,state,unmet_requirements,server_kind,hop,hop_target,certificate_trust,"
        "certificate_authority,package,kerberos_error,proxy,session_state,"
        "session_picture_us,vantage,capture_client,capture_packet,capture_time,"
        "kerberos_us,proxy_us,session_us,finding,finding_summary";
    struct sample sample;
    char *text;

    sample_healthy(&sample);
    text = write_report("csv", 0, false, 1, &sample.host, true);
    CU_ASSERT_EQUAL(strncmp(text, heading, sizeof(heading) - 1), 0);
    CU_ASSERT_PTR_NOT_NULL(strchr(",\n", text[sizeof(heading) - 1]));
    free(text);
    sample_end(&sample);
}

static const char *next_line(const char *text)
{
    return strchr(text, '\n') + 1;
}

static void check_fact(const json_t *record, const struct why_fact_row *row,
                       const struct why_result *result)
{
    struct why_fact_value buffer;
    const char *value = why_fact_text(row, result, &buffer);
    char path[64], *expected;

    if (!(row->flags & (FACT_CSV | FACT_CSV_LAST)))
        return;
    snprintf(path, sizeof(path), "%s%s%s", row->object ? row->object : "", row->object ? "." : "",
             row->key);
    CU_ASSERT_PTR_EQUAL(why_fact_at(path), row);
    expected = member(record, path);
    CU_ASSERT_EQUAL(value == NULL || *value == '\0', expected == NULL);
    if (value && expected)
        CU_ASSERT_STRING_EQUAL(value, expected);
    free(expected);
}

/* A fact is the same in both reports; control characters are escaped by the writer alone. */
static void test_same_as_jsonl(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sample sample;
        char *text;
        const char *line;

        if (strcmp(samples[i].name, "hostile") == 0)
            continue;
        samples[i].make(&sample);
        text = write_report("jsonl", 0, false, 1, &sample.host, true);
        line = next_line(text);
        for (size_t k = 0; k < sample.host.count; k++, line = next_line(line)) {
            json_t *record = json_loadb(line, strcspn(line, "\n"), 0, NULL);

            for (size_t f = 0; f < why_fact_row_count; f++)
                check_fact(record, &why_fact_rows[f], sample.host.results[k]);
            json_decref(record);
        }
        free(text);
        sample_end(&sample);
    }
}

/* A spreadsheet must not take a server's name for a formula. */
static void test_formulas(void)
{
    struct sample sample;
    char *text;

    sample_challenge(&sample);
    strcpy(sample.results[0].facts.ntlm.dns_computer, "=cmd|'/c calc'!A0");
    strcpy(sample.results[0].facts.ntlm.dns_domain, "a\"b,c");
    text = write_report("csv", 0, false, 1, &sample.host, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, ",\"'=cmd|'/c calc'!A0\","));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, ",\"a\"\"b,c\","));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, ",-3,")); /* the clock's skew is a number */
    free(text);
    sample_end(&sample);
}

/* Interrupted before the host was over: the attempts that were made are there. */
static void test_interrupted(void)
{
    const struct why_report_format *format = why_report_format_find("csv");
    struct why_report report = {.out = NULL};
    struct why_scan_summary summary = {.attempts = 1};
    struct why_run_info run = sample_run(1);
    struct sample sample;
    char *text = NULL;
    size_t len = 0;

    sample_healthy(&sample);
    report.out = open_memstream(&text, &len);
    CU_ASSERT_EQUAL(format->begin(&report, &run), WHY_OK);
    CU_ASSERT_EQUAL(format->attempt(&report, sample.host.results[0]), WHY_OK);
    CU_ASSERT_EQUAL(format->end(&report, &summary), WHY_OK);
    fclose(report.out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n\"srv1:3389\",192.0.2.7,3389,1,tls,fresh,"));
    CU_ASSERT_STRING_EQUAL(text + len - 3, ",,\n");
    free(text);
    sample_end(&sample);
}

int main(void)
{
    CU_TestInfo tests[] = {{"samples", test_samples},
                           {"the same facts as JSON Lines", test_same_as_jsonl},
                           {"the heading", test_heading},
                           {"formulas", test_formulas},
                           {"interrupted runs", test_interrupted},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"report csv", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
