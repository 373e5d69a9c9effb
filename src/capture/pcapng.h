/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CAPTURE_PCAPNG_H
#define RDPWHY_CAPTURE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng) in the byte order of this machine. Each
 * returns WHY_OK, WHY_ERR_NOMEM or WHY_ERR_IO.
 */

#define PCAPNG_COMMENT_MAX 65000 /* bytes; an option's length has 16 bits */

/* Begins a section; |comments| are |count| texts, each cut at PCAPNG_COMMENT_MAX. */
int why_pcapng_section(FILE *out, const char *const *comments, size_t count);

#define PCAPNG_LINK_RAW 101u /* LINKTYPE_RAW: an IPv4 or IPv6 header comes first */

/* The next interface, the first is 0: packets of that LINKTYPE_, times in microseconds. */
int why_pcapng_interface(FILE *out, uint32_t link);

/* A Decryption Secrets Block with a TLS key log. */
int why_pcapng_secrets(FILE *out, const char *keylog, size_t len);

struct why_pcapng_packet {
    uint32_t interface;
    uint64_t time_us; /* since 1970-01-01 UTC */
    const uint8_t *data;
    size_t len;
    size_t wire_len;
    const char *comment; /* NULL: none */
};
int why_pcapng_packet(FILE *out, const struct why_pcapng_packet *packet);

#endif /* !defined(RDPWHY_CAPTURE_PCAPNG_H) */
