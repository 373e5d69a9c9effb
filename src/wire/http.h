/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_HTTP_H
#define RDPWHY_WIRE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* HTTP/1.1 (RFC 9112) as far as an RD Gateway speaks it. Pure. */

#define WHY_HTTP_HEAD_MAX 16384u

enum why_http_result { WHY_HTTP_OK, WHY_HTTP_MORE, WHY_HTTP_INVALID };

/* A message up to and with its empty line; the texts lie in the bytes that were read. */
struct why_http_head {
    bool response;
    unsigned status;  /* of a response */
    const char *line; /* the start line, without its end */
    size_t line_len;
    const char *fields; /* the lines behind it */
    size_t fields_len;
    size_t len; /* bytes of the head */
};

/* MORE: the head does not end within |len| bytes, which may become one. */
enum why_http_result why_http_read(const uint8_t *data, size_t len, bool response,
                                   struct why_http_head *head);

/* The next value of the field |name|, without space around it; |*at| is 0 at first. */
bool why_http_field(const struct why_http_head *head, const char *name, size_t *at,
                    const char **value, size_t *len);

/* Whether |word| is one of the words of the field, between commas (RFC 9110 5.6.1). */
bool why_http_has_word(const struct why_http_head *head, const char *name, const char *word);

/* How a body ends, RFC 9112 6.3. */
enum why_http_framing {
    WHY_HTTP_LENGTH, /* it has |left| bytes; 0: there is none */
    WHY_HTTP_CHUNKED,
    WHY_HTTP_CLOSE /* with the connection */
};

struct why_http_body {
    enum why_http_framing framing;
    uint64_t left;   /* of the body or of the chunk */
    unsigned state;  /* of chunks */
    unsigned digits; /* of a chunk's length */
    size_t trailing; /* bytes of the line, in an extension or behind the last chunk */
    bool ended, broken;
};

void why_http_body_begin(struct why_http_body *body, const struct why_http_head *head);

/*
 * Takes the next bytes of the body: |*content| are the first of its own among them, |*n| how many.
 * Returns how many of |len| were taken: fewer than |len| where something of its own is in between,
 * or where it has ended or is broken.
 */
size_t why_http_body_take(struct why_http_body *body, uint8_t *data, size_t len, uint8_t **content,
                          size_t *n);

#endif /* !defined(RDPWHY_WIRE_HTTP_H) */
