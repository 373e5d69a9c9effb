/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_PROXY_H
#define RDPWHY_WIRE_PROXY_H

#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/proxy.h>

/*
 * What is said to a proxy until it is connected to the server: SOCKS 5 (RFC 1928, RFC 1929),
 * SOCKS 4a (https://www.openssh.com/txt/socks4a.protocol), HTTP CONNECT (RFC 9110 9.3.6, RFC 7617).
 * Pure: bytes in, bytes out. Of what is received exactly the proxy's part is used.
 */

#define WHY_PROXY_MESSAGE_MAX 2048 /* two names of 253 characters, and an account in base64 */
#define WHY_PROXY_HEAD_MAX    8192 /* of an HTTP answer */
#define WHY_PROXY_TEXT_MAX    200

enum why_proxy_step {
    WHY_PROXY_SEND,    /* why_proxy_message has what is to be sent */
    WHY_PROXY_READ,    /* more of the answer is to come */
    WHY_PROXY_DONE,    /* connected to the server: |code|, |text| */
    WHY_PROXY_SOCKS,   /* refused with a SOCKS reply */
    WHY_PROXY_HTTP,    /* refused with an HTTP status */
    WHY_PROXY_ACCOUNT, /* the account was rejected */
    WHY_PROXY_FAILED   /* this is no such proxy's answer: |text| */
};

enum why_proxy_state {
    WHY_PROXY_METHODS,
    WHY_PROXY_LOGON,
    WHY_PROXY_CONNECT,
    WHY_PROXY_CONNECT_4,
    WHY_PROXY_CONNECT_HTTP,
    WHY_PROXY_STATE_COUNT
};

/* One conversation; it begins with a message to send. */
struct why_proxy_talk {
    const struct why_proxy *proxy;
    const char *host; /* the server, which the proxy is to connect to */
    uint16_t port;
    enum why_proxy_state state;
    int64_t code;
    char text[WHY_PROXY_TEXT_MAX]; /* what else the proxy says; may hold any byte but NUL */
    uint8_t in[WHY_PROXY_HEAD_MAX];
    size_t in_len;
};

/* |proxy| and |host| live as long as the talk. */
void why_proxy_begin(struct why_proxy_talk *talk, const struct why_proxy *proxy, const char *host,
                     uint16_t port);
/* The message that is to be sent now, which may hold a password. Returns its length. */
size_t why_proxy_message(const struct why_proxy_talk *talk, uint8_t buf[WHY_PROXY_MESSAGE_MAX]);
/* What that message asks for, in words without the password. */
void why_proxy_asks(const struct why_proxy_talk *talk, char *buf, size_t len);
/* Takes what has come; |*used| of its |len| bytes are the proxy's, the rest is the server's. */
enum why_proxy_step why_proxy_take(struct why_proxy_talk *talk, const uint8_t *data, size_t len,
                                   size_t *used);

#endif /* !defined(RDPWHY_WIRE_PROXY_H) */
