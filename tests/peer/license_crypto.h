/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_LICENSE_CRYPTO_H
#define RDPWHY_PEER_LICENSE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

/* What licensing and Standard RDP Security have in common: keys from randoms, RC4, MACs. */

/* RC4 by hand: OpenSSL 3 has it in the legacy provider only. */
struct rc4 {
    uint8_t s[256], i, j;
};

void rc4_start(struct rc4 *rc4, const uint8_t key[16]);
/* |in| and |out| may be the same. */
void rc4_apply(struct rc4 *rc4, const uint8_t *in, size_t len, uint8_t *out);

/* The 48 bytes of three SaltedHashes ([MS-RDPBCGR] 5.3.5.1, [MS-RDPELE] 5.1.3) with |letter| once,
 * its successor twice and the one after that three times. */
bool salted48(const uint8_t secret[48], char letter, const uint8_t first[32],
              const uint8_t second[32], uint8_t out[48]);
/* FinalHash ([MS-RDPBCGR] 5.3.5.1). */
bool final_hash(const uint8_t part[16], const uint8_t first[32], const uint8_t second[32],
                uint8_t out[16]);

/* Decrypts |len| bytes that were encrypted with RSA without padding, least significant byte first;
 * the first |want| bytes of the message go to |out|. */
bool rsa_open(EVP_PKEY *key, const uint8_t *in, size_t len, uint8_t *out, size_t want);

/* The keys of one license exchange. */
struct license_keys {
    uint8_t client_random[32], server_random[32];
    uint8_t mac_salt[16], key[16];
};

/* Fills the keys from both randoms and |premaster| ([MS-RDPELE] 5.1.2). */
bool license_derive(struct license_keys *keys, const uint8_t premaster[48]);
/* MACData ([MS-RDPELE] 5.1.6). */
bool license_mac(const struct license_keys *keys, const uint8_t *data, size_t len, uint8_t out[16]);
/* The MAC of Standard RDP Security ([MS-RDPBCGR] 5.3.6.1), of which 8 bytes are sent; |number| of
 * the PDU for a salted one (5.3.6.1.1), else NULL. */
bool security_mac(const uint8_t key[16], const uint8_t *data, size_t len, const uint32_t *number,
                  uint8_t out[16]);
/* Encrypts or decrypts one field: each starts the key stream anew. */
void license_crypt(const struct license_keys *keys, const uint8_t *in, size_t len, uint8_t *out);

#endif /* !defined(RDPWHY_PEER_LICENSE_CRYPTO_H) */
