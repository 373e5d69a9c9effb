/* SPDX-License-Identifier: Apache-2.0 */
#include "acts_private.h"

#include <string.h>

#define REDIRECT_TO      "192.0.2.10"
#define RN_USER_REQUEST  3
#define STATUS_CONNECTED 0x00000404u /* TS_STATUS_FINDING_DESTINATION, [MS-RDPBCGR] 2.2.5.2 */
#define ATTACH_CONFIRM   11u         /* T.125 DomainMCSPDU */
#define JOIN_CONFIRM     15u

static void say_error_info(struct peer_conn *conn)
{
    acts_error_info(conn, conn->fault->value);
}

static void say_ultimatum(struct peer_conn *conn)
{
    struct build b;
    build_ultimatum(&b, conn->fault->value);
    conn->send_inside(conn, b.data, b.len);
}

static void redirect_to(struct peer_conn *conn, const char *target)
{
    struct build b;
    if (conn->rdp_security) {
        build_standard_redirection(&b, target);
    } else {
        build_redirection(&b, target);
    }
    conn->send_share(conn, &b, SEC_REDIRECTION_);
}

static void say_redirect(struct peer_conn *conn)
{
    redirect_to(conn, REDIRECT_TO);
}

static void say_nothing(struct peer_conn *conn)
{
    (void)conn;
}

static enum peer_result beside(struct peer_conn *conn, struct peer_pdu *pdu,
                               void (*say)(struct peer_conn *conn))
{
    struct build update;

    switch (conn->fault->value2) {
    case BESIDE_BEFORE:
        say(conn);
        conn->send_pdu(conn, pdu);
        break;
    case BESIDE_TOGETHER:
        conn->hold(conn, true);
        conn->send_pdu(conn, pdu);
        say(conn);
        conn->hold(conn, false);
        break;
    case BESIDE_CHATTED:
        conn->send_pdu(conn, pdu);
        acts_on_channel(conn, pdu, 0);
        conn_sleep(conn, BESIDE_LATER_MS);
        say(conn);
        break;
    case BESIDE_GARBLED:
        conn->send_pdu(conn, pdu);
        build_data_pdu(&update, DATA_UPDATE, "\x01\x00\xFF\xFF\xFF\xFF", 6);
        conn->send_share(conn, &update, 0);
        conn_sleep(conn, BESIDE_LATE_MS);
        say(conn);
        break;
    default:
        conn->send_pdu(conn, pdu);
        conn_sleep(conn, BESIDE_LATER_MS);
        say(conn);
        break;
    }
    return PEER_SWALLOW;
}

enum peer_result act_error_info_beside(struct peer_conn *conn, struct peer_pdu *pdu)
{
    return beside(conn, pdu, say_error_info);
}

enum peer_result act_ultimatum_beside(struct peer_conn *conn, struct peer_pdu *pdu)
{
    return beside(conn, pdu, say_ultimatum);
}

enum peer_result act_redirect_beside(struct peer_conn *conn, struct peer_pdu *pdu)
{
    return beside(conn, pdu, say_redirect);
}

enum peer_result act_end_beside(struct peer_conn *conn, struct peer_pdu *pdu)
{
    return beside(conn, pdu, say_nothing);
}

enum peer_result act_redirect(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    say_redirect(conn);
    return PEER_SWALLOW;
}

enum peer_result act_redirect_back(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    redirect_to(conn, conn->fault->value != 0 ? "Cookie: msts=1\r\n" : "");
    return PEER_SWALLOW;
}

enum peer_result act_license_redirect(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const enum peer_result result = acts_exchange(conn);
    return result == PEER_SWALLOW ? act_redirect(conn, pdu) : result;
}

enum peer_result act_connect_result(struct peer_conn *conn, struct peer_pdu *pdu)
{
    /* ENUMERATED, the first element of the Connect Response */
    for (size_t i = 9; i + 2 < pdu->len && i < 16; i++) {
        if (memcmp(pdu->data + i, "\x0A\x01\x00", 3) == 0) {
            pdu->data[i + 2] = (uint8_t)conn->fault->value;
            conn->send_pdu(conn, pdu);
            break;
        }
    }
    return PEER_SWALLOW;
}

/* TPKT and X.224 Data around what |inner| holds. */
static enum peer_result send_mcs(struct peer_conn *conn, const struct build *inner)
{
    struct build b = {.len = 0};
    put16be(&b, 0x0300);
    put16be(&b, (uint16_t)(7 + inner->len));
    put(&b, "\x02\xF0\x80", 3);
    put(&b, inner->data, inner->len);
    conn->send_inside(conn, b.data, b.len);
    return PEER_SWALLOW;
}

enum peer_result act_connect_refused(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b = {.len = 0};
    (void)pdu;
    put(&b, "\x7F\x66\x24\x0A\x01", 5);
    put8(&b, (uint8_t)conn->fault->value);
    put(&b, "\x02\x01\x00\x30\x1A\x02\x01\x22\x02\x01\x03\x02\x01\x00\x02\x01\x01", 17);
    put(&b, "\x02\x01\x00\x02\x01\x01\x02\x03\x00\xFF\xF8\x02\x01\x02\x04\x00", 16);
    return send_mcs(conn, &b);
}

/* ALIGNED PER: six bits of choice, one for the optional number, four of result. */
static void put_result(struct build *b, unsigned choice, bool optional, unsigned result)
{
    put8(b, (uint8_t)(choice << 2 | (optional ? 2u : 0u) | result >> 3));
    put8(b, (uint8_t)(result << 5));
}

enum peer_result act_attach_result(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b = {.len = 0};
    const bool optional = conn->fault->value2 != 0;
    (void)pdu;
    put_result(&b, ATTACH_CONFIRM, optional, conn->fault->value);
    if (optional) {
        put16be(&b, (uint16_t)(conn->user_channel - 1001));
    }
    return send_mcs(conn, &b);
}

enum peer_result act_join_result(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b = {.len = 0};
    const bool optional = conn->fault->value2 != 0;
    if (pdu->len < 13) {
        return PEER_PASS;
    }
    put_result(&b, JOIN_CONFIRM, optional, conn->fault->value);
    put(&b, pdu->data + 9, 4); /* initiator, requested */
    if (optional) {
        put(&b, pdu->data + 11, 2);
    }
    return send_mcs(conn, &b);
}

enum peer_result act_x224_error(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_x224_error(&b, (uint8_t)conn->fault->value);
    return acts_either(conn, &b);
}

enum peer_result act_demand_cookie(struct peer_conn *conn, struct peer_pdu *pdu)
{
    static const char cookie[] = "Cookie: mstshash=", token[] = "Cookie: msts=";
    const size_t at = 11; /* behind TPKT and the fixed part of the Connection Request */
    const bool has =
        (pdu->len > at + sizeof(cookie) &&
         memcmp(pdu->data + at, cookie, sizeof(cookie) - 1) == 0) ||
        (pdu->len > at + sizeof(token) && memcmp(pdu->data + at, token, sizeof(token) - 1) == 0);
    if (has) {
        return PEER_PASS;
    }
    conn_end(conn, END_RST);
    return PEER_OVER;
}

enum peer_result act_withdraw_flags(struct peer_conn *conn, struct peer_pdu *pdu)
{
    if (pdu->len == 19) {
        pdu->data[12] &= (uint8_t)~conn->fault->value;
    }
    return PEER_PASS;
}

enum peer_result act_demand_tls_offer(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const size_t protocols = 4; /* the last part of RDP_NEG_REQ, which is the last of the request */
    if (pdu->len < 11 + 8 || (pdu->data[pdu->len - protocols] & 1) != 0) {
        return PEER_PASS;
    }
    if (conn->fault->value != 0) {
        return act_neg_failure(conn, pdu);
    }
    conn_end(conn, END_FIN);
    return PEER_OVER;
}

/* What peer->Close of FreeRDP 2's library sends, wherever the connection is. */
static enum peer_result say_goodbye(struct peer_conn *conn)
{
    struct build b;

    build_deactivate_all(&b);
    conn->send_share(conn, &b, 0);
    build_ultimatum(&b, RN_USER_REQUEST);
    conn->send_inside(conn, b.data, b.len);
    conn_end(conn, END_FIN);
    return PEER_OVER;
}

enum peer_result act_goodbye(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    return say_goodbye(conn);
}

/* src/grd-session-rdp.c of gnome-remote-desktop, rdp_peer_capabilities: it fails before there is a
 * Demand Active. */
enum peer_result act_demand_graphics(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    if (conn_takes(conn, SAID_GRAPHICS) && (conn->said.depths & SAID_32_BITS) != 0 &&
        said_channel(&conn->said, "drdynvc")) {
        return PEER_PASS;
    }
    return say_goodbye(conn);
}

enum peer_result act_status_info(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b, body = {.len = 0};
    (void)pdu;
    put32le(&body, STATUS_CONNECTED);
    build_data_pdu(&b, DATA_STATUS_INFO, body.data, body.len);
    if (conn_takes(conn, SAID_STATUS_INFO)) {
        conn->send_share(conn, &b, 0);
    }
    return PEER_PASS;
}

enum peer_result act_heartbeat(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    conn->send_pdu(conn, pdu);
    if (conn_takes_messages(conn, SAID_HEARTBEAT)) {
        build_heartbeat(&b, conn->gave.message_channel);
        conn->send_inside(conn, b.data, b.len);
    }
    return PEER_SWALLOW;
}
