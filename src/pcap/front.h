/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_FRONT_H
#define RDPWHY_PCAP_FRONT_H

#include <stddef.h>
#include <stdint.h>

#include "recognize.h"

/* What may come on a connection in front of the X.224 Connection Request. Pure. */

#define FRONT_PROXY         1u /* PROXY protocol, from a load balancer */
#define FRONT_SOCKS         2u /* SOCKS 4 or 5 */
#define FRONT_CONNECT       4u /* HTTP CONNECT */
#define FRONT_PRECONNECTION 8u /* RDP_PRECONNECTION_PDU, [MS-RDPEPS] */

struct front {
    unsigned kinds;    /* FRONT_ bits: what is there */
    unsigned messages; /* of SOCKS, that want an answer each */
    size_t len;        /* of all of it */
};

/* LIKE_SO: |front| is filled, with zeros where nothing is in front; LIKE_MAYBE: too few bytes. */
enum likeness why_front_client(const uint8_t *data, size_t len, struct front *front);
/* The answers of a proxy to what |client| found. */
enum likeness why_front_server(const struct front *client, const uint8_t *data, size_t len,
                               struct front *front);

#endif /* !defined(RDPWHY_PCAP_FRONT_H) */
