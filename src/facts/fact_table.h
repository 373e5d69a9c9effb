/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_FACTS_FACT_TABLE_H
#define RDPWHY_FACTS_FACT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct why_result;

/*
 * What is known of an attempt, as a table: all reports loop over it. The rows are those of
 * facts.def.
 */

enum why_fact_kind {
    WHY_FACT_KIND_TEXT, /* "" is as good as not known in reports for programs */
    WHY_FACT_KIND_NUMBER,
    WHY_FACT_KIND_HEX,  /* "0x80004" */
    WHY_FACT_KIND_SKEW, /* a number: seconds that another clock is ahead of ours */
    WHY_FACT_KIND_BOOL,
    WHY_FACT_KIND_TIME,    /* RFC 3339 in UTC; the number is seconds since 1970 */
    WHY_FACT_KIND_TEXTS,   /* a list; one of none is not known */
    WHY_FACT_KIND_FLAGS,   /* a list; that there are none is known, too */
    WHY_FACT_KIND_NUMBERS, /* a list */
    WHY_FACT_KIND_PHASES   /* the verdict's phases with their times */
};

#define FACT_CSV 0x01u /* a column of csv */
#define FACT_CSV_LAST                                                                              \
    0x02u /* the same behind the others: columns are counted by who reads them                     \
           */
#define FACT_CSV_END                                                                               \
    0x80u /* the same behind the columns of the host, where those that came later are */
#define FACT_CSV_NEW      0x100u /* the same behind all columns that there were before */
#define FACT_FIRST_TRY    0x04u  /* told of a first try, too */
#define FACT_FOREIGN_TEXT 0x08u  /* may be anything that a server or a user comes up with */
#define FACT_PROSE        0x10u  /* a sentence that may name the target */
#define FACT_OWN          0x20u  /* differs from attempt to attempt, however alike they are */
#define FACT_CLOSE        0x40u  /* for a close look at one attempt among many */

#define WHY_FACT_TEXT 64 /* bytes that made-up texts need at most */

struct why_fact_value {
    const char *text; /* in the result, in |buf| or static; NULL: it has none, or a list is over */
    int64_t number;   /* of all kinds but texts */
    char buf[WHY_FACT_TEXT];
};

struct why_fact_row {
    const char *name;
    const char *object, *key; /* in a JSON Lines record: "tls.certificate", "sha256" */
    enum why_fact_kind kind;
    /* Whether the attempt says so. Of a list the element at |index|. Of numbers, the text is not
     * filled in: why_fact_text does. */
    bool (*get)(const struct why_result *result, size_t index, struct why_fact_value *value);
    unsigned flags;
    struct {
        const char *name, *help;
    } metric; /* of Prometheus, without "rdpwhy_"; NULL: none */
};

extern const struct why_fact_row why_fact_rows[];
extern const size_t why_fact_row_count;

/* The row at |path| in a JSON Lines record, "tls.certificate.sha256"; NULL: none. */
const struct why_fact_row *why_fact_at(const char *path);

/* The fact in text, or NULL where it is not known; "" where it is known to be empty. */
const char *why_fact_text(const struct why_fact_row *row, const struct why_result *result,
                          struct why_fact_value *value);

/*
 * What people read of a server: a line each, put together of facts. A part that is not known is
 * left out, and a line without parts is not there.
 */

#define FACT_LINE_PAGE 1u /* in the page alone */
#define FACT_LINE_TEXT 2u /* in the text report alone */

struct why_fact_part {
    const char *path;
    const char *form; /* with "%s" for the value; NULL: the value alone */
    const char
        *otherwise; /* where the value is "", or is not known while others are; NULL: nothing */
    unsigned where; /* FACT_LINE_; 0: everywhere */
};

#define WHY_FACT_PARTS 4

struct why_fact_line {
    const char *label;
    const char *separator; /* NULL: ", " */
    struct why_fact_part parts[WHY_FACT_PARTS];
    unsigned where;     /* FACT_LINE_; 0: everywhere */
    const char *unless; /* no line where the first part is that; NULL: always one */
    bool once;          /* changes from attempt to attempt by itself: the first will do */
};

extern const struct why_fact_line why_fact_lines[];
extern const size_t why_fact_line_count;

/* The line as the text report has it of |result|; "" where there is none. Cut at |len| bytes. */
void why_fact_line_text(const struct why_fact_line *line, const struct why_result *result,
                        char *buf, size_t len);

#endif /* !defined(RDPWHY_FACTS_FACT_TABLE_H) */
