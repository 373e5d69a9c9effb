/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include <rdpwhy/knowledge.h>

#include "unit.h"

static bool is_system_table(const struct why_code_table *table)
{
    return strcmp(table->space, "errno") == 0 || strcmp(table->space, "resolver") == 0;
}

static void test_tables_are_well_formed(void)
{
    size_t count;
    const struct why_code_table *tables = why_code_tables(&count);

    CU_ASSERT(count > 0);
    for (size_t t = 0; t < count; t++) {
        CU_ASSERT_PTR_EQUAL(why_code_table_find(tables[t].space), &tables[t]);
        CU_ASSERT(strlen(tables[t].title) > 0);
        CU_ASSERT(strlen(tables[t].source) > 0);
        CU_ASSERT(tables[t].count > 0);
        for (size_t i = 0; i < tables[t].count; i++) {
            const struct why_code_row *row = &tables[t].rows[i];

            CU_ASSERT_PTR_NOT_NULL_FATAL(row->name);
            CU_ASSERT_PTR_NOT_NULL_FATAL(row->meaning);
            CU_ASSERT(strlen(row->meaning) > 0);
            CU_ASSERT_PTR_EQUAL(why_code_row_find(&tables[t], row->value), row);
            if (i > 0 && !is_system_table(&tables[t]))
                CU_ASSERT(tables[t].rows[i - 1].value < row->value);
        }
    }
    CU_ASSERT_PTR_NULL(why_code_table_find("nonsense"));
}

static void test_every_code_space_has_a_table(void)
{
    for (int space = 0; space < WHY_SPACE_COUNT; space++)
        CU_ASSERT_PTR_NOT_NULL(
            why_code_table_find(why_code_space_name((enum why_code_space)space)));
}

static void test_lookups(void)
{
    static const struct {
        enum why_code_space space;
        int64_t value;
        const char *name, *text;
    } rows[] = {
        {WHY_SPACE_NEGOTIATION_FAILURE, 5, "HYBRID_REQUIRED_BY_SERVER", "0x5"},
        {WHY_SPACE_TLS_ALERT, 40, "handshake_failure", "40"},
        {WHY_SPACE_TLS_ALERT, 70, "protocol_version", "70"},
        {WHY_SPACE_NTSTATUS, 0xC000006D, "STATUS_LOGON_FAILURE", "0xC000006D"},
        {WHY_SPACE_NTSTATUS, (int32_t)0xC000006D, "STATUS_LOGON_FAILURE", "0xC000006D"},
        {WHY_SPACE_NTSTATUS, 0x8009030C, "SEC_E_LOGON_DENIED", "0x8009030C"},
        {WHY_SPACE_EARLY_USER_AUTH, 5, "AUTHZ_ACCESS_DENIED", "0x5"},
        {WHY_SPACE_RDSTLS, 0x52E, "RDSTLS_RESULT_LOGON_FAILURE", "0x0000052E"},
        {WHY_SPACE_LICENSE_ERROR, 6, "ERR_NO_LICENSE_SERVER", "0x6"},
        {WHY_SPACE_ERROR_INFO, 7, "ERRINFO_SERVER_DENIED_CONNECTION", "0x7"},
        {WHY_SPACE_ERROR_INFO, 0x112F, "ERRINFO_GRAPHICS_SUBSYSTEM_FAILED", "0x112F"},
        {WHY_SPACE_MCS_DISCONNECT, 3, "rn-user-requested", "3"},
    };
    char text[32];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct why_code_row *row = why_code_lookup(rows[i].space, rows[i].value);

        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        CU_ASSERT_STRING_EQUAL(row->name, rows[i].name);
        why_code_format(rows[i].space, rows[i].value, text, sizeof(text));
        CU_ASSERT_STRING_EQUAL(text, rows[i].text);
    }
    CU_ASSERT_PTR_NULL(why_code_lookup(WHY_SPACE_ERROR_INFO, 0x7FFF));
    CU_ASSERT_PTR_NULL(why_code_lookup(WHY_SPACE_COUNT, 0));
    why_code_format(WHY_SPACE_RESOLVER, -2, text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "-2");
}

static void test_system_codes(void)
{
    CU_ASSERT_STRING_EQUAL(why_code_lookup(WHY_SPACE_ERRNO, ECONNREFUSED)->name, "ECONNREFUSED");
    CU_ASSERT_STRING_EQUAL(why_code_lookup(WHY_SPACE_ERRNO, ECONNRESET)->name, "ECONNRESET");
    CU_ASSERT_STRING_EQUAL(why_code_lookup(WHY_SPACE_ERRNO, EHOSTUNREACH)->name, "EHOSTUNREACH");
    CU_ASSERT_STRING_EQUAL(why_code_lookup(WHY_SPACE_RESOLVER, EAI_NONAME)->name, "EAI_NONAME");
    CU_ASSERT_STRING_EQUAL(why_code_lookup(WHY_SPACE_RESOLVER, EAI_AGAIN)->name, "EAI_AGAIN");
}

/* The same number in five spaces; every row says which of them it is. */
static void test_the_meanings_of_seven(void)
{
    static const struct {
        const char *space, *name, *says;
    } rows[] = {
        {"mstsc-extended", "exDiscReasonServerDeniedConnection", "unrelated to license code 7"},
        {"error-info", "ERRINFO_SERVER_DENIED_CONNECTION", "unrelated to license code 7"},
        {"license-error", "STATUS_VALID_CLIENT", "SUCCESS"},
        {"kerberos", "KDC_ERR_S_PRINCIPAL_UNKNOWN", "not the 0x7 of 0x904/0x7"},
        {"win32", "ERROR_ARENA_TRASHED", "nothing to do with 0x904/0x7"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct why_code_table *table = why_code_table_find(rows[i].space);
        const struct why_code_row *row = why_code_row_find(table, 7);

        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        CU_ASSERT_STRING_EQUAL(row->name, rows[i].name);
        CU_ASSERT_PTR_NOT_NULL(strstr(row->meaning, rows[i].says));
    }
}

static void test_sizes(void)
{
    static const struct {
        const char *space;
        size_t least;
    } rows[] = {
        {"mstsc", 100},        {"mstsc-extended", 27}, {"error-info", 119}, {"license-message", 8},
        {"rdstls", 8},         {"kerberos", 68},       {"aadsts", 40},      {"gateway", 20},
        {"guacamole", 20},     {"ntstatus", 60},       {"sspi", 60},        {"errconnect", 28},
        {"xfreerdp-exit", 50}, {"tls-alert", 30},      {"win32", 5},        {"errno", 20},
        {"resolver", 10},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct why_code_table *table = why_code_table_find(rows[i].space);

        CU_ASSERT_PTR_NOT_NULL_FATAL(table);
        CU_ASSERT(table->count >= rows[i].least);
    }
}

static void test_words(void)
{
    size_t count;
    const struct why_flag *flags = why_protocol_flags(&count);

    CU_ASSERT_EQUAL(count, 5);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(flags[i].bit, 1u << i);
        CU_ASSERT_STRING_EQUAL(why_protocol_name(flags[i].bit), flags[i].name);
    }
    CU_ASSERT_STRING_EQUAL(why_protocol_name(0), "RDP");
    CU_ASSERT_STRING_EQUAL(why_protocol_name(8), "HYBRID_EX");
    CU_ASSERT_PTR_NULL(why_protocol_name(3));

    flags = why_negotiation_flags(&count);
    CU_ASSERT_EQUAL(count, 5);
    CU_ASSERT_STRING_EQUAL(flags[0].name, "EXTENDED_CLIENT_DATA_SUPPORTED");

    CU_ASSERT_STRING_EQUAL(why_encryption_method_name(0), "none");
    CU_ASSERT_STRING_EQUAL(why_encryption_method_name(1), "40bit");
    CU_ASSERT_STRING_EQUAL(why_encryption_method_name(2), "128bit");
    CU_ASSERT_STRING_EQUAL(why_encryption_method_name(8), "56bit");
    CU_ASSERT_STRING_EQUAL(why_encryption_method_name(16), "fips");
    CU_ASSERT_PTR_NULL(why_encryption_method_name(3));
    CU_ASSERT_STRING_EQUAL(why_encryption_level_name(2), "client-compatible");
    CU_ASSERT_STRING_EQUAL(why_encryption_level_name(4), "fips");
    CU_ASSERT_PTR_NULL(why_encryption_level_name(5));
    CU_ASSERT_STRING_EQUAL(why_license_transition_name(2), "ST_NO_TRANSITION");
    CU_ASSERT_PTR_NULL(why_license_transition_name(0));
}

static CU_TestInfo tests[] = {
    {"tables are sorted and complete", test_tables_are_well_formed},
    {"every code space has a table", test_every_code_space_has_a_table},
    {"look-ups", test_lookups},
    {"codes of this system", test_system_codes},
    {"the meanings of 7 are not mixed", test_the_meanings_of_seven},
    {"sizes of the tables", test_sizes},
    {"flags and names", test_words},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "knowledge: codes", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
