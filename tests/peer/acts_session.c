/* SPDX-License-Identifier: Apache-2.0 */
#include "acts_private.h"

#define DATA_UPDATE   0x02
#define BITMAPS_A_PDU 50u
#define BITMAPS       100u
#define BITMAP_SIDE   1000u
/* [MS-RDPEGDI]: alternate secondary orders Create Offscreen Bitmap (2.2.2.2.1.3.2) and Switch
 * Surface (2.2.2.2.1.3.3), and the primary order OpaqueRect (2.2.2.2.1.1.2.5) with all of its
 * fields. */
#define CREATE_OFFSCREEN 0x06
#define SWITCH_SURFACE   0x02
#define OPAQUE_RECT      "\x09\x0A\x7F\x00\x00\x00\x00"
#define FLOODS           20u
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

/* Makes an offscreen bitmap, of 4 MB as it is decoded, and fills it. */
static void put_bitmap(struct build *body, unsigned id)
{
    put8(body, CREATE_OFFSCREEN);
    put16le(body, (uint16_t)id);
    put16le(body, BITMAP_SIDE);
    put16le(body, BITMAP_SIDE);
    put8(body, SWITCH_SURFACE);
    put16le(body, (uint16_t)id);
    put(body, OPAQUE_RECT, sizeof(OPAQUE_RECT) - 1);
    put16le(body, BITMAP_SIDE);
    put16le(body, BITMAP_SIDE);
    put(body, "\x12\x34\x56", 3);
}

enum peer_result act_flood(struct peer_conn *conn, struct peer_pdu *pdu)
{
    bool sent = begin(conn, pdu);
    for (unsigned i = 0; sent && i < BITMAPS * FLOODS; i += BITMAPS_A_PDU) {
        struct build b, body = {.len = 0};
        put16le(&body, 0); /* TS_UPDATE_ORDERS */
        put16le(&body, 0);
        put16le(&body, 3 * BITMAPS_A_PDU);
        put16le(&body, 0);
        for (unsigned j = 0; j < BITMAPS_A_PDU; j++) {
            put_bitmap(&body, (i + j) % BITMAPS);
        }
        build_data_pdu(&b, DATA_UPDATE, body.data, body.len);
        sent = conn->send_share(conn, &b, 0);
    }
    return PEER_SWALLOW;
}
