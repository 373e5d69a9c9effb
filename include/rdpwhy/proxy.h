/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PROXY_H
#define RDPWHY_PROXY_H

#include <stdbool.h>
#include <stdint.h>

/* What connects to the servers in this computer's place. */
enum why_proxy_kind {
    WHY_PROXY_KIND_SOCKS5,
    WHY_PROXY_KIND_SOCKS4A,
    WHY_PROXY_KIND_HTTP, /* CONNECT */
    WHY_PROXY_KIND_COUNT
};

struct why_proxy {
    enum why_proxy_kind kind;
    char *url; /* as it was given, without the account */
    char *host;
    uint16_t port;
    bool resolve_here;    /* the servers' names are looked up by this computer, not by the proxy */
    char *user;           /* NULL: none */
    const char *password; /* NULL: none; stays somebody else's */
};

#endif /* !defined(RDPWHY_PROXY_H) */
