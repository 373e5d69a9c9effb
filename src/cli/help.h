/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_HELP_H
#define RDPWHY_CLI_HELP_H

#include <stdio.h>

#include "options.h"

/* `rdpwhy --help` (CLI_COMMAND_COUNT) or `rdpwhy COMMAND --help`. */
void cli_help(FILE *out, enum cli_command command);

/*
 * What every command begins with: its options are parsed, and --help is answered. Returns whether
 * to go on; else |*code| is the exit code, and what is wrong has been said.
 */
bool cli_begin(struct cli_options *options, enum cli_command command, int argc, char **argv,
               int *code);

/* The command of this name, or CLI_COMMAND_COUNT. */
enum cli_command cli_command_find(const char *name);
/* The command that a mistyped |name| was meant to be, or CLI_COMMAND_COUNT. */
enum cli_command cli_command_near(const char *name);

#endif /* !defined(RDPWHY_CLI_HELP_H) */
