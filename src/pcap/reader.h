/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_READER_H
#define RDPWHY_PCAP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pcap.h>

#include "record/buffer.h"

struct input;

/*
 * Packets of capture files: pcap in all its byte orders and precisions, and pcapng with several
 * interfaces, each with a link type, a snap length and a resolution of its own.
 */

struct reader_interface;

struct reader {
    struct input *in;
    bool pcapng;
    bool swapped;                        /* the byte order is not this machine's */
    uint64_t packets;                    /* so far */
    struct why_keys *keys;               /* where TLS secrets go; NULL: they are skipped */
    struct why_buffer *notes;            /* where rdpwhy's own notes go; NULL: they are skipped */
    bool no_packets;                     /* they are skipped */
    size_t record_header;                /* pcap */
    bool old_lengths;                    /* pcap before 2.4: they may have changed places */
    struct reader_interface *interfaces; /* pcap: one */
    size_t interface_count, interface_capacity;
    char problem[160]; /* why the file cannot be read, or not on */
};

/* Reads the file's head. Returns WHY_OK, WHY_ERR_NOMEM, or WHY_ERR_MALFORMED with a problem. */
int why_reader_open(struct reader *r, struct input *in);
/* The next packet, valid until the next call. Returns WHY_OK, WHY_ERR_NOTFOUND at the end, or as
 * above. */
int why_reader_next(struct reader *r, struct why_pcap_packet *packet);
/* The link type of the only interface, -1 where there are others or none. */
int why_reader_link(const struct reader *r);
void why_reader_clear(struct reader *r);

#endif /* !defined(RDPWHY_PCAP_READER_H) */
