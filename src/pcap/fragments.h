/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_FRAGMENTS_H
#define RDPWHY_PCAP_FRAGMENTS_H

#include <stdint.h>

#include "packet.h"

/* IP packets that came in fragments, put together. Their number, what is kept of each and for how
 * long is bounded. */
struct fragments;

/* NULL: out of memory. */
struct fragments *why_fragments_new(void);
void why_fragments_free(struct fragments *f);

/* A packet that is whole; valid until the next call. */
struct whole_packet {
    struct held *before; /* the packets that its fragments came in, but for the last */
    size_t *before_total;
    const uint8_t *data;
    size_t len, wire_len; /* what was captured of it up to the first gap; what passed */
};

/* Takes |fragment| in, which came in |packet|; NULL: packets are not wanted. WHY_OK: with it a
 * packet is whole; WHY_ERR_NOTFOUND: not yet; WHY_ERR_NOMEM. */
int why_fragments_add(struct fragments *f, const struct ip_fragment *fragment, uint64_t t_us,
                      const struct why_pcap_packet *packet, struct whole_packet *whole);
/* How many of those that were taken in have not become part of a whole packet. */
uint64_t why_fragments_left(const struct fragments *f);

#endif /* !defined(RDPWHY_PCAP_FRAGMENTS_H) */
