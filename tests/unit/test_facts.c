/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <stdio.h>
#include <string.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <rdpwhy/status.h>

#include "test_wire_hex.h"
#include "trace_builder.h"
#include "unit.h"

#define TLS           WHY_PROFILE_TLS
#define NLA           WHY_PROFILE_NLA
#define P             WHY_PHASE_ACTIVE
#define LICENSE(type) "io< 80000000 " type "031800 09000000 00010203 04050607 08090a0b 0c0d0e0f"

/* The facts of |b|'s trace, which is freed. */
static struct why_facts facts_of(struct builder *b)
{
    struct why_verdict verdict;
    struct why_facts facts;

    CU_ASSERT_EQUAL_FATAL(why_trace_judge(b->trace, NULL, &facts, &verdict, NULL), WHY_OK);
    builder_free(b);
    return facts;
}

static struct why_facts after(enum why_profile profile, const char *capture, const char *upto,
                              const char *script)
{
    struct builder b;

    builder_begin(&b, profile, P);
    if (capture != NULL)
        builder_capture(&b, capture, upto);
    builder_script(&b, script);
    return facts_of(&b);
}

static void test_nothing(void)
{
    struct why_facts f = after(TLS, NULL, NULL, "");

    CU_ASSERT_PTR_NULL(f.address);
    CU_ASSERT_EQUAL(f.connections, 0);
    CU_ASSERT_FALSE(f.has_request);
    CU_ASSERT_FALSE(f.has_certificate);
    CU_ASSERT_PTR_NULL(f.last_sent);
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_NONE);
    why_facts_clear(&f);
    why_facts_clear(NULL);
}

static const struct {
    const char *text, *address;
    unsigned port;
} addresses[] = {
    {"192.0.2.7:3389", "192.0.2.7", 3389},
    {"[2001:db8::7]:3390", "2001:db8::7", 3390},
    {"[fe80::1%eth0]:1", "fe80::1%eth0", 1},
    {"[]:65535", "", 65535},
    {"[:1", "[", 1},
    {"no port", NULL, 0},
    {"", NULL, 0},
    {NULL, NULL, 0},
};

static void test_addresses(void)
{
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct why_facts f;
        struct builder b;

        builder_begin(&b, TLS, P);
        builder_event(&b, WHY_EV_CONNECTED, 0, addresses[i].text);
        f = facts_of(&b);
        CU_ASSERT_EQUAL(f.connections, 1);
        CU_ASSERT_EQUAL(f.port, addresses[i].port);
        CU_ASSERT_EQUAL(f.address != NULL, addresses[i].address != NULL);
        if (f.address != NULL && addresses[i].address != NULL)
            CU_ASSERT_STRING_EQUAL(f.address, addresses[i].address);
        why_facts_clear(&f);
    }
}

static void test_tls_handshake(void)
{
    struct why_facts f = after(TLS, "xrdp-tls", NULL, "reached");

    CU_ASSERT_STRING_EQUAL(f.address, "192.0.2.7");
    CU_ASSERT_TRUE(f.has_request);
    CU_ASSERT_EQUAL(f.requested_protocols, 1);
    CU_ASSERT_TRUE(f.has_confirm);
    CU_ASSERT_TRUE(f.has_negotiation_data);
    CU_ASSERT_EQUAL(f.selected_protocol, 1);
    CU_ASSERT_STRING_EQUAL(f.tls_version, "TLSv1.2");
    CU_ASSERT_STRING_EQUAL(f.tls_cipher, "ECDHE-RSA-AES256-GCM-SHA384");
    CU_ASSERT_TRUE(f.has_server_core);
    CU_ASSERT_EQUAL(f.server_version, 0x80004);
    CU_ASSERT_TRUE(f.has_server_security);
    CU_ASSERT_EQUAL(f.encryption_method, 0);
    CU_ASSERT_TRUE(f.has_desktop);
    CU_ASSERT_STRING_EQUAL(f.last_sent, "Font List");
    CU_ASSERT_STRING_EQUAL(f.last_received, "Font Map");
    CU_ASSERT_FALSE(f.authenticated);
    CU_ASSERT_PTR_NULL(f.other_protocol);
    why_facts_clear(&f);
}

static void test_old_server(void)
{
    struct why_facts f = after(WHY_PROFILE_RDP, "xrdp-rdp-high", NULL, "");

    CU_ASSERT_TRUE(f.has_confirm);
    CU_ASSERT_FALSE(f.has_negotiation_data);
    CU_ASSERT_EQUAL(f.selected_protocol, 0);
    CU_ASSERT_NOT_EQUAL(f.encryption_method, 0);
    CU_ASSERT_NOT_EQUAL(f.encryption_level, 0);
    why_facts_clear(&f);
}

static void test_licenses(void)
{
    struct why_facts f = after(TLS, "xrdp-tls", "<LICENSE_REQUEST", "");

    CU_ASSERT_TRUE(f.has_license_request);
    CU_ASSERT_NOT_EQUAL(f.license_request.company[0], '\0');
    CU_ASSERT_EQUAL(f.license_message_count, 1);
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_NONE);
    why_facts_clear(&f);
    f = after(TLS, "xrdp-tls", "<STATUS_VALID_CLIENT", "");
    CU_ASSERT_EQUAL_FATAL(f.license_message_count, 3);
    CU_ASSERT_EQUAL(f.license_messages[0], WHY_PDU_LICENSE_REQUEST);
    CU_ASSERT_EQUAL(f.license_messages[1], WHY_PDU_LICENSE_NEW_LICENSE_REQUEST);
    CU_ASSERT_EQUAL(f.license_messages[2], WHY_PDU_LICENSE_VALID_CLIENT);
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_VALID_CLIENT);
    CU_ASSERT_TRUE(f.license_times_us[0] < f.license_times_us[1]);
    CU_ASSERT_TRUE(f.license_times_us[1] < f.license_times_us[2]);
    CU_ASSERT_TRUE(f.license_sizes[0] > f.license_request.size);
    CU_ASSERT_TRUE(f.has_license_preamble);
    CU_ASSERT_EQUAL(f.license_preamble & 0x0f, f.license_request.flags & 0x0f);
    CU_ASSERT_TRUE(f.has_license_status);
    CU_ASSERT_EQUAL(f.license_status, 7);
    CU_ASSERT_EQUAL(f.license_transition, 2);
    why_facts_clear(&f);
    f = after(TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST", LICENSE("03"));
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_ISSUED);
    why_facts_clear(&f);
    f = after(TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST", LICENSE("04"));
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_UPGRADED);
    why_facts_clear(&f);
    f = after(TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST",
              "io< 80000000 ff031000 06000000 01000000 04000000");
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_ERROR);
    why_facts_clear(&f);
}

/* A message that contradicts the specification has passed, and that is all. */
static void test_malformed_licenses(void)
{
    struct why_facts f =
        after(TLS, "xrdp-tls", ">Client Info", "io< 80000000 ff03ef00 07000000 02000000 04000000");

    CU_ASSERT_EQUAL(f.license_message_count, 1);
    CU_ASSERT_EQUAL(f.license_messages[0], WHY_PDU_LICENSE_VALID_CLIENT);
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_NONE);
    CU_ASSERT_FALSE(f.has_license_status);
    CU_ASSERT_FALSE(f.has_license_preamble);
    why_facts_clear(&f);
    f = after(TLS, "xrdp-tls", ">Client Info", "io< 80000000 01030800 00000000");
    CU_ASSERT_EQUAL(f.license_message_count, 1);
    CU_ASSERT_FALSE(f.has_license_request);
    why_facts_clear(&f);
    f = after(TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST", "io< 80000000 03030800 00000000");
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_NONE);
    why_facts_clear(&f);
    /* as the verdict takes it */
    f = after(TLS, "xrdp-tls", ">Client Info", "io< 80000000 ff03ef00 06000000 01000000 04000000");
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_ERROR);
    CU_ASSERT_EQUAL(f.license_status, 6);
    why_facts_clear(&f);
}

static void test_whole_days(void)
{
    static const struct {
        int64_t seconds, days;
    } rows[] = {{0, 0},   {86399, 0},   {86400, 1},   {172799, 1},   {30 * 86400, 30},
                {-1, -1}, {-86400, -1}, {-86401, -2}, {-172800, -2}, {30 * 86400 - 1, 29}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(why_whole_days(rows[i].seconds), rows[i].days);
}

/* A server that asks for no license is told from one that grants one. */
static void test_no_license_asked_for(void)
{
    struct why_facts f;
    struct builder b;

    builder_begin(&b, TLS, P);
    builder_capture(&b, "xrdp-tls", ">Client Info");
    builder_recorded_pdu(&b, "xrdp-tls", "<Demand Active");
    f = facts_of(&b);
    CU_ASSERT_EQUAL(f.license_result, WHY_LICENSE_RESULT_NOT_ASKED);
    CU_ASSERT_EQUAL(f.license_message_count, 0);
    why_facts_clear(&f);
}

static void test_license_flood(void)
{
    struct why_facts f;
    struct builder b;

    builder_begin(&b, TLS, P);
    builder_capture(&b, "xrdp-tls", ">NEW_LICENSE_REQUEST");
    for (int i = 0; i < 100; i++)
        builder_script(&b, "io< 80000000 02030800 00000000");
    f = facts_of(&b);
    CU_ASSERT_EQUAL(f.license_message_count, WHY_LICENSE_MESSAGES_MAX);
    why_facts_clear(&f);
}

static void test_account(void)
{
    struct why_facts f = after(NLA, "shadow-nla", NULL, "");
    struct builder b;

    CU_ASSERT_FALSE(f.authenticated); /* no account of ours: no event said so */
    why_facts_clear(&f);
    builder_begin(&b, NLA, P);
    builder_event(&b, WHY_EV_AUTHENTICATION, 0, "alice");
    builder_capture(&b, "shadow-nla", "<TSRequest NTLM CHALLENGE");
    f = facts_of(&b);
    CU_ASSERT_FALSE(f.authenticated); /* it has not been sent yet */
    CU_ASSERT_TRUE(f.has_ntlm);
    why_facts_clear(&f);
    builder_begin(&b, NLA, P);
    builder_event(&b, WHY_EV_AUTHENTICATION, 0, "alice");
    builder_capture(&b, "shadow-nla", ">TSRequest NTLM AUTHENTICATE");
    f = facts_of(&b);
    CU_ASSERT_TRUE(f.authenticated);
    CU_ASSERT_FALSE(f.rejected);
    why_facts_clear(&f);
    builder_begin(&b, NLA, P);
    builder_event(&b, WHY_EV_AUTHENTICATION, 0, "alice");
    builder_capture(&b, "shadow-nla", ">TSRequest NTLM AUTHENTICATE");
    builder_script(&b, "pdu< 300da003020106a4060204c000006d");
    f = facts_of(&b);
    CU_ASSERT_TRUE(f.rejected);
    why_facts_clear(&f);
}

/* A TSRequest with an NTLM CHALLENGE whose target information is one MsvAvTimestamp. */
static void challenge(struct builder *b, uint64_t filetime)
{
    struct bytes m = from_hex("3000 a003020106 a100 3000 3000 a000 0400 4e544c4d53535000 02000000"
                              "0400 0400 38000000 01000002 0102030405060708 0000000000000000"
                              "1000 1000 3c000000 0a00 7c4f 0000000f 41004200 0700 0800");
    static const size_t lengths[] = {1, 8, 10, 12, 14, 16};
    char hex[512] = "";

    for (size_t i = 0; i < 8; i++)
        m.data[m.len++] = (uint8_t)(filetime >> (8 * i));
    m.len += 4; /* MsvAvEOL */
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        m.data[lengths[i]] = (uint8_t)(m.len - lengths[i] - 1);
    for (size_t i = 0; i < m.len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", m.data[i]);
    builder_bytes(b, WHY_EV_PDU, WHY_DIR_RECEIVED, hex, NULL);
}

#define EPOCH   UINT64_C(116444736000000000)
#define STARTED UINT64_C(1790000000) /* seconds; builder_begin's */

static const struct {
    uint64_t filetime;
    bool has;
    int64_t skew_s;
} skews[] = {
    {EPOCH + STARTED * 10000000, true, 0},
    {EPOCH + (STARTED + 300) * 10000000, true, 299}, /* some of the first second has passed */
    {EPOCH + (STARTED - 300) * 10000000, true, -300},
    {EPOCH, true, -(int64_t)STARTED},
    {EPOCH - 1, false, 0},
    {0, false, 0},
    {UINT64_MAX, true, INT64_C(1833029933770) - (int64_t)STARTED - 1},
};

static void test_skew(void)
{
    for (size_t i = 0; i < sizeof(skews) / sizeof(skews[0]); i++) {
        struct why_facts f;
        struct builder b;

        builder_begin(&b, NLA, P);
        builder_capture(&b, "shadow-nla", ">TSRequest NTLM NEGOTIATE");
        challenge(&b, skews[i].filetime);
        f = facts_of(&b);
        CU_ASSERT_TRUE(f.has_ntlm);
        CU_ASSERT_STRING_EQUAL(f.ntlm.target, "AB");
        CU_ASSERT_EQUAL(f.ntlm.build, 20348);
        CU_ASSERT_EQUAL(f.has_clock_skew, skews[i].has);
        CU_ASSERT(f.clock_skew_s >= skews[i].skew_s - 1 && f.clock_skew_s <= skews[i].skew_s + 1);
        why_facts_clear(&f);
    }
}

/* A head out of a file may claim any time. */
static void test_skew_of_a_hostile_head(void)
{
    char host[] = "srv1";
    struct why_trace_head head = {.host = host, .profile = NLA, .started_us = UINT64_MAX - 100000};
    struct builder b = {.trace = why_trace_new(&head)};
    struct why_facts f;

    CU_ASSERT_PTR_NOT_NULL_FATAL(b.trace);
    builder_capture(&b, "shadow-nla", ">TSRequest NTLM NEGOTIATE");
    challenge(&b, EPOCH + STARTED * 10000000);
    f = facts_of(&b);
    CU_ASSERT_TRUE(f.has_clock_skew);
    CU_ASSERT(f.clock_skew_s < 0);
    why_facts_clear(&f);
}

static void add_certificate(struct builder *b, const char *name, int64_t index, size_t cut)
{
    unsigned char *der = NULL;
    char path[512];
    FILE *in;
    X509 *cert;
    int n;

    (void)snprintf(path, sizeof(path), "%s/certificates/%s.crt", FIXTURES, name);
    in = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    cert = PEM_read_X509(in, NULL, NULL, NULL);
    (void)fclose(in);
    n = i2d_X509(cert, &der);
    CU_ASSERT_FATAL(n > 0);
    (void)why_trace_append(b->trace, &(struct why_event){.kind = WHY_EV_CERTIFICATE,
                                                         .dir = WHY_DIR_RECEIVED,
                                                         .value = index,
                                                         .bytes = der,
                                                         .len = (size_t)n - cut,
                                                         .wire_len = (size_t)n});
    OPENSSL_free(der);
    X509_free(cert);
}

static void test_certificates(void)
{
    struct why_facts f;
    struct builder b;

    builder_begin(&b, TLS, P);
    add_certificate(&b, "expired", 0, 0);
    add_certificate(&b, "server", 1, 0);
    add_certificate(&b, "ec", 2, 0);
    f = facts_of(&b);
    CU_ASSERT_TRUE_FATAL(f.has_certificate);
    CU_ASSERT_EQUAL(f.certificate.chain_length, 3);
    CU_ASSERT_TRUE(f.certificate.expired); /* the server's own, not the chain's */
    CU_ASSERT_FALSE(f.certificate.name_matches);
    why_facts_clear(&f);
    /* cut, and a chain without its first: nothing is known */
    builder_begin(&b, TLS, P);
    add_certificate(&b, "server", 0, 1);
    add_certificate(&b, "server", 1, 0);
    f = facts_of(&b);
    CU_ASSERT_FALSE(f.has_certificate);
    why_facts_clear(&f);
}

static void test_other_protocol(void)
{
    struct why_facts f =
        after(TLS, "xrdp-tls", ">X.224 Connection Request", "lib X;part< 485454502f312e3120343030");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f.other_protocol);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.other_protocol, "HTTP"));
    why_facts_clear(&f);
}

static void test_redirection(void)
{
    struct why_facts f =
        after(TLS, "xrdp-tls", "<STATUS_VALID_CLIENT",
              "io< 2000 1a00 ea03 0000 0004 1600 07000000 01000000 06000000 310030000000 0000");

    CU_ASSERT_TRUE(f.has_redirection);
    CU_ASSERT_STRING_EQUAL(f.redirection_target, "10");
    why_facts_clear(&f);
}

static CU_TestInfo tests[] = {
    {"nothing", test_nothing},
    {"addresses", test_addresses},
    {"a TLS handshake", test_tls_handshake},
    {"a server that does not negotiate", test_old_server},
    {"licenses", test_licenses},
    {"malformed license messages", test_malformed_licenses},
    {"whole days", test_whole_days},
    {"no license asked for", test_no_license_asked_for},
    {"more license messages than are kept", test_license_flood},
    {"the account", test_account},
    {"clock skew", test_skew},
    {"clock skew against any time", test_skew_of_a_hostile_head},
    {"certificates", test_certificates},
    {"bytes of another protocol", test_other_protocol},
    {"redirection", test_redirection},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "facts", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
