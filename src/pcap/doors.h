/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_DOORS_H
#define RDPWHY_PCAP_DOORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pcap.h>

#include "packet.h"

/* Connection requests that were refused or never answered. That they were meant for RDP only the
 * port can say: 3389, or one that the capture shows an RDP server on. */

#define RDP_PORT 3389u

struct door {
    struct endpoint client, server; /* padding is zero */
    bool v6;
    uint64_t began_us, last_us; /* the first request, and the last or its refusal */
    uint64_t number;            /* of the last of them, in its file */
    unsigned requests;
    bool refused; /* by RST; else it was not answered */
};

struct doors;

/* Whether the port is to be taken for RDP's, whatever is spoken there. */
bool why_doors_is_port(const struct why_pcap *pcap, uint16_t port);

struct doors *why_doors_new(void);
void why_doors_free(struct doors *doors);
/* False: out of memory. */
bool why_doors_add(struct doors *doors, const struct door *door);
/* RDP was spoken there. False: out of memory. */
bool why_doors_know(struct doors *doors, const struct endpoint *server, bool v6);
/* Hands a trace out for each of those that are RDP's. */
int why_doors_hand_out(struct doors *doors, const struct why_pcap *pcap,
                       struct why_pcap_summary *summary);

#endif /* !defined(RDPWHY_PCAP_DOORS_H) */
