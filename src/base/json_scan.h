/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_JSON_SCAN_H
#define RDPWHY_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

/*
 * Takes the members that are wanted out of a line of JSON without building a tree of it: a saved
 * run of 10,000 hosts is 60 MB, of which a comparison needs a few hundred bytes a line, and workers
 * send every event of every attempt. The whole line is checked against RFC 8259 all the same. Pure;
 * allocates nothing.
 */

enum why_json_type {
    WHY_JSON_ABSENT,
    WHY_JSON_NULL,
    WHY_JSON_BOOL,
    WHY_JSON_INTEGER,
    WHY_JSON_REAL,
    WHY_JSON_TEXT,
    WHY_JSON_ARRAY,
    WHY_JSON_OBJECT
};

/* All zeros is absent. */
struct why_json_value {
    enum why_json_type type;
    bool escaped;     /* TEXT: has escape sequences */
    int64_t number;   /* BOOL, INTEGER */
    const char *text; /* TEXT: between the quotes, as written; ARRAY, OBJECT: with the brackets */
    size_t len;
};

/* What json_read.h makes of a member. */
enum why_json_kind {
    WHY_JSON_GET_NOTHING, /* its reader looks at the value itself */
    WHY_JSON_GET_WORD,    /* of |list|, or what |find| knows, into an enumeration */
    WHY_JSON_GET_NUMBER,  /* from 0 to |max|, into any integer that holds |max| */
    WHY_JSON_GET_INTEGER, /* into an int64_t */
    WHY_JSON_GET_BOOL,
    WHY_JSON_GET_TEXT /* into a char *, new memory */
};

/* A member that is wanted: goes to values[slot], or is an object whose |members| are wanted. What
 * follows is for json_read.h. */
struct why_json_member {
    const char *name;
    size_t slot;
    const struct why_json_member *members; /* ended by a NULL name; NULL: take the value itself */
    enum why_json_kind kind;
    bool required;
    enum why_vocabulary list;
    int (*find)(const char *word); /* < 0: unknown; NULL: |list| */
    uint64_t max;
    size_t offset, size; /* of the struct's member that it goes to */
};

/* Where a member goes: to |member| of a struct |type|. */
#define WHY_JSON_INTO(type, member)                                                                \
    .offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member)

#define WHY_JSON_DEPTH_MAX 64 /* of nested values; beyond it a line counts as malformed */

/*
 * Scans |text|, which must be one JSON object and white space. Fills |values| for |wanted| (ended
 * by a NULL name), which must be absent before. A wanted member that is given twice is malformed;
 * of others nobody asks. Returns WHY_OK, or WHY_ERR_MALFORMED with a constant text in |*problem|.
 */
int why_json_scan(const char *text, size_t len, const struct why_json_member *wanted,
                  struct why_json_value *values, const char **problem);

/*
 * The next element of an array that was scanned already: |array|'s text and length are moved on.
 * Returns false at the end.
 */
bool why_json_element(struct why_json_value *array, struct why_json_value *element);

/* Writes TEXT |value| with its escapes resolved to |buf|, which holds |value->len| bytes at least.
 * Returns the number of bytes; no NUL is added. */
size_t why_json_unescape(const struct why_json_value *value, char *buf);

#endif /* !defined(RDPWHY_JSON_SCAN_H) */
