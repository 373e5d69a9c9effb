/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/status.h>

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
    {"0xC00700EA", "win32", "ERROR_MORE_DATA", 1},
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

static void test_unknown(void)
{
    static const char *const queries[] = {
        "",       "no such name", "0x12345678", "999999999999", "0xG", "0x", "-",
        "0x904/", "0x904/0x7/1",  "/7"};

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
    return why_explanation_text(out, false, x);
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
    CU_ASSERT_STRING_EQUAL(written("0xC0000234", write_text, buf, sizeof(buf)),
                           "0xC0000234: 1 meaning\n"
                           "\n"
                           "STATUS_ACCOUNT_LOCKED_OUT  0xC0000234\n"
                           "  space     NTSTATUS (CredSSP: errorCode of a TSRequest) [ntstatus]\n"
                           "  means     the account is locked out\n"
                           "  source    [MS-ERREF] 2.3.1; [MS-CSSP] 2.2.1\n"
                           "  see       rdpwhy explain account-locked\n");
}

static void test_jsonl(void)
{
    char buf[16384];

    CU_ASSERT_STRING_EQUAL(
        written("0xC0000234", why_explanation_jsonl, buf, sizeof(buf)),
        "{\"schema\":\"rdpwhy/1\",\"record\":\"explanation\",\"query\":\"0xC0000234\","
        "\"space\":\"ntstatus\",\"title\":\"NTSTATUS (CredSSP: errorCode of a TSRequest)\","
        "\"value\":3221226036,\"written\":\"0xC0000234\",\"name\":\"STATUS_ACCOUNT_LOCKED_OUT\","
        "\"meaning\":\"the account is locked out\",\"source\":\"[MS-ERREF] 2.3.1; [MS-CSSP] "
        "2.2.1\",\"rule\":\"account-locked\"}\n");
}

static CU_TestInfo tests[] = {
    {"numbers and names", test_found},
    {"every row of every table", test_every_row},
    {"pairs as mstsc prints them", test_pairs},
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
