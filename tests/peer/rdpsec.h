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
 * The client's half of Standard RDP Security with 128-bit RC4 ([MS-RDPBCGR] 5.3.5), for what
 * libfreerdp's server cannot read itself: it has no exchange of licenses. The keys are its own, so
 * that PDUs can be taken away from it. Whatever it is given afterwards is encrypted once more, for
 * its key stream does not know of those.
 */
struct rdpsec {
    bool ready;
    uint32_t method;
    uint8_t server_random[32];
    struct rc4 wire, library; /* key streams: the client's, and the one the library has got to */
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

#endif /* !defined(RDPWHY_PEER_RDPSEC_H) */
