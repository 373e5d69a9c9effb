/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_EXPLAIN_H
#define RDPWHY_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/rules.h>

/* What a code, a name or a rule means, from the tables alone. */

enum why_part {
    WHY_PART_WHOLE,
    WHY_PART_CODE,     /* of a pair as mstsc prints it: the first half */
    WHY_PART_EXTENDED, /* the second half */
    WHY_PART_HOMONYM   /* the second half's number in another code space: not what is meant */
};

struct why_meaning {
    const struct why_code_table *table;
    const struct why_code_row *row;
    enum why_part part;
    bool wrapped; /* the row is a Win32 error inside an HRESULT or NTSTATUS */
};

struct why_explanation {
    const char *query; /* the caller's */
    bool is_number;
    int64_t value;
    bool is_pair;
    uint32_t code, extended;
    enum why_rule rule;           /* its page is asked for; WHY_RULE_COUNT: no */
    struct why_meaning *meanings; /* the likeliest first; owned */
    size_t count;
};

/*
 * Explains |query|: a number (0x…, decimal, negative for 32-bit codes), two numbers as mstsc prints
 * them (0x904/0x7, or with a space or comma between), a rule's name, a code's name or a part of one
 * in any case. Returns WHY_OK, WHY_ERR_NOTFOUND where the tables have nothing, or WHY_ERR_NOMEM;
 * |out| may be cleared in any case.
 */
int why_explain(const char *query, struct why_explanation *out);
void why_explanation_clear(struct why_explanation *explanation);

/* The rule that a row's code leads to, or WHY_RULE_COUNT. */
enum why_rule why_meaning_rule(const struct why_code_table *table, const struct why_code_row *row);
/* A table's value as people write it: "0xC000006D", "40". */
void why_table_format(const struct why_code_table *table, int64_t value, char *buf, size_t len);

/* Writers (the report stage's). Return WHY_OK, WHY_ERR_IO or WHY_ERR_NOMEM. */
int why_explanation_text(FILE *out, bool color, const struct why_explanation *x);
int why_explanation_jsonl(FILE *out, const struct why_explanation *x);

#endif /* !defined(RDPWHY_EXPLAIN_H) */
