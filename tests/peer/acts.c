/* SPDX-License-Identifier: Apache-2.0 */
#include "acts_private.h"

#include <time.h>

#include "builders.h"
#include "conn.h"
#include "license.h"

#define CREDSSP_VERSION   6
#define TRANSPORT_UDPFECR 0x01u /* TRANSPORTTYPE_UDPFECR, [MS-RDPBCGR] 2.2.1.3.8 */

enum peer_result acts_either(struct peer_conn *conn, const struct build *b)
{
    if (conn->fault->moment == AT_CLIENT_HELLO) {
        conn_send(conn, b->data, b->len);
    } else if (!b->overflow) {
        conn->send_inside(conn, b->data, b->len);
    }
    return PEER_SWALLOW;
}

static enum peer_result inside(struct peer_conn *conn, const struct build *b)
{
    if (!b->overflow) {
        conn->send_inside(conn, b->data, b->len);
    }
    return PEER_SWALLOW;
}

static enum peer_result below(struct peer_conn *conn, const struct build *b)
{
    conn_send(conn, b->data, b->len);
    return PEER_SWALLOW;
}

enum peer_result act_clear_bytes(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    conn_send(conn, conn->fault->bytes, conn->fault->bytes_len);
    return PEER_SWALLOW;
}

enum peer_result act_inside_bytes(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b = {.len = 0};
    (void)pdu;
    put(&b, conn->fault->bytes, conn->fault->bytes_len);
    return inside(conn, &b);
}

enum peer_result act_drop(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)conn;
    (void)pdu;
    return PEER_SWALLOW;
}

enum peer_result act_truncate(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const size_t want = conn->fault->value != 0 ? conn->fault->value : pdu->len / 2;
    conn->seal(conn, pdu);
    conn->send_inside(conn, pdu->data, want < pdu->len ? want : pdu->len);
    return PEER_SWALLOW;
}

enum peer_result act_flip(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const int32_t at = (int32_t)conn->fault->value;
    const size_t i = at < 0 ? pdu->len - (size_t)-at : (size_t)at;
    if (i < pdu->len) {
        pdu->data[i] ^= (uint8_t)conn->fault->value2;
    }
    if (conn->fault->end != END_NOT) {
        conn->send_pdu(conn, pdu);
    }
    return PEER_PASS;
}

enum peer_result act_drip(struct peer_conn *conn, struct peer_pdu *pdu)
{
    conn->seal(conn, pdu);
    for (size_t i = 0; i < pdu->len; i++) {
        if (!conn->send_inside(conn, pdu->data + i, 1) ||
            !conn_sleep(conn, (int)conn->fault->value)) {
            break;
        }
    }
    return PEER_SWALLOW;
}

enum peer_result act_twice(struct peer_conn *conn, struct peer_pdu *pdu)
{
    conn->send_pdu(conn, pdu);
    return PEER_PASS;
}

enum peer_result act_neg_failure(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_neg_failure(&b, conn->fault->value);
    return below(conn, &b);
}

enum peer_result act_old_confirm(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_old_confirm(&b);
    conn->extended_data = false;
    conn->selected = 0;
    return below(conn, &b);
}

enum peer_result act_select_protocol(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_confirm(&b, 0, conn->fault->value);
    return below(conn, &b);
}

enum peer_result act_disconnect_request(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_disconnect_request(&b, (uint8_t)conn->fault->value);
    return acts_either(conn, &b);
}

enum peer_result act_tls_alert(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_tls_alert(&b, conn->fault->value2 == 1 ? 1 : 2, (uint8_t)conn->fault->value);
    return below(conn, &b);
}

enum peer_result act_tls_alert_alone(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const struct timespec moment = {.tv_nsec = 50000000};
    const enum peer_result result = act_tls_alert(conn, pdu);
    (void)nanosleep(&moment, NULL);
    return result;
}

enum peer_result act_credssp_error(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_tsrequest_error(&b, CREDSSP_VERSION, conn->fault->value);
    return inside(conn, &b);
}

/* A DER length at |*at|, which moves behind it. */
static size_t der_length(const struct peer_pdu *pdu, size_t *at)
{
    size_t len = *at < pdu->len ? pdu->data[(*at)++] : 0;
    if ((len & 0x80) != 0) {
        size_t bytes = len & 0x7F;
        for (len = 0; bytes > 0 && *at < pdu->len; bytes--) {
            len = (len << 8 | pdu->data[(*at)++]) & 0xFFFFFF;
        }
    }
    return len;
}

/* Whether a TSRequest ([MS-CSSP] 2.2.1) has the field |tag|. */
static bool has_field(const struct peer_pdu *pdu, uint8_t tag)
{
    size_t at = 1;
    der_length(pdu, &at);
    while (at < pdu->len && pdu->data[at] != tag) {
        at++;
        const size_t len = der_length(pdu, &at);
        at += len;
    }
    return at < pdu->len;
}

enum peer_result act_credssp_reject(struct peer_conn *conn, struct peer_pdu *pdu)
{
    /* Without an errorCode the password was right, and the handshake goes on. */
    if (!has_field(pdu, 0xA4)) {
        return PEER_PASS;
    }
    act_credssp_error(conn, pdu);
    conn_end(conn, END_FIN);
    return PEER_OVER;
}

enum peer_result act_early_user_auth(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b = {.len = 0};
    (void)pdu;
    put32le(&b, conn->fault->value);
    return inside(conn, &b);
}

/* The client's answer; what it says does not matter. */
static bool await(struct peer_conn *conn)
{
    uint8_t answer[2048];
    return conn->read_inside(conn, answer, sizeof(answer)) > 0;
}

static bool round_trip(struct peer_conn *conn, uint16_t sequence)
{
    struct build b;
    build_rtt_request(&b, conn->gave.message_channel, sequence);
    inside(conn, &b);
    return await(conn);
}

static bool between(struct peer_conn *conn, unsigned step)
{
    return !conn_takes_messages(conn, SAID_AUTO_DETECT) || round_trip(conn, (uint16_t)step);
}

static void license_error(struct peer_conn *conn)
{
    struct build b;
    build_license_error(&b, conn->fault->value, conn->fault->value2);
    inside(conn, &b);
}

enum peer_result act_license_error(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    license_error(conn);
    return PEER_SWALLOW;
}

enum peer_result acts_exchange(struct peer_conn *conn)
{
    const struct peer_licensing *how = &conn->fault->licensing;
    switch (license_exchange(conn, how->auto_detect ? between : NULL)) {
    case LICENSE_GRANTED:
        return how->stop != LICENSE_NO_STOP ? PEER_SPARE : PEER_SWALLOW;
    case LICENSE_STOPPED:
        return PEER_SWALLOW;
    default:
        conn_end(conn, END_FIN);
        return PEER_OVER;
    }
}

enum peer_result act_license_exchange(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    return acts_exchange(conn);
}

enum peer_result act_license_exchange_error(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    const enum peer_result result = acts_exchange(conn);
    if (result == PEER_SWALLOW) {
        license_error(conn);
    }
    return result;
}

void acts_error_info(struct peer_conn *conn, uint32_t code)
{
    struct build b;
    build_error_info(&b, code);
    if (conn_takes(conn, SAID_ERROR_INFO)) {
        conn->send_share(conn, &b, 0);
    }
}

enum peer_result act_error_info(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    acts_error_info(conn, conn->fault->value);
    return PEER_SWALLOW;
}

enum peer_result act_license_error_info(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const enum peer_result result = acts_exchange(conn);
    return result == PEER_SWALLOW ? act_error_info(conn, pdu) : result;
}

enum peer_result act_error_info_after(struct peer_conn *conn, struct peer_pdu *pdu)
{
    conn->send_pdu(conn, pdu);
    acts_error_info(conn, conn->fault->value);
    return PEER_SWALLOW;
}

enum peer_result act_error_info_none(struct peer_conn *conn, struct peer_pdu *pdu)
{
    (void)pdu;
    acts_error_info(conn, 0);
    return PEER_PASS;
}

enum peer_result act_deactivate(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_deactivate_all(&b);
    conn->send_share(conn, &b, 0);
    return PEER_SWALLOW;
}

enum peer_result act_ultimatum(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    build_ultimatum(&b, conn->fault->value);
    return acts_either(conn, &b);
}

enum peer_result act_license_ultimatum(struct peer_conn *conn, struct peer_pdu *pdu)
{
    const enum peer_result result = acts_exchange(conn);
    return result == PEER_SWALLOW ? act_ultimatum(conn, pdu) : result;
}

enum peer_result act_auto_detect(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    uint16_t sequence = 0;
    (void)pdu;
    if (!conn_takes_messages(conn, SAID_AUTO_DETECT)) {
        return PEER_PASS;
    }
    for (uint32_t i = 0; i < conn->fault->value; i++) {
        if (!round_trip(conn, sequence++)) {
            return PEER_PASS;
        }
    }
    if (conn->fault->value2 != 0) {
        build_bandwidth_start(&b, conn->gave.message_channel, sequence++);
        inside(conn, &b);
        build_bandwidth_stop(&b, conn->gave.message_channel, sequence++);
        inside(conn, &b);
        if (!await(conn)) {
            return PEER_PASS;
        }
        build_network_result(&b, conn->gave.message_channel, sequence++);
        inside(conn, &b);
    }
    return PEER_PASS;
}

enum peer_result act_multitransport(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    (void)pdu;
    if (!conn_takes_messages(conn, 0) || (conn->said.multitransport & TRANSPORT_UDPFECR) == 0) {
        return PEER_PASS;
    }
    build_multitransport(&b, conn->gave.message_channel, 1);
    inside(conn, &b);
    /* The library, which made no request, would stumble over the client's response. */
    if (conn->fault->value != 0) {
        await(conn);
    }
    return PEER_PASS;
}
