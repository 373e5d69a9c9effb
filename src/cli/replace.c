/* SPDX-License-Identifier: Apache-2.0 */
#include "replace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *cli_replace_open(const char *file, const char *mode, char **partial)
{
    static const char ending[] = ".partial";
    struct stat info;
    size_t len = strlen(file) + sizeof(ending);
    FILE *out;

    *partial = NULL;
    if (stat(file, &info) == 0 && !S_ISREG(info.st_mode))
        return fopen(file, "w");
    *partial = malloc(len);
    if (!*partial)
        return NULL;
    snprintf(*partial, len, "%s%s", file, ending);
    out = fopen(*partial, mode);
    if (!out) {
        free(*partial);
        *partial = NULL;
    }
    return out;
}

int cli_replace_finish(const char *file, char *partial)
{
    int failed = partial ? rename(partial, file) : 0, saved = errno;

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
