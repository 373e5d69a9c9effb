/* SPDX-License-Identifier: Apache-2.0 */
#include "store_path.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rdpwhy/status.h>
#include <rdpwhy/store.h>

char *why_store_join(const char *dir, const char *name)
{
    size_t n = strlen(dir) + 1 + strlen(name) + 1;
    char *path = malloc(n);

    if (path != NULL)
        (void)snprintf(path, n, "%s/%s", dir, name);
    return path;
}

static bool is_plain(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

bool why_store_same_server(const char *a, const char *b)
{
    while (*a != '\0' && lower((unsigned char)*a) == lower((unsigned char)*b))
        a++, b++;
    return lower((unsigned char)*a) == lower((unsigned char)*b);
}

char *why_store_file_name(const char *server)
{
    size_t n = strlen(server), used = 0;
    char *name = malloc(3 * n + sizeof(STORE_SUFFIX));

    if (name == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = lower((unsigned char)server[i]);

        /* A leading dot would hide the file, or leave the store as "..". */
        if (is_plain(c) && !(c == '.' && i == 0))
            name[used++] = (char)c;
        else
            used += (size_t)snprintf(name + used, 4, "%%%02X", c);
    }
    (void)snprintf(name + used, sizeof(STORE_SUFFIX), "%s", STORE_SUFFIX);
    return name;
}

/* mkdir says of a file what it says of a directory: that it exists. */
static int make_one(const char *path, mode_t mode)
{
    struct stat info;

    if (mkdir(path, mode) == 0)
        return 0;
    if (errno != EEXIST)
        return -1;
    if (stat(path, &info) != 0)
        return -1;
    errno = ENOTDIR;
    return S_ISDIR(info.st_mode) ? 0 : -1;
}

int why_store_make_dir(const char *dir)
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
        r = make_one(path, 0755);
        *p = '/';
    }
    if (r == 0)
        r = make_one(path, 0700);
    free(path);
    return r;
}

int why_store_blame(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        return WHY_ERR_USAGE;
    case ENOMEM:
        return WHY_ERR_NOMEM;
    default:
        return WHY_ERR_IO;
    }
}

static int say(const char *dir, int error, char *err, size_t errlen)
{
    (void)snprintf(err, errlen, "%s: %s", dir, strerror(error));
    return why_store_blame(error);
}

/* Trying is the one way to find out: permissions say nothing of a file system that is read-only. */
static int check_keeps(const char *dir, char *err, size_t errlen)
{
    char *path;
    int fd;

    if (why_store_make_dir(dir) != 0)
        return say(dir, errno, err, errlen);
    path = why_store_join(dir, STORE_TEMPORARY);
    if (path == NULL)
        return WHY_ERR_NOMEM;
    fd = mkstemp(path);
    if (fd < 0) {
        free(path);
        return say(dir, errno, err, errlen);
    }
    (void)close(fd);
    (void)unlink(path);
    free(path);
    return WHY_OK;
}

int why_store_check(const char *dir, bool keeps, char *err, size_t errlen)
{
    DIR *folder;

    if (keeps)
        return check_keeps(dir, err, errlen);
    folder = opendir(dir);
    if (folder == NULL)
        return errno == ENOENT ? WHY_OK : say(dir, errno, err, errlen);
    (void)closedir(folder);
    return WHY_OK;
}

int why_store_read_names(const char *dir, int (*is_wanted)(const struct dirent *entry),
                         struct dirent ***names, size_t *count, char *err, size_t errlen)
{
    int n = scandir(dir, names, is_wanted, alphasort);

    *count = n > 0 ? (size_t)n : 0;
    if (n >= 0)
        return 0;
    *names = NULL;
    if (errno == ENOENT)
        return 0;
    (void)snprintf(err, errlen, "%s: %s", dir, strerror(errno));
    return -1;
}

void why_store_free_names(struct dirent **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

bool why_store_has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), len = strlen(suffix);

    return n > len && strcmp(name + n - len, suffix) == 0;
}

char *why_store_default(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    /* The XDG Base Directory Specification has relative paths ignored. */
    if (state != NULL && state[0] == '/')
        return why_store_join(state, "rdpwhy/licenses");
    if (home != NULL && home[0] == '/')
        return why_store_join(home, ".local/state/rdpwhy/licenses");
    return NULL;
}
