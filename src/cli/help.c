/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"

#include <stdint.h>
#include <string.h>

#include "cli.h"
#include "near.h"

#define COLUMNS     80
#define HELP_COLUMN 32

enum cli_command cli_command_find(const char *name)
{
    for (int i = 0; i < CLI_COMMAND_COUNT; i++) {
        if (strcmp(cli_commands[i].name, name) == 0)
            return (enum cli_command)i;
    }
    return CLI_COMMAND_COUNT;
}

enum cli_command cli_command_near(const char *name)
{
    size_t best = SIZE_MAX;
    enum cli_command near = CLI_COMMAND_COUNT;

    for (int i = 0; i < CLI_COMMAND_COUNT; i++) {
        size_t distance = cli_distance(name, cli_commands[i].name);

        if (!cli_is_near(name, cli_commands[i].name) || distance >= best)
            continue;
        best = distance;
        near = (enum cli_command)i;
    }
    return near;
}

static size_t put_word(FILE *out, const char *word, size_t len, size_t column)
{
    if (column + 1 + len > COLUMNS) {
        fprintf(out, "\n%*s", HELP_COLUMN, "");
        column = HELP_COLUMN;
    } else if (column > HELP_COLUMN) {
        fputc(' ', out);
        column++;
    }
    fprintf(out, "%.*s", (int)len, word);
    return column + len;
}

/* |text| from |column| on, broken between words and indented to the help column. */
static size_t put_wrapped(FILE *out, const char *text, size_t column)
{
    while (*text) {
        size_t len = strcspn(text, " ");

        if (len > 0)
            column = put_word(out, text, len, column);
        text += len + (text[len] == ' ');
    }
    return column;
}

static void put_option(FILE *out, const struct cli_option *row)
{
    char left[64], given[160] = "";
    const char *fallback = row->value ? row->value : row->fallback;
    size_t column;
    int n = snprintf(left, sizeof(left), "  %c%c%c --%s%s%s", row->letter ? '-' : ' ',
                     row->letter ? row->letter : ' ', row->letter ? ',' : ' ', row->name,
                     row->argument_name ? " " : "", row->argument_name ? row->argument_name : "");

    fputs(left, out);
    if (n >= HELP_COLUMN - 1) {
        fputc('\n', out);
        n = 0;
    }
    fprintf(out, "%*s", HELP_COLUMN - n, "");
    if (fallback)
        snprintf(given, sizeof(given), "(default: %s)", fallback);
    column = put_wrapped(out, row->help, HELP_COLUMN);
    put_wrapped(out, given, column);
    fputc('\n', out);
}

static void put_options(FILE *out, enum cli_command command)
{
    for (size_t category = 0; category < CLI_CATEGORY_COUNT; category++) {
        bool heading = false;

        for (size_t i = 0; i < cli_option_count; i++) {
            const struct cli_option *row = &cli_option_table[i];

            if (row->category != category || !row->help || !(row->commands & CLI_FOR(command)))
                continue;
            if (!heading)
                fprintf(out, "\n%s:\n", cli_categories[category]);
            heading = true;
            put_option(out, row);
        }
    }
}

static void put_commands(FILE *out)
{
    fputs("\nCommands:\n", out);
    for (int i = 0; i < CLI_COMMAND_COUNT; i++)
        fprintf(out, "  %-10s%s\n", cli_commands[i].name, cli_commands[i].summary);
}

void cli_help(FILE *out, enum cli_command command)
{
    if (command == CLI_COMMAND_COUNT) {
        fputs("Usage: rdpwhy COMMAND [options] ...\n"
              "       rdpwhy [options] TARGET...   the same as rdpwhy probe\n"
              "Show in which phase an RDP handshake ends, who ends it, how, and why.\n",
              out);
        put_commands(out);
    } else {
        fprintf(out, "Usage: rdpwhy %s [options] %s\n%s.\n", cli_commands[command].name,
                cli_commands[command].operands, cli_commands[command].summary);
    }
    put_options(out, command);
    fputs("\nExit codes: 0 all hosts healthy, 1 at least one is not, 2 wrong usage or input\n"
          "(nothing was sent), 3 diff: something is worse, 4 rdpwhy itself failed, 130\n"
          "interrupted. With -r nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.\n",
          out);
}

bool cli_begin(struct cli_options *options, enum cli_command command, int argc, char **argv,
               int *code)
{
    char err[CLI_ERROR_MAX];

    *code = CLI_EXIT_OK;
    if (cli_options_parse(options, command, argc, argv, err, sizeof(err)) != 0) {
        cli_say(err);
        *code = CLI_EXIT_USAGE;
        return false;
    }
    if (options->help)
        cli_help(stdout, command);
    return !options->help;
}

int cmd_help(int argc, char **argv)
{
    struct cli_options options;
    char err[CLI_ERROR_MAX];
    enum cli_command command = CLI_COMMAND_COUNT;

    if (cli_options_parse(&options, CLI_HELP, argc, argv, err, sizeof(err)) != 0) {
        cli_say(err);
        return CLI_EXIT_USAGE;
    }
    if (options.operand_count > 1) {
        cli_sayf("help: one command at a time, not '%s' too", options.operands[1]);
        return CLI_EXIT_USAGE;
    }
    if (options.operand_count == 1) {
        command = cli_command_find(options.operands[0]);
        if (command == CLI_COMMAND_COUNT) {
            enum cli_command near = cli_command_near(options.operands[0]);

            if (near != CLI_COMMAND_COUNT)
                cli_sayf("help: unknown command '%s'; did you mean '%s'?", options.operands[0],
                         cli_commands[near].name);
            else
                cli_sayf("help: unknown command '%s' (try: rdpwhy --help)", options.operands[0]);
            return CLI_EXIT_USAGE;
        }
    } else if (options.help) {
        command = CLI_HELP;
    }
    cli_help(stdout, command);
    return CLI_EXIT_OK;
}
