/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/ssl.h>

#define TAG      16
#define EXPLICIT 8 /* bytes of the nonce that go with a record of AES-GCM, RFC 5288 3 */
#define BLOCK    16

/* OpenSSL's interfaces that only read have pointers without const. */
union pointer {
    const void *in;
    void *out;
};

/* ---- suites ---------------------------------------------------------------------------------- */

static void set_cipher(struct suite *s, const SSL_CIPHER *c)
{
    int nid = SSL_CIPHER_get_cipher_nid(c);
    const EVP_CIPHER *cipher = EVP_get_cipherbynid(nid);

    if (cipher == NULL)
        return;
    s->chacha = nid == NID_chacha20_poly1305;
    if (EVP_CIPHER_get_mode(cipher) == EVP_CIPH_GCM_MODE || s->chacha) {
        s->iv_len = s->chacha ? 12 : 4;
    } else if (EVP_CIPHER_get_mode(cipher) == EVP_CIPH_CBC_MODE &&
               EVP_CIPHER_get_block_size(cipher) == BLOCK) {
        s->mac = EVP_get_digestbynid(SSL_CIPHER_get_digest_nid(c));
        if (s->mac == NULL)
            return;
        s->mac_len = (size_t)EVP_MD_get_size(s->mac);
        s->iv_len = BLOCK;
    } else {
        return; /* CCM, RC4, 3DES: rare enough to be left encrypted */
    }
    s->key_len = (size_t)EVP_CIPHER_get_key_length(cipher);
    s->cipher = s->key_len <= 32 ? cipher : NULL;
}

struct suite why_suite_find(uint16_t id, uint16_t version)
{
    const unsigned char bytes[2] = {(unsigned char)(id >> 8), (unsigned char)id};
    struct suite s = {.name = NULL};
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = ctx != NULL ? SSL_new(ctx) : NULL;
    const SSL_CIPHER *c = ssl != NULL ? SSL_CIPHER_find(ssl, bytes) : NULL;

    if (c != NULL) {
        s.name = SSL_CIPHER_get_name(c);
        s.digest = version < TLS_1_2 ? EVP_md5_sha1() : SSL_CIPHER_get_handshake_digest(c);
        if (s.digest != NULL)
            set_cipher(&s, c);
        if (version >= TLS_1_3)
            s.iv_len = 12;
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    return s;
}

/* ---- key derivation -------------------------------------------------------------------------- */

static bool derive(const char *kdf_name, const OSSL_PARAM *params, uint8_t *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    bool ok = ctx != NULL && EVP_KDF_derive(ctx, out, len, params) == 1;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

static OSSL_PARAM octets(const char *name, const void *data, size_t len)
{
    union pointer pointer = {.in = data};

    return OSSL_PARAM_construct_octet_string(name, pointer.out, len);
}

static OSSL_PARAM digest_param(const EVP_MD *md)
{
    union pointer pointer = {.in = EVP_MD_get0_name(md)};

    return OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, pointer.out, 0);
}

/* RFC 8446 7.1, with an empty context */
static bool expand_label(const EVP_MD *md, const uint8_t *secret, size_t secret_len,
                         const char *label, uint8_t *out, size_t len)
{
    uint8_t info[32];
    size_t n = strlen(label);
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    OSSL_PARAM params[5];

    info[0] = 0;
    info[1] = (uint8_t)len;
    info[2] = (uint8_t)(6 + n);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, n);
    info[9 + n] = 0;
    params[0] = digest_param(md);
    params[1] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
    params[2] = octets(OSSL_KDF_PARAM_KEY, secret, secret_len);
    params[3] = octets(OSSL_KDF_PARAM_INFO, info, 10 + n);
    params[4] = OSSL_PARAM_construct_end();
    return derive("HKDF", params, out, len);
}

bool why_opener_from_traffic(struct opener *o, const struct key *secret)
{
    const EVP_MD *md = o->suite.digest;

    o->ready = false;
    o->seq = 0;
    if (o->suite.cipher == NULL || secret->len != (size_t)EVP_MD_get_size(md))
        return false;
    memcpy(o->secret, secret->secret, secret->len);
    o->ready = expand_label(md, o->secret, secret->len, "key", o->key, o->suite.key_len) &&
               expand_label(md, o->secret, secret->len, "iv", o->iv, o->suite.iv_len);
    return o->ready;
}

bool why_opener_update(struct opener *o)
{
    struct key next = {.len = (size_t)EVP_MD_get_size(o->suite.digest)};

    return expand_label(o->suite.digest, o->secret, next.len, "traffic upd", next.secret,
                        next.len) &&
           why_opener_from_traffic(o, &next);
}

bool why_opener_from_master(struct opener openers[2], const struct key *master,
                            const uint8_t client_random[TLS_RANDOM],
                            const uint8_t server_random[TLS_RANDOM])
{
    const struct suite *s = &openers[0].suite;
    uint8_t block[2 * (64 + 32 + 16)], seed[13 + 2 * TLS_RANDOM];
    size_t len = 2 * (s->mac_len + s->key_len + s->iv_len);
    OSSL_PARAM params[4];
    const uint8_t *at = block;

    if (s->cipher == NULL || len > sizeof(block))
        return false;
    memcpy(seed, "key expansion", 13);
    memcpy(seed + 13, server_random, TLS_RANDOM);
    memcpy(seed + 13 + TLS_RANDOM, client_random, TLS_RANDOM);
    params[0] = digest_param(s->digest);
    params[1] = octets(OSSL_KDF_PARAM_SECRET, master->secret, master->len);
    params[2] = octets(OSSL_KDF_PARAM_SEED, seed, sizeof(seed));
    params[3] = OSSL_PARAM_construct_end();
    if (!derive("TLS1-PRF", params, block, len))
        return false;
    for (int i = 0; i < 2; i++, at += s->mac_len)
        memcpy(openers[i].mac_key, at, s->mac_len);
    for (int i = 0; i < 2; i++, at += s->key_len)
        memcpy(openers[i].key, at, s->key_len);
    for (int i = 0; i < 2; i++, at += s->iv_len)
        memcpy(openers[i].iv, at, s->iv_len);
    for (int i = 0; i < 2; i++) {
        openers[i].ready = true;
        openers[i].seq = 0;
    }
    OPENSSL_cleanse(block, sizeof(block));
    return true;
}

/* ---- records --------------------------------------------------------------------------------- */

static void put_seq(uint8_t at[8], uint64_t seq)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(seq >> (56 - 8 * i));
}

/* What is authenticated with a record up to TLS 1.2: RFC 5246 6.2.3.3. */
static void put_header(uint8_t at[13], const struct opener *o, const uint8_t *record, size_t len)
{
    put_seq(at, o->seq);
    memcpy(at + 8, record, 3);
    at[11] = (uint8_t)(len >> 8);
    at[12] = (uint8_t)len;
}

struct bytes {
    const uint8_t *data;
    size_t len;
};

/* The tag is behind |in|. */
static bool aead(const struct opener *o, const uint8_t nonce[12], struct bytes aad, struct bytes in,
                 uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    union pointer tag = {.in = in.data + in.len};
    int n = 0;
    bool ok = ctx != NULL && EVP_DecryptInit_ex2(ctx, o->suite.cipher, o->key, nonce, NULL) == 1 &&
              EVP_DecryptUpdate(ctx, NULL, &n, aad.data, (int)aad.len) == 1 &&
              (in.len == 0 || EVP_DecryptUpdate(ctx, out, &n, in.data, (int)in.len) == 1) &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag.out) == 1 &&
              EVP_DecryptFinal_ex(ctx, out + in.len, &n) == 1;

    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

static bool open_aead(const struct opener *o, const uint8_t *record, size_t len, uint8_t *plain,
                      size_t *plain_len)
{
    const uint8_t *in = record + TLS_RECORD_HEADER;
    size_t n = len - TLS_RECORD_HEADER,
           explicit = o->version < TLS_1_3 && !o->suite.chacha ? EXPLICIT : 0;
    uint8_t nonce[12], aad[13], seq[8];

    if (n < explicit + TAG)
        return false;
    n -= explicit + TAG;
    memcpy(nonce, o->iv, o->suite.iv_len);
    if (explicit > 0) {
        memcpy(nonce + 4, in, EXPLICIT);
    } else {
        put_seq(seq, o->seq);
        for (int i = 0; i < 8; i++)
            nonce[4 + i] ^= seq[i];
    }
    put_header(aad, o, record, n);
    *plain_len = n;
    if (o->version >= TLS_1_3)
        return aead(o, nonce, (struct bytes){record, TLS_RECORD_HEADER}, (struct bytes){in, n},
                    plain);
    return aead(o, nonce, (struct bytes){aad, sizeof(aad)}, (struct bytes){in + explicit, n},
                plain);
}

static bool mac_matches(const struct opener *o, const uint8_t header[13], const uint8_t *data,
                        size_t len, const uint8_t *mac)
{
    uint8_t all[13 + TLS_RECORD_MAX], out[EVP_MAX_MD_SIZE];
    unsigned out_len = 0;

    if (len > TLS_RECORD_MAX)
        return false;
    memcpy(all, header, 13);
    memcpy(all + 13, data, len);
    return HMAC(o->suite.mac, o->mac_key, (int)o->suite.mac_len, all, 13 + len, out, &out_len) !=
               NULL &&
           CRYPTO_memcmp(out, mac, out_len) == 0;
}

static bool cbc(const struct opener *o, const uint8_t *iv, const uint8_t *in, size_t len,
                uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    bool ok = ctx != NULL && EVP_DecryptInit_ex2(ctx, o->suite.cipher, o->key, iv, NULL) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
              EVP_DecryptUpdate(ctx, out, &n, in, (int)len) == 1;

    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

/* Takes padding, and the MAC where it is inside, off |n| decrypted bytes. */
static bool strip_cbc(const struct opener *o, const uint8_t *record, const uint8_t *plain,
                      size_t *n)
{
    size_t pad = (size_t)plain[*n - 1] + 1, mac = o->encrypt_then_mac ? 0 : o->suite.mac_len;
    uint8_t header[13];

    if (pad + mac > *n)
        return false;
    *n -= pad + mac;
    put_header(header, o, record, *n);
    return o->encrypt_then_mac || mac_matches(o, header, plain, *n, plain + *n);
}

/* MAC then encrypt, or, with the extension, the other way round. */
static bool open_cbc(struct opener *o, const uint8_t *record, size_t len, uint8_t *plain,
                     size_t *plain_len)
{
    const uint8_t *in = record + TLS_RECORD_HEADER, *iv = o->iv;
    size_t n = len - TLS_RECORD_HEADER, mac = o->encrypt_then_mac ? o->suite.mac_len : 0;
    uint8_t header[13], last[BLOCK];

    if (n < mac)
        return false;
    n -= mac;
    put_header(header, o, record, n);
    if (mac > 0 && !mac_matches(o, header, in, n, in + n))
        return false;
    if (o->version >= TLS_1_1) {
        if (n < BLOCK)
            return false;
        iv = in;
        in += BLOCK;
        n -= BLOCK;
    }
    if (n == 0 || n % BLOCK != 0 || n > TLS_RECORD_MAX)
        return false;
    memcpy(last, in + n - BLOCK, BLOCK);
    if (!cbc(o, iv, in, n, plain) || !strip_cbc(o, record, plain, &n))
        return false;
    memcpy(o->iv, last, BLOCK); /* TLS 1.0: the next record's vector */
    *plain_len = n;
    return true;
}

/* RFC 8446 5.2: the content's type is its last byte that is not zero. */
static bool strip_inner(const uint8_t *plain, size_t *len, uint8_t *type)
{
    while (*len > 0 && plain[*len - 1] == 0)
        --*len;
    if (*len == 0)
        return false;
    *type = plain[--*len];
    return true;
}

bool why_opener_open(struct opener *o, const uint8_t *record, size_t len, uint8_t *plain,
                     size_t *plain_len, uint8_t *type)
{
    bool ok;

    if (!o->ready || len < TLS_RECORD_HEADER || len - TLS_RECORD_HEADER > TLS_RECORD_MAX)
        return false;
    *type = record[0];
    ok = o->suite.mac != NULL ? open_cbc(o, record, len, plain, plain_len)
                              : open_aead(o, record, len, plain, plain_len);
    if (!ok)
        return false;
    o->seq++;
    return o->version < TLS_1_3 || strip_inner(plain, plain_len, type);
}
