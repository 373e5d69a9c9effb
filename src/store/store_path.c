/* SPDX-License-Identifier: Apache-2.0 */
#include "store_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rdpwhy/store.h>

char *store_join(const char *dir, const char *name)
{
    size_t n = strlen(dir) + 1 + strlen(name) + 1;
    char *path = malloc(n);

    if (path != NULL)
        (void)snprintf(path, n, "%s/%s", dir, name);
    return path;
}

static bool is_plain(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
}

char *store_file_name(const char *server)
{
    size_t n = strlen(server), used = 0;
    char *name = malloc(3 * n + sizeof(STORE_SUFFIX));

    if (name == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)server[i];

        /* A leading dot would hide the file, or leave the store as "..". */
        if (is_plain(c) && !(c == '.' && i == 0))
            name[used++] = (char)c;
        else
            used += (size_t)snprintf(name + used, 4, "%%%02X", c);
    }
    (void)snprintf(name + used, sizeof(STORE_SUFFIX), "%s", STORE_SUFFIX);
    return name;
}

int store_make_dir(const char *dir)
{
    char *path = strdup(dir);
    int r = 0;

    if (path == NULL) {
        errno = ENOMEM;
        return -1;
    }
    /* A trailing slash would make the last directory one of the parents. */
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
        path[n - 1] = '\0';
    for (char *p = path + 1; *p != '\0' && r == 0; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            r = -1;
        *p = '/';
    }
    if (r == 0 && mkdir(path, 0700) != 0 && errno != EEXIST)
        r = -1;
    free(path);
    return r;
}

char *why_store_default(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    /* The XDG Base Directory Specification has relative paths ignored. */
    if (state != NULL && state[0] == '/')
        return store_join(state, "rdpwhy/licenses");
    if (home != NULL && home[0] == '/')
        return store_join(home, ".local/state/rdpwhy/licenses");
    return NULL;
}
