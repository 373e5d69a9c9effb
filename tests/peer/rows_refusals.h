/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of refusals, wherever they come, and of servers that go on only with a client that has
 * said what they want: included by faults.c within its table, whose macros they are made of. */

#define REFUSED_WITHOUT_CODE(phase, ending) REFUSED(phase, ending, COUNT, 0)

/* What |row| makes, under each kind of security. */
#define EACH(row, a, b)                                                                            \
    row(a, b, "", SERVER(TLS, TLS)), row(a, b, "-rdp", SERVER(RDP, RDP)),                          \
        row(a, b, "-nla", SERVER(NLA, NLA), WITH_PASSWORD)

#define ERROR_INFO_BESIDE(text, n, suffix, ...)                                                    \
    {"error-info-" text "-before-font-map" suffix,                                                 \
     "Set Error Info 0x" text ", then the Font Map",                                               \
     .moment = BEFORE_FONT_MAP,                                                                    \
     .act = act_error_info_beside,                                                                 \
     .end = END_FIN,                                                                               \
     .value = (n),                                                                                 \
     .value2 = BESIDE_BEFORE,                                                                      \
     .expect = ERROR_INFO_IN(FINALIZATION, n),                                                     \
     __VA_ARGS__},                                                                                 \
        {"error-info-" text "-with-font-map" suffix,                                               \
         "Font Map and Set Error Info 0x" text " in one segment",                                  \
         .moment = BEFORE_FONT_MAP,                                                                \
         .act = act_error_info_beside,                                                             \
         .end = END_FIN,                                                                           \
         .value = (n),                                                                             \
         .value2 = BESIDE_TOGETHER,                                                                \
         .expect = ERROR_INFO_IN(ACTIVE, n),                                                       \
         __VA_ARGS__},                                                                             \
    {                                                                                              \
        "error-info-" text "-behind-font-map" suffix,                                              \
            "Set Error Info 0x" text " 50 ms behind the Font Map",                                 \
            .moment = BEFORE_FONT_MAP, .act = act_error_info_beside, .end = END_FIN, .value = (n), \
            .value2 = BESIDE_LATER, .expect = ERROR_INFO_IN(ACTIVE, n), __VA_ARGS__                \
    }
/* How a server ends while others' data are under way. */
#define BUSY(how, words, beside_, suffix, ...)                                                     \
    ULTIMATUM("ultimatum-3-" how suffix, 3, "behind the Font Map, after " words, BEFORE_FONT_MAP,  \
              ACTIVE, .act = act_ultimatum_beside, .value2 = beside_, __VA_ARGS__),                \
        {"fin-" how suffix,                                                                        \
         "FIN behind the Font Map, after " words,                                                  \
         .moment = BEFORE_FONT_MAP,                                                                \
         .act = act_end_beside,                                                                    \
         .end = END_FIN,                                                                           \
         .value2 = beside_,                                                                        \
         .expect = FIN_IN(ACTIVE),                                                                 \
         __VA_ARGS__},                                                                             \
    {                                                                                              \
        "rst-" how suffix, "RST behind the Font Map, after " words,                                \
            .moment = BEFORE_FONT_MAP, .act = act_end_beside, .end = END_RST, .value2 = beside_,   \
            .expect = RST_IN(ACTIVE), __VA_ARGS__                                                  \
    }
#define BUSIES(unused, unused2, ...)                                                               \
    BUSY("channel-data", "data of a static channel", BESIDE_CHATTED, __VA_ARGS__),                 \
        BUSY("garbled-update", "an update that nobody can read", BESIDE_GARBLED, __VA_ARGS__)
#define ERROR_INFO_BUSY(how, words, beside_, suffix, ...)                                          \
    {                                                                                              \
        "error-info-7-" how suffix, "Set Error Info 0x7 behind the Font Map, after " words,        \
            .moment = BEFORE_FONT_MAP, .act = act_error_info_beside, .end = END_FIN, .value = 7,   \
            .value2 = beside_, __VA_ARGS__                                                         \
    }
#define ERROR_INFO_CHANNEL_DATA(unused, unused2, ...)                                              \
    ERROR_INFO_BUSY("channel-data", "data of a static channel", BESIDE_CHATTED, __VA_ARGS__,       \
                    .expect = ERROR_INFO_IN(ACTIVE, 7))
/* Nobody can read it any more where the library, whose the keys are, has given up. */
#define ERROR_INFO_GARBLED(...)                                                                    \
    ERROR_INFO_BUSY("garbled-update", "an update that nobody can read", BESIDE_GARBLED, __VA_ARGS__)
#define ULTIMATUM_BESIDE(text, n, suffix, ...)                                                     \
    ULTIMATUM("ultimatum-" text "-before-font-map" suffix, n, "right before the Font Map",         \
              BEFORE_FONT_MAP, FINALIZATION, .act = act_ultimatum_beside, .value2 = BESIDE_BEFORE, \
              __VA_ARGS__),                                                                        \
        ULTIMATUM("ultimatum-" text "-with-font-map" suffix, n, "in the Font Map's segment",       \
                  BEFORE_FONT_MAP, ACTIVE, .act = act_ultimatum_beside, .value2 = BESIDE_TOGETHER, \
                  __VA_ARGS__),                                                                    \
        ULTIMATUM("ultimatum-" text "-behind-font-map" suffix, n, "50 ms behind the Font Map",     \
                  BEFORE_FONT_MAP, ACTIVE, .act = act_ultimatum_beside, .value2 = BESIDE_LATER,    \
                  __VA_ARGS__)
#define END_BESIDE(unused, unused2, suffix, ...)                                                   \
    {"fin-with-font-map" suffix,                                                                   \
     "FIN right behind the Font Map",                                                              \
     .moment = BEFORE_FONT_MAP,                                                                    \
     .act = act_end_beside,                                                                        \
     .end = END_FIN,                                                                               \
     .value2 = BESIDE_TOGETHER,                                                                    \
     .expect = FIN_IN(ACTIVE),                                                                     \
     __VA_ARGS__},                                                                                 \
        {"fin-behind-font-map" suffix,                                                             \
         "FIN 50 ms behind the Font Map",                                                          \
         .moment = BEFORE_FONT_MAP,                                                                \
         .act = act_end_beside,                                                                    \
         .end = END_FIN,                                                                           \
         .value2 = BESIDE_LATER,                                                                   \
         .expect = FIN_IN(ACTIVE),                                                                 \
         __VA_ARGS__},                                                                             \
    {                                                                                              \
        "rst-behind-font-map" suffix, "RST 50 ms behind the Font Map",                             \
            .moment = BEFORE_FONT_MAP, .act = act_end_beside, .end = END_RST,                      \
            .value2 = BESIDE_LATER, .expect = RST_IN(ACTIVE), __VA_ARGS__                          \
    }
#define REDIRECT(where, words, at, ph, suffix, ...)                                                \
    {                                                                                              \
        "redirect-" where suffix, "Server Redirection " words,                                     \
            .moment = at, .end = END_FIN, .expect = REDIRECTED_IN(ph), __VA_ARGS__                 \
    }
#define REDIRECTS(unused, unused2, suffix, ...)                                                    \
    REDIRECT("licensing", "in answer to the NEW_LICENSE_REQUEST", BEFORE_LICENSE, LICENSING,       \
             suffix, .act = act_license_redirect, .licensing = {.stop = LICENSE_AT_ANSWER},        \
             STEPS(STEP_ASKED, ASKED), __VA_ARGS__),                                               \
        REDIRECT("demand-active", "instead of the Demand Active", BEFORE_DEMAND_ACTIVE,            \
                 CAPABILITIES, suffix, .act = act_redirect, __VA_ARGS__),                          \
        REDIRECT("confirm-active", "after the Confirm Active", AT_CONFIRM_ACTIVE, CAPABILITIES,    \
                 suffix, .act = act_redirect, __VA_ARGS__),                                        \
        REDIRECT("font-list", "instead of the Font Map", AT_FONT_LIST, FINALIZATION, suffix,       \
                 .act = act_redirect, __VA_ARGS__),                                                \
        REDIRECT("with-font-map", "in the Font Map's segment", BEFORE_FONT_MAP, ACTIVE, suffix,    \
                 .act = act_redirect_beside, .value2 = BESIDE_TOGETHER, __VA_ARGS__),              \
        REDIRECT("behind-font-map", "50 ms behind the Font Map", BEFORE_FONT_MAP, ACTIVE, suffix,  \
                 .act = act_redirect_beside, .value2 = BESIDE_LATER, __VA_ARGS__)

#define MCS_RESULT(text, n, suffix, ...)                                                           \
    {"mcs-result-" text suffix,                                                                    \
     "Connect Response with the result " text,                                                     \
     .moment = BEFORE_CONNECT_RESPONSE,                                                            \
     .act = act_connect_result,                                                                    \
     .end = END_FIN,                                                                               \
     .value = (n),                                                                                 \
     .expect = REFUSED(BASIC_SETTINGS, MCS_ERROR, MCS_RESULT, n),                                  \
     __VA_ARGS__},                                                                                 \
    {                                                                                              \
        "mcs-result-" text "-bare" suffix,                                                         \
            "Connect Response with the result " text " and without user data",                     \
            .moment = BEFORE_CONNECT_RESPONSE, .act = act_connect_refused, .end = END_FIN,         \
            .value = (n), .expect = REFUSED(BASIC_SETTINGS, MCS_ERROR, MCS_RESULT, n), __VA_ARGS__ \
    }
/* |with|: the number that is optional is there. */
#define ATTACH_RESULT(text, n, with, suffix, ...)                                                  \
    {                                                                                              \
        "attach-result-" text suffix, "Attach User Confirm with the result " text,                 \
            .moment = BEFORE_ATTACH_CONFIRM, .act = act_attach_result, .end = END_FIN,             \
            .value = (n), .value2 = (with),                                                        \
            .expect = REFUSED(CHANNEL_CONNECTION, MCS_ERROR, MCS_RESULT, n), __VA_ARGS__           \
    }
#define ATTACH_14(unused, unused2, suffix, ...)                                                    \
    ATTACH_RESULT("14", 14, 0, suffix, __VA_ARGS__),                                               \
        ATTACH_RESULT("14-initiator", 14, 1, suffix, __VA_ARGS__)
#define NO_INITIATOR(unused, unused2, suffix, ...)                                                 \
    {                                                                                              \
        "attach-no-initiator" suffix, "Attach User Confirm, successful, without initiator",        \
            .moment = BEFORE_ATTACH_CONFIRM, .act = act_attach_result, .end = END_FIN,             \
            .expect = REFUSED_WITHOUT_CODE(CHANNEL_CONNECTION, MCS_ERROR), __VA_ARGS__             \
    }
#define JOIN_RESULT(text, n, with, nth_, suffix, ...)                                              \
    {                                                                                              \
        "join-result-" text suffix, "Channel Join Confirm with the result " text,                  \
            .moment = BEFORE_JOIN_CONFIRM, .nth = (nth_), .act = act_join_result, .end = END_FIN,  \
            .value = (n), .value2 = (with),                                                        \
            .expect = REFUSED(CHANNEL_CONNECTION, MCS_ERROR, MCS_RESULT, n), __VA_ARGS__           \
    }
#define JOIN_14(unused, unused2, suffix, ...)                                                      \
    JOIN_RESULT("14", 14, 0, 1, suffix, __VA_ARGS__),                                              \
        JOIN_RESULT("14-second", 14, 1, 2, suffix, __VA_ARGS__)

#define X224(where, words, at, ph, ...)                                                            \
    {"x224-disconnect-" where,                                                                     \
     "X.224 Disconnect Request " words,                                                            \
     .moment = at,                                                                                 \
     .act = act_disconnect_request,                                                                \
     .end = END_FIN,                                                                               \
     .value = 0x80,                                                                                \
     .expect = REFUSED_WITHOUT_CODE(ph, X224_DISCONNECT),                                          \
     __VA_ARGS__},                                                                                 \
    {                                                                                              \
        "x224-error-" where, "X.224 Error " words,                                                 \
            .moment = at, .act = act_x224_error, .end = END_FIN, .value = 1,                       \
            .expect = REFUSED_WITHOUT_CODE(ph, X224_DISCONNECT), __VA_ARGS__                       \
    }
#define X224_EACH(unused, unused2, suffix, ...)                                                    \
    X224("basic-settings" suffix, "after the Connect Initial", AT_CONNECT_INITIAL, BASIC_SETTINGS, \
         __VA_ARGS__),                                                                             \
        X224("channel-connection" suffix, "after the second Channel Join Request", AT_JOIN,        \
             CHANNEL_CONNECTION, .nth = 2, __VA_ARGS__),                                           \
        X224("demand-active" suffix, "instead of the Demand Active", BEFORE_DEMAND_ACTIVE,         \
             CAPABILITIES, __VA_ARGS__),                                                           \
        X224("finalization" suffix, "after the Font List", AT_FONT_LIST, FINALIZATION,             \
             __VA_ARGS__)

#define TLS_WARNING(name, n, words, ...)                                                           \
    {                                                                                              \
        name, "TLS alert " words " of level warning in answer to the ClientHello",                 \
            SERVER(TLS, TLS), .moment = AT_CLIENT_HELLO, .act = act_tls_alert, .value = (n),       \
                              .value2 = 1, __VA_ARGS__                                             \
    }
#define TLS_WARNINGS(name, n, words)                                                               \
    TLS_WARNING(name "-fin", n, words, .end = END_FIN,                                             \
                .expect = REFUSED(TLS, TLS_ALERT, TLS_ALERT, n)),                                  \
        TLS_WARNING(name "-rst", n, words, .end = END_RST,                                         \
                    .expect = REFUSED(TLS, TLS_ALERT, TLS_ALERT, n))

/* NTSTATUS in answer to NTLM NEGOTIATE: nobody has been named yet. */
#define ACCOUNT_FINDINGS                                                                           \
    "logon-failure,account-locked,account-disabled,account-expired,password-expired,"              \
    "account-restricted,remote-logon-denied"
#define NEGOTIATE_ERROR(name, status, words_, suffix, ...)                                         \
    {                                                                                              \
        "credssp-negotiate-" name suffix,                                                          \
            "CredSSP errorCode " words_ " in answer to NTLM NEGOTIATE",                            \
            .moment = BEFORE_NTLM_CHALLENGE, .act = act_credssp_error, .end = END_FIN,             \
            .value = (status), .expect = REFUSED(CREDSSP, CREDSSP_ERROR, NTSTATUS, status),        \
            .words = {.no_findings = ACCOUNT_FINDINGS}, __VA_ARGS__                                \
    }
#define NEGOTIATE_ERRORS(name, status, words)                                                      \
    NEGOTIATE_ERROR(name, status, words, "", SERVER(NLA, NLA)),                                    \
        NEGOTIATE_ERROR(name, status, words, "-account", SERVER(NLA, NLA), WITH_PASSWORD),         \
        NEGOTIATE_ERROR(name, status, words, "-ext", SERVER(NLA_EXT, NLA_EXT), WITH_PASSWORD)
#define AUTH_INFO_ERROR(name, status, words)                                                       \
    {"credssp-auth-info-" name,                                                                    \
     "CredSSP errorCode " words " after the delegated credentials",                                \
     SERVER(NLA, NLA),                                                                             \
     WITH_PASSWORD,                                                                                \
     .moment = AT_AUTH_INFO,                                                                       \
     .act = act_credssp_error,                                                                     \
     .end = END_FIN,                                                                               \
     .value = (status),                                                                            \
     .expect = REFUSED(BASIC_SETTINGS, CREDSSP_ERROR, NTSTATUS, status)},                          \
    {                                                                                              \
        "credssp-auth-info-" name "-ext",                                                          \
            "The same instead of the Early User Authorization "                                    \
            "Result",                                                                              \
            SERVER(NLA_EXT, NLA_EXT), WITH_PASSWORD,                                               \
            .moment = AT_AUTH_INFO, .act = act_credssp_error, .end = END_FIN, .value = (status),   \
            .expect = REFUSED(CREDSSP, CREDSSP_ERROR, NTSTATUS, status)                            \
    }

/* NegTokenResp (RFC 4178 4.2.2) */
#define SPNEGO_REJECT           "\xA1\x07\x30\x05\xA0\x03\x0A\x01\x02"
#define SPNEGO_MECH(state, oid) "\xA1\x14\x30\x12\xA0\x03\x0A\x01" state "\xA1\x0B\x06\x09" oid
#define OID_KERBEROS            "\x2A\x86\x48\x86\xF7\x12\x01\x02\x02"
#define OID_MS_KERBEROS         "\x2A\x86\x48\x82\xF7\x12\x01\x02\x02"
#define SPNEGO(name, words, at, token, ...)                                                        \
    {                                                                                              \
        name, "SPNEGO: " words, .moment = at, .act = act_token, .end = END_FIN, BYTES(token),      \
                                __VA_ARGS__                                                        \
    }
#define SPNEGO_EACH(name, words, token, ...)                                                       \
    SPNEGO(name, words, BEFORE_NTLM_CHALLENGE, token, SERVER(NLA, NLA), __VA_ARGS__),              \
        SPNEGO(name "-account", words, BEFORE_NTLM_CHALLENGE, token, SERVER(NLA, NLA),             \
               WITH_PASSWORD, __VA_ARGS__),                                                        \
        SPNEGO(name "-ext", words, BEFORE_NTLM_CHALLENGE, token, SERVER(NLA_EXT, NLA_EXT),         \
               WITH_PASSWORD, __VA_ARGS__)
#define SAYS_REJECT    .expect = REFUSED(CREDSSP, CREDSSP_ERROR, SPNEGO, 2)
#define WANTS_KERBEROS .expect = REFUSED_WITHOUT_CODE(CREDSSP, CREDSSP_ERROR)

#define DEMANDS_COOKIE(unused, unused2, suffix, ...)                                               \
    {                                                                                              \
        "demands-cookie" suffix, "Healthy; resets a client without cookie or routing token",       \
            .moment = AT_REQUEST, .act = act_demand_cookie, .expect = DONE, __VA_ARGS__            \
    }
#define GNOME_LIKE(unused, unused2, suffix, ...)                                                   \
    {                                                                                              \
        "gnome-like" suffix,                                                                       \
            "Healthy; ends a client without graphics pipeline or drdynvc, as "                     \
            "GNOME Remote Desktop does",                                                           \
            .moment = BEFORE_DEMAND_ACTIVE, .act = act_demand_graphics, .expect = DONE,            \
            __VA_ARGS__                                                                            \
    }

/* clang-format off */

EACH(DEMANDS_COOKIE, , ),
EACH(GNOME_LIKE, , ),
{"closes-nla-only", "CredSSP; closes an offer of it without TLS", SERVER(NLA, NLA_ONLY),
 .moment = AT_REQUEST, .act = act_demand_tls_offer, .expect = FIN_IN(NEGOTIATION)},
{"closes-nla-ext-only", "The same, with early user authorization", SERVER(NLA_EXT, NLA_EXT_ONLY),
 .moment = AT_REQUEST, .act = act_demand_tls_offer, .expect = FIN_IN(NEGOTIATION)},
{"refuses-nla-only", "CredSSP; RDP_NEG_FAILURE 1 to an offer of it without TLS",
 SERVER(NLA, NLA_ONLY), .moment = AT_REQUEST, .act = act_demand_tls_offer, .value = 1,
 .expect = REFUSED(NEGOTIATION, NEGOTIATION_FAILURE, NEGOTIATION_FAILURE, 1)},
{"restricted-admin", "CredSSP in Restricted Admin mode up to ACTIVE", SERVER(NLA, RESTRICTED_ADMIN),
 WITH_PASSWORD, .setup = {.restricted_admin = true}, .expect = DONE},
{"restricted-admin-missing", "CredSSP, and the Connection Confirm does not offer Restricted Admin",
 SERVER(NLA, RESTRICTED_ADMIN), .expect = STOPPED_IN(CREDSSP)},
{"restricted-admin-refused",
 "CredSSP errorCode STATUS_ACCOUNT_RESTRICTION, as where Restricted Admin is not allowed",
 SERVER(NLA, RESTRICTED_ADMIN), WITH_PASSWORD, .setup = {.restricted_admin = true},
 .moment = AT_NTLM_AUTHENTICATE, .act = act_credssp_error, .end = END_FIN, .value = 0xC000006E,
 .expect = REFUSED(CREDSSP, CREDSSP_ERROR, NTSTATUS, 0xC000006E)},
{"remote-guard", "CredSSP with Remote Credential Guard, for a client without an account",
 SERVER(NLA, REMOTE_GUARD), .setup = {.remote_guard = true}, .expect = STOPPED_IN(CREDSSP)},
{"remote-guard-missing",
 "CredSSP, and the Connection Confirm does not offer Remote Credential Guard",
 SERVER(NLA, REMOTE_GUARD), .setup = {.remote_guard = true}, .moment = BEFORE_CONFIRM,
 .act = act_withdraw_flags, .value = 0x10, .expect = STOPPED_IN(CREDSSP)},
{"remote-guard-closed",
 "Closes an offer of Remote Credential Guard, which it does not support, as FreeRDP's servers do",
 SERVER(NLA, REMOTE_GUARD), .expect = FIN_IN(NEGOTIATION)},
{"healthy-nla-only", "CredSSP up to ACTIVE, for an offer without TLS", SERVER(NLA, NLA_ONLY),
 WITH_PASSWORD, .expect = DONE},
{"healthy-nla-ext-only", "The same, with early user authorization", SERVER(NLA_EXT, NLA_EXT_ONLY),
 WITH_PASSWORD, .expect = DONE},
{"status-info", "Server Status Info before the Font Map, then all is well", SERVER(TLS, TLS),
 .moment = BEFORE_FONT_MAP, .act = act_status_info, .expect = DONE},
{"heartbeat", "A Heartbeat right behind the Font Map", SERVER(TLS, TLS), .moment = BEFORE_FONT_MAP,
 .act = act_heartbeat, .expect = DONE},

/* ---- beside the Font Map */
EACH(ERROR_INFO_BESIDE, "7", 0x7),
EACH(ERROR_INFO_BESIDE, "9", 0x9),
ERROR_INFO_BESIDE("a", 0xA, "-nla", SERVER(NLA, NLA), WITH_PASSWORD),
EACH(ERROR_INFO_BESIDE, "101", 0x101),
EACH(ULTIMATUM_BESIDE, "1", 1),
EACH(ULTIMATUM_BESIDE, "3", 3),
EACH(END_BESIDE, , ),
EACH(BUSIES, , ),
EACH(ERROR_INFO_CHANNEL_DATA, , ),
ERROR_INFO_GARBLED("", SERVER(TLS, TLS), .expect = ERROR_INFO_IN(ACTIVE, 7)),
ERROR_INFO_GARBLED("-rdp", SERVER(RDP, RDP), .expect = FIN_IN(ACTIVE)),
ERROR_INFO_GARBLED("-nla", SERVER(NLA, NLA), WITH_PASSWORD, .expect = ERROR_INFO_IN(ACTIVE, 7)),
{"error-info-7-client-info-rdp", "Set Error Info 0x7 in answer to the Client Info, encrypted",
 SERVER(RDP, RDP), .moment = AT_CLIENT_INFO, .act = act_error_info, .end = END_FIN, .value = 7,
 .expect = ERROR_INFO_IN(SECURITY_COMMENCEMENT, 7)},
{"error-info-7-no-demand-active-rdp", "Set Error Info 0x7 instead of the Demand Active, encrypted",
 SERVER(RDP, RDP), .moment = BEFORE_DEMAND_ACTIVE, .act = act_error_info, .end = END_FIN,
 .value = 7, .expect = ERROR_INFO_IN(CAPABILITIES, 7)},
{"error-info-7-finalization-nla", "Set Error Info 0x7 after the Font List", SERVER(NLA, NLA),
 WITH_PASSWORD, .moment = AT_FONT_LIST, .act = act_error_info, .end = END_FIN, .value = 7,
 .expect = ERROR_INFO_IN(FINALIZATION, 7)},
{"error-info-7-silence", "Set Error Info 0x7 after the Font List, then silence", SERVER(TLS, TLS),
 .moment = AT_FONT_LIST, .act = act_error_info, .end = END_SILENCE, .value = 7,
 .expect = ERROR_INFO_IN(FINALIZATION, 7)},

/* ---- redirection */
EACH(REDIRECTS, , ),
REDIRECT("client-info", "after the Client Info", AT_CLIENT_INFO, SECURE_SETTINGS, "",
         .act = act_redirect, SERVER(TLS, TLS)),
REDIRECT("client-info", "after the Client Info", AT_CLIENT_INFO, SECURE_SETTINGS, "-nla",
         .act = act_redirect, SERVER(NLA, NLA), WITH_PASSWORD),
REDIRECT("client-info", "after the Client Info", AT_CLIENT_INFO, SECURITY_COMMENCEMENT, "-rdp",
         .act = act_redirect, SERVER(RDP, RDP)),

/* ---- MCS results */
EACH(MCS_RESULT, "14", 14),
EACH(MCS_RESULT, "15", 15),
MCS_RESULT("1", 1, "", SERVER(TLS, TLS)),
MCS_RESULT("3", 3, "", SERVER(TLS, TLS)),
MCS_RESULT("8", 8, "", SERVER(TLS, TLS)),
MCS_RESULT("11", 11, "", SERVER(TLS, TLS)),
MCS_RESULT("99", 99, "", SERVER(TLS, TLS)),
EACH(ATTACH_14, , ),
EACH(NO_INITIATOR, , ),
ATTACH_RESULT("5", 5, 0, "", SERVER(TLS, TLS)),
ATTACH_RESULT("13", 13, 0, "", SERVER(TLS, TLS)),
ATTACH_RESULT("15-initiator", 15, 1, "", SERVER(TLS, TLS)),
ATTACH_RESULT("1-initiator", 1, 1, "", SERVER(TLS, TLS)),
EACH(JOIN_14, , ),
JOIN_RESULT("3", 3, 0, 1, "", SERVER(TLS, TLS)),
JOIN_RESULT("11-second", 11, 0, 2, "", SERVER(TLS, TLS)),
JOIN_RESULT("6-second", 6, 1, 2, "", SERVER(TLS, TLS)),

/* ---- X.224 Disconnect Request and Error */
X224("negotiation-rdp", "instead of the Connection Confirm", BEFORE_CONFIRM, NEGOTIATION,
     SERVER(RDP, RDP)),
X224("negotiation-nla", "instead of the Connection Confirm", BEFORE_CONFIRM, NEGOTIATION,
     SERVER(NLA, NLA)),
X224("tls", "in the clear, in answer to the ClientHello", AT_CLIENT_HELLO, TLS, SERVER(TLS, TLS)),
X224("tls-nla", "in the clear, in answer to the ClientHello", AT_CLIENT_HELLO, TLS,
     SERVER(NLA, NLA)),
X224("credssp", "in answer to NTLM NEGOTIATE", AT_NTLM_NEGOTIATE, CREDSSP, SERVER(NLA, NLA)),
X224("secure-settings", "after the Client Info", AT_CLIENT_INFO, SECURE_SETTINGS,
     SERVER(TLS, TLS)),
X224("capabilities", "after the Confirm Active", AT_CONFIRM_ACTIVE, CAPABILITIES,
     SERVER(TLS, TLS)),
EACH(X224_EACH, , ),

/* ---- TLS */
TLS_ALERT("tls-alert-90", 90, "90 user_canceled"),
TLS_WARNINGS("tls-warning-112", 112, "112 unrecognized_name"),
TLS_WARNINGS("tls-warning-90", 90, "90 user_canceled"),
/* how TLS says good-bye, and no reason for it */
TLS_WARNING("tls-warning-0-fin", 0, "0 close_notify", .end = END_FIN, .expect = FIN_IN(TLS)),
TLS_WARNING("tls-warning-0-rst", 0, "0 close_notify", .end = END_RST, .expect = RST_IN(TLS)),
{"tls-warning-0-late-rst", "TLS alert 0 close_notify of level warning, and a reset 50 ms later",
 SERVER(TLS, TLS), .moment = AT_CLIENT_HELLO, .act = act_tls_alert_alone, .value = 0, .value2 = 1,
 .end = END_RST, .expect = RST_IN(TLS)},
TLS_WARNING("tls-warning-0-silence", 0, "0 close_notify", .end = END_SILENCE,
            .expect = FIN_IN(TLS)),
TLS_WARNING("tls-warning-112-silence", 112, "112 unrecognized_name", .end = END_SILENCE,
            .expect = REFUSED(TLS, TLS_ALERT, TLS_ALERT, 112)),
{"tls-warning-112-goes-on", "TLS alert 112 of level warning, and then the ServerHello",
 SERVER(TLS, TLS), .moment = AT_CLIENT_HELLO, .act = act_tls_alert, .value = 112, .value2 = 1,
 .expect = DONE},
{"tls-warning-112-goes-on-tls1.2", "The same with TLS 1.2", SERVER(TLS, TLS12),
 .moment = AT_CLIENT_HELLO, .act = act_tls_alert, .value = 112, .value2 = 1, .expect = DONE},
ULTIMATUM("ultimatum-3-tls", 3, "in the clear, in answer to the ClientHello", AT_CLIENT_HELLO, TLS,
          SERVER(TLS, TLS), .act = act_ultimatum),
ULTIMATUM("ultimatum-3-tls-nla", 3, "in the clear, in answer to the ClientHello", AT_CLIENT_HELLO,
          TLS, SERVER(NLA, NLA), .act = act_ultimatum),
ULTIMATUM("ultimatum-1-tls", 1, "in the clear, in answer to the ClientHello", AT_CLIENT_HELLO, TLS,
          SERVER(TLS, TLS), .act = act_ultimatum),
ULTIMATUM("ultimatum-3-basic-settings", 3, "after the Connect Initial", AT_CONNECT_INITIAL,
          BASIC_SETTINGS, SERVER(TLS, TLS), .act = act_ultimatum),
ULTIMATUM("ultimatum-3-basic-settings-rdp", 3, "after the Connect Initial", AT_CONNECT_INITIAL,
          BASIC_SETTINGS, SERVER(RDP, RDP), .act = act_ultimatum),

/* ---- CredSSP */
NEGOTIATE_ERRORS("logon-failure", 0xC000006D, "STATUS_LOGON_FAILURE"),
NEGOTIATE_ERRORS("account-locked", 0xC0000234, "STATUS_ACCOUNT_LOCKED_OUT"),
NEGOTIATE_ERRORS("no-logon-servers", 0xC000005E, "STATUS_NO_LOGON_SERVERS"),
AUTH_INFO_ERROR("logon-type", 0xC000015B, "STATUS_LOGON_TYPE_NOT_GRANTED"),
AUTH_INFO_ERROR("access-denied", 0xC0000022, "STATUS_ACCESS_DENIED"),
AUTH_INFO_ERROR("must-change", 0xC0000224, "STATUS_PASSWORD_MUST_CHANGE"),
SPNEGO_EACH("spnego-reject", "NegTokenResp with negState reject", SPNEGO_REJECT, SAYS_REJECT),
SPNEGO("spnego-reject-authenticate", "reject in answer to NTLM AUTHENTICATE", BEFORE_PUB_KEY_AUTH,
       SPNEGO_REJECT, SAYS_REJECT, SERVER(NLA, NLA), WITH_PASSWORD),
SPNEGO_EACH("spnego-kerberos", "NegTokenResp that chooses Kerberos",
            SPNEGO_MECH("\x01", OID_KERBEROS), WANTS_KERBEROS),
SPNEGO_EACH("spnego-kerberos-microsoft", "NegTokenResp that chooses Microsoft's Kerberos",
            SPNEGO_MECH("\x01", OID_MS_KERBEROS), WANTS_KERBEROS),
SPNEGO("spnego-kerberos-mic", "NegTokenResp that chooses Kerberos, request-mic",
       BEFORE_NTLM_CHALLENGE, SPNEGO_MECH("\x03", OID_KERBEROS), WANTS_KERBEROS,
       SERVER(NLA, NLA)),
    /* clang-format on */
