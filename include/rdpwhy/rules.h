/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RULES_H
#define RDPWHY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

/* The diagnosis rules as data: what each means, its causes, checks and remedies. */

enum why_severity { WHY_SEVERITY_INFO, WHY_SEVERITY_WARNING, WHY_SEVERITY_ERROR };

const char *why_severity_name(enum why_severity severity);

/* WHY_RULE_NAME_NOT_RESOLVED, …: the list with its order is rules.def. */
enum why_rule {
#define WHY_RULE(id, name, severity, aside, matcher) WHY_RULE_##id,
#include <rdpwhy/rules.def>
    WHY_RULE_COUNT
};

/* The conditions of rules.def, each with its bit, WHY_IF_NAME and so on. */
enum why_condition {
#define WHY_CONDITION(id, name, words) WHY_CONDITION_##id,
#include <rdpwhy/rules.def>
    WHY_CONDITION_COUNT
};

/*
 * What a text of a rule presupposes. A finding shows the text only where the measurement supports
 * all of it; a rule's page shows all texts, each with its condition.
 */
enum why_if {
#define WHY_CONDITION(id, name, words) WHY_IF_##id = 1 << WHY_CONDITION_##id,
#include <rdpwhy/rules.def>
};

/* "the target is a name", …: the words of one of the bits above; NULL for any other. */
const char *why_condition_text(unsigned condition);

struct why_rule_text {
    unsigned when; /* WHY_IF_ bits that must all hold; 0: always */
    /* {target}, {host} and {port} stand for the target's. */
    const char *text;
};

struct why_rule_info {
    const char *name; /* kebab-case */
    enum why_severity severity;
    const char *meaning;                  /* one line, a sentence without its full stop */
    const struct why_rule_text *causes;   /* by likelihood; ended by a NULL text */
    const struct why_rule_text *checks;   /* what tells the causes apart; the same */
    const struct why_rule_text *remedies; /* with their risk; the same */
};

/* Whether |rule| says nothing of how an attempt ended: a remark on what was seen on the way. */
bool why_rule_is_aside(enum why_rule rule);

/* The row of |rule|, never NULL. */
const struct why_rule_info *why_rule_info(enum why_rule rule);

/* The rule of that name, or WHY_RULE_COUNT. */
enum why_rule why_rule_find(const char *name);

/*
 * The rule that a code the server sent leads to; WHY_RULE_COUNT where the code alone leads to none.
 */
enum why_rule why_rule_of_code(enum why_code_space space, int64_t value);

/*
 * Writes |text| with its placeholders filled in; at most |len| bytes, like snprintf returns what
 * would have been written. |label| is host and port as one word.
 */
size_t why_rule_expand(const char *text, const char *host, uint16_t port, const char *label,
                       char *buf, size_t len);

#endif /* !defined(RDPWHY_RULES_H) */
