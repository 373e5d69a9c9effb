/* SPDX-License-Identifier: Apache-2.0 */
#include "gen_docs.h"

#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/report.h>
#include <rdpwhy/require.h>

#include "lists.h"

static void put_vocabulary(FILE *out, enum why_vocabulary list, const char *before,
                           const char *after)
{
    size_t count = 0;
    const struct why_word *words = why_vocab(list, &count);

    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s%s", before, words[i].name, after);
}

static void put_formats(FILE *out, const char *before, const char *after)
{
    size_t count = 0;
    const struct why_report_format *const *formats = why_report_formats(&count);

    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s%s", before, formats[i]->name, after);
}

bool gen_words(FILE *out, enum cli_argument argument, const char *before, const char *after)
{
    switch (argument) {
    case CLI_ARG_PROFILES:
        put_vocabulary(out, WHY_VOCAB_PROFILE, before, after);
        fprintf(out, "%sall%s", before, after);
        return true;
    case CLI_ARG_LICENSES:
        put_vocabulary(out, WHY_VOCAB_LICENSE_MODE, before, after);
        fprintf(out, "%sall%s", before, after);
        return true;
    case CLI_ARG_PHASE:
        put_vocabulary(out, WHY_VOCAB_PHASE, before, after);
        return true;
    case CLI_ARG_REPORT:
        put_formats(out, before, after);
        return true;
    case CLI_ARG_REQUIREMENT:
        for (size_t i = 0; i < why_requirement_info_count(); i++)
            fprintf(out, "%s%s%s", before, why_requirement_info(i)->name, after);
        return true;
    case CLI_ARG_FAIL_ON:
        for (size_t i = 0; cli_fail_on_word(i); i++)
            fprintf(out, "%s%s%s", before, cli_fail_on_word(i), after);
        return true;
    case CLI_ARG_COLOR:
        fprintf(out, "%sauto%s%salways%s%snever%s", before, after, before, after, before, after);
        return true;
    default:
        return false;
    }
}

static bool takes_list(enum cli_argument argument)
{
    return argument == CLI_ARG_PROFILES || argument == CLI_ARG_LICENSES;
}

static void put_commands(FILE *out)
{
    for (int i = 0; i < CLI_COMMAND_COUNT; i++)
        fprintf(out, "%s%s", i ? " " : "", cli_commands[i].name);
}

static void put_lists(FILE *out)
{
    for (size_t i = 0; i < cli_list_count; i++)
        fprintf(out, "%s%s", i ? " " : "", cli_lists[i].name);
}

static void put_bash_case(FILE *out, const struct cli_option *row)
{
    if (row->letter)
        fprintf(out, "    -%c | --%s)\n", row->letter, row->name);
    else
        fprintf(out, "    --%s)\n", row->name);
    if (row->argument == CLI_ARG_FILE || row->argument == CLI_ARG_FOLDER) {
        fprintf(out, "      COMPREPLY=($(compgen -%c -- \"$cur\"))\n",
                row->argument == CLI_ARG_FILE ? 'f' : 'd');
    } else {
        if (takes_list(row->argument))
            fputs("      [[ $cur == *,* ]] && before=${cur%,*},\n", out);
        fputs("      COMPREPLY=($(compgen -P \"$before\" -W '", out);
        gen_words(out, row->argument, "", " ");
        fputs("' -- \"${cur##*,}\"))\n", out);
    }
    fputs("      return ;;\n", out);
}

static void put_bash_options(FILE *out, unsigned commands)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        if (cli_option_table[i].help && (cli_option_table[i].commands & commands))
            fprintf(out, " --%s", cli_option_table[i].name);
    }
}

static void put_rules(FILE *out)
{
    for (int i = 0; i < WHY_RULE_COUNT; i++)
        fprintf(out, "%s%s", i ? " " : "", why_rule_info((enum why_rule)i)->name);
}

/* The words that may stand as first operand of a command; "" where it takes others. */
static void put_operands(FILE *out, int command)
{
    if (command == CLI_LIST)
        put_lists(out);
    else if (command == CLI_EXPLAIN)
        put_rules(out);
    else if (command == CLI_HELP)
        put_commands(out);
    else if (command == CLI_LICENSE)
        fputs("list clear", out);
    else if (command == CLI_HISTORY)
        fputs("add report", out);
}

static void put_bash_command(FILE *out, int command)
{
    fprintf(out, "  %s)\n    options='", cli_commands[command].name);
    put_bash_options(out, CLI_FOR(command));
    fputs("'\n    operands='", out);
    put_operands(out, command);
    fputs("' ;;\n", out);
}

static const char bash_begin[] =
    "# bash completion for rdpwhy; generated from the tool's option table.\n"
    "_rdpwhy() {\n"
    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "  local before= options= operands=\n"
    "  if [[ $cur == = ]]; then\n"
    "    cur=\n"
    "  elif [[ $prev == = ]]; then\n"
    "    prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "  fi\n"
    "  COMPREPLY=()\n"
    "  if ((COMP_CWORD == 1)); then\n"
    "    COMPREPLY=($(compgen -W '";

static const char bash_end[] = "  esac\n"
                               "  if [[ $cur == -* ]]; then\n"
                               "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                               "  elif [[ -n $operands ]]; then\n"
                               "    COMPREPLY=($(compgen -W \"$operands\" -- \"$cur\"))\n"
                               "  else\n"
                               "    COMPREPLY=($(compgen -A hostname -- \"$cur\"))\n"
                               "  fi\n"
                               "}\n"
                               "complete -F _rdpwhy rdpwhy\n";

int gen_bash(FILE *out, const char *source)
{
    (void)source;
    fputs(bash_begin, out);
    put_commands(out);
    put_bash_options(out, CLI_GLOBAL);
    fputs("' -- \"$cur\"))\n"
          "    return\n"
          "  fi\n"
          "  case ${COMP_WORDS[1]} in\n",
          out);
    for (int i = 0; i < CLI_COMMAND_COUNT; i++)
        put_bash_command(out, i);
    fputs("  esac\n"
          "  case $prev in\n",
          out);
    for (size_t i = 0; i < cli_option_count; i++) {
        if (cli_option_table[i].help && cli_option_table[i].argument != CLI_NO_ARGUMENT)
            put_bash_case(out, &cli_option_table[i]);
    }
    fputs(bash_end, out);
    return 0;
}

/* |text| inside single quotes of a shell; for zsh also the characters that _arguments reads. */
static void put_quoted(FILE *out, const char *text, bool zsh)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (zsh && strchr("[]:\\", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void put_zsh_argument(FILE *out, const struct cli_option *row)
{
    if (row->argument == CLI_NO_ARGUMENT)
        return;
    fputc(':', out);
    put_quoted(out, row->argument_name, true);
    if (row->argument == CLI_ARG_FILE || row->argument == CLI_ARG_FOLDER) {
        fputs(row->argument == CLI_ARG_FILE ? ":_files" : ":_files -/", out);
    } else if (takes_list(row->argument)) {
        fputs(":_values -s , word", out);
        gen_words(out, row->argument, " ", "");
    } else {
        fputs(":(", out);
        gen_words(out, row->argument, " ", "");
        fputc(')', out);
    }
}

static void put_zsh_option(FILE *out, const struct cli_option *row)
{
    bool argument = row->argument != CLI_NO_ARGUMENT;

    if (row->letter) {
        fprintf(out, "        '*-%c%s[", row->letter, argument ? "+" : "");
        put_quoted(out, row->help, true);
        fputc(']', out);
        put_zsh_argument(out, row);
        fputs("' \\\n", out);
    }
    fprintf(out, "        '*--%s%s[", row->name, argument ? "=" : "");
    put_quoted(out, row->help, true);
    fputc(']', out);
    put_zsh_argument(out, row);
    fputs("' \\\n", out);
}

static void put_zsh_command(FILE *out, int command)
{
    fprintf(out, "  %s)\n    _arguments -s -S \\\n", cli_commands[command].name);
    for (size_t i = 0; i < cli_option_count; i++) {
        if (cli_option_table[i].help && (cli_option_table[i].commands & CLI_FOR(command)))
            put_zsh_option(out, &cli_option_table[i]);
    }
    if (command == CLI_PROBE) {
        fputs("        '*:target:_hosts'\n    ;;\n", out);
        return;
    }
    fputs("        '1:word:(", out);
    put_operands(out, command);
    fputs(")'\n    ;;\n", out);
}

int gen_zsh(FILE *out, const char *source)
{
    (void)source;
    fputs("#compdef rdpwhy\n"
          "# zsh completion for rdpwhy; generated from the tool's option table.\n"
          "_rdpwhy() {\n"
          "  if ((CURRENT == 2)); then\n"
          "    compadd -- ",
          out);
    put_commands(out);
    put_bash_options(out, CLI_GLOBAL);
    fputs("\n"
          "    return\n"
          "  fi\n"
          "  shift words\n"
          "  ((CURRENT--))\n"
          "  case ${words[1]} in\n",
          out);
    for (int i = 0; i < CLI_COMMAND_COUNT; i++)
        put_zsh_command(out, i);
    fputs("  esac\n"
          "}\n"
          "_rdpwhy \"$@\"\n",
          out);
    return 0;
}

static void put_fish_option(FILE *out, int command, const struct cli_option *row)
{
    fprintf(out, "complete -c rdpwhy -n '__fish_seen_subcommand_from %s' -l %s",
            cli_commands[command].name, row->name);
    if (row->letter)
        fprintf(out, " -s %c", row->letter);
    if (row->argument == CLI_ARG_FILE) {
        fputs(" -r -F", out);
    } else if (row->argument == CLI_ARG_FOLDER) {
        fputs(" -x -a '(__fish_complete_directories)'", out);
    } else if (row->argument != CLI_NO_ARGUMENT) {
        fputs(" -x -a '", out);
        if (takes_list(row->argument))
            fputs("(__fish_complete_list , \"printf \\\"%s\\\\n\\\"", out);
        gen_words(out, row->argument, " ", "");
        if (takes_list(row->argument))
            fputs("\")", out);
        fputc('\'', out);
    }
    fputs(" -d '", out);
    put_quoted(out, row->help, false);
    fputs("'\n", out);
}

static void put_fish_command(FILE *out, int command)
{
    const char *name = cli_commands[command].name;

    fprintf(out, "complete -c rdpwhy -n __fish_use_subcommand -a %s -d '", name);
    put_quoted(out, cli_commands[command].summary, false);
    fputs("'\n", out);
    fprintf(out, "complete -c rdpwhy -n '__fish_seen_subcommand_from %s' -a '", name);
    if (command == CLI_PROBE)
        fputs("(__fish_print_hostnames)", out);
    else
        put_operands(out, command);
    fputs("'\n", out);
    for (size_t i = 0; i < cli_option_count; i++) {
        if (cli_option_table[i].help && (cli_option_table[i].commands & CLI_FOR(command)))
            put_fish_option(out, command, &cli_option_table[i]);
    }
}

int gen_fish(FILE *out, const char *source)
{
    (void)source;
    fputs("# fish completion for rdpwhy; generated from the tool's option table.\n"
          "complete -c rdpwhy -f\n",
          out);
    for (int i = 0; i < CLI_COMMAND_COUNT; i++)
        put_fish_command(out, i);
    return 0;
}
