/* SPDX-License-Identifier: Apache-2.0 */
#include "websocket.h"

#include <string.h>

#define FIN      0x80u
#define RESERVED 0x70u
#define OPCODE   0x0Fu
#define MASKED   0x80u

#define FRAME_MAX (16u * 1024u * 1024u) /* packets have 64 KiB, and a frame may have several */

static bool is_control(uint8_t opcode)
{
    return (opcode & 8u) != 0;
}

/* How long the head will be, as far as its first two bytes tell. */
static size_t head_length(const struct why_websocket *ws)
{
    size_t len = 2;

    if (ws->head_len < 2)
        return 2;
    if ((ws->head[1] & 0x7Fu) == 126)
        len += 2;
    else if ((ws->head[1] & 0x7Fu) == 127)
        len += 8;
    return len + ((ws->head[1] & MASKED) != 0 ? 4 : 0);
}

static uint64_t payload_length(const struct why_websocket *ws)
{
    size_t size = ws->head[1] & 0x7Fu;
    uint64_t len = 0;

    if (size < 126)
        return size;
    for (size_t i = 0; i < (size == 126 ? 2u : 8u); i++)
        len = len << 8 | ws->head[2 + i];
    return len;
}

/* RFC 6455 5.2: the minimal number of bytes has to be used. */
static uint64_t least_length(const struct why_websocket *ws)
{
    size_t size = ws->head[1] & 0x7Fu;

    return size == 127 ? UINT16_MAX + 1u : size == 126 ? 126u : 0u;
}

static const char *problem_of(const struct why_websocket *ws)
{
    uint8_t opcode = ws->head[0] & OPCODE;
    bool masked = (ws->head[1] & MASKED) != 0, fin = (ws->head[0] & FIN) != 0;

    if ((ws->head[0] & RESERVED) != 0)
        return "a WebSocket frame with reserved bits, which no extension was agreed on for";
    if (opcode > WHY_WEBSOCKET_PONG || (opcode > WHY_WEBSOCKET_BINARY && !is_control(opcode)))
        return "a WebSocket frame of an unknown kind";
    if (masked != ws->masked)
        return masked ? "a WebSocket frame of the server that is masked"
                      : "a WebSocket frame of the client that is not masked";
    if (is_control(opcode) && (!fin || ws->left > WHY_WEBSOCKET_CONTROL_MAX))
        return "a WebSocket control frame in parts, or with more than 125 bytes";
    if (!is_control(opcode) && (opcode == WHY_WEBSOCKET_CONTINUATION) != ws->in_message)
        return ws->in_message ? "a WebSocket message that begins within another"
                              : "a WebSocket continuation of nothing";
    if (opcode == WHY_WEBSOCKET_TEXT)
        return "a WebSocket text message, where RD Gateway has binary ones only";
    if (ws->left < least_length(ws))
        return "a WebSocket frame whose length is not in its shortest form";
    if (ws->left > FRAME_MAX)
        return "a WebSocket frame that is larger than any of an RD Gateway";
    return NULL;
}

/* A frame's payload has come to its end. */
static void end_frame(struct why_websocket *ws, struct why_websocket_piece *piece)
{
    uint8_t opcode = ws->head[0] & OPCODE;

    if (is_control(opcode)) {
        piece->control = true;
        piece->opcode = (enum why_websocket_opcode)opcode;
    } else {
        ws->in_message = (ws->head[0] & FIN) == 0;
    }
    ws->in_payload = false;
    ws->head_len = 0;
}

static size_t take_head(struct why_websocket *ws, const uint8_t *data, size_t len,
                        struct why_websocket_piece *piece)
{
    size_t used = 0;

    while (used < len && ws->head_len < head_length(ws))
        ws->head[ws->head_len++] = data[used++];
    if (ws->head_len < 2 || ws->head_len < head_length(ws))
        return used;
    ws->left = payload_length(ws);
    ws->passed = 0;
    ws->control_len = 0;
    piece->problem = problem_of(ws);
    ws->in_payload = true;
    if (piece->problem == NULL && ws->left == 0)
        end_frame(ws, piece);
    return used;
}

static size_t take_payload(struct why_websocket *ws, uint8_t *data, size_t len,
                           struct why_websocket_piece *piece)
{
    size_t n = len < ws->left ? len : (size_t)ws->left;

    if (ws->masked)
        why_websocket_mask(data, n, ws->passed, ws->head + head_length(ws) - 4);
    ws->left -= n;
    ws->passed += n;
    if (is_control(ws->head[0] & OPCODE)) {
        memcpy(ws->control + ws->control_len, data, n);
        ws->control_len += n;
    } else {
        piece->data = data;
        piece->len = n;
    }
    if (ws->left == 0)
        end_frame(ws, piece);
    return n;
}

size_t why_websocket_take(struct why_websocket *ws, uint8_t *data, size_t len,
                          struct why_websocket_piece *piece)
{
    size_t used = 0;

    memset(piece, 0, sizeof(*piece));
    if (!ws->in_payload)
        used = take_head(ws, data, len, piece);
    if (ws->in_payload && piece->problem == NULL && used < len)
        used += take_payload(ws, data + used, len - used, piece);
    return used;
}

size_t why_websocket_head(uint8_t out[WHY_WEBSOCKET_HEAD_MAX], enum why_websocket_opcode opcode,
                          size_t len, const uint8_t mask[4])
{
    size_t n = 2;

    out[0] = (uint8_t)(FIN | opcode);
    if (len < 126) {
        out[1] = (uint8_t)(MASKED | len);
    } else {
        size_t bytes = len <= UINT16_MAX ? 2 : 8;

        out[1] = MASKED | (bytes == 2 ? 126u : 127u);
        for (size_t i = bytes; i > 0; i--)
            out[n++] = (uint8_t)((uint64_t)len >> (8 * (i - 1)));
    }
    memcpy(out + n, mask, 4);
    return n + 4;
}

void why_websocket_mask(uint8_t *data, size_t len, uint64_t offset, const uint8_t mask[4])
{
    for (size_t i = 0; i < len; i++)
        data[i] ^= mask[(offset + i) % 4];
}

unsigned why_websocket_status(const uint8_t *payload, size_t len)
{
    return len < 2 ? 1005u : (unsigned)payload[0] << 8 | payload[1];
}
