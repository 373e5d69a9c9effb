/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_RDPEUDP_H
#define RDPWHY_WIRE_RDPEUDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first datagrams of RDP over UDP, [MS-RDPEUDP] 3.1.5.1. Pure. */

enum why_rdpeudp_kind {
    WHY_RDPEUDP_NONE, /* something else */
    WHY_RDPEUDP_SYN,
    WHY_RDPEUDP_SYN_ACK
};

struct why_rdpeudp {
    enum why_rdpeudp_kind kind;
    bool lossy;
    unsigned version;      /* 1, 2, or 3: which goes on as [MS-RDPEUDP2] */
    uint32_t sequence;     /* snInitialSequenceNumber */
    uint32_t acknowledged; /* snSourceAck: the client's |sequence|, in a SYN+ACK */
};

struct why_rdpeudp why_rdpeudp_read(const uint8_t *data, size_t len);

#define WHY_RDPEUDP_SYN_LEN 1232u /* a SYN and a SYN+ACK are padded to the MTU that they offer */

/*
 * Writes a client's SYN for a reliable connection, [MS-RDPEUDP] 3.1.5.1.1, with |sequence| at
 * random. |version| is 1 or 2: the SYN of version 3 holds the hash of a cookie that the server has
 * given in the TCP connection. Without a correlation ID, which is that of the Connection Request,
 * and ours has none.
 */
void why_rdpeudp_write_syn(unsigned version, uint32_t sequence, uint8_t out[WHY_RDPEUDP_SYN_LEN]);

#endif /* !defined(RDPWHY_WIRE_RDPEUDP_H) */
