/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of what RDP does not allow, of what it allows although few servers do it, and of PDUs
 * that come where another is due: included by faults.c within its table, whose macros they are made
 * of. After a violation the server waits, so that it is the client that gives up. */

#define SPOILT(name, words, at, act_, ph, ...)                                                     \
    {                                                                                              \
        name, words, .moment = at, .act = act_, .end = END_SILENCE, .expect = VIOLATION_IN(ph),    \
                     __VA_ARGS__                                                                   \
    }
#define STAYS_HEALTHY(name, words, at, act_, ...)                                                  \
    {                                                                                              \
        name, words, .moment = at, .act = act_, .expect = DONE, __VA_ARGS__                        \
    }

/* A Connection Confirm, as it is, to each offer. */
#define ANSWERED(name, words, literal, prof)                                                       \
    {                                                                                              \
        name, words, RESPONDER(prof), .script = script_bytes, .end = END_SILENCE, BYTES(literal),  \
                                      .expect = VIOLATION_IN(NEGOTIATION)                          \
    }
#define SELECTS(text, protocol)                                                                    \
    ANSWERED("select-" text, "Selects protocol 0x" text, CONFIRM(protocol), TLS),                  \
        ANSWERED("select-" text "-rdp", "Selects protocol 0x" text, CONFIRM(protocol), RDP),       \
        ANSWERED("select-" text "-nla", "Selects protocol 0x" text, CONFIRM(protocol), NLA)
#define LENGTHS(name, words, literal)                                                              \
    ANSWERED("confirm-" name, "Connection Confirm: " words, literal, TLS),                         \
        ANSWERED("confirm-" name "-rdp", "Connection Confirm: " words, literal, RDP)

#define ECHOES(unused, unused2, suffix, ...)                                                       \
    SPOILT("echo-request" suffix, "The client's own Connection Request comes back", AT_REQUEST,    \
           act_echo, NEGOTIATION, __VA_ARGS__),                                                    \
        SPOILT("echo-connect-initial" suffix, "The client's own Connect Initial comes back",       \
               AT_CONNECT_INITIAL, act_echo, BASIC_SETTINGS, __VA_ARGS__),                         \
        SPOILT("echo-attach-user" suffix, "The client's own Attach User Request comes back",       \
               AT_ATTACH_USER, act_echo, CHANNEL_CONNECTION, __VA_ARGS__),                         \
        SPOILT("echo-join" suffix, "The client's own second Channel Join Request comes back",      \
               AT_JOIN, act_echo, CHANNEL_CONNECTION, .nth = 2, __VA_ARGS__)

/* The server's first TSRequest, to a client without and with an account. */
#define CREDSSP(name, words, act_, ...)                                                            \
    SPOILT(name, words, BEFORE_NTLM_CHALLENGE, act_, CREDSSP, SERVER(NLA, NLA), __VA_ARGS__),      \
        SPOILT(name "-account", words, BEFORE_NTLM_CHALLENGE, act_, CREDSSP, SERVER(NLA, NLA),     \
               WITH_PASSWORD, __VA_ARGS__)
#define NTLM(name, words, at, ...)                                                                 \
    CREDSSP("ntlm-" name, "NTLM CHALLENGE " words, act_ntlm, .value = (at), __VA_ARGS__)

#define CONFIRM_LATER(unused, unused2, suffix, ...)                                                \
    SPOILT("confirm-as-connect-response" suffix,                                                   \
           "A Connection Confirm where the Connect Response is due", BEFORE_CONNECT_RESPONSE,      \
           act_inside_bytes, BASIC_SETTINGS, BYTES(CONFIRM("\x01\x00\x00\x00")), __VA_ARGS__),     \
        SPOILT("confirm-as-join-confirm" suffix,                                                   \
               "A Connection Confirm where a Channel Join Confirm is due", BEFORE_JOIN_CONFIRM,    \
               act_inside_bytes, CHANNEL_CONNECTION, .nth = 2, BYTES(CONFIRM("\x01\x00\x00\x00")), \
               __VA_ARGS__)
#define LICENSE_EARLY(unused, unused2, suffix, ...)                                                \
    SPOILT("license-as-connect-response" suffix,                                                   \
           "A license message where the Connect Response is due", BEFORE_CONNECT_RESPONSE,         \
           act_license_error, BASIC_SETTINGS, .value = 7, .value2 = 2, __VA_ARGS__),               \
        SPOILT("license-as-attach-confirm" suffix,                                                 \
               "A license message where the Attach User Confirm is due", BEFORE_ATTACH_CONFIRM,    \
               act_license_error, CHANNEL_CONNECTION, .value = 7, .value2 = 2, __VA_ARGS__),       \
        SPOILT("license-as-join-confirm" suffix,                                                   \
               "A license message where a Channel Join Confirm is due", BEFORE_JOIN_CONFIRM,       \
               act_license_error, CHANNEL_CONNECTION, .nth = 2, .value = 7, .value2 = 2,           \
               __VA_ARGS__)
#define JOINS(unused, unused2, suffix, ...)                                                        \
    SPOILT("join-no-channel" suffix, "Channel Join Confirm, successful, without the channel",      \
           BEFORE_JOIN_CONFIRM, act_join_result, CHANNEL_CONNECTION, .nth = 2, __VA_ARGS__)

#define DEMANDS(unused, unused2, suffix, ...)                                                      \
    SPOILT("demand-active-twice" suffix, "Demand Active twice", BEFORE_DEMAND_ACTIVE,              \
           act_demand_again, CAPABILITIES, .value = 1, __VA_ARGS__),                               \
        SPOILT("demand-active-endless" suffix, "Demand Active again and again",                    \
               BEFORE_DEMAND_ACTIVE, act_demand_again, CAPABILITIES, __VA_ARGS__),                 \
        SPOILT("demand-active-after-confirm" suffix, "Demand Active after the Confirm Active",     \
               AT_CONFIRM_ACTIVE, act_demand_again, CAPABILITIES, .value = 1, __VA_ARGS__),        \
        SPOILT("demand-active-as-font-map" suffix, "Demand Active instead of the Font Map",        \
               AT_FONT_LIST, act_demand_again, FINALIZATION, .value = 1, __VA_ARGS__)
#define REACTIVATIONS(unused, unused2, suffix, ...)                                                \
    STAYS_HEALTHY("reactivation-confirm-active" suffix,                                            \
                  "Deactivation and reactivation after the Confirm Active", AT_CONFIRM_ACTIVE,     \
                  act_reactivate, .value = 1, __VA_ARGS__),                                        \
        STAYS_HEALTHY("reactivation-font-list" suffix,                                             \
                      "Deactivation and reactivation after the Font List", AT_FONT_LIST,           \
                      act_reactivate, .value = 1, .value2 = 1, __VA_ARGS__),                       \
        STAYS_HEALTHY("reactivation-three" suffix, "The same three times", AT_FONT_LIST,           \
                      act_reactivate, .value = 3, .value2 = 1, __VA_ARGS__),                       \
        STAYS_HEALTHY("reactivation-active" suffix,                                                \
                      "Deactivation and reactivation behind the Font Map", BEFORE_FONT_MAP,        \
                      act_reactivate_after, __VA_ARGS__),                                          \
        SPOILT("reactivation-endless" suffix,                                                      \
               "Deactivation and reactivation again and again, after each Confirm Active",         \
               AT_CONFIRM_ACTIVE, act_reactivate, CAPABILITIES, __VA_ARGS__),                      \
        SPOILT("reactivation-endless-font-list" suffix, "The same, after each Font List",          \
               AT_FONT_LIST, act_reactivate, FINALIZATION, .value2 = 1, __VA_ARGS__)

/* |n|: the channel, 0 for the first static one. To the client such PDUs are channel data, and none
 * that make sense. */
#define OTHER_CHANNEL(name, words, at, ph, n, ...)                                                 \
    SPOILT(name, words, at, act_channel, ph, .value = (n), __VA_ARGS__)
#define OTHER_CHANNELS(unused, unused2, suffix, ...)                                               \
    OTHER_CHANNEL("demand-active-other-channel" suffix, "Demand Active on a static channel",       \
                  BEFORE_DEMAND_ACTIVE, CAPABILITIES, 0, __VA_ARGS__),                             \
        OTHER_CHANNEL("demand-active-no-channel" suffix, "Demand Active on a channel of nobody",   \
                      BEFORE_DEMAND_ACTIVE, CAPABILITIES, 1999, __VA_ARGS__)
/* Data of a channel, as there may be any time: it is the Font Map that does not come. */
#define OTHER_FONT_MAP(unused, unused2, suffix, ...)                                               \
    {                                                                                              \
        "font-map-other-channel" suffix, "Font Map on a static channel",                           \
            .moment = BEFORE_FONT_MAP, .act = act_channel, .end = END_SILENCE,                     \
            .expect = TIMEOUT_IN(FINALIZATION), __VA_ARGS__                                        \
    }
/* The library passes over license messages elsewhere, and waits. */
#define OTHER_LICENSE(suffix, ph, ...)                                                             \
    {                                                                                              \
        "license-other-channel" suffix, "STATUS_VALID_CLIENT on a static channel",                 \
            .moment = BEFORE_LICENSE, .act = act_channel, .end = END_SILENCE,                      \
            .expect = TIMEOUT_IN(ph), __VA_ARGS__                                                  \
    }

#define MISSING(name, pdu_, at, suffix, ...)                                                       \
    STAYS_HEALTHY("no-" name suffix, "The server's " pdu_ " never comes, the Font Map does", at,   \
                  act_drop, .words = {.remark = pdu_}, __VA_ARGS__)
#define MISSINGS(unused, unused2, suffix, ...)                                                     \
    MISSING("synchronize", "Synchronize", BEFORE_SYNCHRONIZE, suffix, __VA_ARGS__),                \
        MISSING("cooperate", "Cooperate", BEFORE_COOPERATE, suffix, __VA_ARGS__),                  \
        MISSING("granted-control", "Granted Control", BEFORE_GRANTED, suffix, __VA_ARGS__)

/* A data PDU of the type |n| right before the Font Map. */
#define EARLY_DATA(name, words, n, expect_, suffix, ...)                                           \
    {                                                                                              \
        "early-" name suffix, words " before the Font Map",                                        \
            .moment = BEFORE_FONT_MAP, .act = act_data_pdu, .value = (n), .expect = expect_,       \
            __VA_ARGS__                                                                            \
    }
#define EARLY_UPDATES(unused, unused2, suffix, ...)                                                \
    EARLY_DATA("pointer-default", "A pointer PDU, default pointer,", 0x1B, DONE, suffix,           \
               BYTES("\x01\x00\x00\x00\x00\x7F\x00\x00"), __VA_ARGS__),                            \
        EARLY_DATA("pointer-hidden", "A pointer PDU, hidden pointer,", 0x1B, DONE, suffix,         \
                   BYTES("\x01\x00\x00\x00\x00\x00\x00\x00"), __VA_ARGS__),                        \
        EARLY_DATA("update", "An update PDU, synchronize,", 0x02, DONE, suffix,                    \
                   BYTES("\x03\x00\x00\x00"), __VA_ARGS__),                                        \
        EARLY_DATA("unknown", "A data PDU of the unknown type 0x77", 0x77, DONE, suffix,           \
                   BYTES("\x01\x02\x03\x04"), __VA_ARGS__)

#define DRIBBLES(name, words, at, ms, ...)                                                         \
    STAYS_HEALTHY("drip-" name, "Healthy; the " words " byte by byte", at, act_drip,               \
                  .value = (ms), __VA_ARGS__)
#define DRIBBLES_ON(name, words, at, ph, ...)                                                      \
    {                                                                                              \
        "drip-slowly-" name, "The " words " byte by byte, 700 ms apart",                           \
            .moment = at, .act = act_drip, .end = END_SILENCE, .value = 700,                       \
            .expect = TIMEOUT_IN(ph), __VA_ARGS__                                                  \
    }

/* clang-format off */

SELECTS("3", "\x03\x00\x00\x00"),
SELECTS("6", "\x06\x00\x00\x00"),
SELECTS("B", "\x0B\x00\x00\x00"),
SELECTS("81", "\x81\x00\x00\x00"),
SELECTS("FF000001", "\x01\x00\x00\xFF"),
LENGTHS("long-indicator", "an X.224 length beyond the TPKT",
        "\x03\x00\x00\x13\x12\xD0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x01\x00\x00\x00"),
LENGTHS("short-indicator", "an X.224 length of 6 with 19 bytes",
        "\x03\x00\x00\x13\x06\xD0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x01\x00\x00\x00"),
LENGTHS("long-response", "an RDP_NEG_RSP of 9 bytes, of which 8 are there",
        "\x03\x00\x00\x13\x0E\xD0\x00\x00\x12\x34\x00\x02\x00\x09\x00\x01\x00\x00\x00"),
LENGTHS("short-response", "an RDP_NEG_RSP that says 4 bytes",
        "\x03\x00\x00\x13\x0E\xD0\x00\x00\x12\x34\x00\x02\x00\x04\x00\x01\x00\x00\x00"),
LENGTHS("cut-response", "half of an RDP_NEG_RSP",
        "\x03\x00\x00\x0F\x0A\xD0\x00\x00\x12\x34\x00\x02\x00\x08\x00"),
LENGTHS("trailing-byte", "a byte behind the RDP_NEG_RSP",
        "\x03\x00\x00\x14\x0F\xD0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x01\x00\x00\x00\x00"),
LENGTHS("unknown-type", "type 7 where RDP_NEG_RSP has 2",
        "\x03\x00\x00\x13\x0E\xD0\x00\x00\x12\x34\x00\x07\x00\x08\x00\x01\x00\x00\x00"),
EACH(ECHOES, , ),
SPOILT("echo-ntlm-negotiate", "The client's own NTLM NEGOTIATE comes back", AT_NTLM_NEGOTIATE,
       act_echo, CREDSSP, SERVER(NLA, NLA)),
SPOILT("echo-ntlm-authenticate", "The client's own NTLM AUTHENTICATE comes back",
       AT_NTLM_AUTHENTICATE, act_echo, CREDSSP, SERVER(NLA, NLA), WITH_PASSWORD),

/* ---- CredSSP */
CREDSSP("tsrequest-empty", "An empty TSRequest", act_inside_bytes, BYTES("\x30\x00")),
CREDSSP("tsrequest-version-only", "A TSRequest with nothing but its version", act_inside_bytes,
        BYTES("\x30\x05\xA0\x03\x02\x01\x06")),
CREDSSP("tsrequest-no-token", "A TSRequest without any token", act_inside_bytes,
        BYTES("\x30\x09\xA0\x03\x02\x01\x06\xA1\x02\x30\x00")),
CREDSSP("tsrequest-empty-token", "A TSRequest with an empty token", act_token, BYTES("")),
SPOILT("tsrequest-empty-authenticate", "An empty TSRequest in answer to NTLM AUTHENTICATE",
       BEFORE_PUB_KEY_AUTH, act_inside_bytes, CREDSSP, BYTES("\x30\x00"), SERVER(NLA, NLA),
       WITH_PASSWORD),
NTLM("signature", "with a wrong signature", 0, BYTES("NTLMSSQ")),
NTLM("type-1", "of message type 1", 8, BYTES("\x01\x00\x00\x00")),
NTLM("type-3", "of message type 3", 8, BYTES("\x03\x00\x00\x00")),
NTLM("type-9", "of message type 9", 8, BYTES("\x09\x00\x00\x00")),
NTLM("short-8", "of 8 bytes", 0, .value2 = 8),
NTLM("short-12", "of 12 bytes", 0, .value2 = 12),
NTLM("short-31", "of 31 bytes", 0, .value2 = 31),
NTLM("short-40", "of 40 bytes", 0, .value2 = 40),
NTLM("name-outside", "whose targetName lies far outside", 12,
     BYTES("\x10\x00\x10\x00\x00\x00\xFF\xFF")),
NTLM("name-too-long", "whose targetName has 65,534 bytes", 12, BYTES("\xFE\xFF\xFE\xFF")),
NTLM("info-outside", "whose targetInfo lies far outside", 40,
     BYTES("\x10\x00\x10\x00\x00\x00\xFF\x7F")),
NTLM("info-too-long", "whose targetInfo has 65,535 bytes", 40, BYTES("\xFF\xFF\xFF\xFF")),

/* ---- a PDU where another is due */
EACH(CONFIRM_LATER, , ),
EACH(LICENSE_EARLY, , ),
EACH(JOINS, , ),
SPOILT("tsrequest-as-connect-response", "A TSRequest where the Connect Response is due",
       BEFORE_CONNECT_RESPONSE, act_inside_bytes, BASIC_SETTINGS,
       BYTES("\x30\x05\xA0\x03\x02\x01\x06"), SERVER(NLA, NLA), WITH_PASSWORD),
SPOILT("attach-confirm-as-connect-response", "An Attach User Confirm where the Connect Response is "
       "due", BEFORE_CONNECT_RESPONSE, act_inside_bytes, BASIC_SETTINGS,
       BYTES("\x03\x00\x00\x0B\x02\xF0\x80\x2E\x00\x00\x06"), SERVER(TLS, TLS)),
SPOILT("join-confirm-as-attach-confirm", "A Channel Join Confirm where the Attach User Confirm is "
       "due", BEFORE_ATTACH_CONFIRM, act_inside_bytes, CHANNEL_CONNECTION,
       BYTES("\x03\x00\x00\x0F\x02\xF0\x80\x3E\x00\x00\x06\x03\xEF\x03\xEF"), SERVER(TLS, TLS)),
SPOILT("join-confirm-as-license", "A Channel Join Confirm where the license message is due",
       BEFORE_LICENSE, act_inside_bytes, SECURE_SETTINGS,
       BYTES("\x03\x00\x00\x0F\x02\xF0\x80\x3E\x00\x00\x06\x03\xEF\x03\xEF"), SERVER(TLS, TLS)),
EACH(DEMANDS, , ),
EACH(REACTIVATIONS, , ),
EACH(OTHER_CHANNELS, , ),
EACH(OTHER_FONT_MAP, , ),
OTHER_LICENSE("", SECURE_SETTINGS, SERVER(TLS, TLS)),
OTHER_LICENSE("-rdp", SECURITY_COMMENCEMENT, SERVER(RDP, RDP)),

/* ---- finalization: the server may draw as soon as it has the Font List ([MS-RDPBCGR] 1.3.1.1) */
EACH(MISSINGS, , ),
EACH(EARLY_UPDATES, , ),
EARLY_DATA("keyboard-indicators", "Set Keyboard Indicators", 0x29, DONE, "",
           BYTES("\x00\x00\x02\x00"), SERVER(TLS, TLS)),
EARLY_DATA("play-sound", "Play Sound", 0x22, DONE, "", BYTES("\x64\x00\x00\x00\xB8\x01\x00\x00"),
           SERVER(TLS, TLS)),
EARLY_DATA("save-session-info", "Save Session Info, extended information alone,", 0x26, DONE, "",
           BYTES("\x03\x00\x00\x00\x06\x00\x00\x00\x00\x00"), SERVER(TLS, TLS)),
/* Without its padding, which libfreerdp demands; in TLS what follows is read without it. */
EARLY_DATA("save-session-info-rdp", "Save Session Info, extended information alone,", 0x26,
           VIOLATION_IN(FINALIZATION), "", BYTES("\x03\x00\x00\x00\x06\x00\x00\x00\x00\x00"), SERVER(RDP, RDP)),
STAYS_HEALTHY("early-fast-path-pointer", "A fast-path update, hidden pointer, before the Font Map",
              BEFORE_FONT_MAP, act_bytes_before, BYTES("\x00\x05\x05\x00\x00"), SERVER(TLS, TLS)),
{"pointer-as-demand-active", "A pointer PDU and nothing else where the Demand Active is due",
 SERVER(TLS, TLS), .moment = BEFORE_DEMAND_ACTIVE, .act = act_data_pdu, .end = END_SILENCE,
 .value = 0x1B, BYTES("\x01\x00\x00\x00\x00\x7F\x00\x00"), .expect = TIMEOUT_IN(CAPABILITIES)},

/* ---- servers that dribble */
DRIBBLES("connect-response-rdp", "Connect Response", BEFORE_CONNECT_RESPONSE, 1, SERVER(RDP, RDP)),
DRIBBLES("demand-active-rdp", "Demand Active", BEFORE_DEMAND_ACTIVE, 1, SERVER(RDP, RDP)),
DRIBBLES("confirm", "Connection Confirm", BEFORE_CONFIRM, 20, SERVER(TLS, TLS)),
DRIBBLES("ntlm-challenge", "NTLM CHALLENGE", BEFORE_NTLM_CHALLENGE, 1, SERVER(NLA, NLA),
         WITH_PASSWORD),
DRIBBLES("license", "STATUS_VALID_CLIENT", BEFORE_LICENSE, 10, SERVER(TLS, TLS)),
DRIBBLES("font-map", "Font Map", BEFORE_FONT_MAP, 10, SERVER(TLS, TLS)),
DRIBBLES_ON("confirm", "Connection Confirm", BEFORE_CONFIRM, NEGOTIATION, SERVER(TLS, TLS)),
DRIBBLES_ON("ntlm-challenge", "NTLM CHALLENGE", BEFORE_NTLM_CHALLENGE, CREDSSP, SERVER(NLA, NLA)),
DRIBBLES_ON("connect-response", "Connect Response", BEFORE_CONNECT_RESPONSE, BASIC_SETTINGS,
            SERVER(TLS, TLS)),
DRIBBLES_ON("connect-response-rdp", "Connect Response", BEFORE_CONNECT_RESPONSE, BASIC_SETTINGS,
            SERVER(RDP, RDP)),
DRIBBLES_ON("demand-active", "Demand Active", BEFORE_DEMAND_ACTIVE, CAPABILITIES,
            SERVER(TLS, TLS)),
DRIBBLES_ON("font-map", "Font Map", BEFORE_FONT_MAP, FINALIZATION, SERVER(TLS, TLS)),
DRIBBLES_ON("font-map-rdp", "Font Map", BEFORE_FONT_MAP, FINALIZATION, SERVER(RDP, RDP)),
    /* clang-format on */
