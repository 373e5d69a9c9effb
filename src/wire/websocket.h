/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_WEBSOCKET_H
#define RDPWHY_WIRE_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Frames of RFC 6455 5.2. Pure. */

enum why_websocket_opcode {
    WHY_WEBSOCKET_CONTINUATION = 0,
    WHY_WEBSOCKET_TEXT = 1,
    WHY_WEBSOCKET_BINARY = 2,
    WHY_WEBSOCKET_CLOSE = 8,
    WHY_WEBSOCKET_PING = 9,
    WHY_WEBSOCKET_PONG = 10
};

#define WHY_WEBSOCKET_HEAD_MAX    14u
#define WHY_WEBSOCKET_CONTROL_MAX 125u

/* One direction of a connection; all zeros at first, but for |masked|. */
struct why_websocket {
    bool masked; /* what comes from a client has to be, what comes from a server must not */
    uint8_t head[WHY_WEBSOCKET_HEAD_MAX];
    size_t head_len;
    bool in_payload, in_message; /* |in_message|: a message goes on in the next frame */
    uint64_t left, passed;       /* of the payload */
    uint8_t control[WHY_WEBSOCKET_CONTROL_MAX];
    size_t control_len;
};

struct why_websocket_piece {
    uint8_t *data; /* payload of a message, unmasked in its place */
    size_t len;
    bool control; /* a whole control frame has come: |opcode|; its payload is |control| */
    enum why_websocket_opcode opcode;
    const char *problem; /* why this is no frame that may be there; NULL: it is one; static */
};

/* Takes the next bytes, up to the end of what |*piece| has. Returns how many. */
size_t why_websocket_take(struct why_websocket *ws, uint8_t *data, size_t len,
                          struct why_websocket_piece *piece);

/* The head of a client's frame, whole and masked with |mask|. Returns its length. */
size_t why_websocket_head(uint8_t out[WHY_WEBSOCKET_HEAD_MAX], enum why_websocket_opcode opcode,
                          size_t len, const uint8_t mask[4]);
/* Masks or unmasks what is |offset| bytes into the payload. */
void why_websocket_mask(uint8_t *data, size_t len, uint64_t offset, const uint8_t mask[4]);

/* The status of a Close frame's payload, RFC 6455 5.5.1 and 7.4; 1005: it has none. */
unsigned why_websocket_status(const uint8_t *payload, size_t len);

#endif /* !defined(RDPWHY_WIRE_WEBSOCKET_H) */
