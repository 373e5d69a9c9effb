/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_NEXT_H
#define RDPWHY_ROWS_NEXT_H

#include <rdpwhy/knowledge.h>

/*
 * Rows for advice.c, the only file that includes this one: what to run next for a code. The first
 * row that fits counts; a space of NULL fits every one.
 */

#define TO_LOG_ON "rdpwhy probe -p nla -u 'DOMAIN\\user' HOST"
#define REACH     "rdpwhy probe --until negotiation HOST"
#define LICENSES  "rdpwhy probe -l fresh,admin HOST"

static const char shows_logon[] =
    "logs on once and shows what the server says of the account; without -u nothing is logged on";
static const char shows_reach[] =
    "whether the name resolves, whether the port answers, and whether it is RDP that answers";
static const char shows_license[] =
    "what the server answers in licensing, and whether an administrative session (mstsc /admin), "
    "which needs no license, gets in";
static const char shows_tls[] = "which TLS versions the server takes, and its certificate";
static const char shows_offers[] = "which security the server accepts and which it refuses";
static const char shows_server_is_fine[] =
    "whether the server itself lets a client in; if it does, look at the client program";
static const char shows_gateway[] =
    "in which of the gateway's steps it ends, and what the gateway says";
#define THROUGH_GATEWAY "rdpwhy probe --gateway GATEWAY --gateway-user USER HOST"
static const char shows_names[] =
    "the names and the clock of the server; compare the name that the client uses";

static const struct next_row {
    const char *space;
    int64_t first, last;
    struct why_next next;
} next_rows[] = {
#define ALL INT64_MIN, INT64_MAX
    {"mstsc", 0x104, 0x104, {REACH, shows_reach}},
    {"mstsc", 0x108, 0x108, {REACH, shows_reach}},
    {"mstsc", 0x204, 0x204, {REACH, shows_reach}},
    {"mstsc",
     0x207,
     0x207,
     {"rdpwhy probe -p nla HOST", "how far NLA gets, and its version there"}},
    {"mstsc", 0x208, 0x208, {REACH, shows_reach}},
    {"mstsc", 0x508, 0x508, {REACH, shows_reach}},
    {"mstsc", 0x516, 0x516, {REACH, shows_reach}},
    {"mstsc", 0x604, 0x604, {REACH, shows_reach}},
    {"mstsc", 0x706, 0x706, {"rdpwhy probe -p tls HOST", shows_tls}},
    {"mstsc", 0x807, 0x807, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0x808, 0x808, {LICENSES, shows_license}},
    {"mstsc",
     0x907,
     0x907,
     {"rdpwhy probe -p tls --repeat 5 HOST",
      "the certificate, and whether every connection gets the same one"}},
    {"mstsc", 0x908, 0x908, {LICENSES, shows_license}},
    {"mstsc", 0xA07, 0xA07, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0xB07, 0xB07, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0xB09, 0xB09, {"rdpwhy probe HOST", shows_offers}},
    {"mstsc", 0xC07, 0xC07, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0xD06, 0xD06, {"rdpwhy probe HOST", shows_server_is_fine}},
    {"mstsc",
     0xD07,
     0xD07,
     {"rdpwhy probe -p nla HOST", "how far the server lets a client come; no logon is tried, which "
                                  "would count against a locked account"}},
    {"mstsc", 0xE06, 0xE06, {"rdpwhy probe -p rdp HOST", shows_offers}},
    {"mstsc", 0xE07, 0xE07, {TO_LOG_ON, shows_logon}},
    {"mstsc",
     0xE09,
     0xE09,
     {"rdpwhy probe -p nla -r jsonl HOST",
      "negotiation.flags: whether RESTRICTED_ADMIN_MODE_SUPPORTED is among them"}},
    {"mstsc", 0xF07, 0xF07, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0x1008, 0x1008, {"rdpwhy probe HOST", shows_server_is_fine}},
    {"mstsc", 0x1007, 0x1007, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0x1107, 0x1107, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0x1108, 0x1108, {"rdpwhy probe HOST", shows_server_is_fine}},
    {"mstsc", 0x1207, 0x1207, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0x1307, 0x1307, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0x1807, 0x1807, {TO_LOG_ON, shows_logon}},
    {"mstsc", 0x1B07, 0x1B07, {"rdpwhy probe -p tls HOST", shows_tls}},
    {"mstsc",
     0x1D07,
     0x1D07,
     {"rdpwhy probe -p nla HOST", "the server's clock compared with this computer's"}},
    {"mstsc", 0x2104, 0x2104, {"rdpwhy probe -p tls HOST", shows_tls}},
    {"mstsc", 0x3000001, 0x30FFFFF, {THROUGH_GATEWAY, shows_gateway}},
    {"mstsc-extended", 0x100, 0x10B, {LICENSES, shows_license}},
    {"mstsc-extended", 0x300, 0x300, {TO_LOG_ON, shows_logon}},
    {"error-info", 0x9, 0xA, {TO_LOG_ON, shows_logon}},
    {"error-info", 0x100, 0x10B, {LICENSES, shows_license}},
    {"negotiation-failure", ALL, {"rdpwhy probe -p all HOST", shows_offers}},
    {"license-error", ALL, {LICENSES, shows_license}},
    {"license-transition", ALL, {LICENSES, shows_license}},
    {"license-message", ALL, {LICENSES, shows_license}},
    {"tls-alert", ALL, {"rdpwhy probe -p tls,tls1.0,tls1.1,tls1.2,tls1.3 HOST", shows_tls}},
    {"spnego", ALL, {TO_LOG_ON, shows_logon}},
    {"early-user-auth", ALL, {TO_LOG_ON, shows_logon}},
    {"ntstatus",
     0xC0000133,
     0xC0000133,
     {"rdpwhy probe -p nla HOST", "the server's clock compared with this computer's"}},
    {"ntstatus",
     0xC0000234,
     0xC0000234,
     {"rdpwhy probe -p nla HOST", "how far the server lets a client come; no logon is tried, which "
                                  "would count against a locked account"}},
    {"ntstatus", ALL, {TO_LOG_ON, shows_logon}},
    {"sspi",
     0x80090302,
     0x80090302,
     {"rdpwhy probe -p tls,tls1.0,tls1.1,tls1.2,tls1.3 HOST", shows_tls}},
    {"sspi", 0x80090322, 0x80090322, {"rdpwhy probe -p nla HOST", shows_names}},
    {"sspi",
     0x80090324,
     0x80090324,
     {"rdpwhy probe -p nla HOST", "the server's clock compared with this computer's"}},
    {"sspi", 0x80090325, 0x80090328, {"rdpwhy probe -p tls HOST", shows_tls}},
    {"sspi",
     0x80090331,
     0x80090331,
     {"rdpwhy probe -p tls,tls1.0,tls1.1,tls1.2,tls1.3 HOST", shows_tls}},
    {"sspi", ALL, {TO_LOG_ON, shows_logon}},
    {"kerberos", 7, 7, {"rdpwhy probe -p nla HOST", shows_names}},
    {"kerberos",
     33,
     33,
     {"rdpwhy probe -p nla HOST", "the server's clock compared with this computer's"}},
    {"kerberos",
     37,
     37,
     {"rdpwhy probe -p nla HOST", "the server's clock compared with this computer's"}},
    {"kerberos",
     ALL,
     {"rdpwhy probe -p nla-kerberos -u USER@REALM HOST",
      "in which step Kerberos ends, at which KDC and for which service; the password is used "
      "once"}},
    {"rdstls", ALL, {"rdpwhy probe -p rdstls HOST", "whether the server offers RDSTLS"}},
    {"aadsts",
     ALL,
     {"rdpwhy probe -p aad HOST", "whether the server offers Entra sign-in; the code itself is "
                                  "Entra's: its sign-in log has the "
                                  "details"}},
    {"gateway", ALL, {THROUGH_GATEWAY, shows_gateway}},
    {"gateway-http", ALL, {THROUGH_GATEWAY, shows_gateway}},
    {"websocket", ALL, {THROUGH_GATEWAY, shows_gateway}},
    {"errconnect", 0x20004, 0x20006, {REACH, shows_reach}},
    {"errconnect",
     0x20008,
     0x20008,
     {"rdpwhy probe -p tls,tls1.0,tls1.1,tls1.2,tls1.3 HOST", shows_tls}},
    {"errconnect", 0x2000C, 0x2000C, {"rdpwhy probe -p all HOST", shows_offers}},
    {"errconnect", 0x20009, 0x2000A, {TO_LOG_ON, shows_logon}},
    {"errconnect", 0x2000E, 0x2001B, {TO_LOG_ON, shows_logon}},
    {"xfreerdp-exit", 16, 26, {LICENSES, shows_license}},
    {"xfreerdp-exit", 133, 133, {"rdpwhy probe -p all HOST", shows_offers}},
    {"xfreerdp-exit", 139, 141, {REACH, shows_reach}},
    {"xfreerdp-exit",
     143,
     143,
     {"rdpwhy probe -p tls,tls1.0,tls1.1,tls1.2,tls1.3 HOST", shows_tls}},
    {"guacamole",
     ALL,
     {"rdpwhy probe HOST",
      "run on the computer of guacd: whether it reaches the server, and how far "
      "the handshake gets"}},
    {"win32", 1326, 1331, {TO_LOG_ON, shows_logon}},
    {"win32", 1385, 1385, {TO_LOG_ON, shows_logon}},
    {"win32", 1907, 1909, {TO_LOG_ON, shows_logon}},
    {"win32", 10013, 11001, {REACH, shows_reach}},
    {"errno", ALL, {REACH, shows_reach}},
    {"resolver", ALL, {REACH, shows_reach}},
    {NULL,
     ALL,
     {"rdpwhy probe HOST", "in which phase each kind of security ends, who ended it, and why"}},
#undef ALL
};

#endif /* !defined(RDPWHY_ROWS_NEXT_H) */
