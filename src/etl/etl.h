/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ETL_ETL_H
#define RDPWHY_ETL_ETL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "etl/types.h"

/*
 * Event trace logs of Windows with captured packets: `netsh trace start capture=yes`
 * (Microsoft-Windows-NDIS-PacketCapture) and `pktmon start -c` (Microsoft-Windows-PktMon). The
 * buffers of all processors are merged by time, each is read once. In memory are one buffer of each
 * processor, where each buffer is in the file, and the pieces of packets that are not whole yet.
 */
struct why_etl;

/* How many of its first bytes are needed to tell an .etl, which has no magic number. */
#define WHY_ETL_HEAD 0x50

/* Whether a file that begins like this is an .etl. */
bool why_etl_recognize(const uint8_t *head, size_t len);

/*
 * Reads what the file says of itself and where its buffers are. |in| must be seekable and stays the
 * caller's. Returns WHY_OK, WHY_ERR_MALFORMED with a message in |err|, or WHY_ERR_NOMEM.
 */
int why_etl_open(struct why_etl **out, FILE *in, const char *name, char *err, size_t errlen);
/* Takes NULL. */
void why_etl_close(struct why_etl *etl);

/* Who is told of events that are no packets, as they are passed by. Another status than WHY_OK ends
 * the reading. */
struct why_etl_watch {
    int (*on_event)(void *arg, const struct why_etl_event *event);
    void *arg;
};
void why_etl_watch(struct why_etl *etl, const struct why_etl_watch *watch);

/* The next packet in the order of time. Returns WHY_OK, WHY_ERR_NOTFOUND at the end,
 * WHY_ERR_NOMEM, or what the watch returned. */
int why_etl_next(struct why_etl *etl, struct why_etl_packet *packet);

/* What was met so far. */
const struct why_etl_summary *why_etl_summary(const struct why_etl *etl);

#endif /* !defined(RDPWHY_ETL_ETL_H) */
