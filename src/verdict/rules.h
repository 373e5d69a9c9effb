/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_RULES_H
#define RDPWHY_VERDICT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/knowledge.h>

/* The matchers of the rules: what a host's results must look like for a rule to hold. */

struct evidence {
    const struct why_target *target;
    struct why_result *const *results;
    size_t count;
    bool named; /* the target is a name, not an address */
    enum why_kind kind;
    /* What the rules before have found. */
    const struct why_finding *found;
    size_t found_count;
};

/* A finding in the making. */
struct draft {
    struct why_finding *finding;
    enum why_rule rule;
    unsigned conditions; /* WHY_IF_ bits that the measurement supports */
};

/* Whether |draft->rule| holds; fills the finding's summary, facts and attempts where it does. */
typedef bool rule_match(const struct evidence *evidence, struct draft *draft);

/* The matchers that rules.def names; rules_*.c hold them by subject. */
#define WHY_RULE(id, name, severity, aside, matcher) rule_match matcher;
#include <rdpwhy/rules.def>

/* ---- what results say ------------------------------------------------------------------------ */

/*
 * The next result at or after |*i| that says something about the host: not skipped, not failed by
 * ourselves. NULL at the end. |*i| is moved behind it.
 */
const struct why_result *next_measured(const struct evidence *e, size_t *i);

/* An attempt that came to an end which is not the one wanted: refused or aborted. */
bool is_failure(const struct why_result *r);
/* It ended in |phase| by FIN, RST, silence or a bare Disconnect Provider Ultimatum. */
bool ended_wordless(const struct why_result *r, enum why_phase phase);
/* The server's TLS handshake was completed. */
bool tls_worked(const struct why_result *r);
/* The attempt came to the TLS handshake and did not survive it. */
bool tls_died(const struct why_result *r);
/* An offer got no answer at all, though TCP was up. */
bool is_unanswered_offer(const struct why_result *r);
/* Only TLS below 1.2 can be had, as far as was tried. */
bool is_old_tls_only(const struct evidence *e);
/* It and |other| are the same step and ended in the same way. */
bool ended_alike(const struct why_result *r, const struct why_result *other);
/* Another attempt of the run came further than the phase that |r| ended in. */
bool is_passed_elsewhere(const struct evidence *e, const struct why_result *r);
/* The profile pins a TLS version. */
bool pins_version(const struct why_result *r);
/* The attempt brought a license that was spoilt on purpose. */
bool is_license_spoilt(const struct why_result *r);
/* The attempt brought a license that is the trouble: without one the same profile passes. */
bool is_license_at_fault(const struct evidence *e, const struct why_result *r);
/* WHY_IF_STORED where the attempt brought a license. */
unsigned license_condition(const struct why_result *r);
/* RDP_NEG_FAILURE with |code| (pdu.h, WHY_NEG_). */
bool is_refused_with(const struct why_result *r, int64_t code);
/* The rule that the result's own code leads to here; WHY_RULE_COUNT: to none. */
enum why_rule rule_of(const struct why_result *r);
/* What it says rests on the account or its session: rejected, locked, not allowed, taken over by
 * another client. The server itself works. */
bool is_account_rule(enum why_rule rule);
/* Whether the result's own code leads to |rule|. */
bool has_code_of(const struct why_result *r, enum why_rule rule);

/* ---- what findings say ----------------------------------------------------------------------- */

/* Where the next fact goes, WHY_FINDING_TEXT bytes; beyond the limit facts are dropped. */
char *next_fact(struct draft *d);
#define because(d, ...)   ((void)snprintf(next_fact(d), WHY_FINDING_TEXT, __VA_ARGS__))
#define summarize(d, ...) ((void)snprintf((d)->finding->summary, WHY_FINDING_TEXT, __VA_ARGS__))

/* The finding rests on |r|. */
void rest_on(struct draft *d, const struct why_result *r);
/* The same, and its verdict in one line is one of the facts: "tls: aborted in tls: reset". Equal
 * lines of other steps are put together. */
void rest_on_verdict(struct draft *d, const struct why_result *r);
/* rest_on_verdict for everything |wanted| holds for; returns how many. */
size_t rest_on_all(const struct evidence *e, struct draft *d,
                   bool (*wanted)(const struct why_result *r));
/* Whether, wherever |wanted| holds, other attempts pass the phase: a condition, and a warning then.
 */
bool tell_passing(const struct evidence *e, struct draft *d,
                  bool (*wanted)(const struct why_result *r));
/*
 * For endings without a word: rests on everything |wanted| holds for, tells whether other attempts
 * pass there (a warning then), and summarizes as |closed| or |silent|, by what happened. False
 * where nothing is wanted.
 */
bool rest_on_wordless(const struct evidence *e, struct draft *d,
                      bool (*wanted)(const struct why_result *r), const char *closed,
                      const char *silent);
/* How a result ended, as conditions for texts. */
unsigned ending_conditions(const struct why_result *r);
/* "tls", "rdp admin", "nla #2" */
void step_words(const struct why_result *r, char *buf, size_t len);
/* "2026-11-22" */
void date_words(int64_t seconds, char *buf, size_t len);

/* ---- the host as a whole --------------------------------------------------------------------- */

enum why_host_state host_state(const struct evidence *e);
/* Fills the spreads of |host| from its results. Returns WHY_OK or WHY_ERR_NOMEM. */
int measure_spreads(struct why_host *host);
/* The text of the lists under |*draft|'s conditions, placeholders filled in. */
int fill_texts(const struct evidence *e, struct draft *d);

#endif /* !defined(RDPWHY_VERDICT_RULES_H) */
