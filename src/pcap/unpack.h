/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_UNPACK_H
#define RDPWHY_PCAP_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Compressed files, each kind read by its own library. */

enum unpack_result {
    UNPACK_OK,  /* some was read, some was written, or both */
    UNPACK_END, /* the compressed stream is over */
    UNPACK_BROKEN,
    UNPACK_LARGE, /* its window needs more memory than is given to it */
    UNPACK_NOMEM
};

/* Where a decompressor reads and where it writes; it moves both on. */
struct unpack_span {
    const uint8_t *in;
    size_t in_len;
    uint8_t *out;
    size_t out_len;
    bool last; /* nothing follows |in| */
};

struct why_unpacker {
    const char *name;    /* "gzip" */
    const char *command; /* writes the file's content to standard output */
    const char *magic;
    size_t magic_len;
    /* NULL where the library was not there when rdpwhy was built. */
    void *(*open)(void);
    enum unpack_result (*step)(void *state, struct unpack_span *span);
    void (*close)(void *state);
};

#define WHY_UNPACK_MAGIC_MAX 6u

/* The kind of what begins with |head|; NULL: not compressed. */
const struct why_unpacker *why_unpacker_of(const uint8_t *head, size_t len);

#endif /* !defined(RDPWHY_PCAP_UNPACK_H) */
