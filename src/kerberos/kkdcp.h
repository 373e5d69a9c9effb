/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_KKDCP_H
#define RDPWHY_KERBEROS_KKDCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* KDC-PROXY-MESSAGE and the HTTP around it ([MS-KKDCP] 2.2.2, 2.1). Pure. */

/* The message of DER around |request| (|len| bytes), which a KDC of |realm| is to have; for free().
 * NULL: out of memory, or too long. */
uint8_t *why_kkdcp_wrap(const uint8_t *request, size_t len, const char *realm, size_t *wrapped);

/* The KDC's answer in a message of DER; it points into |data|. False: that is none. */
bool why_kkdcp_unwrap(const uint8_t *data, size_t len, const uint8_t **reply, size_t *reply_len);

/* What an HTTP server has sent, as far as it came. */
struct kkdcp_http {
    unsigned status; /* 0: this is no HTTP */
    char reason[64]; /* the words beside it; "" where there are none */
    size_t body;     /* where it begins; 0: the head is not whole yet */
    bool has_length; /* the head says how long the body is */
    size_t length;
};

/* Reads the head of an HTTP response; |data| may be the beginning of it. */
void why_kkdcp_http(const uint8_t *data, size_t len, struct kkdcp_http *http);

#endif /* !defined(RDPWHY_KERBEROS_KKDCP_H) */
