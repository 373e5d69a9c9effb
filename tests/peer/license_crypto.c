/* SPDX-License-Identifier: Apache-2.0 */
#include "license_crypto.h"

#include <openssl/rsa.h>
#include <string.h>

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

void rc4_start(struct rc4 *rc4, const uint8_t key[16])
{
    for (unsigned i = 0; i < 256; i++) {
        rc4->s[i] = (uint8_t)i;
    }
    for (unsigned i = 0, j = 0; i < 256; i++) {
        j = (j + rc4->s[i] + key[i % 16]) & 255;
        const uint8_t t = rc4->s[i];
        rc4->s[i] = rc4->s[j];
        rc4->s[j] = t;
    }
    rc4->i = rc4->j = 0;
}

void rc4_apply(struct rc4 *rc4, const uint8_t *in, size_t len, uint8_t *out)
{
    uint8_t *s = rc4->s;
    for (size_t n = 0; n < len; n++) {
        const uint8_t t = s[++rc4->i];
        rc4->j = (uint8_t)(rc4->j + t);
        s[rc4->i] = s[rc4->j];
        s[rc4->j] = t;
        out[n] = in[n] ^ s[(s[rc4->i] + t) & 255];
    }
}

bool salted48(const uint8_t secret[48], char letter, const uint8_t first[32],
              const uint8_t second[32], uint8_t out[48])
{
    for (size_t i = 0; i < 3; i++) {
        uint8_t sha[20], salt[3];
        memset(salt, letter + (char)i, sizeof(salt));
        const struct part inner[] = {{salt, i + 1}, {secret, 48}, {first, 32}, {second, 32}};
        const struct part outer[] = {{secret, 48}, {sha, sizeof(sha)}};
        if (!digest(EVP_sha1(), inner, 4, sha) || !digest(EVP_md5(), outer, 2, out + 16 * i)) {
            return false;
        }
    }
    return true;
}

bool final_hash(const uint8_t part[16], const uint8_t first[32], const uint8_t second[32],
                uint8_t out[16])
{
    const struct part parts[] = {{part, 16}, {first, 32}, {second, 32}};
    return digest(EVP_md5(), parts, 3, out);
}

bool rsa_open(EVP_PKEY *key, const uint8_t *in, size_t len, uint8_t *out, size_t want)
{
    uint8_t reversed[512], plain[512];
    const size_t size = (size_t)EVP_PKEY_get_size(key);
    size_t plain_len = sizeof(plain);
    if (size > sizeof(reversed) || len < size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        reversed[i] = in[size - 1 - i];
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    const bool ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
                    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
                    EVP_PKEY_decrypt(ctx, plain, &plain_len, reversed, size) == 1 &&
                    plain_len >= want;
    EVP_PKEY_CTX_free(ctx);
    for (size_t i = 0; ok && i < want; i++) {
        out[i] = plain[plain_len - 1 - i];
    }
    return ok;
}

bool license_derive(struct license_keys *keys, const uint8_t premaster[48])
{
    uint8_t master[48], blob[48];
    if (!salted48(premaster, 'A', keys->client_random, keys->server_random, master) ||
        !salted48(master, 'A', keys->server_random, keys->client_random, blob)) {
        return false;
    }
    memcpy(keys->mac_salt, blob, sizeof(keys->mac_salt));
    return final_hash(blob + 16, keys->client_random, keys->server_random, keys->key);
}

bool security_mac(const uint8_t key[16], const uint8_t *data, size_t len, const uint32_t *number,
                  uint8_t out[16])
{
    uint8_t pad1[40], pad2[48], sha[20], salt[4] = {0};
    const uint8_t length[4] = {(uint8_t)len, (uint8_t)(len >> 8), 0, 0};
    memset(pad1, 0x36, sizeof(pad1));
    memset(pad2, 0x5C, sizeof(pad2));
    for (int i = 0; i < 4 && number != NULL; i++) {
        salt[i] = (uint8_t)(*number >> 8 * i);
    }
    const struct part inner[] = {{key, 16}, {pad1, 40}, {length, 4}, {data, len}, {salt, 4}};
    const struct part outer[] = {{key, 16}, {pad2, 48}, {sha, sizeof(sha)}};
    return digest(EVP_sha1(), inner, number != NULL ? 5 : 4, sha) &&
           digest(EVP_md5(), outer, 3, out);
}

bool license_mac(const struct license_keys *keys, const uint8_t *data, size_t len, uint8_t out[16])
{
    return security_mac(keys->mac_salt, data, len, NULL, out);
}

void license_crypt(const struct license_keys *keys, const uint8_t *in, size_t len, uint8_t *out)
{
    struct rc4 rc4;
    rc4_start(&rc4, keys->key);
    rc4_apply(&rc4, in, len, out);
}
