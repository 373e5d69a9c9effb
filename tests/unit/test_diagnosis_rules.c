/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>

#include "unit.h"

/* The rules as data: complete, well-formed, and reachable. */

static bool is_kebab_case(const char *name)
{
    if (!islower((unsigned char)*name))
        return false;
    for (const char *p = name; *p != '\0'; p++) {
        if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '-')
            return false;
    }
    return true;
}

static bool is_complete(const struct why_rule_text *texts)
{
    size_t n = 0;

    for (; texts->text != NULL; texts++) {
        n++;
        if (texts->text[0] == '\0')
            return false;
        for (uint64_t bit = 1; bit != 0; bit <<= 1) {
            if ((why_text_conditions(texts) & bit) != 0 && why_condition_text(bit) == NULL)
                return false;
        }
    }
    return n > 0 && n <= 12;
}

static void test_rows(void)
{
    for (int i = 0; i < WHY_RULE_COUNT; i++) {
        const struct why_rule_info *info = why_rule_info((enum why_rule)i);

        CU_ASSERT(is_kebab_case(info->name));
        CU_ASSERT(why_rule_find(info->name) == (enum why_rule)i);
        CU_ASSERT(strlen(info->meaning) > 10);
        CU_ASSERT(info->meaning[strlen(info->meaning) - 1] != '.');
        CU_ASSERT(is_complete(info->causes));
        CU_ASSERT(is_complete(info->checks));
        CU_ASSERT(is_complete(info->remedies));
    }
    CU_ASSERT_EQUAL(why_rule_find("no-such-rule"), WHY_RULE_COUNT);
}

/* What only Windows has: its commands, its services, its policies. */
static const char *const windows_words[] = {
    "Get-",        "Set-",         "Test-",    "Restart-",     "Invoke-",      "HKLM",
    "[System",     "cmdkey",       "Resolve-", "Cert:",        "GPO",          "MachineKeys",
    "TermService", "NETWORK SERV", "quser",    "w32tm",        "nltest",       "secedit",
    "Schannel",    "PowerShell",   "Netlogon", "Win32_",       "icacls",       "LSASS",
    "fDenyTS",     "certlm",       "pktmon",   "change logon", "SecurityLayer"};

static bool is_about_windows(const char *text)
{
    for (size_t i = 0; i < sizeof(windows_words) / sizeof(windows_words[0]); i++) {
        if (strstr(text, windows_words[i]) != NULL)
            return true;
    }
    return strstr(text, "roup policy") != NULL;
}

/* Servers that are known to be something else get no advice for Windows, and some of their own. */
static void check_kinds(const char *rule, const char *list, const struct why_rule_text *texts)
{
    for (int kind = WHY_KIND_WINDOWS + 1; kind < WHY_KIND_COUNT; kind++) {
        size_t count = 0;

        for (const struct why_rule_text *t = texts; t->text != NULL; t++) {
            if (!why_text_fits(t, why_text_conditions(t), (enum why_kind)kind))
                continue;
            count++;
            /* Hyper-V's host is a Windows, for texts that are meant for it. */
            if (is_about_windows(t->text) &&
                !(kind == WHY_KIND_HYPER_V && (why_text_kinds(t) & 1u << WHY_KIND_WINDOWS) != 0)) {
                (void)fprintf(stderr, "%s: %s: is for Windows: %s\n", rule, list, t->text);
                CU_FAIL("a text for Windows that others get: [windows] is missing");
            }
        }
        if (count == 0) {
            (void)fprintf(stderr, "%s: %s: nothing for %s\n", rule, list,
                          why_kind_name((enum why_kind)kind));
            CU_FAIL("a list that is empty for a kind of server");
        }
    }
}

static void test_kinds(void)
{
    for (int i = 0; i < WHY_RULE_COUNT; i++) {
        const struct why_rule_info *info = why_rule_info((enum why_rule)i);

        check_kinds(info->name, "causes", info->causes);
        check_kinds(info->name, "checks", info->checks);
        check_kinds(info->name, "remedies", info->remedies);
    }
}

/* An error must always come with something to do and its risk. */
static void test_risk(void)
{
    for (int i = 0; i < WHY_RULE_COUNT; i++) {
        const struct why_rule_info *info = why_rule_info((enum why_rule)i);
        bool risk = info->severity == WHY_SEVERITY_INFO;

        for (const struct why_rule_text *t = info->remedies; t->text != NULL; t++)
            risk = risk || strstr(t->text, "risk") != NULL ||
                   strstr(t->text, "No general fix") != NULL;
        if (!risk)
            (void)fprintf(stderr, "%s names no risk\n", info->name);
        CU_ASSERT(risk);
    }
}

static void test_codes(void)
{
    static const struct {
        enum why_code_space space;
        int64_t value;
        enum why_rule rule;
    } rows[] = {
        {WHY_SPACE_NEGOTIATION_FAILURE, 1, WHY_RULE_TLS_REQUIRED},
        {WHY_SPACE_NEGOTIATION_FAILURE, 3, WHY_RULE_CERTIFICATE_MISSING},
        {WHY_SPACE_NEGOTIATION_FAILURE, 4, WHY_RULE_NEGOTIATION_FAILURE},
        {WHY_SPACE_NEGOTIATION_FAILURE, 99, WHY_RULE_NEGOTIATION_FAILURE},
        {WHY_SPACE_NTSTATUS, 0xC000006D, WHY_RULE_LOGON_FAILURE},
        {WHY_SPACE_NTSTATUS, 0xC0000133, WHY_RULE_CLOCK_SKEW_REFUSED},
        {WHY_SPACE_NTSTATUS, 0xC0000224, WHY_RULE_PASSWORD_EXPIRED},
        {WHY_SPACE_NTSTATUS, 0xC0000022, WHY_RULE_CREDSSP_ERROR},
        {WHY_SPACE_NTSTATUS, 0xC00700EA, WHY_RULE_LOGON_FAILURE}, /* FreeRDP's servers */
        {WHY_SPACE_NTSTATUS, 0, WHY_RULE_COUNT},
        {WHY_SPACE_EARLY_USER_AUTH, 0, WHY_RULE_COUNT},
        {WHY_SPACE_EARLY_USER_AUTH, 5, WHY_RULE_REMOTE_LOGON_DENIED},
        /* 7 is three things. */
        {WHY_SPACE_LICENSE_ERROR, 7, WHY_RULE_COUNT},
        {WHY_SPACE_ERROR_INFO, 7, WHY_RULE_SERVER_DENIED},
        {WHY_SPACE_ERRNO, 7, WHY_RULE_COUNT},
        {WHY_SPACE_LICENSE_ERROR, 6, WHY_RULE_LICENSE_SERVER_MISSING},
        {WHY_SPACE_ERROR_INFO, 0, WHY_RULE_COUNT},
        {WHY_SPACE_ERROR_INFO, 0x101, WHY_RULE_LICENSE_SERVER_MISSING},
        {WHY_SPACE_ERROR_INFO, 0x10C9, WHY_RULE_ERROR_INFO},
        {WHY_SPACE_ERROR_INFO, 0x112F, WHY_RULE_GRAPHICS_FAILED},
        {WHY_SPACE_ERROR_INFO, 0x40F, WHY_RULE_BROKER_ERROR},
        {WHY_SPACE_ERROR_INFO, 0x410, WHY_RULE_ROUTING_TOKEN},
        {WHY_SPACE_NTSTATUS, 0x80090302, WHY_RULE_NTLM_BLOCKED},
        /* Neither a license that was refused nor a malformed message. */
        {WHY_SPACE_ERROR_INFO, 0x100, WHY_RULE_ERROR_INFO},
        {WHY_SPACE_ERROR_INFO, 0x103, WHY_RULE_LICENSE_PROTOCOL},
        {WHY_SPACE_ERROR_INFO, 0x107, WHY_RULE_ERROR_INFO},
        {WHY_SPACE_ERROR_INFO, 0x10A, WHY_RULE_ERROR_INFO},
        {WHY_SPACE_LICENSE_ERROR, 3, WHY_RULE_LICENSE_PROTOCOL},
        {WHY_SPACE_LICENSE_ERROR, 99, WHY_RULE_COUNT},
        {WHY_SPACE_TLS_ALERT, 40, WHY_RULE_COUNT},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(why_rule_of_code(rows[i].space, rows[i].value), rows[i].rule);
}

static void test_expand(void)
{
    const struct why_rule_fields fields = {"h", "h:3390", "192.0.2.7", 3390, "0x7", "gw:443", 0, 0};
    const struct why_rule_fields abc = {"abc", "", "", 1, "", NULL, 0, 0};
    char buf[64];

    CU_ASSERT_EQUAL(why_rule_expand("route get {address}", &fields, buf, sizeof(buf)),
                    strlen("route get 192.0.2.7"));
    CU_ASSERT_STRING_EQUAL(buf, "route get 192.0.2.7");
    CU_ASSERT_EQUAL(
        why_rule_expand("probe {target}, {host} {port} {other} {code}", &fields, buf, sizeof(buf)),
        strlen("probe h:3390, h 3390 {other} 0x7"));
    CU_ASSERT_STRING_EQUAL(buf, "probe h:3390, h 3390 {other} 0x7");
    CU_ASSERT_EQUAL(why_rule_expand("{host}{host}", &abc, buf, 5), 6);
    CU_ASSERT_STRING_EQUAL(buf, "abca");
    CU_ASSERT_EQUAL(why_rule_expand("{host}", &abc, NULL, 0), 3);
}

/* A target that a shell would take apart is one word of a suggested command, and as it is in a
 * sentence. */
static void test_commands(void)
{
    static const struct {
        const char *text, *host, *target, *expected;
    } rows[] = {
        {"rdpwhy probe {target} - on {target}", "srv1", "srv1:3390",
         "rdpwhy probe srv1:3390 - on srv1:3390"},
        {"rdpwhy probe {target} - on {target}", "srv1", "file:My Server.rdp",
         "rdpwhy probe 'file:My Server.rdp' - on file:My Server.rdp"},
        {"Here: rdpwhy probe -v {target}; {target}", "::1", "[::1]:3390",
         "Here: rdpwhy probe -v '[::1]:3390'; [::1]:3390"},
        {"rdpwhy probe {target}", "h", "h?vmid=1", "rdpwhy probe 'h?vmid=1'"},
        {"rdpwhy probe {target}", "h", "file:it's", "rdpwhy probe 'file:it'\\''s'"},
        {"openssl s_client -connect {endpoint} | x", "::1", "[::1]:3390?vmid=1",
         "openssl s_client -connect '[::1]:3390' | x"},
        {"curl telnet://{endpoint}; mstsc /v:{endpoint}", "::1", "x",
         "curl telnet://'[::1]:3390'; mstsc /v:[::1]:3390"},
        {"openssl s_client -connect {endpoint} | x", "h", "file:x y",
         "openssl s_client -connect h:3390 | x"},
        {"curl https://{gateway}/; {gateway}", "h", "h", "curl https://'[::2]:443'/; [::2]:443"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct why_rule_fields fields = {.host = rows[i].host,
                                               .target = rows[i].target,
                                               .address = "",
                                               .port = 3390,
                                               .code = "",
                                               .gateway = "[::2]:443"};
        char buf[128];
        size_t len = why_rule_expand(rows[i].text, &fields, buf, sizeof(buf));

        CU_ASSERT_STRING_EQUAL(buf, rows[i].expected);
        CU_ASSERT_EQUAL(len, strlen(rows[i].expected));
    }
}

/* Logs are read at the end, of a capture around its time. */
static void test_moments(void)
{
    static const char text[] =
        "Get-WinEvent @{Id=1{events}; journalctl{journal}; cat{recent}; {moment}";
    const struct why_rule_fields now = {.host = "", .target = "", .address = "", .code = ""};
    const struct why_rule_fields then = {.host = "",
                                         .target = "",
                                         .address = "",
                                         .code = "",
                                         .from_us = 1700000000000000,
                                         .to_us = 1700000300999999};
    char buf[512];

    (void)why_rule_expand(text, &now, buf, sizeof(buf));
    CU_ASSERT_STRING_EQUAL(buf, "Get-WinEvent @{Id=1} -MaxEvents 20; journalctl -n 50; "
                                "cat | tail -40; the time of this probe");
    (void)why_rule_expand(text, &then, buf, sizeof(buf));
    CU_ASSERT_STRING_EQUAL(
        buf, "Get-WinEvent @{Id=1; StartTime='2023-11-14T22:12:20Z'; "
             "EndTime='2023-11-14T22:19:20Z'}; journalctl --since '2023-11-14 22:12:20 UTC' "
             "--until '2023-11-14 22:19:20 UTC'; cat - look at 2023-11-14 22:13:20 UTC; "
             "2023-11-14 22:13:20 UTC");
}

static CU_TestInfo tests[] = {
    {"rows are complete", test_rows},       {"remedies name their risk", test_risk},
    {"codes lead to rules", test_codes},    {"placeholders", test_expand},
    {"targets in commands", test_commands}, {"moments", test_moments},
    {"kinds of server", test_kinds},        CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "diagnosis: rules", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
