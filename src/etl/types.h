/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ETL_TYPES_H
#define RDPWHY_ETL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/captured.h>

/* What comes of a Windows event trace. */

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
    enum why_etl_link link;
    const uint8_t *data; /* valid until the next call */
    size_t len, wire_len;
    uint32_t drop_reason, drop_location; /* of a drop: PKTMON_DROP_REASON; else 0 */
};

/* An event in which Windows says what it did; the times are as a packet's. */
struct why_etl_event {
    uint64_t t_us;
    const char *provider; /* static */
    unsigned id;
    const char *what; /* static, one line */
    enum why_sign sign;
    uint32_t process;           /* that wrote it; 0: that says nothing */
    uint32_t owner;             /* the process that the connection belongs to; 0: not told */
    char values[512];           /* "alert 40, state 1205": UTF-8 with whatever was in the strings */
    char local[80], remote[80]; /* addresses with ports; "": it names none */
};

#define WHY_ETL_PROVIDERS_MAX 16

struct why_etl_summary {
    uint32_t windows_build;
    uint64_t events, packets;
    uint64_t events_lost, buffers_lost;       /* by Windows, which could not keep up */
    uint64_t broken_buffers, unknown_layouts; /* passed over by this reader */
    uint64_t unknown_versions; /* events watched for, of a layout that is not known */
    uint64_t unordered;        /* packets whose time is before that of the one before */
    bool cut_off;              /* the last buffer is not whole */
    bool never_stopped;        /* the trace was still running */
    uint64_t headers_only;     /* pktmon: packets logged without their bytes */
    /* Which of the providers known here wrote into the trace; static. */
    const char *providers[WHY_ETL_PROVIDERS_MAX];
    size_t provider_count;
};

#endif /* !defined(RDPWHY_ETL_TYPES_H) */
