/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of what a server says of a session that has begun, all of them behind the Font Map:
 * included by faults.c within its table, whose macros they are made of. Nothing is drawn in any of
 * them. */

#define LATER_MS 300
#define IN_SESSION(name, text_, act_, ...)                                                         \
    {                                                                                              \
        name, text_, SERVER(TLS, TLS), .until = "session", .moment = BEFORE_FONT_MAP, .act = act_, \
                                       .value2 = LATER_MS, __VA_ARGS__                             \
    }
/* [MS-RDPBCGR] 2.2.10.1.1.4, Logon Errors Info, with the padding of 2.2.10.1. */
#define NOTIFIES(name, text_, type, data, ...)                                                     \
    IN_SESSION(                                                                                    \
        "logon-error-" name, "Save Session Info, Logon Errors Info: " text_, act_data_later,       \
        .value = 0x26,                                                                             \
        BYTES("\x03\x00\x00\x00\x12\x00\x02\x00\x00\x00\x08\x00\x00\x00" type data PADDING),       \
        __VA_ARGS__)
#define ZEROS_57                                                                                   \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                 \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define PADDING                                                                                    \
    ZEROS_57 ZEROS_57 ZEROS_57 ZEROS_57 ZEROS_57 ZEROS_57 ZEROS_57 ZEROS_57 ZEROS_57 ZEROS_57
/* 2.2.5.2 */
#define STATUS(code, text_, octets)                                                                \
    IN_SESSION("status-" code, "Server Status Info 0x" code ": " text_, act_data_later,            \
               .value = 0x36, BYTES(octets), .words = {.remark = "\"status\": \"0x" code "\""},    \
               .expect = STOPPED_IN(SESSION))
/* Set Error Info some time after the session has begun. */
#define ERROR_IN_SESSION(text, n, octets)                                                          \
    IN_SESSION("session-error-info-" text, "Set Error Info 0x" text " within the session",         \
               act_data_later, .value = 0x2F, BYTES(octets), .end = END_FIN,                       \
               .expect = ERROR_INFO_IN(SESSION, n))

/* clang-format off */
NOTIFIES("disconnect-refused", "LOGON_MSG_DISCONNECT_REFUSED", "\xF9\xFF\xFF\xFF", "\x01\0\0\0",
         .expect = STOPPED_IN(SESSION), .words = {.remark = "session-logon-denied"}),
NOTIFIES("no-permission", "LOGON_MSG_NO_PERMISSION", "\xFA\xFF\xFF\xFF", "\x01\0\0\0",
         .expect = STOPPED_IN(SESSION), .words = {.remark = "session-logon-denied"}),
NOTIFIES("bump-options", "LOGON_MSG_BUMP_OPTIONS", "\xFB\xFF\xFF\xFF", "\x01\0\0\0",
         .expect = STOPPED_IN(SESSION), .words = {.no_findings = "session-logon-denied"}),
NOTIFIES("reconnect-options", "LOGON_MSG_RECONNECT_OPTIONS", "\xFC\xFF\xFF\xFF", "\x01\0\0\0",
         .expect = STOPPED_IN(SESSION), .words = {.no_findings = "session-logon-denied"}),
NOTIFIES("session-terminate", "LOGON_MSG_SESSION_TERMINATE", "\xFD\xFF\xFF\xFF", "\x01\0\0\0",
         .expect = STOPPED_IN(SESSION), .words = {.remark = "session-not-started"}),
NOTIFIES("session-continue", "LOGON_MSG_SESSION_CONTINUE", "\xFE\xFF\xFF\xFF", "\x01\0\0\0",
         .expect = STOPPED_IN(SESSION), .words = {.no_findings = "session-logon-denied"}),
NOTIFIES("bad-password", "STATUS_LOGON_FAILURE, LOGON_FAILED_BAD_PASSWORD", "\x6D\x00\x00\xC0",
         "\0\0\0\0", .expect = STOPPED_IN(SESSION), .words = {.remark = "session-logon-denied"}),
NOTIFIES("update-password", "STATUS_PASSWORD_MUST_CHANGE, LOGON_FAILED_UPDATE_PASSWORD",
         "\x24\x02\x00\xC0", "\x01\0\0\0", .expect = STOPPED_IN(SESSION),
         .words = {.remark = "session-logon-denied"}),
NOTIFIES("other", "STATUS_ACCOUNT_RESTRICTION, LOGON_FAILED_OTHER", "\x6E\x00\x00\xC0",
         "\x02\0\0\0", .expect = STOPPED_IN(SESSION), .words = {.remark = "session-logon-denied"}),
NOTIFIES("warning", "a status that is no error, LOGON_WARNING", "\x00\x00\x00\x00", "\x03\0\0\0",
         .expect = STOPPED_IN(SESSION), .words = {.no_findings = "session-logon-denied"}),

STATUS("401", "finding the destination", "\x01\x04\x00\x00"),
STATUS("402", "loading the destination", "\x02\x04\x00\x00"),
STATUS("403", "bringing the session online", "\x03\x04\x00\x00"),
STATUS("404", "redirecting to the destination", "\x04\x04\x00\x00"),
STATUS("501", "the virtual machine is loading", "\x01\x05\x00\x00"),
STATUS("502", "the virtual machine is waking", "\x02\x05\x00\x00"),
STATUS("503", "the virtual machine is starting", "\x03\x05\x00\x00"),

ERROR_IN_SESSION("5", 5, "\x05\0\0\0"),
ERROR_IN_SESSION("7", 7, "\x07\0\0\0"),
ERROR_IN_SESSION("c", 12, "\x0C\0\0\0"),
ERROR_IN_SESSION("112f", 0x112F, "\x2F\x11\0\0"),
IN_SESSION("session-fin", "FIN within the session", act_data_later, .value = 0x36,
           BYTES("\x03\x04\x00\x00"), .end = END_FIN, .expect = FIN_IN(SESSION),
           .words = {.remark = "session-ends-at-once"}),
IN_SESSION("session-rst", "RST within the session", act_data_later, .value = 0x36,
           BYTES("\x03\x04\x00\x00"), .end = END_RST, .expect = RST_IN(SESSION),
           .words = {.remark = "session-ends-at-once"}),
IN_SESSION("session-deactivated", "Deactivate All within the session, and no reactivation",
           act_deactivate_later, .end = END_SILENCE, .expect = STOPPED_IN(SESSION)),
IN_SESSION("session-license-error", "A license error within the session", act_license_later,
           .value = 2, .end = END_SILENCE,
           .expect = REFUSED(SESSION, LICENSE_ERROR, LICENSE_ERROR, 2)),
{"gnome-like-session", "The same as gnome-like, of which the session is watched", SERVER(TLS, TLS),
 .until = "session", .moment = BEFORE_DEMAND_ACTIVE, .act = act_demand_graphics,
 .expect = STOPPED_IN(SESSION)},
IN_SESSION("session-flood", "Offscreen bitmaps, more than anybody can keep", act_flood,
           .end = END_SILENCE, .expect = STOPPED_IN(SESSION)),
    /* clang-format on */
