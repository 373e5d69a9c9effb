/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_RULES_H
#define RDPWHY_VERDICT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/knowledge.h>

/* The matchers of the rules: what a host's results must look like for a rule to hold. */

struct host_results {
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
struct finding_builder {
    struct why_finding *finding;
    enum why_rule rule;
    uint64_t conditions; /* WHY_IF bits that the measurement supports */
};

/* Whether |builder->rule| holds; fills the finding's summary, facts and attempts where it does. */
typedef bool rule_match(const struct host_results *results, struct finding_builder *builder);

/* The matchers that rules.def names; rules_*.c hold them by subject. */
#define WHY_RULE(id, name, severity, remark, matcher) rule_match matcher;
#include <rdpwhy/rules.def>

/* ---- what results say ------------------------------------------------------------------------ */

/* A question about one result. */
typedef bool result_test(const struct why_result *r);

/*
 * The next result at or after |*i| that says something about the host: not skipped, not failed by
 * ourselves. NULL at the end. |*i| is moved behind it.
 */
const struct why_result *why_results_next(const struct host_results *h, size_t *i);
/* The first of them that |test| holds for, or NULL; whether there is one; how many. */
const struct why_result *why_results_first(const struct host_results *h, result_test *test);
bool why_results_any(const struct host_results *h, result_test *test);
size_t why_results_count(const struct host_results *h, result_test *test);
/* The first of the same profile that |test| holds for, or NULL. */
const struct why_result *why_results_first_of(const struct host_results *h,
                                              enum why_profile profile, result_test *test);

/* An attempt that came to an end which is not the one wanted: refused or aborted. */
bool why_is_failure(const struct why_result *r);
/* It ended in |phase| by FIN, RST, silence or a bare Disconnect Provider Ultimatum. */
bool why_ended_wordless(const struct why_result *r, enum why_phase phase);
/* The server's TLS handshake was completed. */
bool why_tls_worked(const struct why_result *r);
/* The attempt came to the TLS handshake and did not survive it. */
bool why_tls_died(const struct why_result *r);
/* An offer got no answer at all, though TCP was up. */
bool why_is_unanswered_offer(const struct why_result *r);
/* The same of a console port of Hyper-V, or of one that was told which virtual machine is meant. */
bool why_is_unanswered_console(const struct why_result *r);
/* Only TLS below 1.2 can be had, as far as was tried. */
bool why_is_old_tls_only(const struct host_results *h);
/* It got as far as it was meant to get. */
bool why_went_through(const struct why_result *r);
/* It and |other| are the same step, but for the repeat. */
bool why_is_same_step(const struct why_result *r, const struct why_result *other);
/* It and |other| are the same step and ended in the same way. */
bool why_ended_alike(const struct why_result *r, const struct why_result *other);
/* Another attempt of the run came further than the phase that |r| ended in. */
bool why_is_passed_elsewhere(const struct host_results *h, const struct why_result *r);
/* The library gave up on the server's proof of its key, or a server says that the bindings do not
 * match. */
bool why_fails_proof(const struct why_result *r);
/* The profile pins a TLS version. */
bool why_pins_version(const struct why_result *r);
/* The attempt brought a license that was spoilt on purpose. */
bool why_is_license_spoilt(const struct why_result *r);
/* The attempt brought a license that is the trouble: without one the same profile passes. */
bool why_is_license_at_fault(const struct host_results *h, const struct why_result *r);
/* WHY_IF(STORED) where the attempt brought a license. */
uint64_t why_license_condition(const struct why_result *r);
/* A logon with Entra ID was all that was offered, and the server said goodbye in order: it is not
 * one for that. No client offers it unless its user asks for it. */
/* What a client asked for (Restricted Admin, Remote Credential Guard) that the server does not
 * offer, although it selected CredSSP; WHY_DELEGATE_PASSWORD: nothing. */
enum why_delegation why_lacks_delegation(const struct why_result *r);
bool why_is_entra_refused(const struct why_result *r);
/* RDP_NEG_FAILURE with |code| (pdu.h, WHY_NEG_). */
bool why_is_refused_with(const struct why_result *r, int64_t code);
/* It ended with the RD Gateway, or was stopped there, before that was connected to the server. */
bool why_is_at_gateway(const struct why_result *r);
/* The rule that the result's own code leads to here; WHY_RULE_COUNT: to none. */
enum why_rule why_rule_of(const struct why_result *r);
/* The same of an attempt that a proxy refused with a code: of that, and of the words beside it. */
enum why_rule why_rule_of_proxy(const struct why_result *r);
/* Of those words alone; WHY_RULE_COUNT: there are none that are known. */
enum why_rule why_rule_of_proxys_words(const struct why_result *r);
/* What it says rests on the account or its session: rejected, locked, not allowed, taken over by
 * another client. The server itself works. */
bool why_is_account_rule(enum why_rule rule);
/*
 * The account was rejected without a word: FreeRDP's servers end the connection in some way once
 * they have the account's proof and do not like it. FreeRDP 2's shadow closes, GNOME Remote Desktop
 * says goodbye as if there had been a session, FreeRDP 3's shadow has a code (0xC00700EA).
 */
bool why_is_rejected_wordlessly(const struct why_result *r);
/* Whether the result's own code leads to |rule|. */
bool why_has_code_of(const struct why_result *r, enum why_rule rule);

/* ---- what findings say ----------------------------------------------------------------------- */

/* Where the next fact goes, WHY_FINDING_TEXT bytes; beyond the limit facts are dropped. */
char *why_finding_next_fact(struct finding_builder *b);
#define add_fact(b, ...)  ((void)snprintf(why_finding_next_fact(b), WHY_FINDING_TEXT, __VA_ARGS__))
#define summarize(b, ...) ((void)snprintf((b)->finding->summary, WHY_FINDING_TEXT, __VA_ARGS__))

/* The finding rests on |r|. */
void why_finding_add_attempt(struct finding_builder *b, const struct why_result *r);
/* The same, and |line| is one of the facts, behind the step: "tls: |line|". Equal lines of other
 * steps are put together. */
void why_finding_add_line(struct finding_builder *b, const struct why_result *r, const char *line);
/* The same, and its verdict in one line is one of the facts: "tls: aborted in tls: reset". Equal
 * lines of other steps are put together. */
void why_finding_add_verdict(struct finding_builder *b, const struct why_result *r);
/* why_finding_add_attempt for everything |test| holds for; the first of them, or NULL. */
const struct why_result *why_finding_add_attempts(const struct host_results *h,
                                                  struct finding_builder *b, result_test *test);
/* why_finding_add_verdict for everything |test| holds for, with how it ended as conditions; the
 * first of them, or NULL. */
const struct why_result *why_finding_add_verdicts(const struct host_results *h,
                                                  struct finding_builder *b, result_test *test);
/* Whether, wherever |wanted| holds, other attempts pass the phase: a condition, and a warning then.
 */
bool why_finding_add_passing(const struct host_results *h, struct finding_builder *b,
                             result_test *wanted);
/*
 * For endings without a word: rests on everything |wanted| holds for, tells whether other attempts
 * pass there (a warning then), and summarizes as |closed| or |silent|, by what happened. False
 * where nothing is wanted.
 */
bool why_finding_add_wordless(const struct host_results *h, struct finding_builder *b,
                              result_test *wanted, const char *closed, const char *silent);
/* "1 attempt", "2 attempts": for "%zu attempt%s". */
#define PLURAL(n) ((n) == 1 ? "" : "s")
/* How a result ended, as conditions for texts. */
uint64_t why_ending_conditions(const struct why_result *r);
/* "tls", "rdp admin", "nla #2" */
void why_step_words(const struct why_result *r, char *buf, size_t len);
/* "2026-11-22" */
void why_date_words(int64_t seconds, char *buf, size_t len);

/* ---- the host as a whole --------------------------------------------------------------------- */

enum why_host_state why_host_state_of(const struct host_results *h);
/* Fills the spreads of |host| from its results. Returns WHY_OK or WHY_ERR_NOMEM. */
int why_host_measure_spreads(struct why_host *host);
/* The text of the lists under |*builder|'s conditions, placeholders filled in. */
int why_finding_fill_texts(const struct host_results *h, struct finding_builder *b);

#endif /* !defined(RDPWHY_VERDICT_RULES_H) */
