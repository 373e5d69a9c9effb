/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_BUFFER_H
#define RDPWHY_PCAP_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that wait for more of their kind. All zeros is the empty buffer. */
struct buffer {
    uint8_t *data;
    size_t len, size;
};

/* False: out of memory, or above |max| bytes. */
bool buffer_add(struct buffer *buffer, const uint8_t *data, size_t len, size_t max);
/* Takes |len| bytes off the front. */
void buffer_drop(struct buffer *buffer, size_t len);
void buffer_clear(struct buffer *buffer);

#endif /* !defined(RDPWHY_PCAP_BUFFER_H) */
