/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_RDPSEC_H
#define RDPWHY_PEER_RDPSEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "license_crypto.h"

struct peer_pdu;

/*
 * Standard RDP Security with 128-bit RC4 ([MS-RDPBCGR] 5.3.5) beside the library's own: PDUs from
 * the client can be taken away from it, PDUs to the client be put in, changed and left out. What
 * it is given afterwards is encrypted once more, and so is what it sends, for its key streams do
 * not know of those.
 */
struct rdpsec {
    bool ready; /* the client's PDUs can be read */
    bool seals; /* the server's are encrypted, and can be made */
    uint32_t method;
    uint8_t server_random[32];
    struct rc4 wire, library; /* key streams: the client's, and the one the library has got to */
    struct rc4 out_wire, out_library; /* the server's: the client's, and the library's own */
    uint8_t mac_key[16];
    uint32_t sealed; /* PDUs so far: salted MACs hold their number */
};

/* Learns the server's random from its Connect Response. */
void rdpsec_response(struct rdpsec *sec, const struct peer_pdu *pdu);
/* Learns the client's from its Security Exchange PDU, with the server's private key. False where
 * the PDU was not encrypted for that key: libfreerdp would write the whole of what comes out of it
 * into its 32 bytes. */
bool rdpsec_exchange(struct rdpsec *sec, const struct peer_pdu *pdu, EVP_PKEY *key);
/* Takes the client's leave to encrypt license messages out of its Security Exchange PDU: an
 * encrypted one could not be dropped, for the key stream goes on. */
void rdpsec_plain_licenses(struct peer_pdu *pdu);
/* Makes a PDU from the client ready for the library. */
void rdpsec_pass(struct rdpsec *sec, struct peer_pdu *pdu);
/* Decrypts a PDU that the library is not to see and takes its MAC out; the new length. */
size_t rdpsec_open(struct rdpsec *sec, uint8_t *data, size_t len);
/* The same without taking it: |copy| is what the library will be given all the same. False where
 * it is encrypted and cannot be read. */
bool rdpsec_look(const struct rdpsec *sec, uint8_t *copy, size_t *len);

/* Whether the library has encrypted this PDU of the server's, and seals can be changed. */
bool rdpsec_is_sealed(const struct rdpsec *sec, const uint8_t *data, size_t len);
/* Decrypts such a PDU in place; its header still says encrypted, its MAC is void. */
void rdpsec_unseal(struct rdpsec *sec, uint8_t *data, size_t len);
/* The inverse, with a MAC that fits. */
void rdpsec_seal(struct rdpsec *sec, uint8_t *data, size_t len);
/* The bytes of security header and MAC, for PDUs made by hand; 0: there is no encryption. */
size_t rdpsec_header(const struct rdpsec *sec);

#endif /* !defined(RDPWHY_PEER_RDPSEC_H) */
