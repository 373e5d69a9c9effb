/* SPDX-License-Identifier: Apache-2.0 */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MAX 10000 /* files beside |file| that other runs write or have left there */

/* Makes a file of ours alone: "|file|.partial", or "|file|.partial-2" and so on where another run
 * is at work on the same |file|, or was. Returns its descriptor, or -1 with errno. */
static int make(const char *file, char *name, size_t len)
{
    int fd = -1;

    for (unsigned i = 1; i < NAMES_MAX && fd < 0; i++) {
        (void)snprintf(name, len, i == 1 ? "%s.partial" : "%s.partial-%u", file, i);
        fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

FILE *cli_replace_open(const char *file, const char *mode, char **partial)
{
    size_t len = strlen(file) + sizeof(".partial-") + 10;
    char *name;
    struct stat info;
    FILE *out = NULL;
    int fd, saved;

    *partial = NULL;
    if (stat(file, &info) == 0 && !S_ISREG(info.st_mode))
        return fopen(file, "w");
    name = malloc(len);
    if (!name)
        return NULL;
    fd = make(file, name, len);
    if (fd >= 0)
        out = fdopen(fd, mode);
    saved = errno;
    if (!out && fd >= 0) {
        close(fd);
        unlink(name);
    }
    if (out)
        *partial = name;
    else
        free(name);
    errno = saved;
    return out;
}

/* Else a crash of the system may leave an empty file in |file|'s place: the name can be on the disk
 * before the bytes are. EINVAL: this kind of file system has nothing to wait for. */
static bool is_on_disk(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC), saved;
    bool synced;

    if (fd < 0)
        return false;
    synced = fsync(fd) == 0 || errno == EINVAL;
    saved = errno;
    close(fd);
    errno = saved;
    return synced;
}

int cli_replace_finish(const char *file, char *partial)
{
    int failed = 0, saved;

    if (partial)
        failed = is_on_disk(partial) ? rename(partial, file) : -1;
    saved = errno;
    free(partial);
    errno = saved;
    return failed;
}

void cli_replace_drop(char *partial)
{
    if (partial)
        unlink(partial);
    free(partial);
}
