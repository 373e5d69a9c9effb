/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_CRYPT_H
#define RDPWHY_PCAP_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "wire/numbers.h"

#include "keys.h"

/* The record protection of TLS 1.0 to 1.3, the receiving half. */

struct suite {
    const char *name;         /* OpenSSL's; NULL: not known to it; static */
    const EVP_CIPHER *cipher; /* NULL: records cannot be opened here */
    const EVP_MD *mac;        /* CBC suites; else NULL */
    const EVP_MD *digest;     /* of the key schedule */
    size_t key_len, iv_len, mac_len;
    bool chacha;
};

/* Looks the suite of a ServerHello up. */
struct suite why_suite_find(uint16_t id, uint16_t version);

/* What one direction's records are opened with. */
struct opener {
    bool ready;
    struct suite suite;
    uint16_t version;
    bool encrypt_then_mac; /* RFC 7366 */
    uint8_t key[32], iv[16], mac_key[64];
    uint8_t secret[TLS_SECRET_MAX]; /* TLS 1.3: the traffic secret the key was made from */
    uint64_t seq;
};

/* Both directions' openers from the master secret (RFC 5246 6.3): [0] the client's. */
bool why_opener_from_master(struct opener openers[2], const struct key *master,
                            const uint8_t client_random[TLS_RANDOM],
                            const uint8_t server_random[TLS_RANDOM]);

/* From a traffic secret (RFC 8446 7.3). */
bool why_opener_from_traffic(struct opener *opener, const struct key *secret);

/* After a KeyUpdate (RFC 8446 7.2). */
bool why_opener_update(struct opener *opener);

/*
 * Opens |record|, header included. |plain| has room for TLS_RECORD_MAX bytes. |*type| is the
 * content type (TLS 1.3: the inner one). False where the record does not prove to be genuine.
 */
bool why_opener_open(struct opener *opener, const uint8_t *record, size_t len, uint8_t *plain,
                     size_t *plain_len, uint8_t *type);

#endif /* !defined(RDPWHY_PCAP_CRYPT_H) */
