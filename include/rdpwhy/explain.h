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

/* How the number asked for holds the row's. */
enum why_form {
    WHY_FORM_PLAIN,
    WHY_FORM_WIN32,        /* a Win32 error inside an HRESULT or NTSTATUS */
    WHY_FORM_FREERDP,      /* an error info below FreeRDP's class: 0x0001xxxx */
    WHY_FORM_GATEWAY_HALF, /* the lower half of the gateway's HRESULT */
    WHY_FORM_MIT_KRB5,     /* MIT Kerberos counts from -1765328384 */
    WHY_FORM_RANGE         /* no row of its own: the row is the first of its range */
};

struct why_meaning {
    const struct why_code_table *table;
    const struct why_code_row *row;
    enum why_part part;
    enum why_form form;
};

struct why_explanation {
    const char *query; /* the caller's */
    bool is_number;
    int64_t value;
    bool is_pair;
    uint32_t code, extended;
    char other_base[16];          /* "0x516" of "516": another code, written alike; "": none */
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

/*
 * The codes in |text|, which is a dialog, a line of a log or anything else that was pasted:
 * hexadecimal numbers, numbers after a word such as "code", and full names of the tables. Each
 * once, in their order, as queries for why_explain; a main and an extended code that stand together
 * are one. Returns how many were written to |queries|, |max| at most.
 */
#define WHY_QUERY_MAX 64
size_t why_explain_find(const char *text, char (*queries)[WHY_QUERY_MAX], size_t max);

/* The rule that a row's code leads to by itself, or WHY_RULE_COUNT. */
enum why_rule why_meaning_rule(const struct why_code_table *table, const struct why_code_row *row);
/* The |index|th rule whose page helps with a row's code, the likeliest first, or WHY_RULE_COUNT. */
enum why_rule why_meaning_see(const struct why_code_table *table, const struct why_code_row *row,
                              size_t index);

/*
 * Whether a reference names the row's code (basis "documented"), or only people who met it do
 * ("reported").
 */
bool why_row_is_documented(const struct why_code_row *row);
/* Where the row's meaning comes from. */
const char *why_row_source(const struct why_code_table *table, const struct why_code_row *row);

/* What people have reported of a code, beside or in place of a reference. */
struct why_code_report {
    const char *space;
    int64_t value;
    const char *says;
    const char *source;
};
/* The |index|th of a row's code; NULL past the last. */
const struct why_code_report *why_code_report(const struct why_code_table *table,
                                              const struct why_code_row *row, size_t index);

/* What to run next for a code, with HOST in the server's place, and what it shows. */
struct why_next {
    const char *command, *shows;
};
const struct why_next *why_meaning_next(const struct why_code_table *table,
                                        const struct why_code_row *row);
/* A table's value as people write it: "0xC000006D", "40". */
void why_table_format(const struct why_code_table *table, int64_t value, char *buf, size_t len);

/* Writers (the report stage's). Return WHY_OK, WHY_ERR_IO or WHY_ERR_NOMEM. */
int why_explanation_text(FILE *out, bool color, const struct why_explanation *x);
int why_explanation_jsonl(FILE *out, const struct why_explanation *x);

#endif /* !defined(RDPWHY_EXPLAIN_H) */
