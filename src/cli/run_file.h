/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_RUN_FILE_H
#define RDPWHY_CLI_RUN_FILE_H

#include <stdio.h>

struct cli_options;
struct why_scan_summary;

/* Saved runs as files, and what showing them comes to. */

/*
 * A run to be read more than once: what is compressed, a pipe or standard input ("-") is copied to
 * a temporary file. NULL after a message that begins with |command|.
 */
FILE *cli_run_file_open(const char *command, const char *file);
/* "standard input", or the file's name: for messages. */
const char *cli_run_file_name(const char *file);

/* A report must not be written over the run that it is made from. WHY_OK, or WHY_ERR_USAGE after a
 * message. */
int cli_run_file_check(FILE *in, const struct cli_options *options);

/* The exit code of a run that was shown with |status|: |failing| hosts are as bad as --fail-on
 * says, |unmet| do not meet a requirement. */
int cli_run_file_exit(const struct cli_options *options, int status,
                      const struct why_scan_summary *summary, size_t failing, size_t unmet);

#endif /* !defined(RDPWHY_CLI_RUN_FILE_H) */
