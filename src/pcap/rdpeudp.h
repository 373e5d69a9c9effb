/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_RDPEUDP_H
#define RDPWHY_PCAP_RDPEUDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first datagrams of RDP over UDP, [MS-RDPEUDP] 3.1.5.1. Pure. */

enum rdpeudp_kind {
    RDPEUDP_NONE, /* something else */
    RDPEUDP_SYN,
    RDPEUDP_SYN_ACK
};

struct rdpeudp {
    enum rdpeudp_kind kind;
    bool lossy;
    unsigned version; /* 1, 2, or 3: which goes on as [MS-RDPEUDP2] */
};

struct rdpeudp why_rdpeudp_read(const uint8_t *data, size_t len);

#endif /* !defined(RDPWHY_PCAP_RDPEUDP_H) */
