/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_BUFFER_H
#define RDPWHY_PCAP_BUFFER_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that wait for more of their kind. All zeros is the empty buffer. */
struct buffer {
    uint8_t *data;
    size_t len, size;
};

enum buffer_result {
    BUFFER_ADDED,
    BUFFER_FULL, /* it would be above |max| bytes: as it was */
    BUFFER_NOMEM /* likewise */
};

enum buffer_result buffer_add(struct buffer *buffer, const uint8_t *data, size_t len, size_t max);
/* Takes |len| bytes off the front. */
void buffer_drop(struct buffer *buffer, size_t len);
void buffer_clear(struct buffer *buffer);

#endif /* !defined(RDPWHY_PCAP_BUFFER_H) */
