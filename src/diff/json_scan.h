/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIFF_JSON_SCAN_H
#define RDPWHY_DIFF_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes the members that are wanted out of a line of JSON without building a tree of it: a saved
 * run of 10,000 hosts is 60 MB, of which a comparison needs a few hundred bytes a line. The whole
 * line is checked against RFC 8259 all the same. Pure; allocates nothing.
 */

enum scan_type {
    SCAN_ABSENT,
    SCAN_NULL,
    SCAN_BOOL,
    SCAN_INTEGER,
    SCAN_REAL,
    SCAN_TEXT,
    SCAN_ARRAY,
    SCAN_OBJECT
};

/* All zeros is absent. */
struct scan_value {
    enum scan_type type;
    bool escaped;     /* TEXT: has escape sequences */
    int64_t number;   /* BOOL, INTEGER */
    const char *text; /* TEXT: between the quotes, as written; ARRAY, OBJECT: with the brackets */
    size_t len;
};

/* A member that is wanted: goes to values[slot], or is an object whose |members| are wanted. */
struct scan_member {
    const char *name;
    size_t slot;
    const struct scan_member *members; /* ended by a NULL name; NULL: take the value itself */
};

#define SCAN_DEPTH_MAX 64 /* of nested values; beyond it a line counts as malformed */

/*
 * Scans |text|, which must be one JSON object and white space. Fills |values| for |wanted| (ended
 * by a NULL name); slots of members that are absent stay as they are. Of a member given twice the
 * last counts. Returns WHY_OK, or WHY_ERR_MALFORMED with a constant text in |*problem|.
 */
int why_scan_object(const char *text, size_t len, const struct scan_member *wanted,
                    struct scan_value *values, const char **problem);

/*
 * The next element of an array that was scanned already: |array|'s text and length are moved on.
 * Returns false at the end.
 */
bool why_scan_element(struct scan_value *array, struct scan_value *element);

/* Writes TEXT |value| with its escapes resolved to |buf|, which holds |value->len| bytes at least.
 * Returns the number of bytes; no NUL is added. */
size_t why_scan_unescape(const struct scan_value *value, char *buf);

#endif /* !defined(RDPWHY_DIFF_JSON_SCAN_H) */
