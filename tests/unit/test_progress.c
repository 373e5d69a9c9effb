/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <stdio.h>
#include <string.h>

#include "progress/progress.h"

#include "trace_builder.h"
#include "unit.h"

#define P(x) WHY_PHASE_##x

/* Runs |b|'s trace through a progress and frees the trace. */
static void run(struct why_progress *p, struct builder *b)
{
    const struct why_trace_head *head = why_trace_head(b->trace);

    why_progress_init(p, why_profile_info(head->profile)->wanted);
    for (size_t i = 0; i < why_trace_count(b->trace); i++)
        why_progress_event(p, why_trace_at(b->trace, i), NULL);
    builder_free(b);
}

static void after(struct why_progress *p, enum why_profile profile, const char *capture,
                  const char *upto, const char *script)
{
    struct builder b;

    builder_begin(&b, profile, P(ACTIVE));
    if (capture != NULL)
        builder_capture(&b, capture, upto);
    builder_script(&b, script);
    run(p, &b);
}

/* How far each PDU of a recording takes: the phase that is due after it, and the furthest sent. */
struct milestone {
    const char *upto;
    enum why_phase due, sent;
};

static const struct milestone xrdp_tls[] = {
    {">X.224 Connection Request", P(NEGOTIATION), P(NEGOTIATION)},
    {"<X.224 Connection Confirm", P(TLS), P(NEGOTIATION)},
    {">MCS Connect Initial", P(BASIC_SETTINGS), P(BASIC_SETTINGS)},
    {"<MCS Connect Response", P(CHANNEL_CONNECTION), P(BASIC_SETTINGS)},
    {">MCS Attach User Request", P(CHANNEL_CONNECTION), P(CHANNEL_CONNECTION)},
    {"<MCS Attach User Confirm", P(CHANNEL_CONNECTION), P(CHANNEL_CONNECTION)},
    {"<MCS Channel Join Confirm", P(CHANNEL_CONNECTION), P(CHANNEL_CONNECTION)}, /* of two */
    {">Client Info", P(SECURE_SETTINGS), P(SECURE_SETTINGS)},
    {"<LICENSE_REQUEST", P(LICENSING), P(SECURE_SETTINGS)},
    {">NEW_LICENSE_REQUEST", P(LICENSING), P(LICENSING)},
    {"<STATUS_VALID_CLIENT", P(CAPABILITIES), P(LICENSING)},
    {"<Demand Active", P(CAPABILITIES), P(LICENSING)},
    {">Confirm Active", P(CAPABILITIES), P(CAPABILITIES)},
    {">Font List", P(CAPABILITIES), P(FINALIZATION)},
    {"<Synchronize", P(FINALIZATION), P(FINALIZATION)},
    {"<Control (Granted Control)", P(FINALIZATION), P(FINALIZATION)},
    {"<Font Map", P(ACTIVE), P(FINALIZATION)},
};

static const struct milestone shadow_nla[] = {
    {">TSRequest NTLM NEGOTIATE", P(CREDSSP), P(CREDSSP)},
    {"<TSRequest NTLM CHALLENGE", P(CREDSSP), P(CREDSSP)},
    {"<TSRequest pubKeyAuth", P(CREDSSP), P(CREDSSP)},
    {">TSRequest authInfo", P(BASIC_SETTINGS), P(CREDSSP)},
    {"<MCS Attach User Confirm", P(SECURE_SETTINGS), P(CHANNEL_CONNECTION)}, /* joins left out */
    {"<Auto-Detect Request", P(AUTO_DETECT), P(SECURE_SETTINGS)},
    {">Auto-Detect Response", P(AUTO_DETECT), P(AUTO_DETECT)},
    {"<STATUS_VALID_CLIENT", P(CAPABILITIES), P(AUTO_DETECT)},
    {"<Initiate Multitransport Request", P(MULTITRANSPORT), P(AUTO_DETECT)},
    {">Multitransport Response", P(MULTITRANSPORT), P(MULTITRANSPORT)},
    {"<Demand Active", P(CAPABILITIES), P(MULTITRANSPORT)},
    {"<Font Map", P(ACTIVE), P(FINALIZATION)},
};

static const struct milestone xrdp_rdp[] = {
    {"<X.224 Connection Confirm", P(BASIC_SETTINGS), P(NEGOTIATION)},
    {"<MCS Connect Response", P(CHANNEL_CONNECTION), P(BASIC_SETTINGS)},
    {">Security Exchange", P(SECURITY_COMMENCEMENT), P(SECURITY_COMMENCEMENT)},
    {">Client Info", P(SECURITY_COMMENCEMENT), P(SECURE_SETTINGS)},
    {"<Disconnect Provider Ultimatum", P(SECURITY_COMMENCEMENT), P(SECURE_SETTINGS)},
};

static void check(enum why_profile profile, const char *capture, const struct milestone *rows,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct why_progress p;

        after(&p, profile, capture, rows[i].upto, "");
        if (why_progress_due(&p) != rows[i].due || p.sent_through != rows[i].sent)
            (void)fprintf(stderr, "%s %s: due %s, sent through %s\n", capture, rows[i].upto,
                          why_phase_name(why_progress_due(&p)), why_phase_name(p.sent_through));
        CU_ASSERT_EQUAL(why_progress_due(&p), rows[i].due);
        CU_ASSERT_EQUAL(p.sent_through, rows[i].sent);
    }
}

#define CHECK(profile, capture, rows)                                                              \
    check(profile, capture, rows, sizeof(rows) / sizeof((rows)[0]))

static void test_tls(void)
{
    CHECK(WHY_PROFILE_TLS, "xrdp-tls", xrdp_tls);
}

static void test_nla(void)
{
    CHECK(WHY_PROFILE_NLA, "shadow-nla", shadow_nla);
}

static void test_rdp(void)
{
    CHECK(WHY_PROFILE_RDP, "xrdp-rdp-high", xrdp_rdp);
}

static void test_phases_of_a_connection(void)
{
    struct why_progress p;

    after(&p, WHY_PROFILE_TLS, "xrdp-tls", "<MCS Connect Response", "");
    CU_ASSERT_TRUE(why_progress_has_phase(&p, P(TLS)));
    CU_ASSERT_FALSE(why_progress_has_phase(&p, P(CREDSSP)));
    CU_ASSERT_FALSE(why_progress_has_phase(&p, P(SECURITY_COMMENCEMENT)));
    CU_ASSERT_FALSE(why_progress_has_phase(&p, P(AUTO_DETECT)));
    after(&p, WHY_PROFILE_RDP, "xrdp-rdp-high", "<MCS Connect Response", "");
    CU_ASSERT_FALSE(why_progress_has_phase(&p, P(TLS)));
    CU_ASSERT_TRUE(why_progress_has_phase(&p, P(SECURITY_COMMENCEMENT)));
    after(&p, WHY_PROFILE_NLA, "shadow-nla", "<Initiate Multitransport Request", "");
    CU_ASSERT_TRUE(why_progress_has_phase(&p, P(CREDSSP)));
    CU_ASSERT_TRUE(why_progress_has_phase(&p, P(AUTO_DETECT)));
    CU_ASSERT_TRUE(why_progress_has_phase(&p, P(MULTITRANSPORT)));
}

static void test_until(void)
{
    struct why_progress p;

    after(&p, WHY_PROFILE_TLS, NULL, NULL, "resolve;resolved");
    CU_ASSERT_TRUE(why_progress_reached(&p, P(RESOLVE)));
    CU_ASSERT_FALSE(why_progress_reached(&p, P(CONNECT)));
    after(&p, WHY_PROFILE_TLS, "xrdp-tls", "<STATUS_VALID_CLIENT", "");
    CU_ASSERT_TRUE(why_progress_reached(&p, P(TLS)));
    CU_ASSERT_TRUE(why_progress_reached(&p, P(CREDSSP))); /* passed over */
    CU_ASSERT_TRUE(why_progress_reached(&p, P(LICENSING)));
    CU_ASSERT_FALSE(why_progress_reached(&p, P(CAPABILITIES)));
    CU_ASSERT_FALSE(why_progress_reached(&p, P(ACTIVE)));
    after(&p, WHY_PROFILE_TLS, "xrdp-tls", NULL, "");
    CU_ASSERT_TRUE(why_progress_reached(&p, P(FINALIZATION)));
    CU_ASSERT_TRUE(why_progress_reached(&p, P(ACTIVE)));
}

/* Each of them leaves the phase that is due where it was. */
static void test_what_confirms_nothing(void)
{
    static const char *const scripts[] = {
        "io< 1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07000000", /* Set Error Info 7 */
        "io< 1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 00000000", /* and none */
        "pdu< 0300000902f0802180",                                    /* ultimatum */
        "alert< 2.40",
        "io< 80000000 ff031000 06000000 01000000 04000000",         /* license error */
        "io< 80000000 01030800 00000000",                           /* malformed LICENSE_REQUEST */
        "io< 1600 1a00 ea03 0000 0004 0c00 07000000 00000000 0000", /* redirection */
        "io< ffff 1700 ea03",
        "pdu< 485454502f312e31",
        "part< 03000100",
    };

    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct why_progress p;

        after(&p, WHY_PROFILE_TLS, "xrdp-tls", ">Client Info", scripts[i]);
        CU_ASSERT_EQUAL(why_progress_due(&p), P(SECURE_SETTINGS));
        CU_ASSERT_EQUAL(p.confirmed, P(CHANNEL_CONNECTION));
    }
}

static void test_refusals_inside_regular_pdus(void)
{
    struct why_progress p;

    /* an Attach User Confirm and a Channel Join Confirm that say no */
    after(&p, WHY_PROFILE_TLS, "xrdp-tls", ">MCS Attach User Request", "pdu< 0300000902f0802ce0");
    CU_ASSERT_FALSE(p.attached);
    CU_ASSERT_EQUAL(why_progress_due(&p), P(CHANNEL_CONNECTION));
    after(&p, WHY_PROFILE_NLA_EXT, NULL, NULL,
          "connected;pdu> 030000130ee00000000000010008000b000000;"
          "pdu< 030000130ed00000123400021f080008000000;tls-start;tls-done;"
          "pdu< 300ca003020106a3050403aabbcc;pdu> 300ca003020106a2050403aabbcc;pdu< 05000000");
    CU_ASSERT_EQUAL(why_progress_due(&p), P(CREDSSP));
    after(&p, WHY_PROFILE_NLA_EXT, NULL, NULL,
          "connected;pdu> 030000130ee00000000000010008000b000000;"
          "pdu< 030000130ed00000123400021f080008000000;tls-start;tls-done;"
          "pdu< 300ca003020106a3050403aabbcc;pdu> 300ca003020106a2050403aabbcc;pdu< 00000000");
    CU_ASSERT_EQUAL(why_progress_due(&p), P(BASIC_SETTINGS));
}

/* Servers ask for auto-detection in the middle of other phases: that opens none. */
static void test_auto_detect_in_between(void)
{
    struct why_progress p;
    struct builder b;

    builder_begin(&b, WHY_PROFILE_NLA, P(ACTIVE));
    builder_capture(&b, "shadow-nla", "<STATUS_VALID_CLIENT");
    builder_recorded_pdu(&b, "shadow-nla", "<Auto-Detect Request");
    run(&p, &b);
    CU_ASSERT_EQUAL(why_progress_due(&p), P(CAPABILITIES));
    builder_begin(&b, WHY_PROFILE_NLA, P(ACTIVE));
    builder_capture(&b, "shadow-nla", "<Demand Active");
    builder_recorded_pdu(&b, "shadow-nla", "<Auto-Detect Request");
    builder_recorded_pdu(&b, "shadow-nla", ">Auto-Detect Response");
    run(&p, &b);
    CU_ASSERT_EQUAL(why_progress_due(&p), P(CAPABILITIES));
    CU_ASSERT_EQUAL(p.sent_through, P(MULTITRANSPORT));
}

/* A Font Map is no session where no Demand Active was. */
static void test_share_data_out_of_order(void)
{
    struct why_progress p;
    struct builder b;

    builder_begin(&b, WHY_PROFILE_TLS, P(ACTIVE));
    builder_capture(&b, "xrdp-tls", "<STATUS_VALID_CLIENT");
    builder_recorded_pdu(&b, "xrdp-tls", "<Font Map");
    run(&p, &b);
    CU_ASSERT_EQUAL(why_progress_due(&p), P(CAPABILITIES));
    builder_begin(&b, WHY_PROFILE_TLS, P(ACTIVE));
    builder_capture(&b, "xrdp-tls", "<MCS Connect Response");
    builder_recorded_pdu(&b, "xrdp-tls", "<Synchronize");
    builder_recorded_pdu(&b, "xrdp-tls", "<Font Map");
    run(&p, &b);
    CU_ASSERT_FALSE(why_progress_reached(&p, P(ACTIVE)));
    CU_ASSERT_FALSE(why_progress_reached(&p, P(LICENSING)));
}

#define SYNCHRONIZE "1600 1700 ea03 ea030100 00 01 0800 1f 00 0000 0100ea03"
#define ERROR_INFO  "1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07000000"
#define SAVE_INFO   "1a00 1700 ea03 ea030100 00 01 0c00 26 00 0000 01020304 05060708"

static void several(const char *script, struct why_pdu *pdu, struct why_progress *p)
{
    struct builder b;

    memset(pdu, 0, sizeof(*pdu));
    builder_begin(&b, WHY_PROFILE_TLS, P(ACTIVE));
    builder_capture(&b, "xrdp-tls", ">Font List");
    builder_script(&b, script);
    why_progress_init(p, why_profile_info(WHY_PROFILE_TLS)->wanted);
    for (size_t i = 0; i < why_trace_count(b.trace); i++)
        why_progress_event(p, why_trace_at(b.trace, i), pdu);
    builder_free(&b);
}

/* Several share control PDUs in one: the one that ends it counts, and no secret gets lost. */
static void test_several_pdus_in_one(void)
{
    struct why_progress p;
    struct why_pdu pdu;

    several("io< " SYNCHRONIZE ERROR_INFO, &pdu, &p);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_SET_ERROR_INFO);
    CU_ASSERT_EQUAL(why_progress_due(&p), P(FINALIZATION)); /* the first one confirmed that much */
    several("io< " ERROR_INFO SYNCHRONIZE, &pdu, &p);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_SET_ERROR_INFO);
    several("io< " SYNCHRONIZE SAVE_INFO, &pdu, &p);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_SYNCHRONIZE);
    CU_ASSERT_EQUAL(pdu.sensitive_count, 1);
    CU_ASSERT_EQUAL(pdu.sensitive[0].offset, 15 + 22 + 18 + 4);
    CU_ASSERT_EQUAL(pdu.sensitive[0].length, 4);
    several("io< " SAVE_INFO ERROR_INFO, &pdu, &p);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_SET_ERROR_INFO);
    CU_ASSERT_EQUAL(pdu.sensitive_count, 1);
    CU_ASSERT_EQUAL(pdu.sensitive[0].offset, 15 + 18 + 4);
    /* more of them than there is room for: the last range covers what is left */
    several("io< " SAVE_INFO SAVE_INFO SAVE_INFO SAVE_INFO SAVE_INFO SAVE_INFO, &pdu, &p);
    CU_ASSERT_EQUAL(pdu.sensitive_count, WHY_SENSITIVE_MAX);
    CU_ASSERT_EQUAL(pdu.sensitive[3].offset + pdu.sensitive[3].length, 15 + 6 * 26);
}

static void test_other_protocol(void)
{
    struct why_progress p;

    /* Standard RDP Security and CredSSP for who asked for TLS */
    after(&p, WHY_PROFILE_TLS, NULL, NULL,
          "connected;pdu< 030000130ed00000123400020008000000 0000");
    CU_ASSERT_TRUE(p.other_protocol);
    CU_ASSERT_EQUAL(why_progress_due(&p), P(NEGOTIATION));
    after(&p, WHY_PROFILE_TLS, NULL, NULL,
          "connected;pdu< 030000130ed00000123400020008000200 0000");
    CU_ASSERT_TRUE(p.other_protocol);
    CU_ASSERT_EQUAL(why_progress_due(&p), P(NEGOTIATION));
    after(&p, WHY_PROFILE_NLA, NULL, NULL,
          "connected;pdu< 030000130ed00000123400020008000200 0000");
    CU_ASSERT_FALSE(p.other_protocol);
    CU_ASSERT_EQUAL(why_progress_due(&p), P(TLS));
}

/* Half a PDU may be a redirection with its password, or the client's credentials. */
static void test_half_a_pdu(void)
{
    static const struct {
        enum why_phase confirmed;
        enum why_dir dir;
        bool blanked;
    } rows[] = {
        {WHY_PHASE_CONNECT, WHY_DIR_RECEIVED, false},
        {WHY_PHASE_CONNECT, WHY_DIR_SENT, false},
        {WHY_PHASE_NEGOTIATION, WHY_DIR_SENT, false},
        {WHY_PHASE_TLS, WHY_DIR_RECEIVED, false},
        {WHY_PHASE_TLS, WHY_DIR_SENT, true},
        {WHY_PHASE_BASIC_SETTINGS, WHY_DIR_RECEIVED, false},
        {WHY_PHASE_CHANNEL_CONNECTION, WHY_DIR_RECEIVED, true},
        {WHY_PHASE_CAPABILITIES, WHY_DIR_RECEIVED, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_progress p;
        uint8_t part[40] = {0};
        struct why_event event = {
            .kind = WHY_EV_PARTIAL, .dir = rows[i].dir, .bytes = part, .len = sizeof(part)};
        struct why_pdu pdu;

        why_progress_init(&p, 1);
        p.dissector.confirmed = rows[i].confirmed >= WHY_PHASE_NEGOTIATION;
        p.dissector.selected_protocol = 1;
        p.confirmed = rows[i].confirmed;
        why_progress_event(&p, &event, &pdu);
        CU_ASSERT_EQUAL(pdu.sensitive_count, rows[i].blanked ? 1 : 0);
        CU_ASSERT_EQUAL(pdu.sensitive[0].offset, rows[i].blanked ? 32 : 0);
        CU_ASSERT_EQUAL(pdu.sensitive[0].length, rows[i].blanked ? 8 : 0);
        event.len = 32; /* headers alone */
        why_progress_event(&p, &event, &pdu);
        CU_ASSERT_EQUAL(pdu.sensitive_count, 0);
    }
}

/* A message that begins behind another one in its record goes on in the next: it is no new one. */
static void test_message_over_two_records(void)
{
    static const char hello[] = "16 0303 0032 02 000026 0303"
                                "00000000000000000000000000000000"
                                "00000000000000000000000000000000 00 c02f 00"
                                "0b 000010 00000d00";
    static const char rest[] = "16 0303 0010 01000001 02030405 06070809 0e000000";
    struct why_progress p;
    struct why_pdu pdu;
    struct builder b;

    builder_begin(&b, WHY_PROFILE_TLS, P(ACTIVE));
    builder_bytes(&b, WHY_EV_TLS_RECORD, WHY_DIR_RECEIVED, hello, NULL);
    builder_bytes(&b, WHY_EV_TLS_RECORD, WHY_DIR_RECEIVED, rest, NULL);
    why_progress_init(&p, why_profile_info(WHY_PROFILE_TLS)->wanted);
    why_progress_event(&p, why_trace_at(b.trace, 0), &pdu);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_TLS_SERVER_HELLO);
    why_progress_event(&p, why_trace_at(b.trace, 1), &pdu);
    CU_ASSERT_EQUAL(pdu.type, WHY_PDU_TLS_HANDSHAKE);
    CU_ASSERT_FALSE(pdu.malformed);
    builder_free(&b);
}

static CU_TestInfo tests[] = {
    {"a TLS message over two records", test_message_over_two_records},
    {"a TLS handshake, PDU by PDU", test_tls},
    {"an NLA handshake, PDU by PDU", test_nla},
    {"an RDP security handshake, PDU by PDU", test_rdp},
    {"which phases a connection has", test_phases_of_a_connection},
    {"reached", test_until},
    {"errors, neutral and malformed PDUs confirm nothing", test_what_confirms_nothing},
    {"a no inside a regular PDU confirms nothing", test_refusals_inside_regular_pdus},
    {"auto-detect in between", test_auto_detect_in_between},
    {"share data before its time", test_share_data_out_of_order},
    {"several PDUs in one", test_several_pdus_in_one},
    {"another protocol selected", test_other_protocol},
    {"half a PDU", test_half_a_pdu},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "progress", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
