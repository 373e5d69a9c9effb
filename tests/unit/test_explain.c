/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "rows_reported.h"
#include "rows_see.h"
#include "unit.h"

/* What a query's first answer is, and in how many spaces there is one at least. */
static const struct {
    const char *query, *space, *name;
    size_t least;
} found[] = {
    {"0x904", "mstsc", "disconnectReasonAtClientWinsockFDCLOSE", 1},
    {"2308", "mstsc", "disconnectReasonAtClientWinsockFDCLOSE", 1},
    {"0X7", "mstsc-extended", "exDiscReasonServerDeniedConnection", 5},
    {"7", "mstsc-extended", "exDiscReasonServerDeniedConnection", 5},
    {"0xC000006D", "ntstatus", "STATUS_LOGON_FAILURE", 1},
    {"0xc000006d", "ntstatus", "STATUS_LOGON_FAILURE", 1},
    {"C000006D", "ntstatus", "STATUS_LOGON_FAILURE", 1},
    {"-1073741715", "ntstatus", "STATUS_LOGON_FAILURE", 1},
    {"3221225581", "ntstatus", "STATUS_LOGON_FAILURE", 1},
    {"0x80090324", "sspi", "SEC_E_TIME_SKEW", 1},
    {"0xC00700EA", "ntstatus", "NTSTATUS_FROM_WIN32_ERROR_MORE_DATA", 2},
    {"0x80070007", "win32", "ERROR_ARENA_TRASHED", 1},
    {"0x102", "mstsc-extended", "exDiscReasonLicenseNoLicense", 2},
    {"0x10C9", "error-info", "ERRINFO_UNKNOWN_DATA_PDU_TYPE", 1},
    {"0x2000D", "errconnect", "ERRCONNECT_CONNECT_TRANSPORT_FAILED", 1},
    {"147", "xfreerdp-exit", "XF_EXIT_CONNECT_TRANSPORT_FAILED", 1},
    {"STATUS_LOGON_FAILURE", "ntstatus", "STATUS_LOGON_FAILURE", 1},
    {"status_logon_fail", "ntstatus", "STATUS_LOGON_FAILURE", 1},
    {"Hybrid Required", "negotiation-failure", "HYBRID_REQUIRED_BY_SERVER", 1},
    {"handshake-failure", "tls-alert", "handshake_failure", 1},
    {"rn-provider", "mcs-disconnect", "rn-provider-initiated", 1},
    {"ST_TOTAL_ABORT", "license-transition", "ST_TOTAL_ABORT", 1},
    {"0x00010007", "error-info", "ERRINFO_SERVER_DENIED_CONNECTION", 1},
    {"0x0001112F", "error-info", "ERRINFO_GRAPHICS_SUBSYSTEM_FAILED", 1},
    {"65543", "error-info", "ERRINFO_SERVER_DENIED_CONNECTION", 1},
    {"0x00020006", "errconnect", "ERRCONNECT_CONNECT_FAILED", 1},
    {"-2146893039", "sspi", "SEC_E_NO_AUTHENTICATING_AUTHORITY", 1},
    {"3334", "mstsc", "3334", 1},
    {"0x1108", "mstsc", "4360", 1},
    {"519", "mstsc", "519", 2},
    {"516", "mstsc", "disconnectReasonSocketConnectFailed", 2},
    {"0x516", "mstsc", "1302", 1},
    {"0x3000008", "mstsc", "50331656", 1},
    {"0x3007", "mstsc-extended", "exDiscReasonProtocolRangeStart", 1},
    {"RDSTLS_RESULT_LOGON", "rdstls", "RDSTLS_RESULT_LOGON_FAILURE", 1},
    {"AADSTS50126", "aadsts", "AADSTS50126", 1},
    {"KDC_ERR_S_PRINCIPAL_UNKNOWN", "kerberos", "KDC_ERR_S_PRINCIPAL_UNKNOWN", 1},
    {"-1765328378", "kerberos", "KDC_ERR_C_PRINCIPAL_UNKNOWN", 1},
    {"0x800759DA", "gateway", "E_PROXY_RAP_ACCESSDENIED", 1},
    {"0x000059DD", "gateway", "E_PROXY_TS_CONNECTFAILED", 1},
    {"0x4CA", "gateway", "ERROR_GRACEFUL_DISCONNECT", 1},
    {"0x000004D4", "win32", "ERROR_CONNECTION_ABORTED", 2},
    {"0x800700A0", "gateway", "ERROR_BAD_ARGUMENTS", 1},
    {"UPSTREAM_NOT_FOUND", "guacamole", "UPSTREAM_NOT_FOUND", 1},
};

static void test_found(void)
{
    for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
        struct why_explanation x;
        int status = why_explain(found[i].query, &x);

        if (status != WHY_OK || x.count < found[i].least ||
            strcmp(x.meanings[0].table->space, found[i].space) != 0 ||
            strcmp(x.meanings[0].row->name, found[i].name) != 0) {
            (void)fprintf(stderr, "%s: status %d, %zu meanings, first %s\n", found[i].query, status,
                          x.count, x.count > 0 ? x.meanings[0].row->name : "none");
            CU_FAIL("a query has another answer");
        }
        why_explanation_clear(&x);
    }
}

/* Every row of every table is found by its number and by its name. */
static void test_every_row(void)
{
    size_t tables = 0;
    const struct why_code_table *table = why_code_tables(&tables);

    for (size_t t = 0; t < tables; t++) {
        for (size_t r = 0; r < table[t].count; r++) {
            const struct why_code_row *row = &table[t].rows[r];
            char query[64];
            bool by_number = false, by_name = false;
            struct why_explanation x;

            why_table_format(&table[t], row->value, query, sizeof(query));
            CU_ASSERT_EQUAL(why_explain(query, &x), WHY_OK);
            for (size_t i = 0; i < x.count; i++)
                by_number = by_number || x.meanings[i].table == &table[t];
            why_explanation_clear(&x);
            CU_ASSERT_EQUAL(why_explain(row->name, &x), WHY_OK);
            for (size_t i = 0; i < x.count; i++)
                by_name = by_name || x.meanings[i].row == row;
            why_explanation_clear(&x);
            if (!by_number || !by_name)
                (void)fprintf(stderr, "%s %s is not found\n", table[t].space, row->name);
            CU_ASSERT(by_number && by_name);
        }
    }
}

static void test_pairs(void)
{
    static const char *const spellings[] = {"0x904/0x7", "2308/7", "0x904 0x7", "0x904, 0x7"};

    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        struct why_explanation x;
        size_t homonyms = 0;

        CU_ASSERT_EQUAL_FATAL(why_explain(spellings[i], &x), WHY_OK);
        CU_ASSERT(x.is_pair);
        CU_ASSERT_EQUAL(x.code, 0x904);
        CU_ASSERT_EQUAL(x.extended, 7);
        CU_ASSERT_EQUAL(x.meanings[0].part, WHY_PART_CODE);
        CU_ASSERT_EQUAL(x.meanings[1].part, WHY_PART_EXTENDED);
        for (size_t j = 0; j < x.count; j++) {
            const char *name = x.meanings[j].row->name;

            if (x.meanings[j].part != WHY_PART_HOMONYM)
                continue;
            homonyms++;
            CU_ASSERT(strcmp(name, "STATUS_VALID_CLIENT") == 0 ||
                      strcmp(name, "ERROR_ARENA_TRASHED") == 0);
        }
        CU_ASSERT_EQUAL(homonyms, 2);
        why_explanation_clear(&x);
    }
}

/* 0x0 means that there is no second code. */
static void test_no_extended(void)
{
    struct why_explanation x;
    struct why_mstsc_source source;

    CU_ASSERT_EQUAL_FATAL(why_explain("0x204/0x0", &x), WHY_OK);
    CU_ASSERT_EQUAL(x.count, 2); /* the code and "none"; nothing else means 0 here */
    why_explanation_clear(&x);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_FATAL(why_mstsc_source(0x204, 0, i, &source));
        CU_ASSERT(!source.has_extended && !source.documented);
    }
    CU_ASSERT(!why_mstsc_source(0x204, 0, 3, &source));
    CU_ASSERT(!why_mstsc_source(0x904, 0, 0, &source));
    CU_ASSERT_FATAL(why_mstsc_source(0x904, WHY_EXTENDED_ANY, 0, &source));
    CU_ASSERT_EQUAL(source.first_extended, 1);
    CU_ASSERT_EQUAL(source.last_extended, 0x10B);
}

static void test_other_base(void)
{
    static const struct {
        const char *query, *other;
    } rows[] = {
        {"516", "0x516"}, {"0x516", "516"}, {"204", "0x204"}, {"0x2308", "2308"},
        {"0x204", ""},    {"7", ""},        {"0x904", ""},    {"-2146893039", ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_explanation x;

        (void)why_explain(rows[i].query, &x);
        CU_ASSERT_STRING_EQUAL(x.other_base, rows[i].other);
        why_explanation_clear(&x);
    }
}

static const struct why_code_table *table_of(const char *space)
{
    const struct why_code_table *table = why_code_table_find(space);

    CU_ASSERT_PTR_NOT_NULL_FATAL(table);
    return table;
}

/* What no reference names is said to be reported, and by whom. */
static void test_basis(void)
{
    static const int64_t reported[] = {0x4,   0x207, 0x516,  0x907,  0xB09,  0xD06,
                                       0xE09, 0x708, 0x1104, 0x1108, 0x2104, 0x3000008};
    const struct why_code_table *mstsc = table_of("mstsc");
    const struct why_code_row *row;

    for (size_t i = 0; i < sizeof(reported) / sizeof(reported[0]); i++) {
        row = why_code_row_find(mstsc, reported[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        CU_ASSERT(!why_row_is_documented(row));
        CU_ASSERT_STRING_NOT_EQUAL(why_row_source(mstsc, row), mstsc->source);
    }
    row = why_code_row_find(mstsc, 0x904);
    CU_ASSERT(why_row_is_documented(row));
    CU_ASSERT_STRING_EQUAL(why_row_source(mstsc, row), mstsc->source);
    /* Both causes of 3334 are told: neither rules the other out. */
    row = why_code_row_find(mstsc, 3334);
    CU_ASSERT_PTR_NOT_NULL(strstr(why_code_report(mstsc, row, 0)->says, "memory"));
    CU_ASSERT_PTR_NOT_NULL(strstr(why_code_report(mstsc, row, 1)->says, "graphics"));
    CU_ASSERT_PTR_NULL(why_code_report(mstsc, row, 2));
    /* A documented code may have reports, too. */
    row = why_code_row_find(table_of("error-info"), 0x112F);
    CU_ASSERT(why_row_is_documented(row));
    CU_ASSERT_PTR_NOT_NULL(why_code_report(table_of("error-info"), row, 0));
}

/* Every row of every table has something to run, and says where it and its reports are from. */
static void test_advice(void)
{
    size_t tables = 0;
    const struct why_code_table *table = why_code_tables(&tables);

    for (size_t t = 0; t < tables; t++) {
        for (size_t r = 0; r < table[t].count; r++) {
            const struct why_code_row *row = &table[t].rows[r];
            const struct why_next *next = why_meaning_next(&table[t], row);
            const struct why_code_report *report;

            CU_ASSERT_EQUAL(strncmp(next->command, "rdpwhy probe ", 13), 0);
            CU_ASSERT_PTR_NOT_NULL(strstr(next->command, "HOST"));
            CU_ASSERT(strlen(next->shows) > 0);
            CU_ASSERT(strlen(why_row_source(&table[t], row)) > 0);
            for (size_t i = 0; (report = why_code_report(&table[t], row, i)) != NULL; i++)
                CU_ASSERT(strchr(report->source, '/') != NULL ||
                          strchr(report->source, ':') != NULL);
        }
    }
}

static void test_see(void)
{
    static const struct {
        const char *space;
        int64_t value;
        enum why_rule rules[4]; /* ended by WHY_RULE_COUNT */
    } rows[] = {
        {"mstsc",
         0x204,
         {WHY_RULE_PORT_REFUSED, WHY_RULE_PORT_FILTERED, WHY_RULE_NO_ROUTE, WHY_RULE_COUNT}},
        {"mstsc", 0x104, {WHY_RULE_NAME_NOT_RESOLVED, WHY_RULE_COUNT}},
        {"mstsc", 0x3, {WHY_RULE_SESSION_ENDED, WHY_RULE_ERROR_INFO, WHY_RULE_COUNT}},
        {"mstsc", 0xB09, {WHY_RULE_NLA_REQUIRED, WHY_RULE_COUNT}},
        {"mstsc", 0xD06, {WHY_RULE_COUNT}},
        {"mstsc-extended", 0x7, {WHY_RULE_SERVER_DENIED, WHY_RULE_COUNT}},
        {"mstsc-extended", 0x0, {WHY_RULE_COUNT}},
        {"mstsc-extended", 0x1000, {WHY_RULE_COUNT}},
        {"error-info", 0x7, {WHY_RULE_SERVER_DENIED, WHY_RULE_COUNT}},
        {"errconnect", 0x20005, {WHY_RULE_NAME_NOT_RESOLVED, WHY_RULE_COUNT}},
        {"win32", 10061, {WHY_RULE_PORT_REFUSED, WHY_RULE_COUNT}},
        {"win32", 7, {WHY_RULE_COUNT}},
        {"kerberos", 37, {WHY_RULE_CLOCK_SKEW_REFUSED, WHY_RULE_COUNT}},
        {"rdstls", 0x775, {WHY_RULE_REDIRECT_REJECTED, WHY_RULE_ACCOUNT_LOCKED, WHY_RULE_COUNT}},
        {"gateway", 0x800759DA, {WHY_RULE_GATEWAY_RAP, WHY_RULE_COUNT}},
        {"gateway-http", 404, {WHY_RULE_NOT_A_GATEWAY, WHY_RULE_COUNT}},
        {"mstsc", 0x300001B, {WHY_RULE_GATEWAY_RAP, WHY_RULE_COUNT}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct why_code_table *table = table_of(rows[i].space);
        const struct why_code_row *row = why_code_row_find(table, rows[i].value);
        size_t j = 0;

        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        do {
            CU_ASSERT_EQUAL(why_meaning_see(table, row, j), rows[i].rules[j]);
        } while (rows[i].rules[j++] != WHY_RULE_COUNT);
    }
}

/* No row is for a code that there is not. */
static void test_rows_have_codes(void)
{
    for (size_t i = 0; i < sizeof(see_rows) / sizeof(see_rows[0]); i++) {
        const struct why_code_table *table = table_of(see_rows[i].space);

        CU_ASSERT_PTR_NOT_NULL(why_code_row_find(table, see_rows[i].first));
        CU_ASSERT_PTR_NOT_NULL(why_code_row_find(table, see_rows[i].last));
    }
    for (size_t i = 0; i < sizeof(reported_rows) / sizeof(reported_rows[0]); i++) {
        const struct why_code_report *report = &reported_rows[i];

        CU_ASSERT_PTR_NOT_NULL(why_code_row_find(table_of(report->space), report->value));
        CU_ASSERT(strlen(report->says) > 0 && strlen(report->source) > 0);
    }
}

/* What people paste, and which codes it holds. */
static const struct {
    const char *text;
    const char *codes[4];
} pasted[] = {
    {"Error code: 0x904\nExtended error code: 0x7\n"
     "Timestamp (UTC): 10/16/23 09:18:47 AM\n"
     "Activity ID: {9078ef5c-661c-48f0-b401-1c48db150000}",
     {"0x904/0x7"}},
    {"Error code: 0x204 Extended error code: 0x0", {"0x204/0x0"}},
    {"Fehlercode: 0x904\r\nErweiterter Fehlercode: 0x7", {"0x904/0x7"}},
    {"Code d'erreur : 0x904\nCode d'erreur \xC3\xA9tendu : 0x7", {"0x904/0x7"}},
    {"\xE9\x94\x99\xE8\xAF\xAF\xEF\xBC\x9A" /* U+FF1A, a wide colon */
     "0x904\n\xE6\x89\xA9\xE5\xB1\x95\xEF\xBC\x9A"
     "0x7",
     {"0x904/0x7"}},
    {"Error code: 0xC000006D\nExtended error code: 0x7", {"0xC000006D", "0x7"}},
    {"An authentication error has occurred (Code: 0x80080005).\n"
     "Error code: 0x0\nExtended error code: 0x0",
     {"0x80080005"}},
    {"Because of a protocol error (code: 0x112f), the remote session will be disconnected.",
     {"0x112f"}},
    {"RDP disconnected!\n3334 Because of a protocol error, this session will be disconnected.",
     {"3334"}},
    {"RDP ClientActiveX has been disconnected (Reason= 2308)", {"2308"}},
    {"Component name:OnDisconnected, :: SL::OnDisconnected, Error code:0xE09", {"0xE09"}},
    {"[20:06:48:446] [157:0000ded4] [ERROR][com.freerdp.core] - "
     "freerdp_tcp_connect:freerdp_set_last_error_ex ERRCONNECT_CONNECT_FAILED [0x00020006]",
     {"ERRCONNECT_CONNECT_FAILED", "0x00020006"}},
    {"[aad_parse_state_auth]: Authentication result: -2146893048.000000", {"-2146893048"}},
    {"AADSTS50126: Error validating credentials due to invalid username or password.",
     {"AADSTS50126"}},
    {"Failure: Status: 0xC000006D Sub Status: 0xC0000064", {"0xC000006D", "0xC0000064"}},
    {"status C000006D, twice: c000006d", {"C000006D"}},
    {"SSL alert handshake_failure, then STATUS_LOGON_FAILURE.",
     {"handshake_failure", "STATUS_LOGON_FAILURE"}},
    {"xfreerdp ended with exit code 147", {"147"}},
    {"code 0, error 0x0, status: 0", {NULL}},
    {"connected to 192.0.2.7:3389 in 264 ms, pid 2308, -1765328378x", {NULL}},
    {"pointer 0x55d833ff91d0, (Code: 0x800004005)", {NULL}},
    {"", {NULL}},
    {"0x", {NULL}},
    {"code: code: :::", {NULL}},
    {"x_0x904, THE_STATUS_LOGON_FAILURE, STATUS_LOGON_FAILURE_", {NULL}},
};

static void test_pasted(void)
{
    for (size_t i = 0; i < sizeof(pasted) / sizeof(pasted[0]); i++) {
        char codes[4][WHY_QUERY_MAX];
        size_t expected = 0, count = why_explain_find(pasted[i].text, codes, 4);

        while (expected < 4 && pasted[i].codes[expected] != NULL)
            expected++;
        if (count != expected)
            (void)fprintf(stderr, "%s: %zu codes, first %s\n", pasted[i].text, count,
                          count > 0 ? codes[0] : "none");
        CU_ASSERT_EQUAL_FATAL(count, expected);
        for (size_t j = 0; j < count; j++)
            CU_ASSERT_STRING_EQUAL(codes[j], pasted[i].codes[j]);
    }
}

/* No more than there is room for. */
static void test_pasted_many(void)
{
    char codes[2][WHY_QUERY_MAX];

    CU_ASSERT_EQUAL(why_explain_find("0xC000006D 0xC0000064 0xC0000072", codes, 2), 2);
    CU_ASSERT_STRING_EQUAL(codes[1], "0xC0000064");
    CU_ASSERT_EQUAL(why_explain_find("0xC000006D", codes, 0), 0);
}

static void test_unknown(void)
{
    static const char *const queries[] = {
        "",       "no such name", "0x12345678", "999999999999", "0xG",     "0x",        "-",
        "0x904/", "0x904/0x7/1",  "/7",         "0x00010008x",  "AADSTS1", "0x0001FFFF"};

    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        struct why_explanation x;

        CU_ASSERT_EQUAL(why_explain(queries[i], &x), WHY_ERR_NOTFOUND);
        CU_ASSERT_EQUAL(x.count, 0);
        why_explanation_clear(&x);
    }
    why_explanation_clear(NULL);
}

static void test_rules(void)
{
    for (int i = 0; i < WHY_RULE_COUNT; i++) {
        struct why_explanation x;

        CU_ASSERT_EQUAL(why_explain(why_rule_info((enum why_rule)i)->name, &x), WHY_OK);
        CU_ASSERT(x.rule == (enum why_rule)i);
        why_explanation_clear(&x);
    }
}

static char *written(const char *query, int (*write)(FILE *, const struct why_explanation *),
                     char *buf, size_t len)
{
    FILE *out = tmpfile();
    struct why_explanation x;
    size_t n;

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_EQUAL_FATAL(why_explain(query, &x), WHY_OK);
    CU_ASSERT_EQUAL(write(out, &x), WHY_OK);
    why_explanation_clear(&x);
    rewind(out);
    n = fread(buf, 1, len - 1, out);
    buf[n] = '\0';
    (void)fclose(out);
    return buf;
}

static int write_text(FILE *out, const struct why_explanation *x)
{
    return why_explanation_text(out, false, 0, x);
}

static void test_text(void)
{
    static const char *const says[] = {
        "names neither the phase",
        "SUCCESS",
        "ERROR_ARENA_TRASHED",
        "rdpwhy probe",
        "negotiation to finalization",
        "disconnectReasonAtClientWinsockFDCLOSE",
        "exDiscReasonServerDeniedConnection",
    };
    char buf[16384];

    (void)written("0x904/0x7", write_text, buf, sizeof(buf));
    for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(buf, says[i]));
    CU_ASSERT_STRING_EQUAL(
        written("0xC0000234", write_text, buf, sizeof(buf)),
        "0xC0000234: 1 meaning\n"
        "\n"
        "STATUS_ACCOUNT_LOCKED_OUT  0xC0000234\n"
        "  table     NTSTATUS (CredSSP: errorCode of a TSRequest) [ntstatus]\n"
        "  means     the account is locked out\n"
        "  basis     documented: [MS-ERREF] 2.3.1; [MS-CSSP] 2.2.1\n"
        "  see       rdpwhy explain account-locked\n"
        "  next      rdpwhy probe -p nla HOST - how far the server lets a client "
        "come; no logon is tried,\n"
        "            which would count against a locked account\n");
}

static void test_jsonl(void)
{
    char buf[16384];

    CU_ASSERT_STRING_EQUAL(
        written("0xC0000234", why_explanation_jsonl, buf, sizeof(buf)),
        "{\"schema\":\"rdpwhy/1\",\"record\":\"explanation\",\"query\":\"0xC0000234\","
        "\"space\":\"ntstatus\",\"title\":\"NTSTATUS (CredSSP: errorCode of a TSRequest)\","
        "\"value\":3221226036,\"written\":\"0xC0000234\",\"name\":\"STATUS_ACCOUNT_LOCKED_OUT\","
        "\"meaning\":\"the account is locked "
        "out\",\"basis\":\"documented\",\"source\":\"[MS-ERREF] "
        "2.3.1; [MS-CSSP] 2.2.1\",\"rule\":\"account-locked\",\"see\":[\"account-locked\"],"
        "\"next\":{\"command\":\"rdpwhy probe -p nla HOST\",\"shows\":\"how far the server lets a "
        "client come; no logon is tried, which would count against a locked account\"}}\n");
}

static CU_TestInfo tests[] = {
    {"numbers and names", test_found},
    {"every row of every table", test_every_row},
    {"pairs as mstsc prints them", test_pairs},
    {"an extended code of 0x0", test_no_extended},
    {"digits of the other base", test_other_base},
    {"basis: documented and reported", test_basis},
    {"something to run for every row", test_advice},
    {"rules that help with a code", test_see},
    {"reports and rules are for codes that there are", test_rows_have_codes},
    {"codes in a pasted text", test_pasted},
    {"room for so many codes", test_pasted_many},
    {"unknown", test_unknown},
    {"rules by name", test_rules},
    {"as text", test_text},
    {"as JSON Lines", test_jsonl},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "explain", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
