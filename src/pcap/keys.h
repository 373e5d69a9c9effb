/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_KEYS_H
#define RDPWHY_PCAP_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pcap.h>

#define TLS_RANDOM     32
#define TLS_SECRET_MAX 64

/* The lines of a key log that are of use (draft-ietf-tls-keylogfile). */
enum key_label {
    KEY_MASTER, /* CLIENT_RANDOM: up to TLS 1.2 */
    KEY_CLIENT_HANDSHAKE,
    KEY_SERVER_HANDSHAKE,
    KEY_CLIENT_TRAFFIC,
    KEY_SERVER_TRAFFIC,
    KEY_LABEL_COUNT
};

struct key {
    uint8_t secret[TLS_SECRET_MAX];
    size_t len;
};

/* The secret of a connection, or NULL. */
const struct key *why_keys_find(const struct why_keys *keys, enum key_label label,
                                const uint8_t random[TLS_RANDOM]);

/* Whether there is any secret of it. */
bool why_keys_know(const struct why_keys *keys, const uint8_t random[TLS_RANDOM]);

#endif /* !defined(RDPWHY_PCAP_KEYS_H) */
