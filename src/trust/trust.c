/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/trust.h>

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <rdpwhy/status.h>

/* More than any system's bundle; what is longer is no list of authorities. */
#define FILE_MAX (16u * 1024u * 1024u)

/* Where systems keep their bundle, if OpenSSL was built for another place. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
    "/etc/ssl/ca-bundle.pem",             /* SUSE */
    "/etc/ssl/cert.pem",                  /* macOS, BSD */
};

/* All of |name|, of |*len| bytes, owned by the caller; NULL with errno set. */
static char *read_all(const char *name, size_t *len)
{
    FILE *in = fopen(name, "rb");
    char *data = in != NULL ? malloc(FILE_MAX) : NULL;
    int error = errno;

    *len = 0;
    if (data != NULL) {
        *len = fread(data, 1, FILE_MAX, in);
        error = ferror(in) ? errno : *len == FILE_MAX ? EFBIG : 0;
    }
    if (in != NULL)
        (void)fclose(in);
    if (data != NULL && error == 0)
        return data;
    free(data);
    errno = error;
    return NULL;
}

static size_t add(X509_STORE *store, X509 *cert)
{
    size_t added = X509_STORE_add_cert(store, cert) == 1;

    X509_free(cert);
    return added;
}

/* What of |data| is certificates, in PEM or one in DER. */
static size_t add_data(X509_STORE *store, const char *data, size_t len)
{
    BIO *bio = BIO_new_mem_buf(data, (int)len);
    const unsigned char *der = (const unsigned char *)data;
    size_t added = 0;
    X509 *cert;

    while (bio != NULL && (cert = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL)) != NULL)
        added += add(store, cert);
    BIO_free(bio);
    if (added == 0 && (cert = d2i_X509(NULL, &der, (long)len)) != NULL)
        added += add(store, cert);
    ERR_clear_error();
    return added;
}

/* How many certificates of |name| are in the store now; 0 with errno: it cannot be read. */
static size_t add_file(X509_STORE *store, const char *name)
{
    size_t len, added;
    char *data = read_all(name, &len);

    if (data == NULL)
        return 0;
    added = add_data(store, data, len);
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

static size_t add_folder(X509_STORE *store, const char *folder)
{
    DIR *dir = opendir(folder);
    size_t added = 0;
    struct dirent *entry;
    char path[4096];

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (is_hashed(entry->d_name) &&
            (size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) < sizeof(path))
            added += add_file(store, path);
    }
    if (dir != NULL)
        (void)closedir(dir);
    return added;
}

static size_t add_system(X509_STORE *store)
{
    const char *file = getenv(X509_get_default_cert_file_env());
    const char *folder = getenv(X509_get_default_cert_dir_env());
    size_t added;

    if (file != NULL || folder != NULL)
        return (file != NULL ? add_file(store, file) : 0) +
               (folder != NULL ? add_folder(store, folder) : 0);
    added = add_file(store, X509_get_default_cert_file());
    if (added == 0)
        added = add_folder(store, X509_get_default_cert_dir());
    for (size_t i = 0; added == 0 && i < sizeof(bundles) / sizeof(bundles[0]); i++)
        added = add_file(store, bundles[i]);
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

int why_trust_load(const char *const *files, size_t count, struct x509_store_st **store, char *err,
                   size_t errlen)
{
    int status = WHY_OK;
    size_t added;

    *store = X509_STORE_new();
    if (*store == NULL)
        return WHY_ERR_NOMEM;
    added = add_system(*store);
    for (size_t i = 0; i < count && status == WHY_OK; i++) {
        size_t own = add_file(*store, files[i]);

        added += own;
        if (own == 0)
            status = refuse(files[i], err, errlen);
    }
    if (added == 0 || status != WHY_OK) {
        why_trust_free(*store);
        *store = NULL;
    }
    return status;
}

void why_trust_free(struct x509_store_st *store)
{
    X509_STORE_free(store);
}
