/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_JSON_READER_H
#define RDPWHY_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/vocab.h>

#include "base/json_scan.h"

/*
 * JSON Lines, an object at a time, and the members of an object with their types checked. Every
 * error leaves a message that names the line and, where there is one, the member.
 */

#define READER_MEMBERS 24 /* at most, of a table of members */

/* Every table of members begins with these two, and has each member at the index of its slot. */
enum { READER_SCHEMA, READER_RECORD, READER_OWN };

struct why_reader {
    FILE *in;             /* NULL: the lines are in memory */
    const char *at, *end; /* what is left of it there */
    size_t *line;         /* number of the line read last */
    char *buf;            /* that line, of a file; to be freed at the end */
    size_t capacity;
    char *err; /* where messages go */
    size_t errlen;
    const struct why_json_member *members;        /* of the line read last, */
    struct why_json_value values[READER_MEMBERS]; /* which point into it */
};

/* Puts "line N: |subject|: |problem|" into the message; |subject| may be NULL. */
int why_reader_fail(const struct why_reader *r, const char *subject, const char *problem);
int why_reader_out_of_memory(const struct why_reader *r);

/*
 * Goes to the next line that is not blank, which must be an object of our schema, and takes its
 * |members|. WHY_ERR_NOTFOUND at the end.
 */
int why_reader_next(struct why_reader *r, const struct why_json_member *members);

bool why_reader_is_record(const struct why_reader *r, const char *record);
bool why_reader_has(const struct why_reader *r, size_t slot);
int why_reader_fail_member(const struct why_reader *r, size_t slot, const char *problem);

/*
 * The readers of members leave |*out| alone where the member is absent, and then fail only if it is
 * |required|; without that parameter, words and times are required and the others are not. Texts
 * and bytes are new memory for the caller to free, also when the call fails.
 */
int why_reader_get_int(const struct why_reader *r, size_t slot, bool required, int64_t *out);
int why_reader_get_uint(const struct why_reader *r, size_t slot, bool required, uint64_t max,
                        uint64_t *out);
int why_reader_get_bool(const struct why_reader *r, size_t slot, bool *out);
int why_reader_get_text(const struct why_reader *r, size_t slot, bool required, char **out);
/* A word as its value, by |find|, which returns < 0 for what it does not know. */
int why_reader_get_word(const struct why_reader *r, size_t slot, int (*find)(const char *word),
                        int *out);
int why_reader_get_hex(const struct why_reader *r, size_t slot, uint8_t **out, size_t *len);
/* "YYYY-MM-DDThh:mm:ss.uuuuuuZ" as microseconds since 1970. */
int why_reader_get_time(const struct why_reader *r, size_t slot, uint64_t *out);

#endif /* !defined(RDPWHY_JSON_READER_H) */
