/* SPDX-License-Identifier: Apache-2.0 */
#include "acts_private.h"

#include <string.h>

#define CREDSSP_VERSION 6
#define PAUSE_MS        20
#define AWAITED         64 /* PDUs that are read for one that is due */
#define TYPE_CONFIRM    3
#define TYPE_DATA       7
#define TYPE_FONT_LIST  0x27
#define CHANNEL_AT      10 /* of a Send Data Indication */
#define FIRST_CHANNEL   1004

enum peer_result act_echo(struct peer_conn *conn, struct peer_pdu *pdu)
{
    conn->send_inside(conn, pdu->data, pdu->len);
    return PEER_SWALLOW;
}

enum peer_result act_token(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_tsrequest(&b, CREDSSP_VERSION, conn->fault->bytes, conn->fault->bytes_len);
    conn->send_inside(conn, b.data, b.len);
    return PEER_SWALLOW;
}

static uint8_t *find_ntlm(const struct peer_pdu *pdu)
{
    for (size_t i = 0; i + 12 <= pdu->len; i++) {
        if (memcmp(pdu->data + i, "NTLMSSP", 8) == 0) {
            return pdu->data + i;
        }
    }
    return NULL;
}

enum peer_result act_ntlm(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const struct peer_fault *f = conn->fault;
    struct build b;
    uint8_t *message = find_ntlm(pdu);
    const size_t left = message != NULL ? pdu->len - (size_t)(message - pdu->data) : 0;
    if (message == NULL || left < f->value + f->bytes_len) {
        return PEER_PASS;
    }
    if (f->bytes_len > 0) {
        memcpy(message + f->value, f->bytes, f->bytes_len);
    }
    if (f->value2 != 0) {
        build_tsrequest(&b, CREDSSP_VERSION, message, f->value2 < left ? f->value2 : left);
        conn->send_inside(conn, b.data, b.len);
    } else {
        conn->send_inside(conn, pdu->data, pdu->len);
    }
    return PEER_SWALLOW;
}

void acts_on_channel(struct peer_conn *conn, struct peer_pdu *pdu, unsigned channel)
{
    if (channel == 0) {
        channel = conn->gave.channels > 0 ? conn->gave.ids[0] : FIRST_CHANNEL;
    }
    if (pdu->len > DATA_HEADER) {
        pdu->data[CHANNEL_AT] = (uint8_t)(channel >> 8);
        pdu->data[CHANNEL_AT + 1] = (uint8_t)channel;
    }
    conn->send_pdu(conn, pdu);
}

enum peer_result act_channel(struct peer_conn *conn, struct peer_pdu *pdu)
{
    acts_on_channel(conn, pdu, conn->fault->value);
    return PEER_SWALLOW;
}

enum peer_result act_data_pdu(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    build_data_pdu(&b, (uint8_t)conn->fault->value, conn->fault->bytes, conn->fault->bytes_len);
    conn->send_share(conn, &b, 0);
    conn->send_pdu(conn, pdu);
    return PEER_SWALLOW;
}

enum peer_result act_bytes_before(struct peer_conn *conn, struct peer_pdu *pdu)
{
    conn->send_inside(conn, (const uint8_t *)conn->fault->bytes, conn->fault->bytes_len);
    conn->send_pdu(conn, pdu);
    return PEER_SWALLOW;
}

static bool demand(struct peer_conn *conn)
{
    struct build b = {.len = 0};
    put(&b, conn->demand_active, conn->demand_active_len);
    conn->course.confirmed = conn->course.synchronized = conn->course.cooperated = false;
    return conn->demand_active != NULL && conn->send_share(conn, &b, 0);
}

enum peer_result act_demand_again(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const uint32_t times = conn->fault->value;
    if (conn->fault->moment == BEFORE_DEMAND_ACTIVE) {
        conn->send_pdu(conn, pdu);
    }
    for (uint32_t i = 0; (times == 0 || i < times) && demand(conn); i++) {
        if (!conn_sleep(conn, times == 0 ? PAUSE_MS : 0)) {
            break;
        }
    }
    return PEER_SWALLOW;
}

/* Reads until the client has sent the share control PDU |type|, of data PDUs the |data_type|. */
static bool await_share(struct peer_conn *conn, unsigned type, unsigned data_type)
{
    uint8_t pdu[4096];
    /* read_inside leaves the security header's flags where they were */
    const size_t at = DATA_HEADER + (conn->rdp_security ? 4u : 0u);
    for (int i = 0; i < AWAITED; i++) {
        const size_t len = conn->read_inside(conn, pdu, sizeof(pdu));
        if (len == 0) {
            return false;
        }
        if (len > at + 14 && (pdu[at + 2] & 0xFu) == type &&
            (type != TYPE_DATA || pdu[at + 14] == data_type)) {
            conn->course.confirmed |= type == TYPE_CONFIRM;
            return true;
        }
    }
    return false;
}

static bool deactivate(struct peer_conn *conn)
{
    struct build b;
    build_deactivate_all(&b);
    return conn->send_share(conn, &b, 0);
}

/* From Deactivate All to the client's Confirm Active or, |whole|, its Font List. */
static bool cycle(struct peer_conn *conn, bool whole)
{
    struct build b;
    if (!deactivate(conn) || !demand(conn) || !await_share(conn, TYPE_CONFIRM, 0)) {
        return false;
    }
    if (!whole) {
        return true;
    }
    build_synchronize(&b, conn->user_channel);
    bool sent = conn->send_share(conn, &b, 0);
    build_control(&b, CONTROL_COOPERATE, conn->user_channel);
    sent = sent && conn->send_share(conn, &b, 0);
    build_control(&b, CONTROL_GRANTED, conn->user_channel);
    return sent && conn->send_share(conn, &b, 0) && await_share(conn, TYPE_DATA, TYPE_FONT_LIST);
}

enum peer_result act_reactivate(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const struct peer_fault *f = conn->fault;
    (void)pdu;
    for (uint32_t i = 0; f->value == 0 || i < f->value; i++) {
        if (!cycle(conn, f->value2 != 0)) {
            return PEER_SWALLOW;
        }
    }
    return PEER_PASS;
}

enum peer_result act_reactivate_after(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    conn->send_pdu(conn, pdu);
    if (cycle(conn, true)) {
        build_font_map(&b);
        conn->send_share(conn, &b, 0);
    }
    return PEER_SWALLOW;
}
