/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "address.h"

/* Text out of a certificate, with a NUL in it as RFC 2253 would escape it: it hides nothing. */
static char *copy_text(const char *data, size_t len)
{
    char *text = malloc(3 * len + 1);
    size_t used = 0;

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        if (data[i] != '\0') {
            text[used++] = data[i];
            continue;
        }
        memcpy(text + used, "\\00", 3);
        used += 3;
    }
    text[used] = '\0';
    return text;
}

char *why_certificate_name(const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL, *text = NULL;
    long n;

    if (bio == NULL)
        return NULL;
    /* RFC 2253 order, but UTF-8 as it is: what a terminal must not see is the writers' business. */
    if (X509_NAME_print_ex(bio, name, 0,
                           XN_FLAG_RFC2253 & ~(unsigned long)(ASN1_STRFLGS_ESC_MSB |
                                                              ASN1_STRFLGS_ESC_CTRL)) >= 0) {
        n = BIO_get_mem_data(bio, &data);
        text = n >= 0 ? copy_text(data != NULL ? data : "", (size_t)n) : NULL;
    }
    BIO_free(bio);
    return text;
}

static char *serial_text(X509 *cert)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *hex = number != NULL ? BN_bn2hex(number) : NULL;
    char *text = hex != NULL ? strdup(hex) : NULL;

    OPENSSL_free(hex);
    BN_free(number);
    return text;
}

static char *key_text(X509 *cert, uint32_t *bits)
{
    EVP_PKEY *key = X509_get0_pubkey(cert);
    char group[64], text[96];
    const char *type;

    *bits = 0;
    if (key == NULL)
        return strdup("unknown");
    *bits = (uint32_t)EVP_PKEY_get_bits(key);
    type = EVP_PKEY_get0_type_name(key);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
        EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1)
        (void)snprintf(text, sizeof(text), "EC %s", group);
    else
        (void)snprintf(text, sizeof(text), "%s %u", type != NULL ? type : "unknown",
                       (unsigned)*bits);
    return strdup(text);
}

static int64_t time_seconds(const ASN1_TIME *t)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    int64_t result = 0;

    if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1)
        result = (int64_t)days * 86400 + seconds;
    ASN1_TIME_free(epoch);
    return result;
}

void why_certificate_fingerprint(const uint8_t *der, size_t len, char out[65])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];

    (void)SHA256(der, len, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[2 * sizeof(digest)] = '\0';
}

static char *address_text(const ASN1_OCTET_STRING *ip)
{
    char text[INET6_ADDRSTRLEN];
    int n = ASN1_STRING_length(ip);

    if (n != 4 && n != 16)
        return NULL;
    if (inet_ntop(n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip), text, sizeof(text)) ==
        NULL)
        return NULL;
    return strdup(text);
}

static char *general_name_text(const GENERAL_NAME *name)
{
    int type = 0;
    void *value = GENERAL_NAME_get0_value(name, &type);

    if (type == GEN_DNS) {
        const ASN1_STRING *s = value;

        return copy_text((const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
    }
    return type == GEN_IPADD ? address_text(value) : NULL;
}

static void alternative_names(X509 *cert, struct why_certificate *out)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(names) && out->name_count < WHY_SAN_MAX; i++) {
        char *text = general_name_text(sk_GENERAL_NAME_value(names, i));

        if (text != NULL)
            out->names[out->name_count++] = text;
    }
    GENERAL_NAMES_free(names);
}

/* As mstsc looks at it: DNS or IP alternative names, the common name only where there are none. */
static bool matches(X509 *cert, const char *host)
{
    char address[BARE_ADDRESS_MAX];

    if (why_bare_address(host, address)) {
        char common[256];

        if (X509_check_ip_asc(cert, address, 0) == 1)
            return true;
        return X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, common,
                                         sizeof(common)) > 0 &&
               strcmp(common, address) == 0;
    }
    return X509_check_host(cert, host, 0, 0, NULL) == 1;
}

static const char *signature_name(const X509 *cert)
{
    const char *name = OBJ_nid2ln(X509_get_signature_nid(cert));

    return name != NULL ? name : "unknown";
}

static bool has_texts(const struct why_certificate *c)
{
    return c->subject != NULL && c->issuer != NULL && c->serial != NULL && c->key != NULL &&
           c->signature != NULL;
}

static int fill(X509 *cert, const char *host, struct why_certificate *out)
{
    out->subject = why_certificate_name(X509_get_subject_name(cert));
    out->issuer = why_certificate_name(X509_get_issuer_name(cert));
    out->serial = serial_text(cert);
    out->key = key_text(cert, &out->key_bits);
    out->signature = strdup(signature_name(cert));
    out->not_before = time_seconds(X509_get0_notBefore(cert));
    out->not_after = time_seconds(X509_get0_notAfter(cert));
    out->self_signed = X509_NAME_cmp(X509_get_subject_name(cert), X509_get_issuer_name(cert)) == 0;
    alternative_names(cert, out);
    out->name_matches = matches(cert, host);
    return has_texts(out) ? WHY_OK : WHY_ERR_NOMEM;
}

static int read_der(const uint8_t *der, size_t len, const char *host, struct why_certificate *out)
{
    const unsigned char *p = der;
    X509 *cert;
    int r;

    if (len == 0 || len > LONG_MAX)
        return WHY_ERR_MALFORMED;
    cert = d2i_X509(NULL, &p, (long)len);
    if (cert == NULL)
        return WHY_ERR_MALFORMED;
    r = fill(cert, host, out);
    X509_free(cert);
    return r;
}

static int copy(const struct why_certificate *from, struct why_certificate *out)
{
    bool whole;

    *out = *from;
    out->has_trust = false; /* of another attempt's chain */
    out->authority = NULL;
    out->subject = strdup(from->subject);
    out->issuer = strdup(from->issuer);
    out->serial = strdup(from->serial);
    out->key = strdup(from->key);
    out->signature = strdup(from->signature);
    whole = has_texts(out);
    for (size_t i = 0; i < from->name_count; i++) {
        out->names[i] = strdup(from->names[i]);
        whole = whole && out->names[i] != NULL;
    }
    return whole ? WHY_OK : WHY_ERR_NOMEM;
}

int why_certificate_parse(const uint8_t *der, size_t len, const char *host, uint64_t at_us,
                          const struct why_certificate *known, struct why_certificate *out)
{
    int64_t now = (int64_t)(at_us / 1000000u);
    char sha256[sizeof(out->sha256)];
    int r;

    memset(out, 0, sizeof(*out));
    why_certificate_fingerprint(der, len, sha256);
    if (known != NULL && strcmp(known->sha256, sha256) == 0)
        r = copy(known, out);
    else
        r = read_der(der, len, host, out);
    if (r != WHY_OK) {
        why_certificate_clear(out);
        return r;
    }
    memcpy(out->sha256, sha256, sizeof(sha256));
    out->not_yet_valid = now < out->not_before;
    out->expired = now > out->not_after;
    return WHY_OK;
}

void why_certificate_clear(struct why_certificate *c)
{
    free(c->subject);
    free(c->issuer);
    free(c->serial);
    free(c->key);
    free(c->signature);
    free(c->authority);
    for (size_t i = 0; i < c->name_count; i++)
        free(c->names[i]);
    memset(c, 0, sizeof(*c));
}

int why_key_strength(const char *key)
{
    static const struct {
        const char *name;
        int bits;
    } curves[] = {{"prime192v1", 1024}, {"secp224r1", 2048}, {"prime256v1", 3072},
                  {"secp256k1", 3072},  {"P-256", 3072},     {"ED25519", 3072},
                  {"secp384r1", 7680},  {"P-384", 7680},     {"ED448", 7680},
                  {"secp521r1", 15360}, {"P-521", 15360}};

    if (strncmp(key, "RSA ", 4) == 0 && key[4] >= '1' && key[4] <= '9' && strlen(key) < 12)
        return atoi(key + 4);
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (strstr(key, curves[i].name))
            return curves[i].bits;
    }
    return -1;
}
