/* SPDX-License-Identifier: Apache-2.0 */
#include "gen_docs.h"

#include <stdio.h>
#include <string.h>

/* Build-time tool: writes the man page and the completions from the tables that the parser uses. */

static const struct {
    const char *name;
    int (*write)(FILE *out, const char *source);
} kinds[] = {
    {"man", gen_man},
    {"bash", gen_bash},
    {"zsh", gen_zsh},
    {"fish", gen_fish},
};

static int write_file(const char *file, size_t kind, const char *source)
{
    FILE *out = fopen(file, "w");
    int failed;

    if (!out) {
        perror(file);
        return 1;
    }
    failed = kinds[kind].write(out, source);
    if (ferror(out) || fclose(out) != 0) {
        perror(file);
        failed = 1;
    }
    return failed;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc >= 3 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(argv[1], kinds[i].name) == 0)
            return write_file(argv[2], i, argc > 3 ? argv[3] : NULL);
    }
    fputs("usage: gen_docs man|bash|zsh|fish OUT [SOURCE]\n", stderr);
    return 2;
}
