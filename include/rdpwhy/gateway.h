/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_GATEWAY_H
#define RDPWHY_GATEWAY_H

#include <stddef.h>
#include <stdint.h>

/* The RD Gateway ([MS-TSGU]) that the connections to targets go through. */

enum why_gateway_transport {
    WHY_GATEWAY_TRANSPORT_AUTO, /* WebSocket, and HTTP where that is not granted */
    WHY_GATEWAY_TRANSPORT_WEBSOCKET,
    WHY_GATEWAY_TRANSPORT_HTTP /* two connections, RDG_OUT_DATA and RDG_IN_DATA */
};

struct why_credentials;

struct why_gateway {
    char *host; /* without brackets */
    uint16_t port;
    char *label; /* "host:port", as reports show it */
    enum why_gateway_transport transport;
    const struct why_credentials *credentials; /* NULL: none; stays somebody else's */
};

#define WHY_GATEWAY_DEFAULT_PORT 443

/*
 * Reads "HOST", "HOST:PORT" or "[V6]:PORT". WHY_OK with texts for why_gateway_clear, WHY_ERR_NOMEM,
 * or WHY_ERR_USAGE with |err| saying what is wrong.
 */
int why_gateway_parse(const char *text, struct why_gateway *gateway, char *err, size_t errlen);
void why_gateway_clear(struct why_gateway *gateway);

/* The word of a transport, and back; -1: it is none. */
const char *why_gateway_transport_name(enum why_gateway_transport transport);
int why_gateway_transport_find(const char *name);

#endif /* !defined(RDPWHY_GATEWAY_H) */
