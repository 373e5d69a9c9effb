/* SPDX-License-Identifier: Apache-2.0 */
#include "rdpsec.h"

#include <string.h>

#include "peer.h"

#define METHOD_128BIT   2u
#define SEND_DATA       0x64 /* T.125 DomainMCSPDU 25, sendDataRequest */
#define INDICATION      0x68 /* 26, sendDataIndication */
#define AT_SECURITY     15   /* TPKT 4, X.224 3, MCS 8 */
#define SECURITY_HEADER 4
#define MAC             8
#define RANDOM          32
#define SEC_ENCRYPT     0x0008
#define SEC_EXCHANGE    0x0001
#define SEC_LICENSE_ENC 0x0200 /* SEC_LICENSE_ENCRYPT_SC: license messages may be encrypted */
#define SEC_SECURE_SUM  0x0800

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void rdpsec_response(struct rdpsec *sec, const struct peer_pdu *pdu)
{
    /* SC_SECURITY ([MS-RDPBCGR] 2.2.1.4.3): type, length, method, level, length of the random */
    for (size_t i = 0; i + 20 + sizeof(sec->server_random) <= pdu->len; i++) {
        const uint8_t *p = pdu->data + i;
        if (p[0] == 0x02 && p[1] == 0x0C && get32(p + 12) == sizeof(sec->server_random)) {
            sec->method = get32(p + 4);
            memcpy(sec->server_random, p + 20, sizeof(sec->server_random));
            return;
        }
    }
}

void rdpsec_plain_licenses(struct peer_pdu *pdu)
{
    if (pdu->len > AT_SECURITY + 1) {
        pdu->data[AT_SECURITY + 1] &= (uint8_t) ~(SEC_LICENSE_ENC >> 8);
    }
}

/* The client's random is the number that was encrypted: all above it is zero. */
static bool open_random(EVP_PKEY *key, const uint8_t *in, size_t len, uint8_t random[RANDOM])
{
    uint8_t all[512];
    const size_t size = (size_t)EVP_PKEY_get_size(key);
    bool ok = size <= sizeof(all) && rsa_open(key, in, len, all, size);
    for (size_t i = RANDOM; ok && i < size; i++) {
        ok = all[i] == 0;
    }
    if (ok) {
        memcpy(random, all, RANDOM);
    }
    return ok;
}

bool rdpsec_exchange(struct rdpsec *sec, const struct peer_pdu *pdu, EVP_PKEY *key)
{
    const size_t at = AT_SECURITY + SECURITY_HEADER + 4; /* length of the encrypted random */
    uint8_t client[RANDOM], secret[48], master[48], blob[48], rc4_key[16], out_key[16];
    if (pdu->len <= at || (pdu->data[AT_SECURITY] & SEC_EXCHANGE) == 0) {
        return true; /* without encryption there is no such PDU */
    }
    if (!open_random(key, pdu->data + at, pdu->len - at, client)) {
        return false;
    }
    if (sec->method != METHOD_128BIT) {
        return true;
    }
    memcpy(secret, client, 24);
    memcpy(secret + 24, sec->server_random, 24);
    if (!salted48(secret, 'A', client, sec->server_random, master) ||
        !salted48(master, 'X', client, sec->server_random, blob) ||
        !final_hash(blob + 32, client, sec->server_random, rc4_key) ||
        !final_hash(blob + 16, client, sec->server_random, out_key)) {
        return true;
    }
    memcpy(sec->mac_key, blob, sizeof(sec->mac_key));
    rc4_start(&sec->out_wire, out_key);
    rc4_start(&sec->out_library, out_key);
    sec->seals = true; /* libfreerdp encrypts both ways at every level */
    rc4_start(&sec->wire, rc4_key);
    rc4_start(&sec->library, rc4_key);
    sec->ready = true;
    return true;
}

static bool is_encrypted(const struct rdpsec *sec, const uint8_t *data, size_t len)
{
    return sec->ready && len > AT_SECURITY + SECURITY_HEADER + MAC && data[7] == SEND_DATA &&
           (data[AT_SECURITY] & SEC_ENCRYPT) != 0;
}

void rdpsec_pass(struct rdpsec *sec, struct peer_pdu *pdu)
{
    const size_t at = AT_SECURITY + SECURITY_HEADER + MAC;
    if (!is_encrypted(sec, pdu->data, pdu->len)) {
        return;
    }
    rc4_apply(&sec->wire, pdu->data + at, pdu->len - at, pdu->data + at);
    rc4_apply(&sec->library, pdu->data + at, pdu->len - at, pdu->data + at);
}

size_t rdpsec_open(struct rdpsec *sec, uint8_t *data, size_t len)
{
    const size_t at = AT_SECURITY + SECURITY_HEADER;
    if (!is_encrypted(sec, data, len)) {
        return len;
    }
    len -= MAC;
    rc4_apply(&sec->wire, data + at + MAC, len - at, data + at + MAC);
    memmove(data + at, data + at + MAC, len - at);
    data[AT_SECURITY] &= (uint8_t)~SEC_ENCRYPT;
    return len;
}

bool rdpsec_look(const struct rdpsec *sec, uint8_t *copy, size_t *len)
{
    struct rdpsec now = *sec;
    const bool sealed = *len > AT_SECURITY && copy[7] == SEND_DATA &&
                        (copy[AT_SECURITY] & SEC_ENCRYPT) != 0 && sec->method != 0;
    *len = rdpsec_open(&now, copy, *len);
    if (sec->ready && sealed && *len >= AT_SECURITY) {
        /* PER's length without the MAC that has been taken out */
        const size_t inner = *len - AT_SECURITY;
        copy[2] = (uint8_t)(*len >> 8);
        copy[3] = (uint8_t)*len;
        copy[AT_SECURITY - 2] = (uint8_t)(0x80 | inner >> 8);
        copy[AT_SECURITY - 1] = (uint8_t)inner;
    }
    return !sealed || sec->ready;
}

bool rdpsec_is_sealed(const struct rdpsec *sec, const uint8_t *data, size_t len)
{
    return sec->seals && len >= AT_SECURITY + SECURITY_HEADER + MAC && data[0] == 3 &&
           data[7] == INDICATION && (data[AT_SECURITY] & SEC_ENCRYPT) != 0;
}

void rdpsec_unseal(struct rdpsec *sec, uint8_t *data, size_t len)
{
    const size_t at = AT_SECURITY + SECURITY_HEADER + MAC;
    rc4_apply(&sec->out_library, data + at, len - at, data + at);
}

void rdpsec_seal(struct rdpsec *sec, uint8_t *data, size_t len)
{
    const size_t at = AT_SECURITY + SECURITY_HEADER + MAC;
    const bool salted = (data[AT_SECURITY + 1] & SEC_SECURE_SUM >> 8) != 0;
    const uint32_t *number = salted ? &sec->sealed : NULL;
    uint8_t sum[16];
    if (security_mac(sec->mac_key, data + at, len - at, number, sum)) {
        memcpy(data + at - MAC, sum, MAC);
    }
    rc4_apply(&sec->out_wire, data + at, len - at, data + at);
    sec->sealed++;
}

size_t rdpsec_header(const struct rdpsec *sec)
{
    return sec->seals ? SECURITY_HEADER + MAC : 0;
}
