/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pdu.h>

#include "test_wire_hex.h"
#include "unit.h"

#define SENT       WHY_DIR_SENT
#define RECEIVED   WHY_DIR_RECEIVED
#define COMPLETE   WHY_FRAME_COMPLETE
#define INCOMPLETE WHY_FRAME_INCOMPLETE
#define INVALID    WHY_FRAME_INVALID

/* What the dissector knows when the bytes come. */
enum state {
    FRESH,
    HYBRID,
    HYBRID_AUTH_INFO, /* server's pubKeyAuth and client's authInfo have passed */
    EX,
    EX_AUTH_INFO,
    EX_OVER,
    RDSTLS,
    RDSTLS_OVER,
    AAD,
    AAD_OVER,
    CONNECTED
};

static struct why_dissector in_state(enum state state)
{
    struct why_dissector d;

    why_dissector_init(&d);
    d.confirmed = state != FRESH;
    d.selected_protocol = state == FRESH       ? 0
                          : state >= CONNECTED ? 1
                          : state >= AAD       ? 16
                          : state >= RDSTLS    ? 4
                          : state >= EX        ? 8
                                               : 2;
    d.credssp_over = state == HYBRID_AUTH_INFO || state == EX_OVER;
    d.client_sent_auth_info =
        state == HYBRID_AUTH_INFO || state == EX_AUTH_INFO || state == EX_OVER;
    d.rdstls_over = state == RDSTLS_OVER;
    d.aad_over = state == AAD_OVER;
    d.io_channel = state == CONNECTED ? 1003 : 0;
    return d;
}

static const struct {
    enum state state;
    enum why_dir dir;
    const char *hex;
    enum why_frame frame;
    size_t need;
    const char *problem;
} frames[] = {
    {FRESH, RECEIVED, "", INCOMPLETE, 0, NULL},
    {FRESH, RECEIVED, "03", INCOMPLETE, 0, NULL},
    {FRESH, RECEIVED, "030000", INCOMPLETE, 0, NULL},
    {FRESH, RECEIVED, "03000013", INCOMPLETE, 19, NULL},
    {FRESH, RECEIVED, "03000007 02f080", COMPLETE, 7, NULL},
    {FRESH, RECEIVED, "03000007 02f080 0300", COMPLETE, 7, NULL},
    {FRESH, RECEIVED, "0300ffff", INCOMPLETE, 65535, NULL},
    {FRESH, RECEIVED, "03000006 02f0", INVALID, 0, "TPKT length below 7"},
    {FRESH, RECEIVED, "0301", INVALID, 0, "not a TPKT header"},
    {FRESH, RECEIVED, "48", INVALID, 0, "not a TPKT header"},
    {FRESH, RECEIVED, "0c80", INVALID, 0, "not a TPKT header"},
    {FRESH, RECEIVED, "3003", INVALID, 0, "not a TPKT header"},
    {FRESH, SENT, "16030100", INVALID, 0, "not a TPKT header"},
    /* TSRequests */
    {HYBRID, RECEIVED, "30", INCOMPLETE, 0, NULL},
    {HYBRID, RECEIVED, "3003 020106", COMPLETE, 5, NULL},
    {HYBRID, RECEIVED, "3081", INCOMPLETE, 0, NULL},
    {HYBRID, RECEIVED, "3081 80", INCOMPLETE, 131, NULL},
    {HYBRID, RECEIVED, "3082 01", INCOMPLETE, 0, NULL},
    {HYBRID, RECEIVED, "3082 0102", INCOMPLETE, 262, NULL},
    {HYBRID, RECEIVED, "3083 00fffb", INCOMPLETE, 65536, NULL},
    {HYBRID, RECEIVED, "3083 00fffc", INVALID, 0, "TSRequest longer than 64 KiB"},
    {HYBRID, RECEIVED, "3083 ffffff", INVALID, 0, "TSRequest longer than 64 KiB"},
    {HYBRID, RECEIVED, "3084 00000003", INVALID, 0, "TSRequest longer than 64 KiB"},
    {HYBRID, RECEIVED, "3080", INVALID, 0, "TSRequest without a definite length"},
    {HYBRID, RECEIVED, "0300", INCOMPLETE, 0, NULL}, /* an X.224 Disconnect Request? */
    {HYBRID, RECEIVED, "0301", INVALID, 0, "not a TPKT header"},
    {HYBRID, RECEIVED, "00000000", INVALID, 0, "not a TSRequest"},
    {HYBRID, SENT, "3003 020106", COMPLETE, 5, NULL},
    {HYBRID, SENT, "03000007", INVALID, 0, "not a TSRequest"},
    {HYBRID_AUTH_INFO, RECEIVED, "3003 020106", COMPLETE, 5, NULL},
    {HYBRID_AUTH_INFO, RECEIVED, "03000007", INCOMPLETE, 7, NULL},
    {HYBRID_AUTH_INFO, RECEIVED, "00000000", INVALID, 0, "not a TPKT header"},
    {HYBRID_AUTH_INFO, SENT, "03000007", INCOMPLETE, 7, NULL},
    {HYBRID_AUTH_INFO, SENT, "3003", INVALID, 0, "not a TPKT header"},
    {EX, RECEIVED, "00000000", INVALID, 0, "not a TSRequest"},
    {EX_AUTH_INFO, RECEIVED, "00", INCOMPLETE, 4, NULL},
    {EX_AUTH_INFO, RECEIVED, "00000000", COMPLETE, 4, NULL},
    {EX_AUTH_INFO, RECEIVED, "05000000", COMPLETE, 4, NULL},
    {EX_AUTH_INFO, RECEIVED, "3003 020106", COMPLETE, 5, NULL},
    {EX_AUTH_INFO, RECEIVED, "0300", INCOMPLETE, 0, NULL},
    {EX_AUTH_INFO, RECEIVED, "0100", INVALID, 0, "not an Early User Authorization Result"},
    {EX_OVER, RECEIVED, "03000007", INCOMPLETE, 7, NULL},
    /* RDSTLS */
    {RDSTLS, RECEIVED, "0100", INCOMPLETE, 0, NULL},
    {RDSTLS, RECEIVED, "01000100", INCOMPLETE, 8, NULL},
    {RDSTLS, RECEIVED, "01000400", INCOMPLETE, 10, NULL},
    {RDSTLS, RECEIVED, "01000900", INVALID, 0, "not an RDSTLS PDU"},
    {RDSTLS, RECEIVED, "03000013", INVALID, 0, "not an RDSTLS PDU"},
    {RDSTLS, SENT, "0100 0200 0100 0200aabb 0200", INCOMPLETE, 0, NULL},
    {RDSTLS, SENT, "0100 0200 0100 0200aabb 00000000 0500", INCOMPLETE, 21, NULL},
    {RDSTLS, SENT, "0100 0200 0100 0200aabb 00000000 010077", COMPLETE, 17, NULL},
    {RDSTLS, SENT, "0100 0200 0200 01000000 0100", INCOMPLETE, 13, NULL},
    {RDSTLS_OVER, RECEIVED, "03000007", INCOMPLETE, 7, NULL},
    /* AAD */
    {AAD, RECEIVED, "7b", INCOMPLETE, 0, NULL},
    {AAD, RECEIVED, "7b7d00", COMPLETE, 3, NULL},
    {AAD, RECEIVED, "7b7d0003", COMPLETE, 3, NULL},
    {AAD, RECEIVED, "03000007", INVALID, 0, "not an AAD PDU: no JSON object"},
    {AAD_OVER, RECEIVED, "03000007", INCOMPLETE, 7, NULL},
    /* after the Connect Response fast-path may come */
    {CONNECTED, RECEIVED, "00", INCOMPLETE, 0, NULL},
    {CONNECTED, RECEIVED, "0003", INCOMPLETE, 3, NULL},
    {CONNECTED, RECEIVED, "0080", INCOMPLETE, 0, NULL},
    {CONNECTED, RECEIVED, "c08006aabbcc", COMPLETE, 6, NULL},
    {CONNECTED, RECEIVED, "00ffff", INCOMPLETE, 32767, NULL},
    {CONNECTED, RECEIVED, "0002", INVALID, 0, "fast-path length below 3"},
    {CONNECTED, RECEIVED, "01", INVALID, 0, "neither a TPKT nor a fast-path header"},
    {CONNECTED, RECEIVED, "0305", INVALID, 0, "not a TPKT header"},
    {CONNECTED, RECEIVED, "03000007", INCOMPLETE, 7, NULL},
};

static void expect(enum why_frame got, size_t need, const char *problem, size_t i)
{
    CU_ASSERT_EQUAL(got, frames[i].frame);
    CU_ASSERT_EQUAL(need, frames[i].need);
    CU_ASSERT_EQUAL(problem != NULL, frames[i].problem != NULL);
    if (problem != NULL && frames[i].problem != NULL)
        CU_ASSERT_STRING_EQUAL(problem, frames[i].problem);
}

static void test_frames(void)
{
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct why_dissector d = in_state(frames[i].state);
        struct bytes b = from_hex(frames[i].hex);
        const char *problem = "unset";
        size_t need = 99;
        enum why_frame got = why_frame_check(&d, frames[i].dir, b.data, b.len, &need, &problem);

        expect(got, need, problem, i);
        CU_ASSERT_EQUAL(why_frame_check(&d, frames[i].dir, b.data, b.len, &need, NULL), got);
    }
}

static void test_aad_is_bounded(void)
{
    static uint8_t data[65537];
    struct why_dissector d = in_state(AAD);
    const char *problem = NULL;
    size_t need;

    memset(data, ' ', sizeof(data));
    data[0] = '{';
    CU_ASSERT_EQUAL(why_frame_check(&d, RECEIVED, data, 65535, &need, NULL), INCOMPLETE);
    CU_ASSERT_EQUAL(why_frame_check(&d, RECEIVED, data, 65536, &need, &problem), INVALID);
    CU_ASSERT_STRING_EQUAL(problem, "AAD PDU longer than 64 KiB");
    data[65535] = '\0';
    CU_ASSERT_EQUAL(why_frame_check(&d, RECEIVED, data, 65536, &need, NULL), COMPLETE);
    CU_ASSERT_EQUAL(need, 65536);
    data[65535] = ' ';
    data[65536] = '\0';
    CU_ASSERT_EQUAL(why_frame_check(&d, RECEIVED, data, 65537, &need, NULL), INVALID);
}

static void test_records(void)
{
    static const struct {
        const char *hex;
        enum why_frame frame;
        size_t need;
    } rows[] = {
        {"", INCOMPLETE, 0},
        {"16", INCOMPLETE, 0},
        {"160303", INCOMPLETE, 0},
        {"16030300", INCOMPLETE, 0},
        {"1603030004", INCOMPLETE, 9},
        {"15030300020228", COMPLETE, 7},
        {"1403030001 01 16", COMPLETE, 6},
        {"1703034800", INCOMPLETE, 18437},
        {"1703034801", INVALID, 0},
        {"16030500", INVALID, 0},
        {"1602", INVALID, 0},
        {"13", INVALID, 0},
        {"03000013", INVALID, 0},
        {"802e0103", INVALID, 0}, /* SSLv2 */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes b = from_hex(rows[i].hex);
        const char *problem = NULL;
        size_t need = 99;

        CU_ASSERT_EQUAL(why_record_check(b.data, b.len, &need, &problem), rows[i].frame);
        CU_ASSERT_EQUAL(need, rows[i].need);
        CU_ASSERT_EQUAL(problem != NULL, rows[i].frame == INVALID);
    }
}

static void test_guesses(void)
{
    static const struct {
        const char *hex;
        const char *name; /* NULL: nothing fits */
    } rows[] = {
        {"485454502f312e3120343030", "HTTP"},
        {"3c68746d6c3e", "HTTP"},
        {"5353482d322e302d", "SSH"},
        {"52464220303033", "VNC"},
        {"3232302d", "SMTP or FTP"},
        {"15030300020228", "TLS record"},
        {"160301", "TLS record"},
        {"000000 2a ff534d42", "SMB"},
        {"4a0000000a352e37", "MySQL"},
        {"fffd18fffd20", "Telnet"},
        {"2d4552520d0a", "Redis"},
        {"50524f585920544350342031", "PROXY protocol"},
        {"0d0a0d0a000d0a515549540a2111", "PROXY protocol"},
        {"0300001300", NULL},
        {"16", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes b = from_hex(rows[i].hex);
        const char *name = why_guess_protocol(b.data, b.len);

        CU_ASSERT_EQUAL(name != NULL, rows[i].name != NULL);
        if (name != NULL && rows[i].name != NULL)
            CU_ASSERT_STRING_EQUAL(name, rows[i].name);
    }
}

static CU_TestInfo tests[] = {
    {"bounds of PDUs in every state", test_frames},
    {"AAD PDUs are bounded", test_aad_is_bounded},
    {"bounds of TLS records", test_records},
    {"guesses", test_guesses},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "wire frames", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
