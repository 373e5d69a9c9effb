/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

#include <string.h>

#include <rdpwhy/pcap.h>

#include "layers.h"

#define LAYERS_MAX 32 /* one in the other: labels, tags and tunnels */

/* What most packets have comes first. */
static layer find(enum space space, unsigned type)
{
    static const struct layer_table *const tables[] = {&why_layers_ip, &why_layers_around,
                                                       &why_layers_wlan};

    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct layer_row *row = &tables[t]->rows[i];

            if (row->space == space && row->type == type)
                return row->read;
        }
    }
    return NULL;
}

static void read_on(struct walk *w)
{
    w->out->kind = PACKET_OTHER;
    w->out->next = 0;
    w->find = find;
    for (int i = 0; i < LAYERS_MAX; i++) {
        layer read = find(w->space, w->type);

        if (read == NULL || !read(w))
            return;
    }
}

void why_packet_saw(struct why_pcap_summary *summary, uint64_t t_us)
{
    if (summary->first_us == 0)
        summary->first_us = t_us;
    if (t_us > summary->last_us)
        summary->last_us = t_us;
}

bool why_packet_link_known(int link)
{
    return link >= 0 && find(SPACE_LINK, (unsigned)link) != NULL;
}

void why_packet_read(int link, const uint8_t *data, size_t len, size_t wire_len, struct packet *out)
{
    struct walk w = {.space = SPACE_LINK,
                     .type = (unsigned)link,
                     .c = why_cur_init(data, len),
                     .wire_end = wire_len > len ? wire_len : len,
                     .out = out};

    read_on(&w);
}

bool why_packet_read_next(const uint8_t *data, size_t len, size_t wire_len, struct packet *out)
{
    struct walk w = {.space = SPACE_AGGREGATE,
                     .c = why_cur_init(data, len),
                     .wire_end = wire_len > len ? wire_len : len,
                     .out = out};

    if (out->next == 0)
        return false;
    why_cur_skip(&w.c, out->next);
    read_on(&w);
    return true;
}

void why_packet_read_whole(const struct ip_fragment *first, const uint8_t *data, size_t len,
                           size_t wire_len, struct packet *out)
{
    struct walk w = {.space = SPACE_IP,
                     .type = first->protocol,
                     .c = why_cur_init(data, len),
                     .wire_end = wire_len > len ? wire_len : len,
                     .v6 = first->v6,
                     .out = out};

    memcpy(w.from, first->from, sizeof(w.from));
    memcpy(w.to, first->to, sizeof(w.to));
    read_on(&w);
}

enum packet_kind why_packet_parse(int link, const uint8_t *data, size_t len, size_t wire_len,
                                  struct tcp_segment *out)
{
    struct packet packet;

    why_packet_read(link, data, len, wire_len, &packet);
    if (packet.kind == PACKET_UDP)
        return PACKET_OTHER;
    if (packet.kind == PACKET_TCP)
        *out = packet.tcp;
    return packet.kind;
}
