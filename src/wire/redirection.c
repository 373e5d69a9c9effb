/* SPDX-License-Identifier: Apache-2.0 */
#include "redirection.h"

#include <string.h>

#include "numbers.h"
#include "text.h"
#include "wire.h"

/* RDP_SERVER_REDIRECTION_PACKET, [MS-RDPBCGR] 2.2.13.1: RedirFlags in the order of the fields */
static const struct {
    enum why_redirection_field field;
    uint32_t flag;
    bool sensitive; /* names a user, or lets somebody log on or be routed in their place */
} fields[] = {
    {WHY_REDIRECTION_NET_ADDRESS, 0x00000001, false},
    {WHY_REDIRECTION_LOAD_BALANCE_INFO, 0x00000002, true},
    {WHY_REDIRECTION_USERNAME, 0x00000004, true},
    {WHY_REDIRECTION_DOMAIN, 0x00000008, true},
    {WHY_REDIRECTION_PASSWORD, 0x00000010, true},
    {WHY_REDIRECTION_FQDN, 0x00000100, false},
    {WHY_REDIRECTION_NETBIOS_NAME, 0x00000200, false},
    {WHY_REDIRECTION_TSV_URL, 0x00001000, true},
    {WHY_REDIRECTION_GUID, 0x00008000, true},
    {WHY_REDIRECTION_CERTIFICATE, 0x00010000, false},
    {WHY_REDIRECTION_NET_ADDRESSES, 0x00000800, false},
};

static void keep(struct why_pdu *out, enum why_redirection_field field, struct why_cursor c)
{
    if (field == WHY_REDIRECTION_NET_ADDRESS)
        why_text_utf16le(c, out->u.redirection.target_address, WHY_TEXT_MAX);
    else if (field == WHY_REDIRECTION_FQDN)
        why_text_utf16le(c, out->u.redirection.target_fqdn, WHY_TEXT_MAX);
    else if (field == WHY_REDIRECTION_NETBIOS_NAME)
        why_text_utf16le(c, out->u.redirection.target_netbios, WHY_TEXT_MAX);
}

void why_wire_redirection(struct why_wire *w, struct why_cursor c)
{
    const size_t start = c.pos;
    uint16_t flags = why_cur_u16le(&c);
    uint16_t length = why_cur_u16le(&c);

    w->out->type = WHY_PDU_SERVER_REDIRECTION;
    w->out->u.redirection.session_id = why_cur_u32le(&c);
    w->out->u.redirection.flags = why_cur_u32le(&c);
    if (c.failed || flags != SEC_REDIRECTION_PKT) {
        w->out->u.redirection.session_id = 0;
        w->out->u.redirection.flags = 0;
        why_wire_problem(w, "redirection packet with a wrong or short header");
        why_wire_sensitive_rest(w, &c);
        return;
    }
    if (length > 12 + why_cur_left(&c))
        why_wire_problem(w, "redirection packet is longer than its PDU");
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct why_cursor rest = c, value;

        if ((w->out->u.redirection.flags & fields[i].flag) == 0)
            continue;
        value = why_cur_sub(&c, why_cur_u32le(&c));
        if (c.failed) {
            why_wire_problem(w, "redirection packet ends too early");
            why_wire_sensitive_rest(w, &rest);
            return;
        }
        if (fields[i].sensitive)
            why_wire_sensitive_rest(w, &value);
        else
            keep(w->out, fields[i].field, value);
    }
    w->out->u.redirection.offset = start;
    w->out->u.redirection.length = c.pos - start;
}

bool why_redirection_read(const uint8_t *data, size_t len, struct why_redirection *redirection)
{
    struct why_cursor c = why_cur_init(data, len);

    memset(redirection, 0, sizeof(*redirection));
    why_cur_skip(&c, 4); /* Flags, Length */
    redirection->session_id = why_cur_u32le(&c);
    redirection->flags = why_cur_u32le(&c);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct why_cursor value;

        if ((redirection->flags & fields[i].flag) == 0)
            continue;
        value = why_cur_sub(&c, why_cur_u32le(&c));
        redirection->fields[fields[i].field].data = value.base + value.pos;
        redirection->fields[fields[i].field].len = why_cur_left(&value);
    }
    return !c.failed;
}

void why_redirection_text(const struct why_redirection *redirection,
                          enum why_redirection_field field, char *text, size_t size)
{
    text[0] = '\0';
    if (redirection->fields[field].data != NULL)
        why_text_utf16le(
            why_cur_init(redirection->fields[field].data, redirection->fields[field].len), text,
            size);
}

/* TARGET_NET_ADDRESSES, 2.2.13.1.1: how many, then each with its length */
static void first_address(const struct why_redirection *redirection, char *target, size_t size)
{
    struct why_cursor c = why_cur_init(redirection->fields[WHY_REDIRECTION_NET_ADDRESSES].data,
                                       redirection->fields[WHY_REDIRECTION_NET_ADDRESSES].len);
    uint32_t count = why_cur_u32le(&c);
    struct why_cursor address = why_cur_sub(&c, why_cur_u32le(&c));

    if (!c.failed && count > 0)
        why_text_utf16le(address, target, size);
}

void why_redirection_target(const struct why_redirection *redirection, char *target, size_t size)
{
    static const enum why_redirection_field names[] = {
        WHY_REDIRECTION_NET_ADDRESS, WHY_REDIRECTION_FQDN, WHY_REDIRECTION_NETBIOS_NAME};

    target[0] = '\0';
    if (redirection->fields[WHY_REDIRECTION_LOAD_BALANCE_INFO].len > 0)
        return;
    for (size_t i = 0; target[0] == '\0' && i < sizeof(names) / sizeof(names[0]); i++)
        why_redirection_text(redirection, names[i], target, size);
    if (target[0] == '\0' && redirection->fields[WHY_REDIRECTION_NET_ADDRESSES].data != NULL)
        first_address(redirection, target, size);
}

static int base64_value(uint16_t unit)
{
    if (unit >= 'A' && unit <= 'Z')
        return unit - 'A';
    if (unit >= 'a' && unit <= 'z')
        return unit - 'a' + 26;
    if (unit >= '0' && unit <= '9')
        return unit - '0' + 52;
    return unit == '+' ? 62 : unit == '/' ? 63 : -1;
}

/* UTF-16 up to its zero or the padding; lines may end within it. 0: it is no Base64, or too long.
 */
static size_t from_base64(struct why_cursor c, uint8_t *buf, size_t size)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t len = 0;

    while (why_cur_left(&c) >= 2) {
        uint16_t unit = why_cur_u16le(&c);
        int value = base64_value(unit);

        if (unit == '\0' || unit == '=')
            break;
        if (unit == '\r' || unit == '\n')
            continue;
        if (value < 0)
            return 0;
        bits = (bits << 6 | (uint32_t)value) & 0xFFFFFFu;
        count++;
        if (count % 4 == 1)
            continue;
        if (len == size)
            return 0;
        buf[len++] = (uint8_t)(bits >> (2 * ((4 - count % 4) % 4)));
    }
    return len;
}

/* TARGET_CERTIFICATE_CONTAINER's elements, each with its type, encoding and size. */
#define ELEMENT_TYPE_CERTIFICATE 32u
#define ENCODING_TYPE_ASN1_DER   1u

size_t why_redirection_certificate(const struct why_redirection *redirection, uint8_t *buf,
                                   size_t size, const uint8_t **der)
{
    struct why_cursor c;
    size_t len;

    if (redirection->fields[WHY_REDIRECTION_CERTIFICATE].data == NULL)
        return 0;
    len = from_base64(why_cur_init(redirection->fields[WHY_REDIRECTION_CERTIFICATE].data,
                                   redirection->fields[WHY_REDIRECTION_CERTIFICATE].len),
                      buf, size);
    c = why_cur_init(buf, len);
    while (why_cur_left(&c) > 0) {
        uint32_t type = why_cur_u32le(&c), encoding = why_cur_u32le(&c);
        struct why_cursor value = why_cur_sub(&c, why_cur_u32le(&c));

        if (c.failed)
            return 0;
        if (type != ELEMENT_TYPE_CERTIFICATE || encoding != ENCODING_TYPE_ASN1_DER)
            continue;
        *der = value.base + value.pos;
        return why_cur_left(&value);
    }
    return 0;
}
