/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pdu.h>

#include "wire/redirection.h"

#include "test_wire_hex.h"
#include "unit.h"

/* PDUs one by one: those of [MS-RDPBCGR] section 4, and hand-made ones that no server here sends.
 */

#define SENT     WHY_DIR_SENT
#define RECEIVED WHY_DIR_RECEIVED
#define IO       1003
#define MESSAGE  1004

/* Connections at the point where the vector passes. */
enum state { FRESH, RDP, TLS, HYBRID, HYBRID_EX, RDSTLS, AAD, JOINED_TLS, JOINED_RDP, JOINED_FIPS };

static struct why_dissector in_state(enum state state)
{
    static const uint32_t protocols[] = {
        [RDP] = 0,       [TLS] = 1,  [HYBRID] = 2,     [RDSTLS] = 4,
        [HYBRID_EX] = 8, [AAD] = 16, [JOINED_TLS] = 1, [JOINED_FIPS] = 0};
    struct why_dissector d;

    why_dissector_init(&d);
    d.confirmed = state != FRESH;
    d.selected_protocol = protocols[state];
    if (state >= JOINED_TLS) {
        d.user_channel = 1002;
        d.io_channel = IO;
        d.message_channel = MESSAGE;
        d.rdp_security = state != JOINED_TLS;
        d.encryption_method = state == JOINED_FIPS ? 0x10 : state == JOINED_RDP ? 2 : 0;
    }
    return d;
}

#define NOTHING_IN_IT "TSRequest with neither a token, nor a proof, nor an error"
#define NO_PROTOCOL   "a selectedProtocol that is none of the protocols"

/* Whole PDUs. */
static const struct {
    enum state state;
    enum why_dir dir;
    const char *hex;
    const char *name;
    const char *problem; /* NULL: well-formed */
} whole[] = {
    /* 4.1.1 to 4.1.9 */
    {FRESH, SENT,
     "03 00 00 2c 27 e0 00 00 00 00 00 43 6f 6f 6b 69 65 3a 20 6d 73 74 73 68 61 73 68 3d 65 6c 74 "
     "6f 6e 73 0d 0a 01 00 08 00 00 00 00 00",
     "X.224 Connection Request", NULL},
    {FRESH, RECEIVED, "03 00 00 13 0e d0 00 00 12 34 00 02 00 08 00 00 00 00 00",
     "X.224 Connection Confirm", NULL},
    {RDP, SENT, "03 00 00 0c 02 f0 80 04 01 00 01 00", "MCS Erect Domain Request", NULL},
    {RDP, SENT, "03 00 00 08 02 f0 80 28", "MCS Attach User Request", NULL},
    {RDP, RECEIVED, "03 00 00 0b 02 f0 80 2e 00 00 06", "MCS Attach User Confirm", NULL},
    {RDP, SENT, "03 00 00 0c 02 f0 80 38 00 06 03 ef", "MCS Channel Join Request", NULL},
    {RDP, RECEIVED, "03 00 00 0f 02 f0 80 3e 00 00 06 03 ef 03 ef", "MCS Channel Join Confirm",
     NULL},
    /* 4.1.12: flagsHi holds what looks like a share control header's type */
    {JOINED_TLS, RECEIVED,
     "03 00 00 22 02 f0 80 68 00 01 03 eb 70 14 80 02 10 00 ff 03 10 00 07 00 00 00 02 00 00 00 28 "
     "14 00 00",
     "STATUS_VALID_CLIENT", NULL},
    /* 4.2.3 */
    {JOINED_TLS, RECEIVED, "03 00 00 09 02 f0 80 21 80", "Disconnect Provider Ultimatum", NULL},
    /* X.224 */
    {FRESH, RECEIVED, "0300000b06d00000123400", "X.224 Connection Confirm", NULL},
    {FRESH, RECEIVED, "030000130ed000000000000300080005000000", "RDP_NEG_FAILURE", NULL},
    {FRESH, RECEIVED, "030000130ed000000000000300070005000000", "RDP_NEG_FAILURE",
     "negotiation data with a wrong length"},
    {FRESH, RECEIVED, "030000130ed000000000000900080005000000", "unknown PDU",
     "Connection Confirm without readable negotiation data"},
    {FRESH, RECEIVED, "0300000b0ed00000123400", "unknown PDU",
     "X.224 length indicator does not fit the TPKT"},
    {FRESH, RECEIVED, "0300000b06800000000000", "X.224 Disconnect Request", NULL},
    {FRESH, RECEIVED, "0300000b06700000000000", "X.224 Error", NULL},
    {FRESH, RECEIVED, "0300000b06110000000000", "unknown PDU", "unknown X.224 TPDU"},
    {FRESH, RECEIVED, "030000060ed0", "unknown PDU", "TPKT length below 7"},
    {FRESH, RECEIVED, "0300000b06d0000012340000", "X.224 Connection Confirm",
     "longer than its TPKT length"},
    {FRESH, RECEIVED, "485454502f312e31", "unknown PDU", "not a TPKT header"},
    {FRESH, RECEIVED, "030000130ee000000000000100080001000000", "X.224 Connection Request",
     "an X.224 Connection Request, as the client's own"},
    {FRESH, RECEIVED, "030000130ed000001234000200080003000000", "X.224 Connection Confirm",
     NO_PROTOCOL},
    {FRESH, RECEIVED, "030000130ed0000012340002000800010000ff", "X.224 Connection Confirm",
     NO_PROTOCOL},
    {TLS, RECEIVED, "030000130ed000001234000200080001000000", "X.224 Connection Confirm",
     "a second Connection Confirm"},
    {FRESH, RECEIVED, "", "unknown PDU", "no bytes"},
    /* CredSSP; SPNEGO around NTLM, a Kerberos ticket, errors of every size of INTEGER */
    {HYBRID, RECEIVED, "300d a003020106 a406020400c0a0a0", "TSRequest errorCode", NULL},
    {HYBRID, RECEIVED, "300d a003020106 a4060204c000006d", "TSRequest errorCode", NULL},
    {HYBRID, RECEIVED, "300e a003020106 a407020500c000006d", "TSRequest errorCode", NULL},
    {HYBRID, RECEIVED, "300a a003020106 a403020100", "TSRequest", NOTHING_IN_IT},
    {HYBRID, RECEIVED, "3000", "TSRequest", NOTHING_IN_IT},
    {HYBRID, RECEIVED, "3005 a003020106", "TSRequest", NOTHING_IN_IT},
    /* SPNEGO: reject; accept-incomplete with Kerberos; a token that is neither it nor NTLM */
    {HYBRID, RECEIVED, "301a a003020106 a113 3011 300f a00d 040b a109 3007 a003 0a0102 a100",
     "TSRequest negoToken", NULL},
    {HYBRID, RECEIVED,
     "3025 a003020106 a11e 301c 301a a018 0416 a114 3012 a003 0a0101 a10b 0609 2a864886f712010202",
     "TSRequest negoToken", NULL},
    {HYBRID, RECEIVED, "3014 a003020106 a10d 300b 3009 a007 0405 6e821234 56",
     "TSRequest negoToken", "a token that is neither NTLM nor SPNEGO"},
    {HYBRID, RECEIVED, "301b a003020106 a114 3012 3010 a00e 040c 4e544c4d53535000 01000000",
     "TSRequest NTLM NEGOTIATE", "NTLM NEGOTIATE, which is the client's to send"},
    {HYBRID, RECEIVED, "301b a003020106 a114 3012 3010 a00e 040c 4e544c4d53535000 03000000",
     "TSRequest NTLM AUTHENTICATE", "NTLM AUTHENTICATE, which is the client's to send"},
    {HYBRID, RECEIVED, "301b a003020106 a114 3012 3010 a00e 040c 4e544c4d53535000 02000000",
     "TSRequest NTLM CHALLENGE", "NTLM CHALLENGE with wrong lengths"},
    {HYBRID, RECEIVED, "301b a003020106 a114 3012 3010 a00e 040c 4e544c4d53535000 09000000",
     "TSRequest negoToken", "NTLM message of an unknown type"},
    {HYBRID, RECEIVED, "300e a003020106 a407020501c000006d", "TSRequest",
     "TSRequest is not valid DER ([MS-CSSP])"},
    {HYBRID, RECEIVED, "300d a003020106 a305 0403 aabbcc", "TSRequest pubKeyAuth",
     "TSRequest of another length than it says"},
    {HYBRID, RECEIVED, "300c a003020106 a305 0403 aabbcc 00", "TSRequest pubKeyAuth",
     "TSRequest of another length than it says"},
    {HYBRID, SENT, "3014 a003020106 a10d 300b 3009 a007 0405 6e821234 56", "TSRequest negoToken",
     NULL},
    {HYBRID, SENT, "30820014 a003020106 a10d 300b 3009 a007 0405 6e821234 56",
     "TSRequest negoToken", NULL},
    {HYBRID, SENT, "3005 a003020102", "TSRequest", NULL},
    {HYBRID, SENT, "3080 a003020102 0000", "TSRequest", "TSRequest is not valid DER ([MS-CSSP])"},
    {HYBRID, RECEIVED, "30ff", "TSRequest", "TSRequest is not valid DER ([MS-CSSP])"},
    {HYBRID_EX, RECEIVED, "00000000", "Early User Authorization Result", NULL},
    {HYBRID_EX, RECEIVED, "0500000000", "unknown PDU",
     "Early User Authorization Result is not 4 bytes long"},
    {TLS, RECEIVED, "05000000", "unknown PDU", "not a TPKT header"},
    /* RDSTLS, 2.2.17 */
    {RDSTLS, RECEIVED, "0100 0100 0100 0100", "RDSTLS Capabilities", NULL},
    {RDSTLS, SENT, "0100 0200 0100 0200aabb 04006600 6f00 02000000 040070007700",
     "RDSTLS Authentication Request", NULL},
    {RDSTLS, SENT, "0100 0200 0200 01000000 0400 01020304", "RDSTLS Authentication Request", NULL},
    {RDSTLS, SENT, "0100 0200 0100 0200aabb ff00", "RDSTLS Authentication Request",
     "RDSTLS Authentication Request with wrong lengths"},
    {RDSTLS, RECEIVED, "0100 0400 0100 000000", "unknown PDU",
     "RDSTLS Authentication Response ends too early"},
    {RDSTLS, RECEIVED, "0100 0400 0100 2e050000", "RDSTLS Authentication Response", NULL},
    {RDSTLS, RECEIVED, "0200 0400 0100 2e050000", "unknown PDU", "not an RDSTLS PDU of version 1"},
    {RDSTLS, RECEIVED, "0100 0900 0100 2e050000", "unknown PDU", "unknown RDSTLS PDU"},
    /* MCS */
    {TLS, RECEIVED, "0300000b02f080fc00 0006", "unknown PDU", "unknown MCS domain PDU"},
    {TLS, RECEIVED, "0300000702f080", "unknown PDU", "empty X.224 data"},
    {TLS, RECEIVED, "0300000c02f0807f670200 00", "unknown PDU", "unknown MCS connect PDU"},
    {TLS, RECEIVED, "0300000c02f0807f66020a01", "unknown PDU",
     "Connect Response is not valid BER (T.125)"},
    {TLS, RECEIVED, "0300000902f0802380", "Disconnect Provider Ultimatum",
     "Disconnect Provider Ultimatum with an unknown reason"},
    {TLS, RECEIVED, "0300000802f08021", "Disconnect Provider Ultimatum",
     "Disconnect Provider Ultimatum ends too early"},
    {TLS, RECEIVED, "0300000b02f0803e000006", "unknown PDU", "Channel Join Confirm ends too early"},
    {JOINED_TLS, RECEIVED, "0300000c02f08068000103eb", "unknown PDU",
     "MCS send data header ends too early"},
    {JOINED_TLS, RECEIVED, "0300001002f08068000103eb7010 0000", "unknown PDU",
     "MCS user data is longer than its TPKT"},
    /* fast-path */
    {JOINED_TLS, RECEIVED, "00800603 0000", "Fast-Path PDU", NULL},
    {JOINED_TLS, RECEIVED, "00080300", "Fast-Path PDU",
     "fast-path PDU of another length than it says"},
    {JOINED_TLS, RECEIVED, "0101", "unknown PDU", "neither a TPKT nor a fast-path header"},
};

static void expect(struct why_pdu *pdu, const char *name, const char *problem)
{
    CU_ASSERT_STRING_EQUAL(why_pdu_info(pdu->type)->name, name);
    CU_ASSERT_EQUAL(pdu->malformed, problem != NULL);
    CU_ASSERT_EQUAL(pdu->problem != NULL, problem != NULL);
    if (pdu->problem != NULL && problem != NULL)
        CU_ASSERT_STRING_EQUAL(pdu->problem, problem);
}

static void test_whole(void)
{
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        struct why_dissector d = in_state(whole[i].state);
        struct bytes b = from_hex(whole[i].hex);
        struct why_pdu pdu;

        dissect(&d, whole[i].dir, b.data, b.len, 0, &pdu);
        expect(&pdu, whole[i].name, whole[i].problem);
        CU_ASSERT(sensitive_inside(&pdu, b.len));
    }
}

/* Payloads of MCS send data. */
/* A MAC; a LICENSE_REQUEST from its server random to its KeyExchangeList. */
#define MAC     " 00010203 04050607 08090a0b 0c0d0e0f"
#define REQUEST MAC MAC " 00000600 04000000 4d000000 04000000 41000000 0d000400 01000000 "

static const struct {
    enum state state;
    enum why_dir dir;
    uint16_t channel;
    unsigned flags;
    const char *hex;
    const char *name;
    const char *problem;
} payloads[] = {
    /* licensing */
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 ff031000 06000000 01000000 04000000", "ERROR_ALERT",
     NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 ff031000 07000000 01000000 04000000",
     "STATUS_VALID_CLIENT", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 ff031000 0600", "license message",
     "licensing message is longer than its PDU"},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 03031800 09000000" MAC, "NEW_LICENSE", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 04031800 09000000" MAC, "UPGRADE_LICENSE", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 02031c00 00000000 09000000" MAC, "PLATFORM_CHALLENGE",
     NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 03031800 09000100" MAC, "NEW_LICENSE",
     "license message ends before its MAC"},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 02031800 00000000 0900ffff 00010203 04050607 08090a0b",
     "PLATFORM_CHALLENGE", "license message ends before its MAC"},
    /* a chain of one certificate of two bytes, two scopes */
    {JOINED_TLS, RECEIVED, IO, 0,
     "80000000 01036200" REQUEST "03000e00 02000000 01000000 02000000 3000"
     "02000000 0e000200 6d00 0e000200 6e00",
     "LICENSE_REQUEST", NULL},
    {JOINED_TLS, RECEIVED, IO, 0,
     "80000000 01035600" REQUEST "03000800 02000000 ffffffff 01000000 0e000200 6d00",
     "LICENSE_REQUEST", "certificate chain that announces more than there is"},
    {JOINED_TLS, RECEIVED, IO, 0,
     "80000000 01035a00" REQUEST "03000c00 02000000 01000000 ffffffff 01000000 0e000200 6d00",
     "LICENSE_REQUEST", "certificate chain that announces more than there is"},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 01034e00" REQUEST "03000000 ffffffff 0e000200 6d00",
     "LICENSE_REQUEST", "LICENSE_REQUEST ends too early"},
    {JOINED_TLS, SENT, IO, 0, "80000000 12030800 00000000", "LICENSE_INFO", NULL},
    {JOINED_TLS, SENT, IO, 0, "80000000 15030800 00000000", "PLATFORM_CHALLENGE_RESPONSE", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 77030800 00000000", "license message",
     "licensing preamble with an unknown message type or a wrong length"},
    {JOINED_TLS, RECEIVED, IO, 0, "80000000 01030800 00000000", "LICENSE_REQUEST",
     "LICENSE_REQUEST ends too early"},
    /* licensing is the I/O channel's, or the message channel's */
    {JOINED_TLS, RECEIVED, MESSAGE, 0, "80000000 ff031000 06000000 01000000 04000000",
     "ERROR_ALERT", NULL},
    {JOINED_TLS, RECEIVED, 1008, 0, "80000000 ff031000 06000000 01000000 04000000",
     "virtual channel data", NULL},
    {JOINED_RDP, SENT, IO, 0, "88020000 0102030405060708 0102030405", "license message", NULL},
    {JOINED_RDP, RECEIVED, IO, WHY_DISSECT_DECRYPTED,
     "88020000 0102030405060708 ff031000 06000000 01000000 04000000", "ERROR_ALERT", NULL},
    {JOINED_FIPS, RECEIVED, IO, WHY_DISSECT_DECRYPTED,
     "88020000 10000103 0102030405060708 ff031000 06000000 01000000 04000000 000000", "ERROR_ALERT",
     NULL},
    {JOINED_RDP, RECEIVED, IO, 0, "80000000 ff031000 06000000 01000000 04000000", "ERROR_ALERT",
     NULL},
    /* security commencement and secure settings */
    {JOINED_RDP, SENT, IO, 0, "01020000 48000000 00", "Security Exchange", NULL},
    {JOINED_RDP, SENT, IO, 0, "48080000 0102030405060708 aabb", "Client Info", NULL},
    {JOINED_TLS, SENT, IO, 0, "40000000 0000000000", "Client Info", NULL},
    {JOINED_TLS, SENT, IO, 0, "400011000000000000", "Client Info", NULL},
    /* share control */
    {JOINED_TLS, RECEIVED, IO, 0, "1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07000000",
     "Set Error Info", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 00000000",
     "Set Error Info (none)", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "1400 1700 ea03 ea030100 00 01 0800 2f 00 0000 0700",
     "Share Data", "Set Error Info ends too early"},
    {JOINED_TLS, RECEIVED, IO, 0, "1600 1700 ea03 ea030100 00 01 0800 2f 20 0000 07000000",
     "Share Data", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "1600 1700 ea03 ea030100 00 01 0800 14 00 0000 03000000",
     "Control (Detach)", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "1600 1700 ea03 ea030100 00 01 0800 14 00 0000 09000000",
     "Share Data", "Control PDU with an unknown action"},
    {JOINED_TLS, RECEIVED, IO, 0, "1200 1700 ea03 ea030100 00 01 0800 37 00 0000", "Monitor Layout",
     NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "1200 1700 ea03 ea030100 00 01 0800 25 00 0000",
     "Shutdown Request Denied", NULL},
    {JOINED_TLS, SENT, IO, 0, "1200 1700 ea03 ea030100 00 01 0800 24 00 0000", "Shutdown Request",
     NULL},
    {JOINED_TLS, SENT, IO, 0, "1200 1700 ea03 ea030100 00 01 0800 2b 00 0000",
     "Persistent Key List", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "1000 1700 ea03 ea030100 00 01 0800 25 00", "unknown PDU",
     "share data header ends too early"},
    {JOINED_TLS, RECEIVED, IO, 0, "0800 1800 ea03 0000", "unknown PDU",
     "unknown share control PDU"},
    {JOINED_TLS, RECEIVED, IO, 0, "0400 1600", "Deactivate All", NULL}, /* Windows XP's */
    {JOINED_TLS, RECEIVED, IO, 0, "0c00 1600 ea03 ea030100 0000", "Deactivate All", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "0080 4100 0000 0000", "unknown PDU", NULL}, /* T.128 flow PDU */
    {JOINED_RDP, RECEIVED, IO, WHY_DISSECT_DECRYPTED,
     "08000000 0102030405060708 1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07000000",
     "Set Error Info", NULL},
    {JOINED_RDP, RECEIVED, IO, 0,
     "08000000 0102030405060708 1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07000000",
     "encrypted PDU", NULL},
    {JOINED_RDP, RECEIVED, IO, WHY_DISSECT_DECRYPTED, "08000000 0102030405060708 a1b2c3d4e5f60718",
     "encrypted PDU", "the decrypted data is not a share control PDU"},
    /* level low: the server's PDUs have a header, but nothing is encrypted (2.2.8.1.1.2.1) */
    {JOINED_RDP, RECEIVED, IO, 0, "00000000 1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07000000",
     "Set Error Info", NULL},
    {JOINED_RDP, RECEIVED, IO, 0, "0000", "unknown PDU", "security header ends too early"},
    /* message channel */
    {JOINED_TLS, RECEIVED, MESSAGE, 0, "00100000 0600 2300 0110", "Auto-Detect Request", NULL},
    {JOINED_TLS, RECEIVED, MESSAGE, 0, "00100000 0e00 2300 4008 0000000000000000",
     "Network Characteristics Result", NULL},
    {JOINED_TLS, SENT, MESSAGE, 0, "00200000 0601 2300 0000", "Auto-Detect Response", NULL},
    {JOINED_TLS, RECEIVED, MESSAGE, 0, "00100000 0600 23", "unknown PDU",
     "auto-detect PDU ends too early"},
    {JOINED_TLS, RECEIVED, MESSAGE, 0, "00400000 0000 0101", "Heartbeat", NULL},
    {JOINED_TLS, RECEIVED, MESSAGE, 0,
     "02000000 01000000 0100 0000 000102030405060708090a0b0c0d0e0f",
     "Initiate Multitransport Request", NULL},
    {JOINED_TLS, SENT, MESSAGE, 0, "04000000 01000000 04400080", "Multitransport Response", NULL},
    {JOINED_TLS, SENT, MESSAGE, 0, "04000000 01000000 0440", "Multitransport Response",
     "multitransport PDU ends too early"},
    {JOINED_TLS, RECEIVED, MESSAGE, 0, "00000000 01000000 0440", "virtual channel data", NULL},
    {JOINED_TLS, RECEIVED, MESSAGE, 0, "00100000 0609 2300 0110", "Auto-Detect Request",
     "auto-detect PDU with an unknown header type"},
    /* encrypted: the header's flags still name the kind */
    {JOINED_RDP, RECEIVED, MESSAGE, 0, "08100000 0102030405060708 aa", "Auto-Detect Request", NULL},
    {JOINED_RDP, SENT, MESSAGE, 0, "08200000 0102030405060708 aa", "Auto-Detect Response", NULL},
    {JOINED_RDP, RECEIVED, MESSAGE, 0, "0a000000 0102030405060708 aa",
     "Initiate Multitransport Request", NULL},
    {JOINED_RDP, SENT, MESSAGE, 0, "0c000000 0102030405060708 aa", "Multitransport Response", NULL},
    {JOINED_RDP, RECEIVED, MESSAGE, 0, "08400000 0102030405060708 aa", "Heartbeat", NULL},
    /* static channels */
    {JOINED_TLS, RECEIVED, 1006, 0, "08000000 03000000 0102030405060708", "virtual channel data",
     NULL},
    {JOINED_RDP, RECEIVED, 1006, 0, "08000000 0102030405060708 0102", "virtual channel data", NULL},
    /* redirection */
    {JOINED_TLS, RECEIVED, IO, 0, "1600 1a00 ea03 0000 0004 0c00 07000000 00000000 0000",
     "Server Redirection", NULL},
    {JOINED_RDP, RECEIVED, IO, WHY_DISSECT_DECRYPTED,
     "08040000 0102030405060708 0004 0c00 07000000 00000000", "Server Redirection", NULL},
    {JOINED_RDP, RECEIVED, IO, WHY_DISSECT_DECRYPTED,
     "00040000 0102030405060708 0004 0c00 07000000 00000000", "Server Redirection", NULL},
    {JOINED_RDP, RECEIVED, IO, 0, "08040000 0102030405060708 a1a2a3a4", "Server Redirection", NULL},
    {JOINED_TLS, RECEIVED, IO, 0, "1600 1a00 ea03 0000 0004 0c00 07000000 04000000 ffff",
     "Server Redirection", "redirection packet ends too early"},
};

static void test_payloads(void)
{
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        struct why_dissector d = in_state(payloads[i].state);
        struct bytes b = in_mcs(payloads[i].dir, payloads[i].channel, payloads[i].hex);
        struct why_pdu pdu;

        dissect(&d, payloads[i].dir, b.data, b.len, payloads[i].flags, &pdu);
        expect(&pdu, payloads[i].name, payloads[i].problem);
        CU_ASSERT(sensitive_inside(&pdu, b.len));
        CU_ASSERT_EQUAL(pdu.channel_id, payloads[i].channel);
    }
}

/* A payload cut at any length inside correct TPKT and MCS lengths: no read beyond it (the
 * sanitizer's part), and no code, confirmation or success that was not there. */
static void test_payloads_cut(void)
{
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        size_t full = in_mcs(payloads[i].dir, IO, payloads[i].hex).len;

        for (size_t len = 15; len < full; len++) {
            struct why_dissector d = in_state(payloads[i].state);
            struct bytes b = in_mcs(payloads[i].dir, payloads[i].channel, payloads[i].hex);
            struct why_pdu pdu;

            b.data[2] = (uint8_t)(len >> 8);
            b.data[3] = (uint8_t)len;
            b.data[14] = (uint8_t)(len - 15);
            dissect(&d, payloads[i].dir, b.data, len, payloads[i].flags, &pdu);
            CU_ASSERT(sensitive_inside(&pdu, len));
            /* of an ERROR_ALERT only the last 4 bytes may be missing: an empty blob */
            CU_ASSERT(pdu.type != WHY_PDU_LICENSE_VALID_CLIENT || len >= full - 4);
            CU_ASSERT(pdu.type != WHY_PDU_SET_ERROR_INFO_NONE);
            CU_ASSERT(pdu.type != WHY_PDU_SET_ERROR_INFO);
        }
    }
}

static void get(enum state state, enum why_dir dir, struct bytes b, struct why_pdu *pdu)
{
    struct why_dissector d = in_state(state);

    dissect(&d, dir, b.data, b.len, 0, pdu);
    CU_ASSERT_FALSE(pdu->malformed);
}

static void test_x224_details(void)
{
    struct why_pdu p;

    get(FRESH, SENT, from_hex(whole[0].hex), &p);
    CU_ASSERT_TRUE(p.u.request.has_negotiation);
    CU_ASSERT_EQUAL(p.u.request.protocols, 0);
    /* routing token, correlation info behind the request */
    get(FRESH, SENT,
        from_hex("0300003c 37 e0 0000 0000 00 746f6b0d0a 0101 0800 0b000000 0600 2400 "
                 "0102030405060708090a0b0c0e0f1011 00000000000000000000000000000000"),
        &p);
    CU_ASSERT_EQUAL(p.u.request.protocols, 0x0b);
    CU_ASSERT_EQUAL(p.u.request.flags, 1);
    CU_ASSERT(p.u.request.has_token && !p.u.request.has_cookie);
    /* "Cookie: mstshash=a", the same without its end, and neither */
    get(FRESH, SENT,
        from_hex("03000027 22 e0 0000 0000 00 436f6f6b69653a206d737473686173683d61 0d0a"
                 "01 00 0800 01000000"),
        &p);
    CU_ASSERT(p.u.request.has_cookie && !p.u.request.has_token);
    CU_ASSERT_EQUAL(p.u.request.protocols, 1);
    get(FRESH, SENT, from_hex("0300001d 18 e0 0000 0000 00 436f6f6b69653a206d737473686173683d61"),
        &p);
    CU_ASSERT(!p.u.request.has_cookie && !p.u.request.has_token);
    get(FRESH, SENT, from_hex("0300000b 06 e0 0000 0000 00"), &p);
    CU_ASSERT_FALSE(p.u.request.has_negotiation);
    CU_ASSERT(!p.u.request.has_cookie && !p.u.request.has_token);
    get(FRESH, RECEIVED, from_hex("030000130ed000000000000300080005000000"), &p);
    CU_ASSERT_EQUAL(p.u.confirm.failure_code, 5);
    get(FRESH, RECEIVED, from_hex("030000130ed00000000000021f080008000000"), &p);
    CU_ASSERT_EQUAL(p.u.confirm.protocol, 8);
    CU_ASSERT_EQUAL(p.u.confirm.flags, 0x1f);
    get(FRESH, RECEIVED, from_hex("0300000b06d00000123400"), &p);
    CU_ASSERT_FALSE(p.u.confirm.has_negotiation);
}

static void test_mcs_details(void)
{
    struct why_pdu p;

    get(RDP, RECEIVED, from_hex("0300000b02f0802e000006"), &p);
    CU_ASSERT_EQUAL(p.u.mcs.result, 0);
    CU_ASSERT_EQUAL(p.u.mcs.initiator, 1007);
    get(RDP, RECEIVED, from_hex("0300000902f0802c e0"), &p); /* four bits over two bytes */
    CU_ASSERT_EQUAL(p.u.mcs.result, 7);
    get(RDP, RECEIVED, from_hex("0300000902f0802d 20"), &p);
    CU_ASSERT_EQUAL(p.u.mcs.result, 9);
    get(RDP, RECEIVED, from_hex("0300000902f0802c 0e"), &p); /* written as a whole byte */
    CU_ASSERT_EQUAL(p.u.mcs.result, 14);
    get(RDP, RECEIVED, from_hex("0300000f02f0803e 00 0006 03ef 03f0"), &p);
    CU_ASSERT_EQUAL(p.u.mcs.channel, 0x3f0);
    get(RDP, RECEIVED, from_hex("0300000d02f0803c 20 0006 03ef"), &p);
    CU_ASSERT_EQUAL(p.u.mcs.result, 1);
    CU_ASSERT_EQUAL(p.u.mcs.channel, 0x3ef);
    for (unsigned reason = 0; reason <= 4; reason++) {
        struct bytes b = from_hex("0300000902f0802000");

        b.data[7] |= (uint8_t)(reason >> 1);
        b.data[8] = (uint8_t)(reason << 7);
        get(RDP, RECEIVED, b, &p);
        CU_ASSERT_EQUAL(p.u.ultimatum_reason, reason);
    }
}

static void test_codes(void)
{
    struct why_pdu p;

    get(HYBRID, RECEIVED, from_hex("300e a003020106 a407020500c000006d"), &p);
    CU_ASSERT_TRUE(p.u.tsrequest.has_error);
    CU_ASSERT_EQUAL(p.u.tsrequest.error_code, 0xc000006d);
    CU_ASSERT_EQUAL(p.u.tsrequest.version, 6);
    get(HYBRID, RECEIVED, from_hex("300d a003020106 a4060204c000006d"), &p);
    CU_ASSERT_EQUAL(p.u.tsrequest.error_code, 0xc000006d);
    get(HYBRID_EX, RECEIVED, from_hex("05000000"), &p);
    CU_ASSERT_EQUAL(p.u.early_user_auth, 5);
    get(RDSTLS, RECEIVED, from_hex("0100 0400 0100 2e050000"), &p);
    CU_ASSERT_EQUAL(p.u.rdstls_result, 0x52e);
    get(JOINED_TLS, RECEIVED, in_mcs(RECEIVED, IO, "80000000 ff031000 06000000 01000000 04000000"),
        &p);
    CU_ASSERT_EQUAL(p.u.license.error_code, 6);
    CU_ASSERT_EQUAL(p.u.license.transition, 1);
    CU_ASSERT_EQUAL(p.u.license.flags, 3);
    get(JOINED_TLS, RECEIVED,
        in_mcs(RECEIVED, IO, "1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07100000"), &p);
    CU_ASSERT_EQUAL(p.u.error_info, 0x1007);
    get(JOINED_TLS, SENT, in_mcs(SENT, MESSAGE, "04000000 02000000 04400080"), &p);
    CU_ASSERT_EQUAL(p.u.multitransport.id, 2);
    CU_ASSERT_EQUAL(p.u.multitransport.result, 0x80004004);
    get(JOINED_TLS, RECEIVED, in_mcs(RECEIVED, MESSAGE, "00100000 0600 2300 0110"), &p);
    CU_ASSERT_EQUAL(p.u.auto_detect.sequence, 0x23);
    CU_ASSERT_EQUAL(p.u.auto_detect.type, 0x1001);
}

/* JSON with its NUL. */
static struct bytes json(const char *text)
{
    struct bytes b = {.len = strlen(text) + 1};

    memcpy(b.data, text, b.len);
    return b;
}

static void test_aad(void)
{
    static const struct {
        const char *text;
        const char *name;
        bool has_result;
        int64_t result;
    } rows[] = {
        {"{\"ts_nonce\":\"abc\"}", "AAD Server Nonce", false, 0},
        {"{\"authentication_result\":0}", "AAD Authentication Result", true, 0},
        {"{ \"authentication_result\" : -2147024891 }", "AAD Authentication Result", true,
         -2147024891},
        {"{\"authentication_result\":2147942405,\"x\":1}", "AAD Authentication Result", true,
         2147942405},
        {"{\"authentication_result\":\"0\"}", "AAD Authentication Result", false, 0},
        {"{\"authentication_result\":1.5}", "AAD Authentication Result", false, 0},
        {"{\"authentication_result\":12", "AAD Authentication Result", false, 0},
        {"{\"authentication_result\":99999999999999999999}", "AAD Authentication Result", false, 0},
        {"{}", "unknown PDU", false, 0},
    };
    struct why_dissector d;
    struct why_pdu p;
    struct bytes b;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        d = in_state(AAD);
        b = json(rows[i].text);
        dissect(&d, RECEIVED, b.data, b.len, 0, &p);
        CU_ASSERT_STRING_EQUAL(why_pdu_info(p.type)->name, rows[i].name);
        if (p.type == WHY_PDU_AAD_AUTHENTICATION_RESULT) {
            CU_ASSERT_EQUAL(p.u.aad.has_result, rows[i].has_result);
            CU_ASSERT_EQUAL(p.u.aad.result, rows[i].result);
            CU_ASSERT_EQUAL(d.aad_over, rows[i].has_result);
            CU_ASSERT_EQUAL(p.malformed, !rows[i].has_result);
        }
    }
    d = in_state(AAD);
    b = json("{\"ts_nonce\":\"a\"}");
    dissect(&d, RECEIVED, b.data, b.len - 1, 0, &p);
    CU_ASSERT_EQUAL(p.type, WHY_PDU_AAD_SERVER_NONCE);
    CU_ASSERT_TRUE(p.malformed);
    get(AAD, SENT, json("{\"rdp_assertion\":\"a.b.c\"}"), &p);
    CU_ASSERT_EQUAL(p.type, WHY_PDU_AAD_AUTHENTICATION_REQUEST);
    CU_ASSERT_TRUE(is_sensitive(&p, 20));
}

/* RDP_SERVER_REDIRECTION_PACKET with every field, in a share control PDU. */
static void test_redirection(void)
{
    static const char *const fields[] = {
        "06000000 310030000000",           /* TargetNetAddress "10" */
        "02000000 e1e2",                   /* LoadBalanceInfo */
        "04000000 e3000000",               /* UserName */
        "04000000 e4000000",               /* Domain */
        "04000000 e5000000",               /* Password */
        "04000000 66000000",               /* TargetFQDN "f" */
        "04000000 6e000000",               /* TargetNetBiosName "n" */
        "02000000 e600",                   /* TsvUrl */
        "02000000 e7e7",                   /* RedirectionGuid */
        "02000000 d4d4",                   /* TargetCertificate */
        "0a000000 01000000 02000000 3100", /* TargetNetAddresses */
    };
    struct bytes b = {.len = 0}, pdu;
    char hex[1024] = "0000 1a00 ea03 0000 0004 0000 07000000 1f9b0100";
    struct why_pdu p;

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        strncat(hex, fields[i], sizeof(hex) - strlen(hex) - 1);
    add_hex(&b, hex);
    pdu = in_mcs(RECEIVED, IO, hex);
    pdu.data[15] = (uint8_t)b.len;
    pdu.data[25] = (uint8_t)(b.len - 8);
    get(JOINED_TLS, RECEIVED, pdu, &p);
    CU_ASSERT_EQUAL(p.type, WHY_PDU_SERVER_REDIRECTION);
    CU_ASSERT_EQUAL(p.u.redirection.session_id, 7);
    CU_ASSERT_STRING_EQUAL(p.u.redirection.target_address, "10");
    CU_ASSERT_STRING_EQUAL(p.u.redirection.target_fqdn, "f");
    CU_ASSERT_STRING_EQUAL(p.u.redirection.target_netbios, "n");
    for (size_t i = 15; i < pdu.len; i++) { /* what starts with e is marked, everything else not */
        bool secret = pdu.data[i] >= 0xe1 && pdu.data[i] <= 0xe7;

        CU_ASSERT(!secret || is_sensitive(&p, i));
        CU_ASSERT(pdu.data[i] != 0xd4 || !is_sensitive(&p, i));
    }
}

/* What follows it reads the same fields. */
static void test_redirection_read(void)
{
    static const char hex[] = "0004 0000 07000000 12010000" /* token, password, name */
                              "02000000 e1e2"
                              "04000000 e5000000"
                              "04000000 66000000";
    struct bytes b = {.len = 0};
    struct why_redirection r;
    char text[8];

    add_hex(&b, hex);
    CU_ASSERT_TRUE_FATAL(why_redirection_read(b.data, b.len, &r));
    CU_ASSERT_EQUAL(r.session_id, 7);
    CU_ASSERT_EQUAL(r.fields[WHY_REDIRECTION_LOAD_BALANCE_INFO].len, 2);
    CU_ASSERT_EQUAL(r.fields[WHY_REDIRECTION_LOAD_BALANCE_INFO].data[1], 0xe2);
    CU_ASSERT_EQUAL(r.fields[WHY_REDIRECTION_PASSWORD].len, 4);
    CU_ASSERT_PTR_NULL(r.fields[WHY_REDIRECTION_USERNAME].data);
    why_redirection_text(&r, WHY_REDIRECTION_FQDN, text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "f");
    why_redirection_target(&r, text, sizeof(text)); /* a token leads back */
    CU_ASSERT_STRING_EQUAL(text, "");
    for (size_t len = 0; len < b.len; len++)
        CU_ASSERT_FALSE(why_redirection_read(b.data, len, &r));
}

/* Where it leads, by what it names: the address first. */
/* "abc" in Base64, as every certificate comes: in a container, in UTF-16, in lines. */
static void test_redirection_certificate(void)
{
    static const struct {
        const char *base64;
        const char *der; /* NULL: none */
    } rows[] = {
        {"IAAAAAEAAAADAAAAYWJj", "abc"},
        {"IAAAAAEA\r\nAAADAAAAYWJj\r\n", "abc"},
        {"IAAAAAEAAAACAAAAYWI=", "ab"},
        {"IAAAAAEAAAABAAAAYQ==", "a"},
        {"IQAAAAEAAAABAAAAYSAAAAABAAAAAgAAAGFi", "ab"}, /* behind an element of another type */
        {"IQAAAAEAAAABAAAAYQ==", NULL},                 /* that alone */
        {"IAAAAAIAAAABAAAAYQ==", NULL},                 /* in another encoding */
        {"IAAAAAEAAAAEAAAAYWJj", NULL},                 /* longer than it is */
        {"IAAAAAEAAAD/////YWJj", NULL},
        {"IAAAAAEA", NULL},
        {"*", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t text[128], buf[32];
        size_t len = 0, want = rows[i].der != NULL ? strlen(rows[i].der) : 0;
        struct why_redirection r = {.flags = 0x10000};
        const uint8_t *der = NULL;

        for (const char *c = rows[i].base64; *c != '\0'; c++) {
            text[len++] = (uint8_t)*c;
            text[len++] = 0;
        }
        r.fields[WHY_REDIRECTION_CERTIFICATE].data = text;
        r.fields[WHY_REDIRECTION_CERTIFICATE].len = len;
        CU_ASSERT_EQUAL_FATAL(why_redirection_certificate(&r, buf, sizeof(buf), &der), want);
        if (want > 0)
            CU_ASSERT_EQUAL(memcmp(der, rows[i].der, want), 0);
        CU_ASSERT_EQUAL(why_redirection_certificate(&r, buf, 11, &der), 0); /* no room */
    }
}

static void test_redirection_target(void)
{
    static const struct {
        const char *hex, *target;
    } rows[] = {
        {"01010000 06000000 310030000000 04000000 66000000", "10"},
        {"00010000 04000000 66000000", "f"},
        {"00020000 04000000 6e000000", "n"},
        {"00080000 0c000000 01000000 04000000 31000000", "1"},
        {"00080000 04000000 00000000", ""},
        {"00000000", ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes b = {.len = 0};
        struct why_redirection r;
        char text[8];

        add_hex(&b, "0004 0000 07000000");
        add_hex(&b, rows[i].hex);
        CU_ASSERT_TRUE(why_redirection_read(b.data, b.len, &r));
        why_redirection_target(&r, text, sizeof(text));
        CU_ASSERT_STRING_EQUAL(text, rows[i].target);
    }
}

/* [MS-RDPEPS] 4: the examples of the specification. */
static void test_preconnection(void)
{
    static const struct {
        const char *hex, *blob;
        uint32_t version, id;
    } rows[] = {
        {"10000000 00000000 01000000 eb99c6ee", "", 1, 0xEEC699EB},
        {"20000000 00000000 02000000 00000000 0700 540065007300740056004d000000", "TestVM", 2, 0},
        {"7a000000 00000000 02000000 00000000 3400"
         "42004100310042003600440042004400"
         "2d0038003900410043002d0034003600330030002d0041003700330037002d00"
         "43003400420043004300330042004200390039004600420"
         "03b0045006e00680061006e006300650064004d006f00640065003d0031000000",
         "BA1B6DBD-89AC-4630-A737-C4BCC3BB99FB;EnhancedMode=1", 2, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_dissector d;
        struct bytes b = {.len = 0};
        struct why_pdu p;

        why_dissector_init(&d);
        add_hex(&b, rows[i].hex);
        dissect(&d, SENT, b.data, b.len, 0, &p);
        CU_ASSERT_EQUAL(p.type, WHY_PDU_PRECONNECTION);
        CU_ASSERT_FALSE(p.malformed);
        CU_ASSERT_EQUAL(p.u.preconnection.version, rows[i].version);
        CU_ASSERT_EQUAL(p.u.preconnection.id, rows[i].id);
        CU_ASSERT_STRING_EQUAL(p.u.preconnection.blob, rows[i].blob);
        CU_ASSERT_TRUE(d.preconnected);
        dissect(&d, SENT, b.data, b.len, 0, &p); /* none comes twice, and none from a server */
        CU_ASSERT_NOT_EQUAL(p.type, WHY_PDU_PRECONNECTION);
        why_dissector_init(&d);
        dissect(&d, RECEIVED, b.data, b.len, 0, &p);
        CU_ASSERT_NOT_EQUAL(p.type, WHY_PDU_PRECONNECTION);
    }
}

static void test_sensitive(void)
{
    struct why_pdu p;
    struct bytes b;

    /* a ticket; pubKeyAuth and authInfo of the client, but not of the server */
    get(HYBRID, SENT, from_hex("3014 a003020106 a10d 300b 3009 a007 0405 6e82123456"), &p);
    CU_ASSERT_EQUAL(p.sensitive_count, 1);
    CU_ASSERT_EQUAL(p.sensitive[0].offset, 17);
    CU_ASSERT_EQUAL(p.sensitive[0].length, 5);
    b = from_hex("300c a003020106 a305 0403 aabbcc");
    b.data[1] = 12;
    get(HYBRID, RECEIVED, b, &p);
    CU_ASSERT_EQUAL(p.sensitive_count, 0);
    get(HYBRID, SENT, b, &p);
    CU_ASSERT_EQUAL(p.sensitive[0].offset, 11);
    CU_ASSERT_EQUAL(p.sensitive[0].length, 3);
    b.data[7] = 0xa2;
    get(HYBRID, SENT, b, &p);
    CU_ASSERT_EQUAL(p.type, WHY_PDU_TSREQUEST_AUTH_INFO);
    CU_ASSERT_EQUAL(p.sensitive[0].length, 3);
    /* RDSTLS: fields without their lengths */
    get(RDSTLS, SENT, from_hex("0100 0200 0100 0200aabb 040066006f00 02000000 040070007700"), &p);
    CU_ASSERT_EQUAL(p.sensitive_count, 4);
    CU_ASSERT_EQUAL(p.sensitive[3].offset, 22);
    CU_ASSERT_EQUAL(p.sensitive[3].length, 4);
    /* Save Session Info: whose session it is, and what is cut or of an unknown kind */
    get(JOINED_TLS, RECEIVED,
        in_mcs(RECEIVED, IO, "1800 1700 ea03 ea030100 00 01 0a00 26 00 0000 01000000 aabb"), &p);
    CU_ASSERT_EQUAL(p.type, WHY_PDU_SAVE_SESSION_INFO);
    CU_ASSERT_EQUAL(p.sensitive[0].offset, 37);
    CU_ASSERT_EQUAL(p.sensitive[0].length, 2);
    get(JOINED_TLS, RECEIVED,
        in_mcs(RECEIVED, IO, "1400 1700 ea03 ea030100 00 01 0600 26 00 0000 0102"), &p);
    CU_ASSERT_EQUAL(p.sensitive[0].offset, 33);
    CU_ASSERT_EQUAL(p.sensitive[0].length, 2);
    /* Client Info: all but its code page and flags, which say whether it logs on */
    get(JOINED_TLS, SENT, in_mcs(SENT, IO, "40000000 00000000 08000000 0102030405"), &p);
    CU_ASSERT_TRUE(p.u.client_info.logs_on);
    CU_ASSERT_EQUAL(p.sensitive[0].offset, 27);
    CU_ASSERT_EQUAL(p.sensitive[0].length, 5);
    get(JOINED_TLS, SENT, in_mcs(SENT, IO, "40000000 0102030405"), &p);
    CU_ASSERT_EQUAL(p.sensitive[0].offset, 19);
    CU_ASSERT_EQUAL(p.sensitive[0].length, 5);
}

static void test_session(void)
{
    struct why_pdu p;

    /* Plain Notify */
    get(JOINED_TLS, RECEIVED,
        in_mcs(RECEIVED, IO, "1600 1700 ea03 ea030100 00 01 0800 26 00 0000 02000000"), &p);
    CU_ASSERT_EQUAL(p.type, WHY_PDU_SAVE_SESSION_INFO);
    CU_ASSERT_TRUE(p.u.save_session.logged_on);
    /* Logon Info Extended with an auto-reconnect cookie and a Logon Errors Info behind it */
    get(JOINED_TLS, RECEIVED,
        in_mcs(RECEIVED, IO,
               "3000 1700 ea03 ea030100 00 01 1a00 26 00 0000 03000000 0000 03000000"
               "04000000 aabbccdd 08000000 faffffff 02000000"),
        &p);
    CU_ASSERT_FALSE(p.u.save_session.logged_on);
    CU_ASSERT_TRUE(p.u.save_session.has_cookie);
    CU_ASSERT_TRUE(p.u.save_session.has_error);
    CU_ASSERT_EQUAL(p.u.save_session.notice_type, 0xfffffffa);
    CU_ASSERT_EQUAL(p.u.save_session.notice_data, 2);
    /* of which the cookie alone is a secret: what else is read has to stay in traces */
    CU_ASSERT_EQUAL(p.sensitive_count, 1);
    CU_ASSERT_EQUAL(p.sensitive[0].offset, 47);
    CU_ASSERT_EQUAL(p.sensitive[0].length, 4);
    /* the same, cut in the cookie */
    get(JOINED_TLS, RECEIVED,
        in_mcs(RECEIVED, IO,
               "2000 1700 ea03 ea030100 00 01 0a00 26 00 0000 03000000 0000 03000000 04000000"),
        &p);
    CU_ASSERT_FALSE(p.u.save_session.has_error);
    /* Server Status Info: the virtual machine is being started */
    get(JOINED_TLS, RECEIVED,
        in_mcs(RECEIVED, IO, "1600 1700 ea03 ea030100 00 01 0800 36 00 0000 03050000"), &p);
    CU_ASSERT_EQUAL(p.type, WHY_PDU_STATUS_INFO);
    CU_ASSERT_EQUAL(p.u.status_info, 0x503);
}

static void test_malformed_client_tsrequest_is_sensitive(void)
{
    struct why_dissector d = in_state(HYBRID);
    struct bytes b = from_hex("3014 a003020106 a20d ff0b 3009 a007 0405 6e82123456");
    struct why_pdu p;

    dissect(&d, SENT, b.data, b.len, 0, &p);
    CU_ASSERT_TRUE(p.malformed);
    CU_ASSERT_EQUAL(p.sensitive[0].offset, 2);
    CU_ASSERT_EQUAL(p.sensitive[0].length, b.len - 2);
    CU_ASSERT_FALSE(d.client_sent_auth_info);
}

/* An NTLM CHALLENGE in a TSRequest; |hex| is the message after its signature and type. */
static void challenge(const char *hex, struct why_pdu *p)
{
    struct why_dissector d = in_state(HYBRID);
    struct bytes b = from_hex("3000 a003020106 a100 3000 3000 a000 0400 4e544c4d53535000 02000000");
    static const size_t lengths[] = {1, 8, 10, 12, 14, 16};

    add_hex(&b, hex);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        b.data[lengths[i]] = (uint8_t)(b.len - lengths[i] - 1);
    dissect(&d, RECEIVED, b.data, b.len, 0, p);
    CU_ASSERT_EQUAL(p->type, WHY_PDU_TSREQUEST_CHALLENGE);
}

static void test_ntlm_challenge(void)
{
    const struct why_ntlm_challenge *c;
    struct why_pdu p;

    c = &p.u.tsrequest.challenge;
    challenge("0400 0400 38000000 01000002 0102030405060708 0000000000000000 0800 0800 3c000000 "
              "0a00 7c4f 0000000f 41004200 0100 0000 00000000",
              &p);
    CU_ASSERT_FALSE(p.malformed);
    CU_ASSERT_TRUE(p.u.tsrequest.has_challenge);
    CU_ASSERT_STRING_EQUAL(c->target, "AB");
    CU_ASSERT_TRUE(c->has_version);
    CU_ASSERT_EQUAL(c->major, 10);
    CU_ASSERT_EQUAL(c->build, 20348);
    CU_ASSERT_FALSE(c->has_timestamp);
    /* OEM names, no version, no target information; 48 bytes are the least */
    challenge("0200 0200 30000000 02000000 0102030405060708 0000000000000000 0000 0000 00000000 "
              "4142",
              &p);
    CU_ASSERT_FALSE(p.malformed);
    CU_ASSERT_STRING_EQUAL(c->target, "AB");
    CU_ASSERT_FALSE(c->has_version);
    /* an offset outside, a length outside, a pair that is too long, and nothing at all */
    challenge("0400 0400 f0000000 01000000 0102030405060708 0000000000000000 0000 0000 00000000",
              &p);
    CU_ASSERT_TRUE(p.malformed);
    CU_ASSERT_STRING_EQUAL(c->target, "");
    challenge("0400 0400 ffffffff 01000000 0102030405060708 0000000000000000 0000 0000 00000000",
              &p);
    CU_ASSERT_TRUE(p.malformed);
    challenge("0000 0000 00000000 01000000 0102030405060708 0000000000000000 0600 0600 30000000 "
              "0200 0900 4100",
              &p);
    CU_ASSERT_TRUE(p.malformed);
    CU_ASSERT_STRING_EQUAL(c->netbios_domain, "");
    challenge("", &p);
    CU_ASSERT_TRUE(p.malformed);
    CU_ASSERT_EQUAL(c->negotiate_flags, 0);
}

static CU_TestInfo tests[] = {
    {"whole PDUs", test_whole},
    {"payloads of MCS send data", test_payloads},
    {"payloads cut at every length", test_payloads_cut},
    {"X.224 details", test_x224_details},
    {"MCS details", test_mcs_details},
    {"codes", test_codes},
    {"AAD", test_aad},
    {"redirection", test_redirection},
    {"redirection, for who follows it", test_redirection_read},
    {"the certificate of a redirection's target", test_redirection_certificate},
    {"where a redirection leads", test_redirection_target},
    {"preconnection PDUs", test_preconnection},
    {"session", test_session},
    {"sensitive ranges", test_sensitive},
    {"a malformed TSRequest of the client is sensitive",
     test_malformed_client_tsrequest_is_sensitive},
    {"NTLM CHALLENGE", test_ntlm_challenge},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "wire vectors", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
