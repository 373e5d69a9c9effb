/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/store.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "store_file.h"
#include "store_freerdp.h"
#include "store_path.h"

int why_store_load(const char *dir, const char *server, const char *client,
                   struct why_license *license, char *err, size_t errlen)
{
    char *name = why_store_file_name(server);
    char *path = name != NULL ? why_store_join(dir, name) : NULL;
    int status = WHY_ERR_NOMEM;

    if (path == NULL)
        goto out;
    status = why_store_file_read(path, license, err, errlen);
    if (status == WHY_ERR_NOTFOUND && client != NULL)
        status = why_store_freerdp_load(dir, server, client, license, err, errlen);
out:
    if (status == WHY_ERR_NOTFOUND)
        (void)snprintf(err, errlen, "no license for %s in %s", server, dir);
    free(path);
    free(name);
    return status;
}

/* Whether |path| may be written: nothing is there, or a license. What is neither may be what
 * somebody wants to look into. */
static int look_first(const char *path, char *err, size_t errlen)
{
    struct why_license old;
    int status = why_store_file_read(path, &old, err, errlen);

    if (status == WHY_OK)
        why_license_clear(&old);
    return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
}

int why_store_save(const char *dir, const struct why_license *license, char *err, size_t errlen)
{
    char *name = why_store_file_name(license->server);
    char *path = name != NULL ? why_store_join(dir, name) : NULL;
    int status = WHY_ERR_NOMEM;

    if (path == NULL)
        goto out;
    if (why_store_make_dir(dir) != 0) {
        status = why_store_blame(errno);
        (void)snprintf(err, errlen, "%s: %s", dir, strerror(errno));
        goto out;
    }
    status = look_first(path, err, errlen);
    if (status == WHY_OK)
        status = why_store_file_write(dir, path, license, err, errlen);
out:
    free(path);
    free(name);
    return status;
}

static int is_license_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && why_store_has_suffix(entry->d_name, STORE_SUFFIX);
}

int why_store_list(const char *dir, const struct why_store_visitor *visitor, char *err,
                   size_t errlen)
{
    struct dirent **names = NULL;
    size_t count = 0;
    int status = WHY_OK;

    if (why_store_read_names(dir, is_license_file, &names, &count, err, errlen) != 0)
        return WHY_ERR_IO;
    for (size_t i = 0; i < count && status == WHY_OK; i++) {
        char *path = why_store_join(dir, names[i]->d_name);
        struct why_license license;
        char message[512] = "";
        int r = path != NULL ? why_store_file_read(path, &license, message, sizeof(message))
                             : WHY_ERR_NOMEM;

        if (r == WHY_OK) {
            visitor->license(visitor->arg, &license);
            why_license_clear(&license);
        } else if (r == WHY_ERR_NOMEM) {
            status = r;
        } else if (visitor->problem != NULL) {
            visitor->problem(visitor->arg, message);
        }
        free(path);
    }
    why_store_free_names(names, count);
    return status;
}

static int remove_one(const char *dir, const char *name, size_t *count, char *err, size_t errlen)
{
    char *path = why_store_join(dir, name);
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
        char *name = why_store_file_name(server);

        status = name != NULL ? remove_one(dir, name, count, err, errlen) : WHY_ERR_NOMEM;
        free(name);
        return status;
    }
    if (why_store_read_names(dir, is_license_file, &names, &n, err, errlen) != 0)
        return WHY_ERR_IO;
    for (size_t i = 0; i < n && status == WHY_OK; i++)
        status = remove_one(dir, names[i]->d_name, count, err, errlen);
    why_store_free_names(names, n);
    return status;
}
