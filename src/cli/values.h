/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_VALUES_H
#define RDPWHY_CLI_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/plan.h>
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

/* A closed list as the command line speaks of it. */
struct cli_words {
    enum why_vocabulary list;
    const char *what;   /* what to call a word of it */
    const char *lookup; /* its name for `rdpwhy list` */
};

/* One of the words, |len| bytes at |text|. */
int cli_value_word(const struct cli_words *words, const char *text, size_t len, int *value,
                   char *err, size_t errlen);

/*
 * Words separated by commas, or `all`: those that are not there yet are added to the |*count| at
 * |values|, which has room for all, in the order given.
 */
int cli_value_words(const struct cli_words *words, const char *text, int *values, size_t *count,
                    char *err, size_t errlen);

#define CLI_VANTAGE_MAX 63 /* bytes */

/* Whether |text| can be the name of a vantage point. */
bool cli_value_is_vantage(const char *text);

/* "2/8": a part of a list, counted from 1. */
int cli_value_shard(const char *text, struct why_shard *shard, char *err, size_t errlen);

#endif /* !defined(RDPWHY_CLI_VALUES_H) */
