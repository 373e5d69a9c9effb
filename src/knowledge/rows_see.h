/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_SEE_H
#define RDPWHY_ROWS_SEE_H

#include <errno.h>
#include <netdb.h>

#include <rdpwhy/knowledge.h>

/*
 * Rows for advice.c, the only file that includes this one: the rules whose pages help with a code
 * that a client or a system shows. What a server's own code leads to is in rules.def. Several rows
 * for one code: it fits all of these rules, the likeliest first, and only a probe tells which.
 */
static const struct see_row {
    const char *space;
    int64_t first, last;
    enum why_rule rule;
} see_rows[] = {
#define SEE(space, code, rule)                                                                     \
    {                                                                                              \
        space, code, code, WHY_RULE_##rule                                                         \
    }
#define SEE_RANGE(space, first, last, rule)                                                        \
    {                                                                                              \
        space, first, last, WHY_RULE_##rule                                                        \
    }
    SEE("mstsc", 0x3, SESSION_ENDED),
    SEE("mstsc", 0x3, ERROR_INFO),
    SEE("mstsc", 0x104, NAME_NOT_RESOLVED),
    SEE("mstsc", 0x108, SILENT_LISTENER),
    SEE("mstsc", 0x108, PORT_FILTERED),
    SEE("mstsc", 0x204, PORT_REFUSED),
    SEE("mstsc", 0x204, PORT_FILTERED),
    SEE("mstsc", 0x204, NO_ROUTE),
    SEE("mstsc", 0x207, CREDSSP_OUTDATED),
    SEE("mstsc", 0x207, CREDSSP_ERROR),
    SEE("mstsc", 0x208, NAME_NOT_RESOLVED),
    SEE("mstsc", 0x404, CLOSED_BEFORE_ACTIVE),
    SEE("mstsc", 0x508, NAME_NOT_RESOLVED),
    SEE("mstsc", 0x516, PORT_REFUSED),
    SEE("mstsc", 0x516, PORT_FILTERED),
    SEE("mstsc", 0x516, SESSION_REPLACED),
    SEE("mstsc", 0x604, NAME_NOT_RESOLVED),
    SEE("mstsc", 0x807, LOGON_FAILURE),
    SEE("mstsc", 0x808, LICENSE_REFUSED),
    SEE("mstsc", 0x808, LICENSE_PROTOCOL),
    SEE("mstsc", 0x904, CLOSED_BEFORE_ANSWER),
    SEE("mstsc", 0x904, TLS_FAILS),
    SEE("mstsc", 0x904, LICENSING_CLOSED),
    SEE("mstsc", 0x904, CLOSED_BEFORE_ACTIVE),
    SEE("mstsc", 0x907, CERTIFICATES_DIFFER),
    SEE("mstsc", 0x907, CERTIFICATE_NAME_MISMATCH),
    SEE("mstsc", 0x908, LICENSING_CLOSED),
    SEE("mstsc", 0xA07, LOGON_FAILURE),
    SEE("mstsc", 0xB07, ACCOUNT_DISABLED),
    SEE("mstsc", 0xB09, NLA_REQUIRED),
    SEE("mstsc", 0xC07, ACCOUNT_RESTRICTED),
    SEE("mstsc", 0xD07, ACCOUNT_LOCKED),
    SEE("mstsc", 0xE06, FIPS_REQUIRED),
    SEE("mstsc", 0xE07, ACCOUNT_EXPIRED),
    SEE("mstsc", 0xF07, PASSWORD_EXPIRED),
    SEE("mstsc", 0x1007, ACCOUNT_RESTRICTED),
    SEE("mstsc", 0x1107, ACCOUNT_RESTRICTED),
    SEE("mstsc", 0x1207, PASSWORD_EXPIRED),
    SEE("mstsc", 0x1307, REMOTE_LOGON_DENIED),
    SEE("mstsc", 0x1807, NO_LOGON_SERVERS),
    SEE("mstsc", 0x1B07, CERTIFICATE_EXPIRED),
    SEE("mstsc", 0x1D07, CLOCK_SKEW_REFUSED),
    SEE("mstsc", 0x2104, CERTIFICATE_UNUSABLE),
    SEE("mstsc", 0x2104, TLS_FAILS),
    SEE("mstsc", 0x2107, FRESH_CREDENTIALS),
    SEE("mstsc", 0x3000001, GATEWAY_LOGON),
    SEE("mstsc", 0x3000003, GATEWAY_CERTIFICATE),
    SEE("mstsc", 0x3000005, GATEWAY_CERTIFICATE),
    SEE("mstsc", 0x3000006, GATEWAY_CERTIFICATE),
    SEE("mstsc", 0x3000007, GATEWAY_CERTIFICATE),
    SEE("mstsc", 0x3000008, GATEWAY_CANNOT_REACH),
    SEE("mstsc", 0x3000008, GATEWAY_ENDED),
    SEE("mstsc", 0x3000009, GATEWAY_CLOSED),
    SEE("mstsc", 0x3000009, GATEWAY_UNREACHABLE),
    SEE("mstsc", 0x300000A, GATEWAY_CLOSED),
    SEE("mstsc", 0x300000A, GATEWAY_UNREACHABLE),
    SEE("mstsc", 0x300000B, GATEWAY_COOKIE),
    SEE("mstsc", 0x300000B, GATEWAY_LOGON),
    SEE("mstsc", 0x300000C, GATEWAY_UNREACHABLE),
    SEE("mstsc", 0x300000D, GATEWAY_FAILED),
    SEE("mstsc", 0x300000D, GATEWAY_UNREACHABLE),
    SEE("mstsc", 0x300000F, GATEWAY_FULL),
    SEE("mstsc", 0x3000015, GATEWAY_LOGON),
    SEE("mstsc", 0x3000018, GATEWAY_ENDED),
    SEE("mstsc", 0x3000019, GATEWAY_ENDED),
    SEE("mstsc", 0x300001A, GATEWAY_LOGON),
    SEE("mstsc", 0x300001B, GATEWAY_RAP),
    SEE("mstsc", 0x300001C, GATEWAY_CAP),
    SEE("mstsc", 0x300001F, GATEWAY_CAP),
    SEE("mstsc-extended", 0x300, LOGON_FAILURE),

    SEE("rdstls", 0x5, REMOTE_LOGON_DENIED),
    SEE("rdstls", 0x52E, LOGON_FAILURE),
    SEE("rdstls", 0x530, ACCOUNT_RESTRICTED),
    SEE("rdstls", 0x532, PASSWORD_EXPIRED),
    SEE("rdstls", 0x533, ACCOUNT_DISABLED),
    SEE("rdstls", 0x773, PASSWORD_EXPIRED),
    SEE("rdstls", 0x775, ACCOUNT_LOCKED),

    SEE("kerberos", 18, ACCOUNT_DISABLED),
    SEE("kerberos", 18, ACCOUNT_LOCKED),
    SEE("kerberos", 18, ACCOUNT_EXPIRED),
    SEE("kerberos", 41, DOMAIN_TRUST_BROKEN),

    SEE_RANGE("errconnect", 0x20004, 0x20005, NAME_NOT_RESOLVED),
    SEE("errconnect", 0x20006, PORT_REFUSED),
    SEE("errconnect", 0x20006, PORT_FILTERED),
    SEE("errconnect", 0x20006, NO_ROUTE),
    SEE("errconnect", 0x20007, CLOSED_IN_BASIC_SETTINGS),
    SEE("errconnect", 0x20008, TLS_FAILS),
    SEE("errconnect", 0x20009, LOGON_FAILURE),
    SEE("errconnect", 0x2000A, REMOTE_LOGON_DENIED),
    SEE("errconnect", 0x2000C, NLA_REQUIRED),
    SEE("errconnect", 0x2000C, TLS_REQUIRED),
    SEE("errconnect", 0x2000C, NEGOTIATION_REFUSED),
    SEE("errconnect", 0x2000D, CLOSED_BEFORE_ANSWER),
    SEE("errconnect", 0x2000D, LICENSING_CLOSED),
    SEE("errconnect", 0x2000D, CLOSED_BEFORE_ACTIVE),
    SEE_RANGE("errconnect", 0x2000E, 0x2000F, PASSWORD_EXPIRED),
    SEE("errconnect", 0x20011, NO_LOGON_SERVERS),
    SEE("errconnect", 0x20012, ACCOUNT_DISABLED),
    SEE("errconnect", 0x20013, PASSWORD_EXPIRED),
    SEE_RANGE("errconnect", 0x20014, 0x20015, LOGON_FAILURE),
    SEE("errconnect", 0x20017, ACCOUNT_RESTRICTED),
    SEE("errconnect", 0x20018, ACCOUNT_LOCKED),
    SEE("errconnect", 0x20019, ACCOUNT_EXPIRED),
    SEE("errconnect", 0x2001A, REMOTE_LOGON_DENIED),

    SEE("xfreerdp-exit", 5, SESSION_REPLACED),
    SEE("xfreerdp-exit", 7, SERVER_DENIED),
    SEE("xfreerdp-exit", 9, REMOTE_LOGON_DENIED),
    SEE("xfreerdp-exit", 17, LICENSE_SERVER_MISSING),
    SEE("xfreerdp-exit", 18, LICENSE_REFUSED),
    SEE_RANGE("xfreerdp-exit", 139, 140, NAME_NOT_RESOLVED),
    SEE("xfreerdp-exit", 132, LOGON_FAILURE),
    SEE("xfreerdp-exit", 133, NLA_REQUIRED),
    SEE("xfreerdp-exit", 133, TLS_REQUIRED),
    SEE("xfreerdp-exit", 133, NEGOTIATION_REFUSED),
    SEE("xfreerdp-exit", 134, LOGON_FAILURE),
    SEE("xfreerdp-exit", 135, ACCOUNT_LOCKED),
    SEE("xfreerdp-exit", 141, PORT_REFUSED),
    SEE("xfreerdp-exit", 141, PORT_FILTERED),
    SEE("xfreerdp-exit", 141, NO_ROUTE),
    SEE("xfreerdp-exit", 142, CLOSED_IN_BASIC_SETTINGS),
    SEE("xfreerdp-exit", 143, TLS_FAILS),
    SEE("xfreerdp-exit", 144, REMOTE_LOGON_DENIED),
    SEE("xfreerdp-exit", 147, CLOSED_BEFORE_ANSWER),
    SEE("xfreerdp-exit", 147, LICENSING_CLOSED),
    SEE("xfreerdp-exit", 147, CLOSED_BEFORE_ACTIVE),
    SEE_RANGE("xfreerdp-exit", 148, 149, PASSWORD_EXPIRED),
    SEE("xfreerdp-exit", 150, NO_LOGON_SERVERS),
    SEE("xfreerdp-exit", 151, ACCOUNT_DISABLED),
    SEE("xfreerdp-exit", 152, PASSWORD_EXPIRED),
    SEE("xfreerdp-exit", 154, LOGON_FAILURE),
    SEE("xfreerdp-exit", 156, ACCOUNT_RESTRICTED),
    SEE("xfreerdp-exit", 157, ACCOUNT_EXPIRED),
    SEE("xfreerdp-exit", 158, REMOTE_LOGON_DENIED),

    SEE_RANGE("guacamole", 519, 520, PORT_REFUSED),
    SEE("guacamole", 514, PORT_FILTERED),
    SEE("guacamole", 519, PORT_FILTERED),
    SEE("guacamole", 519, NAME_NOT_RESOLVED),
    SEE("guacamole", 769, LOGON_FAILURE),

    SEE("win32", 121, PORT_FILTERED),
    SEE("win32", 1225, PORT_REFUSED),
    SEE_RANGE("win32", 1231, 1232, NO_ROUTE),
    SEE("win32", 1326, LOGON_FAILURE),
    SEE_RANGE("win32", 1327, 1328, ACCOUNT_RESTRICTED),
    SEE("win32", 1330, PASSWORD_EXPIRED),
    SEE("win32", 1331, ACCOUNT_DISABLED),
    SEE("win32", 1385, REMOTE_LOGON_DENIED),
    SEE("win32", 1460, PORT_FILTERED),
    SEE("win32", 1907, PASSWORD_EXPIRED),
    SEE("win32", 1909, ACCOUNT_LOCKED),
    SEE("win32", 10060, PORT_FILTERED),
    SEE("win32", 10061, PORT_REFUSED),
    SEE("win32", 10065, NO_ROUTE),
    SEE("win32", 11001, NAME_NOT_RESOLVED),

    SEE("errno", ECONNREFUSED, PORT_REFUSED),
    SEE("errno", ETIMEDOUT, PORT_FILTERED),
    SEE("errno", EHOSTUNREACH, NO_ROUTE),
    SEE("errno", ENETUNREACH, NO_ROUTE),
    SEE("resolver", EAI_AGAIN, NAME_NOT_RESOLVED),
    SEE("resolver", EAI_NONAME, NAME_NOT_RESOLVED),
#undef SEE
#undef SEE_RANGE
};

#endif /* !defined(RDPWHY_ROWS_SEE_H) */
