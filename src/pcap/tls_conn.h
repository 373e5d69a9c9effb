/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_TLS_CONN_H
#define RDPWHY_PCAP_TLS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>

#include "record/buffer.h"

#include "crypt.h"
#include "keys.h"

/* A TLS connection that somebody else had: its records, opened where the secrets are known. */

struct tls_sink {
    void (*certificate)(void *arg, const uint8_t *der, size_t len, int index);
    void (*alert)(void *arg, enum why_dir dir, unsigned level, unsigned description);
    /* The server's Finished has been accepted; "TLSv1.3 TLS_AES_256_GCM_SHA384". */
    void (*up)(void *arg, unsigned version, const char *text);
    void (*data)(void *arg, enum why_dir dir, const uint8_t *data, size_t len);
    /* |len| bytes that cannot be read; |what|: what they are, where that is known. */
    void (*opaque)(void *arg, enum why_dir dir, size_t len, const char *what);
};

struct tls_conn {
    const struct why_keys *keys;
    bool has_client_random;
    uint8_t client_random[TLS_RANDOM], server_random[TLS_RANDOM];
    uint16_t version, suite_id;
    struct suite suite;
    bool encrypt_then_mac;
    bool encrypted[2];        /* by direction: from here on */
    struct opener openers[2]; /* not ready: the secrets are not there */
    bool finished[2];
    bool up;
    struct why_buffer messages[2]; /* of the handshake */
    bool nomem;                    /* what came after is not to be relied on */
};

/* Takes one whole record, header included. */
void why_tls_conn_record(struct tls_conn *tls, enum why_dir dir, const uint8_t *record, size_t len,
                         const struct tls_sink *sink, void *arg);
/* Whether what passes above TLS can be read. */
bool why_tls_conn_is_open(const struct tls_conn *tls);
void why_tls_conn_clear(struct tls_conn *tls);

#endif /* !defined(RDPWHY_PCAP_TLS_CONN_H) */
