/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "kdc.h"
#include "realm.h"

#include "unit.h"

/* Whose tickets, of which realm. */
static void test_realm(void)
{
    static const struct {
        const char *user, *domain, *option, *configured;
        bool pinned;
        const char *realm; /* NULL: none */
    } rows[] = {
        {"foo@corp.example", "", NULL, NULL, false, "CORP.EXAMPLE"},
        {"foo", "corp.example", NULL, NULL, false, "CORP.EXAMPLE"},
        {"foo", "CORP", NULL, NULL, false, NULL},
        {"foo", "corp", NULL, "CORP.EXAMPLE", false, "CORP.EXAMPLE"},
        {"foo", "COR", NULL, "CORP.EXAMPLE", true, NULL},
        {"foo", "", NULL, "CORP.EXAMPLE", false, NULL},
        {"foo", "", NULL, "CORP.EXAMPLE", true, "CORP.EXAMPLE"},
        {"foo@CORP", "", NULL, NULL, true, NULL},
        {"foo", "CORP", "other.example", "CORP.EXAMPLE", false, "OTHER.EXAMPLE"},
        {"foo@", "", NULL, NULL, true, NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct why_credentials c = {
            .user = rows[i].user, .domain = rows[i].domain, .realm = rows[i].option};
        char realm[REALM_SIZE];
        bool known = why_realm_of(&c, rows[i].configured, rows[i].pinned, realm);

        CU_ASSERT_EQUAL(known, rows[i].realm != NULL);
        if (known && rows[i].realm != NULL)
            CU_ASSERT_STRING_EQUAL(realm, rows[i].realm);
    }
}

static void test_principal(void)
{
    static const struct {
        const char *user, *principal;
    } rows[] = {
        {"foo", "foo@R"},           {"foo@corp.example", "foo@R"}, {"a@b@corp.example", "a\\@b@R"},
        {"a/b\\c", "a\\/b\\\\c@R"}, {"@corp.example", NULL},
    };
    char longest[PRINCIPAL_SIZE + 1], principal[PRINCIPAL_SIZE];
    struct why_credentials c = {.user = longest, .domain = ""};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        c.user = rows[i].user;
        CU_ASSERT_EQUAL(why_realm_principal(&c, "R", principal), rows[i].principal != NULL);
        if (rows[i].principal != NULL)
            CU_ASSERT_STRING_EQUAL(principal, rows[i].principal);
    }
    memset(longest, '/', PRINCIPAL_SIZE);
    longest[PRINCIPAL_SIZE] = '\0';
    c.user = longest;
    CU_ASSERT_FALSE(why_realm_principal(&c, "R", principal));
}

/* What krb5.conf and --kdc may hold. */
static void test_kdcs(void)
{
    static const struct {
        const char *text, *host; /* NULL: none */
        unsigned port;
    } rows[] = {
        {"dc1", "dc1", 88},
        {"dc1:1088", "dc1", 1088},
        {"tcp/dc1:1088", "dc1", 1088},
        {"[2001:db8::1]:90", "2001:db8::1", 90},
        {"[::1]", "::1", 88},
        {"2001:db8::1", "2001:db8::1", 88},
        {"", NULL, 0},
        {":88", NULL, 0},
        {"dc1:", NULL, 0},
        {"dc1:0", NULL, 0},
        {"dc1:65536", NULL, 0},
        {"dc1:8x", NULL, 0},
        {"[::1", NULL, 0},
        {"[]:88", NULL, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kdc_list list = {.count = 0};

        why_kdc_add(&list, rows[i].text, "test");
        CU_ASSERT_EQUAL(list.count, rows[i].host != NULL ? 1 : 0);
        if (list.count == 1 && rows[i].host != NULL) {
            CU_ASSERT_STRING_EQUAL(list.items[0].host, rows[i].host);
            CU_ASSERT_EQUAL(list.items[0].port, rows[i].port);
        }
    }
}

/* A list has an end, whatever a configuration holds. */
static void test_many_kdcs(void)
{
    struct kdc_list list = {.count = 0};

    for (int i = 0; i < KDC_MAX + 5; i++)
        why_kdc_add(&list, "dc1", "test");
    CU_ASSERT_EQUAL(list.count, KDC_MAX);
}

int main(void)
{
    CU_TestInfo tests[] = {{"realm", test_realm},
                           {"principal", test_principal},
                           {"KDCs", test_kdcs},
                           {"many KDCs", test_many_kdcs},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"kerberos", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
