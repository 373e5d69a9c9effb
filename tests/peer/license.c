/* SPDX-License-Identifier: Apache-2.0 */
#include "license.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#include "builders.h"
#include "conn.h"
#include "tlspeer.h"

#define MSG_LICENSE_REQUEST     0x01
#define MSG_LICENSE_INFO        0x12
#define MSG_NEW_LICENSE_REQUEST 0x13
#define MSG_CHALLENGE_RESPONSE  0x15
#define BLOB_CERTIFICATE        0x0003
#define BLOB_ENCRYPTED          0x0009
#define BLOB_KEY_EXCHANGE       0x000D
#define BLOB_SCOPE              0x000E
#define HEADER                  23 /* TPKT, X.224, MCS (15), security header (4), preamble (4) */

struct exchange {
    uint8_t client_random[32], server_random[32];
    uint8_t mac_salt[16], key[16];
};

struct part {
    const void *data;
    size_t len;
};

static bool digest(const EVP_MD *md, const struct part *parts, size_t count, uint8_t *out)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1;
    for (size_t i = 0; ok && i < count; i++) {
        ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* SaltedHash of [MS-RDPELE] 5.1.3, three times: 48 bytes. */
static bool salted48(const uint8_t secret[48], const uint8_t first[32], const uint8_t second[32],
                     uint8_t out[48])
{
    static const char *const inputs[] = {"A", "BB", "CCC"};
    for (size_t i = 0; i < 3; i++) {
        uint8_t sha[20];
        const struct part inner[] = {{inputs[i], i + 1}, {secret, 48}, {first, 32}, {second, 32}};
        const struct part outer[] = {{secret, 48}, {sha, sizeof(sha)}};
        if (!digest(EVP_sha1(), inner, 4, sha) || !digest(EVP_md5(), outer, 2, out + 16 * i)) {
            return false;
        }
    }
    return true;
}

static bool derive(struct exchange *x, const uint8_t premaster[48])
{
    uint8_t master[48], blob[48];
    if (!salted48(premaster, x->client_random, x->server_random, master) ||
        !salted48(master, x->server_random, x->client_random, blob)) {
        return false;
    }
    memcpy(x->mac_salt, blob, 16);
    const struct part parts[] = {{blob + 16, 16}, {x->client_random, 32}, {x->server_random, 32}};
    return digest(EVP_md5(), parts, 3, x->key);
}

/* MACData of [MS-RDPELE] 5.1.6. */
static bool mac(const struct exchange *x, const uint8_t *data, size_t len, uint8_t out[16])
{
    uint8_t pad1[40], pad2[48], sha[20];
    const uint8_t length[4] = {(uint8_t)len, (uint8_t)(len >> 8), 0, 0};
    memset(pad1, 0x36, sizeof(pad1));
    memset(pad2, 0x5C, sizeof(pad2));
    const struct part inner[] = {{x->mac_salt, 16}, {pad1, 40}, {length, 4}, {data, len}};
    const struct part outer[] = {{x->mac_salt, 16}, {pad2, 48}, {sha, sizeof(sha)}};
    return digest(EVP_sha1(), inner, 4, sha) && digest(EVP_md5(), outer, 3, out);
}

/* RC4 by hand: OpenSSL 3 has it in the legacy provider only. */
static void rc4(const uint8_t key[16], const uint8_t *in, size_t len, uint8_t *out)
{
    uint8_t s[256];
    for (unsigned i = 0; i < 256; i++) {
        s[i] = (uint8_t)i;
    }
    for (unsigned i = 0, j = 0; i < 256; i++) {
        j = (j + s[i] + key[i % 16]) & 255;
        const uint8_t t = s[i];
        s[i] = s[j];
        s[j] = t;
    }
    unsigned i = 0, j = 0;
    for (size_t n = 0; n < len; n++) {
        i = (i + 1) & 255;
        j = (j + s[i]) & 255;
        const uint8_t t = s[i];
        s[i] = s[j];
        s[j] = t;
        out[n] = in[n] ^ s[(s[i] + s[j]) & 255];
    }
}

static void put_blob(struct build *b, uint16_t type, const void *data, size_t len)
{
    put16le(b, type);
    put16le(b, (uint16_t)len);
    put(b, data, len);
}

static void put_utf16(struct build *b, const char *text)
{
    put32le(b, (uint32_t)(strlen(text) + 1) * 2);
    for (size_t i = 0; i <= strlen(text); i++) {
        put16le(b, (uint8_t)text[i]);
    }
}

static bool send_request(struct peer_conn *conn, const struct exchange *x)
{
    struct build b, body = {.len = 0}, chain = {.len = 0};
    const struct peer_identity *id = tls_peer_identity(conn);
    put32le(&chain, 2); /* X.509 certificate chain ([MS-RDPELE] 2.2.1.4) */
    put32le(&chain, 1);
    put32le(&chain, (uint32_t)id->der_len);
    put(&chain, id->der, id->der_len);
    for (int i = 0; i < 8 + 4; i++) { /* padding: 8 and 4 times the certificates */
        put8(&chain, 0);
    }
    put(&body, x->server_random, sizeof(x->server_random));
    put32le(&body, 0x00060000); /* Windows Server 2008 */
    put_utf16(&body, "Microsoft Corporation");
    put_utf16(&body, "A02");
    put_blob(&body, BLOB_KEY_EXCHANGE, "\1\0\0\0", 4);
    put_blob(&body, BLOB_CERTIFICATE, chain.data, chain.len);
    put32le(&body, 1);
    put_blob(&body, BLOB_SCOPE, "microsoft.com", 14);
    build_license(&b, MSG_LICENSE_REQUEST, &body);
    return conn->send_inside(conn, b.data, b.len);
}

/* The premaster secret is RSA-encrypted without padding, least significant byte first. */
static bool decrypt_premaster(struct peer_conn *conn, const uint8_t *blob, size_t len,
                              uint8_t premaster[48])
{
    uint8_t in[512] = {0}, out[512];
    EVP_PKEY *key = tls_peer_identity(conn)->key;
    const size_t size = (size_t)EVP_PKEY_get_size(key);
    size_t out_len = sizeof(out);
    if (size > sizeof(in) || len < size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        in[i] = blob[size - 1 - i];
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    const bool ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
                    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
                    EVP_PKEY_decrypt(ctx, out, &out_len, in, size) == 1 && out_len >= 48;
    EVP_PKEY_CTX_free(ctx);
    for (size_t i = 0; ok && i < 48; i++) {
        premaster[i] = out[out_len - 1 - i];
    }
    return ok;
}

/* LICENSE_INFO and NEW_LICENSE_REQUEST begin alike: algorithm, platform, random, premaster blob. */
static bool read_answer(struct peer_conn *conn, struct exchange *x)
{
    uint8_t pdu[8192], premaster[48];
    const size_t len = conn->read_inside(conn, pdu, sizeof(pdu));
    if (len < HEADER + 8 + 32 + 4 ||
        (pdu[HEADER - 4] != MSG_NEW_LICENSE_REQUEST && pdu[HEADER - 4] != MSG_LICENSE_INFO)) {
        return false;
    }
    memcpy(x->client_random, pdu + HEADER + 8, 32);
    const uint8_t *blob = pdu + HEADER + 8 + 32;
    const size_t blob_len = (size_t)(blob[2] | blob[3] << 8);
    return blob_len <= (size_t)(pdu + len - (blob + 4)) &&
           decrypt_premaster(conn, blob + 4, blob_len, premaster) && derive(x, premaster);
}

/* |plain| encrypted in a blob, and its MAC. */
static bool put_sealed(struct build *body, const struct exchange *x, const struct build *plain)
{
    uint8_t sealed[BUILD_MAX], code[16];
    rc4(x->key, plain->data, plain->len, sealed);
    put_blob(body, BLOB_ENCRYPTED, sealed, plain->len);
    if (!mac(x, plain->data, plain->len, code)) {
        return false;
    }
    put(body, code, sizeof(code));
    return true;
}

static bool send_challenge(struct peer_conn *conn, const struct exchange *x)
{
    struct build b, body = {.len = 0}, plain = {.len = 0};
    put(&plain, "challenge\0", 10);
    put32le(&body, 0);
    if (!put_sealed(&body, x, &plain)) {
        return false;
    }
    build_license(&b, LICENSE_MSG_PLATFORM_CHALLENGE, &body);
    return conn->send_inside(conn, b.data, b.len);
}

static bool read_response(struct peer_conn *conn)
{
    uint8_t pdu[8192];
    return conn->read_inside(conn, pdu, sizeof(pdu)) > HEADER &&
           pdu[HEADER - 4] == MSG_CHALLENGE_RESPONSE;
}

/* NEW_LICENSE_INFO ([MS-RDPELE] 2.2.2.6.1); the license itself is a few bytes of our own. */
static bool send_license(struct peer_conn *conn, const struct exchange *x)
{
    static const char license[] = "rdpwhy test license, not valid anywhere";
    struct build b, body = {.len = 0}, plain = {.len = 0};
    put32le(&plain, 0x00060000);
    put32le(&plain, 14);
    put(&plain, "microsoft.com", 14);
    put_utf16(&plain, "Microsoft Corporation");
    put_utf16(&plain, "A02");
    put32le(&plain, sizeof(license));
    put(&plain, license, sizeof(license));
    if (!put_sealed(&body, x, &plain)) {
        return false;
    }
    build_license(&b, LICENSE_MSG_NEW_LICENSE, &body);
    return conn->send_inside(conn, b.data, b.len);
}

bool license_exchange(struct peer_conn *conn, uint8_t stop_before, license_between between)
{
    struct exchange x;
    if (RAND_bytes(x.server_random, sizeof(x.server_random)) != 1 || !send_request(conn, &x) ||
        !read_answer(conn, &x)) {
        return false;
    }
    if (stop_before == LICENSE_MSG_PLATFORM_CHALLENGE) {
        return true;
    }
    if ((between != NULL && !between(conn, 1)) || !send_challenge(conn, &x) ||
        !read_response(conn)) {
        return false;
    }
    if (stop_before == LICENSE_MSG_NEW_LICENSE) {
        return true;
    }
    return (between == NULL || between(conn, 2)) && send_license(conn, &x);
}
