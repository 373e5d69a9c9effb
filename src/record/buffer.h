/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RECORD_BUFFER_H
#define RDPWHY_RECORD_BUFFER_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that wait for more of their kind. All zeros is the empty buffer. */
struct why_buffer {
    uint8_t *data;
    size_t len, size;
};

enum why_buffer_result {
    WHY_BUFFER_ADDED,
    WHY_BUFFER_FULL, /* it would be above |max| bytes: as it was */
    WHY_BUFFER_NOMEM /* likewise */
};

enum why_buffer_result why_buffer_add(struct why_buffer *buffer, const uint8_t *data, size_t len,
                                      size_t max);
/* Takes |len| bytes off the front. */
void why_buffer_drop(struct why_buffer *buffer, size_t len);
void why_buffer_clear(struct why_buffer *buffer);

#endif /* !defined(RDPWHY_RECORD_BUFFER_H) */
