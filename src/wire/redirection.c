/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"
#include "text.h"
#include "wire.h"

/* RDP_SERVER_REDIRECTION_PACKET, [MS-RDPBCGR] 2.2.13.1: RedirFlags in the order of the fields */
enum field {
    NET_ADDRESS,
    LOAD_BALANCE_INFO,
    USERNAME,
    DOMAIN,
    PASSWORD,
    FQDN,
    NETBIOS_NAME,
    TSV_URL,
    REDIRECTION_GUID,
    CERTIFICATE,
    NET_ADDRESSES
};

static const struct {
    enum field field;
    uint32_t flag;
    bool sensitive; /* names a user, or lets somebody log on or be routed in their place */
} fields[] = {
    {NET_ADDRESS, 0x00000001, false},     {LOAD_BALANCE_INFO, 0x00000002, true},
    {USERNAME, 0x00000004, true},         {DOMAIN, 0x00000008, false},
    {PASSWORD, 0x00000010, true},         {FQDN, 0x00000100, false},
    {NETBIOS_NAME, 0x00000200, false},    {TSV_URL, 0x00001000, true},
    {REDIRECTION_GUID, 0x00008000, true}, {CERTIFICATE, 0x00010000, true},
    {NET_ADDRESSES, 0x00000800, false},
};

static void keep(struct why_pdu *out, enum field field, struct why_cursor c)
{
    if (field == NET_ADDRESS)
        why_text_utf16le(c, out->u.redirection.target_address, WHY_TEXT_MAX);
    else if (field == FQDN)
        why_text_utf16le(c, out->u.redirection.target_fqdn, WHY_TEXT_MAX);
    else if (field == NETBIOS_NAME)
        why_text_utf16le(c, out->u.redirection.target_netbios, WHY_TEXT_MAX);
}

void why_wire_redirection(struct why_wire *w, struct why_cursor c)
{
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
}
