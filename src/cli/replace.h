/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_REPLACE_H
#define RDPWHY_CLI_REPLACE_H

#include <stdio.h>

/*
 * Files that must never be seen half written: they are written beside their place and take it with
 * one step. What is no regular file (a device, a pipe) is written as it is.
 */

/*
 * Opens |file| with |mode|, "w" or "w+". |*partial| is the name it has meanwhile, which no other
 * run uses, for the two functions below; NULL where it is written in place. Returns NULL with errno
 * where it cannot be opened.
 */
FILE *cli_replace_open(const char *file, const char *mode, char **partial);

/* |partial|, closed, is put on the disk and takes |file|'s place. Returns 0, or -1 with errno.
 * Frees |partial|; takes NULL. */
int cli_replace_finish(const char *file, char *partial);

/* Removes |partial| and frees its name; takes NULL. */
void cli_replace_drop(char *partial);

#endif /* !defined(RDPWHY_CLI_REPLACE_H) */
