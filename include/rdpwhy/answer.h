/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ANSWER_H
#define RDPWHY_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

struct why_result;

/*
 * What an attempt says of the server: one answer (vocab.h), which rules, host states, requirements,
 * differences and reports all read in the result. Pure.
 */

/*
 * The answer of |result| by itself, from its step, verdict, facts and the head of its trace; that
 * of a saved run has no trace and few facts.
 */
enum why_answer why_answer_of(const struct why_result *result);

/*
 * A TLS version that fails by itself, however rudely, is off by policy while one works that current
 * clients have. Whether an attempt shows one that does:
 */
bool why_answer_shows_tls(enum why_answer answer, enum why_profile profile,
                          const char *tls_version);
/* TLS_VERSION made POLICY where one works and FAULT where none does; every other as it is. */
enum why_answer why_answer_settle(enum why_answer answer, bool tls_works);

/*
 * Gives all results of a host their answers, settled. Returns what TLS_VERSION became, or
 * TLS_VERSION where it is none's.
 */
enum why_answer why_answers_settle(struct why_result *const *results, size_t count);

/* The security that the profile offers was let in; what came later does not matter. */
bool why_offer_is_accepted(enum why_profile profile, enum why_outcome outcome,
                           enum why_phase phase);

/* RDP_NEG_FAILURE HYBRID_REQUIRED_BY_SERVER: the server insists on Network Level Authentication. */
bool why_nla_is_required(enum why_ending ending, int64_t code);

#endif /* !defined(RDPWHY_ANSWER_H) */
