/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_GATEWAY_READER_H
#define RDPWHY_GATEWAY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/trace.h>

#include "record/buffer.h"
#include "wire/http.h"
#include "wire/tsgu.h"
#include "wire/websocket.h"

/*
 * What passes above TLS on one connection to an RD Gateway ([MS-TSGU] 3.3.5): HTTP, then packets in
 * WebSocket frames, or in the body of the response to RDG_OUT_DATA, or of the request RDG_IN_DATA.
 * The same for a live connection, which feeds in both what it sends and what comes, and a captured
 * one. Pure.
 */

struct why_gateway_sink {
    /* Without its time; its texts and bytes live until the call returns. */
    void (*event)(void *arg, const struct why_event *event);
    /* What is in DATA packets. */
    void (*carried)(void *arg, enum why_dir dir, const uint8_t *data, size_t len);
    void *arg;
};

enum why_gateway_method {
    WHY_GATEWAY_NO_METHOD,
    WHY_GATEWAY_OUT, /* RDG_OUT_DATA */
    WHY_GATEWAY_IN,  /* RDG_IN_DATA */
    WHY_GATEWAY_OTHER
};

struct why_gateway_direction {
    int state;
    struct why_buffer bytes; /* of a head or a packet that is not whole */
    struct why_http_body body;
    struct why_websocket websocket;
    size_t seed; /* so many bytes before the first packet may mean nothing */
};

struct why_gateway_reader {
    struct why_gateway_sink sink;
    struct why_gateway_direction dirs[2]; /* by enum why_dir */
    enum why_gateway_method method;       /* of the last request */
    bool asked_websocket, websocket;
    char key[64]; /* Sec-WebSocket-Key of the last request */
    /* Of the last request, "": it has none. */
    char connection_id[64]; /* RDG-Connection-Id: the connections that have one belong together */
    char host[256];         /* Host, without a port */
    char account[256];      /* whose proof is in it: DOMAIN\\name or name, UTF-8 */
    unsigned status;        /* of the last response; 0: none has come */
    struct why_buffer response; /* its head */
    bool has_status_end;        /* and its body has been read to its end */
    bool closes;                /* the connection ends with that response */
    bool open;                  /* packets can pass */
    unsigned answers;           /* packets that answer the client's steps, so far */
    bool pinged;                /* a Ping has come that nobody has answered; cleared by who does */
    const char *problem;        /* nothing is read any more; static; NULL: nothing wrong */
};

void why_gateway_reader_begin(struct why_gateway_reader *reader,
                              const struct why_gateway_sink *sink);
void why_gateway_reader_clear(struct why_gateway_reader *reader);

/* Takes the next bytes of a direction, which it may overwrite. */
void why_gateway_reader_take(struct why_gateway_reader *reader, enum why_dir dir, uint8_t *data,
                             size_t len);

/* The head of the last response; false: there is none. Lives until the next one comes. */
bool why_gateway_reader_response(const struct why_gateway_reader *reader,
                                 struct why_http_head *head);

/* The base64 of a challenge or of credentials, decoded. Returns the bytes of |out|; 0: it is no
 * base64, or does not fit. */
size_t why_gateway_token(const char *text, size_t len, uint8_t *out, size_t size);

#define WHY_GATEWAY_TOKEN_MAX 8192u

#endif /* !defined(RDPWHY_GATEWAY_READER_H) */
