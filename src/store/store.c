/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/store.h>

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "store_file.h"
#include "store_path.h"

void why_license_clear(struct why_license *license)
{
    if (license == NULL)
        return;
    free(license->server);
    free(license->company);
    free(license->product);
    free(license->scope);
    free(license->client);
    free(license->data);
    memset(license, 0, sizeof(*license));
}

void why_license_corrupt(uint8_t *data, size_t len)
{
    /* Every 16th byte, the first and the last: whatever a server checks first is hit. */
    for (size_t i = 0; i < len; i += 16)
        data[i] ^= 0x5a;
    if (len > 0)
        data[len - 1] ^= 0xa5;
}

/* A license that FreeRDP itself keeps: the bare bytes, in a file named by the client's hash. */
static int load_freerdp(const char *dir, const char *name, const char *server,
                        struct why_license *license, char *err, size_t errlen)
{
    char *path = store_join(dir, name);
    int status;

    if (path == NULL)
        return WHY_ERR_NOMEM;
    memset(license, 0, sizeof(*license));
    status = store_file_slurp(path, WHY_LICENSE_MAX, &license->data, &license->len, err, errlen);
    free(path);
    if (status != WHY_OK)
        return status;
    license->server = strdup(server);
    if (license->server == NULL) {
        why_license_clear(license);
        return WHY_ERR_NOMEM;
    }
    return WHY_OK;
}

int why_store_load(const char *dir, const char *server, const char *client,
                   struct why_license *license, char *err, size_t errlen)
{
    char *name = store_file_name(server);
    char *path = name != NULL ? store_join(dir, name) : NULL;
    char cal[96];
    int status = WHY_ERR_NOMEM;

    if (path == NULL)
        goto out;
    status = store_file_read(path, license, err, errlen);
    if (status != WHY_ERR_NOTFOUND || client == NULL)
        goto out;
    (void)snprintf(cal, sizeof(cal), "licenses/%s.cal", client);
    status = load_freerdp(dir, cal, server, license, err, errlen);
    if (status == WHY_ERR_NOTFOUND)
        status = load_freerdp(dir, cal + strlen("licenses/"), server, license, err, errlen);
out:
    if (status == WHY_ERR_NOTFOUND)
        (void)snprintf(err, errlen, "no license for %s in %s", server, dir);
    free(path);
    free(name);
    return status;
}

int why_store_save(const char *dir, const struct why_license *license, char *err, size_t errlen)
{
    char *name = store_file_name(license->server);
    char *path = name != NULL ? store_join(dir, name) : NULL;
    int status = WHY_ERR_NOMEM;

    if (path == NULL)
        goto out;
    status = WHY_ERR_IO;
    if (store_make_dir(dir) != 0) {
        (void)snprintf(err, errlen, "%s: %s", dir, strerror(errno));
        goto out;
    }
    status = store_file_write(dir, path, license, err, errlen);
out:
    free(path);
    free(name);
    return status;
}

static int is_license_file(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name), suffix = strlen(STORE_SUFFIX);

    return entry->d_name[0] != '.' && n > suffix &&
           strcmp(entry->d_name + n - suffix, STORE_SUFFIX) == 0;
}

/* The names in |dir|, sorted; |*count| of them. 0, or -1 with a message. */
static int read_names(const char *dir, struct dirent ***names, size_t *count, char *err,
                      size_t errlen)
{
    int n = scandir(dir, names, is_license_file, alphasort);

    *count = n > 0 ? (size_t)n : 0;
    if (n >= 0)
        return 0;
    *names = NULL;
    if (errno == ENOENT)
        return 0;
    (void)snprintf(err, errlen, "%s: %s", dir, strerror(errno));
    return -1;
}

static void free_names(struct dirent **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

int why_store_list(const char *dir, void (*each)(void *arg, const struct why_license *license),
                   void (*problem)(void *arg, const char *message), void *arg, char *err,
                   size_t errlen)
{
    struct dirent **names = NULL;
    size_t count = 0;
    int status = WHY_OK;

    if (read_names(dir, &names, &count, err, errlen) != 0)
        return WHY_ERR_IO;
    for (size_t i = 0; i < count && status == WHY_OK; i++) {
        char *path = store_join(dir, names[i]->d_name);
        struct why_license license;
        char message[512] = "";
        int r = path != NULL ? store_file_read(path, &license, message, sizeof(message))
                             : WHY_ERR_NOMEM;

        if (r == WHY_OK) {
            each(arg, &license);
            why_license_clear(&license);
        } else if (r == WHY_ERR_NOMEM) {
            status = r;
        } else if (problem != NULL) {
            problem(arg, message);
        }
        free(path);
    }
    free_names(names, count);
    return status;
}

static int remove_one(const char *dir, const char *name, size_t *count, char *err, size_t errlen)
{
    char *path = store_join(dir, name);
    int status = WHY_OK;

    if (path == NULL)
        return WHY_ERR_NOMEM;
    if (unlink(path) == 0) {
        (*count)++;
    } else if (errno != ENOENT) {
        (void)snprintf(err, errlen, "%s: %s", path, strerror(errno));
        status = WHY_ERR_IO;
    }
    free(path);
    return status;
}

int why_store_clear(const char *dir, const char *server, size_t *count, char *err, size_t errlen)
{
    struct dirent **names = NULL;
    size_t n = 0;
    int status = WHY_OK;

    *count = 0;
    if (server != NULL) {
        char *name = store_file_name(server);

        status = name != NULL ? remove_one(dir, name, count, err, errlen) : WHY_ERR_NOMEM;
        free(name);
        return status;
    }
    if (read_names(dir, &names, &n, err, errlen) != 0)
        return WHY_ERR_IO;
    for (size_t i = 0; i < n && status == WHY_OK; i++)
        status = remove_one(dir, names[i]->d_name, count, err, errlen);
    free_names(names, n);
    return status;
}
