/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

/* Runs the target once over every file named, and over every file of every folder named. */

static int run_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *in = fopen(path, "rb");
    uint8_t *exact;
    size_t n;

    if (in == NULL) {
        perror(path);
        return -1;
    }
    n = fread(data, 1, sizeof(data), in);
    (void)fclose(in);
    exact = malloc(n > 0 ? n : 1);
    REQUIRE(exact != NULL);
    memcpy(exact, data, n);
    (void)LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 1;
}

static int run_folder(const char *path)
{
    struct dirent *entry;
    DIR *folder = opendir(path);
    int files = 0;

    if (folder == NULL) {
        perror(path);
        return -1;
    }
    while (files >= 0 && (entry = readdir(folder)) != NULL) {
        char name[4096];

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        files = run_file(name) < 0 ? -1 : files + 1;
    }
    (void)closedir(folder);
    return files;
}

int main(int argc, char **argv)
{
    int total = 0;

    for (int i = 1; i < argc; i++) {
        struct stat st;
        int files = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode) ? run_folder(argv[i])
                                                                   : run_file(argv[i]);

        if (files < 0)
            return 1;
        total += files;
    }
    (void)printf("%d files\n", total);
    return total > 0 ? 0 : 1;
}
