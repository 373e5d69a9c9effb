/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_NEAR_H
#define RDPWHY_CLI_NEAR_H

#include <stdbool.h>
#include <stddef.h>

/* Which word a mistyped one was meant to be. Pure. */

#define CLI_NEAR_MAX 64 /* longer words are near to none */

/*
 * How many letters are to be changed, left out, put in or exchanged with their neighbour until
 * |word| is |name|, upper and lower case alike.
 */
size_t cli_distance(const char *word, const char *name);

/* Whether |word| is |name| mistyped: one slip in a short name, two in one of five letters or more.
 */
bool cli_is_near(const char *word, const char *name);

#endif /* !defined(RDPWHY_CLI_NEAR_H) */
