/* SPDX-License-Identifier: Apache-2.0 */
#include "acts_private.h"

#define DATA_UPDATE      0x02
#define ORDERS_A_PDU     100u
#define OFFSCREEN_IDS    100u
#define OFFSCREEN_SIDE   4000u
#define CREATE_OFFSCREEN 0x06 /* [MS-RDPEGDI] 2.2.2.2.1.3.2: an alternate secondary order, 1 */
#define FLOODS_MAX       4096
#define ST_TOTAL_ABORT   1 /* [MS-RDPBCGR] 2.2.1.12.1.3 */

/* The Font Map, and |value2| milliseconds. False where the client has gone by then. */
static bool begin(struct peer_conn *conn, struct peer_pdu *pdu)
{
    conn->send_pdu(conn, pdu);
    return conn_sleep(conn, (int)conn->fault->value2);
}

enum peer_result act_data_later(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    if (begin(conn, pdu)) {
        build_data_pdu(&b, (uint8_t)conn->fault->value, conn->fault->bytes, conn->fault->bytes_len);
        conn->send_share(conn, &b, 0);
    }
    return PEER_SWALLOW;
}

enum peer_result act_deactivate_later(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    if (begin(conn, pdu)) {
        build_deactivate_all(&b);
        conn->send_share(conn, &b, 0);
    }
    return PEER_SWALLOW;
}

enum peer_result act_license_later(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b;
    if (begin(conn, pdu)) {
        build_license_error(&b, conn->fault->value, ST_TOTAL_ABORT);
        conn->send_inside(conn, b.data, b.len);
    }
    return PEER_SWALLOW;
}

/* Updates of orders that each make an offscreen bitmap, of 64 MB as it is decoded. */
enum peer_result act_flood(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build b, body = {.len = 0};
    bool sent = begin(conn, pdu);
    put16le(&body, 0); /* TS_UPDATE_ORDERS */
    put16le(&body, 0);
    put16le(&body, ORDERS_A_PDU);
    put16le(&body, 0);
    for (unsigned i = 0; i < ORDERS_A_PDU; i++) {
        put8(&body, CREATE_OFFSCREEN);
        put16le(&body, i % OFFSCREEN_IDS);
        put16le(&body, OFFSCREEN_SIDE);
        put16le(&body, OFFSCREEN_SIDE);
    }
    build_data_pdu(&b, DATA_UPDATE, body.data, body.len);
    for (int i = 0; sent && i < FLOODS_MAX; i++) {
        sent = conn->send_share(conn, &b, 0);
    }
    return PEER_SWALLOW;
}
