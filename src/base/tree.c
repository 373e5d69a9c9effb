/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *why_tree_make(void)
{
    static const char name[] = "/rdpwhy-XXXXXX";
    const char *base = getenv("TMPDIR");
    size_t size;
    char *path;

    if (base == NULL || base[0] != '/')
        base = "/tmp";
    size = strlen(base) + sizeof(name);
    path = malloc(size);
    if (path == NULL)
        return NULL;
    (void)snprintf(path, size, "%s%s", base, name);
    if (mkdtemp(path) != NULL)
        return path;
    free(path);
    return NULL;
}

void why_tree_remove(const char *path, int depth)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    if (dir == NULL)
        return;
    while (depth > 0 && (entry = readdir(dir)) != NULL) {
        char child[4096];
        struct stat st;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) >= (int)sizeof(child))
            continue;
        if (lstat(child, &st) == 0 && S_ISDIR(st.st_mode))
            why_tree_remove(child, depth - 1);
        else
            (void)unlink(child);
    }
    (void)closedir(dir);
    (void)rmdir(path);
}
