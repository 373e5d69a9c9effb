/* SPDX-License-Identifier: Apache-2.0 */
#include "gen_docs.h"

#include <string.h>

#include <rdpwhy/report.h>

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
    if (row->argument == CLI_ARG_FILE) {
        fputs("      COMPREPLY=($(compgen -f -- \"$cur\"))\n", out);
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
        if (cli_option_table[i].commands & commands)
            fprintf(out, " --%s", cli_option_table[i].name);
    }
}

int gen_bash(FILE *out, const char *source)
{
    (void)source;
    fputs("# bash completion for rdpwhy; generated from the tool's option table.\n"
          "_rdpwhy() {\n"
          "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} before=\n"
          "  if [[ $cur == = ]]; then\n"
          "    cur=\n"
          "  elif [[ $prev == = ]]; then\n"
          "    prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "  fi\n"
          "  COMPREPLY=()\n"
          "  if ((COMP_CWORD == 1)); then\n"
          "    COMPREPLY=($(compgen -W '",
          out);
    put_commands(out);
    put_bash_options(out, CLI_GLOBAL);
    fputs("' -- \"$cur\"))\n"
          "    return\n"
          "  fi\n"
          "  case ${COMP_WORDS[1]} in\n"
          "  list)\n"
          "    COMPREPLY=($(compgen -W '",
          out);
    put_lists(out);
    fputs("' -- \"$cur\"))\n"
          "    return ;;\n"
          "  help)\n"
          "    COMPREPLY=($(compgen -W '",
          out);
    put_commands(out);
    fputs("' -- \"$cur\"))\n"
          "    return ;;\n"
          "  esac\n"
          "  case $prev in\n",
          out);
    for (size_t i = 0; i < cli_option_count; i++) {
        if (cli_option_table[i].argument != CLI_NO_ARGUMENT)
            put_bash_case(out, &cli_option_table[i]);
    }
    fputs("  esac\n"
          "  if [[ $cur == -* ]]; then\n"
          "    COMPREPLY=($(compgen -W '",
          out);
    put_bash_options(out, CLI_FOR(CLI_PROBE));
    fputs("' -- \"$cur\"))\n"
          "  else\n"
          "    COMPREPLY=($(compgen -A hostname -- \"$cur\"))\n"
          "  fi\n"
          "}\n"
          "complete -F _rdpwhy rdpwhy\n",
          out);
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
    if (row->argument == CLI_ARG_FILE) {
        fputs(":_files", out);
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
          "  case ${words[2]} in\n"
          "  list) compadd -- ",
          out);
    put_lists(out);
    fputs(" ;;\n  help) compadd -- ", out);
    put_commands(out);
    fputs(" ;;\n"
          "  probe)\n"
          "    shift words\n"
          "    ((CURRENT--))\n"
          "    _arguments -s -S \\\n",
          out);
    for (size_t i = 0; i < cli_option_count; i++) {
        if (cli_option_table[i].commands & CLI_FOR(CLI_PROBE))
            put_zsh_option(out, &cli_option_table[i]);
    }
    fputs("        '*:target:_hosts'\n"
          "    ;;\n"
          "  esac\n"
          "}\n"
          "_rdpwhy \"$@\"\n",
          out);
    return 0;
}

static void put_fish_option(FILE *out, const struct cli_option *row)
{
    fprintf(out, "complete -c rdpwhy -n '__fish_seen_subcommand_from probe' -l %s", row->name);
    if (row->letter)
        fprintf(out, " -s %c", row->letter);
    if (row->argument == CLI_ARG_FILE) {
        fputs(" -r -F", out);
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

int gen_fish(FILE *out, const char *source)
{
    (void)source;
    fputs("# fish completion for rdpwhy; generated from the tool's option table.\n"
          "complete -c rdpwhy -f\n",
          out);
    for (int i = 0; i < CLI_COMMAND_COUNT; i++) {
        fprintf(out, "complete -c rdpwhy -n __fish_use_subcommand -a %s -d '",
                cli_commands[i].name);
        put_quoted(out, cli_commands[i].summary, false);
        fputs("'\n", out);
    }
    fputs("complete -c rdpwhy -n '__fish_seen_subcommand_from list' -a '", out);
    put_lists(out);
    fputs("'\ncomplete -c rdpwhy -n '__fish_seen_subcommand_from help' -a '", out);
    put_commands(out);
    fputs("'\n"
          "complete -c rdpwhy -n '__fish_seen_subcommand_from probe' "
          "-a '(__fish_print_hostnames)'\n",
          out);
    for (size_t i = 0; i < cli_option_count; i++) {
        if (cli_option_table[i].commands & CLI_FOR(CLI_PROBE))
            put_fish_option(out, &cli_option_table[i]);
    }
    return 0;
}
