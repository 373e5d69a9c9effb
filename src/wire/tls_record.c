/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pdu.h>

#include <string.h>

#include "numbers.h"
#include "text.h"
#include "wire.h"

const uint8_t why_tls_retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/* The next extension of |list|; false at the end, or where a length is wrong (|list| fails). */
static bool next_extension(struct why_cursor *list, uint16_t *type, struct why_cursor *body)
{
    if (why_cur_left(list) == 0)
        return false;
    *type = why_cur_u16be(list);
    *body = why_cur_sub(list, why_cur_u16be(list));
    return !list->failed;
}

/* RFC 6066 3: the first host_name */
static void server_name(struct why_wire *w, struct why_cursor c)
{
    uint8_t type;

    why_cur_skip(&c, 2); /* list length */
    type = why_cur_u8(&c);
    c = why_cur_sub(&c, why_cur_u16be(&c));
    if (!c.failed && type == 0)
        why_text_oem(c, w->out->u.hello.server_name, WHY_TEXT_MAX);
}

/* RFC 8446 4.1.2 */
static void client_hello(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor list, body;
    uint16_t type = 0;

    w->out->type = WHY_PDU_TLS_CLIENT_HELLO;
    if (w->dir == WHY_DIR_SENT && !w->d->asked && !w->d->confirmed) {
        w->d->direct = true;
        w->d->selected_protocol = w->d->preconnected ? WHY_PROTOCOL_HYBRID : WHY_PROTOCOL_SSL;
    }
    w->out->u.hello.version = why_cur_u16be(&c);
    why_cur_skip(&c, 32);                /* random */
    why_cur_skip(&c, why_cur_u8(&c));    /* session */
    why_cur_skip(&c, why_cur_u16be(&c)); /* cipher suites */
    why_cur_skip(&c, why_cur_u8(&c));    /* compression methods */
    if (!c.failed && why_cur_left(&c) == 0)
        return;
    list = why_cur_sub(&c, why_cur_u16be(&c));
    while (next_extension(&list, &type, &body)) {
        if (type == TLS_EXT_SERVER_NAME)
            server_name(w, body);
    }
    if (list.failed)
        why_wire_problem(w, "ClientHello with wrong lengths");
}

/* RFC 8446 4.1.3 */
static void server_hello(struct why_wire *w, struct why_cursor c)
{
    struct why_dissector *d = w->d;
    struct why_cursor list, body;
    uint16_t type = 0, version = why_cur_u16be(&c), cipher;
    bool retry = why_cur_at(&c, why_tls_retry_random, sizeof(why_tls_retry_random));

    why_cur_skip(&c, 32);
    why_cur_skip(&c, why_cur_u8(&c)); /* session */
    cipher = why_cur_u16be(&c);
    why_cur_skip(&c, 1); /* compression method */
    list = why_cur_left(&c) > 0 ? why_cur_sub(&c, why_cur_u16be(&c)) : why_cur_sub(&c, 0);
    while (next_extension(&list, &type, &body)) {
        if (type == TLS_EXT_SUPPORTED_VERSIONS)
            version = why_cur_u16be(&body);
    }
    w->out->type = retry ? WHY_PDU_TLS_HELLO_RETRY_REQUEST : WHY_PDU_TLS_SERVER_HELLO;
    if (list.failed) {
        why_wire_problem(w, "ServerHello with wrong lengths");
        return;
    }
    w->out->u.hello.version = version;
    w->out->u.hello.cipher = cipher;
    if (version >= TLS_1_3) {
        d->tls13 = true;
        if (!retry)
            d->tls_encrypted[WHY_DIR_SENT] = d->tls_encrypted[WHY_DIR_RECEIVED] = true;
    }
}

/* RFC 5246 7.4.2: the first certificate, where it is in this record as a whole */
static void certificate(struct why_wire *w, struct why_cursor c)
{
    size_t length;

    w->out->type = WHY_PDU_TLS_CERTIFICATE;
    why_cur_skip(&c, 3); /* of the list */
    length = why_cur_u24be(&c);
    if (length == 0 || length > why_cur_left(&c))
        return;
    w->out->u.tls_certificate.der_offset = c.pos;
    w->out->u.tls_certificate.der_length = length;
}

static void handshake_message(struct why_wire *w, uint8_t type, struct why_cursor c)
{
    switch (type) {
    case TLS_CLIENT_HELLO:
        client_hello(w, c);
        break;
    case TLS_SERVER_HELLO:
        server_hello(w, c);
        break;
    case TLS_NEW_SESSION_TICKET:
        w->out->type = WHY_PDU_TLS_NEW_SESSION_TICKET;
        break;
    case TLS_CERTIFICATE:
        certificate(w, c);
        break;
    case TLS_SERVER_KEY_EXCHANGE:
        w->out->type = WHY_PDU_TLS_SERVER_KEY_EXCHANGE;
        break;
    case TLS_CERTIFICATE_REQUEST:
        w->out->type = WHY_PDU_TLS_CERTIFICATE_REQUEST;
        break;
    case TLS_SERVER_HELLO_DONE:
        w->out->type = WHY_PDU_TLS_SERVER_HELLO_DONE;
        break;
    case TLS_CLIENT_KEY_EXCHANGE:
        w->out->type = WHY_PDU_TLS_CLIENT_KEY_EXCHANGE;
        break;
    default:
        w->out->type = WHY_PDU_TLS_HANDSHAKE;
    }
}

/* Moves over the rest of a message that began in a record before; true where there was one. */
static bool continued(struct why_wire *w, struct why_cursor *c)
{
    uint32_t *rest = &w->d->tls_rest[w->dir];
    size_t n = why_cur_left(c) < *rest ? why_cur_left(c) : *rest;

    if (n == 0)
        return false;
    why_cur_skip(c, n);
    *rest -= (uint32_t)n;
    w->out->type = WHY_PDU_TLS_HANDSHAKE;
    return true;
}

static void handshake(struct why_wire *w, struct why_cursor *c)
{
    struct why_cursor message;
    uint8_t type;
    uint32_t length;
    bool cut = false;

    if (continued(w, c))
        return;
    type = why_cur_u8(c);
    length = why_cur_u24be(c);
    if (c->failed) {
        w->out->type = WHY_PDU_TLS_HANDSHAKE;
        why_wire_problem(w, "handshake message header ends with its record");
        return;
    }
    message = why_cur_sub_upto(c, length, &cut);
    if (cut) /* goes on in the next record */
        w->d->tls_rest[w->dir] = length - (uint32_t)(message.end - message.pos);
    if (cut && (type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO)) {
        w->out->type = type == TLS_CLIENT_HELLO ? WHY_PDU_TLS_CLIENT_HELLO : WHY_PDU_TLS_HANDSHAKE;
        w->out->problem = "continued in the next record";
        return;
    }
    handshake_message(w, type, message);
}

static void alert(struct why_wire *w, struct why_cursor *c, bool encrypted)
{
    /* TLS 1.3 encrypts alerts as application data: one that shows its type is in the clear. */
    if (why_cur_left(c) != 2 || (encrypted && !w->d->tls13)) {
        w->out->type = WHY_PDU_TLS_ENCRYPTED;
        w->out->problem = "an encrypted alert";
        return;
    }
    w->out->type = WHY_PDU_TLS_ALERT;
    w->out->u.alert.level = why_cur_u8(c);
    w->out->u.alert.description = why_cur_u8(c);
}

static void record_body(struct why_wire *w, uint8_t type, struct why_cursor *c)
{
    bool encrypted = w->d->tls_encrypted[w->dir];

    if (type == TLS_CHANGE_CIPHER_SPEC) {
        w->out->type = WHY_PDU_TLS_CHANGE_CIPHER_SPEC;
        if (!w->d->tls13) /* there it is for middleboxes only, RFC 8446 D.4 */
            w->d->tls_encrypted[w->dir] = true;
    } else if (type == TLS_ALERT) {
        alert(w, c, encrypted);
    } else if (type == TLS_HANDSHAKE && !encrypted) {
        handshake(w, c);
        return; /* others may follow in this record */
    } else {
        w->out->type = WHY_PDU_TLS_ENCRYPTED;
    }
    why_cur_skip(c, why_cur_left(c));
}

void why_dissect_record(struct why_dissector *d, enum why_dir dir, const uint8_t *data, size_t len,
                        size_t *offset, struct why_pdu *out)
{
    struct why_wire w = {.d = d, .dir = dir, .out = out};
    struct why_cursor c = why_cur_init(data, len), body;
    const char *problem = NULL;
    size_t start = *offset, need = 0;
    bool cut = false;

    memset(out, 0, sizeof(*out));
    *offset = len;
    if (why_record_check(data, len, &need, &problem) != WHY_FRAME_COMPLETE) {
        why_wire_unreadable(&w, problem != NULL ? problem : "TLS record ends too early");
        return;
    }
    why_cur_skip(&c, TLS_RECORD_HEADER);
    body = why_cur_sub_upto(&c, need - TLS_RECORD_HEADER, &cut);
    if (start > TLS_RECORD_HEADER)
        why_cur_skip(&body, start - TLS_RECORD_HEADER);
    record_body(&w, data[0], &body);
    if (why_cur_left(&c) > 0)
        why_wire_problem(&w, "longer than its TLS record");
    if (why_cur_left(&body) > 0)
        *offset = body.pos;
}
