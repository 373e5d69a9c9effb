/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_PROMPT_H
#define RDPWHY_CLI_PROMPT_H

#include <stddef.h>

/*
 * Asks |question| on the terminal with the echo off and reads one line into |buf|. The terminal is
 * as before afterwards, also when a signal ends or stops the process meanwhile. Returns WHY_OK;
 * WHY_ERR_NOTFOUND without a terminal; WHY_ERR_USAGE for a line that is too long; WHY_ERR_IO.
 */
int cli_prompt(const char *question, char *buf, size_t len);

#endif /* !defined(RDPWHY_CLI_PROMPT_H) */
