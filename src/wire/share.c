/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pdu.h>

#include <string.h>

#include "wire.h"

/* Share control header, [MS-RDPBCGR] 2.2.8.1.1.1.1: pduType, its upper twelve bits are always 1 */
#define PDU_DEMAND_ACTIVE  0x1
#define PDU_CONFIRM_ACTIVE 0x3
#define PDU_DEACTIVATE_ALL 0x6
#define PDU_DATA           0x7
#define PDU_REDIRECTION    0xa
#define PDU_VERSION        0x0010

#define FLOW_MARKER 0x8000 /* in the place of totalLength: a flow PDU of T.128, 8 bytes */
#define FLOW_LENGTH 8

/* 2.2.8.1.1.1.2: pduType2 */
#define DATA_CONTROL          0x14
#define DATA_INPUT            0x1c
#define DATA_SYNCHRONIZE      0x1f
#define DATA_SHUTDOWN_REQUEST 0x24
#define DATA_SHUTDOWN_DENIED  0x25
#define DATA_SAVE_SESSION     0x26
#define DATA_FONT_LIST        0x27
#define DATA_FONT_MAP         0x28
#define DATA_PERSISTENT_KEYS  0x2b
#define DATA_SET_ERROR_INFO   0x2f
#define DATA_STATUS_INFO      0x36
#define DATA_MONITOR_LAYOUT   0x37

#define PACKET_COMPRESSED 0x20

/* 2.2.10.1.1: infoType; 2.2.10.1.1.4: fieldsPresent */
#define INFO_EXTENDED          3 /* the ones below it tell of a logon */
#define FIELD_RECONNECT_COOKIE 0x1
#define FIELD_LOGON_ERRORS     0x2

#define CAPSET_BITMAP 2 /* 2.2.7.1.2 */

bool why_wire_is_share(struct why_cursor c)
{
    size_t left = why_cur_left(&c);
    uint16_t total = why_cur_u16le(&c);
    uint16_t type = why_cur_u16le(&c);

    if (c.failed)
        return false;
    if (total == FLOW_MARKER)
        return left >= FLOW_LENGTH;
    if (total < 4 || total > left || (type & 0xfff0) != PDU_VERSION)
        return false;
    switch (type & 0xf) {
    case PDU_DEMAND_ACTIVE:
    case PDU_CONFIRM_ACTIVE:
    case PDU_DEACTIVATE_ALL:
    case PDU_DATA:
    case PDU_REDIRECTION:
        return true;
    default:
        return false;
    }
}

/* 2.2.7.1.2 */
static void bitmap_capability(struct why_wire *w, struct why_cursor c)
{
    uint16_t width, height;

    why_cur_skip(&c, 8); /* bits per pixel */
    width = why_cur_u16le(&c);
    height = why_cur_u16le(&c);
    if (c.failed) {
        why_wire_problem(w, "bitmap capability set ends too early");
        return;
    }
    w->out->u.demand_active.has_desktop = true;
    w->out->u.demand_active.desktop_width = width;
    w->out->u.demand_active.desktop_height = height;
}

static void keep_order(struct why_capability_order *order, uint16_t type)
{
    if (order->count < WHY_CAPABILITY_SETS_MAX)
        order->types[order->count++] = type;
}

/* The capability sets of |c|, at most |count|: 2.2.1.13.1.1.1 */
static void capability_sets(struct why_wire *w, struct why_cursor c, unsigned count)
{
    for (; count > 0 && why_cur_left(&c) > 0; count--) {
        uint16_t type = why_cur_u16le(&c);
        uint16_t length = why_cur_u16le(&c);
        struct why_cursor set;

        if (length < 4)
            c.failed = true;
        set = why_cur_sub(&c, length - 4u);
        if (set.failed)
            continue;
        keep_order(&w->out->u.demand_active.order, type);
        if (type == CAPSET_BITMAP)
            bitmap_capability(w, set);
    }
    if (c.failed || count > 0)
        why_wire_problem(w, "capability set with a wrong length");
}

/* 2.2.1.13.1.1 */
static void demand_active(struct why_wire *w, struct why_cursor c)
{
    uint16_t descriptor;

    w->out->type = WHY_PDU_DEMAND_ACTIVE;
    if (w->dir == WHY_DIR_RECEIVED)
        w->d->licensing_over = true;
    w->out->u.demand_active.share_id = why_cur_u32le(&c);
    descriptor = why_cur_u16le(&c);
    why_cur_skip(&c, 2); /* lengthCombinedCapabilities */
    why_cur_skip(&c, descriptor);
    w->out->u.demand_active.capability_sets = why_cur_u16le(&c);
    why_cur_skip(&c, 2);
    if (c.failed)
        why_wire_problem(w, "Demand Active ends too early");
    else
        capability_sets(w, c, w->out->u.demand_active.capability_sets);
}

/* 2.2.1.15: action */
static void control(struct why_wire *w, struct why_cursor c)
{
    static const enum why_pdu_type actions[] = {
        [1] = WHY_PDU_CONTROL_REQUEST,
        [2] = WHY_PDU_CONTROL_GRANTED,
        [3] = WHY_PDU_CONTROL_DETACH,
        [4] = WHY_PDU_CONTROL_COOPERATE,
    };
    uint16_t action = why_cur_u16le(&c);

    if (action >= 1 && action <= 4)
        w->out->type = actions[action];
    else
        why_wire_problem(w, "Control PDU with an unknown action");
}

/* 2.2.5.1.1 */
static void set_error_info(struct why_wire *w, struct why_cursor c)
{
    uint32_t code = why_cur_u32le(&c);

    if (c.failed) {
        why_wire_problem(w, "Set Error Info ends too early");
        return;
    }
    w->out->type = code == 0 ? WHY_PDU_SET_ERROR_INFO_NONE : WHY_PDU_SET_ERROR_INFO;
    w->out->u.error_info = code;
}

/* 2.2.10.1.1.4: fields behind a length each, the cookie first. What is read here is no secret, and
 * stays readable in traces; the cookie logs on without a password. */
static void extended_info(struct why_wire *w, struct why_cursor *c)
{
    uint32_t fields, length;

    why_cur_skip(c, 2); /* Length */
    fields = why_cur_u32le(c);
    w->out->u.save_session.has_cookie = (fields & FIELD_RECONNECT_COOKIE) != 0;
    if (w->out->u.save_session.has_cookie) {
        length = why_cur_u32le(c);
        why_wire_sensitive(w, c->pos, length < why_cur_left(c) ? length : why_cur_left(c));
        why_cur_skip(c, length);
    }
    if ((fields & FIELD_LOGON_ERRORS) == 0)
        return;
    why_cur_skip(c, 4); /* cbFieldData */
    w->out->u.save_session.notice_type = why_cur_u32le(c);
    w->out->u.save_session.notice_data = why_cur_u32le(c);
    w->out->u.save_session.has_error = !c->failed;
}

/* 2.2.10.1.1. What is of another kind, or cut, tells nothing. */
static void save_session_info(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor all = c;
    uint32_t type = why_cur_u32le(&c);

    memset(&w->out->u.save_session, 0, sizeof(w->out->u.save_session));
    if (!c.failed && type == INFO_EXTENDED)
        extended_info(w, &c);
    else if (!c.failed && type < INFO_EXTENDED)
        w->out->u.save_session.logged_on = true;
    why_wire_sensitive_rest(w, c.failed ? &all : &c);
}

/* 2.2.5.2 */
static void status_info(struct why_wire *w, struct why_cursor c)
{
    uint32_t code = why_cur_u32le(&c);

    if (c.failed)
        why_wire_problem(w, "Server Status Info ends too early");
    else
        w->out->u.status_info = code;
}

static void data_body(struct why_wire *w, uint8_t type, bool compressed, struct why_cursor c)
{
    static const struct {
        uint8_t data_type;
        enum why_pdu_type type;
    } plain[] = {
        {DATA_SYNCHRONIZE, WHY_PDU_SYNCHRONIZE},
        {DATA_SHUTDOWN_REQUEST, WHY_PDU_SHUTDOWN_REQUEST},
        {DATA_SHUTDOWN_DENIED, WHY_PDU_SHUTDOWN_DENIED},
        {DATA_SAVE_SESSION, WHY_PDU_SAVE_SESSION_INFO},
        {DATA_STATUS_INFO, WHY_PDU_STATUS_INFO},
        {DATA_FONT_LIST, WHY_PDU_FONT_LIST},
        {DATA_FONT_MAP, WHY_PDU_FONT_MAP},
        {DATA_PERSISTENT_KEYS, WHY_PDU_PERSISTENT_KEY_LIST},
        {DATA_MONITOR_LAYOUT, WHY_PDU_MONITOR_LAYOUT},
    };

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (plain[i].data_type == type)
            w->out->type = plain[i].type;
    }
    /* 2.2.10.1 carries the auto-reconnect cookie, which logs on without a password; input PDUs
     * carry keystrokes. */
    if (type == DATA_INPUT || (type == DATA_SAVE_SESSION && compressed))
        why_wire_sensitive_rest(w, &c);
    if (compressed)
        return;
    if (type == DATA_CONTROL)
        control(w, c);
    else if (type == DATA_SET_ERROR_INFO)
        set_error_info(w, c);
    else if (type == DATA_SAVE_SESSION)
        save_session_info(w, c);
    else if (type == DATA_STATUS_INFO)
        status_info(w, c);
}

/* 2.2.8.1.1.1.2 */
static void share_data(struct why_wire *w, struct why_cursor c)
{
    uint8_t type, compression;

    w->out->type = WHY_PDU_SHARE_DATA;
    why_cur_skip(&c, 8); /* shareId, padding, stream, uncompressedLength */
    type = why_cur_u8(&c);
    compression = why_cur_u8(&c);
    why_cur_skip(&c, 2); /* compressedLength */
    if (c.failed) {      /* it might have been an error */
        why_wire_unreadable(w, "share data header ends too early");
        return;
    }
    w->out->u.share.data_type = type;
    data_body(w, type, (compression & PACKET_COMPRESSED) != 0, c);
}

static void body(struct why_wire *w, uint16_t type, struct why_cursor c)
{
    if (why_cur_left(&c) >= 2)
        why_cur_skip(&c, 2); /* pduSource: missing in the shortest Deactivate All */
    switch (type & 0xf) {
    case PDU_DEMAND_ACTIVE:
        demand_active(w, c);
        break;
    case PDU_CONFIRM_ACTIVE:
        w->out->type = WHY_PDU_CONFIRM_ACTIVE;
        break;
    case PDU_DEACTIVATE_ALL:
        w->out->type = WHY_PDU_DEACTIVATE_ALL;
        break;
    case PDU_DATA:
        w->out->u.share.control_type = type;
        share_data(w, c);
        break;
    case PDU_REDIRECTION: /* 2.2.13.3.1: two bytes of padding first */
        why_cur_skip(&c, 2);
        why_wire_redirection(w, c);
        break;
    default:
        w->out->u.share.control_type = type;
        why_wire_problem(w, "unknown share control PDU");
    }
}

static void flow_pdu(struct why_wire *w, struct why_cursor c)
{
    why_cur_skip(&c, FLOW_LENGTH);
    w->out->u.share.control_type = FLOW_MARKER;
    w->next = why_cur_left(&c) >= 4 ? c.pos : 0;
}

void why_wire_share(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor pdu;
    uint16_t total, type;
    bool cut = false;

    if (w->chained > c.pos)
        why_cur_skip(&c, w->chained - c.pos);
    total = why_cur_peek16le(&c, 0);
    type = why_cur_peek16le(&c, 2);
    if (total == FLOW_MARKER) {
        flow_pdu(w, c);
        return;
    }
    if (why_cur_left(&c) < 4 || total < 4) {
        why_wire_unreadable(w, "share control PDU with a wrong length");
        return;
    }
    pdu = why_cur_sub_upto(&c, total, &cut);
    if (cut)
        why_wire_problem(w, "share control PDU is longer than what carries it");
    why_cur_skip(&pdu, 4);
    body(w, type, pdu);
    w->next = why_cur_left(&c) >= 4 ? c.pos : 0;
}
