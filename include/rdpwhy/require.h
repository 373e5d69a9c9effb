/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REQUIRE_H
#define RDPWHY_REQUIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/diagnosis.h>

/* What the user demands of every host ("nla", "tls>=1.2", "cert-days>=30"), and whether a host
 * meets it. Pure: results in, judgements and findings out. */

enum why_operator {
    WHY_OP_NONE, /* the requirement stands alone: "nla" */
    WHY_OP_GE,
    WHY_OP_LE,
    WHY_OP_NE,
    WHY_OP_EQ,
    WHY_OP_GT,
    WHY_OP_LT
};
#define WHY_OPERATOR_COUNT 7

/* What can be required: a row of the table. */
struct why_requirement_info {
    const char *name;    /* "cert-days" */
    const char *form;    /* how it is written: "cert-days>=DAYS" */
    const char *meaning; /* one line */
};
size_t why_requirement_info_count(void);
const struct why_requirement_info *why_requirement_info(size_t index);

struct why_requirement {
    char *text; /* without white space: "tls>=1.2"; owned */
    size_t row; /* in the table */
    enum why_operator op;
    int64_t number;    /* in the row's own unit */
    uint64_t words;    /* a set of them, by value */
    const char *value; /* the part of |text| behind the operator */
};

/* All zeros is the empty list. */
struct why_requirement_list {
    struct why_requirement *items; /* owned */
    size_t count, capacity;
};

/*
 * Adds |text| to the list; the same text twice is one requirement. Returns WHY_OK, WHY_ERR_USAGE
 * with a message in |err| that says what there is to choose from, or WHY_ERR_NOMEM.
 */
int why_requirements_add(struct why_requirement_list *list, const char *text, char *err,
                         size_t errlen);
/* One a line from |in|; empty lines and # comments are passed over. The message names the line. */
int why_requirements_read(struct why_requirement_list *list, FILE *in, const char *name, char *err,
                          size_t errlen);
void why_requirements_clear(struct why_requirement_list *list);

/*
 * Judges |host|, which must outlive |judged|. |*judged| is the same host with its judgements, and
 * with a finding of severity error for each requirement that is not met; what could not be measured
 * is not met. Returns WHY_OK or WHY_ERR_NOMEM (then |*judged| is empty).
 */
int why_requirements_judge(const struct why_requirement_list *list, const struct why_host *host,
                           struct why_host *judged);
/* Frees what why_requirements_judge has added; the host itself stays. */
void why_requirements_judged_clear(struct why_host *judged);

/* Keeps a copy of |judged|'s label and judgements; the requirements themselves must outlive the
 * list. Returns WHY_OK or WHY_ERR_NOMEM. */
int why_judged_list_add(struct why_judged_list *list, const struct why_host *judged);
/* Worst first; alike ones by name. */
void why_judged_list_sort(struct why_judged_list *list);
void why_judged_list_clear(struct why_judged_list *list);

#endif /* !defined(RDPWHY_REQUIRE_H) */
