/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_BASE_JSON_READ_H
#define RDPWHY_BASE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/vocab.h>

#include "base/json_scan.h"

/*
 * JSON Lines, an object at a time, and the members of an object with their types checked, into the
 * members of a struct. Messages name the line and, where there is one, the member.
 */

#define WHY_JSON_SLOTS_MAX 192

/* What is wrong with a member, as a kind of file has always said it. */
struct why_json_wording {
    const char *separator; /* between a member and what is wrong with it */
    const char *no_text, *no_word, *no_integer, *out_of_range;
};

/* All zeros but |in| or |at| and |end|, |line_max|, |slot_count|, |wording| and |err| at first. */
struct why_json_reader {
    FILE *in;             /* NULL: the lines are in memory, */
    const char *at, *end; /* of which this is left; of a file: read and left */
    bool line_by_line;    /* nothing of |in| is read beyond the line that is wanted */
    size_t line_max;      /* longest line: keeps a file without line ends out of memory */
    size_t number;        /* of the line read last */
    const char *line;     /* the same, |line_len| bytes without its newline */
    size_t line_len;
    bool whole; /* that line ended with a newline */
    bool ended; /* nothing is left of |in| */
    char *buf;  /* owned: why_json_reader_clear */
    size_t capacity;

    size_t slot_count; /* of |values| */
    struct why_json_value values[WHY_JSON_SLOTS_MAX];
    const char *problem; /* why the line read last is not JSON */

    const struct why_json_wording *wording;
    const char *name; /* of the file, for messages; NULL */
    char *err;        /* where messages go */
    size_t errlen;
};

/*
 * Goes to the next line that is not blank and takes its |members| into |values|, which are valid
 * until the next call. Returns WHY_OK; WHY_ERR_NOTFOUND at the end; WHY_ERR_IO (errno);
 * WHY_ERR_NOMEM; WHY_ERR_MALFORMED for what is no JSON object (|problem|) and for a line that is
 * too long (|problem| is NULL). Leaves no message.
 */
int why_json_next(struct why_json_reader *r, const struct why_json_member *members);
void why_json_reader_clear(struct why_json_reader *r);

/*
 * Takes the |members| of an object in the line read last into |slot_count| of |values|: of the line
 * itself, once it is known what record it is, or of an object in it. Values that were taken before
 * are gone from there, but copies of them stay valid. Returns WHY_OK, or WHY_ERR_MALFORMED with a
 * message.
 */
int why_json_take(struct why_json_reader *r, const char *text, size_t len,
                  const struct why_json_member *members, size_t slot_count);

bool why_json_has(const struct why_json_reader *r, size_t slot);

/* Whether |value| is just this text, written without escapes. */
bool why_json_is(const struct why_json_value *value, const char *text);

/* The word of |list| that |value| is, or < 0. */
int why_json_word(const struct why_json_value *value, enum why_vocabulary list);

/* A new string with what TEXT |value| says; NULL when out of memory. */
char *why_json_string(const struct why_json_value *value);

/* Leaves the message "NAME: line N: |subject|: |problem|"; |subject| may be NULL. Returns
 * WHY_ERR_MALFORMED. */
int why_json_fail(const struct why_json_reader *r, const char *subject, const char *problem);

/*
 * Puts the value of |member| where its row says in the struct at |out|, which is left alone where
 * the member is absent; that is an error if it is required. |prefix| stands before its name in
 * messages: "code.". Returns WHY_OK, WHY_ERR_MALFORMED with a message, or WHY_ERR_NOMEM.
 */
int why_json_get(const struct why_json_reader *r, const char *prefix,
                 const struct why_json_member *member, void *out);

/* The same of all rows of a table (ended by a NULL name) that have a kind, up to the first error.
 */
int why_json_get_all(const struct why_json_reader *r, const char *prefix,
                     const struct why_json_member *members, void *out);

#endif /* !defined(RDPWHY_BASE_JSON_READ_H) */
