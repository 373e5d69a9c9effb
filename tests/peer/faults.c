/* SPDX-License-Identifier: Apache-2.0 */
#include "acts.h"
#include "broker.h"
#include "peer.h"
#include "responder.h"

/* Expected verdicts, in the words of the vocabulary; the phase is the first one that the server
 * had not confirmed. */
#define DONE                                                                                       \
    {                                                                                              \
        WHY_OUTCOME_COMPLETED, WHY_PHASE_ACTIVE, WHY_END_DONE, WHY_CLOSED_BY_CLIENT,               \
            WHY_SPACE_COUNT, 0, false, 0, 0                                                        \
    }
#define ABORTED(phase, ending, closer)                                                             \
    {                                                                                              \
        WHY_OUTCOME_ABORTED, WHY_PHASE_##phase, WHY_END_##ending, WHY_CLOSED_BY_##closer,          \
            WHY_SPACE_COUNT, 0, false, 0, 0                                                        \
    }
#define FIN_IN(phase)       ABORTED(phase, FIN, SERVER)
#define RST_IN(phase)       ABORTED(phase, RESET, SERVER)
#define TIMEOUT_IN(phase)   ABORTED(phase, TIMEOUT, DEADLINE)
#define VIOLATION_IN(phase) ABORTED(phase, PROTOCOL_VIOLATION, CLIENT)
#define STOPPED_IN(phase)                                                                          \
    {                                                                                              \
        WHY_OUTCOME_STOPPED, WHY_PHASE_##phase, WHY_END_STOP, WHY_CLOSED_BY_CLIENT,                \
            WHY_SPACE_COUNT, 0, false, 0, 0                                                        \
    }
#define REFUSED(phase, ending, space, code)                                                        \
    {                                                                                              \
        WHY_OUTCOME_REFUSED, WHY_PHASE_##phase, WHY_END_##ending, WHY_CLOSED_BY_SERVER,            \
            WHY_SPACE_##space, code, false, 0, 0                                                   \
    }
#define REDIRECTED_IN(phase)                                                                       \
    {                                                                                              \
        WHY_OUTCOME_REFUSED, WHY_PHASE_##phase, WHY_END_REDIRECTED, WHY_CLOSED_BY_SERVER,          \
            WHY_SPACE_COUNT, 0, false, 0, 0                                                        \
    }
/* The server sends the code itself: mstsc shows it beside 0x904 (the socket was closed). */
#define ERROR_INFO_IN(phase, code)                                                                 \
    {                                                                                              \
        WHY_OUTCOME_REFUSED, WHY_PHASE_##phase, WHY_END_ERROR_INFO, WHY_CLOSED_BY_SERVER,          \
            WHY_SPACE_ERROR_INFO, code, true, 0x904, code                                          \
    }

#define SERVER(sec, prof)                                                                          \
    .engine = PEER_SERVER, .security = PEER_SEC_##sec, .profile = WHY_PROFILE_##prof,              \
    .license_mode = WHY_LICENSE_MODE_FRESH
#define WITH_PASSWORD .credentials = PEER_CRED_RIGHT
#define RESPONDER(prof)                                                                            \
    .engine = PEER_RESPONDER, .security = PEER_SEC_TLS, .profile = WHY_PROFILE_##prof,             \
    .license_mode = WHY_LICENSE_MODE_FRESH
#define BYTES(literal) .bytes = (literal), .bytes_len = sizeof(literal) - 1

/* One place, three ways to end there. */
#define THREE_WAYS(where, when, at, ph, ...)                                                       \
    {"fin-" where, "FIN " when, .moment = at, .end = END_FIN, .expect = FIN_IN(ph), __VA_ARGS__},  \
        {"rst-" where,   "RST " when,          .moment = at,                                       \
         .end = END_RST, .expect = RST_IN(ph), __VA_ARGS__},                                       \
    {                                                                                              \
        "silence-" where, "Silence " when, .moment = at, .end = END_SILENCE,                       \
                                           .expect = TIMEOUT_IN(ph), __VA_ARGS__                   \
    }

#define NEG_FAILURE(name, n, words)                                                                \
    {                                                                                              \
        name, "RDP_NEG_FAILURE " words, SERVER(TLS, TLS),                                          \
            .moment = BEFORE_CONFIRM, .act = act_neg_failure, .end = END_FIN, .value = n,          \
            .expect = REFUSED(NEGOTIATION, NEGOTIATION_FAILURE, NEGOTIATION_FAILURE, n)            \
    }
#define TLS_ALERT(name, n, words)                                                                  \
    {                                                                                              \
        name, "TLS alert " words " in answer to the ClientHello", SERVER(TLS, TLS),                \
            .moment = AT_CLIENT_HELLO, .act = act_tls_alert, .end = END_FIN, .value = n,           \
            .expect = REFUSED(TLS, TLS_ALERT, TLS_ALERT, n)                                        \
    }
#define CREDSSP_ERROR(name, status, words)                                                         \
    {                                                                                              \
        name, "CredSSP errorCode " words " in answer to NTLM AUTHENTICATE", SERVER(NLA, NLA),      \
            WITH_PASSWORD, .moment = AT_NTLM_AUTHENTICATE, .act = act_credssp_error,               \
                           .end = END_FIN, .value = status,                                        \
                           .expect = REFUSED(CREDSSP, CREDSSP_ERROR, NTSTATUS, status)             \
    }
#define ERROR_INFO(name, n, words)                                                                 \
    {                                                                                              \
        name, "Set Error Info " words " after Confirm Active", SERVER(TLS, TLS),                   \
            .moment = AT_CONFIRM_ACTIVE, .act = act_error_info, .end = END_FIN, .value = n,        \
            .expect = ERROR_INFO_IN(CAPABILITIES, n)                                               \
    }
#define ULTIMATUM(name, n, when, at, ph, ...)                                                      \
    {                                                                                              \
        name, "Disconnect Provider Ultimatum, reason " #n ", " when,                               \
            .moment = at, .end = END_FIN, .value = n,                                              \
            .expect = REFUSED(ph, DISCONNECT_ULTIMATUM, MCS_DISCONNECT, n), __VA_ARGS__            \
    }
/* Bytes that are no RDP; the server then waits, so that it is the client that gives up. */
#define GARBAGE(name, when, at, ph, ...)                                                           \
    {                                                                                              \
        name, "Garbage " when, .moment = at, .act = act_inside_bytes, .end = END_SILENCE,          \
                               BYTES(NOISE), .expect = VIOLATION_IN(ph), __VA_ARGS__               \
    }
#define FLIPPED(name, words, at, offset, bits, ph, ...)                                            \
    {                                                                                              \
        name, "Bits flipped in the " words, .moment = at, .act = act_flip, .end = END_SILENCE,     \
                                            .value = offset, .value2 = bits,                       \
                                            .expect = VIOLATION_IN(ph), __VA_ARGS__                \
    }
#define TRUNCATED(name, words, at, ph, ...)                                                        \
    {"truncated-" name "-fin",                                                                     \
     "Half of the " words ", then FIN",                                                            \
     .moment = at,                                                                                 \
     .act = act_truncate,                                                                          \
     .end = END_FIN,                                                                               \
     .expect = FIN_IN(ph),                                                                         \
     __VA_ARGS__},                                                                                 \
    {                                                                                              \
        "truncated-" name "-silence", "Half of the " words ", then silence",                       \
            .moment = at, .act = act_truncate, .end = END_SILENCE, .expect = TIMEOUT_IN(ph),       \
            __VA_ARGS__                                                                            \
    }
#define BROKER(name, words, way, sec, ...)                                                         \
    {                                                                                              \
        "broker-" name, "A broker: redirects " words, SERVER(sec, sec),                            \
            .moment = BEFORE_DEMAND_ACTIVE, .act = act_broker, .value = BROKER_##way,              \
            .expect = REDIRECTED_IN(CAPABILITIES), __VA_ARGS__                                     \
    }
#define DROPPED(name, words, at, ph, ...)                                                          \
    {                                                                                              \
        "dropped-" name, "The " words " never comes, and nothing else either",                     \
            .moment = at, .end = END_SILENCE, .expect = TIMEOUT_IN(ph), __VA_ARGS__                \
    }
/* |n|: the TLS version's number on the wire. */
#define TLS_ONLY(name, n, prof)                                                                    \
    {                                                                                              \
        name, "Healthy; one TLS version only", SERVER(TLS, prof),                                  \
            .setup = {.tls_min = n, .tls_max = n}, .expect = DONE                                  \
    }
#define TLS_MISMATCH(name, n, prof)                                                                \
    {                                                                                              \
        name, "One TLS version only, and not the client's", SERVER(TLS, prof),                     \
            .setup = {.tls_min = n, .tls_max = n},                                                 \
            .expect = REFUSED(TLS, TLS_ALERT, TLS_ALERT, 70)                                       \
    }
#define CERTIFICATE(name, words, file, key_file)                                                   \
    {                                                                                              \
        name, "Healthy; certificate: " words, SERVER(TLS, TLS),                                    \
            .setup = {.certificate = file, .key = key_file}, .expect = DONE                        \
    }
#define ENCRYPTION(name, words, n)                                                                 \
    {                                                                                              \
        name, "Standard RDP Security, encryption level " words, SERVER(RDP, RDP),                  \
            .setup = {.encryption_level = n}, .expect = DONE                                       \
    }
#define NOT_RDP(name, words, first, ...)                                                           \
    {                                                                                              \
        name, words, RESPONDER(TLS), .script = script_bytes, .value = first,                       \
                                     .expect = VIOLATION_IN(NEGOTIATION), __VA_ARGS__              \
    }

#define NOISE                                                                                      \
    "\xDE\x10\xC0\xDE\xBA\xAD\xF0\x0D\xFE\xED\xFA\xCE\xCA\xFE\xBE\xEF"                             \
    "\xDE\x10\xC0\xDE\xBA\xAD\xF0\x0D\xFE\xED\xFA\xCE\xCA\xFE\xBE\xEF"
#define CONFIRM(protocol) "\x03\x00\x00\x13\x0E\xD0\x00\x00\x12\x34\x00\x02\x00\x08\x00" protocol
#define FIRST             1u /* speaks before the client has said anything */

const struct peer_fault peer_faults[] = {
    /* ---- healthy servers, and differences that must not matter */
    {"healthy-rdp", "Standard RDP Security up to ACTIVE", SERVER(RDP, RDP), .expect = DONE},
    {"healthy-tls", "TLS up to ACTIVE", SERVER(TLS, TLS), .expect = DONE},
    {"healthy-nla", "CredSSP up to ACTIVE; refuses other offers with RDP_NEG_FAILURE 5",
     SERVER(NLA, NLA), WITH_PASSWORD, .expect = DONE},
    {"healthy-nla-ext", "CredSSP with the Early User Authorization Result up to ACTIVE",
     SERVER(NLA_EXT, NLA_EXT), WITH_PASSWORD, .expect = DONE},
    {"healthy-any", "Takes what the client likes best", SERVER(ANY, NEGOTIATE), WITH_PASSWORD,
     .expect = DONE},
    {"healthy-any-rdp", "Takes Standard RDP Security where nothing else is offered",
     SERVER(ANY, RDP), .expect = DONE},
    {"healthy-any-tls", "Takes TLS where CredSSP is not offered", SERVER(ANY, TLS), .expect = DONE},
    {"healthy-tls-negotiate", "TLS only, offered everything", SERVER(TLS, NEGOTIATE),
     .expect = DONE},
    {"healthy-tls-admin", "An administrative session", .engine = PEER_SERVER,
     .security = PEER_SEC_TLS, .profile = WHY_PROFILE_TLS, .license_mode = WHY_LICENSE_MODE_ADMIN,
     .expect = DONE},
    {"healthy-tls-skip-join", "The server lets the client skip the channel joins", SERVER(TLS, TLS),
     .setup = {.skip_join = true}, .expect = DONE},
    ENCRYPTION("healthy-rdp-low", "low: the client's PDUs alone are encrypted", 1),
    ENCRYPTION("healthy-rdp-client-compatible", "client compatible", 2),
    ENCRYPTION("healthy-rdp-high", "high", 3),
    ENCRYPTION("healthy-rdp-fips", "FIPS", 4),
    TLS_ONLY("tls1.0-only", 0x0301, TLS10),
    TLS_ONLY("tls1.1-only", 0x0302, TLS11),
    TLS_ONLY("tls1.2-only", 0x0303, TLS12),
    TLS_ONLY("tls1.3-only", 0x0304, TLS13),
    CERTIFICATE("certificate-weak", "RSA 1024", "weak", NULL),
    CERTIFICATE("certificate-expired", "expired in 2011", "expired", "server"),
    CERTIFICATE("certificate-not-yet-valid", "valid from 2098", "not-yet-valid", "server"),
    CERTIFICATE("certificate-other-name", "another host's name", "other-name", "server"),
    CERTIFICATE("certificate-ec", "EC P-256", "ec", NULL),
    CERTIFICATE("certificate-hostile", "control characters, markup and 1,000 bytes in the subject",
                "hostile-subject", "server"),
    {"old-server-rdp", "11-byte Connection Confirm, then Standard RDP Security", SERVER(RDP, RDP),
     .moment = BEFORE_CONFIRM, .act = act_old_confirm, .expect = DONE},
    {"slow-line-tls", "Healthy; the first 400 bytes come one by one, 3 ms apart", RESPONDER(TLS),
     .script = script_slow_line, .value = 3000, .value2 = 400, .expect = DONE},
    {"drip-connect-response", "Healthy; the Connect Response in records of one byte",
     SERVER(TLS, TLS), .moment = BEFORE_CONNECT_RESPONSE, .act = act_drip, .value = 1,
     .expect = DONE},
    {"drip-demand-active", "Healthy; the Demand Active in records of one byte", SERVER(TLS, TLS),
     .moment = BEFORE_DEMAND_ACTIVE, .act = act_drip, .value = 1, .expect = DONE},
    {"auto-detect", "Round-trip and bandwidth measurement before licensing", SERVER(TLS, TLS),
     .moment = BEFORE_LICENSE, .act = act_auto_detect, .value = 3, .value2 = 1, .expect = DONE},
    {"multitransport", "Initiate Multitransport Request, then all is well", SERVER(TLS, TLS),
     .moment = BEFORE_DEMAND_ACTIVE, .act = act_multitransport, .value = 1, .expect = DONE},
    {"error-info-0", "Set Error Info ERRINFO_NONE, then all is well", SERVER(TLS, TLS),
     .moment = BEFORE_SYNCHRONIZE, .act = act_error_info_none, .expect = DONE},
    /* ---- the connection ends without a word */
    THREE_WAYS("accept", "before anything is read", AT_ACCEPT, NEGOTIATION, RESPONDER(TLS),
               .script = script_accept),
    THREE_WAYS("negotiation", "after the Connection Request", AT_REQUEST, NEGOTIATION,
               SERVER(TLS, TLS)),
    THREE_WAYS("tls", "on the ClientHello", AT_CLIENT_HELLO, TLS, SERVER(TLS, TLS)),
    THREE_WAYS("server-hello", "after the ServerHello", PEER_NEVER, TLS, RESPONDER(TLS),
               .script = script_flight, .value = 1),
    THREE_WAYS("server-hello-tls1.2", "after the ServerHello of TLS 1.2", PEER_NEVER, TLS,
               RESPONDER(TLS), .script = script_flight, .value = 1, .value2 = 0x0303),
    THREE_WAYS("basic-settings", "after the Connect Initial", AT_CONNECT_INITIAL, BASIC_SETTINGS,
               SERVER(TLS, TLS)),
    THREE_WAYS("attach-user", "after the Attach User Request", AT_ATTACH_USER, CHANNEL_CONNECTION,
               SERVER(TLS, TLS)),
    THREE_WAYS("channel-connection", "after the second Channel Join Request", AT_JOIN,
               CHANNEL_CONNECTION, SERVER(TLS, TLS), .nth = 2),
    THREE_WAYS("secure-settings", "after the Client Info", AT_CLIENT_INFO, SECURE_SETTINGS,
               SERVER(TLS, TLS)),
    THREE_WAYS("auto-detect", "after an answered round-trip request", BEFORE_LICENSE, AUTO_DETECT,
               SERVER(TLS, TLS), .act = act_auto_detect, .value = 1),
    THREE_WAYS("multitransport", "after the Initiate Multitransport Request", BEFORE_DEMAND_ACTIVE,
               MULTITRANSPORT, SERVER(TLS, TLS), .act = act_multitransport, .value = 1),
    THREE_WAYS("demand-active", "instead of the Demand Active", BEFORE_DEMAND_ACTIVE, CAPABILITIES,
               SERVER(TLS, TLS)),
    THREE_WAYS("capabilities", "after the Confirm Active", AT_CONFIRM_ACTIVE, CAPABILITIES,
               SERVER(TLS, TLS)),
    THREE_WAYS("finalization", "after the Font List", AT_FONT_LIST, FINALIZATION, SERVER(TLS, TLS)),

    THREE_WAYS("negotiation-rdp", "after the Connection Request", AT_REQUEST, NEGOTIATION,
               SERVER(RDP, RDP)),
    THREE_WAYS("basic-settings-rdp", "after the Connect Initial", AT_CONNECT_INITIAL,
               BASIC_SETTINGS, SERVER(RDP, RDP)),
    THREE_WAYS("channel-connection-rdp", "after the second Channel Join Request", AT_JOIN,
               CHANNEL_CONNECTION, SERVER(RDP, RDP), .nth = 2),
    THREE_WAYS("security-commencement-rdp", "after the Security Exchange", AT_SECURITY_EXCHANGE,
               SECURITY_COMMENCEMENT, SERVER(RDP, RDP)),
    /* No server PDU has confirmed the Security Exchange yet, so that phase is the first. */
    THREE_WAYS("secure-settings-rdp", "after the Client Info", AT_CLIENT_INFO,
               SECURITY_COMMENCEMENT, SERVER(RDP, RDP)),
    THREE_WAYS("demand-active-rdp", "instead of the Demand Active", BEFORE_DEMAND_ACTIVE,
               CAPABILITIES, SERVER(RDP, RDP)),
    THREE_WAYS("capabilities-rdp", "after the Confirm Active", AT_CONFIRM_ACTIVE, CAPABILITIES,
               SERVER(RDP, RDP)),
    THREE_WAYS("finalization-rdp", "after the Font List", AT_FONT_LIST, FINALIZATION,
               SERVER(RDP, RDP)),

    THREE_WAYS("tls-nla", "on the ClientHello", AT_CLIENT_HELLO, TLS, SERVER(NLA, NLA)),
    THREE_WAYS("credssp-negotiate", "after NTLM NEGOTIATE", AT_NTLM_NEGOTIATE, CREDSSP,
               SERVER(NLA, NLA)),
    THREE_WAYS("credssp-authenticate", "after NTLM AUTHENTICATE", AT_NTLM_AUTHENTICATE, CREDSSP,
               SERVER(NLA, NLA), WITH_PASSWORD),
    THREE_WAYS("credssp-auth-info", "after the delegated credentials", AT_AUTH_INFO, BASIC_SETTINGS,
               SERVER(NLA, NLA), WITH_PASSWORD),
    THREE_WAYS("early-user-auth", "instead of the Early User Authorization Result", AT_AUTH_INFO,
               CREDSSP, SERVER(NLA_EXT, NLA_EXT), WITH_PASSWORD),
    THREE_WAYS("basic-settings-nla", "after the Connect Initial", AT_CONNECT_INITIAL,
               BASIC_SETTINGS, SERVER(NLA, NLA), WITH_PASSWORD),
    THREE_WAYS("secure-settings-nla", "after the Client Info", AT_CLIENT_INFO, SECURE_SETTINGS,
               SERVER(NLA, NLA), WITH_PASSWORD),
    THREE_WAYS("capabilities-nla", "after the Confirm Active", AT_CONFIRM_ACTIVE, CAPABILITIES,
               SERVER(NLA, NLA), WITH_PASSWORD),
    THREE_WAYS("finalization-nla", "after the Font List", AT_FONT_LIST, FINALIZATION,
               SERVER(NLA, NLA), WITH_PASSWORD),

    /* ---- what is not RDP, or not all of it */
    NOT_RDP("http", "A web server", 0, .end = END_FIN,
            BYTES("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\n"
                  "Content-Length: 50\r\nConnection: close\r\n\r\n"
                  "<html><body><h1>400 Bad Request</h1></body></html>")),
    NOT_RDP("ssh", "An SSH server: its banner first", FIRST, .end = END_SILENCE,
            BYTES("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")),
    NOT_RDP("smtp", "A mail server: its banner first", FIRST, .end = END_SILENCE,
            BYTES("220 mail.example.test ESMTP Postfix\r\n")),
    NOT_RDP("vnc", "A VNC server: its banner first", FIRST, .end = END_SILENCE,
            BYTES("RFB 003.008\n")),
    {"tls-server", "A TLS server that knows no RDP: OpenSSL, which closes without an alert",
     RESPONDER(TLS), .script = script_tls_server, .end = END_FIN, .expect = FIN_IN(NEGOTIATION)},
    NOT_RDP("tls-server-alert", "A TLS server that knows no RDP, and says so with an alert", 0,
            .end = END_FIN, BYTES("\x15\x03\x01\x00\x02\x02\x46")),
    NOT_RDP("garbage-negotiation", "Garbage instead of the Connection Confirm", 0,
            .end = END_SILENCE, BYTES(NOISE)),
    NOT_RDP("tpkt-length-3", "TPKT whose length is less than its header", 0, .end = END_SILENCE,
            BYTES("\x03\x00\x00\x03")),
    {"tpkt-length-max", "TPKT of length 65,535, then silence", RESPONDER(TLS),
     .script = script_bytes, .end = END_SILENCE, BYTES("\x03\x00\xFF\xFF\x0E\xD0"),
     .expect = TIMEOUT_IN(NEGOTIATION)},
    {"drip-forever", "A TPKT of length 65,535 that comes byte by byte, 200 ms apart",
     RESPONDER(TLS), .script = script_drip_bytes, .value = 200, .value2 = 1, .end = END_SILENCE,
     BYTES("\x03\x00\xFF\xFF\xF0\xD0\x00\x00\x12\x34\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
     .expect = TIMEOUT_IN(NEGOTIATION)},
    NOT_RDP("select-not-offered", "Selects CredSSP, which was not offered", 0, .end = END_SILENCE,
            BYTES(CONFIRM("\x02\x00\x00\x00"))),
    NOT_RDP("select-unknown", "Selects protocol 0x40000000", 0, .end = END_SILENCE,
            BYTES(CONFIRM("\x00\x00\x00\x40"))),
    {"x224-disconnect", "X.224 Disconnect Request instead of the Connection Confirm",
     SERVER(TLS, TLS), .moment = BEFORE_CONFIRM, .act = act_disconnect_request, .end = END_FIN,
     .expect = REFUSED(NEGOTIATION, X224_DISCONNECT, COUNT, 0)},
    {"tls-garbage", "Garbage in answer to the ClientHello", RESPONDER(TLS),
     .script = script_hello_bytes, .end = END_SILENCE, BYTES(NOISE), .expect = VIOLATION_IN(TLS)},
    {"tls-http", "A web server's answer to the ClientHello", RESPONDER(TLS),
     .script = script_hello_bytes, .end = END_SILENCE,
     BYTES("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), .expect = VIOLATION_IN(TLS)},
    {"tls-record-too-long", "A TLS record of length 65,535", RESPONDER(TLS),
     .script = script_hello_bytes, .end = END_SILENCE,
     BYTES("\x16\x03\x03\xFF\xFF\x02\x00\x00\x50"), .expect = VIOLATION_IN(TLS)},
    {"tls-record-empty", "An empty handshake record, then a broken ServerHello", RESPONDER(TLS),
     .script = script_hello_bytes, .end = END_SILENCE,
     BYTES("\x16\x03\x03\x00\x08\x02\x00\x00\x04\x03\x03\x00\x00"), .expect = VIOLATION_IN(TLS)},
    {"tls-flight-changed", "A changed byte in the server's TLS 1.3 flight", RESPONDER(TLS),
     .script = script_flight_changed, .value = 200, .value2 = 0x0304, .end = END_SILENCE,
     .expect = VIOLATION_IN(TLS)},
    {"tls-flight-changed-tls1.2", "A changed byte in the server's TLS 1.2 signature",
     RESPONDER(TLS), .script = script_flight_changed, .value = 1100, .value2 = 0x0303,
     .end = END_SILENCE, .expect = VIOLATION_IN(TLS)},
    {"tls-plaintext", "Bytes in the clear within the TLS connection", RESPONDER(TLS),
     .script = script_below, .end = END_SILENCE, BYTES(NOISE),
     .expect = VIOLATION_IN(BASIC_SETTINGS)},
    {"tls-inside-http", "A web server's answer inside TLS, to the Connect Initial", RESPONDER(TLS),
     .script = script_inside, .end = END_SILENCE,
     BYTES("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\n"
           "Content-Length: 50\r\nConnection: close\r\n\r\n"
           "<html><body><h1>400 Bad Request</h1></body></html>"),
     .expect = VIOLATION_IN(BASIC_SETTINGS)},
    GARBAGE("garbage-basic-settings", "instead of the Connect Response", BEFORE_CONNECT_RESPONSE,
            BASIC_SETTINGS, SERVER(TLS, TLS)),
    GARBAGE("garbage-basic-settings-rdp", "instead of the Connect Response",
            BEFORE_CONNECT_RESPONSE, BASIC_SETTINGS, SERVER(RDP, RDP)),
    GARBAGE("garbage-channel-connection", "instead of a Channel Join Confirm", BEFORE_JOIN_CONFIRM,
            CHANNEL_CONNECTION, SERVER(TLS, TLS), .nth = 2),
    GARBAGE("garbage-licensing", "instead of the license message", BEFORE_LICENSE, SECURE_SETTINGS,
            SERVER(TLS, TLS)),
    GARBAGE("garbage-demand-active", "instead of the Demand Active", BEFORE_DEMAND_ACTIVE,
            CAPABILITIES, SERVER(TLS, TLS)),
    GARBAGE("garbage-credssp", "instead of the NTLM CHALLENGE", BEFORE_NTLM_CHALLENGE, CREDSSP,
            SERVER(NLA, NLA)),
    TRUNCATED("confirm", "Connection Confirm", BEFORE_CONFIRM, NEGOTIATION, SERVER(TLS, TLS)),
    TRUNCATED("ntlm-challenge", "NTLM CHALLENGE", BEFORE_NTLM_CHALLENGE, CREDSSP, SERVER(NLA, NLA)),
    TRUNCATED("connect-response", "Connect Response", BEFORE_CONNECT_RESPONSE, BASIC_SETTINGS,
              SERVER(TLS, TLS)),
    TRUNCATED("connect-response-rdp", "Connect Response", BEFORE_CONNECT_RESPONSE, BASIC_SETTINGS,
              SERVER(RDP, RDP)),
    TRUNCATED("license", "STATUS_VALID_CLIENT", BEFORE_LICENSE, SECURE_SETTINGS, SERVER(TLS, TLS)),
    TRUNCATED("demand-active", "Demand Active", BEFORE_DEMAND_ACTIVE, CAPABILITIES,
              SERVER(TLS, TLS)),
    TRUNCATED("font-map", "Font Map", BEFORE_FONT_MAP, FINALIZATION, SERVER(TLS, TLS)),
    DROPPED("join-confirm", "last Channel Join Confirms", BEFORE_JOIN_CONFIRM, CHANNEL_CONNECTION,
            SERVER(TLS, TLS), .nth = 2),
    DROPPED("font-map", "Font Map", BEFORE_FONT_MAP, FINALIZATION, SERVER(TLS, TLS)),
    DROPPED("font-map-rdp", "Font Map", BEFORE_FONT_MAP, FINALIZATION, SERVER(RDP, RDP)),
    FLIPPED("flipped-confirm", "Connection Confirm's TPDU code", BEFORE_CONFIRM, 5, 0xF0,
            NEGOTIATION, SERVER(TLS, TLS)),
    FLIPPED("flipped-connect-response", "Connect Response's BER tag", BEFORE_CONNECT_RESPONSE, 8,
            0xFF, BASIC_SETTINGS, SERVER(TLS, TLS)),
    FLIPPED("flipped-license", "license message's size", BEFORE_LICENSE, 21, 0xFF, LICENSING,
            SERVER(TLS, TLS)),
    FLIPPED("flipped-demand-active", "Demand Active's length", BEFORE_DEMAND_ACTIVE, 16, 0xFF,
            CAPABILITIES, SERVER(TLS, TLS)),

    /* ---- negotiation */
    NEG_FAILURE("neg-failure-1", 1, "1: the server wants TLS"),
    NEG_FAILURE("neg-failure-2", 2, "2: the server allows no TLS"),
    NEG_FAILURE("neg-failure-3", 3, "3: the server has no certificate"),
    NEG_FAILURE("neg-failure-4", 4, "4: inconsistent flags"),
    NEG_FAILURE("neg-failure-5", 5, "5: the server wants CredSSP"),
    NEG_FAILURE("neg-failure-6", 6, "6: the server wants a client certificate"),
    NEG_FAILURE("neg-failure-99", 99, "99: unknown"),
    {"nla-required", "CredSSP only, offered TLS", SERVER(NLA, TLS),
     .expect = REFUSED(NEGOTIATION, NEGOTIATION_FAILURE, NEGOTIATION_FAILURE, 5)},
    {"nla-required-rdp", "CredSSP only, offered Standard RDP Security", SERVER(NLA, RDP),
     .expect = REFUSED(NEGOTIATION, NEGOTIATION_FAILURE, NEGOTIATION_FAILURE, 5)},
    {"tls-required", "TLS only, offered Standard RDP Security", SERVER(TLS, RDP),
     .expect = REFUSED(NEGOTIATION, NEGOTIATION_FAILURE, NEGOTIATION_FAILURE, 1)},
    {"tls-not-allowed", "Standard RDP Security only, offered TLS", SERVER(RDP, TLS),
     .expect = REFUSED(NEGOTIATION, NEGOTIATION_FAILURE, NEGOTIATION_FAILURE, 2)},
    {"select-tls", "TLS only, offered TLS and CredSSP where CredSSP is wanted", SERVER(TLS, NLA),
     .expect = STOPPED_IN(NEGOTIATION)},
    {"select-rdp", "Selects Standard RDP Security where TLS is wanted", RESPONDER(TLS),
     .script = script_bytes, .end = END_SILENCE, BYTES(CONFIRM("\x00\x00\x00\x00")),
     .expect = STOPPED_IN(NEGOTIATION)},
    {"old-server", "11-byte Connection Confirm where TLS is wanted", RESPONDER(TLS),
     .script = script_bytes, .end = END_SILENCE,
     BYTES("\x03\x00\x00\x0B\x06\xD0\x00\x00\x12\x34\x00"), .expect = STOPPED_IN(NEGOTIATION)},

    /* ---- TLS */
    TLS_ALERT("tls-alert-40", 40, "40 handshake_failure"),
    TLS_ALERT("tls-alert-48", 48, "48 unknown_ca"),
    TLS_ALERT("tls-alert-49", 49, "49 access_denied"),
    TLS_ALERT("tls-alert-70", 70, "70 protocol_version"),
    TLS_ALERT("tls-alert-80", 80, "80 internal_error"),
    TLS_ALERT("tls-alert-112", 112, "112 unrecognized_name"),
    {"tls-alert-40-nla", "TLS alert 40 handshake_failure in answer to the ClientHello",
     SERVER(NLA, NLA), .moment = AT_CLIENT_HELLO, .act = act_tls_alert, .end = END_FIN, .value = 40,
     .expect = REFUSED(TLS, TLS_ALERT, TLS_ALERT, 40)},
    {"tls-alert-inside", "TLS alert 20 bad_record_mac inside TLS 1.3, after the Connect Initial",
     RESPONDER(TLS), .script = script_inside_alert, .value = 0x0304, .end = END_FIN,
     .expect = REFUSED(BASIC_SETTINGS, TLS_ALERT, TLS_ALERT, 20)},
    {"tls-alert-inside-tls1.2", "TLS alert 20 bad_record_mac inside TLS 1.2", RESPONDER(TLS),
     .script = script_inside_alert, .value = 0x0303, .end = END_FIN,
     .expect = REFUSED(BASIC_SETTINGS, TLS_ALERT, TLS_ALERT, 20)},
    {"client-certificate-required",
     "Demands a client certificate with TLS 1.3, whose alert comes "
     "after the client's Finished",
     RESPONDER(TLS), .script = script_client_certificate, .value = 0x0304, .end = END_FIN,
     .expect = REFUSED(BASIC_SETTINGS, TLS_ALERT, TLS_ALERT, 116)},
    {"client-certificate-required-tls1.2", "Demands a client certificate with TLS 1.2",
     RESPONDER(TLS), .script = script_client_certificate, .value = 0x0303, .end = END_FIN,
     .expect = REFUSED(TLS, TLS_ALERT, TLS_ALERT, 40)},
    TLS_MISMATCH("tls1.2-only-offered-tls1.0", 0x0303, TLS10),
    TLS_MISMATCH("tls1.2-only-offered-tls1.1", 0x0303, TLS11),
    TLS_MISMATCH("tls1.2-only-offered-tls1.3", 0x0303, TLS13),
    TLS_MISMATCH("tls1.3-only-offered-tls1.2", 0x0304, TLS12),

    /* ---- CredSSP */
    {"nla-no-credentials", "CredSSP, and nobody to log on as", SERVER(NLA, NLA),
     .expect = STOPPED_IN(CREDSSP)},
    {"wrong-password", "CredSSP with a wrong password: STATUS_LOGON_FAILURE", SERVER(NLA, NLA),
     .credentials = PEER_CRED_WRONG, .moment = BEFORE_PUB_KEY_AUTH, .act = act_credssp_reject,
     .value = 0xC000006D, .expect = REFUSED(CREDSSP, CREDSSP_ERROR, NTSTATUS, 0xC000006D)},
    {"wrong-password-gnome",
     "CredSSP with a wrong password: Deactivate All and an ultimatum, as GNOME Remote Desktop",
     SERVER(NLA, NLA), .credentials = PEER_CRED_WRONG, .moment = BEFORE_PUB_KEY_AUTH,
     .act = act_goodbye, .expect = REFUSED(CREDSSP, DISCONNECT_ULTIMATUM, MCS_DISCONNECT, 3)},
    {"credssp-negotiate-error", "CredSSP errorCode STATUS_ACCESS_DENIED instead of the challenge",
     SERVER(NLA, NLA), .moment = BEFORE_NTLM_CHALLENGE, .act = act_credssp_error, .end = END_FIN,
     .value = 0xC0000022, .expect = REFUSED(CREDSSP, CREDSSP_ERROR, NTSTATUS, 0xC0000022)},
    CREDSSP_ERROR("ntstatus-logon-failure", 0xC000006D, "STATUS_LOGON_FAILURE"),
    CREDSSP_ERROR("ntstatus-account-locked", 0xC0000234, "STATUS_ACCOUNT_LOCKED_OUT"),
    CREDSSP_ERROR("ntstatus-account-disabled", 0xC0000072, "STATUS_ACCOUNT_DISABLED"),
    CREDSSP_ERROR("ntstatus-password-expired", 0xC0000071, "STATUS_PASSWORD_EXPIRED"),
    CREDSSP_ERROR("ntstatus-password-must-change", 0xC0000224, "STATUS_PASSWORD_MUST_CHANGE"),
    CREDSSP_ERROR("ntstatus-logon-type-not-granted", 0xC000015B, "STATUS_LOGON_TYPE_NOT_GRANTED"),
    CREDSSP_ERROR("ntstatus-no-logon-servers", 0xC000005E, "STATUS_NO_LOGON_SERVERS"),
    CREDSSP_ERROR("ntstatus-account-restriction", 0xC000006E, "STATUS_ACCOUNT_RESTRICTION"),
    CREDSSP_ERROR("ntstatus-account-expired", 0xC0000193, "STATUS_ACCOUNT_EXPIRED"),
    CREDSSP_ERROR("ntstatus-time-difference", 0xC0000133, "STATUS_TIME_DIFFERENCE_AT_DC"),
    CREDSSP_ERROR("ntstatus-access-denied", 0xC0000022, "STATUS_ACCESS_DENIED"),
    CREDSSP_ERROR("ntstatus-shadow", 0xC00700EA, "0xC00700EA, as FreeRDP's own server sends it"),
    {"pub-key-mismatch", "pubKeyAuth that does not prove the certificate's key", SERVER(NLA, NLA),
     WITH_PASSWORD, .moment = BEFORE_PUB_KEY_AUTH, .act = act_flip, .value = (uint32_t)-1,
     .value2 = 0xFF, .expect = VIOLATION_IN(CREDSSP)},
    {"early-user-auth-denied", "Early User Authorization Result: access denied",
     SERVER(NLA_EXT, NLA_EXT), WITH_PASSWORD, .moment = AT_AUTH_INFO, .act = act_early_user_auth,
     .end = END_FIN, .value = 5, .expect = REFUSED(CREDSSP, ACCESS_DENIED, EARLY_USER_AUTH, 5)},

/* ---- licensing */
#include "rows_license.h"

    /* ---- Set Error Info */
    ERROR_INFO("error-info-1", 0x1, "0x1"),
    ERROR_INFO("error-info-2", 0x2, "0x2"),
    ERROR_INFO("error-info-3", 0x3, "0x3: idle limit"),
    ERROR_INFO("error-info-4", 0x4, "0x4: logon limit"),
    ERROR_INFO("error-info-5", 0x5, "0x5: replaced by another connection"),
    ERROR_INFO("error-info-6", 0x6, "0x6: out of memory"),
    ERROR_INFO("error-info-7", 0x7, "0x7: the server denied the connection"),
    ERROR_INFO("error-info-8", 0x8, "0x8: FIPS policy"),
    ERROR_INFO("error-info-9", 0x9, "0x9: insufficient privileges"),
    ERROR_INFO("error-info-a", 0xA, "0xA: fresh credentials required"),
    ERROR_INFO("error-info-b", 0xB, "0xB: disconnected by an administrator's tool"),
    ERROR_INFO("error-info-c", 0xC, "0xC: logged off by the user"),
    ERROR_INFO("error-info-100", 0x100, "0x100: internal licensing error"),
    ERROR_INFO("error-info-101", 0x101, "0x101: no license server"),
    ERROR_INFO("error-info-102", 0x102, "0x102: no license"),
    ERROR_INFO("error-info-103", 0x103, "0x103: invalid licensing message"),
    ERROR_INFO("error-info-104", 0x104, "0x104: hardware ID differs"),
    ERROR_INFO("error-info-105", 0x105, "0x105: client license not valid"),
    ERROR_INFO("error-info-106", 0x106, "0x106: licensing cannot be finished"),
    ERROR_INFO("error-info-107", 0x107, "0x107: the client ended licensing"),
    ERROR_INFO("error-info-108", 0x108, "0x108: licensing message encrypted wrongly"),
    ERROR_INFO("error-info-109", 0x109, "0x109: license cannot be upgraded"),
    ERROR_INFO("error-info-10a", 0x10A, "0x10A: not licensed for remote connections"),
    {"error-info-7-rst", "Set Error Info 0x7 after Confirm Active, then RST", SERVER(TLS, TLS),
     .moment = AT_CONFIRM_ACTIVE, .act = act_error_info, .end = END_RST, .value = 7,
     .expect = ERROR_INFO_IN(CAPABILITIES, 7)},
    {"error-info-7-rdp", "Set Error Info 0x7 after Confirm Active, encrypted", SERVER(RDP, RDP),
     .moment = AT_CONFIRM_ACTIVE, .act = act_error_info, .end = END_FIN, .value = 7,
     .expect = ERROR_INFO_IN(CAPABILITIES, 7)},
    {"error-info-7-nla", "Set Error Info 0x7 after Confirm Active, under CredSSP", SERVER(NLA, NLA),
     WITH_PASSWORD, .moment = AT_CONFIRM_ACTIVE, .act = act_error_info, .end = END_FIN, .value = 7,
     .expect = ERROR_INFO_IN(CAPABILITIES, 7)},
    {"error-info-7-client-info", "Set Error Info 0x7 in answer to the Client Info",
     SERVER(TLS, TLS), .moment = AT_CLIENT_INFO, .act = act_error_info, .end = END_FIN, .value = 7,
     .expect = ERROR_INFO_IN(SECURE_SETTINGS, 7)},
    {"error-info-102-licensing", "Set Error Info 0x102 in answer to the NEW_LICENSE_REQUEST",
     SERVER(TLS, TLS), .moment = BEFORE_LICENSE, .act = act_license_error_info, .end = END_FIN,
     .licensing = {.stop = LICENSE_AT_ANSWER}, STEPS(STEP_ASKED, ASKED), .value = 0x102,
     .expect = ERROR_INFO_IN(LICENSING, 0x102)},
    {"error-info-7-no-demand-active", "Set Error Info 0x7 instead of the Demand Active",
     SERVER(TLS, TLS), .moment = BEFORE_DEMAND_ACTIVE, .act = act_error_info, .end = END_FIN,
     .value = 7, .expect = ERROR_INFO_IN(CAPABILITIES, 7)},
    {"error-info-9-demand-active", "Set Error Info 0x9 right after the Demand Active",
     SERVER(TLS, TLS), .moment = BEFORE_DEMAND_ACTIVE, .act = act_error_info_after, .end = END_FIN,
     .value = 9, .expect = ERROR_INFO_IN(CAPABILITIES, 9)},
    {"error-info-5-finalization", "Set Error Info 0x5 after the Font List", SERVER(TLS, TLS),
     .moment = AT_FONT_LIST, .act = act_error_info, .end = END_FIN, .value = 5,
     .expect = ERROR_INFO_IN(FINALIZATION, 5)},
    {"deactivate-all", "Deactivate All after the Confirm Active, then FIN", SERVER(TLS, TLS),
     .moment = AT_CONFIRM_ACTIVE, .act = act_deactivate, .end = END_FIN,
     .expect = FIN_IN(CAPABILITIES)},

    /* ---- Disconnect Provider Ultimatum and redirection */
    ULTIMATUM("ultimatum-1-channel-connection", 1, "after the Attach User Request", AT_ATTACH_USER,
              CHANNEL_CONNECTION, SERVER(TLS, TLS), .act = act_ultimatum),
    ULTIMATUM("ultimatum-2-channel-connection", 2, "after the Attach User Request", AT_ATTACH_USER,
              CHANNEL_CONNECTION, SERVER(TLS, TLS), .act = act_ultimatum),
    ULTIMATUM("ultimatum-3-channel-connection", 3, "after the Attach User Request", AT_ATTACH_USER,
              CHANNEL_CONNECTION, SERVER(TLS, TLS), .act = act_ultimatum),
    ULTIMATUM("ultimatum-4-channel-connection", 4, "after the Attach User Request", AT_ATTACH_USER,
              CHANNEL_CONNECTION, SERVER(TLS, TLS), .act = act_ultimatum),
    ULTIMATUM("ultimatum-1-secure-settings", 1, "after the Client Info", AT_CLIENT_INFO,
              SECURE_SETTINGS, SERVER(TLS, TLS), .act = act_ultimatum),
    ULTIMATUM("ultimatum-2-secure-settings", 2, "after the Client Info", AT_CLIENT_INFO,
              SECURE_SETTINGS, SERVER(TLS, TLS), .act = act_ultimatum),
    ULTIMATUM("ultimatum-3-secure-settings", 3, "after the Client Info", AT_CLIENT_INFO,
              SECURE_SETTINGS, SERVER(TLS, TLS), .act = act_ultimatum),
    ULTIMATUM("ultimatum-4-secure-settings", 4, "after the Client Info", AT_CLIENT_INFO,
              SECURE_SETTINGS, SERVER(TLS, TLS), .act = act_ultimatum),
    ULTIMATUM("ultimatum-1-licensing", 1, "after the NEW_LICENSE_REQUEST", BEFORE_LICENSE,
              LICENSING, SERVER(TLS, TLS), .act = act_license_ultimatum,
              .licensing = {.stop = LICENSE_AT_ANSWER}, STEPS(STEP_ASKED, ASKED)),
    ULTIMATUM("ultimatum-2-licensing", 2, "after the NEW_LICENSE_REQUEST", BEFORE_LICENSE,
              LICENSING, SERVER(TLS, TLS), .act = act_license_ultimatum,
              .licensing = {.stop = LICENSE_AT_ANSWER}, STEPS(STEP_ASKED, ASKED)),
    ULTIMATUM("ultimatum-3-licensing", 3, "after the NEW_LICENSE_REQUEST", BEFORE_LICENSE,
              LICENSING, SERVER(TLS, TLS), .act = act_license_ultimatum,
              .licensing = {.stop = LICENSE_AT_ANSWER}, STEPS(STEP_ASKED, ASKED)),
    ULTIMATUM("ultimatum-4-licensing", 4, "after the NEW_LICENSE_REQUEST", BEFORE_LICENSE,
              LICENSING, SERVER(TLS, TLS), .act = act_license_ultimatum,
              .licensing = {.stop = LICENSE_AT_ANSWER}, STEPS(STEP_ASKED, ASKED)),
    ULTIMATUM("ultimatum-1-rdp", 1, "after the Client Info", AT_CLIENT_INFO, SECURITY_COMMENCEMENT,
              SERVER(RDP, RDP), .act = act_ultimatum),
    ULTIMATUM("ultimatum-1-capabilities", 1, "after the Confirm Active", AT_CONFIRM_ACTIVE,
              CAPABILITIES, SERVER(TLS, TLS), .act = act_ultimatum),
#include "rows_refusals.h"
#include "rows_violations.h"
#include "rows_session.h"

    {"redirection", "Server Redirection instead of the Demand Active", SERVER(TLS, TLS),
     .moment = BEFORE_DEMAND_ACTIVE, .act = act_redirect, .end = END_FIN,
     .expect = REDIRECTED_IN(CAPABILITIES)},
    {"redirection-token", "Server Redirection with a routing token and no target", SERVER(TLS, TLS),
     .moment = BEFORE_DEMAND_ACTIVE, .act = act_redirect_back, .value = 1, .end = END_FIN,
     .expect = REDIRECTED_IN(CAPABILITIES)},
    {"redirection-nowhere", "Server Redirection with neither a target nor a routing token",
     SERVER(TLS, TLS), .moment = BEFORE_DEMAND_ACTIVE, .act = act_redirect_back, .end = END_FIN,
     .expect = REDIRECTED_IN(CAPABILITIES)},
    BROKER("back", "to its own address with a routing token, and serves there", BACK, TLS,
           .nth = 1),
    BROKER("loop", "to its own address, whatever the client brings", LOOP, TLS, .nth = 1),
    BROKER("next", "to the next address of 127.0.0.0/8, twice", NEXT, TLS, .value2 = 2),
    BROKER("nobody", "to an address where nobody listens", NOBODY, TLS, .nth = 1),
    BROKER("unknown", "to a name that nobody knows", UNKNOWN, TLS, .nth = 1),
    BROKER("password", "to its own address with an account and its password", PASSWORD, NLA,
           WITH_PASSWORD),
    BROKER("password-tls", "to its own address with an account and its password, under TLS",
           PASSWORD, TLS, .nth = 1),
    BROKER("rdstls", "to its own address with what RDSTLS needs", RDSTLS, TLS,
           .setup = {.rdstls = true}),
    BROKER("rdstls-nla", "a client of NLA to its own address with what RDSTLS needs", RDSTLS, NLA,
           .setup = {.rdstls = true}, WITH_PASSWORD),
    BROKER("stale", "to its own address with a password that is not right any more", STALE, TLS,
           .setup = {.rdstls = true}),
    BROKER("known", "to its own address with the certificate of the server there", KNOWN, TLS,
           .nth = 1),
    BROKER("unknown-certificate", "to its own address with another certificate than is there",
           KNOWN, TLS, .nth = 1, .value2 = 1),

    /* ---- a console port of Hyper-V, met by a client that names no virtual machine */
    {"hyper-v", "A console port of Hyper-V: only a client that names its machine is served",
     .engine = PEER_RESPONDER, .security = PEER_SEC_NLA, .profile = WHY_PROFILE_NLA,
     .license_mode = WHY_LICENSE_MODE_FRESH, .script = script_hyper_v,
     .expect = FIN_IN(NEGOTIATION)},
    {"hyper-v-denied", "The same, and error info 1 before the session to who is served",
     .engine = PEER_RESPONDER, .security = PEER_SEC_NLA, .profile = WHY_PROFILE_NLA,
     .license_mode = WHY_LICENSE_MODE_FRESH, .script = script_hyper_v, .moment = AT_CONFIRM_ACTIVE,
     .act = act_error_info, .value = 1, .end = END_FIN, .expect = FIN_IN(NEGOTIATION)},
};

const size_t peer_fault_count = sizeof(peer_faults) / sizeof(peer_faults[0]);
