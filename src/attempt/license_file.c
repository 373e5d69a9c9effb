/* SPDX-License-Identifier: Apache-2.0 */
#include "license_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include <rdpwhy/store.h>

#define PATH_SIZE 4096

void why_license_file_hash(const char *client_name, char out[41])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int n = 0;

    if (EVP_Digest(client_name, strlen(client_name), digest, &n, EVP_sha1(), NULL) != 1 || n != 20)
        memset(digest, 0, sizeof(digest));
    for (size_t i = 0; i < 20; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static bool file_path(const char *store, const char *client_name, char buf[PATH_SIZE])
{
    char hash[41];
    int n;

    why_license_file_hash(client_name, hash);
    n = snprintf(buf, PATH_SIZE, "%s/licenses/%s.cal", store, hash);
    return n > 0 && n < PATH_SIZE;
}

static bool make_dirs(const char *store)
{
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof(path), "%s/licenses", store);

    return n > 0 && (size_t)n < sizeof(path) && mkdir(store, 0700) == 0 && mkdir(path, 0700) == 0;
}

bool why_license_file_put(const char *store, const char *client_name,
                          const struct why_license_data *license)
{
    char path[PATH_SIZE];
    FILE *out;
    bool ok;

    /* The library asserts that a license it finds has at most this length. */
    if (license->len == 0 || license->len > WHY_LICENSE_MAX || !make_dirs(store) ||
        !file_path(store, client_name, path))
        return false;
    out = fopen(path, "wb");
    if (out == NULL)
        return false;
    ok = fwrite(license->data, 1, license->len, out) == license->len;
    return fclose(out) == 0 && ok;
}

bool why_license_file_take(const char *store, const char *client_name,
                           const struct why_license_data *given, struct why_license_data *out)
{
    char path[PATH_SIZE];
    uint8_t *data = malloc(WHY_LICENSE_MAX);
    size_t n = 0;
    FILE *in = data != NULL && file_path(store, client_name, path) ? fopen(path, "rb") : NULL;

    if (in != NULL) {
        n = fread(data, 1, WHY_LICENSE_MAX, in);
        (void)fclose(in);
    }
    if (n == 0 || (given != NULL && n == given->len && memcmp(data, given->data, n) == 0)) {
        free(data);
        return false;
    }
    out->data = data;
    out->len = n;
    return true;
}
