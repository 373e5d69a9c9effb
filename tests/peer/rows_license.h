/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of licensing: included by faults.c within its table, whose macros they are made of. */

#define LICENSE_ABORT 1u /* ST_TOTAL_ABORT */

/* License messages as they follow each other. */
#define ASKED      "LICENSE_REQUEST,NEW_LICENSE_REQUEST"
#define SHOWN      "LICENSE_REQUEST,LICENSE_INFO"
#define CHALLENGED ",PLATFORM_CHALLENGE,PLATFORM_CHALLENGE_RESPONSE"

#define STEP_FIRST    "waiting for the license request"
#define STEP_REQUEST  "after LICENSE_REQUEST"
#define STEP_ASKED    "after NEW_LICENSE_REQUEST"
#define STEP_SHOWN    "after LICENSE_INFO"
#define STEP_RESPONSE "after PLATFORM_CHALLENGE_RESPONSE"

#define EXCHANGE            .moment = BEFORE_LICENSE, .act = act_license_exchange
#define STEPS(where, names) .license = {.step = (where), .messages = (names)}
#define MODE(mode)          .license_mode = WHY_LICENSE_MODE_##mode

/* |sec|: the server's security and the client's profile. */
#define BOTH(sec)     .engine = PEER_SERVER, .security = PEER_SEC_##sec, .profile = WHY_PROFILE_##sec
#define LICENSED(sec) BOTH(sec), EXCHANGE
#define ALERT(n, transition_)                                                                      \
    .value = (n), .value2 = (transition_),                                                         \
    .expect = REFUSED(LICENSING, LICENSE_ERROR, LICENSE_ERROR, n)

/* A server that issues, and each license mode's way through it. */
#define FIVE_MODES(name, sec, how, stored_end)                                                     \
    {name,           "License mode fresh: gets a license",        LICENSED(sec), MODE(FRESH), how, \
     .expect = DONE, STEPS(NULL, ASKED CHALLENGED ",NEW_LICENSE")},                                \
        {name "-stored", "License mode stored: its license is good",                               \
         LICENSED(sec),  MODE(STORED),                                                             \
         .stored = true, how,                                                                      \
         .expect = DONE, STEPS(NULL, SHOWN stored_end)},                                           \
        {name "-corrupt",                                                                          \
         "License mode corrupt: its license is none of this server's",                             \
         LICENSED(sec),                                                                            \
         MODE(CORRUPT),                                                                            \
         .stored = true,                                                                           \
         how,                                                                                      \
         .expect = REFUSED(LICENSING, LICENSE_ERROR, LICENSE_ERROR, 3),                            \
         .license = {STEP_SHOWN, SHOWN ",ERROR_ALERT", LICENSE_ABORT}},                            \
        {name "-foreign",                                                                          \
         "License mode foreign: its license is for other hardware",                                \
         LICENSED(sec),                                                                            \
         MODE(FOREIGN),                                                                            \
         .stored = true,                                                                           \
         how,                                                                                      \
         .expect = REFUSED(LICENSING, LICENSE_ERROR, LICENSE_ERROR, 8),                            \
         .license = {STEP_RESPONSE, SHOWN CHALLENGED ",ERROR_ALERT", LICENSE_ABORT}},              \
    {                                                                                              \
        name "-admin", "License mode admin: is asked for nothing", LICENSED(sec), MODE(ADMIN),     \
            how, .expect = DONE, STEPS(NULL, "STATUS_VALID_CLIENT")                                \
    }

/* |n| in answer to the Client Info with each transition ([MS-RDPELE] 3.1.5.2), then FIN. */
#define LICENSE_ERROR_WITH(name, n, transition_, words)                                            \
    {                                                                                              \
        name, "License ERROR_ALERT " words ", then FIN", SERVER(TLS, TLS),                         \
            .moment = BEFORE_LICENSE, .act = act_license_error, .end = END_FIN,                    \
            ALERT(n, transition_), .license = {                                                    \
                STEP_FIRST,                                                                        \
                "ERROR_ALERT",                                                                     \
                transition_                                                                        \
            }                                                                                      \
    }
#define LICENSE_ERRORS(n, words)                                                                   \
    LICENSE_ERROR_WITH("license-error-" #n, n, 1, words " with ST_TOTAL_ABORT"),                   \
        LICENSE_ERROR_WITH("license-error-" #n "-no-transition", n, 2,                             \
                           words " with ST_NO_TRANSITION"),                                        \
        LICENSE_ERROR_WITH("license-error-" #n "-reset", n, 3,                                     \
                           words " with ST_RESET_PHASE_TO_START"),                                 \
        LICENSE_ERROR_WITH("license-error-" #n "-resend", n, 4,                                    \
                           words " with ST_RESEND_LAST_MESSAGE")

/* An error at a later step of the exchange. */
#define LATER_ERROR(name, words, n, sec, stop_, where, names, ...)                                 \
    {                                                                                              \
        name, "License ERROR_ALERT " words,                                                        \
            .engine = PEER_SERVER, .security = PEER_SEC_##sec, .profile = WHY_PROFILE_##sec,       \
            .moment = BEFORE_LICENSE, .act = act_license_exchange_error, .end = END_FIN,           \
            .licensing = {.stop = stop_}, ALERT(n, LICENSE_ABORT),                                 \
            .license = {where, names ",ERROR_ALERT", LICENSE_ABORT}, __VA_ARGS__                   \
    }

/* The server then waits, so that it is the client that gives up. */
#define FLAWED(name, words, flaw_, where, names)                                                   \
    {                                                                                              \
        name, words, LICENSED(TLS), MODE(FRESH), .end = END_SILENCE, .licensing = {.flaw = flaw_}, \
                                                 .expect = VIOLATION_IN(LICENSING),                \
                                                 STEPS(where, names)                               \
    }

/* clang-format off */

{"license-valid-client", "STATUS_VALID_CLIENT at once", SERVER(TLS, TLS), .moment = BEFORE_LICENSE,
 .act = act_license_error, .value = 7, .value2 = 2, .expect = DONE, STEPS(NULL, "STATUS_VALID_CLIENT")},
/* The code is what counts: this is no abort. */
{"license-valid-client-abort", "STATUS_VALID_CLIENT with ST_TOTAL_ABORT, and all is well",
 SERVER(TLS, TLS), .moment = BEFORE_LICENSE, .act = act_license_error, .value = 7, .value2 = 1,
 .expect = DONE, STEPS(NULL, "STATUS_VALID_CLIENT")},
/* [MS-RDPBCGR] 1.3.1.1 allows no such shortcut, and libfreerdp's client does not take it. */
{"license-none", "No license message: Demand Active right after the Client Info", SERVER(TLS, TLS),
 .moment = BEFORE_LICENSE, .act = act_drop, .expect = VIOLATION_IN(LICENSING)},

FIVE_MODES("license-known", TLS, .licensing = {.upgrade = false}, ",STATUS_VALID_CLIENT"),
FIVE_MODES("license-upgrade", TLS, .licensing = {.upgrade = true}, CHALLENGED ",UPGRADE_LICENSE"),
FIVE_MODES("license-known-rdp", RDP, .licensing = {.upgrade = false}, ",STATUS_VALID_CLIENT"),
FIVE_MODES("license-upgrade-rdp", RDP, .licensing = {.upgrade = true},
           CHALLENGED ",UPGRADE_LICENSE"),
{"license-issued-nla", "A whole license exchange, under CredSSP", LICENSED(NLA), MODE(FRESH),
 WITH_PASSWORD, .expect = DONE, STEPS(NULL, ASKED CHALLENGED ",NEW_LICENSE")},
{"license-issued-until-licensing", "A whole license exchange, of which no session is to come",
 LICENSED(TLS), MODE(FRESH), .until = "licensing",
 .expect = {WHY_OUTCOME_COMPLETED, WHY_PHASE_LICENSING, WHY_END_DONE, WHY_CLOSED_BY_CLIENT,
            WHY_SPACE_COUNT, 0, false, 0, 0},
 STEPS(NULL, ASKED CHALLENGED ",NEW_LICENSE")},
{"license-preamble-2", "A whole license exchange with preambles of version 2.0 and the flag for "
                       "extended errors",
 LICENSED(TLS), MODE(FRESH), .licensing = {.preamble = 0x82}, .expect = DONE,
 STEPS(NULL, ASKED CHALLENGED ",NEW_LICENSE")},
{"license-large-certificate", "A LICENSE_REQUEST of 30,000 bytes: a long certificate chain",
 LICENSED(TLS), MODE(FRESH), .licensing = {.flaw = LICENSE_LARGE_CERTIFICATE}, .expect = DONE,
 STEPS(NULL, ASKED CHALLENGED ",NEW_LICENSE")},
{"auto-detect-between-licenses", "Round-trip requests between the license messages", LICENSED(TLS),
 MODE(FRESH), .licensing = {.auto_detect = true}, .expect = DONE,
 STEPS(NULL, ASKED CHALLENGED ",NEW_LICENSE")},
{"auto-detect-between-licenses-rdp", "The same under Standard RDP Security", LICENSED(RDP),
 MODE(FRESH), .licensing = {.auto_detect = true}, .expect = DONE,
 STEPS(NULL, ASKED CHALLENGED ",NEW_LICENSE")},

/* ---- the connection ends at a step of the exchange */
THREE_WAYS("license-first", "instead of any license message", BEFORE_LICENSE, SECURE_SETTINGS,
           SERVER(TLS, TLS)),
/* The client answers at once. */
{"fin-license-request", "FIN right after the LICENSE_REQUEST", LICENSED(TLS), MODE(FRESH),
 .end = END_FIN, .licensing = {.stop = LICENSE_AT_REQUEST}, .expect = FIN_IN(LICENSING),
 STEPS(STEP_ASKED, ASKED)},
/* Whether its answer still gets out is a race. */
{"rst-license-request", "RST right after the LICENSE_REQUEST", LICENSED(TLS), MODE(FRESH),
 .end = END_RST, .licensing = {.stop = LICENSE_AT_REQUEST}, .expect = RST_IN(LICENSING)},
{"silence-license-request", "Silence after the LICENSE_REQUEST", LICENSED(TLS), MODE(FRESH),
 .end = END_SILENCE, .licensing = {.stop = LICENSE_AT_REQUEST}, .expect = TIMEOUT_IN(LICENSING),
 STEPS(STEP_ASKED, ASKED)},
THREE_WAYS("licensing", "after the NEW_LICENSE_REQUEST", BEFORE_LICENSE, LICENSING,
           SERVER(TLS, TLS), .act = act_license_exchange, .licensing = {.stop = LICENSE_AT_ANSWER},
           STEPS(STEP_ASKED, ASKED)),
THREE_WAYS("license-info", "after the LICENSE_INFO", BEFORE_LICENSE, LICENSING, BOTH(TLS),
           .act = act_license_exchange, MODE(STORED), .stored = true,
           .licensing = {.stop = LICENSE_AT_INFO}, STEPS(STEP_SHOWN, SHOWN)),
THREE_WAYS("challenge-response", "after the PLATFORM_CHALLENGE_RESPONSE", BEFORE_LICENSE, LICENSING,
           SERVER(TLS, TLS), .act = act_license_exchange,
           .licensing = {.stop = LICENSE_AT_RESPONSE}, STEPS(STEP_RESPONSE, ASKED CHALLENGED)),
THREE_WAYS("licensing-nla", "after the NEW_LICENSE_REQUEST", BEFORE_LICENSE, LICENSING,
           SERVER(NLA, NLA), WITH_PASSWORD, .act = act_license_exchange,
           .licensing = {.stop = LICENSE_AT_ANSWER}, STEPS(STEP_ASKED, ASKED)),
THREE_WAYS("licensing-rdp", "after the NEW_LICENSE_REQUEST", BEFORE_LICENSE, LICENSING,
           SERVER(RDP, RDP), .act = act_license_exchange, .licensing = {.stop = LICENSE_AT_ANSWER},
           STEPS(STEP_ASKED, ASKED)),
THREE_WAYS("license-info-rdp", "after the LICENSE_INFO", BEFORE_LICENSE, LICENSING, BOTH(RDP),
           .act = act_license_exchange, MODE(STORED), .stored = true,
           .licensing = {.stop = LICENSE_AT_INFO}, STEPS(STEP_SHOWN, SHOWN)),
THREE_WAYS("challenge-response-rdp", "after the PLATFORM_CHALLENGE_RESPONSE", BEFORE_LICENSE,
           LICENSING, SERVER(RDP, RDP), .act = act_license_exchange,
           .licensing = {.stop = LICENSE_AT_RESPONSE}, STEPS(STEP_RESPONSE, ASKED CHALLENGED)),

/* ---- ERROR_ALERT */
LICENSE_ERRORS(1, "1 ERR_INVALID_SERVER_CERTIFICATE"),
LICENSE_ERRORS(2, "2 ERR_NO_LICENSE"),
LICENSE_ERRORS(3, "3 ERR_INVALID_MAC"),
LICENSE_ERRORS(4, "4 ERR_INVALID_SCOPE"),
LICENSE_ERRORS(6, "6 ERR_NO_LICENSE_SERVER"),
LICENSE_ERRORS(8, "8 ERR_INVALID_CLIENT"),
LICENSE_ERRORS(11, "11 ERR_INVALID_PRODUCTID"),
LICENSE_ERRORS(12, "12 ERR_INVALID_MESSAGE_LEN"),
LICENSE_ERRORS(99, "99: unknown"),
LATER_ERROR("license-error-6-after-request", "6 in answer to the NEW_LICENSE_REQUEST", 6, TLS,
            LICENSE_AT_ANSWER, STEP_ASKED, ASKED, MODE(FRESH)),
LATER_ERROR("license-error-2-after-info", "2 in answer to the LICENSE_INFO", 2, TLS,
            LICENSE_AT_INFO, STEP_SHOWN, SHOWN, MODE(STORED), .stored = true),
LATER_ERROR("license-error-8-after-response", "8 in answer to the PLATFORM_CHALLENGE_RESPONSE", 8,
            TLS, LICENSE_AT_RESPONSE, STEP_RESPONSE, ASKED CHALLENGED, MODE(FRESH)),
LATER_ERROR("license-error-6-after-request-rdp", "6 in answer to an encrypted NEW_LICENSE_REQUEST",
            6, RDP, LICENSE_AT_ANSWER, STEP_ASKED, ASKED, MODE(FRESH)),
{"license-error-2-rdp", "License ERROR_ALERT 2 under Standard RDP Security", SERVER(RDP, RDP),
 .moment = BEFORE_LICENSE, .act = act_license_error, .end = END_FIN, ALERT(2, LICENSE_ABORT),
 .license = {STEP_FIRST, "ERROR_ALERT", LICENSE_ABORT}},
{"license-error-8-nla", "License ERROR_ALERT 8 under CredSSP", SERVER(NLA, NLA), WITH_PASSWORD,
 .moment = BEFORE_LICENSE, .act = act_license_error, .end = END_FIN, ALERT(8, LICENSE_ABORT),
 .license = {STEP_FIRST, "ERROR_ALERT", LICENSE_ABORT}},

/* ---- messages that are not what they should be */
FLAWED("license-no-certificate", "A LICENSE_REQUEST without certificate", LICENSE_NO_CERTIFICATE,
       STEP_REQUEST, "LICENSE_REQUEST"),
FLAWED("license-broken-certificate", "A LICENSE_REQUEST with a certificate that is none",
       LICENSE_BROKEN_CERTIFICATE, STEP_REQUEST, "LICENSE_REQUEST"),
FLAWED("license-endless-chain", "A LICENSE_REQUEST whose chain says to have 2^32 - 1 certificates",
       LICENSE_LONG_CHAIN, STEP_REQUEST, "LICENSE_REQUEST"),
FLAWED("license-blob-too-long", "A LICENSE_REQUEST whose certificate's length is 65,535",
       LICENSE_BLOB_TOO_LONG, STEP_REQUEST, "LICENSE_REQUEST"),
FLAWED("license-scopes-too-many", "A LICENSE_REQUEST that says to have 2^32 - 1 scopes",
       LICENSE_SCOPES_TOO_MANY, STEP_REQUEST, "LICENSE_REQUEST"),
FLAWED("license-challenge-mac", "A PLATFORM_CHALLENGE whose MAC is wrong", LICENSE_CHALLENGE_MAC,
       "after PLATFORM_CHALLENGE", ASKED ",PLATFORM_CHALLENGE"),
FLAWED("license-challenge-too-long", "A PLATFORM_CHALLENGE whose blob goes beyond it",
       LICENSE_CHALLENGE_TOO_LONG, "after PLATFORM_CHALLENGE", ASKED ",PLATFORM_CHALLENGE"),
FLAWED("license-mac", "A NEW_LICENSE whose MAC is wrong", LICENSE_LICENSE_MAC, "after NEW_LICENSE",
       ASKED CHALLENGED ",NEW_LICENSE"),
FLAWED("license-too-long", "A NEW_LICENSE whose blob goes beyond it", LICENSE_LICENSE_TOO_LONG,
       "after NEW_LICENSE", ASKED CHALLENGED ",NEW_LICENSE"),
    /* clang-format on */
