/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_UDP_H
#define RDPWHY_PCAP_UDP_H

#include <stdbool.h>

#include <rdpwhy/pcap.h>

#include "packet.h"

/* RDP over UDP: its connections are told to the TCP session of the same hosts. */

struct session;
struct udp;

/* NULL: out of memory. */
struct udp *why_udp_new(void);
void why_udp_free(struct udp *udp);
/* Of these hosts |session| is the last that began; WHY_OK or WHY_ERR_NOMEM. */
int why_udp_know(struct udp *udp, const struct endpoint *client, const struct endpoint *server,
                 bool v6, struct session *session);
/* It is over. */
void why_udp_forget(struct udp *udp, const struct endpoint *client, const struct endpoint *server,
                    bool v6, const struct session *session);
/* WHY_OK or WHY_ERR_NOMEM. */
int why_udp_datagram(struct udp *udp, const struct udp_datagram *datagram,
                     struct why_pcap_summary *summary);

#endif /* !defined(RDPWHY_PCAP_UDP_H) */
