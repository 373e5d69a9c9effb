/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_LAYERS_H
#define RDPWHY_PCAP_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cursor.h"

struct packet;
struct walk;

/* The way through a packet, header after header. */

/* Whose numbers say what comes next. */
enum space {
    SPACE_LINK,     /* LINKTYPE_ */
    SPACE_ETHER,    /* EtherType */
    SPACE_PPP,      /* RFC 1661 */
    SPACE_IP,       /* protocol numbers of IP */
    SPACE_TUNNEL,   /* UDP ports of tunnels */
    SPACE_AGGREGATE /* frames within a frame of 802.11 */
};

/*
 * Reads one header and says in |space| and |type| what follows. False: that was the end, in
 * |out->kind| or because it cannot be read on.
 */
typedef bool (*layer)(struct walk *w);

struct walk {
    enum space space;
    unsigned type;
    struct why_cursor c; /* at the next header; its end is what was captured */
    size_t wire_end;     /* where the layer ends that is being read, captured or not */
    bool mirrored;       /* by a switch, which may have cut the packet */
    bool v6;             /* the last IP header's */
    uint8_t from[16], to[16];
    struct packet *out;
    /* The header that |space| and |type| name; NULL: not known. */
    layer (*find)(enum space space, unsigned type);
};

/* The headers that a file knows. */
struct layer_row {
    enum space space;
    unsigned type;
    layer read;
};
struct layer_table {
    const struct layer_row *rows;
    size_t count;
};
extern const struct layer_table why_layers_ip;     /* ip.c: IP and what it carries */
extern const struct layer_table why_layers_around; /* layers.c: links, labels and tunnels */
extern const struct layer_table why_layers_wlan;   /* wlan.c: IEEE 802.11 */

/* What follows. Returns whether the cursor is still within the packet. */
bool why_layer_go(struct walk *w, enum space space, unsigned type);
/* The same, where an IP header says its version itself. */
bool why_layer_go_ip(struct walk *w);
/* The same, at an LLC header, IEEE 802.2. */
bool why_layer_go_llc(struct walk *w);

#endif /* !defined(RDPWHY_PCAP_LAYERS_H) */
