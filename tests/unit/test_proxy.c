/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/proxy.h>
#include <rdpwhy/status.h>

#include "wire/proxy.h"

#include "unit.h"

static void test_urls(void)
{
    static const struct {
        const char *url, *shown, *host, *user;
        enum why_proxy_kind kind;
    } rows[] = {
        {"socks5://p.example", "socks5://p.example:1080", "p.example", NULL, WHY_PROXY_KIND_SOCKS5},
        {"SOCKS5H://p:9/", "socks5h://p:9", "p", NULL, WHY_PROXY_KIND_SOCKS5},
        {"socks4a://tess@[2001:db8::1]:1", "socks4a://[2001:db8::1]:1", "2001:db8::1", "tess",
         WHY_PROXY_KIND_SOCKS4A},
        {"socks5://::1", "socks5://[::1]:1080", "::1", NULL, WHY_PROXY_KIND_SOCKS5},
        {"http://DOM\\u@p:3128", "http://p:3128", "p", "DOM\\u", WHY_PROXY_KIND_HTTP},
    };
    char err[256];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_proxy proxy;

        CU_ASSERT_EQUAL_FATAL(why_proxy_parse(rows[i].url, &proxy, err, sizeof(err)), WHY_OK);
        CU_ASSERT_STRING_EQUAL(proxy.url, rows[i].shown);
        CU_ASSERT_STRING_EQUAL(proxy.host, rows[i].host);
        CU_ASSERT_EQUAL(proxy.kind, rows[i].kind);
        CU_ASSERT((proxy.user == NULL) == (rows[i].user == NULL));
        if (proxy.user != NULL && rows[i].user != NULL)
            CU_ASSERT_STRING_EQUAL(proxy.user, rows[i].user);
        why_proxy_clear(&proxy);
    }
}

static void test_bad_urls(void)
{
    static const struct {
        const char *url, *problem;
    } rows[] = {
        {"", "does not begin with"},
        {"p.example:1080", "does not begin with"},
        {"https://p:1", "does not begin with"},
        {"http://p", "the port is missing"},
        {"socks5://", "the host is empty"},
        {"socks5://p:0", "the port must not be 0"},
        {"socks5://p:x", "the port is not a number"},
        {"socks5://192.0.2.0/24", "one host"},
        {"http://u:secret@p:1", "RDPWHY_PROXY_PASSWORD"},
        {"http://a b:1", "a space"},
        {"http://p:1/path", "path"},
    };
    char err[256];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_proxy proxy;

        CU_ASSERT_EQUAL(why_proxy_parse(rows[i].url, &proxy, err, sizeof(err)), WHY_ERR_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err, rows[i].problem));
        CU_ASSERT_PTR_NULL(strstr(err, "secret"));
    }
}

/* What is sent in answer to what, byte by byte. */
static void test_messages(void)
{
    static const struct {
        enum why_proxy_kind kind;
        const char *user, *host, *answer, *sent;
        size_t answer_len, sent_len;
    } rows[] = {
        {WHY_PROXY_KIND_SOCKS5, NULL, "srv", "", "\5\1\0", 0, 3},
        {WHY_PROXY_KIND_SOCKS5, "u", "srv", "", "\5\2\0\2", 0, 4},
        {WHY_PROXY_KIND_SOCKS5, "u", "srv", "\5\2", "\1\1u\2pw", 2, 6},
        {WHY_PROXY_KIND_SOCKS5, NULL, "srv", "\5\0", "\5\1\0\3\3srv\x0d\x3d", 2, 10},
        {WHY_PROXY_KIND_SOCKS5, NULL, "192.0.2.1", "\5\0", "\5\1\0\1\xc0\0\2\1\x0d\x3d", 2, 10},
        {WHY_PROXY_KIND_SOCKS4A, NULL, "192.0.2.1", "", "\4\1\x0d\x3d\xc0\0\2\1\0", 0, 9},
        {WHY_PROXY_KIND_SOCKS4A, "u", "srv", "", "\4\1\x0d\x3d\0\0\0\1u\0srv\0", 0, 14},
        {WHY_PROXY_KIND_HTTP, NULL, "::1", "",
         "CONNECT [::1]:3389 HTTP/1.1\r\nHost: [::1]:3389\r\n\r\n", 0, 49},
        {WHY_PROXY_KIND_HTTP, "u", "srv", "",
         "CONNECT srv:3389 HTTP/1.1\r\nHost: srv:3389\r\nProxy-Authorization: Basic "
         "dTpwdw==\r\n\r\n",
         0, 82},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char user[8] = "";
        struct why_proxy proxy = {.kind = rows[i].kind, .password = "pw"};
        uint8_t buf[WHY_PROXY_MESSAGE_MAX];
        struct why_proxy_talk talk;
        size_t used = 0, len;

        (void)snprintf(user, sizeof(user), "%s", rows[i].user != NULL ? rows[i].user : "");
        proxy.user = rows[i].user != NULL ? user : NULL;
        why_proxy_begin(&talk, &proxy, rows[i].host, 3389);
        if (rows[i].answer_len > 0)
            CU_ASSERT_EQUAL(
                why_proxy_take(&talk, (const uint8_t *)rows[i].answer, rows[i].answer_len, &used),
                WHY_PROXY_SEND);
        CU_ASSERT_EQUAL(used, rows[i].answer_len);
        len = why_proxy_message(&talk, buf);
        CU_ASSERT_EQUAL_FATAL(len, rows[i].sent_len);
        CU_ASSERT_EQUAL(memcmp(buf, rows[i].sent, len), 0);
    }
}

/* How it ends, and that what is behind the answer is left alone. */
static void test_answers(void)
{
    static const struct {
        enum why_proxy_kind kind;
        const char *data;
        size_t len, used;
        enum why_proxy_step step;
        int64_t code;
        const char *text;
    } rows[] = {
        {WHY_PROXY_KIND_SOCKS4A, "\0\x5a\0\0\0\0\0\0\3", 9, 8, WHY_PROXY_DONE, 90, ""},
        {WHY_PROXY_KIND_SOCKS4A, "\0\x5b\0\0\0\0\0\0", 8, 8, WHY_PROXY_SOCKS, 91, ""},
        {WHY_PROXY_KIND_SOCKS4A, "\0\x5b", 2, 2, WHY_PROXY_READ, 0, ""},
        {WHY_PROXY_KIND_SOCKS5, "\5\xff", 2, 2, WHY_PROXY_SOCKS, 255, ""},
        {WHY_PROXY_KIND_SOCKS5, "HTTP/1.1", 8, 2, WHY_PROXY_FAILED, 0,
         "it looks like an HTTP proxy"},
        {WHY_PROXY_KIND_HTTP, "HTTP/1.1 200 OK\r\n\r\n\3\0", 21, 19, WHY_PROXY_DONE, 200, "OK"},
        {WHY_PROXY_KIND_HTTP, "HTTP/1.1 407\r\nproxy-authenticate: Basic\r\n\r\n", 43, 43,
         WHY_PROXY_HTTP, 407, "Basic"},
        {WHY_PROXY_KIND_HTTP, "HTTP/1.1 407 P\r\nProxy-Authenticate: NTLM\r\n\r\n", 44, 44,
         WHY_PROXY_HTTP, 407, "P; it takes NTLM"},
        {WHY_PROXY_KIND_HTTP, "HTTP/1.1 503\r\nretry-after: 9\r\n\r\n", 32, 32, WHY_PROXY_HTTP, 503,
         "retry-after: 9"},
        {WHY_PROXY_KIND_HTTP, "HTTP/1.1 x\r\n\r\n", 14, 14, WHY_PROXY_FAILED, 0,
         "its answer has no status"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_proxy proxy = {.kind = rows[i].kind};
        struct why_proxy_talk talk;
        size_t used = 0;

        why_proxy_begin(&talk, &proxy, "srv", 3389);
        CU_ASSERT_EQUAL(why_proxy_take(&talk, (const uint8_t *)rows[i].data, rows[i].len, &used),
                        rows[i].step);
        CU_ASSERT_EQUAL(talk.code, rows[i].code);
        CU_ASSERT_STRING_EQUAL(talk.text, rows[i].text);
        if (rows[i].step != WHY_PROXY_FAILED)
            CU_ASSERT_EQUAL(used, rows[i].used);
    }
}

static CU_TestInfo tests[] = {
    {"URLs", test_urls},         {"URLs that are none", test_bad_urls},
    {"messages", test_messages}, {"answers", test_answers},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "proxies", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
