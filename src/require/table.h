/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REQUIRE_TABLE_H
#define RDPWHY_REQUIRE_TABLE_H

#include <stdbool.h>

#include <rdpwhy/require.h>

/* How a value is written. */
enum value_kind {
    VALUE_NONE,     /* nothing: what is measured must be 1 */
    VALUE_NUMBER,   /* a whole number */
    VALUE_DURATION, /* "2s", "500ms", "5m"; in microseconds */
    VALUE_VERSION,  /* "1.2" as 12 */
    VALUE_BUILD,    /* "10.0.20348" */
    VALUE_WORDS,    /* words of the row's list; several with commas behind = and != */
    VALUE_TEXT      /* anything; compared without regard to ASCII case */
};

#define OP(op) (1u << (op))
#define OPS_ORDER                                                                                  \
    (OP(WHY_OP_GE) | OP(WHY_OP_LE) | OP(WHY_OP_NE) | OP(WHY_OP_EQ) | OP(WHY_OP_GT) | OP(WHY_OP_LT))
#define OPS_EQUALITY (OP(WHY_OP_EQ) | OP(WHY_OP_NE))

/* What one attempt says. */
struct measurement {
    int64_t number;
    const char *text; /* points into the result, to |kept|, or is static; NULL: |said| */
    char said[64];    /* the number in words where it has no text */
    char kept[64];    /* a text that was made up */
};

struct requirement_row {
    struct why_requirement_info info;
    const char *rule; /* the finding's: "require-tls" */
    enum value_kind kind;
    unsigned operators;
    /* VALUE_WORDS: the word of this value; NULL behind the last one. */
    const char *(*word)(int value);
    const char *unmeasured; /* "no attempt …": the fact that there is none */
    const char *advice;     /* how to have it measured; NULL */
    /* Returns false where the attempt does not say. NULL: the fact says it; without one either, the
     * host's state is what counts. */
    bool (*measure)(const struct why_result *result, struct measurement *m);
    const char *fact;              /* its path in a JSON Lines record (facts/fact_table.h) */
    int (*rank)(const char *text); /* of the fact's text as a number, negative: not known; NULL: the
                                      fact is a number, or is compared as a text or word */
    const char *prefix;            /* of the fact in words: "version "; NULL: none */
    const char
        *subject; /* what is measured, where it is the server's and no matter of the offer that
                     it was seen with: "Restricted Admin mode is"; NULL: the offer itself */
};

extern const struct requirement_row why_requirement_rows[];
extern const size_t why_requirement_row_count;

/* What |row|'s fact says; false where |result| does not say. */
bool why_requirement_fact(const struct requirement_row *row, const struct why_result *result,
                          struct measurement *m);

/* Why a value does not suit its row. Fills the requirement's number or words. */
int why_requirement_value(const struct requirement_row *row, const char *text,
                          struct why_requirement *requirement, char *err, size_t errlen);

#endif /* !defined(RDPWHY_REQUIRE_TABLE_H) */
