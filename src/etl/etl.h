/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ETL_ETL_H
#define RDPWHY_ETL_ETL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Event trace logs of Windows with captured packets: `netsh trace start capture=yes`
 * (Microsoft-Windows-NDIS-PacketCapture) and `pktmon start -c` (Microsoft-Windows-PktMon). The
 * buffers of all processors are merged by time. In memory are one buffer of each processor and the
 * pieces of packets that are not whole yet.
 */
struct why_etl;

/* How many of its first bytes are needed to tell an .etl, which has no magic number. */
#define WHY_ETL_HEAD 0x50

/* Link types as libpcap numbers them. */
enum why_etl_link { WHY_ETL_ETHERNET = 1, WHY_ETL_RAW_IP = 101 };

/* Where in the network stack a packet was seen. The same packet is seen at several of these. */
struct why_etl_place {
    uint32_t kind;    /* the provider: 0 NDIS capture, 1 pktmon, 2 a drop of pktmon's */
    uint32_t adapter; /* NDIS capture: the miniport; pktmon: the component */
    uint32_t layer;   /* NDIS capture: the lower interface; pktmon: the edge */
    uint32_t port;    /* of a virtual switch; else 0 */
};
#define WHY_ETL_DROPS 2u

struct why_etl_packet {
    uint64_t t_us; /* since 1970-01-01 UTC; 0: no time that can be */
    struct why_etl_place place;
    bool is_miniport; /* the place is the lowest one, the network adapter's own */
    bool was_wireless;
    enum why_etl_link link;
    const uint8_t *data; /* valid until the next call */
    size_t len, wire_len;
    uint32_t drop_reason, drop_location; /* of a drop: PKTMON_DROP_REASON; else 0 */
};

#define WHY_ETL_PROVIDERS_MAX 16

struct why_etl_summary {
    uint32_t windows_build;
    uint64_t events, packets;
    uint64_t events_lost, buffers_lost;       /* by Windows, which could not keep up */
    uint64_t broken_buffers, unknown_layouts; /* passed over by this reader */
    bool cut_off;                             /* the last buffer is not whole */
    bool never_stopped;                       /* the trace was still running */
    uint64_t headers_only;                    /* pktmon: packets logged without their bytes */
    /* Which of the providers known here wrote into the trace; static. */
    const char *providers[WHY_ETL_PROVIDERS_MAX];
    size_t provider_count;
};

/* Whether a file that begins like this is an .etl. */
bool why_etl_recognize(const uint8_t *head, size_t len);

/*
 * Reads what the file says of itself and where its buffers are. |in| must be seekable and stays the
 * caller's. Returns WHY_OK, WHY_ERR_MALFORMED with a message in |err|, or WHY_ERR_NOMEM.
 */
int why_etl_open(struct why_etl **out, FILE *in, const char *name, char *err, size_t errlen);
/* Takes NULL. */
void why_etl_close(struct why_etl *etl);

/* The next packet in the order of time. Returns WHY_OK, WHY_ERR_NOTFOUND at the end, or
 * WHY_ERR_NOMEM. */
int why_etl_next(struct why_etl *etl, struct why_etl_packet *packet);

/* Back to the first packet, with an empty summary. WHY_OK or WHY_ERR_NOMEM. */
int why_etl_rewind(struct why_etl *etl);

/* What was met so far. */
const struct why_etl_summary *why_etl_summary(const struct why_etl *etl);

/* "INET endpoint not found", or NULL. What ends a segment that has been dealt with has none. */
const char *why_etl_drop_name(uint32_t reason);

#endif /* !defined(RDPWHY_ETL_ETL_H) */
