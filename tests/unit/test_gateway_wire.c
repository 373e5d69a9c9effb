/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/reader.h"
#include "unit.h"
#include "wire/http.h"
#include "wire/tsgu.h"
#include "wire/websocket.h"

/* What an RD Gateway's connection is made of: HTTP, WebSocket frames, packets, and all together. */

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* ---- HTTP ------------------------------------------------------------------------------------ */

static void test_heads(void)
{
    static const struct {
        const char *text;
        bool response;
        enum why_http_result result;
        unsigned status;
    } rows[] = {
        {"HTTP/1.1 401 Unauthorized\r\nServer: x\r\n\r\nbody", true, WHY_HTTP_OK, 401},
        {"HTTP/1.1 101\r\n\r\n", true, WHY_HTTP_OK, 101},
        {"HTTP/1.0 200 OK\r\n\r\n", true, WHY_HTTP_OK, 200},
        {"HTTP/1.1 401 Unauthorized\r\nServer: x\r\n", true, WHY_HTTP_MORE, 0},
        {"HTT", true, WHY_HTTP_MORE, 0},
        {"HTTP/2 200\r\n\r\n", true, WHY_HTTP_INVALID, 0},
        {"HTTP/1.1 20x OK\r\n\r\n", true, WHY_HTTP_INVALID, 0},
        {"HTTP/1.1 099 Low\r\n\r\n", true, WHY_HTTP_INVALID, 0},
        {"HTTP/1.1 2000 OK\r\n\r\n", true, WHY_HTTP_INVALID, 0},
        {"SSH-2.0-x\r\n", true, WHY_HTTP_INVALID, 0},
        {"RDG_OUT_DATA /remoteDesktopGateway/ HTTP/1.1\r\n\r\n", false, WHY_HTTP_OK, 0},
        {"RDG_OUT_DATA /remoteDesktopGateway/\r\n\r\n", false, WHY_HTTP_INVALID, 0},
        {"\x16\x03\x01", false, WHY_HTTP_INVALID, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_http_head head;

        CU_ASSERT_EQUAL(why_http_read((const uint8_t *)rows[i].text, strlen(rows[i].text),
                                      rows[i].response, &head),
                        rows[i].result);
        CU_ASSERT(rows[i].result != WHY_HTTP_OK || head.status == rows[i].status);
    }
}

static void test_fields(void)
{
    static const char text[] =
        "HTTP/1.1 401 U\r\nWWW-Authenticate: Negotiate\r\nwww-authenticate:NTLM "
        "\t\r\nX-WWW-Authenticate: no\r\nConnection: keep-alive , Upgrade\r\n\r\n";
    struct why_http_head head;
    const char *value;
    size_t at = 0, len;

    CU_ASSERT_EQUAL_FATAL(why_http_read(BYTES(text), true, &head), WHY_HTTP_OK);
    CU_ASSERT_FATAL(why_http_field(&head, "WWW-Authenticate", &at, &value, &len));
    CU_ASSERT(len == 9 && memcmp(value, "Negotiate", 9) == 0);
    CU_ASSERT_FATAL(why_http_field(&head, "WWW-Authenticate", &at, &value, &len));
    CU_ASSERT(len == 4 && memcmp(value, "NTLM", 4) == 0);
    CU_ASSERT_FALSE(why_http_field(&head, "WWW-Authenticate", &at, &value, &len));
    CU_ASSERT_TRUE(why_http_has_word(&head, "connection", "upgrade"));
    CU_ASSERT_TRUE(why_http_has_word(&head, "Connection", "Keep-Alive"));
    CU_ASSERT_FALSE(why_http_has_word(&head, "Connection", "Up"));
    CU_ASSERT_FALSE(why_http_has_word(&head, "Upgrade", "websocket"));
}

/* A head that does not end is none once it is too long. */
static void test_endless_head(void)
{
    char *text = malloc(WHY_HTTP_HEAD_MAX);
    struct why_http_head head;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, 'a', WHY_HTTP_HEAD_MAX);
    memcpy(text, "HTTP/1.1 200 OK\r\n", 17);
    CU_ASSERT_EQUAL(why_http_read((uint8_t *)text, WHY_HTTP_HEAD_MAX - 1, true, &head),
                    WHY_HTTP_MORE);
    CU_ASSERT_EQUAL(why_http_read((uint8_t *)text, WHY_HTTP_HEAD_MAX, true, &head),
                    WHY_HTTP_INVALID);
    free(text);
}

/* The body of |text|, whose head comes first, taken |piece| bytes at a time. */
static void take_body(const char *text, size_t piece, char *content, size_t size,
                      struct why_http_body *body, size_t *left)
{
    struct why_http_head head;
    char *copy = strdup(text);
    size_t len, used = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    CU_ASSERT_EQUAL_FATAL(why_http_read((uint8_t *)copy, strlen(copy), true, &head), WHY_HTTP_OK);
    why_http_body_begin(body, &head);
    len = strlen(copy) - head.len;
    content[0] = '\0';
    while (used < len && !body->ended && !body->broken) {
        size_t n = len - used < piece ? len - used : piece, got, took;
        uint8_t *data;

        took = why_http_body_take(body, (uint8_t *)copy + head.len + used, n, &data, &got);
        CU_ASSERT_FATAL(took <= n && got <= n && strlen(content) + got < size);
        strncat(content, (char *)data, got);
        used += took;
    }
    *left = len - used;
    free(copy);
}

static void test_bodies(void)
{
    static const struct {
        const char *text, *content;
        bool ended, broken;
        size_t left;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, more", "hello", true, false, 6},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore", "", true, false, 4},
        {"HTTP/1.1 200 OK\r\n\r\nto the end", "to the end", false, false, 0},
        /* RFC 9112 7.1: sizes are hexadecimal, extensions and trailers mean nothing here */
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n5\r\npedia\r\n"
         "E\r\n in\r\n\r\nchunks.\r\n0\r\n\r\nnext",
         "Wikipedia in\r\n\r\nchunks.", true, false, 4},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1a;name=value\r\n"
         "abcdefghijklmnopqrstuvwxyz\r\n0\r\nTrailer: x\r\n\r\n",
         "abcdefghijklmnopqrstuvwxyz", true, false, 0},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "", false, true, 3},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "a", false, true, 2},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n", "", false, true, 2},
    };
    static const size_t pieces[] = {1, 2, 3, 7, SIZE_MAX};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
            struct why_http_body body;
            char content[256];
            size_t left;

            take_body(rows[i].text, pieces[k], content, sizeof(content), &body, &left);
            CU_ASSERT_STRING_EQUAL(content, rows[i].content);
            CU_ASSERT_EQUAL(body.ended, rows[i].ended);
            CU_ASSERT_EQUAL(body.broken, rows[i].broken);
            CU_ASSERT_EQUAL(left, rows[i].left);
        }
    }
}

/* ---- WebSocket ------------------------------------------------------------------------------- */

/* What comes of |len| bytes in pieces of |piece|: payload of messages, then of the last control
 * frame. */
struct taken {
    char text[70000], control[WHY_WEBSOCKET_CONTROL_MAX + 1];
    size_t len;
    enum why_websocket_opcode opcode;
    const char *problem;
};

static void take_frames(struct taken *t, bool masked, const uint8_t *data, size_t len, size_t piece)
{
    struct why_websocket ws = {.masked = masked};
    uint8_t *copy = malloc(len + 1);
    size_t at = 0;

    memset(t, 0, sizeof(*t));
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, data, len);
    while (at < len && t->problem == NULL) {
        struct why_websocket_piece p;
        size_t n = len - at < piece ? len - at : piece, used;

        used = why_websocket_take(&ws, copy + at, n, &p);
        CU_ASSERT_FATAL(used > 0 && used <= n);
        CU_ASSERT_FATAL(t->len + p.len < sizeof(t->text));
        if (p.len > 0)
            memcpy(t->text + t->len, p.data, p.len);
        t->len += p.len;
        if (p.control) {
            t->opcode = p.opcode;
            memcpy(t->control, ws.control, ws.control_len);
            t->control[ws.control_len] = '\0';
        }
        t->problem = p.problem;
        at += used;
    }
    free(copy);
}

/* RFC 6455 5.7. Its text frames are binary ones here: a gateway has no others. */
static void test_rfc_frames(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        bool masked;
        const char *text, *control;
    } rows[] = {
        {"\x82\x05\x48\x65\x6c\x6c\x6f", 7, false, "Hello", ""},
        {"\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11, true, "Hello", ""},
        {"\x02\x03\x48\x65\x6c\x80\x02\x6c\x6f", 9, false, "Hello", ""},
        {"\x89\x05\x48\x65\x6c\x6c\x6f", 7, false, "", "Hello"},
        {"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11, true, "", "Hello"},
        /* a Ping within a message */
        {"\x02\x03\x48\x65\x6c\x89\x00\x80\x02\x6c\x6f", 11, false, "Hello", ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t piece = 1; piece <= rows[i].len; piece++) {
            struct taken t;

            take_frames(&t, rows[i].masked, (const uint8_t *)rows[i].bytes, rows[i].len, piece);
            CU_ASSERT_PTR_NULL(t.problem);
            CU_ASSERT_STRING_EQUAL(t.text, rows[i].text);
            CU_ASSERT_STRING_EQUAL(t.control, rows[i].control);
        }
    }
}

/* RFC 6455 5.7: 256 bytes and 64 KiB, whose lengths are longer. */
static void test_long_frames(void)
{
    static const struct {
        const char *head;
        size_t head_len, len;
    } rows[] = {{"\x82\x7E\x01\x00", 4, 256},
                {"\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00", 10, 65536}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = rows[i].head_len + rows[i].len;
        uint8_t *frame = malloc(len);
        struct taken *t = malloc(sizeof(*t));

        CU_ASSERT_FATAL(frame != NULL && t != NULL);
        memset(frame, 'x', len);
        memcpy(frame, rows[i].head, rows[i].head_len);
        take_frames(t, false, frame, len, 1000);
        CU_ASSERT_PTR_NULL(t->problem);
        CU_ASSERT_EQUAL(t->len, rows[i].len);
        free(t);
        free(frame);
    }
}

static void test_bad_frames(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        bool masked;
    } rows[] = {
        {"\xc2\x00", 2, false},                    /* RSV1, without an extension */
        {"\x83\x00", 2, false},                    /* reserved opcode */
        {"\x8b\x00", 2, false},                    /* reserved control opcode */
        {"\x81\x01x", 3, false},                   /* text */
        {"\x82\x80\0\0\0\0", 6, false},            /* a server's, masked */
        {"\x82\x00", 2, true},                     /* a client's, not masked */
        {"\x09\x00", 2, false},                    /* a control frame in parts */
        {"\x89\x7e\x00\x7e", 4, false},            /* a control frame of 126 bytes */
        {"\x80\x00", 2, false},                    /* a continuation of nothing */
        {"\x02\x00\x82\x00", 4, false},            /* a message within another */
        {"\x82\x7f\x80\0\0\0\0\0\0\0", 10, false}, /* the highest bit of the length */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct taken t;

        take_frames(&t, rows[i].masked, (const uint8_t *)rows[i].bytes, rows[i].len, 1);
        CU_ASSERT_PTR_NOT_NULL(t.problem);
    }
}

/* What we frame is what is read; the mask of RFC 6455 5.7. */
static void test_own_frames(void)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    static const size_t sizes[] = {0, 1, 125, 126, 65535, 65536};
    struct taken *t = malloc(sizeof(*t));

    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *frame = calloc(1, WHY_WEBSOCKET_HEAD_MAX + sizes[i]);
        size_t n;

        CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
        n = why_websocket_head(frame, WHY_WEBSOCKET_BINARY, sizes[i], mask);
        memset(frame + n, 'y', sizes[i]);
        why_websocket_mask(frame + n, sizes[i], 0, mask);
        take_frames(t, true, frame, n + sizes[i], 4096);
        CU_ASSERT_PTR_NULL(t->problem);
        CU_ASSERT_EQUAL(t->len, sizes[i]);
        CU_ASSERT(sizes[i] == 0 || (t->text[0] == 'y' && t->text[sizes[i] - 1] == 'y'));
        free(frame);
    }
    free(t);
    CU_ASSERT_EQUAL(why_websocket_status(BYTES("\x03\xe8")), 1000);
    CU_ASSERT_EQUAL(why_websocket_status(BYTES("\x03")), 1005);
    CU_ASSERT_EQUAL(why_websocket_status(NULL, 0), 1005);
}

/* ---- packets --------------------------------------------------------------------------------- */

#define P(text) text, sizeof(text) - 1

/* One of each, by hand from [MS-TSGU] 2.2.10. */
static const struct packet_row {
    const char *bytes;
    size_t len;
    const char *name;
    uint32_t error;
    bool refuses;
    const char *text;
} packets[] = {
    {P("\x01\0\0\0\x0e\0\0\0\x01\0\0\0\0\0"), "HANDSHAKE_REQUEST", 0, false, ""},
    {P("\x02\0\0\0\x12\0\0\0\0\0\0\0\x01\0\0\0\x02\0"), "HANDSHAKE_RESPONSE", 0, false, ""},
    {P("\x02\0\0\0\x0c\0\0\0\xe9\x59\x07\x80"), "HANDSHAKE_RESPONSE", 0x800759E9, true, ""},
    {P("\x03\0\0\0\x10\0\0\0\0\0\0\0\x02\0\xab\xcd"), "EXTENDED_AUTH_MSG", 0, false, ""},
    {P("\x04\0\0\0\x14\0\0\0\x3f\0\0\0\x01\0\0\0\x02\0ck"), "TUNNEL_CREATE", 0, false, ""},
    {P("\x05\0\0\0\x22\0\0\0\0\0\0\0\0\0\x13\0\0\0\x07\0\0\0\x3f\0\0\0\x06\0H\0i\0\0\0"),
     "TUNNEL_RESPONSE", 0, false, "Hi"},
    {P("\x05\0\0\0\x0e\0\0\0\0\0\xdb\x59\x07\x80"), "TUNNEL_RESPONSE", 0x800759DB, true, ""},
    {P("\x06\0\0\0\x12\0\0\0\0\0\x06\0p\0c\0\0\0"), "TUNNEL_AUTH", 0, false, "pc"},
    {P("\x07\0\0\0\x18\0\0\0\0\0\0\0\x03\0\0\0\x09\0\0\0\x1e\0\0\0"), "TUNNEL_AUTH_RESPONSE", 0,
     false, ""},
    {P("\x07\0\0\0\x10\0\0\0\xed\x59\x07\x80\0\0\0\0"), "TUNNEL_AUTH_RESPONSE", 0x800759ED, false,
     ""},
    {P("\x08\0\0\0\x14\0\0\0\x01\0\x3d\x0d\x03\0\x04\0h\0\0\0"), "CHANNEL_CREATE", 0, false, "h"},
    {P("\x09\0\0\0\x16\0\0\0\0\0\0\0\x05\0\0\0\x01\0\0\0\x3d\x0d"), "CHANNEL_RESPONSE", 0, false,
     ""},
    {P("\x09\0\0\0\x0c\0\0\0\xdd\x59\0\0"), "CHANNEL_RESPONSE", 0x59DD, true, ""},
    {P("\x0a\0\0\0\x0d\0\0\0\x03\0abc"), "DATA", 0, false, ""},
    {P("\x0b\0\0\0\x0e\0\0\0\x04\0x\0\0\0"), "SERVICE_MESSAGE", 0, false, "x"},
    {P("\x0c\0\0\0\x10\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08"), "REAUTH_MESSAGE", 0, false, ""},
    {P("\x0d\0\0\0\x08\0\0\0"), "KEEPALIVE", 0, false, ""},
    {P("\x10\0\0\0\x0c\0\0\0\xf6\x59\x07\x80"), "CLOSE_CHANNEL", 0x800759F6, true, ""},
    {P("\x11\0\0\0\x0c\0\0\0\0\0\0\0"), "CLOSE_CHANNEL_RESPONSE", 0, false, ""},
};

static void test_packets(void)
{
    for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
        const uint8_t *data = (const uint8_t *)packets[i].bytes;
        struct why_tsgu p;

        CU_ASSERT_EQUAL(why_tsgu_length(data, packets[i].len), packets[i].len);
        why_tsgu_read(data, packets[i].len, &p);
        if (p.problem != NULL)
            printf("%s: %s\n", packets[i].name, p.problem);
        CU_ASSERT_PTR_NULL(p.problem);
        CU_ASSERT_STRING_EQUAL(why_tsgu_name(p.type), packets[i].name);
        CU_ASSERT_EQUAL(p.error, packets[i].error);
        CU_ASSERT_EQUAL(why_tsgu_refuses(&p), packets[i].refuses);
        CU_ASSERT_STRING_EQUAL(p.text, packets[i].text);
        CU_ASSERT(p.data + p.data_len <= packets[i].len);
        CU_ASSERT(p.secret + p.secret_len <= packets[i].len);
    }
}

/* What a TUNNEL_AUTH_RESPONSE, a CHANNEL_CREATE and DATA hold; a cookie is called secret. */
static void test_members(void)
{
    struct why_tsgu p;

    why_tsgu_read((const uint8_t *)packets[8].bytes, packets[8].len, &p);
    CU_ASSERT(p.has_redirection && p.redirection_flags == 9);
    CU_ASSERT(p.has_idle_timeout && p.idle_timeout == 30);
    why_tsgu_read((const uint8_t *)packets[10].bytes, packets[10].len, &p);
    CU_ASSERT_EQUAL(p.port, 3389);
    why_tsgu_read((const uint8_t *)packets[13].bytes, packets[13].len, &p);
    CU_ASSERT(p.data == WHY_TSGU_DATA_HEAD && p.data_len == 3);
    why_tsgu_read((const uint8_t *)packets[4].bytes, packets[4].len, &p);
    CU_ASSERT(p.secret_len == 4 && memcmp(packets[4].bytes + p.secret, "\x02\0ck", 4) == 0);
    why_tsgu_read((const uint8_t *)packets[3].bytes, packets[3].len, &p);
    CU_ASSERT(p.secret_len == 2 && memcmp(packets[3].bytes + p.secret, "\xab\xcd", 2) == 0);
    why_tsgu_read((const uint8_t *)packets[5].bytes, packets[5].len, &p);
    CU_ASSERT(p.has_capabilities && p.capabilities == 0x3f);
}

/* Cut short, with a length that fits what is left or with its own, in memory of that size. */
static void test_truncated(void)
{
    for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
        for (size_t n = 0; n < packets[i].len; n++) {
            uint8_t *data = malloc(n > 0 ? n : 1);
            struct why_tsgu p;

            CU_ASSERT_PTR_NOT_NULL_FATAL(data);
            memcpy(data, packets[i].bytes, n);
            why_tsgu_read(data, n, &p);
            CU_ASSERT_PTR_NOT_NULL(p.problem);
            if (n >= WHY_TSGU_HEADER) {
                data[4] = (uint8_t)n;
                why_tsgu_read(data, n, &p);
                CU_ASSERT(p.data + p.data_len <= n && p.secret + p.secret_len <= n);
            }
            free(data);
        }
    }
}

static void test_lengths(void)
{
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {
        {"\x02\0\0\0\x08\0\0\0", 8},     {"\x02\0\0\0\x07\0\0\0", 0},
        {"\x02\0\0\0\0\0\0\0", 0},       {"\x02\0\0\0\0\0\x02\0", WHY_TSGU_PACKET_MAX},
        {"\x02\0\0\0\x01\0\x02\0", 0},   {"\x02\0\0\0\xff\xff\xff\xff", 0},
        {"\0\0\0\0\x08\0\0\0", 0},       {"\x0e\0\0\0\x08\0\0\0", 0},
        {"\x12\0\0\0\x08\0\0\0", 0},     {"\xff\xff\0\0\x08\0\0\0", 0},
        {"\x02\0\xff\xff\x08\0\0\0", 8}, /* what is reserved is not looked at */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(why_tsgu_length((const uint8_t *)rows[i].bytes, 8), rows[i].length);
}

/* Ours are what is read; a name that is too long is cut, not written beyond. */
static void test_own_packets(void)
{
    uint8_t out[WHY_TSGU_REQUEST_MAX];
    char name[600];
    struct why_tsgu p;
    size_t n;

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    n = why_tsgu_handshake_request(out);
    CU_ASSERT(n == packets[0].len && memcmp(out, packets[0].bytes, n) == 0);
    n = why_tsgu_channel_create(out, "h", 3389);
    CU_ASSERT(n == packets[10].len && memcmp(out, packets[10].bytes, n) == 0);
    n = why_tsgu_tunnel_auth(out, "pc");
    CU_ASSERT(n == packets[7].len && memcmp(out, packets[7].bytes, n) == 0);
    n = why_tsgu_channel_create(out, name, 1);
    CU_ASSERT_FATAL(n <= sizeof(out));
    why_tsgu_read(out, n, &p);
    CU_ASSERT_PTR_NULL(p.problem);
    n = why_tsgu_channel_create(out,
                                "b\xc3\xbc"
                                "cher.example \xf0\x9f\x90\x8e",
                                1);
    why_tsgu_read(out, n, &p);
    CU_ASSERT_STRING_EQUAL(p.text, "b\xc3\xbc"
                                   "cher.example \xf0\x9f\x90\x8e");
    CU_ASSERT_PTR_NULL(p.problem);
    n = why_tsgu_close(out, 0x800704CA);
    why_tsgu_read(out, n, &p);
    CU_ASSERT(p.type == WHY_TSGU_CLOSE_CHANNEL && p.error == 0x800704CA);
    n = why_tsgu_keepalive(out);
    CU_ASSERT(n == packets[16].len && memcmp(out, packets[16].bytes, n) == 0);
}

/* ---- the reader ------------------------------------------------------------------------------ */

/* Events as one line each, and what was carried. */
struct heard {
    char events[4096], carried[256];
};

static void on_event(void *arg, const struct why_event *event)
{
    struct heard *h = arg;
    size_t at = strlen(h->events);

    (void)snprintf(h->events + at, sizeof(h->events) - at, "%s%s %s %d %s\n",
                   event->dir == WHY_DIR_SENT ? ">" : "<", "", why_event_kind_name(event->kind),
                   (int)event->value, event->text != NULL ? event->text : "");
}

static void on_carried(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct heard *h = arg;
    size_t at = strlen(h->carried);

    (void)snprintf(h->carried + at, sizeof(h->carried) - at, "%s%.*s",
                   dir == WHY_DIR_SENT ? ">" : "<", (int)len, (const char *)data);
}

struct said {
    enum why_dir dir;
    const char *bytes;
    size_t len;
};

static void hear(const struct said *said, size_t count, size_t piece, struct heard *h)
{
    const struct why_gateway_sink sink = {on_event, on_carried, h};
    struct why_gateway_reader reader;

    memset(h, 0, sizeof(*h));
    why_gateway_reader_begin(&reader, &sink);
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at < said[i].len; at += piece) {
            size_t n = said[i].len - at < piece ? said[i].len - at : piece;
            uint8_t *copy = malloc(n);

            CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
            memcpy(copy, said[i].bytes + at, n);
            why_gateway_reader_take(&reader, said[i].dir, copy, n);
            free(copy);
        }
    }
    why_gateway_reader_clear(&reader);
}

/* The key and its answer of RFC 6455 1.3. */
#define KEY                                                                                        \
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "                             \
    "dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define SWITCHES                                                                                   \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
#define OUT "RDG_OUT_DATA /remoteDesktopGateway/ HTTP/1.1\r\n"
#define SENT(text)                                                                                 \
    {                                                                                              \
        WHY_DIR_SENT, P(text)                                                                      \
    }
#define RECEIVED(text)                                                                             \
    {                                                                                              \
        WHY_DIR_RECEIVED, P(text)                                                                  \
    }

static void expect_heard(const struct said *said, size_t count, const char *events,
                         const char *carried)
{
    static const size_t pieces[] = {1, 2, 5, 64, SIZE_MAX};

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct heard h;

        /* what is carried comes in as many pieces as it came in, but for packets, which are whole
         */
        hear(said, count, pieces[i], &h);
        if (strcmp(h.events, events) != 0)
            printf("\n--- should be\n%s--- is\n%s---\n", events, h.events);
        CU_ASSERT_STRING_EQUAL(h.events, events);
        CU_ASSERT_STRING_EQUAL(h.carried, carried);
    }
}

static void test_websocket_tunnel(void)
{
    static const struct said said[] = {
        SENT(OUT KEY "Content-Length: 0\r\n\r\n"),
        RECEIVED("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: "
                 "NTLM\r\nServer: IIS\r\nContent-Length: 2\r\n\r\nno"),
        SENT(OUT KEY "Authorization: NTLM TlRMTVNTUAAB\r\n\r\n"),
        RECEIVED(SWITCHES),
        SENT("\x82\x8e\0\0\0\0\x01\0\0\0\x0e\0\0\0\x01\0\0\0\0\0"),
        /* in two frames, with a Ping in between */
        RECEIVED("\x02\x05\x02\0\0\0\x12\x89\0\x80\x0d\0\0\0\0\0\0\0\x01\0\0\0\0\0"),
        RECEIVED("\x82\x0e\x05\0\0\0\x0e\0\0\0\0\0\xdb\x59\x07\x80"),
        RECEIVED("\x88\x02\x03\xe8"),
    };

    expect_heard(
        said, sizeof(said) / sizeof(said[0]),
        "> gateway-http 0 RDG_OUT_DATA /remoteDesktopGateway/ HTTP/1.1; Upgrade: websocket\n"
        "< gateway-http 401 401 Unauthorized; WWW-Authenticate: Negotiate, NTLM; Server: IIS\n"
        "> gateway-http 0 RDG_OUT_DATA /remoteDesktopGateway/ HTTP/1.1; Upgrade: websocket; "
        "Authorization: NTLM\n"
        "< gateway-http 101 101 Switching Protocols\n"
        "> gateway-open 1 \n"
        "> gateway-packet 1 HANDSHAKE_REQUEST\n"
        "< gateway-packet 2 HANDSHAKE_RESPONSE\n"
        "< gateway-packet 5 TUNNEL_RESPONSE\n"
        "< gateway-goodbye 1000 \n",
        "");
}

/* The two connections of HTTP transport: bytes that mean nothing come before the first packet. */
static void test_http_tunnel(void)
{
    static const struct said out[] = {
        SENT(OUT "Content-Length: 0\r\n\r\n"),
        RECEIVED("HTTP/1.1 200 OK\r\n\r\n0123456789\x02\0\0\0\x12\0\0\0\0\0\0\0\x01\0\0\0\0\0"),
        RECEIVED("\x05\0\0\0\x12\0\0\0\0\0\0\0\0\0\0\0\0\0\x07\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0"
                 "\x09\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\x0a\0\0\0\x0d\0\0\0\x03\0rdp"),
    };
    static const struct said in[] = {
        SENT("RDG_IN_DATA /remoteDesktopGateway/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
             "D\r\n\x0a\0\0\0\x0d\0\0\0\x03\0tpk\r\n"),
    };

    expect_heard(out, sizeof(out) / sizeof(out[0]),
                 "> gateway-http 0 RDG_OUT_DATA /remoteDesktopGateway/ HTTP/1.1\n"
                 "< gateway-http 200 200 OK\n"
                 "< gateway-packet 2 HANDSHAKE_RESPONSE\n"
                 "< gateway-packet 5 TUNNEL_RESPONSE\n"
                 "< gateway-packet 7 TUNNEL_AUTH_RESPONSE\n"
                 "< gateway-packet 9 CHANNEL_RESPONSE\n",
                 "<rdp");
    expect_heard(in, sizeof(in) / sizeof(in[0]),
                 "> gateway-http 0 RDG_IN_DATA /remoteDesktopGateway/ HTTP/1.1\n"
                 "> gateway-open 2 \n",
                 ">tpk");
}

/* What is no gateway's: nothing is read behind it. */
static void test_not_a_gateway(void)
{
    static const struct {
        struct said said[3];
        size_t count;
        const char *problem;
    } rows[] = {
        {{SENT(OUT "\r\n"), RECEIVED("SSH-2.0-OpenSSH\r\n")}, 2, "no HTTP"},
        {{SENT(OUT KEY "\r\n"), RECEIVED(SWITCHES), RECEIVED("\x82\x08\xff\xff\0\0\x08\0\0\0")},
         3,
         "no packet"},
        {{SENT(OUT KEY "\r\n"), RECEIVED(SWITCHES), RECEIVED("\x81\x01x")}, 3, "text message"},
        {{SENT(OUT KEY "\r\n"), RECEIVED(SWITCHES),
          RECEIVED("\x82\x0d\x0a\0\0\0\x0d\0\0\0\x03\0abc")},
         3,
         "data before"},
        {{SENT(OUT KEY "\r\n"), RECEIVED(SWITCHES),
          RECEIVED("\x82\x10\x09\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0")},
         3,
         "not asked"},
        {{SENT(OUT KEY "\r\n"),
          RECEIVED("HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")},
         2,
         "Sec-WebSocket-Accept"},
        {{SENT(OUT KEY "\r\n"), RECEIVED("HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\n")},
         2,
         "not to WebSocket"},
        {{SENT(OUT "\r\n"), RECEIVED(SWITCHES)}, 2, "unasked"},
        {{SENT(OUT "\r\n"),
          RECEIVED("HTTP/1.1 401 U\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")},
         2,
         "no body"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct heard h;

        hear(rows[i].said, rows[i].count, 1, &h);
        CU_ASSERT_PTR_NOT_NULL(strstr(h.events, "gateway-failed"));
        CU_ASSERT_PTR_NOT_NULL(strstr(h.events, rows[i].problem));
        CU_ASSERT_STRING_EQUAL(h.carried, "");
    }
}

static void test_tokens(void)
{
    uint8_t out[16];

    CU_ASSERT(why_gateway_token(P("TlRMTQ=="), out, sizeof(out)) == 4 &&
              memcmp(out, "NTLM", 4) == 0);
    CU_ASSERT_EQUAL(why_gateway_token(P("TlRMTQ="), out, sizeof(out)), 0);
    CU_ASSERT_EQUAL(why_gateway_token(P("TlR!TQ=="), out, sizeof(out)), 0);
    CU_ASSERT_EQUAL(why_gateway_token("", 0, out, sizeof(out)), 0);
    CU_ASSERT_EQUAL(why_gateway_token(P("AAAAAAAAAAAAAAAAAAAAAAAA"), out, sizeof(out)), 0);
}

static CU_TestInfo tests[] = {
    {"HTTP heads", test_heads},
    {"HTTP fields", test_fields},
    {"a head without an end", test_endless_head},
    {"HTTP bodies", test_bodies},
    {"the frames of RFC 6455", test_rfc_frames},
    {"long frames", test_long_frames},
    {"what is no frame", test_bad_frames},
    {"our own frames", test_own_frames},
    {"packets", test_packets},
    {"what packets hold", test_members},
    {"packets cut short", test_truncated},
    {"lengths of packets", test_lengths},
    {"our own packets", test_own_packets},
    {"a tunnel by WebSocket", test_websocket_tunnel},
    {"a tunnel by HTTP", test_http_tunnel},
    {"what is no gateway", test_not_a_gateway},
    {"tokens", test_tokens},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "gateway: bytes", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
