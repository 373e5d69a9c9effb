/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pdu.h>

#include "test_wire_hex.h"
#include "unit.h"

/* What the dissector learns over a sequence of PDUs, and several PDUs in one. */

#define SENT     WHY_DIR_SENT
#define RECEIVED WHY_DIR_RECEIVED

static enum why_pdu_type feed(struct why_dissector *d, enum why_dir dir, const char *hex,
                              struct why_pdu *pdu)
{
    struct bytes b = from_hex(hex);

    dissect(d, dir, b.data, b.len, 0, pdu);
    return pdu->type;
}

static void confirm(struct why_dissector *d, const char *protocol)
{
    struct why_pdu pdu;
    char hex[64] = "030000130ed00000123400021f0800";

    why_dissector_init(d);
    strncat(hex, protocol, 8);
    CU_ASSERT_EQUAL(feed(d, RECEIVED, hex, &pdu), WHY_PDU_X224_CONNECTION_CONFIRM);
    CU_ASSERT_TRUE(d->confirmed);
}

#define PUB_KEY_AUTH "300c a003020106 a305 0403 aabbcc"
#define AUTH_INFO    "300c a003020106 a205 0403 aabbcc"
#define ERROR_CODE   "300d a003020106 a4060204c000006d"

static void test_hybrid(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    confirm(&d, "02000000");
    CU_ASSERT_EQUAL(feed(&d, SENT, PUB_KEY_AUTH, &pdu), WHY_PDU_TSREQUEST_PUB_KEY_AUTH);
    CU_ASSERT_FALSE(d.credssp_over);
    CU_ASSERT_EQUAL(feed(&d, RECEIVED, PUB_KEY_AUTH, &pdu), WHY_PDU_TSREQUEST_PUB_KEY_AUTH);
    CU_ASSERT_TRUE(d.credssp_over);
    CU_ASSERT_EQUAL(feed(&d, SENT, AUTH_INFO, &pdu), WHY_PDU_TSREQUEST_AUTH_INFO);
    CU_ASSERT_TRUE(d.client_sent_auth_info);
    CU_ASSERT_EQUAL(feed(&d, RECEIVED, ERROR_CODE, &pdu), WHY_PDU_TSREQUEST_ERROR);
    CU_ASSERT_EQUAL(feed(&d, RECEIVED, "05000000", &pdu), WHY_PDU_UNKNOWN);
}

static void test_hybrid_ex(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    confirm(&d, "08000000");
    CU_ASSERT_EQUAL(feed(&d, RECEIVED, PUB_KEY_AUTH, &pdu), WHY_PDU_TSREQUEST_PUB_KEY_AUTH);
    CU_ASSERT_FALSE(d.credssp_over);
    CU_ASSERT_EQUAL(feed(&d, SENT, AUTH_INFO, &pdu), WHY_PDU_TSREQUEST_AUTH_INFO);
    CU_ASSERT_FALSE(d.credssp_over);
    CU_ASSERT_EQUAL(feed(&d, RECEIVED, "00000000", &pdu), WHY_PDU_EARLY_USER_AUTH_RESULT);
    CU_ASSERT_TRUE(d.credssp_over);
    CU_ASSERT_EQUAL(feed(&d, RECEIVED, "00000000", &pdu), WHY_PDU_UNKNOWN);
}

static void test_failure_confirms_nothing(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    why_dissector_init(&d);
    feed(&d, RECEIVED, "030000130ed000000000000300080005000000", &pdu);
    CU_ASSERT_FALSE(d.confirmed);
    confirm(&d, "02000000");
    feed(&d, RECEIVED, ERROR_CODE, &pdu);
    CU_ASSERT_FALSE(d.credssp_over);
}

static void test_rdstls_and_aad(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    confirm(&d, "04000000");
    feed(&d, RECEIVED, "0100 0100 0100 0100", &pdu);
    CU_ASSERT_FALSE(d.rdstls_over);
    feed(&d, RECEIVED, "0100 0400 0100 00000000", &pdu);
    CU_ASSERT_TRUE(d.rdstls_over);
    CU_ASSERT_EQUAL(feed(&d, RECEIVED, "0100 0400 0100 00000000", &pdu), WHY_PDU_UNKNOWN);
    confirm(&d, "10000000");
    feed(&d, RECEIVED, "7b2274735f6e6f6e6365223a2261227d00", &pdu); /* ts_nonce */
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_AAD_SERVER_NONCE);
    CU_ASSERT_FALSE(d.aad_over);
}

#define DOMAIN_PARAMETERS "301a 020122 020103 020100 020101 020100 020101 020300fff8 020102"
#define GCC_HEADER        "000500147c0001 2a 14 760a 01 01 00 01c000 4d63446e"

/* A Connect Response with these data blocks. */
static void connect_response(struct why_dissector *d, const char *blocks, struct why_pdu *pdu)
{
    struct bytes all = from_hex("03000000 02f080 7f668200 00 0a0100 020100 " DOMAIN_PARAMETERS);
    struct bytes data = from_hex(blocks), gcc = from_hex(GCC_HEADER);

    gcc.data[gcc.len++] = (uint8_t)(0x80 | data.len >> 8);
    gcc.data[gcc.len++] = (uint8_t)data.len;
    memcpy(gcc.data + gcc.len, data.data, data.len);
    gcc.len += data.len;
    all.data[all.len++] = 0x04;
    all.data[all.len++] = 0x82;
    all.data[all.len++] = (uint8_t)(gcc.len >> 8);
    all.data[all.len++] = (uint8_t)gcc.len;
    memcpy(all.data + all.len, gcc.data, gcc.len);
    all.len += gcc.len;
    all.data[3] = (uint8_t)all.len;
    all.data[11] = (uint8_t)(all.len - 12);
    dissect(d, RECEIVED, all.data, all.len, 0, pdu);
    CU_ASSERT_EQUAL(pdu->type, WHY_PDU_MCS_CONNECT_RESPONSE);
}

#define SERVER_RANDOM   "a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0"
#define CORE            "010c 1000 04000800 0b000000 08000000"
#define SECURITY_128    "020c 3800 02000000 02000000 20000000 04000000 " SERVER_RANDOM "02000080"
#define SECURITY_NONE   "020c 0c00 00000000 00000000"
#define NETWORK         "030c 0c00 eb03 0200 ec03 ed03"
#define MESSAGE_CHANNEL "040c 0600 ee03"
#define UNKNOWN_BLOCK   "990c 0600 0102"

static void test_connect_response(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    confirm(&d, "00000000");
    connect_response(&d, CORE SECURITY_128 UNKNOWN_BLOCK NETWORK MESSAGE_CHANNEL, &pdu);
    CU_ASSERT_FALSE(pdu.malformed);
    CU_ASSERT_TRUE(d.rdp_security);
    CU_ASSERT_EQUAL(d.encryption_method, 2);
    CU_ASSERT_EQUAL(d.io_channel, 1003);
    CU_ASSERT_EQUAL(d.message_channel, 1006);
    CU_ASSERT_EQUAL(d.joins_expected, 5);
    CU_ASSERT_EQUAL(pdu.u.connect_response.version, 0x80004);
    CU_ASSERT_EQUAL(pdu.u.connect_response.requested_protocols, 0x0b);
    CU_ASSERT_EQUAL(pdu.u.connect_response.early_flags, 8);
    CU_ASSERT_TRUE(pdu.u.connect_response.has_certificate);
    CU_ASSERT_TRUE(pdu.u.connect_response.certificate_is_chain);
    CU_ASSERT_EQUAL(pdu.u.connect_response.channel_count, 2);
    /* with TLS there is no RDP security, whatever the server says of encryption */
    confirm(&d, "01000000");
    connect_response(&d, CORE SECURITY_128 NETWORK, &pdu);
    CU_ASSERT_FALSE(d.rdp_security);
    CU_ASSERT_EQUAL(d.joins_expected, 4);
    confirm(&d, "00000000");
    connect_response(&d, "010c 0800 01000800" SECURITY_NONE NETWORK, &pdu);
    CU_ASSERT_FALSE(pdu.malformed);
    CU_ASSERT_FALSE(d.rdp_security);
    CU_ASSERT_FALSE(pdu.u.connect_response.has_requested_protocols);
    CU_ASSERT_FALSE(pdu.u.connect_response.has_certificate);
    CU_ASSERT_FALSE(pdu.u.connect_response.has_multitransport);
    /* what the server has of RDP over UDP */
    connect_response(&d, CORE SECURITY_NONE NETWORK "080c 0800 05030000", &pdu);
    CU_ASSERT_FALSE(pdu.malformed);
    CU_ASSERT_TRUE(pdu.u.connect_response.has_multitransport);
    CU_ASSERT_EQUAL(pdu.u.connect_response.multitransport, 0x305);
    connect_response(&d, CORE SECURITY_NONE NETWORK "080c 0600 0503", &pdu);
    CU_ASSERT_TRUE(pdu.malformed);
}

/* What holds the data blocks has another structure than T.124 says. */
static void test_gcc_malformed(void)
{
    static const char *const bodies[] = {
        "0a0100 020100 " DOMAIN_PARAMETERS " 0400",
        "0a0100 020100 " DOMAIN_PARAMETERS " 0403 000500",
        "0a0100 020100 " DOMAIN_PARAMETERS
        " 0415 000500147c0001 2a 14 760a 0101 00 02c000 4d634400",
        "0a0100 020100 " DOMAIN_PARAMETERS
        " 0415 000500147c0001 2a 14 760a 0101 00 01c000 44756361",
    };
    struct why_dissector d;
    struct why_pdu pdu;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct bytes b = from_hex("03000000 02f080 7f668100");

        add_hex(&b, bodies[i]);
        b.data[3] = (uint8_t)b.len;
        b.data[10] = (uint8_t)(b.len - 11);
        confirm(&d, "01000000");
        dissect(&d, RECEIVED, b.data, b.len, 0, &pdu);
        CU_ASSERT_EQUAL(pdu.type, WHY_PDU_MCS_CONNECT_RESPONSE);
        CU_ASSERT_TRUE(pdu.malformed);
        CU_ASSERT_FALSE(pdu.u.connect_response.has_core);
    }
    /* a refusal needs no user data */
    confirm(&d, "01000000");
    feed(&d, RECEIVED, "0300002e 02f080 7f6624 0a010e 020100 " DOMAIN_PARAMETERS " 0400", &pdu);
    CU_ASSERT_FALSE(pdu.malformed);
    CU_ASSERT_EQUAL(pdu.u.connect_response.result, 14);
}

static void test_connect_response_malformed(void)
{
    static const char *const blocks[] = {
        CORE SECURITY_128,                 /* no network data */
        CORE NETWORK "010c 0300",          /* block length below 4 */
        CORE NETWORK "010c ffff",          /* beyond the end */
        CORE "020c 0800 00000000" NETWORK, /* half of the security data */
        CORE NETWORK "020c 1400 02000000 02000000 ffffffff ffffffff",
        CORE "030c 0800 eb03 ff7f", /* more channels than there are */
        CORE NETWORK "040c 0500 ee",
        CORE NETWORK "04",
    };
    struct why_dissector d;
    struct why_pdu pdu;

    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        confirm(&d, "00000000");
        connect_response(&d, blocks[i], &pdu);
        CU_ASSERT_TRUE(pdu.malformed);
        CU_ASSERT_EQUAL(pdu.u.connect_response.version, 0x80004);
    }
}

static void test_joins(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    confirm(&d, "01000000");
    connect_response(&d, CORE SECURITY_NONE NETWORK, &pdu);
    feed(&d, RECEIVED, "0300000b02f0802e000006", &pdu);
    CU_ASSERT_FALSE(pdu.u.mcs.last);
    CU_ASSERT_EQUAL(d.user_channel, 1007);
    for (int i = 0; i < 4; i++) {
        feed(&d, RECEIVED, "0300000f02f0803e00000603ef03ef", &pdu);
        CU_ASSERT_EQUAL(pdu.u.mcs.last, i == 3);
    }
    /* both sides agree to do without (RNS_UD_SC_SKIP_CHANNELJOIN_SUPPORTED is in CORE) */
    confirm(&d, "01000000");
    d.skip_join_offered = true;
    connect_response(&d, CORE SECURITY_NONE NETWORK, &pdu);
    feed(&d, RECEIVED, "0300000b02f0802e000006", &pdu);
    CU_ASSERT_TRUE(pdu.u.mcs.last);
}

#define SET_ERROR_NONE "1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 00000000"
#define SET_ERROR_7    "1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07000000"
#define SYNCHRONIZE    "1600 1700 ea03 ea030100 00 01 0800 1f 00 0000 0100ea03"

static void test_chained(void)
{
    static const struct {
        const char *payload;
        const char *chosen; /* why_dissect: the first that is not neutral */
        const char *all;    /* why_dissect_next */
    } rows[] = {
        {SET_ERROR_NONE SET_ERROR_7, "Set Error Info", "Set Error Info (none);Set Error Info;"},
        {SYNCHRONIZE SET_ERROR_7, "Synchronize", "Synchronize;Set Error Info;"},
        {SET_ERROR_NONE SET_ERROR_NONE, "Set Error Info (none)",
         "Set Error Info (none);Set Error Info (none);"},
        {SET_ERROR_NONE "0080 4100 0000 0000" SET_ERROR_7, "Set Error Info",
         "Set Error Info (none);unknown PDU;Set Error Info;"},
        {SYNCHRONIZE "000000", "Synchronize", "Synchronize;"}, /* less than a header */
        {SYNCHRONIZE "00000000", "Synchronize", "Synchronize;unknown PDU;"}, /* no progress */
        {SYNCHRONIZE "ff001700", "Synchronize", "Synchronize;unknown PDU;"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_dissector d;
        struct why_pdu pdu;
        struct bytes b = in_mcs(RECEIVED, 1003, rows[i].payload);
        char all[256] = "";
        size_t offset = 0, before;

        confirm(&d, "01000000");
        d.io_channel = 1003;
        dissect(&d, RECEIVED, b.data, b.len, 0, &pdu);
        CU_ASSERT_STRING_EQUAL(why_pdu_info(pdu.type)->name, rows[i].chosen);
        do {
            before = offset;
            why_dissect_next(&d, &(struct why_passed){RECEIVED, 0, b.data, b.len}, &offset, &pdu);
            strncat(all, why_pdu_info(pdu.type)->name, sizeof(all) - strlen(all) - 1);
            strncat(all, ";", sizeof(all) - strlen(all) - 1);
        } while (offset > before && offset < b.len);
        CU_ASSERT_EQUAL(offset, b.len);
        CU_ASSERT_STRING_EQUAL(all, rows[i].all);
    }
}

/* Names of all messages of a record. */
static const char *record(struct why_dissector *d, enum why_dir dir, const char *hex,
                          struct why_pdu *pdu)
{
    static char names[256];
    struct bytes b = from_hex(hex);
    size_t offset = 0;

    names[0] = '\0';
    do {
        why_dissect_record(d, dir, b.data, b.len, &offset, pdu);
        strncat(names, why_pdu_info(pdu->type)->name, sizeof(names) - strlen(names) - 1);
        if (offset < b.len)
            strncat(names, ";", sizeof(names) - strlen(names) - 1);
    } while (offset < b.len);
    return names;
}

#define RANDOM                                                                                     \
    "00000000000000000000000000000000"                                                             \
    "00000000000000000000000000000000"
#define RETRY_RANDOM                                                                               \
    "cf21ad74e59a6111be1d8c021e65b891"                                                             \
    "c2a211167abb8c5e079e09e2c8a8339c"
#define VERSION_1_3 "0006 002b 0002 0304"

static void test_tls12_records(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    why_dissector_init(&d);
    CU_ASSERT_STRING_EQUAL(
        record(&d, RECEIVED, "1603030030 02000028 0303" RANDOM "00 c02f 00 0000 0e000000", &pdu),
        "TLS ServerHello;TLS ServerHelloDone");
    CU_ASSERT_STRING_EQUAL(record(&d, RECEIVED, "1503030002 0228", &pdu), "TLS Alert");
    CU_ASSERT_EQUAL(pdu.u.alert.level, 2);
    CU_ASSERT_EQUAL(pdu.u.alert.description, 40);
    CU_ASSERT_STRING_EQUAL(record(&d, SENT, "1403030001 01", &pdu), "TLS ChangeCipherSpec");
    CU_ASSERT_STRING_EQUAL(record(&d, SENT, "1603030004 0e000000", &pdu), "TLS encrypted record");
    CU_ASSERT_STRING_EQUAL(record(&d, SENT, "1503030002 0228", &pdu), "TLS encrypted record");
    CU_ASSERT_STRING_EQUAL(pdu.problem, "an encrypted alert");
    /* the other direction is still in the clear */
    CU_ASSERT_STRING_EQUAL(record(&d, RECEIVED, "1603030004 04000000", &pdu),
                           "TLS NewSessionTicket");
    CU_ASSERT_STRING_EQUAL(record(&d, RECEIVED, "1503030003 022800", &pdu), "TLS encrypted record");
}

static void test_tls13_records(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    why_dissector_init(&d);
    record(&d, RECEIVED, "1603030032 0200002e 0303" RETRY_RANDOM "00 1301 00" VERSION_1_3, &pdu);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_TLS_HELLO_RETRY_REQUEST);
    CU_ASSERT_EQUAL(pdu.u.hello.version, 0x0304);
    record(&d, SENT, "1403030001 01", &pdu);
    CU_ASSERT_FALSE(d.tls_encrypted[SENT]); /* a second ClientHello is to come */
    record(&d, RECEIVED, "1603030032 0200002e 0303" RANDOM "00 1302 00" VERSION_1_3, &pdu);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_TLS_SERVER_HELLO);
    CU_ASSERT_EQUAL(pdu.u.hello.cipher, 0x1302);
    CU_ASSERT_STRING_EQUAL(record(&d, RECEIVED, "1603030004 0e000000", &pdu),
                           "TLS encrypted record");
    CU_ASSERT_STRING_EQUAL(record(&d, SENT, "1703030004 0e000000", &pdu), "TLS encrypted record");
    /* before its keys are ready a client can only object in the clear */
    CU_ASSERT_STRING_EQUAL(record(&d, SENT, "1503030002 022f", &pdu), "TLS Alert");
}

static void test_tls_client_hello(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    why_dissector_init(&d);
    record(&d, SENT,
           "160301003f 0100003b 0303" RANDOM "00 0002 1301 01 00 0010 0000 000c 000a 00 0007 "
           "7372762e6c616e",
           &pdu);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_TLS_CLIENT_HELLO);
    CU_ASSERT_FALSE(pdu.malformed);
    CU_ASSERT_STRING_EQUAL(pdu.u.hello.server_name, "srv.lan");
    record(&d, SENT, "160301002f 0100002b 0303" RANDOM "00 0002 1301 01 00 ffff", &pdu);
    CU_ASSERT_TRUE(pdu.malformed);
}

static void test_tls_fragments(void)
{
    struct why_dissector d;
    struct why_pdu pdu;

    why_dissector_init(&d);
    /* a Certificate of 16 bytes over two records, then ServerHelloDone behind it */
    CU_ASSERT_STRING_EQUAL(record(&d, RECEIVED, "160303000c 0b000010 00000d 00000a aabb", &pdu),
                           "TLS Certificate");
    CU_ASSERT_EQUAL(pdu.u.tls_certificate.der_length, 0);
    CU_ASSERT_STRING_EQUAL(record(&d, RECEIVED, "160303000c 0102030405060708 0e000000", &pdu),
                           "TLS handshake message;TLS ServerHelloDone");
    CU_ASSERT_STRING_EQUAL(record(&d, RECEIVED, "160303000b 0b000007 000004 000001 aa", &pdu),
                           "TLS Certificate");
    CU_ASSERT_EQUAL(pdu.u.tls_certificate.der_offset, 15);
    CU_ASSERT_EQUAL(pdu.u.tls_certificate.der_length, 1);
    CU_ASSERT_STRING_EQUAL(record(&d, RECEIVED, "160303000c 0d000000 14000000 0c000000", &pdu),
                           "TLS CertificateRequest;TLS handshake message;TLS ServerKeyExchange");
    record(&d, RECEIVED, "1603030002 0b00", &pdu);
    CU_ASSERT_TRUE(pdu.malformed);
    record(&d, RECEIVED, "16030300", &pdu);
    CU_ASSERT_STRING_EQUAL(pdu.problem, "TLS record ends too early");
}

static void test_demand_active(void)
{
    static const char payload[] =
        "3000 1100 ea03 ea030100 0400 1e00 52445000 0200 0000 "
        "0100 0400 0200 1a00 1800 0100 0100 0100 0004 0003 0000 0100 0100 00000000";
    struct why_dissector d;
    struct why_pdu pdu;
    struct bytes b = in_mcs(RECEIVED, 1003, payload);

    b.data[15] = (uint8_t)(b.len - 15);
    confirm(&d, "01000000");
    d.io_channel = 1003;
    dissect(&d, RECEIVED, b.data, b.len, 0, &pdu);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_DEMAND_ACTIVE);
    CU_ASSERT_FALSE(pdu.malformed);
    CU_ASSERT_EQUAL(pdu.u.demand_active.share_id, 0x103ea);
    CU_ASSERT_EQUAL(pdu.u.demand_active.capability_sets, 2);
    CU_ASSERT_EQUAL(pdu.u.demand_active.desktop_width, 1024);
    CU_ASSERT_EQUAL(pdu.u.demand_active.desktop_height, 768);
    CU_ASSERT_TRUE(d.licensing_over);
    b.data[39] = 3; /* of the first set's length */
    dissect(&d, RECEIVED, b.data, b.len, 0, &pdu);
    CU_ASSERT_TRUE(pdu.malformed);
    CU_ASSERT_FALSE(pdu.u.demand_active.has_desktop);
}

static void test_malformed_license_ends_nothing(void)
{
    static const struct {
        const char *payload;
        bool over;
    } rows[] = {
        {"80000000 ff031000 07000000 02000000 04000000", true},
        {"80000000 ff03ef00 07000000 02000000 04000000", false}, /* longer than its PDU */
        {"80000000 03030800 00000000", false},                   /* ends before its MAC */
        {"80000000 ff031000 06000000 01000000 04000000", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes b = in_mcs(RECEIVED, 1003, rows[i].payload);
        struct why_dissector d;
        struct why_pdu pdu;

        confirm(&d, "01000000");
        d.io_channel = 1003;
        dissect(&d, RECEIVED, b.data, b.len, 0, &pdu);
        CU_ASSERT_EQUAL(why_pdu_info(pdu.type)->phase, WHY_PHASE_LICENSING);
        CU_ASSERT_EQUAL(d.licensing_over, rows[i].over);
    }
}

static CU_TestInfo tests[] = {
    {"a malformed license message ends nothing", test_malformed_license_ends_nothing},
    {"HYBRID: over with the server's pubKeyAuth", test_hybrid},
    {"HYBRID_EX: over with the result", test_hybrid_ex},
    {"failures confirm nothing", test_failure_confirms_nothing},
    {"RDSTLS and AAD", test_rdstls_and_aad},
    {"Connect Response", test_connect_response},
    {"Connect Response, malformed", test_connect_response_malformed},
    {"Conference Create Response, malformed", test_gcc_malformed},
    {"channel joins", test_joins},
    {"several share control PDUs in one", test_chained},
    {"TLS 1.2 records", test_tls12_records},
    {"TLS 1.3 records", test_tls13_records},
    {"ClientHello", test_tls_client_hello},
    {"handshake messages over several records", test_tls_fragments},
    {"Demand Active", test_demand_active},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "wire state", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
