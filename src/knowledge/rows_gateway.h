/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_GATEWAY_H
#define RDPWHY_ROWS_GATEWAY_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/*
 * [MS-TSGU] 2.2.6, with what 3.2.6 says of when each is sent. All as HRESULT here; gateways send
 * some of them as their lower half alone (0x000059DD), which is looked up too (explain.c).
 */
static const struct why_code_row gateway_rows[] = {
    {0x800700A0, "ERROR_BAD_ARGUMENTS",
     "the host closed its connection to the gateway unexpectedly"},
    {0x800703E3, "ERROR_OPERATION_ABORTED",
     "the client took longer to begin than the gateway waits"},
    {0x800704CA, "ERROR_GRACEFUL_DISCONNECT", "the client closed the connection in order"},
    {0x800704D4, "E_PROXY_CONNECTIONABORTED",
     "the gateway's administrator ended the connection; for older clients also a session limit or "
     "a "
     "check that failed"},
    {0x800759D8, "E_PROXY_INTERNALERROR", "the gateway met an error that it does not describe"},
    {0x800759DA, "E_PROXY_RAP_ACCESSDENIED",
     "the gateway's resource authorization policy (RAP) does not allow this host, port or account"},
    {0x800759DB, "E_PROXY_NAP_ACCESSDENIED",
     "the gateway's connection authorization policy (CAP) does not allow this account or client"},
    {0x800759DD, "E_PROXY_TS_CONNECTFAILED",
     "the gateway could not connect to the host: it is off, does not listen, or its name does not "
     "resolve there"},
    {0x800759DF, "E_PROXY_ALREADYDISCONNECTED", "the channel is closed already"},
    {0x800759E6, "E_PROXY_MAXCONNECTIONSREACHED",
     "the gateway has as many connections as it is allowed"},
    {0x800759E8, "E_PROXY_NOTSUPPORTED", "the gateway does not support the request"},
    {0x800759E9, "E_PROXY_CAPABILITYMISMATCH",
     "the gateway wants a capability that the client does not have, to show a message for example"},
    {0x800759ED, "E_PROXY_QUARANTINE_ACCESSDENIED",
     "the gateway's quarantine policy rejects the client's computer"},
    {0x800759EE, "E_PROXY_NOCERTAVAILABLE", "the gateway has no certificate"},
    {0x800759F6, "E_PROXY_SESSIONTIMEOUT", "the session reached the gateway's time limit"},
    {0x800759F7, "E_PROXY_COOKIE_BADPACKET", "the gateway got no valid authentication cookie"},
    {0x800759F8, "E_PROXY_COOKIE_AUTHENTICATION_ACCESS_DENIED",
     "the gateway's own authentication (cookie, token) does not allow this account"},
    {0x800759F9, "E_PROXY_UNSUPPORTED_AUTHENTICATION_METHOD",
     "the gateway wants its own authentication (cookie, token), and the client used another"},
    {0x800759FA, "E_PROXY_REAUTH_AUTHN_FAILED",
     "the gateway authenticated the account again, and its credentials are no longer valid"},
    {0x800759FB, "E_PROXY_REAUTH_CAP_FAILED",
     "the gateway checked the account again, and its CAP no longer allows it"},
    {0x800759FC, "E_PROXY_REAUTH_RAP_FAILED",
     "the gateway checked the account again, and its RAP no longer allows the host"},
    {0x800759FD, "E_PROXY_SDR_NOT_SUPPORTED_BY_TS",
     "the gateway only allows hosts that take its policies, and this host does not"},
    {0x80075A00, "E_PROXY_REAUTH_NAP_FAILED",
     "the gateway checked the client's computer again, and its health policy no longer allows it"},
};

#endif /* !defined(RDPWHY_ROWS_GATEWAY_H) */
