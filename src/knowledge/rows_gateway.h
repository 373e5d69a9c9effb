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

/* RFC 9110 15, as gateways and what stands before them answer RDG_OUT_DATA and RDG_IN_DATA. */
static const struct why_code_row gateway_http_rows[] = {
    {101, "Switching Protocols", "the gateway goes on with WebSocket"},
    {200, "OK", "the gateway has accepted the request; anybody else shows a page"},
    {301, "Moved Permanently", "redirected: a web server, or a logon page in front of the gateway"},
    {302, "Found", "redirected: a web server, or a logon page in front of the gateway"},
    {307, "Temporary Redirect", "redirected: a web server, or a proxy in front of the gateway"},
    {400, "Bad Request",
     "not understood: by a proxy in front of the gateway, or this is no gateway"},
    {401, "Unauthorized", "the gateway requires a logon, or rejected the one given"},
    {403, "Forbidden",
     "not allowed: the account, or this client's address, by the gateway or what is in front of "
     "it"},
    {404, "Not Found", "there is no RD Gateway at /remoteDesktopGateway/ on this web server"},
    {405, "Method Not Allowed", "RDG_OUT_DATA is not allowed: a web server, or a proxy's rule"},
    {407, "Proxy Authentication Required", "a proxy in front of the gateway requires a logon"},
    {408, "Request Timeout", "the request took too long"},
    {410, "Gone", "there is no RD Gateway here any more"},
    {426, "Upgrade Required", "another version of HTTP is required"},
    {429, "Too Many Requests", "too many requests from this client"},
    {500, "Internal Server Error", "the gateway, or what is in front of it, failed"},
    {501, "Not Implemented", "RDG_OUT_DATA is not known: a web server, or a proxy"},
    {502, "Bad Gateway",
     "a proxy or load balancer in front of the gateway got no good answer from it"},
    {503, "Service Unavailable",
     "the gateway's service does not run, or none of its farm is available"},
    {504, "Gateway Timeout",
     "a proxy or load balancer in front of the gateway got no answer from it"},
};

/* RFC 6455 7.4.1 */
static const struct why_code_row websocket_rows[] = {
    {1000, "normal closure", "the purpose of the connection is fulfilled"},
    {1001, "going away", "the server goes down"},
    {1002, "protocol error", "the other side objects to a frame"},
    {1003, "unsupported data", "the other side does not take this kind of message"},
    {1005, "no status", "the Close frame names no reason"},
    {1007, "invalid payload", "the other side objects to what a message holds"},
    {1008, "policy violation", "a policy of the other side"},
    {1009, "message too big", "a message was too big for the other side"},
    {1010, "mandatory extension", "an extension is missing"},
    {1011, "internal error", "the server met an error that it does not describe"},
    {1012, "service restart", "the server restarts"},
    {1013, "try again later", "the server is overloaded"},
    {1014, "bad gateway", "the server got no good answer from one behind it"},
};

#endif /* !defined(RDPWHY_ROWS_GATEWAY_H) */
