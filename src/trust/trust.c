/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/authorities.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <rdpwhy/status.h>
#include <rdpwhy/trust.h>

#include "base/grow.h"

/* More than any system's bundle; what is longer is no list of authorities. */
#define FILE_MAX  (16u * 1024u * 1024u)
#define READ_SIZE (256u * 1024u) /* FILE_MAX is a multiple of it */

/* Where systems keep their bundle, if OpenSSL was built for another place. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
    "/etc/ssl/ca-bundle.pem",             /* SUSE */
    "/etc/ssl/cert.pem",                  /* macOS, BSD */
};

/* A certificate as it is, found by its subject: to decode all of a system's takes longer than all
 * else that is done before a run. */
struct authority {
    unsigned long hash; /* X509_NAME_hash_ex */
    unsigned char *der; /* owned */
    size_t len;
};

struct why_authorities {
    struct authority *items;
    size_t count, capacity;
};

/* All that is left of |in|, of |*len| bytes, owned by the caller; NULL with errno set. */
static char *read_all(FILE *in, size_t *len)
{
    char *data = NULL;
    size_t capacity = 0;

    *len = 0;
    do {
        if (*len == FILE_MAX)
            errno = EFBIG;
        if (*len == FILE_MAX || !why_grow(&data, &capacity, *len + READ_SIZE, 1)) {
            free(data);
            return NULL;
        }
        *len += fread(data + *len, 1, READ_SIZE, in);
    } while (!feof(in) && !ferror(in));
    if (!ferror(in))
        return data;
    free(data);
    return NULL;
}

/* Steps over the element at |*p|, into it where |inside|; false where it ends beyond |end|. */
static bool step(const unsigned char **p, const unsigned char *end, bool inside)
{
    int tag, class;
    long len;

    if (*p >= end || (ASN1_get_object(p, &len, &tag, &class, end - *p) & 0x80) != 0)
        return false;
    if (!inside)
        *p += len;
    return true;
}

/* The subject of a certificate (RFC 5280 4.1), which is all that is read of one that nobody asks
 * for; owned by the caller, NULL: it is none. */
static X509_NAME *subject_of(const unsigned char *der, size_t len)
{
    const unsigned char *p = der, *end = der + len;
    bool good = step(&p, end, true); /* Certificate */

    good = good && step(&p, end, true); /* tbsCertificate */
    if (good && p < end && *p == 0xa0)
        good = step(&p, end, false); /* version */
    /* serialNumber, signature, issuer, validity */
    for (int i = 0; i < 4 && good; i++)
        good = step(&p, end, false);
    return good ? d2i_X509_NAME(NULL, &p, end - p) : NULL;
}

/* How many it is: 1, or 0 where |der|, which is copied, is no certificate. */
static size_t add(struct why_authorities *trust, const unsigned char *der, size_t len)
{
    X509_NAME *subject = subject_of(der, len);
    struct authority *one;

    if (subject == NULL ||
        !why_grow(&trust->items, &trust->capacity, trust->count + 1, sizeof(struct authority))) {
        X509_NAME_free(subject);
        return 0;
    }
    one = &trust->items[trust->count];
    *one = (struct authority){X509_NAME_hash_ex(subject, NULL, NULL, NULL), malloc(len), len};
    X509_NAME_free(subject);
    if (one->der == NULL)
        return 0;
    memcpy(one->der, der, len);
    trust->count++;
    return 1;
}

static bool is_certificate(const char *name)
{
    return strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0 ||
           strcmp(name, PEM_STRING_X509_TRUSTED) == 0;
}

/* What of |data| is certificates, in PEM or one in DER. */
static size_t add_data(struct why_authorities *trust, const char *data, size_t len)
{
    BIO *bio = BIO_new_mem_buf(data, (int)len);
    unsigned char *der = NULL;
    char *name = NULL, *header = NULL;
    size_t added = 0;
    long size = 0;

    while (bio != NULL && PEM_read_bio(bio, &name, &header, &der, &size) == 1) {
        if (is_certificate(name) && size > 0)
            added += add(trust, der, (size_t)size);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(der);
    }
    BIO_free(bio);
    if (added == 0)
        added = add(trust, (const unsigned char *)data, len);
    ERR_clear_error();
    return added;
}

/* How many certificates of |name| are in the store now; 0 with errno: it cannot be read. */
static size_t add_file(struct why_authorities *trust, const char *name)
{
    FILE *in = fopen(name, "rb");
    size_t len = 0, added;
    char *data = in != NULL ? read_all(in, &len) : NULL;
    int error = errno;

    if (in != NULL)
        (void)fclose(in);
    errno = error;
    if (data == NULL)
        return 0;
    added = add_data(trust, data, len);
    free(data);
    errno = 0;
    return added;
}

/* "5ed36f99.0", as OpenSSL looks for a certificate by the hash of its subject. */
static bool is_hashed(const char *name)
{
    size_t hash = strspn(name, "0123456789abcdef");
    size_t digits = hash == 8 && name[8] == '.' ? strspn(name + 9, "0123456789") : 0;

    return digits > 0 && name[9 + digits] == '\0';
}

static size_t add_folder(struct why_authorities *trust, const char *folder)
{
    DIR *dir = opendir(folder);
    size_t added = 0;
    struct dirent *entry;
    char path[4096];

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (is_hashed(entry->d_name) &&
            (size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) < sizeof(path))
            added += add_file(trust, path);
    }
    if (dir != NULL)
        (void)closedir(dir);
    return added;
}

static size_t add_system(struct why_authorities *trust)
{
    const char *file = getenv(X509_get_default_cert_file_env());
    const char *folder = getenv(X509_get_default_cert_dir_env());
    size_t added;

    if (file != NULL || folder != NULL)
        return (file != NULL ? add_file(trust, file) : 0) +
               (folder != NULL ? add_folder(trust, folder) : 0);
    added = add_file(trust, X509_get_default_cert_file());
    if (added == 0)
        added = add_folder(trust, X509_get_default_cert_dir());
    for (size_t i = 0; added == 0 && i < sizeof(bundles) / sizeof(bundles[0]); i++)
        added = add_file(trust, bundles[i]);
    return added;
}

/* |errno| says why |name| gave nothing, 0: there is no certificate in it. */
static int refuse(const char *name, char *err, size_t errlen)
{
    if (errno != 0)
        (void)snprintf(err, errlen, "cannot read '%s': %s", name, strerror(errno));
    else
        (void)snprintf(err, errlen, "no certificate in '%s': it must be PEM or DER", name);
    return WHY_ERR_USAGE;
}

int why_authorities_load(const char *const *files, size_t count, struct why_authorities **trust,
                         char *err, size_t errlen)
{
    struct why_authorities *loaded = calloc(1, sizeof(*loaded));
    int status = WHY_OK;

    *trust = NULL;
    if (loaded == NULL)
        return WHY_ERR_NOMEM;
    (void)add_system(loaded);
    for (size_t i = 0; i < count && status == WHY_OK; i++) {
        if (add_file(loaded, files[i]) == 0)
            status = refuse(files[i], err, errlen);
    }
    if (loaded->count > 0 && status == WHY_OK)
        *trust = loaded;
    else
        why_authorities_free(loaded);
    return status;
}

void why_authorities_free(struct why_authorities *trust)
{
    if (trust == NULL)
        return;
    for (size_t i = 0; i < trust->count; i++)
        free(trust->items[i].der);
    free(trust->items);
    free(trust);
}

int why_authorities_find(const struct why_authorities *trust, const X509_NAME *subject,
                         STACK_OF(X509) * into)
{
    unsigned long hash = X509_NAME_hash_ex(subject, NULL, NULL, NULL);

    for (size_t i = 0; i < trust->count; i++) {
        const struct authority *one = &trust->items[i];
        const unsigned char *p = one->der;
        X509 *cert = one->hash == hash ? d2i_X509(NULL, &p, (long)one->len) : NULL;

        if (cert == NULL)
            continue;
        if (sk_X509_push(into, cert) <= 0) {
            X509_free(cert);
            return WHY_ERR_NOMEM;
        }
    }
    return WHY_OK;
}

#define CHAIN_AUTHORITIES_MAX 64

int why_authorities_chain(const struct why_authorities *trust, const X509 *leaf,
                          const STACK_OF(X509) * others, STACK_OF(X509) * into)
{
    int status = WHY_OK;

    if (trust == NULL)
        return WHY_OK;
    status = why_authorities_find(trust, X509_get_issuer_name(leaf), into);
    for (int i = 0; i < sk_X509_num(others) && status == WHY_OK; i++)
        status = why_authorities_find(trust, X509_get_issuer_name(sk_X509_value(others, i)), into);
    /* A root is its own issuer, and authorities may have issued each other's. */
    for (int i = 0; i < sk_X509_num(into) && i < CHAIN_AUTHORITIES_MAX && status == WHY_OK; i++) {
        X509 *one = sk_X509_value(into, i);

        if (X509_NAME_cmp(X509_get_subject_name(one), X509_get_issuer_name(one)) != 0)
            status = why_authorities_find(trust, X509_get_issuer_name(one), into);
    }
    return status;
}
