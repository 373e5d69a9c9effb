/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_GEN_DOCS_H
#define RDPWHY_CLI_GEN_DOCS_H

#include <stdio.h>

#include "options.h"

/* Each writes one document and returns 0, or 1 after a message. |source| is the man page's prose;
 * the completions need none. */
int gen_man(FILE *out, const char *source);
int gen_bash(FILE *out, const char *source);
int gen_zsh(FILE *out, const char *source);
int gen_fish(FILE *out, const char *source);

/* Writes the words that |argument| may be, each with |before| and |after| around it; returns
 * whether there are any. */
bool gen_words(FILE *out, enum cli_argument argument, const char *before, const char *after);

#endif /* !defined(RDPWHY_CLI_GEN_DOCS_H) */
