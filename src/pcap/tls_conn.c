/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>

#include "wire/cursor.h"

#define MESSAGES_MAX (128u * 1024u)
#define CHAIN_MAX    16

/* An encrypted alert of TLS 1.3 has 19 bytes behind its header, a Finished at least 53. */
#define FINISHED_MIN 40
#define SEALED_ALERT 19

struct call {
    struct tls_conn *tls;
    const struct tls_sink *sink;
    void *arg;
};

static void report_up(const struct call *c)
{
    static const char *const versions[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    struct tls_conn *tls = c->tls;
    char text[96];
    unsigned row = (unsigned)tls->version - TLS_1_0;

    if (tls->up)
        return;
    tls->up = true;
    if (tls->suite.name != NULL)
        (void)snprintf(text, sizeof(text), "%s %s", row < 4 ? versions[row] : "TLS",
                       tls->suite.name);
    else
        (void)snprintf(text, sizeof(text), "%s 0x%04X", row < 4 ? versions[row] : "TLS",
                       (unsigned)tls->suite_id);
    c->sink->up(c->arg, tls->version, text);
}

static void set_up(struct tls_conn *tls, struct opener *o)
{
    o->ready = false;
    o->suite = tls->suite;
    o->version = tls->version;
    o->encrypt_then_mac = tls->encrypt_then_mac;
}

/* TLS 1.3: the secrets of one direction, those of the handshake or those after it. */
static void use_traffic(struct tls_conn *tls, enum why_dir dir, enum key_label client,
                        enum key_label server)
{
    const struct key *key =
        why_keys_find(tls->keys, dir == WHY_DIR_SENT ? client : server, tls->client_random);

    set_up(tls, &tls->openers[dir]);
    if (key != NULL)
        (void)why_opener_from_traffic(&tls->openers[dir], key);
}

/* Up to TLS 1.2: what follows in this direction is encrypted (RFC 5246 7.1). */
static void change_cipher(struct tls_conn *tls, enum why_dir dir)
{
    const struct key *master = why_keys_find(tls->keys, KEY_MASTER, tls->client_random);
    struct opener both[2];

    memset(both, 0, sizeof(both));
    tls->encrypted[dir] = true;
    set_up(tls, &both[0]);
    set_up(tls, &both[1]);
    if (master != NULL)
        (void)why_opener_from_master(both, master, tls->client_random, tls->server_random);
    tls->openers[dir] = both[dir];
    OPENSSL_cleanse(both, sizeof(both));
}

static void client_hello(struct tls_conn *tls, struct why_cursor c)
{
    why_cur_skip(&c, 2);
    if (why_cur_left(&c) < TLS_RANDOM)
        return;
    memcpy(tls->client_random, c.base + c.pos, TLS_RANDOM);
    tls->has_client_random = true;
}

static void server_hello(struct tls_conn *tls, struct why_cursor c)
{
    struct why_cursor list;
    uint16_t version = why_cur_u16be(&c);
    const uint8_t *random = c.base + c.pos;
    bool retry = why_cur_at(&c, why_tls_retry_random, sizeof(why_tls_retry_random));

    why_cur_skip(&c, TLS_RANDOM);
    why_cur_skip(&c, why_cur_u8(&c)); /* session */
    tls->suite_id = why_cur_u16be(&c);
    why_cur_skip(&c, 1);
    if (c.failed || retry)
        return;
    memcpy(tls->server_random, random, TLS_RANDOM);
    list = why_cur_sub(&c, why_cur_u16be(&c));
    tls->encrypt_then_mac = false;
    while (why_cur_left(&list) >= 4) {
        uint16_t type = why_cur_u16be(&list);
        struct why_cursor body = why_cur_sub(&list, why_cur_u16be(&list));

        if (type == TLS_EXT_SUPPORTED_VERSIONS)
            version = why_cur_u16be(&body);
        else if (type == TLS_EXT_ENCRYPT_THEN_MAC)
            tls->encrypt_then_mac = true;
    }
    tls->version = version;
    tls->suite = why_suite_find(tls->suite_id, version);
    if (version < TLS_1_3)
        return;
    for (int dir = 0; dir < 2; dir++) {
        tls->encrypted[dir] = true;
        use_traffic(tls, (enum why_dir)dir, KEY_CLIENT_HANDSHAKE, KEY_SERVER_HANDSHAKE);
    }
}

/* RFC 5246 7.4.2, RFC 8446 4.4.2 */
static void certificates(const struct call *c, struct why_cursor m)
{
    bool tls13 = c->tls->version >= TLS_1_3;

    if (tls13)
        why_cur_skip(&m, why_cur_u8(&m)); /* context */
    m = why_cur_sub(&m, why_cur_u24be(&m));
    for (int i = 0; i < CHAIN_MAX && why_cur_left(&m) > 3; i++) {
        struct why_cursor der = why_cur_sub(&m, why_cur_u24be(&m));

        if (m.failed)
            return;
        c->sink->certificate(c->arg, der.base + der.pos, why_cur_left(&der), i);
        if (tls13)
            why_cur_skip(&m, why_cur_u16be(&m)); /* extensions */
    }
}

/* What this side sends from here on is no handshake any more. */
static void finish(struct tls_conn *tls, enum why_dir dir)
{
    if (tls->version >= TLS_1_3 && !tls->finished[dir])
        use_traffic(tls, dir, KEY_CLIENT_TRAFFIC, KEY_SERVER_TRAFFIC);
    tls->finished[dir] = true;
}

/* In TLS 1.3 the client answers the server's Finished with its own, whether that could be read or
 * not (RFC 8446 4.4.4); before that the client's comes first. */
static void finished(const struct call *c, enum why_dir dir)
{
    struct tls_conn *tls = c->tls;

    finish(tls, dir);
    if (tls->version >= TLS_1_3)
        finish(tls, WHY_DIR_RECEIVED);
    if (tls->finished[WHY_DIR_RECEIVED])
        report_up(c);
}

static void message(const struct call *c, enum why_dir dir, uint8_t type, struct why_cursor body)
{
    if (type == TLS_CLIENT_HELLO && dir == WHY_DIR_SENT)
        client_hello(c->tls, body);
    else if (type == TLS_SERVER_HELLO && dir == WHY_DIR_RECEIVED)
        server_hello(c->tls, body);
    else if (type == TLS_CERTIFICATE && dir == WHY_DIR_RECEIVED)
        certificates(c, body);
    else if (type == TLS_FINISHED)
        finished(c, dir);
    else if (type == TLS_KEY_UPDATE && c->tls->version >= TLS_1_3 && c->tls->openers[dir].ready &&
             !why_opener_update(&c->tls->openers[dir]))
        c->tls->openers[dir].ready = false;
}

static void handshake(const struct call *c, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct why_buffer *b = &c->tls->messages[dir];

    switch (why_buffer_add(b, data, len, MESSAGES_MAX)) {
    case WHY_BUFFER_ADDED:
        break;
    case WHY_BUFFER_FULL:
        why_buffer_clear(b);
        return;
    case WHY_BUFFER_NOMEM:
        c->tls->nomem = true;
        return;
    }
    while (b->len >= 4) {
        struct why_cursor cursor = why_cur_init(b->data, b->len);
        uint8_t type = why_cur_u8(&cursor);
        struct why_cursor body = why_cur_sub(&cursor, why_cur_u24be(&cursor));

        if (cursor.failed)
            return;
        message(c, dir, type, body);
        why_buffer_drop(b, cursor.pos);
    }
}

static void content(const struct call *c, enum why_dir dir, uint8_t type, const uint8_t *data,
                    size_t len)
{
    if (type == TLS_HANDSHAKE)
        handshake(c, dir, data, len);
    else if (type == TLS_ALERT && len == 2)
        c->sink->alert(c->arg, dir, data[0], data[1]);
    else if (type == TLS_APPLICATION_DATA && len > 0)
        c->sink->data(c->arg, dir, data, len);
}

/* What a record tells that cannot be opened. */
static void opaque(const struct call *c, enum why_dir dir, uint8_t type, size_t len)
{
    struct tls_conn *tls = c->tls;
    bool tls13 = tls->version >= TLS_1_3;
    const char *what = type == TLS_ALERT ? "an encrypted alert" : NULL;

    if (tls13 && !tls->up && dir == WHY_DIR_RECEIVED)
        return; /* the rest of the server's handshake */
    if (tls13 && !tls->finished[dir] && dir == WHY_DIR_SENT) {
        /* A client answers the server's Finished with its own, or with an alert. */
        if (len >= FINISHED_MIN) {
            finished(c, dir);
            return;
        }
        what = "an encrypted alert";
    }
    if (!tls13 && type == TLS_HANDSHAKE && !tls->finished[dir]) {
        tls->finished[dir] = true;
        if (tls->finished[!dir])
            report_up(c);
        return;
    }
    /* Two bytes, the type and the tag (RFC 8446 5.2): no message of RDP is as short. */
    if (tls13 && len == SEALED_ALERT)
        what = "an alert, by its size";
    c->sink->opaque(c->arg, dir, len, what);
}

static bool is_encrypted(const struct tls_conn *tls, enum why_dir dir, uint8_t type, size_t len)
{
    if (!tls->encrypted[dir])
        return false;
    /* TLS 1.3 encrypts as application data; what shows another type is in the clear. */
    return tls->version < TLS_1_3 ||
           (type != TLS_CHANGE_CIPHER_SPEC && !(type == TLS_ALERT && len == 2));
}

void why_tls_conn_record(struct tls_conn *tls, enum why_dir dir, const uint8_t *record, size_t len,
                         const struct tls_sink *sink, void *arg)
{
    struct call c = {tls, sink, arg};
    uint8_t type = record[0], plain[TLS_RECORD_MAX];
    size_t plain_len = 0;

    if (!is_encrypted(tls, dir, type, len - TLS_RECORD_HEADER)) {
        if (type == TLS_CHANGE_CIPHER_SPEC && tls->version != 0 && tls->version < TLS_1_3)
            change_cipher(tls, dir);
        else
            content(&c, dir, type, record + TLS_RECORD_HEADER, len - TLS_RECORD_HEADER);
    } else if (why_opener_open(&tls->openers[dir], record, len, plain, &plain_len, &type)) {
        if (type == TLS_CHANGE_CIPHER_SPEC)
            change_cipher(tls, dir); /* a renegotiation */
        else
            content(&c, dir, type, plain, plain_len);
        OPENSSL_cleanse(plain, plain_len);
    } else {
        tls->openers[dir].ready = false;
        opaque(&c, dir, record[0], len - TLS_RECORD_HEADER);
    }
}

bool why_tls_conn_is_open(const struct tls_conn *tls)
{
    return tls->openers[WHY_DIR_SENT].ready || tls->openers[WHY_DIR_RECEIVED].ready;
}

void why_tls_conn_clear(struct tls_conn *tls)
{
    why_buffer_clear(&tls->messages[0]);
    why_buffer_clear(&tls->messages[1]);
    OPENSSL_cleanse(tls, sizeof(*tls));
}
