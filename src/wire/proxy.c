/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <openssl/evp.h>

#include "wire/cursor.h"

#define METHOD_NONE      0u /* RFC 1928 3 */
#define METHOD_ACCOUNT   2u
#define METHOD_NO_COMMON 0xFFu
#define GRANTED_4        90u

/* ---- messages --------------------------------------------------------------------------------
 */

/* Puts a message together; what does not fit is left out, and cannot be: its parts are bounded. */
struct writer {
    uint8_t *buf;
    size_t len;
};

static void put(struct writer *w, const void *data, size_t len)
{
    if (len > WHY_PROXY_MESSAGE_MAX - w->len)
        return;
    if (len > 0)
        memcpy(w->buf + w->len, data, len);
    w->len += len;
}

static void put_byte(struct writer *w, unsigned value)
{
    uint8_t byte = (uint8_t)value;

    put(w, &byte, 1);
}

static void put_port(struct writer *w, uint16_t port)
{
    put_byte(w, port >> 8);
    put_byte(w, port & 0xff);
}

/* A byte that says how long it is, and at most 255 bytes. */
static void put_counted(struct writer *w, const char *text)
{
    size_t len = strlen(text);

    put_byte(w, len < 255 ? (unsigned)len : 255);
    put(w, text, len < 255 ? len : 255);
}

static void methods(const struct why_proxy_talk *t, struct writer *w)
{
    bool account = t->proxy->user != NULL;

    put_byte(w, 5);
    put_byte(w, account ? 2 : 1);
    put_byte(w, METHOD_NONE);
    if (account)
        put_byte(w, METHOD_ACCOUNT);
}

static const char *text_or_nothing(const char *text)
{
    return text != NULL ? text : "";
}

static void logon(const struct why_proxy_talk *t, struct writer *w)
{
    put_byte(w, 1);
    put_counted(w, text_or_nothing(t->proxy->user));
    put_counted(w, text_or_nothing(t->proxy->password));
}

static void request(const struct why_proxy_talk *t, struct writer *w)
{
    struct in_addr v4;
    struct in6_addr v6;

    put(w, "\x05\x01", 3); /* CONNECT, and a reserved byte */
    if (inet_pton(AF_INET, t->host, &v4) == 1) {
        put_byte(w, 1);
        put(w, &v4, sizeof(v4));
    } else if (inet_pton(AF_INET6, t->host, &v6) == 1) {
        put_byte(w, 4);
        put(w, &v6, sizeof(v6));
    } else {
        put_byte(w, 3);
        put_counted(w, t->host);
    }
    put_port(w, t->port);
}

/* 4a: an address that cannot be says that a name follows. */
static void request_4(const struct why_proxy_talk *t, struct writer *w)
{
    struct in_addr v4;
    bool named = inet_pton(AF_INET, t->host, &v4) != 1;

    put(w, "\x04\x01", 2);
    put_port(w, t->port);
    if (named)
        put(w, "\0\0\0\x01", 4);
    else
        put(w, &v4, sizeof(v4));
    put(w, text_or_nothing(t->proxy->user), strlen(text_or_nothing(t->proxy->user)) + 1);
    if (named)
        put(w, t->host, strlen(t->host) + 1);
}

/* "srv:3389", "[::1]:3389" */
static void authority(const struct why_proxy_talk *t, char *buf, size_t len)
{
    (void)snprintf(buf, len, strchr(t->host, ':') != NULL ? "[%s]:%u" : "%s:%u", t->host,
                   (unsigned)t->port);
}

static void put_basic(const struct why_proxy_talk *t, struct writer *w)
{
    char account[512];
    unsigned char encoded[700];
    int len = snprintf(account, sizeof(account), "%.255s:%.255s", t->proxy->user,
                       text_or_nothing(t->proxy->password));

    len = EVP_EncodeBlock(encoded, (const unsigned char *)account, len);
    put(w, "Proxy-Authorization: Basic ", 27);
    put(w, encoded, (size_t)len);
    put(w, "\r\n", 2);
    OPENSSL_cleanse(account, sizeof(account));
    OPENSSL_cleanse(encoded, sizeof(encoded));
}

static void request_http(const struct why_proxy_talk *t, struct writer *w)
{
    char where[300], head[700];
    int len;

    authority(t, where, sizeof(where));
    len = snprintf(head, sizeof(head), "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", where, where);
    put(w, head, (size_t)len);
    if (t->proxy->user != NULL)
        put_basic(t, w);
    put(w, "\r\n", 2);
}

/* ---- answers ---------------------------------------------------------------------------------
 */

static enum why_proxy_step failed(struct why_proxy_talk *t, const char *text)
{
    (void)snprintf(t->text, sizeof(t->text), "%s", text);
    return WHY_PROXY_FAILED;
}

static enum why_proxy_step not_socks(struct why_proxy_talk *t, const struct why_cursor *c)
{
    return failed(t, why_cur_at(c, "HTTP", 4) ? "it looks like an HTTP proxy"
                                              : "it does not speak this version of SOCKS");
}

static enum why_proxy_step methods_answer(struct why_proxy_talk *t, struct why_cursor *c)
{
    struct why_cursor start = *c;
    uint8_t version = why_cur_u8(c), method = why_cur_u8(c);

    if (why_cur_left(&start) > 0 && version != 5)
        return not_socks(t, &start);
    if (c->failed)
        return WHY_PROXY_READ;
    t->state = method == METHOD_ACCOUNT ? WHY_PROXY_LOGON : WHY_PROXY_CONNECT;
    if (method == METHOD_NONE || (method == METHOD_ACCOUNT && t->proxy->user != NULL))
        return WHY_PROXY_SEND;
    if (method != METHOD_NO_COMMON)
        return failed(t, "it selected a method that was not offered");
    t->code = method;
    return WHY_PROXY_SOCKS;
}

static enum why_proxy_step logon_answer(struct why_proxy_talk *t, struct why_cursor *c)
{
    uint8_t status;

    why_cur_skip(c, 1); /* a version, which some proxies do not fill as they should */
    status = why_cur_u8(c);
    if (c->failed)
        return WHY_PROXY_READ;
    t->state = WHY_PROXY_CONNECT;
    if (status == 0)
        return WHY_PROXY_SEND;
    (void)snprintf(t->text, sizeof(t->text), "status %u", (unsigned)status);
    return WHY_PROXY_ACCOUNT;
}

static enum why_proxy_step answer(struct why_proxy_talk *t, struct why_cursor *c)
{
    struct why_cursor start = *c;
    uint8_t version = why_cur_u8(c), reply = why_cur_u8(c), kind;

    if (why_cur_left(&start) > 0 && version != 5)
        return not_socks(t, &start);
    why_cur_skip(c, 1);
    kind = why_cur_u8(c);
    /* A refusal may end there: some proxies leave the address out. */
    if (!c->failed && reply != 0) {
        t->code = reply;
        return WHY_PROXY_SOCKS;
    }
    why_cur_skip(c, kind == 1 ? 4u : kind == 4 ? 16u : kind == 3 ? why_cur_u8(c) : 0u);
    why_cur_skip(c, 2);
    if (c->failed)
        return WHY_PROXY_READ;
    return kind == 1 || kind == 3 || kind == 4 ? WHY_PROXY_DONE
                                               : failed(t, "its reply has no such address");
}

static enum why_proxy_step answer_4(struct why_proxy_talk *t, struct why_cursor *c)
{
    struct why_cursor start = *c;
    uint8_t version = why_cur_u8(c), reply = why_cur_u8(c);

    /* The reply's version is 0; some proxies send 4. */
    if (why_cur_left(&start) > 0 && version != 0 && version != 4)
        return not_socks(t, &start);
    why_cur_skip(c, 6);
    if (c->failed)
        return WHY_PROXY_READ;
    t->code = reply;
    return reply == GRANTED_4 ? WHY_PROXY_DONE : WHY_PROXY_SOCKS;
}

/* Adds |len| bytes to the text, as far as there is room. */
static void add_text(struct why_proxy_talk *t, const char *between, const uint8_t *from, size_t len)
{
    size_t used = strlen(t->text);

    (void)snprintf(t->text + used, sizeof(t->text) - used, "%s%.*s", used > 0 ? between : "",
                   (int)len, (const char *)from);
}

/* What tells more than the status: which logons it takes, what failed behind it. */
static void add_header(struct why_proxy_talk *t, const uint8_t *line, size_t len)
{
    static const struct {
        const char *name, *between;
        bool named; /* the value alone would say nothing */
    } rows[] = {{"Proxy-Authenticate:", "; it takes ", false},
                {"X-Squid-Error:", "; ", false},
                {"Proxy-Status:", "; ", false},
                {"Retry-After:", "; ", true}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i].name);

        if (len <= n || strncasecmp((const char *)line, rows[i].name, n) != 0)
            continue;
        while (n < len && line[n] == ' ')
            n++;
        if (rows[i].named)
            n = 0;
        add_text(t, rows[i].between, line + n, len - n);
    }
}

/* The next line of a head that ends with an empty one. */
static struct why_cursor next_line(struct why_cursor *c)
{
    struct why_cursor end = *c, line;

    (void)why_cur_find(&end, "\r\n", 2);
    line = why_cur_sub(c, end.pos - c->pos);
    why_cur_skip(c, 2);
    return line;
}

/* "HTTP/1.1 407 Proxy Authentication Required": the number and, as text, the rest. */
static bool status_line(struct why_proxy_talk *t, struct why_cursor line)
{
    int64_t code = 0;

    why_cur_skip(&line, 9);
    for (int i = 0; i < 3; i++) {
        uint8_t digit = why_cur_u8(&line);

        if (digit < '0' || digit > '9')
            return false;
        code = code * 10 + (digit - '0');
    }
    if (line.failed)
        return false;
    t->code = code;
    t->text[0] = '\0';
    why_cur_skip(&line, why_cur_left(&line) > 0 ? 1 : 0);
    add_text(t, "", line.base + line.pos, why_cur_left(&line));
    return true;
}

/* Heads of status 1xx come before the answer (RFC 9110 15.2). */
static enum why_proxy_step answer_http(struct why_proxy_talk *t, struct why_cursor *c)
{
    static const char begins[] = "HTTP/1.";
    struct why_cursor end;

    do {
        size_t left = why_cur_left(c), n = left < 7 ? left : 7;

        end = *c;
        if (!why_cur_at(c, begins, n))
            return failed(t, "it does not speak HTTP");
        if (!why_cur_find(&end, "\r\n\r\n", 4))
            return WHY_PROXY_READ;
        if (!status_line(t, next_line(c)))
            return failed(t, "its answer has no status");
        while (c->pos < end.pos) {
            struct why_cursor line = next_line(c);

            add_header(t, line.base + line.pos, why_cur_left(&line));
        }
        why_cur_skip(c, end.pos + 4 - c->pos);
    } while (t->code / 100 == 1);
    return t->code / 100 == 2 ? WHY_PROXY_DONE : WHY_PROXY_HTTP;
}

/* ---- the conversation ------------------------------------------------------------------------
 */

static const struct {
    void (*write)(const struct why_proxy_talk *talk, struct writer *w);
    enum why_proxy_step (*read)(struct why_proxy_talk *talk, struct why_cursor *c);
    const char *asks; /* %s: the server */
} states[WHY_PROXY_STATE_COUNT] = {
    [WHY_PROXY_METHODS] = {methods, methods_answer, "SOCKS 5: which logon for %s"},
    [WHY_PROXY_LOGON] = {logon, logon_answer, "SOCKS 5: logon for %s"},
    [WHY_PROXY_CONNECT] = {request, answer, "SOCKS 5: CONNECT %s"},
    [WHY_PROXY_CONNECT_4] = {request_4, answer_4, "SOCKS 4a: CONNECT %s"},
    [WHY_PROXY_CONNECT_HTTP] = {request_http, answer_http, "HTTP: CONNECT %s"},
};

void why_proxy_begin(struct why_proxy_talk *t, const struct why_proxy *proxy, const char *host,
                     uint16_t port)
{
    static const enum why_proxy_state first[WHY_PROXY_KIND_COUNT] = {
        [WHY_PROXY_KIND_SOCKS5] = WHY_PROXY_METHODS,
        [WHY_PROXY_KIND_SOCKS4A] = WHY_PROXY_CONNECT_4,
        [WHY_PROXY_KIND_HTTP] = WHY_PROXY_CONNECT_HTTP,
    };

    *t = (struct why_proxy_talk){
        .proxy = proxy, .host = host, .port = port, .state = first[proxy->kind]};
}

size_t why_proxy_message(const struct why_proxy_talk *t, uint8_t buf[WHY_PROXY_MESSAGE_MAX])
{
    struct writer w = {buf, 0};

    states[t->state].write(t, &w);
    return w.len;
}

void why_proxy_asks(const struct why_proxy_talk *t, char *buf, size_t len)
{
    char where[300];
    const char *asks = states[t->state].asks, *place = strstr(asks, "%s");

    authority(t, where, sizeof(where));
    (void)snprintf(buf, len, "%.*s%s", (int)(place - asks), asks, where);
}

enum why_proxy_step why_proxy_take(struct why_proxy_talk *t, const uint8_t *data, size_t len,
                                   size_t *used)
{
    size_t before = t->in_len, room = sizeof(t->in) - before, n = len < room ? len : room;
    struct why_cursor c;
    enum why_proxy_step step;

    memcpy(t->in + before, data, n);
    c = why_cur_init(t->in, before + n);
    step = states[t->state].read(t, &c);
    if (step == WHY_PROXY_READ) {
        t->in_len += n;
        *used = n;
        return t->in_len < sizeof(t->in) ? step : failed(t, "its answer does not end");
    }
    t->in_len = 0;
    *used = c.pos > before ? c.pos - before : 0;
    return step;
}
