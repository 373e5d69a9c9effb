/* SPDX-License-Identifier: Apache-2.0 */
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

enum why_buffer_result why_buffer_add(struct why_buffer *b, const uint8_t *data, size_t len,
                                      size_t max)
{
    if (len == 0)
        return WHY_BUFFER_ADDED;
    if (b->len > max || len > max - b->len)
        return WHY_BUFFER_FULL;
    if (b->len + len > b->size) {
        size_t size = b->size > 0 ? b->size : 256;
        uint8_t *bigger;

        while (size < b->len + len)
            size *= 2;
        bigger = OPENSSL_clear_realloc(b->data, b->size, size);
        if (bigger == NULL)
            return WHY_BUFFER_NOMEM;
        b->data = bigger;
        b->size = size;
    }
    memcpy(b->data + b->len, data, len);
    b->len += len;
    return WHY_BUFFER_ADDED;
}

void why_buffer_drop(struct why_buffer *b, size_t len)
{
    b->len -= len;
    if (b->len == 0)
        why_buffer_clear(b); /* most connections wait for nothing most of the time */
    else
        memmove(b->data, b->data + len, b->len);
}

void why_buffer_clear(struct why_buffer *b)
{
    OPENSSL_clear_free(b->data, b->size);
    *b = (struct why_buffer){NULL, 0, 0};
}
