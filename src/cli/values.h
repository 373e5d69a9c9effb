/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_VALUES_H
#define RDPWHY_CLI_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

/* Arguments in text to values. Each returns WHY_OK, or WHY_ERR_USAGE with what is wrong in |err|.
 */

enum cli_zero { CLI_NOT_ZERO, CLI_ZERO_TOO };

/* "15", "0.5": more than 0, or 0 as well; at most an hour; independent of the locale. */
int cli_value_seconds(const char *text, enum cli_zero zero, uint64_t *us, char *err, size_t errlen);

/* Decimal digits, from |min| to |max|. */
int cli_value_number(const char *text, unsigned min, unsigned max, unsigned *value, char *err,
                     size_t errlen);

/* "2", "1.5": more than 1, at most 1000; in hundredths. */
int cli_value_factor(const char *text, unsigned *percent, char *err, size_t errlen);

/* One word of |list|; |what| is what to call it, |lookup| the list's name for `rdpwhy list`. */
int cli_value_word(enum why_vocabulary list, const char *what, const char *lookup, const char *text,
                   size_t len, int *value, char *err, size_t errlen);

/*
 * Words of |list| separated by commas, or `all`; each is handed to |add| in the order given.
 */
int cli_value_words(enum why_vocabulary list, const char *what, const char *lookup,
                    const char *text, void (*add)(void *arg, int value), void *arg, char *err,
                    size_t errlen);

#endif /* !defined(RDPWHY_CLI_VALUES_H) */
