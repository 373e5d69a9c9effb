/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/report.h>
#include <rdpwhy/vocab.h>

#include "lists.h"
#include "options.h"
#include "help.h"

static void print_row(const char *name, const char *meaning)
{
    printf("%s\t%s\n", name, meaning);
}

/* All codes of a table. */
static void print_codes(const struct why_code_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        char value[32];

        why_table_format(table, table->rows[i].value, value, sizeof(value));
        printf("%s\t%s: %s\n", value, table->rows[i].name, table->rows[i].meaning);
    }
}

static int say_lists(const char *problem)
{
    char names[256] = "";

    for (size_t i = 0; i < cli_list_count; i++) {
        size_t at = strlen(names);

        snprintf(names + at, sizeof(names) - at, "%s%s", i ? ", " : "", cli_lists[i].name);
    }
    cli_sayf("list: %s (one of %s)", problem, names);
    return CLI_EXIT_USAGE;
}

int cmd_list(int argc, char **argv)
{
    const struct why_code_table *table;
    struct cli_options options;
    char err[CLI_ERROR_MAX];
    int code;

    if (!cli_begin(&options, CLI_LIST, argc, argv, &code))
        return code;
    if (options.operand_count != 1)
        return say_lists(options.operand_count ? "one list at a time" : "which list?");
    for (size_t i = 0; i < cli_list_count; i++) {
        if (strcmp(cli_lists[i].name, options.operands[0]) == 0) {
            cli_lists[i].each(cli_lists[i].vocabulary, print_row);
            return CLI_EXIT_OK;
        }
    }
    table = why_code_table_find(options.operands[0]);
    if (table != NULL) {
        print_codes(table);
        return CLI_EXIT_OK;
    }
    snprintf(err, sizeof(err), "unknown list '%s'", options.operands[0]);
    return say_lists(err);
}
