/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_ONCE_H
#define RDPWHY_PCAP_ONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "packet.h"

/*
 * A packet that passes several layers of a network stack, and is captured at each of them, is one
 * packet. What it carries says so: bytes that are new to the place where they are seen, though not
 * to the connection, passed another place before. Bytes that the same place saw before were sent
 * again. So segments may be cut and put together on their way (offload), may come as late as they
 * like, and what one place did not see is taken from another.
 */
struct once;

struct why_etl_place;

/* NULL: out of memory. */
struct once *why_once_new(void);
void why_once_free(struct once *once);

/* Whether |packet|, a TCP segment or a UDP datagram seen at |place|, is the first of its kind:
 * |*first|. WHY_OK or WHY_ERR_NOMEM. */
int why_once_take(struct once *once, const struct packet *packet, const struct why_etl_place *place,
                  bool *first);
/* How many connections were let go, or had more places or gaps than are followed: of these a packet
 * may be taken for one that was sent again, or for one that was seen before. */
uint64_t why_once_given_up(const struct once *once);

#endif /* !defined(RDPWHY_PCAP_ONCE_H) */
