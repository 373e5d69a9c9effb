/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_HELD_H
#define RDPWHY_PCAP_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pcap.h>

/*
 * The packets of a connection of which it is not known yet whether it is RDP: nobody can write them
 * out before that, nor after they have been forgotten.
 */

struct held_packet;

struct held {
    struct held_packet *first, *last; /* owned */
    size_t count, bytes;
    uint64_t skipped; /* packets that are not kept */
};

/* Keeps a copy of |packet|. Beyond a bound the packets that come later are not kept; |*total| are
 * the bytes of all connections. WHY_OK or WHY_ERR_NOMEM. */
int why_held_add(struct held *held, const struct why_pcap_packet *packet, size_t *total);
/* Appends what |from| keeps to |to|; the totals are those that each was kept with. */
void why_held_move(struct held *from, size_t *from_total, struct held *to, size_t *to_total);
/* Hands out what is kept as packets of |connection|; |is_first|: none of it has been before. WHY_OK
 * or a callback's status. */
int why_held_release(struct held *held, const struct why_pcap *pcap, uint64_t connection,
                     bool is_first, size_t *total);
void why_held_clear(struct held *held, size_t *total);

#endif /* !defined(RDPWHY_PCAP_HELD_H) */
