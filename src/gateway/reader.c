/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/reader.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "wire/cursor.h"
#include "wire/text.h"

#define TEXT_MAX       480u
#define WEBSOCKET_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 1.3 */
/* [MS-TSGU] 3.3.5.1 has a random payload before the first packet, of no stated length: 100 bytes in
 * its example, ten of Windows Server. */
#define SEED_MAX 1024u

enum { IN_HEAD, IN_BODY, IN_BODY_TUNNEL, IN_WEBSOCKET };

void why_gateway_reader_begin(struct why_gateway_reader *r, const struct why_gateway_sink *sink)
{
    memset(r, 0, sizeof(*r));
    r->sink = *sink;
    r->dirs[WHY_DIR_SENT].websocket.masked = true;
}

void why_gateway_reader_clear(struct why_gateway_reader *r)
{
    for (size_t i = 0; i < 2; i++)
        why_buffer_clear(&r->dirs[i].bytes);
    why_buffer_clear(&r->response);
}

bool why_gateway_reader_response(const struct why_gateway_reader *r, struct why_http_head *head)
{
    return r->response.len > 0 &&
           why_http_read(r->response.data, r->response.len, true, head) == WHY_HTTP_OK;
}

static void emit(struct why_gateway_reader *r, const struct why_event *event)
{
    r->sink.event(r->sink.arg, event);
}

static void fail(struct why_gateway_reader *r, const char *problem)
{
    if (r->problem != NULL)
        return;
    r->problem = problem;
    emit(r, &(struct why_event){.kind = WHY_EV_GATEWAY_FAILED, .text = problem});
}

/* ---- HTTP ------------------------------------------------------------------------------------ */

size_t why_gateway_token(const char *text, size_t len, uint8_t *out, size_t size)
{
    int n;
    size_t pad = 0;

    if (len == 0 || len % 4 != 0 || len / 4 * 3 > size)
        return 0;
    n = EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);
    while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
        pad++;
    return n > 0 && (size_t)n >= pad ? (size_t)n - pad : 0;
}

struct told {
    char text[TEXT_MAX];
    size_t len;
};

static void tell(struct told *t, const char *between, const char *text, size_t len)
{
    int n = snprintf(t->text + t->len, sizeof(t->text) - t->len, "%s%.*s",
                     t->len > 0 ? between : "", (int)len, text);

    if (n > 0)
        t->len += (size_t)n;
    if (t->len >= sizeof(t->text))
        t->len = sizeof(t->text) - 1;
}

static void tell_word(struct told *t, const char *between, const char *word)
{
    tell(t, between, word, strlen(word));
}

/* The schemes of a field, without what each has behind it. */
static void tell_schemes(struct told *t, const struct why_http_head *head, const char *name)
{
    const char *value, *between = "; ";
    size_t at = 0, len;

    while (why_http_field(head, name, &at, &value, &len)) {
        const char *space = memchr(value, ' ', len);

        if (strcmp(between, "; ") == 0) {
            tell_word(t, "; ", name);
            between = ": ";
        }
        tell(t, between, value, space != NULL ? (size_t)(space - value) : len);
        between = ", ";
    }
}

static void tell_field(struct told *t, const struct why_http_head *head, const char *name)
{
    const char *value;
    size_t at = 0, len;

    if (!why_http_field(head, name, &at, &value, &len))
        return;
    tell_word(t, "; ", name);
    tell(t, ": ", value, len);
}

/* The bytes of the first token in the response's challenges that has NTLM's signature. */
static size_t find_challenge(const struct why_http_head *head, uint8_t *out, size_t size)
{
    static const uint8_t signature[8] = "NTLMSSP";
    const char *value;
    size_t at = 0, len;

    while (why_http_field(head, "WWW-Authenticate", &at, &value, &len)) {
        const char *space = memchr(value, ' ', len);
        size_t n = space != NULL
                       ? why_gateway_token(space + 1, len - 1 - (size_t)(space - value), out, size)
                       : 0;

        for (size_t i = 0; i + sizeof(signature) <= n; i++) {
            if (memcmp(out + i, signature, sizeof(signature)) != 0)
                continue;
            memmove(out, out + i, n - i);
            return n - i;
        }
    }
    return 0;
}

/* The text at |at| bytes into the AUTHENTICATE, where its length and offset are
 * ([MS-NLMP] 2.2.1.3).
 */
static void ntlm_text(const uint8_t *message, size_t len, size_t at, char *out, size_t size)
{
    struct why_cursor c = why_cur_init(message, len);
    uint16_t n;

    why_cur_skip(&c, at);
    n = why_cur_u16le(&c);
    why_cur_skip(&c, 2);
    at = why_cur_u32le(&c);
    out[0] = '\0';
    c.pos = 0;
    why_cur_skip(&c, at);
    c = why_cur_sub(&c, n);
    if (!c.failed)
        why_text_utf16le(c, out, size);
}

#define NTLM_AUTHENTICATE 3u
#define NTLM_DOMAIN       28u
#define NTLM_USER         36u
#define NTLM_FIXED        64u

static void ntlm_account(struct why_gateway_reader *r, const uint8_t *token, size_t len)
{
    static const uint8_t begins[12] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, NTLM_AUTHENTICATE};
    char domain[100], user[100];

    for (size_t i = 0; i + NTLM_FIXED <= len; i++) {
        if (memcmp(token + i, begins, sizeof(begins)) != 0)
            continue;
        ntlm_text(token + i, len - i, NTLM_DOMAIN, domain, sizeof(domain));
        ntlm_text(token + i, len - i, NTLM_USER, user, sizeof(user));
        (void)snprintf(r->account, sizeof(r->account), "%s%s%s", domain,
                       domain[0] != '\0' ? "\\" : "", user);
        return;
    }
}

/* Whose password, or proof of it, the request carries. */
static void see_account(struct why_gateway_reader *r, const struct why_http_head *head)
{
    uint8_t token[WHY_GATEWAY_TOKEN_MAX];
    const char *value, *space;
    size_t at = 0, len, n;

    r->account[0] = '\0';
    if (!why_http_field(head, "Authorization", &at, &value, &len) ||
        (space = memchr(value, ' ', len)) == NULL)
        return;
    n = why_gateway_token(space + 1, len - 1 - (size_t)(space - value), token, sizeof(token));
    if ((size_t)(space - value) == 5 && strncasecmp(value, "Basic", 5) == 0) {
        const uint8_t *colon = memchr(token, ':', n);

        if (colon != NULL)
            (void)snprintf(r->account, sizeof(r->account), "%.*s", (int)(colon - token),
                           (const char *)token);
    } else {
        ntlm_account(r, token, n);
    }
    OPENSSL_cleanse(token, sizeof(token));
}

static void copy_field(const struct why_http_head *head, const char *name, char *out, size_t size)
{
    const char *value;
    size_t at = 0, len;

    out[0] = '\0';
    if (why_http_field(head, name, &at, &value, &len) && len < size)
        (void)snprintf(out, size, "%.*s", (int)len, value);
}

/* What tells of the client's connections, and of whom they are to. */
static void see_origin(struct why_gateway_reader *r, const struct why_http_head *head)
{
    char *colon;

    copy_field(head, "RDG-Connection-Id", r->connection_id, sizeof(r->connection_id));
    copy_field(head, "Host", r->host, sizeof(r->host));
    colon = strrchr(r->host, ':');
    if (colon != NULL && strchr(colon, ']') == NULL)
        *colon = '\0';
    see_account(r, head);
}

static void tell_request(struct why_gateway_reader *r, const struct why_http_head *head)
{
    static const struct {
        const char *word;
        enum why_gateway_method method;
    } methods[] = {{"RDG_OUT_DATA ", WHY_GATEWAY_OUT}, {"RDG_IN_DATA ", WHY_GATEWAY_IN}};
    struct told t = {.len = 0};
    const char *value;
    size_t at = 0, len;

    r->method = WHY_GATEWAY_OTHER;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        size_t n = strlen(methods[i].word);

        if (head->line_len > n && memcmp(head->line, methods[i].word, n) == 0)
            r->method = methods[i].method;
    }
    r->asked_websocket = why_http_has_word(head, "Upgrade", "websocket");
    r->key[0] = '\0';
    if (why_http_field(head, "Sec-WebSocket-Key", &at, &value, &len))
        (void)snprintf(r->key, sizeof(r->key), "%.*s", (int)len, value);
    see_origin(r, head);
    tell(&t, "", head->line, head->line_len);
    tell_field(&t, head, "Upgrade");
    tell_schemes(&t, head, "Authorization");
    emit(r, &(struct why_event){.kind = WHY_EV_GATEWAY_HTTP, .dir = WHY_DIR_SENT, .text = t.text});
}

static void tell_response(struct why_gateway_reader *r, const struct why_http_head *head)
{
    static const char *const fields[] = {"Server", "Location", "Content-Type", "Retry-After",
                                         "Via"};
    uint8_t token[WHY_GATEWAY_TOKEN_MAX];
    size_t n = find_challenge(head, token, sizeof(token));
    struct told t = {.len = 0};

    tell(&t, "", head->line + 9, head->line_len - 9);
    tell_schemes(&t, head, "WWW-Authenticate");
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        tell_field(&t, head, fields[i]);
    emit(r, &(struct why_event){.kind = WHY_EV_GATEWAY_HTTP,
                                .dir = WHY_DIR_RECEIVED,
                                .value = head->status,
                                .text = t.text,
                                .bytes = n > 0 ? token : NULL,
                                .len = n,
                                .wire_len = n});
}

static void opened(struct why_gateway_reader *r, int by)
{
    r->open = true;
    emit(r, &(struct why_event){.kind = WHY_EV_GATEWAY_OPEN, .value = by});
}

/* RFC 6455 4.1: what a client has to see in the answer. NULL: it is all there. */
static const char *wrong_acceptance(const struct why_gateway_reader *r,
                                    const struct why_http_head *head)
{
    unsigned char hash[EVP_MAX_MD_SIZE], wanted[64];
    char text[sizeof(r->key) + sizeof(WEBSOCKET_GUID)];
    const char *value;
    size_t at = 0, len;
    unsigned int n = 0;

    (void)snprintf(text, sizeof(text), "%s%s", r->key, WEBSOCKET_GUID);
    if (EVP_Digest(text, strlen(text), hash, &n, EVP_sha1(), NULL) != 1)
        return "out of memory";
    (void)EVP_EncodeBlock(wanted, hash, (int)n);
    if (!why_http_has_word(head, "Upgrade", "websocket") ||
        !why_http_has_word(head, "Connection", "Upgrade"))
        return "it switches protocols, but not to WebSocket";
    if (!why_http_field(head, "Sec-WebSocket-Accept", &at, &value, &len) ||
        len != strlen((const char *)wanted) || memcmp(value, wanted, len) != 0)
        return "its Sec-WebSocket-Accept is not the answer to the client's key";
    at = 0;
    if (why_http_field(head, "Sec-WebSocket-Extensions", &at, &value, &len) ||
        (at = 0, why_http_field(head, "Sec-WebSocket-Protocol", &at, &value, &len)))
        return "it agrees on a WebSocket extension or protocol that the client did not offer";
    return NULL;
}

static void begin_websocket(struct why_gateway_reader *r)
{
    r->websocket = true;
    r->dirs[0].state = r->dirs[1].state = IN_WEBSOCKET;
    opened(r, 1);
}

/* For people: what a web server has, and no gateway. */
static bool shows_page(const struct why_http_head *head)
{
    const char *value;
    size_t at = 0, len;

    return why_http_field(head, "Content-Type", &at, &value, &len) && len >= 5 &&
           strncasecmp(value, "text/", 5) == 0;
}

static void begin_body(struct why_gateway_reader *r, enum why_dir dir,
                       const struct why_http_head *head)
{
    struct why_gateway_direction *d = &r->dirs[dir];

    why_http_body_begin(&d->body, head);
    d->state = IN_BODY;
    if (dir == WHY_DIR_SENT) {
        if (r->method != WHY_GATEWAY_IN || d->body.framing != WHY_HTTP_CHUNKED)
            return;
        d->state = IN_BODY_TUNNEL;
        opened(r, 2);
    } else if (r->method == WHY_GATEWAY_OUT && head->status == 200 && !d->body.ended &&
               !shows_page(head)) {
        d->state = IN_BODY_TUNNEL;
        d->seed = SEED_MAX;
    }
}

/* A whole head. */
static void take_head(struct why_gateway_reader *r, enum why_dir dir,
                      const struct why_http_head *head)
{
    if (dir == WHY_DIR_SENT) {
        tell_request(r, head);
        begin_body(r, dir, head);
        return;
    }
    r->status = head->status;
    why_buffer_clear(&r->response);
    (void)why_buffer_add(&r->response, r->dirs[dir].bytes.data, head->len, WHY_HTTP_HEAD_MAX);
    r->closes = why_http_has_word(head, "Connection", "close");
    tell_response(r, head);
    if (head->status == 101) {
        const char *problem =
            r->asked_websocket ? wrong_acceptance(r, head) : "it switches protocols, unasked";

        if (problem != NULL)
            fail(r, problem);
        else
            begin_websocket(r);
        return;
    }
    begin_body(r, dir, head);
    r->closes = r->closes || r->dirs[dir].body.framing == WHY_HTTP_CLOSE;
    r->has_status_end = r->dirs[dir].body.ended && head->status >= 200;
}

/* ---- packets --------------------------------------------------------------------------------- */

/* The gateway's answers in their order, [MS-TSGU] 1.3.3.1; behind the last of them data may come.
 */
static const char *out_of_turn(struct why_gateway_reader *r, enum why_tsgu_type type)
{
    static const enum why_tsgu_type order[] = {
        WHY_TSGU_HANDSHAKE_RESPONSE, WHY_TSGU_TUNNEL_RESPONSE, WHY_TSGU_TUNNEL_AUTH_RESPONSE,
        WHY_TSGU_CHANNEL_RESPONSE};
    const size_t count = sizeof(order) / sizeof(order[0]);

    if (type == WHY_TSGU_DATA && r->answers < count)
        return "data before the channel is open";
    for (size_t i = 0; i < count; i++) {
        if (order[i] != type)
            continue;
        return r->answers++ == i ? NULL : "an answer to what was not asked";
    }
    return NULL;
}

static void take_packet(struct why_gateway_reader *r, enum why_dir dir, uint8_t *data, size_t len)
{
    struct why_tsgu packet;

    why_tsgu_read(data, len, &packet);
    if (dir == WHY_DIR_RECEIVED && packet.problem == NULL)
        packet.problem = out_of_turn(r, packet.type);
    if (packet.type == WHY_TSGU_HANDSHAKE_RESPONSE && packet.error == 0 && packet.major != 1 &&
        packet.problem == NULL)
        packet.problem = "a version of the protocol that the client did not offer";
    if (packet.problem != NULL && dir == WHY_DIR_RECEIVED) {
        fail(r, packet.problem);
        return;
    }
    if (packet.type == WHY_TSGU_DATA) {
        r->sink.carried(r->sink.arg, dir, data + packet.data, packet.data_len);
        return;
    }
    memset(data + packet.secret, 0, packet.secret_len);
    emit(r, &(struct why_event){.kind = WHY_EV_GATEWAY_PACKET,
                                .dir = dir,
                                .value = packet.type,
                                .text = why_tsgu_name(packet.type),
                                .bytes = data,
                                .len = len,
                                .wire_len = len});
}

/* Drops what is before the head of a HANDSHAKE_RESPONSE, the first packet; false: it is not there
 * yet. */
static bool find_first(struct why_gateway_reader *r, struct why_gateway_direction *d)
{
    static const uint8_t begins[] = {WHY_TSGU_HANDSHAKE_RESPONSE, 0, 0, 0};
    size_t at = 0;

    for (; at + WHY_TSGU_HEADER <= d->bytes.len; at++) {
        const uint8_t *head = d->bytes.data + at;

        if (memcmp(head, begins, sizeof(begins)) == 0 && head[4] >= WHY_TSGU_HEADER + 4 &&
            head[4] <= 64 && head[5] == 0 && head[6] == 0 && head[7] == 0) {
            d->seed = 0;
            why_buffer_drop(&d->bytes, at);
            return true;
        }
    }
    if (at > d->seed)
        fail(r, "what came is no packet of an RD Gateway");
    return false;
}

static void take_packets(struct why_gateway_reader *r, enum why_dir dir, uint8_t *data, size_t len)
{
    struct why_gateway_direction *d = &r->dirs[dir];
    size_t done = 0;

    if (why_buffer_add(&d->bytes, data, len, WHY_TSGU_PACKET_MAX + WHY_HTTP_HEAD_MAX) !=
        WHY_BUFFER_ADDED) {
        fail(r, "out of memory");
        return;
    }
    if (d->seed > 0 && !find_first(r, d))
        return;
    while (r->problem == NULL && d->bytes.len - done >= WHY_TSGU_HEADER) {
        size_t n = why_tsgu_length(d->bytes.data + done, d->bytes.len - done);

        if (n == 0) {
            fail(r, "what came is no packet of an RD Gateway");
            return;
        }
        if (d->bytes.len - done < n)
            break;
        take_packet(r, dir, d->bytes.data + done, n);
        done += n;
    }
    why_buffer_drop(&d->bytes, done);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static size_t take_for_head(struct why_gateway_reader *r, enum why_dir dir, const uint8_t *data,
                            size_t len)
{
    struct why_gateway_direction *d = &r->dirs[dir];
    size_t before = d->bytes.len, n = len, room = WHY_HTTP_HEAD_MAX - before;
    enum why_http_result result;
    struct why_http_head head;

    if (n > room)
        n = room;
    if (why_buffer_add(&d->bytes, data, n, WHY_HTTP_HEAD_MAX) != WHY_BUFFER_ADDED) {
        fail(r, "out of memory");
        return len;
    }
    result = why_http_read(d->bytes.data, d->bytes.len, dir == WHY_DIR_RECEIVED, &head);
    if (result == WHY_HTTP_INVALID) {
        fail(r, "what came is no HTTP");
        return len;
    }
    if (result == WHY_HTTP_MORE)
        return n;
    take_head(r, dir, &head);
    n = head.len - before;
    why_buffer_clear(&d->bytes);
    return n;
}

static size_t take_for_body(struct why_gateway_reader *r, enum why_dir dir, uint8_t *data,
                            size_t len)
{
    struct why_gateway_direction *d = &r->dirs[dir];
    uint8_t *content;
    size_t n, used;

    if (d->body.ended) {
        d->state = IN_HEAD;
        return 0;
    }
    used = why_http_body_take(&d->body, data, len, &content, &n);
    if (d->body.broken)
        fail(r, "what came is no body of HTTP");
    else if (n > 0 && d->state == IN_BODY_TUNNEL)
        take_packets(r, dir, content, n);
    if (d->body.ended && dir == WHY_DIR_RECEIVED)
        r->has_status_end = true;
    return used;
}

static size_t take_for_websocket(struct why_gateway_reader *r, enum why_dir dir, uint8_t *data,
                                 size_t len)
{
    struct why_gateway_direction *d = &r->dirs[dir];
    struct why_websocket_piece piece;
    size_t used = why_websocket_take(&d->websocket, data, len, &piece);

    if (piece.problem != NULL) {
        fail(r, piece.problem);
        return len;
    }
    if (piece.len > 0)
        take_packets(r, dir, piece.data, piece.len);
    r->pinged = r->pinged ||
                (piece.control && piece.opcode == WHY_WEBSOCKET_PING && dir == WHY_DIR_RECEIVED);
    if (piece.control && piece.opcode == WHY_WEBSOCKET_CLOSE)
        emit(r, &(struct why_event){
                    .kind = WHY_EV_GATEWAY_GOODBYE,
                    .dir = dir,
                    .value = why_websocket_status(d->websocket.control, d->websocket.control_len)});
    return used;
}

void why_gateway_reader_take(struct why_gateway_reader *r, enum why_dir dir, uint8_t *data,
                             size_t len)
{
    while (len > 0 && r->problem == NULL) {
        size_t used;

        switch (r->dirs[dir].state) {
        case IN_HEAD:
            used = take_for_head(r, dir, data, len);
            break;
        case IN_WEBSOCKET:
            used = take_for_websocket(r, dir, data, len);
            break;
        default:
            used = take_for_body(r, dir, data, len);
            break;
        }
        data += used;
        len -= used;
    }
}
