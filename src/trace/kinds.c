/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_private.h"

#include <string.h>

#include <rdpwhy/status.h>

#define NONE     false, WHY_SPACE_COUNT
#define NUMBER   true, WHY_SPACE_COUNT
#define ERRNO    true, WHY_SPACE_ERRNO
#define RESOLVER true, WHY_SPACE_RESOLVER

static const struct why_event_kind_info kinds[] = {
    [WHY_EV_RESOLVE] = {"resolve", false, NONE},
    [WHY_EV_RESOLVED] = {"resolved", false, NUMBER},
    [WHY_EV_RESOLVE_FAILED] = {"resolve-failed", false, RESOLVER},
    [WHY_EV_DIAL] = {"dial", false, NONE},
    [WHY_EV_DIAL_FAILED] = {"dial-failed", false, ERRNO},
    [WHY_EV_CONNECTED] = {"connected", false, NONE},
    [WHY_EV_PROXY] = {"proxy", false, NONE},
    [WHY_EV_PROXY_REQUEST] = {"proxy-request", false, NONE},
    [WHY_EV_PROXY_DONE] = {"proxy-done", false, NUMBER},
    [WHY_EV_PROXY_SOCKS] = {"proxy-socks", false, NUMBER},
    [WHY_EV_PROXY_HTTP] = {"proxy-http", false, NUMBER},
    [WHY_EV_PROXY_ACCOUNT] = {"proxy-account", false, NONE},
    [WHY_EV_PROXY_FAILED] = {"proxy-failed", false, NONE},
    [WHY_EV_GATEWAY] = {"gateway", false, NONE},
    [WHY_EV_GATEWAY_TLS_START] = {"gateway-tls-start", false, NONE},
    [WHY_EV_GATEWAY_TLS_ALERT] = {"gateway-tls-alert", true, NUMBER},
    [WHY_EV_GATEWAY_TLS_ERROR] = {"gateway-tls-error", false, NUMBER},
    [WHY_EV_GATEWAY_TLS_DONE] = {"gateway-tls-done", false, NONE},
    [WHY_EV_GATEWAY_CERTIFICATE] = {"gateway-certificate", false, NUMBER},
    [WHY_EV_GATEWAY_HTTP] = {"gateway-http", true, NUMBER},
    [WHY_EV_GATEWAY_LOGON] = {"gateway-logon", false, NONE},
    [WHY_EV_GATEWAY_OPEN] = {"gateway-open", false, NUMBER},
    [WHY_EV_GATEWAY_PACKET] = {"gateway-packet", true, NUMBER},
    [WHY_EV_GATEWAY_GOODBYE] = {"gateway-goodbye", true, NUMBER},
    [WHY_EV_GATEWAY_FAILED] = {"gateway-failed", false, NONE},
    [WHY_EV_FILE] = {"file", false, NUMBER},
    [WHY_EV_TLS_START] = {"tls-start", false, NONE},
    [WHY_EV_TLS_RECORD] = {"tls-record", true, NONE},
    [WHY_EV_TLS_ALERT] = {"tls-alert", true, NUMBER},
    [WHY_EV_TLS_ERROR] = {"tls-error", false, NUMBER},
    [WHY_EV_TLS_DONE] = {"tls-done", false, NONE},
    [WHY_EV_CERTIFICATE] = {"certificate", false, NUMBER},
    [WHY_EV_PDU] = {"pdu", true, NONE},
    [WHY_EV_PARTIAL] = {"partial", true, NONE},
    [WHY_EV_STATE] = {"state", false, NUMBER},
    [WHY_EV_LIBRARY_ERROR] = {"library-error", false, NUMBER},
    [WHY_EV_KERBEROS_START] = {"kerberos-start", false, NONE},
    [WHY_EV_KDC] = {"kdc", false, NUMBER},
    [WHY_EV_KDC_PROOF] = {"kdc-proof", false, NONE},
    [WHY_EV_KDC_REQUEST] = {"kdc-request", false, NUMBER},
    [WHY_EV_KDC_ERROR] = {"kdc-error", false, NUMBER},
    [WHY_EV_KDC_CLOCK] = {"kdc-clock", false, NUMBER},
    [WHY_EV_KDC_TICKET] = {"kdc-ticket", false, NUMBER},
    [WHY_EV_KDC_STATUS] = {"kdc-status", false, NUMBER},
    [WHY_EV_KERBEROS_DONE] = {"kerberos-done", false, NONE},
    [WHY_EV_KERBEROS_REFUSED] = {"kerberos-refused", false, NUMBER},
    [WHY_EV_KERBEROS_FAILED] = {"kerberos-failed", false, NONE},
    [WHY_EV_KDC_FAILED] = {"kdc-failed", false, NONE},
    [WHY_EV_KERBEROS_GIVEN_UP] = {"kerberos-given-up", false, NONE},
    [WHY_EV_AUTHENTICATION] = {"authentication", false, NONE},
    [WHY_EV_REDIAL_REFUSED] = {"redial-refused", false, NONE},
    [WHY_EV_FIN] = {"fin", false, NONE},
    [WHY_EV_RESET] = {"reset", false, ERRNO},
    [WHY_EV_NET_ERROR] = {"net-error", false, ERRNO},
    [WHY_EV_DEADLINE] = {"deadline", false, NONE},
    [WHY_EV_CANCELLED] = {"cancelled", false, NONE},
    [WHY_EV_REACHED] = {"reached", false, NUMBER},
    [WHY_EV_STOP] = {"stop", false, NONE},
    [WHY_EV_SKIPPED] = {"skipped", false, NONE},
    [WHY_EV_FAILED] = {"failed", false, NUMBER},
    [WHY_EV_CLOSE] = {"close", false, NONE},
    [WHY_EV_CRASHED] = {"crashed", false, NONE},
    [WHY_EV_OPAQUE] = {"opaque", true, NONE},
    [WHY_EV_LOST] = {"lost", true, NUMBER},
    [WHY_EV_PICTURE] = {"picture", false, NUMBER},
    [WHY_EV_SCREEN_TEXT] = {"screen-text", false, NONE},
    [WHY_EV_DRAWING_ENDED] = {"drawing-ended", false, NONE},
    [WHY_EV_SCREENSHOT] = {"screenshot", false, NUMBER},
    [WHY_EV_UDP] = {"udp", true, NUMBER},
    [WHY_EV_REMARK] = {"remark", false, NUMBER},
    [WHY_EV_EVENTS_LOST] = {"events-lost", false, NUMBER},
    [WHY_EV_OTHER_CAPTURE] = {"other-capture", false, NUMBER},
    [WHY_EV_SAME_BY] = {"same-by", false, NONE},
    [WHY_EV_DIFFERENCE] = {"difference", false, NONE},
    [WHY_EV_RAW] = {"raw", true, NONE},
    [WHY_EV_RAW_CLOSE] = {"raw-close", false, NUMBER},
    [WHY_EV_LOCAL] = {"local", false, NONE},
    [WHY_EV_KEYLOG] = {"keylog", false, NONE},
};

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == WHY_EV_KIND_COUNT,
               "an event kind without a row");

const struct why_event_kind_info *why_event_kind_info(enum why_event_kind kind)
{
    return &kinds[kind];
}

bool why_event_is_capture(enum why_event_kind kind)
{
    return kind >= WHY_EV_RAW && kind <= WHY_EV_KEYLOG;
}

bool why_event_is_remark(enum why_event_kind kind)
{
    return kind >= WHY_EV_REMARK && kind <= WHY_EV_DIFFERENCE;
}

const char *why_event_kind_name(enum why_event_kind kind)
{
    if ((unsigned)kind >= WHY_EV_KIND_COUNT)
        return "?";
    return kinds[kind].name;
}

int why_event_kind_find(const char *name)
{
    for (int i = 0; i < WHY_EV_KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    }
    return WHY_ERR_NOTFOUND;
}
