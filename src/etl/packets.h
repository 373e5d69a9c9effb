/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ETL_PACKETS_H
#define RDPWHY_ETL_PACKETS_H

#include "types.h"
#include "records.h"

/* From events to the packets in them. */

/* A packet that comes in pieces (before Windows 8.1), as far as it has come. */
struct etl_piece {
    uint32_t miniport, lower;
    uint64_t direction;
    uint8_t *data; /* owned */
    size_t len, capacity;
};

/* The open pieces of one processor. */
struct etl_pieces {
    struct etl_piece *items; /* owned */
    size_t count, capacity;
    uint8_t *whole; /* the packet that was handed out last; owned */
};
void why_etl_pieces_clear(struct etl_pieces *pieces);

/*
 * The packet of |event|. Returns WHY_OK; WHY_ERR_NOTFOUND where it holds none, or one that is not
 * whole yet; WHY_ERR_MALFORMED where its layout is none of those known; or WHY_ERR_NOMEM. The data
 * of |*packet| are the event's or |pieces|'.
 */
int why_etl_packet_take(const struct etl_event *event, struct etl_pieces *pieces,
                        struct why_etl_summary *summary, struct why_etl_packet *packet);

#endif /* !defined(RDPWHY_ETL_PACKETS_H) */
