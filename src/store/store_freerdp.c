/* SPDX-License-Identifier: Apache-2.0 */
#include "store_freerdp.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rdpwhy/status.h>
#include <rdpwhy/store.h>

#include "store_file.h"
#include "store_path.h"

#define SUFFIX ".cal"

/* Where FreeRDP keeps licenses, below its configuration folder; "" is for the license folder
 * itself. In the order in which they are looked into. */
static const char *const folders[] = {"licenses/", ""};
#define FOLDER_COUNT (sizeof(folders) / sizeof(folders[0]))

/* The bare bytes, in a file named by the client's hash. */
static int load(const char *dir, const char *name, const char *server, struct why_license *license,
                char *err, size_t errlen)
{
    char *path = why_store_join(dir, name);
    int status;

    if (path == NULL)
        return WHY_ERR_NOMEM;
    memset(license, 0, sizeof(*license));
    status =
        why_store_file_slurp(path, WHY_LICENSE_MAX, &license->data, &license->len, err, errlen);
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

int why_store_freerdp_load(const char *dir, const char *server, const char *client,
                           struct why_license *license, char *err, size_t errlen)
{
    int status = WHY_ERR_NOTFOUND;

    for (size_t i = 0; i < FOLDER_COUNT && status == WHY_ERR_NOTFOUND; i++) {
        char name[96];

        (void)snprintf(name, sizeof(name), "%s%s" SUFFIX, folders[i], client);
        status = load(dir, name, server, license, err, errlen);
    }
    return status;
}

static int is_cal(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && why_store_has_suffix(entry->d_name, SUFFIX);
}

/* False: out of memory. What is gone, or no file, is passed over. */
static bool tell(const char *dir, const char *name,
                 void (*each)(void *arg, const struct why_freerdp_license *license), void *arg)
{
    char *path = why_store_join(dir, name);
    struct stat info;

    if (path == NULL)
        return false;
    if (stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
        struct why_freerdp_license license = {
            .path = path,
            .written_us = info.st_mtime > 0 ? (uint64_t)info.st_mtime * 1000000u : 0,
            .len = (uint64_t)info.st_size,
        };

        each(arg, &license);
    }
    free(path);
    return true;
}

static int list_folder(const char *dir,
                       void (*each)(void *arg, const struct why_freerdp_license *license),
                       void *arg, char *err, size_t errlen)
{
    struct dirent **names = NULL;
    size_t count = 0;
    int status = WHY_OK;

    if (why_store_read_names(dir, is_cal, &names, &count, err, errlen) != 0)
        return WHY_ERR_IO;
    for (size_t i = 0; i < count && status == WHY_OK; i++)
        status = tell(dir, names[i]->d_name, each, arg) ? WHY_OK : WHY_ERR_NOMEM;
    why_store_free_names(names, count);
    return status;
}

int why_store_list_freerdp(const char *dir,
                           void (*each)(void *arg, const struct why_freerdp_license *license),
                           void *arg, char *err, size_t errlen)
{
    int status = WHY_OK;

    for (size_t i = 0; i < FOLDER_COUNT && status == WHY_OK; i++) {
        char *path = why_store_join(dir, folders[i]);

        if (path == NULL)
            return WHY_ERR_NOMEM;
        path[strlen(path) - 1] = '\0'; /* no slash at the end: messages and |each| show it */
        status = list_folder(path, each, arg, err, errlen);
        free(path);
    }
    return status;
}
