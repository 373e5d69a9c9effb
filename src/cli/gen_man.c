/* SPDX-License-Identifier: Apache-2.0 */
#include "gen_docs.h"

#include <string.h>

#include <rdpwhy/diff.h>
#include <rdpwhy/require.h>

#include "lists.h"

/* The man page (mdoc) is share/rdpwhy.1.in with lines like @OPTIONS@ replaced. */

static void put_escaped(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

/* Running text: hyphens stay hyphens, except in front of an option's name. */
static void put_prose(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-' && text[1] == '-')
            fputs("\\-\\-", out), text++;
        else
            fputc(*text, out);
    }
}

static void put_option(FILE *out, const struct cli_option *row)
{
    const char *fallback = row->value ? row->value : row->fallback;

    fputs(".It ", out);
    if (row->letter)
        fprintf(out, "Fl %c , ", row->letter);
    fputs("Fl \\-", out);
    put_escaped(out, row->name);
    if (row->argument_name) {
        fputs(" Ar ", out);
        put_escaped(out, row->argument_name);
    }
    fputc('\n', out);
    put_prose(out, row->help);
    fputs(".\n", out);
    if (fallback) {
        fputs("Default: ", out);
        put_prose(out, fallback);
        fputs(".\n", out);
    }
}

static void put_category(FILE *out, size_t category, unsigned commands)
{
    bool heading = false;

    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *row = &cli_option_table[i];

        if (row->category != category || !row->help || !(row->commands & commands))
            continue;
        if (!heading)
            fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n", cli_categories[category]);
        heading = true;
        put_option(out, row);
    }
    if (heading)
        fputs(".El\n", out);
}

static void put_options(FILE *out)
{
    for (size_t i = 0; i < CLI_CATEGORY_COUNT; i++)
        put_category(out, i, CLI_FOR(CLI_PROBE) | CLI_FOR(CLI_DIFF) | CLI_GLOBAL);
}

static void put_commands(FILE *out)
{
    fputs(".Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < CLI_COMMAND_COUNT; i++) {
        fprintf(out, ".It Cm %s ", cli_commands[i].name);
        if (i == CLI_PROBE || i == CLI_DIFF || i == CLI_LICENSE)
            fputs("Oo Ar options Oc ", out);
        fputs("Ar ", out);
        put_escaped(out, cli_commands[i].operands);
        fprintf(out, "\n%s.\n", cli_commands[i].summary);
    }
    fputs(".El\n", out);
}

static void put_item(FILE *out, const char *name, const char *meaning)
{
    fputs(".It Cm ", out);
    put_escaped(out, name);
    fputc('\n', out);
    put_prose(out, meaning);
    fputc('\n', out);
}

static void put_words(FILE *out, enum why_vocabulary list)
{
    size_t count = 0;
    const struct why_word *words = why_vocab(list, &count);

    for (size_t i = 0; i < count; i++)
        put_item(out, words[i].name, words[i].meaning);
}

static void put_lists(FILE *out, enum why_vocabulary list)
{
    (void)list;
    for (size_t i = 0; i < cli_list_count; i++)
        put_item(out, cli_lists[i].name, cli_lists[i].summary);
}

static void put_requirements(FILE *out, enum why_vocabulary list)
{
    (void)list;
    for (size_t i = 0; i < why_requirement_info_count(); i++)
        put_item(out, why_requirement_info(i)->form, why_requirement_info(i)->meaning);
}

static void put_changes(FILE *out, enum why_vocabulary list)
{
    (void)list;
    for (size_t i = 0; i < why_change_info_count(); i++)
        put_item(out, why_change_info(i)->name, why_change_info(i)->meaning);
}

/* What takes the place of a line of the source: |put| writes the items of a list. */
static const struct {
    const char *mark;
    void (*put)(FILE *out, enum why_vocabulary list);
    enum why_vocabulary list;
} marks[] = {
    {"@PROFILES@\n", put_words, WHY_VOCAB_PROFILE},
    {"@LICENSES@\n", put_words, WHY_VOCAB_LICENSE_MODE},
    {"@PHASES@\n", put_words, WHY_VOCAB_PHASE},
    {"@OUTCOMES@\n", put_words, WHY_VOCAB_OUTCOME},
    {"@ANSWERS@\n", put_words, WHY_VOCAB_ANSWER},
    {"@ENDINGS@\n", put_words, WHY_VOCAB_ENDING},
    {"@CLOSERS@\n", put_words, WHY_VOCAB_CLOSER},
    {"@TRUST@\n", put_words, WHY_VOCAB_TRUST},
    {"@STATES@\n", put_words, WHY_VOCAB_HOST_STATE},
    {"@REQUIREMENTS@\n", put_requirements, WHY_VOCAB_PHASE},
    {"@CHANGES@\n", put_changes, WHY_VOCAB_PHASE},
    {"@LISTS@\n", put_lists, WHY_VOCAB_PHASE},
};

static void put_line(FILE *out, const char *line)
{
    if (strcmp(line, "@OPTIONS@\n") == 0) {
        put_options(out);
        return;
    }
    if (strcmp(line, "@COMMANDS@\n") == 0) {
        put_commands(out);
        return;
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (strcmp(line, marks[i].mark) == 0) {
            fputs(".Bl -tag -width Ds -compact\n", out);
            marks[i].put(out, marks[i].list);
            fputs(".El\n", out);
            return;
        }
    }
    fputs(line, out);
}

int gen_man(FILE *out, const char *source)
{
    FILE *in = source ? fopen(source, "r") : NULL;
    char line[1024];
    int failed;

    if (!in) {
        perror(source ? source : "gen_docs man: no source");
        return 1;
    }
    while (fgets(line, sizeof(line), in))
        put_line(out, line);
    failed = ferror(in) != 0;
    fclose(in);
    return failed;
}
