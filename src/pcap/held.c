/* SPDX-License-Identifier: Apache-2.0 */
#include "held.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#define PACKETS_MAX 256u                 /* of a connection */
#define BYTES_MAX   (64u * 1024u * 1024) /* of all connections */

struct held_packet {
    struct held_packet *next;
    struct why_pcap_packet packet; /* its data are behind it */
    uint8_t data[];
};

int why_held_add(struct held *held, const struct why_pcap_packet *packet, size_t *total)
{
    struct held_packet *copy;

    if (held->count == PACKETS_MAX || packet->len > BYTES_MAX - *total) {
        held->skipped++;
        return WHY_OK;
    }
    copy = malloc(sizeof(*copy) + packet->len);
    if (copy == NULL)
        return WHY_ERR_NOMEM;
    copy->next = NULL;
    copy->packet = *packet;
    copy->packet.data = copy->data;
    memcpy(copy->data, packet->data, packet->len);
    *(held->last != NULL ? &held->last->next : &held->first) = copy;
    held->last = copy;
    held->count++;
    held->bytes += packet->len;
    *total += packet->len;
    return WHY_OK;
}

void why_held_move(struct held *from, size_t *from_total, struct held *to, size_t *to_total)
{
    if (from->first == NULL)
        return;
    *(to->last != NULL ? &to->last->next : &to->first) = from->first;
    to->last = from->last;
    to->count += from->count;
    to->bytes += from->bytes;
    *from_total -= from->bytes;
    *to_total += from->bytes;
    *from = (struct held){.skipped = from->skipped};
}

int why_held_release(struct held *held, const struct why_pcap *pcap, uint64_t connection,
                     bool is_first, size_t *total)
{
    int status = WHY_OK;

    for (struct held_packet *at = held->first; at != NULL && status == WHY_OK; at = at->next) {
        at->packet.connection = connection;
        at->packet.is_first = is_first && at == held->first;
        status = pcap->on_packet(pcap->arg, &at->packet);
    }
    why_held_clear(held, total);
    return status;
}

void why_held_clear(struct held *held, size_t *total)
{
    for (struct held_packet *at = held->first, *next; at != NULL; at = next) {
        next = at->next;
        free(at);
    }
    *total -= held->bytes;
    *held = (struct held){.first = NULL};
}
