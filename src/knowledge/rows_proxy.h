/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_PROXY_H
#define RDPWHY_ROWS_PROXY_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/* RFC 1928 6; from 90 on SOCKS 4; 255 is the METHOD of RFC 1928 3 */
static const struct why_code_row socks_rows[] = {
    {0, "succeeded", "the proxy is connected to the server"},
    {1, "general-failure", "the proxy failed and gives no reason"},
    {2, "not-allowed", "the proxy's rules do not allow this connection"},
    {3, "network-unreachable", "the proxy has no route to the server's network"},
    {4, "host-unreachable", "the proxy cannot reach the server, or cannot resolve its name"},
    {5, "connection-refused", "the server refused the proxy's TCP connection"},
    {6, "ttl-expired", "the proxy's connection to the server timed out (TTL expired)"},
    {7, "command-not-supported", "the proxy does not support CONNECT"},
    {8, "address-type-not-supported", "the proxy does not support this kind of address or name"},
    {90, "granted", "SOCKS 4: the proxy is connected to the server"},
    {91, "rejected-or-failed",
     "SOCKS 4: the proxy does not allow it, or could not connect; it does not say which"},
    {92, "no-identd", "SOCKS 4: the proxy could not ask this computer's identd for the user"},
    {93, "identd-mismatch", "SOCKS 4: identd on this computer names another user"},
    {255, "no-acceptable-methods", "the proxy requires a logon that was not offered"},
};

/* RFC 9110 15; in answer to CONNECT */
static const struct why_code_row http_rows[] = {
    {200, "OK", "the proxy is connected to the server"},
    {301, "Moved Permanently", "redirected: this is a web server, not a proxy"},
    {302, "Found", "redirected: a logon page or a web server, not a proxy"},
    {400, "Bad Request", "the proxy did not understand the request; a web server is no proxy"},
    {401, "Unauthorized", "a logon is required: by a web server, for a proxy says 407"},
    {403, "Forbidden", "the proxy's rules do not allow this server, port or client"},
    {404, "Not Found", "not found: this is probably a web server, not a proxy"},
    {405, "Method Not Allowed", "CONNECT is not allowed: a web server, or a proxy's rule"},
    {407, "Proxy Authentication Required", "the proxy requires a logon, or rejected the one given"},
    {408, "Request Timeout", "the request took too long"},
    {429, "Too Many Requests", "the proxy limits how many connections this client may make"},
    {500, "Internal Server Error",
     "the proxy failed; tinyproxy: it could not connect to the server"},
    {501, "Not Implemented", "the proxy does not support CONNECT"},
    {502, "Bad Gateway", "the proxy could not connect to the server"},
    {503, "Service Unavailable",
     "the proxy could not connect to the server or resolve its name, or is overloaded"},
    {504, "Gateway Timeout", "the server did not answer the proxy in time"},
};

#endif /* !defined(RDPWHY_ROWS_PROXY_H) */
