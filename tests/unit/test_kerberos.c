/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <stdlib.h>

#include "kdc_list.h"
#include "kerb_error.h"
#include "kkdcp.h"
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

/* As messages, the Host header and URLs have them (RFC 3986 3.2.2). */
static void test_kdc_texts(void)
{
    static const char *const rows[][3] = {
        {"dc1", "dc1:88", "dc1:88 (test)"},
        {"2001:db8::1", "[2001:db8::1]:88", "[2001:db8::1]:88 (test)"},
        {"https://gw", "gw:443", "https://gw:443/KdcProxy (test)"},
        {"https://[::1]:40113", "[::1]:40113", "https://[::1]:40113/KdcProxy (test)"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kdc_list list = {.count = 0};
        char authority[KDC_AUTHORITY], text[KDC_TEXT];

        why_kdc_add(&list, rows[i][0], "test");
        CU_ASSERT_EQUAL_FATAL(list.count, 1);
        why_kdc_authority(&list.items[0], authority);
        CU_ASSERT_STRING_EQUAL(authority, rows[i][1]);
        (void)why_kdc_text(&list.items[0], text, sizeof(text));
        CU_ASSERT_STRING_EQUAL(text, rows[i][2]);
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

/* What --kdc-proxy and krb5.conf may hold. */
static void test_proxies(void)
{
    static const struct {
        const char *url, *host; /* NULL: none */
        unsigned port;
        const char *path;
    } rows[] = {
        {"https://gw", "gw", 443, "/KdcProxy"},
        {"https://gw/", "gw", 443, "/KdcProxy"},
        {"https://gw:8443/a/b", "gw", 8443, "/a/b"},
        {"https://[2001:db8::1]:8443", "2001:db8::1", 8443, "/KdcProxy"},
        {"https://[::1]/x", "::1", 443, "/x"},
        {"http://gw", NULL, 0, NULL},
        {"https://", NULL, 0, NULL},
        {"https:///x", NULL, 0, NULL},
        {"https://gw:0", NULL, 0, NULL},
        {"https://gw:65536", NULL, 0, NULL},
        {"https://gw:8x/", NULL, 0, NULL},
        {"https://[::1", NULL, 0, NULL},
        {"https://[]", NULL, 0, NULL},
        {"https://u@gw", NULL, 0, NULL},
        {"https://gw/a b", NULL, 0, NULL},
        {"https://gw/a\r\nHost: x", NULL, 0, NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kdc_list list = {.count = 0};

        why_kdc_add(&list, rows[i].url, "test");
        CU_ASSERT_EQUAL(list.count, rows[i].host != NULL ? 1 : 0);
        if (list.count == 1 && rows[i].host != NULL) {
            CU_ASSERT_STRING_EQUAL(list.items[0].host, rows[i].host);
            CU_ASSERT_EQUAL(list.items[0].port, rows[i].port);
            CU_ASSERT_STRING_EQUAL(list.items[0].path, rows[i].path);
        }
    }
}

/* [MS-KKDCP] 2.2.2, as python3-kdcproxy's codec writes it. */
static void test_proxy_message(void)
{
    static const uint8_t expected[] = "\x30\x12\xa0\x09\x04\x07\0\0\0\3abc\xa1\x05\x1b\x03R.X";
    static const uint8_t request[] = "abc";
    const uint8_t *reply;
    size_t len = 0, reply_len;
    uint8_t *message = why_kkdcp_wrap(request, 3, "R.X", &len);

    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    CU_ASSERT_EQUAL_FATAL(len, sizeof(expected) - 1);
    CU_ASSERT_EQUAL(memcmp(message, expected, len), 0);
    CU_ASSERT_TRUE_FATAL(why_kkdcp_unwrap(message, len, &reply, &reply_len));
    CU_ASSERT_EQUAL(reply_len, 3);
    CU_ASSERT_EQUAL(memcmp(reply, "abc", 3), 0);
    for (size_t shorter = 0; shorter < len; shorter++)
        CU_ASSERT_FALSE(why_kkdcp_unwrap(message, shorter, &reply, &reply_len));
    message[9]++; /* a length before the message that is not its own */
    CU_ASSERT_FALSE(why_kkdcp_unwrap(message, len, &reply, &reply_len));
    free(message);
}

static void test_http(void)
{
    static const struct {
        const char *text;
        unsigned status;
        const char *reason;
        size_t body, length; /* length 99: it does not say */
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "OK", 38, 5},
        {"HTTP/1.0 503 Service Unavailable\r\n\r\n", 503, "Service Unavailable", 36, 99},
        {"HTTP/1.1 200\r\ncontent-length:7\r\n\r\n", 200, "", 34, 7},
        {"HTTP/1.1 200 OK\n\nx", 200, "OK", 17, 99},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", 200, "OK", 0, 5},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", 200, "OK", 57,
         99999999},
        {"HTTP/2 200", 0, "", 0, 99},
        {"HTTP/1.1 20x", 0, "", 0, 99},
        {"SSH-2.0-OpenSSH_9.2\r\n", 0, "", 0, 99},
        {"", 0, "", 0, 99},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kkdcp_http http;

        why_kkdcp_http((const uint8_t *)rows[i].text, strlen(rows[i].text), &http);
        CU_ASSERT_EQUAL(http.status, rows[i].status);
        CU_ASSERT_STRING_EQUAL(http.reason, rows[i].reason);
        CU_ASSERT_EQUAL(http.body, rows[i].body);
        CU_ASSERT_EQUAL(http.has_length, rows[i].length != 99);
        if (http.has_length)
            CU_ASSERT_EQUAL(http.length, rows[i].length);
    }
}

/* [MS-KILE] 2.2.1: alone, as Windows sends it, and among other entries, as Samba does. */
static void test_status(void)
{
#define ENTRY    "\x30\x15\xa1\x03\x02\x01\x03\xa2\x0e\x04\x0c"
#define DISABLED "\x72\0\0\xc0\0\0\0\0\x01\0\0\0"
    static const struct {
        const char *bytes;
        size_t len;
        uint32_t status; /* 0: none */
    } rows[] = {
#define BYTES(literal) literal, sizeof(literal) - 1
        {BYTES(ENTRY DISABLED), 0xC0000072},
        {BYTES("\x30\x22\x30\x09\xa1\x03\x02\x01\x13\xa2\x02\x04\x00" ENTRY DISABLED), 0xC0000072},
        {BYTES(ENTRY "salt of text"), 0},
        {BYTES(ENTRY "\0\0\0\0\0\0\0\0\x01\0\0\0"), 0},
        {BYTES("\x30\x15\xa1\x03\x02\x01\x13\xa2\x0e\x04\x0c" DISABLED), 0},
        {BYTES("\x30\x80"), 0},
        {BYTES(""), 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint8_t *bytes = (const uint8_t *)rows[i].bytes;
        uint32_t status = 0;

        CU_ASSERT_EQUAL(why_kerb_error_status(bytes, rows[i].len, &status), rows[i].status != 0);
        CU_ASSERT_EQUAL(status, rows[i].status);
        for (size_t shorter = 0; shorter < rows[i].len; shorter++)
            CU_ASSERT_FALSE(why_kerb_error_status(bytes, shorter, &status));
    }
}

int main(void)
{
    CU_TestInfo tests[] = {{"realm", test_realm},
                           {"principal", test_principal},
                           {"KDCs", test_kdcs},
                           {"KDCs in texts", test_kdc_texts},
                           {"many KDCs", test_many_kdcs},
                           {"KDC proxies", test_proxies},
                           {"KDC-PROXY-MESSAGE", test_proxy_message},
                           {"HTTP of a proxy", test_http},
                           {"NTSTATUS in a KRB-ERROR", test_status},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"kerberos", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
