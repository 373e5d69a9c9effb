/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"
#include "wire.h"

/* [MS-RDPBCGR] 2.2.1.2.1, 2.2.1.2.2: type; each, and the request, is 8 bytes long */
#define NEG_RESPONSE 2
#define NEG_FAILURE  3
#define NEG_LENGTH   8

/* [MS-RDPBCGR] 2.2.1.1: an optional cookie or routing token that ends with CR LF goes before the
 * negotiation request. */
static void routing(struct why_wire *w, struct why_cursor *c)
{
    static const char cookie[] = "Cookie: mstshash=";
    bool is_cookie = why_cur_at(c, cookie, sizeof(cookie) - 1);

    if (why_cur_peek(c, 0) == NEG_REQUEST || !why_cur_find(c, "\r\n", 2))
        return;
    why_cur_skip(c, 2);
    w->out->u.request.has_cookie = is_cookie;
    w->out->u.request.has_token = !is_cookie;
}

static void connection_request(struct why_wire *w, struct why_cursor c)
{
    w->out->type = WHY_PDU_X224_CONNECTION_REQUEST;
    if (w->dir == WHY_DIR_RECEIVED) { /* what echoes whatever comes to it is no RDP server */
        why_wire_problem(w, "an X.224 Connection Request, as the client's own");
        return;
    }
    w->d->asked = true;
    why_cur_skip(&c, 5); /* DST-REF, SRC-REF, class */
    routing(w, &c);
    if (c.failed) {
        why_wire_problem(w, "Connection Request ends too early");
        return;
    }
    if (why_cur_peek(&c, 0) != NEG_REQUEST)
        return;
    why_cur_skip(&c, 1);
    w->out->u.request.flags = why_cur_u8(&c);
    if (why_cur_u16le(&c) != NEG_LENGTH)
        why_wire_problem(w, "RDP_NEG_REQ with a wrong length");
    w->out->u.request.protocols = why_cur_u32le(&c);
    w->out->u.request.has_negotiation = !c.failed;
    if (c.failed)
        why_wire_problem(w, "RDP_NEG_REQ ends too early");
    else
        w->d->requested_protocols = w->out->u.request.protocols;
}

static void negotiation_failure(struct why_wire *w, uint32_t code)
{
    w->out->type = WHY_PDU_RDP_NEG_FAILURE;
    w->out->u.confirm.failure_code = code;
}

/* 2.2.1.2.1: one of the protocols, whose numbers are bits, and no set of them. */
static bool is_protocol(uint32_t protocol)
{
    return protocol <= WHY_PROTOCOL_HYBRID || protocol == WHY_PROTOCOL_RDSTLS ||
           protocol == WHY_PROTOCOL_HYBRID_EX || protocol == WHY_PROTOCOL_RDSAAD;
}

static void confirmed(struct why_wire *w, uint32_t protocol)
{
    w->out->type = WHY_PDU_X224_CONNECTION_CONFIRM;
    w->out->u.confirm.protocol = protocol;
    if (w->dir == WHY_DIR_RECEIVED && w->d->confirmed) {
        why_wire_problem(w, "a second Connection Confirm");
        return;
    }
    if (!is_protocol(protocol))
        why_wire_problem(w, "a selectedProtocol that is none of the protocols");
    if (w->dir == WHY_DIR_RECEIVED) {
        w->d->confirmed = true;
        if (!w->d->direct)
            w->d->selected_protocol = protocol;
    }
}

static void connection_confirm(struct why_wire *w, struct why_cursor c)
{
    uint8_t type, flags;
    uint16_t length;
    uint32_t value;

    why_cur_skip(&c, 2); /* DST-REF */
    w->out->u.confirm.source = why_cur_u16be(&c);
    why_cur_skip(&c, 1);                      /* class */
    if (!c.failed && why_cur_left(&c) == 0) { /* a server that knows no negotiation */
        confirmed(w, WHY_PROTOCOL_RDP);
        return;
    }
    type = why_cur_u8(&c);
    flags = why_cur_u8(&c);
    length = why_cur_u16le(&c);
    value = why_cur_u32le(&c);
    if (c.failed || (type != NEG_RESPONSE && type != NEG_FAILURE)) {
        why_wire_unreadable(w, "Connection Confirm without readable negotiation data");
        return;
    }
    if (type == NEG_FAILURE)
        negotiation_failure(w, value);
    else
        confirmed(w, value);
    w->out->u.confirm.has_negotiation = true;
    w->out->u.confirm.flags = flags;
    if (length != NEG_LENGTH)
        why_wire_problem(w, "negotiation data with a wrong length");
    else if (why_cur_left(&c) > 0)
        why_wire_problem(w, "Connection Confirm with extra data after its negotiation data");
}

/* The TPDU without its length indicator |li|, which does not count itself (X.224 13.2.1). */
static void tpdu(struct why_wire *w, struct why_cursor c, uint8_t li)
{
    uint8_t code = why_cur_u8(&c);
    struct why_cursor header;
    bool cut = false;

    if (code == TPDU_DATA) {
        if (li != 2)
            why_wire_problem(w, "X.224 data header with a wrong length");
        why_cur_skip(&c, 1); /* EOT */
        why_wire_mcs(w, c);
        return;
    }
    header = why_cur_sub_upto(&c, li > 0 ? li - 1u : 0u, &cut);
    if (cut || why_cur_left(&c) > 0)
        why_wire_problem(w, "X.224 length indicator does not fit the TPKT");
    if (code == TPDU_CONNECTION_REQUEST)
        connection_request(w, header);
    else if (code == TPDU_CONNECTION_CONFIRM && cut) /* it might have been a failure */
        why_wire_unreadable(w, "Connection Confirm ends too early");
    else if (code == TPDU_CONNECTION_CONFIRM)
        connection_confirm(w, header);
    else if (code == TPDU_DISCONNECT_REQUEST)
        w->out->type = WHY_PDU_X224_DISCONNECT_REQUEST;
    else if (code == TPDU_ERROR)
        w->out->type = WHY_PDU_X224_ERROR;
    else
        why_wire_unreadable(w, "unknown X.224 TPDU");
}

void why_wire_tpkt(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor body;
    uint16_t length;
    uint8_t li;
    bool cut = false;

    why_cur_skip(&c, 2); /* version and reserved byte */
    length = why_cur_u16be(&c);
    if (c.failed || length < TPKT_MIN) {
        why_wire_unreadable(w, "TPKT length below 7");
        return;
    }
    body = why_cur_sub_upto(&c, length - 4u, &cut);
    if (cut)
        why_wire_problem(w, "shorter than its TPKT length");
    else if (why_cur_left(&c) > 0)
        why_wire_problem(w, "longer than its TPKT length");
    li = why_cur_u8(&body);
    if (why_cur_left(&body) < 2)
        why_wire_unreadable(w, "X.224 header ends too early");
    else
        tpdu(w, body, li);
}
