/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "prose.h"

/* Build-time tool: writes the rows of rules.c from rules.def and the text files in rules/. */

static const struct prose_rule rules[] = {
#define WHY_RULE(id, name, severity, remark, matcher) {#id, name, #severity},
#include <rdpwhy/rules.def>
};

static size_t write_rows(FILE *out, FILE *depend, const char *folder)
{
    const struct prose_streams to = {.out = out, .depend = depend, .errors = stderr};
    size_t errors;

    (void)fputs("/* Written by gen_rules from src/knowledge/rules: change the texts there. */\n"
                "static const struct why_rule_info infos[] = {\n",
                out);
    errors = prose_compile(rules, sizeof(rules) / sizeof(rules[0]), folder, &to);
    (void)fputs("};\n", out);
    return errors;
}

static int close_file(FILE *file, const char *name)
{
    int failed = ferror(file);

    if (fclose(file) == 0 && failed == 0)
        return 0;
    perror(name);
    return 1;
}

int main(int argc, char **argv)
{
    FILE *out, *depend;
    int failed;

    if (argc != 4) {
        (void)fputs("usage: gen_rules FOLDER OUT DEPFILE\n", stderr);
        return 2;
    }
    out = fopen(argv[2], "w");
    depend = fopen(argv[3], "w");
    if (out == NULL || depend == NULL) {
        perror(out == NULL ? argv[2] : argv[3]);
        return 1;
    }
    (void)fprintf(depend, "%s:", argv[2]);
    failed = write_rows(out, depend, argv[1]) > 0;
    (void)fputc('\n', depend);
    failed |= close_file(out, argv[2]) | close_file(depend, argv[3]);
    if (failed != 0)
        (void)remove(argv[2]);
    return failed;
}
