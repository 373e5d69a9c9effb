/* SPDX-License-Identifier: Apache-2.0 */
#include "tsgu.h"

#include <string.h>

#include "base/text.h"

#include "cursor.h"
#include "text.h"

/* Optional members, by the bit of fieldsPresent. */
#define TUNNEL_PAA_COOKIE    0x1u /* HTTP_TUNNEL_PACKET_FIELDS_PRESENT_FLAGS, 2.2.5.3.1 */
#define TUNNEL_ID            0x1u /* HTTP_TUNNEL_RESPONSE_FIELDS_PRESENT_FLAGS, 2.2.5.3.7 */
#define TUNNEL_CAPABILITIES  0x2u
#define TUNNEL_SOH_REQUEST   0x4u
#define TUNNEL_CONSENT       0x10u
#define AUTH_REDIRECTION     0x1u /* HTTP_TUNNEL_AUTH_RESPONSE_FIELDS_PRESENT_FLAGS, 2.2.5.3.5 */
#define AUTH_IDLE_TIMEOUT    0x2u
#define AUTH_SOH_RESPONSE    0x4u
#define CHANNEL_ID           0x1u /* HTTP_CHANNEL_RESPONSE_FIELDS_PRESENT_FLAGS, 2.2.5.3.4 */
#define CHANNEL_AUTHN_COOKIE 0x2u
#define CHANNEL_UDP_PORT     0x4u

#define NONCE_LEN    16u
#define PROTOCOL_RDP 3u

size_t why_tsgu_length(const uint8_t *data, size_t len)
{
    struct why_cursor c = why_cur_init(data, len);
    uint16_t type = why_cur_u16le(&c);
    uint32_t length;

    why_cur_skip(&c, 2);
    length = why_cur_u32le(&c);
    if (c.failed || why_tsgu_name((enum why_tsgu_type)type) == NULL || length < WHY_TSGU_HEADER ||
        length > WHY_TSGU_PACKET_MAX)
        return 0;
    return length;
}

/* HTTP_UNICODE_STRING, 2.2.10.22: a length in bytes, with or without the NUL */
static void read_string(struct why_cursor *c, struct why_tsgu *p)
{
    uint16_t len = why_cur_u16le(c);

    why_text_utf16le(why_cur_sub(c, len), p->text, sizeof(p->text));
}

/* HTTP_byte_BLOB, 2.2.10.3 */
static void skip_blob(struct why_cursor *c)
{
    why_cur_skip(c, why_cur_u16le(c));
}

static void read_error(struct why_cursor *c, struct why_tsgu *p)
{
    p->has_error = true;
    p->error = why_cur_u32le(c);
}

/* What there is behind a refusal need not be there. */
static bool is_over(struct why_cursor *c, const struct why_tsgu *p)
{
    return p->error != 0 && why_cur_left(c) == 0;
}

static void read_handshake_request(struct why_cursor *c, struct why_tsgu *p)
{
    p->major = why_cur_u8(c);
    p->minor = why_cur_u8(c);
    why_cur_skip(c, 2);
    p->extended_auth = why_cur_u16le(c);
}

static void read_handshake_response(struct why_cursor *c, struct why_tsgu *p)
{
    read_error(c, p);
    if (!is_over(c, p))
        read_handshake_request(c, p);
}

static void read_extended_auth(struct why_cursor *c, struct why_tsgu *p)
{
    read_error(c, p);
    p->secret_len = why_cur_u16le(c);
    p->secret = c->pos;
    why_cur_skip(c, p->secret_len);
}

/* A context of a logon before, and a cookie: all of it is secret. */
static void read_tunnel_create(struct why_cursor *c, struct why_tsgu *p)
{
    p->has_capabilities = true;
    p->capabilities = why_cur_u32le(c);
    p->fields_present = why_cur_u16le(c);
    why_cur_skip(c, 2);
    p->secret = c->pos;
    p->secret_len = why_cur_left(c);
    why_cur_skip(c, p->secret_len);
}

static void read_tunnel_response(struct why_cursor *c, struct why_tsgu *p)
{
    why_cur_skip(c, 2); /* serverVersion */
    read_error(c, p);
    if (is_over(c, p))
        return;
    p->fields_present = why_cur_u16le(c);
    why_cur_skip(c, 2);
    if ((p->fields_present & TUNNEL_ID) != 0)
        why_cur_skip(c, 4);
    if ((p->fields_present & TUNNEL_CAPABILITIES) != 0) {
        p->has_capabilities = true;
        p->capabilities = why_cur_u32le(c);
    }
    if ((p->fields_present & TUNNEL_SOH_REQUEST) != 0) {
        why_cur_skip(c, NONCE_LEN);
        read_string(c, p); /* its certificate, which the consent message takes the place of */
        p->text[0] = '\0';
    }
    if ((p->fields_present & TUNNEL_CONSENT) != 0)
        read_string(c, p);
}

static void read_tunnel_auth(struct why_cursor *c, struct why_tsgu *p)
{
    p->fields_present = why_cur_u16le(c);
    read_string(c, p);
    why_cur_skip(c, why_cur_left(c)); /* a statement of health */
}

static void read_auth_response(struct why_cursor *c, struct why_tsgu *p)
{
    read_error(c, p);
    if (is_over(c, p))
        return;
    p->fields_present = why_cur_u16le(c);
    why_cur_skip(c, 2);
    if ((p->fields_present & AUTH_REDIRECTION) != 0) {
        p->has_redirection = true;
        p->redirection_flags = why_cur_u32le(c);
    }
    if ((p->fields_present & AUTH_IDLE_TIMEOUT) != 0) {
        p->has_idle_timeout = true;
        p->idle_timeout = why_cur_u32le(c);
    }
    if ((p->fields_present & AUTH_SOH_RESPONSE) != 0)
        skip_blob(c);
}

static void read_channel_create(struct why_cursor *c, struct why_tsgu *p)
{
    uint8_t names = why_cur_u8(c);

    why_cur_skip(c, 1);
    p->port = why_cur_u16le(c);
    why_cur_skip(c, 2);
    if (names > 0)
        read_string(c, p);
    why_cur_skip(c, why_cur_left(c)); /* other names for it */
}

static void read_channel_response(struct why_cursor *c, struct why_tsgu *p)
{
    read_error(c, p);
    if (is_over(c, p))
        return;
    p->fields_present = why_cur_u16le(c);
    why_cur_skip(c, 2);
    if ((p->fields_present & CHANNEL_ID) != 0)
        why_cur_skip(c, 4);
    if ((p->fields_present & CHANNEL_UDP_PORT) != 0)
        why_cur_skip(c, 2);
    if ((p->fields_present & CHANNEL_AUTHN_COOKIE) != 0) {
        p->secret_len = why_cur_u16le(c);
        p->secret = c->pos;
        why_cur_skip(c, p->secret_len);
    }
}

static void read_data(struct why_cursor *c, struct why_tsgu *p)
{
    p->data_len = why_cur_u16le(c);
    p->data = c->pos;
    why_cur_skip(c, p->data_len);
}

static void read_reauth(struct why_cursor *c, struct why_tsgu *p)
{
    p->secret = c->pos;
    p->secret_len = 8;
    why_cur_skip(c, 8);
}

static void read_nothing(struct why_cursor *c, struct why_tsgu *p)
{
    (void)c;
    (void)p;
}

static const struct row {
    const char *name;
    void (*read)(struct why_cursor *c, struct why_tsgu *p);
    bool may_go_on; /* a later version may have more behind what is known */
} rows[] = {
    [WHY_TSGU_HANDSHAKE_REQUEST] = {"HANDSHAKE_REQUEST", read_handshake_request, true},
    [WHY_TSGU_HANDSHAKE_RESPONSE] = {"HANDSHAKE_RESPONSE", read_handshake_response, true},
    [WHY_TSGU_EXTENDED_AUTH] = {"EXTENDED_AUTH_MSG", read_extended_auth, true},
    [WHY_TSGU_TUNNEL_CREATE] = {"TUNNEL_CREATE", read_tunnel_create, true},
    [WHY_TSGU_TUNNEL_RESPONSE] = {"TUNNEL_RESPONSE", read_tunnel_response, true},
    [WHY_TSGU_TUNNEL_AUTH] = {"TUNNEL_AUTH", read_tunnel_auth, true},
    [WHY_TSGU_TUNNEL_AUTH_RESPONSE] = {"TUNNEL_AUTH_RESPONSE", read_auth_response, true},
    [WHY_TSGU_CHANNEL_CREATE] = {"CHANNEL_CREATE", read_channel_create, true},
    [WHY_TSGU_CHANNEL_RESPONSE] = {"CHANNEL_RESPONSE", read_channel_response, true},
    [WHY_TSGU_DATA] = {"DATA", read_data, false},
    [WHY_TSGU_SERVICE_MESSAGE] = {"SERVICE_MESSAGE", read_string, true},
    [WHY_TSGU_REAUTH_MESSAGE] = {"REAUTH_MESSAGE", read_reauth, true},
    [WHY_TSGU_KEEPALIVE] = {"KEEPALIVE", read_nothing, true},
    [WHY_TSGU_CLOSE_CHANNEL] = {"CLOSE_CHANNEL", read_error, true},
    [WHY_TSGU_CLOSE_CHANNEL_RESPONSE] = {"CLOSE_CHANNEL_RESPONSE", read_nothing, true},
};

static const struct row *row_of(unsigned type)
{
    return type < sizeof(rows) / sizeof(rows[0]) && rows[type].name != NULL ? &rows[type] : NULL;
}

const char *why_tsgu_name(enum why_tsgu_type type)
{
    const struct row *row = row_of((unsigned)type);

    return row != NULL ? row->name : NULL;
}

bool why_tsgu_refuses(const struct why_tsgu *packet)
{
    return packet->has_error && packet->error != 0 &&
           (packet->type != WHY_TSGU_TUNNEL_AUTH_RESPONSE || packet->error != WHY_TSGU_QUARANTINE);
}

void why_tsgu_read(const uint8_t *data, size_t len, struct why_tsgu *packet)
{
    struct why_cursor c = why_cur_init(data, len);
    const struct row *row;

    memset(packet, 0, sizeof(*packet));
    packet->type = (enum why_tsgu_type)why_cur_u16le(&c);
    row = row_of((unsigned)packet->type);
    why_cur_skip(&c, 2);
    if (why_cur_u32le(&c) != len || row == NULL) {
        packet->problem = "no packet of an RD Gateway";
        return;
    }
    row->read(&c, packet);
    if (c.failed) {
        packet->problem = "a packet of an RD Gateway that is shorter than what it has";
        packet->data_len = packet->secret_len = 0;
    } else if (packet->type == WHY_TSGU_DATA && packet->data_len == 0) {
        packet->problem = "a DATA packet with no data";
    } else if (!row->may_go_on && why_cur_left(&c) > 0) {
        packet->problem = "a packet of an RD Gateway that is longer than what it has";
    }
}

/* ---- what a client sends --------------------------------------------------------------------- */

struct writer {
    uint8_t *out;
    size_t len;
};

static void put_u8(struct writer *w, unsigned value)
{
    w->out[w->len++] = (uint8_t)value;
}

static void put_u16(struct writer *w, unsigned value)
{
    put_u8(w, value & 0xFF);
    put_u8(w, value >> 8 & 0xFF);
}

static void put_u32(struct writer *w, uint32_t value)
{
    put_u16(w, value & 0xFFFF);
    put_u16(w, value >> 16);
}

static struct writer begin(uint8_t *out, enum why_tsgu_type type)
{
    struct writer w = {out, 0};

    put_u16(&w, (unsigned)type);
    put_u16(&w, 0);
    put_u32(&w, 0); /* end() has it */
    return w;
}

static size_t end(const struct writer *w, size_t behind)
{
    struct writer length = {w->out + 4, 0};

    put_u32(&length, (uint32_t)(w->len + behind));
    return w->len;
}

/* UTF-8 as UTF-16LE behind its length, with its NUL; what is no UTF-8 ends it. */
static void put_string(struct writer *w, const char *text)
{
    size_t at = w->len, n;
    uint32_t c;

    put_u16(w, 0);
    for (; w->len + 6 <= WHY_TSGU_REQUEST_MAX && (n = why_utf8_decode(text, &c)) > 0; text += n) {
        if (c > 0xFFFF) {
            put_u16(w, 0xD800u | (c - 0x10000u) >> 10);
            c = 0xDC00u | (c & 0x3FFu);
        }
        put_u16(w, c);
    }
    put_u16(w, 0);
    put_u16(&(struct writer){w->out + at, 0}, (unsigned)(w->len - at - 2));
}

size_t why_tsgu_handshake_request(uint8_t out[WHY_TSGU_REQUEST_MAX])
{
    struct writer w = begin(out, WHY_TSGU_HANDSHAKE_REQUEST);

    put_u8(&w, 1); /* verMajor */
    put_u8(&w, 0);
    put_u16(&w, 0); /* clientVersion */
    put_u16(&w, WHY_TSGU_AUTH_NONE);
    return end(&w, 0);
}

size_t why_tsgu_tunnel_create(uint8_t out[WHY_TSGU_REQUEST_MAX])
{
    struct writer w = begin(out, WHY_TSGU_TUNNEL_CREATE);

    put_u32(&w, WHY_TSGU_CAP_QUARANTINE | WHY_TSGU_CAP_IDLE_TIMEOUT | WHY_TSGU_CAP_CONSENT |
                    WHY_TSGU_CAP_SERVICE);
    put_u16(&w, 0); /* fieldsPresent */
    put_u16(&w, 0);
    return end(&w, 0);
}

size_t why_tsgu_tunnel_auth(uint8_t out[WHY_TSGU_REQUEST_MAX], const char *name)
{
    struct writer w = begin(out, WHY_TSGU_TUNNEL_AUTH);

    put_u16(&w, 0); /* fieldsPresent */
    put_string(&w, name);
    return end(&w, 0);
}

size_t why_tsgu_channel_create(uint8_t out[WHY_TSGU_REQUEST_MAX], const char *host, uint16_t port)
{
    struct writer w = begin(out, WHY_TSGU_CHANNEL_CREATE);

    put_u8(&w, 1); /* numResources */
    put_u8(&w, 0);
    put_u16(&w, port);
    put_u16(&w, PROTOCOL_RDP);
    put_string(&w, host);
    return end(&w, 0);
}

size_t why_tsgu_data(uint8_t out[WHY_TSGU_DATA_HEAD], uint16_t len)
{
    struct writer w = begin(out, WHY_TSGU_DATA);

    put_u16(&w, len);
    return end(&w, len);
}

size_t why_tsgu_keepalive(uint8_t out[WHY_TSGU_REQUEST_MAX])
{
    struct writer w = begin(out, WHY_TSGU_KEEPALIVE);

    return end(&w, 0);
}

size_t why_tsgu_close_response(uint8_t out[WHY_TSGU_REQUEST_MAX])
{
    struct writer w = begin(out, WHY_TSGU_CLOSE_CHANNEL_RESPONSE);

    put_u32(&w, 0);
    return end(&w, 0);
}

size_t why_tsgu_close(uint8_t out[WHY_TSGU_REQUEST_MAX], uint32_t code)
{
    struct writer w = begin(out, WHY_TSGU_CLOSE_CHANNEL);

    put_u32(&w, code);
    return end(&w, 0);
}
