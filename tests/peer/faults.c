/* SPDX-License-Identifier: Apache-2.0 */
#include "acts.h"
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
    .license_mode = WHY_LICENSE_FRESH
#define WITH_PASSWORD .credentials = PEER_CRED_RIGHT
#define RESPONDER(prof)                                                                            \
    .engine = PEER_RESPONDER, .security = PEER_SEC_TLS, .profile = WHY_PROFILE_##prof,             \
    .license_mode = WHY_LICENSE_FRESH
#define BYTES(literal) .bytes = (literal), .bytes_len = sizeof(literal) - 1

/* One place, three ways to end there. */
#define THREE_WAYS(where, when, at, ph, ...)                                                       \
    {"fin-" where, "FIN " when, .moment = at, .end = END_FIN, .expect = FIN_IN(ph), __VA_ARGS__},  \
        {"rst-" where, "RST " when, .moment = at, .end = END_RST, .expect = RST_IN(ph),            \
         __VA_ARGS__},                                                                             \
    {                                                                                              \
        "silence-" where, "Silence " when, .moment = at, .end = END_SILENCE,                       \
                          .expect = TIMEOUT_IN(ph), __VA_ARGS__                                    \
    }

#define NEG_FAILURE(name, n, words)                                                                \
    {                                                                                              \
        name, "RDP_NEG_FAILURE " words, SERVER(TLS, TLS), .moment = BEFORE_CONFIRM,                \
            .act = act_neg_failure, .end = END_FIN, .value = n,                                    \
            .expect = REFUSED(NEGOTIATION, NEGOTIATION_FAILURE, NEGOTIATION_FAILURE, n)            \
    }
#define ERROR_INFO(name, n, words)                                                                 \
    {                                                                                              \
        name, "Set Error Info " words " after Confirm Active", SERVER(TLS, TLS),                   \
            .moment = AT_CONFIRM_ACTIVE, .act = act_error_info, .end = END_FIN, .value = n,        \
            .expect = ERROR_INFO_IN(CAPABILITIES, n)                                               \
    }

const struct peer_fault peer_faults[] = {
    {"healthy-rdp", "Standard RDP Security up to ACTIVE", SERVER(RDP, RDP), .expect = DONE},
    {"healthy-tls", "TLS up to ACTIVE", SERVER(TLS, TLS), .expect = DONE},
    {"healthy-nla", "CredSSP up to ACTIVE; refuses other offers with RDP_NEG_FAILURE 5",
     SERVER(NLA, NLA), WITH_PASSWORD, .expect = DONE},
    {"healthy-nla-ext", "CredSSP with the Early User Authorization Result up to ACTIVE",
     SERVER(NLA_EXT, NLA_EXT), WITH_PASSWORD, .expect = DONE},

    THREE_WAYS("accept", "before anything is read", AT_ACCEPT, NEGOTIATION, RESPONDER(TLS),
               .script = script_accept),
    THREE_WAYS("negotiation", "after the Connection Request", AT_REQUEST, NEGOTIATION,
               SERVER(TLS, TLS)),
    THREE_WAYS("tls", "on the ClientHello", AT_CLIENT_HELLO, TLS, SERVER(TLS, TLS)),
    THREE_WAYS("basic-settings", "after the Connect Initial", AT_CONNECT_INITIAL, BASIC_SETTINGS,
               SERVER(TLS, TLS)),
    THREE_WAYS("secure-settings", "after the Client Info", AT_CLIENT_INFO, SECURE_SETTINGS,
               SERVER(TLS, TLS)),
    THREE_WAYS("capabilities", "after the Confirm Active", AT_CONFIRM_ACTIVE, CAPABILITIES,
               SERVER(TLS, TLS)),
    THREE_WAYS("finalization", "after the Font List", AT_FONT_LIST, FINALIZATION,
               SERVER(TLS, TLS)),

    NEG_FAILURE("neg-failure-1", 1, "1: the server wants TLS"),
    NEG_FAILURE("neg-failure-5", 5, "5: the server wants CredSSP"),

    ERROR_INFO("error-info-7", 7, "0x7: the server denied the connection"),
};

const size_t peer_fault_count = sizeof(peer_faults) / sizeof(peer_faults[0]);
