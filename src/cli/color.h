/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_COLOR_H
#define RDPWHY_CLI_COLOR_H

#include <stdbool.h>
#include <stdio.h>

#include "options.h"

/* Whether what is written to |out| shall be colored (NO_COLOR, TERM, a terminal). */
bool cli_wants_color(enum cli_color color, FILE *out);

/* Columns of the terminal that |out| is, within what text can be read in; 0: it is none, or does
 * not tell. */
size_t cli_columns(FILE *out);

#endif /* !defined(RDPWHY_CLI_COLOR_H) */
