/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ETL_BUFFERS_H
#define RDPWHY_ETL_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The container: buffers one after the other, each of one processor, in no order. */

#define BUFFER_HEADER 0x48u
/* On disk, and unpacked. Windows' own limit is 16 MiB. */
#define BUFFER_MAX (64u * 1024u * 1024u)

struct etl_buffer {
    uint64_t offset; /* in the file */
    uint64_t sequence;
    uint32_t size; /* on disk, with its header */
    uint32_t end;  /* of its records, unpacked, with the header */
    uint16_t processor;
    bool packed;
};

struct etl_buffers {
    struct etl_buffer *items; /* by processor, then in the order they were filled; owned */
    size_t count, capacity;
    uint64_t lost; /* buffers whose flags say that events or buffers before were lost */
    bool cut_off;  /* the last one is not whole, or what follows is no buffer */
};

/* Finds all buffers. WHY_OK or WHY_ERR_NOMEM. */
int why_etl_buffers_find(struct etl_buffers *buffers, FILE *in);
void why_etl_buffers_clear(struct etl_buffers *buffers);

/*
 * Reads one, and unpacks it: |*data| (owned by the caller, |*len| bytes) begins with the header.
 * Returns WHY_OK, WHY_ERR_MALFORMED or WHY_ERR_NOMEM.
 */
int why_etl_buffer_read(const struct etl_buffer *buffer, FILE *in, uint8_t **data, size_t *len);

#endif /* !defined(RDPWHY_ETL_BUFFERS_H) */
