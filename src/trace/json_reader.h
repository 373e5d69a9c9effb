/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_JSON_READER_H
#define RDPWHY_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include <rdpwhy/vocab.h>

/*
 * A file of JSON Lines, an object at a time, and the members of an object with their types checked.
 * Every error leaves a message that names the line and, where there is one, the member.
 */

struct why_reader {
    FILE *in;
    size_t *line; /* number of the line read last */
    char *buf;    /* that line; to be freed at the end */
    size_t len, capacity;
    char *err; /* where messages go */
    size_t errlen;
};

/* Puts "line N: |subject|: |problem|" into the message; |subject| may be NULL. */
int why_reader_fail(const struct why_reader *r, const char *subject, const char *problem);
int why_reader_out_of_memory(const struct why_reader *r);

/*
 * The next line that is not blank, which must be an object of our schema; |*out| is the caller's in
 * any case and may be NULL. WHY_ERR_NOTFOUND at the end of the file.
 */
int why_reader_next(struct why_reader *r, json_t **out);

bool why_reader_is_record(const json_t *object, const char *record);

/*
 * The readers of members leave |*out| alone where the member is absent, and then fail only if it is
 * |required|; without that parameter, words and times are required and the others are not. Texts
 * and bytes are new memory for the caller to free, also when the call fails.
 */
int why_reader_get_int(const struct why_reader *r, const json_t *object, const char *key,
                       bool required, int64_t *out);
int why_reader_get_uint(const struct why_reader *r, const json_t *object, const char *key,
                        bool required, uint64_t max, uint64_t *out);
int why_reader_get_bool(const struct why_reader *r, const json_t *object, const char *key,
                        bool *out);
int why_reader_get_text(const struct why_reader *r, const json_t *object, const char *key,
                        bool required, char **out);
/* A word of |list| as its value. */
int why_reader_get_word(const struct why_reader *r, const json_t *object, const char *key,
                        enum why_vocabulary list, int *out);
int why_reader_get_hex(const struct why_reader *r, const json_t *object, const char *key,
                       uint8_t **out, size_t *len);
/* "YYYY-MM-DDThh:mm:ss.uuuuuuZ" as microseconds since 1970. */
int why_reader_get_time(const struct why_reader *r, const json_t *object, const char *key,
                        uint64_t *out);

#endif /* !defined(RDPWHY_JSON_READER_H) */
