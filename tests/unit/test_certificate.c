/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <rdpwhy/status.h>

#include "unit.h"

/* 2026-11-22 08:00:00 UTC */
#define NOW_US (UINT64_C(1795334400) * 1000000)

struct der {
    unsigned char *data;
    size_t len;
};

static struct der to_der(X509 *cert)
{
    struct der der = {NULL, 0};
    int n = i2d_X509(cert, &der.data);

    CU_ASSERT_FATAL(n > 0);
    der.len = (size_t)n;
    X509_free(cert);
    return der;
}

static struct der fixture(const char *name)
{
    char path[512];
    FILE *in;
    X509 *cert;

    (void)snprintf(path, sizeof(path), "%s/certificates/%s.crt", FIXTURES, name);
    in = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    cert = PEM_read_X509(in, NULL, NULL, NULL);
    (void)fclose(in);
    CU_ASSERT_PTR_NOT_NULL_FATAL(cert);
    return to_der(cert);
}

/* Parses a copy that ends where the bytes do, so that a sanitizer sees any read beyond it. */
static int parse(struct der der, const char *host, uint64_t at_us, struct why_certificate *out)
{
    uint8_t *copy = malloc(der.len > 0 ? der.len : 1);
    int r;

    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, der.data, der.len);
    r = why_certificate_parse(copy, der.len, host, at_us, NULL, out);
    free(copy);
    return r;
}

static void test_facts(void)
{
    struct der der = fixture("server");
    struct why_certificate c;

    CU_ASSERT_EQUAL_FATAL(parse(der, "localhost", NOW_US, &c), WHY_OK);
    CU_ASSERT_STRING_EQUAL(c.subject, "CN=localhost");
    CU_ASSERT_STRING_EQUAL(c.issuer, "CN=localhost");
    CU_ASSERT_STRING_EQUAL(c.serial, "1001");
    CU_ASSERT_STRING_EQUAL(c.key, "RSA 2048");
    CU_ASSERT_EQUAL(c.key_bits, 2048);
    CU_ASSERT_STRING_EQUAL(c.signature, "sha256WithRSAEncryption");
    CU_ASSERT_EQUAL(strlen(c.sha256), 64);
    CU_ASSERT_EQUAL(strspn(c.sha256, "0123456789abcdef"), 64);
    CU_ASSERT_EQUAL(c.not_before, 1577836800);
    CU_ASSERT_EQUAL(c.not_after, 4102444799);
    CU_ASSERT_EQUAL_FATAL(c.name_count, 3);
    CU_ASSERT_STRING_EQUAL(c.names[0], "localhost");
    CU_ASSERT_STRING_EQUAL(c.names[1], "127.0.0.1");
    CU_ASSERT_STRING_EQUAL(c.names[2], "::1");
    CU_ASSERT_TRUE(c.self_signed);
    CU_ASSERT_FALSE(c.expired);
    CU_ASSERT_FALSE(c.not_yet_valid);
    CU_ASSERT_TRUE(c.name_matches);
    why_certificate_clear(&c);
    CU_ASSERT_PTR_NULL(c.subject);
    OPENSSL_free(der.data);
}

static void test_keys(void)
{
    struct der der = fixture("ec");
    struct why_certificate c;

    CU_ASSERT_EQUAL_FATAL(parse(der, "localhost", NOW_US, &c), WHY_OK);
    CU_ASSERT_STRING_EQUAL(c.key, "EC prime256v1");
    CU_ASSERT_EQUAL(c.key_bits, 256);
    why_certificate_clear(&c);
    OPENSSL_free(der.data);
    der = fixture("weak");
    CU_ASSERT_EQUAL_FATAL(parse(der, "localhost", NOW_US, &c), WHY_OK);
    CU_ASSERT_STRING_EQUAL(c.key, "RSA 1024");
    why_certificate_clear(&c);
    OPENSSL_free(der.data);
}

static bool same_texts(const struct why_certificate *a, const struct why_certificate *b)
{
    bool same = a->name_count == b->name_count && strcmp(a->subject, b->subject) == 0 &&
                strcmp(a->issuer, b->issuer) == 0 && strcmp(a->serial, b->serial) == 0 &&
                strcmp(a->key, b->key) == 0 && strcmp(a->signature, b->signature) == 0;

    for (size_t i = 0; same && i < a->name_count; i++)
        same = strcmp(a->names[i], b->names[i]) == 0;
    return same;
}

/* One that was read before is copied, and judged anew; another one is read. */
static void test_known(void)
{
    static const char *const names[] = {"server", "other-name", "ec"};
    struct der known_der = fixture("server");
    struct why_certificate known;

    CU_ASSERT_EQUAL_FATAL(parse(known_der, "localhost", NOW_US, &known), WHY_OK);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct der der = fixture(names[i]);
        struct why_certificate c, alone;
        uint64_t late_us = 4102444800u * (uint64_t)1000000;

        CU_ASSERT_EQUAL_FATAL(parse(der, "localhost", late_us, &alone), WHY_OK);
        CU_ASSERT_EQUAL_FATAL(
            why_certificate_parse(der.data, der.len, "localhost", late_us, &known, &c), WHY_OK);
        CU_ASSERT_TRUE(same_texts(&c, &alone));
        CU_ASSERT_STRING_EQUAL(c.sha256, alone.sha256);
        CU_ASSERT(c.expired && !known.expired);
        CU_ASSERT_EQUAL(c.name_matches, alone.name_matches);
        CU_ASSERT_EQUAL(c.key_bits, alone.key_bits);
        why_certificate_clear(&c);
        why_certificate_clear(&alone);
        OPENSSL_free(der.data);
    }
    why_certificate_clear(&known);
    OPENSSL_free(known_der.data);
}

/* At the second before and after each bound. */
static void test_validity(void)
{
    static const struct {
        const char *name;
        uint64_t at_s;
        bool not_yet, expired;
    } rows[] = {
        {"expired", 1795334400, false, true}, {"not-yet-valid", 1795334400, true, false},
        {"server", 1577836799, true, false},  {"server", 1577836800, false, false},
        {"server", 4102444799, false, false}, {"server", 4102444800, false, true},
        {"server", 0, true, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct der der = fixture(rows[i].name);
        struct why_certificate c;

        CU_ASSERT_EQUAL_FATAL(parse(der, "localhost", rows[i].at_s * 1000000, &c), WHY_OK);
        CU_ASSERT_EQUAL(c.not_yet_valid, rows[i].not_yet);
        CU_ASSERT_EQUAL(c.expired, rows[i].expired);
        why_certificate_clear(&c);
        OPENSSL_free(der.data);
    }
}

/* ---- certificates made here ------------------------------------------------------------------ */

static EVP_PKEY *key;

static int make_key(void)
{
    key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    return key == NULL;
}

static int free_key(void)
{
    EVP_PKEY_free(key);
    return 0;
}

static struct der sign(X509 *cert)
{
    CU_ASSERT_EQUAL(X509_set_pubkey(cert, key), 1);
    CU_ASSERT(X509_sign(cert, key, EVP_sha256()) > 0);
    return to_der(cert);
}

static X509 *blank(const char *common, int common_len)
{
    X509 *cert = X509_new();

    CU_ASSERT_PTR_NOT_NULL_FATAL(cert);
    (void)X509_set_version(cert, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    (void)ASN1_TIME_set(X509_getm_notBefore(cert), 1);
    (void)ASN1_TIME_set(X509_getm_notAfter(cert), 4102444799);
    if (common != NULL)
        (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                         (const unsigned char *)common, common_len, -1, 0);
    return cert;
}

static void add_names(X509 *cert, const char *names)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

    CU_ASSERT_PTR_NOT_NULL_FATAL(ext);
    CU_ASSERT_EQUAL(X509_add_ext(cert, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

static void test_name_matching(void)
{
    static const struct {
        const char *common, *names, *host;
        bool matches;
    } rows[] = {
        {"srv1.example", NULL, "srv1.example", true},
        {"srv1.example", NULL, "SRV1.Example", true},
        {"srv1.example", NULL, "srv2.example", false},
        {"srv1.example", NULL, "srv1.example.evil", false},
        {"srv1", "DNS:srv1.example", "srv1.example", true},
        {"srv1", "DNS:srv1.example", "srv1", false}, /* the common name does not count then */
        {"srv1", "IP:192.0.2.7", "srv1", true},      /* but where no DNS name is */
        {"x", "DNS:*.example.test", "a.example.test", true},
        {"x", "DNS:*.example.test", "a.b.example.test", false},
        {"x", "DNS:*.example.test", "example.test", false},
        {"x", "IP:192.0.2.7", "192.0.2.7", true},
        {"x", "IP:192.0.2.7", "192.0.2.8", false},
        {"x", "DNS:192.0.2.7", "192.0.2.7", false},
        {"192.0.2.7", NULL, "192.0.2.7", true},
        {"x", "IP:2001:db8::7", "2001:db8:0:0:0:0:0:7", true},
        {"x", "IP:2001:db8::7", "2001:db8::8", false},
        {NULL, NULL, "srv1", false},
        {"srv1", NULL, "", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        X509 *cert = blank(rows[i].common, -1);
        struct why_certificate c;
        struct der der;

        if (rows[i].names != NULL)
            add_names(cert, rows[i].names);
        der = sign(cert);
        CU_ASSERT_EQUAL_FATAL(parse(der, rows[i].host, NOW_US, &c), WHY_OK);
        if (c.name_matches != rows[i].matches)
            (void)fprintf(stderr, "CN %s, %s: %s\n", rows[i].common, rows[i].names, rows[i].host);
        CU_ASSERT_EQUAL(c.name_matches, rows[i].matches);
        why_certificate_clear(&c);
        OPENSSL_free(der.data);
    }
}

static void test_other_name(void)
{
    struct der der = fixture("other-name");
    struct why_certificate c;

    CU_ASSERT_EQUAL_FATAL(parse(der, "localhost", NOW_US, &c), WHY_OK);
    CU_ASSERT_FALSE(c.name_matches);
    why_certificate_clear(&c);
    CU_ASSERT_EQUAL_FATAL(parse(der, "other.example.test", NOW_US, &c), WHY_OK);
    CU_ASSERT_TRUE(c.name_matches);
    why_certificate_clear(&c);
    OPENSSL_free(der.data);
}

/* Another issuer, and a subject without anything. */
static void test_self_signed(void)
{
    X509 *cert = blank("srv1", -1);
    struct why_certificate c;
    struct der der;

    (void)X509_NAME_add_entry_by_txt(X509_get_issuer_name(cert), "CN", MBSTRING_UTF8,
                                     (const unsigned char *)"Some CA", -1, -1, 0);
    der = sign(cert);
    CU_ASSERT_EQUAL_FATAL(parse(der, "srv1", NOW_US, &c), WHY_OK);
    CU_ASSERT_FALSE(c.self_signed);
    CU_ASSERT_STRING_EQUAL(c.issuer, "CN=Some CA");
    why_certificate_clear(&c);
    OPENSSL_free(der.data);
    der = sign(blank(NULL, 0));
    CU_ASSERT_EQUAL_FATAL(parse(der, "srv1", NOW_US, &c), WHY_OK);
    CU_ASSERT_STRING_EQUAL(c.subject, "");
    CU_ASSERT_TRUE(c.self_signed);
    why_certificate_clear(&c);
    OPENSSL_free(der.data);
}

/* A NUL hides nothing, neither in the subject nor in a name. */
static void test_embedded_nul(void)
{
    X509 *cert = blank("good\0.evil", 10);
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    struct why_certificate c;
    struct der der;

    CU_ASSERT_FATAL(text != NULL && names != NULL && name != NULL);
    CU_ASSERT_EQUAL(ASN1_STRING_set(text, "good\0.evil", 10), 1);
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    CU_ASSERT(sk_GENERAL_NAME_push(names, name) > 0);
    CU_ASSERT_EQUAL(X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0), 1);
    GENERAL_NAMES_free(names);
    der = sign(cert);
    CU_ASSERT_EQUAL_FATAL(parse(der, "good", NOW_US, &c), WHY_OK);
    CU_ASSERT_FALSE(c.name_matches);
    CU_ASSERT_STRING_EQUAL(c.subject, "CN=good\\00.evil");
    CU_ASSERT_EQUAL_FATAL(c.name_count, 1);
    CU_ASSERT_STRING_EQUAL(c.names[0], "good\\00.evil");
    why_certificate_clear(&c);
    OPENSSL_free(der.data);
}

static void test_hostile_subject(void)
{
    struct der der = fixture("hostile-subject");
    struct why_certificate c;

    CU_ASSERT_EQUAL_FATAL(parse(der, "localhost", NOW_US, &c), WHY_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(c.subject, "\x1b[31mred")); /* the writers escape it */
    CU_ASSERT_PTR_NOT_NULL(strstr(c.subject, "\\<script\\>"));
    CU_ASSERT(strlen(c.subject) > 1000);
    CU_ASSERT_FALSE(c.name_matches);
    why_certificate_clear(&c);
    OPENSSL_free(der.data);
}

static void test_many_names(void)
{
    X509 *cert = blank("x", -1);
    char names[4096] = "";
    struct why_certificate c;
    struct der der;

    for (int i = 0; i < WHY_SAN_MAX + 20; i++) {
        char one[32];

        (void)snprintf(one, sizeof(one), "%sDNS:n%d.example", i > 0 ? "," : "", i);
        strncat(names, one, sizeof(names) - strlen(names) - 1);
    }
    add_names(cert, names);
    der = sign(cert);
    CU_ASSERT_EQUAL_FATAL(parse(der, "n83.example", NOW_US, &c), WHY_OK);
    CU_ASSERT_EQUAL(c.name_count, WHY_SAN_MAX);
    CU_ASSERT_TRUE(c.name_matches); /* what is not kept still counts */
    why_certificate_clear(&c);
    OPENSSL_free(der.data);
}

/* Cut at every length, and every byte wrong once: parsed or malformed, never anything else. */
static void test_garbage(void)
{
    struct der der = fixture("ec");
    struct why_certificate c;

    for (size_t len = 0; len < der.len; len++)
        CU_ASSERT_EQUAL(parse((struct der){der.data, len}, "x", NOW_US, &c), WHY_ERR_MALFORMED);
    for (size_t i = 0; i < der.len; i++) {
        int r;

        der.data[i] ^= 0xff;
        r = parse(der, "localhost", NOW_US, &c);
        CU_ASSERT(r == WHY_OK || r == WHY_ERR_MALFORMED);
        if (r == WHY_OK)
            why_certificate_clear(&c);
        der.data[i] ^= 0xff;
    }
    OPENSSL_free(der.data);
}

static CU_TestInfo tests[] = {
    {"what a certificate says", test_facts},
    {"keys", test_keys},
    {"read before", test_known},
    {"read before", test_known},
    {"validity", test_validity},
    {"name matching", test_name_matching},
    {"another name", test_other_name},
    {"self-signed or not", test_self_signed},
    {"a NUL in a name", test_embedded_nul},
    {"a hostile subject", test_hostile_subject},
    {"more names than are kept", test_many_names},
    {"garbage", test_garbage},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "certificate", .pInitFunc = make_key, .pCleanupFunc = free_key, .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
