/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_TSGU_H
#define RDPWHY_WIRE_TSGU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The packets of RD Gateway's HTTP transport, [MS-TSGU] 2.2.10. Pure. */

enum why_tsgu_type { /* 2.2.5.3.3 */
                     WHY_TSGU_HANDSHAKE_REQUEST = 0x1,
                     WHY_TSGU_HANDSHAKE_RESPONSE = 0x2,
                     WHY_TSGU_EXTENDED_AUTH = 0x3,
                     WHY_TSGU_TUNNEL_CREATE = 0x4,
                     WHY_TSGU_TUNNEL_RESPONSE = 0x5,
                     WHY_TSGU_TUNNEL_AUTH = 0x6,
                     WHY_TSGU_TUNNEL_AUTH_RESPONSE = 0x7,
                     WHY_TSGU_CHANNEL_CREATE = 0x8,
                     WHY_TSGU_CHANNEL_RESPONSE = 0x9,
                     WHY_TSGU_DATA = 0xA,
                     WHY_TSGU_SERVICE_MESSAGE = 0xB,
                     WHY_TSGU_REAUTH_MESSAGE = 0xC,
                     WHY_TSGU_KEEPALIVE = 0xD,
                     WHY_TSGU_CLOSE_CHANNEL = 0x10,
                     WHY_TSGU_CLOSE_CHANNEL_RESPONSE = 0x11
};

/* HTTP_EXTENDED_AUTH, 2.2.5.3.2 */
#define WHY_TSGU_AUTH_NONE 0x0u
#define WHY_TSGU_AUTH_PAA  0x2u

/* HTTP_CAPABILITY_TYPE, 2.2.5.3.6 */
#define WHY_TSGU_CAP_QUARANTINE   0x1u
#define WHY_TSGU_CAP_IDLE_TIMEOUT 0x2u
#define WHY_TSGU_CAP_CONSENT      0x4u
#define WHY_TSGU_CAP_SERVICE      0x8u
#define WHY_TSGU_CAP_REAUTH       0x10u
#define WHY_TSGU_CAP_UDP          0x20u

#define WHY_TSGU_HEADER     8u
#define WHY_TSGU_DATA_HEAD  10u /* of a DATA packet, before what it carries */
#define WHY_TSGU_PACKET_MAX 131072u
#define WHY_TSGU_TEXT_MAX   512u

struct why_tsgu {
    enum why_tsgu_type type;
    bool has_error;
    uint32_t error;          /* HRESULT; 0: none */
    uint16_t fields_present; /* as far as the packet has such a member */
    uint8_t major, minor;    /* of the handshake */
    uint16_t extended_auth;  /* likewise */
    bool has_capabilities, has_redirection, has_idle_timeout;
    uint32_t capabilities;        /* of the tunnel */
    uint32_t redirection_flags;   /* HTTP_TUNNEL_REDIR, 2.2.5.3.8 */
    uint32_t idle_timeout;        /* minutes */
    char text[WHY_TSGU_TEXT_MAX]; /* a message's, or the target's name; UTF-8 */
    uint16_t port;                /* of the target */
    size_t data, data_len;        /* of DATA: where and how many */
    size_t secret, secret_len;    /* of a cookie or token: where and how many */
    const char *problem;          /* what contradicts the specification; NULL: nothing; static */
};

/* Bytes of the packet that begins at |data|, its header has |len| >= WHY_TSGU_HEADER bytes; 0: no
 * packet begins so. */
size_t why_tsgu_length(const uint8_t *data, size_t len);

/* The packet is the gateway's "no", 2.2.6: E_PROXY_QUARANTINE_ACCESSDENIED of a
 * TUNNEL_AUTH_RESPONSE is none, for the connection goes on with what it restricts (3.7.5.2.7). */
#define WHY_TSGU_QUARANTINE 0x800759EDu
bool why_tsgu_refuses(const struct why_tsgu *packet);

/* A whole packet. */
void why_tsgu_read(const uint8_t *data, size_t len, struct why_tsgu *packet);

const char *why_tsgu_name(enum why_tsgu_type type); /* NULL: there is no such type */

/* ---- what a client sends --------------------------------------------------------------------- */

#define WHY_TSGU_REQUEST_MAX 1024u

size_t why_tsgu_handshake_request(uint8_t out[WHY_TSGU_REQUEST_MAX]);
size_t why_tsgu_tunnel_create(uint8_t out[WHY_TSGU_REQUEST_MAX]);
/* |name|: the client's, UTF-8. */
size_t why_tsgu_tunnel_auth(uint8_t out[WHY_TSGU_REQUEST_MAX], const char *name);
/* |host| in UTF-8, at most 253 characters: the gateway looks it up. */
size_t why_tsgu_channel_create(uint8_t out[WHY_TSGU_REQUEST_MAX], const char *host, uint16_t port);
/* The head of a packet that carries |len| bytes. */
size_t why_tsgu_data(uint8_t out[WHY_TSGU_DATA_HEAD], uint16_t len);
size_t why_tsgu_keepalive(uint8_t out[WHY_TSGU_REQUEST_MAX]);
size_t why_tsgu_close_response(uint8_t out[WHY_TSGU_REQUEST_MAX]);
size_t why_tsgu_close(uint8_t out[WHY_TSGU_REQUEST_MAX], uint32_t code);

#endif /* !defined(RDPWHY_WIRE_TSGU_H) */
