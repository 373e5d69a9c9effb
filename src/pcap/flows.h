/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_FLOWS_H
#define RDPWHY_PCAP_FLOWS_H

#include <rdpwhy/pcap.h>

#include "packet.h"

/*
 * The TCP connections of a capture, each put together in the order of its sequence numbers. What is
 * kept of one is bounded, and so is their number.
 */
struct flows;

/* |notes| are for the one connection of a capture by rdpwhy; NULL: none. */
struct flows *why_flows_new(const struct why_pcap *pcap, const struct why_trace *notes,
                            struct why_pcap_summary *summary);
/* Returns WHY_OK, WHY_ERR_NOMEM, or a callback's status. */
int why_flows_segment(struct flows *flows, const struct tcp_segment *segment);
/* A UDP datagram: those that begin RDP over UDP are told to the connection of the same hosts.
 * Returns the same. */
int why_flows_datagram(struct flows *flows, const struct udp_datagram *datagram);
/* The capture is over: hands out what is open. */
int why_flows_finish(struct flows *flows);
void why_flows_free(struct flows *flows);

#endif /* !defined(RDPWHY_PCAP_FLOWS_H) */
