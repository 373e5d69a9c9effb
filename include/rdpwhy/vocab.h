/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VOCAB_H
#define RDPWHY_VOCAB_H

#include <stddef.h>

/*
 * The closed lists of words that code, JSON, text and documentation share: vocab.def has their
 * rows. Every list has a constant table; parsers, writers, help and `rdpwhy list` loop over the
 * tables.
 */

/* In protocol order: comparable with < and >. */
enum why_phase {
#define WHY_PHASE(id, ...) WHY_PHASE_##id,
#include <rdpwhy/vocab.def>
    WHY_PHASE_COUNT,
    WHY_PHASE_NONE = -1
};

enum why_profile {
#define WHY_PROFILE(id, ...) WHY_PROFILE_##id,
#include <rdpwhy/vocab.def>
    WHY_PROFILE_COUNT
};

enum why_license_mode {
#define WHY_LICENSE_MODE(id, ...) WHY_LICENSE_MODE_##id,
#include <rdpwhy/vocab.def>
    WHY_LICENSE_MODE_COUNT
};

enum why_outcome {
#define WHY_OUTCOME(id, ...) WHY_OUTCOME_##id,
#include <rdpwhy/vocab.def>
    WHY_OUTCOME_COUNT
};

enum why_answer {
#define WHY_ANSWER(id, ...) WHY_ANSWER_##id,
#include <rdpwhy/vocab.def>
    WHY_ANSWER_COUNT
};

enum why_ending {
#define WHY_ENDING(id, ...) WHY_END_##id,
#include <rdpwhy/vocab.def>
    WHY_END_COUNT
};

enum why_closer {
#define WHY_CLOSER(id, ...) WHY_CLOSED_BY_##id,
#include <rdpwhy/vocab.def>
    WHY_CLOSER_COUNT
};

enum why_trust {
#define WHY_TRUST(id, ...) WHY_TRUST_##id,
#include <rdpwhy/vocab.def>
    WHY_TRUST_COUNT
};

enum why_host_state {
#define WHY_HOST_STATE(id, ...) WHY_HOST_##id,
#include <rdpwhy/vocab.def>
    WHY_HOST_STATE_COUNT
};

enum why_code_space {
#define WHY_CODE_SPACE(id, place, ...) WHY_SPACE_##id = (place),
#include <rdpwhy/vocab.def>
    WHY_SPACE_COUNT = 0
#define WHY_CODE_SPACE(...) +1
#include <rdpwhy/vocab.def>
};

/* How an account is proven inside CredSSP: what a profile pins, and what was used. */
enum why_package {
    WHY_PACKAGE_ANY, /* Kerberos where it can be had, else NTLM, as clients do */
    WHY_PACKAGE_NTLM,
    WHY_PACKAGE_KERBEROS,
    WHY_PACKAGE_KERBEROS_U2U, /* user to user: with the server's own ticket */
    WHY_PACKAGE_COUNT
};

/* "ntlm", "kerberos", "kerberos-u2u"; NULL for ANY. */
const char *why_package_name(enum why_package package);

/* One word of a list: its spelling everywhere, and what it means in one line. */
struct why_word {
    const char *name;
    const char *meaning;
};

enum why_vocabulary {
    WHY_VOCAB_PHASE,
    WHY_VOCAB_PROFILE,
    WHY_VOCAB_LICENSE_MODE,
    WHY_VOCAB_OUTCOME,
    WHY_VOCAB_ANSWER,
    WHY_VOCAB_ENDING,
    WHY_VOCAB_CLOSER,
    WHY_VOCAB_TRUST,
    WHY_VOCAB_HOST_STATE,
    WHY_VOCAB_CODE_SPACE
};

/* The rows of a list, indexed by the list's enum; |*count| is their number. Constant, never NULL.
 */
const struct why_word *why_vocab(enum why_vocabulary list, size_t *count);

/* The spelling of value |value| in |list|; "?" for a value outside it. */
const char *why_word_name(enum why_vocabulary list, int value);

/* The value of |name| in |list|, or WHY_ERR_NOTFOUND. Exact spelling. */
int why_word_find(enum why_vocabulary list, const char *name);

enum why_alarm { WHY_ALARM_OK, WHY_ALARM_WARNING, WHY_ALARM_CRITICAL, WHY_ALARM_COUNT };

struct why_host_state_info {
    enum why_alarm alarm; /* what a monitoring system makes of it */
    unsigned urgent;      /* the more, the earlier a list of hosts shows it */
    const char *sign;     /* one character, UTF-8 */
};

/* The row of |state|, never NULL. */
const struct why_host_state_info *why_host_state_info(enum why_host_state state);

/* Spellings for the lists used most. */
const char *why_phase_name(enum why_phase phase);
const char *why_profile_name(enum why_profile profile);
const char *why_license_mode_name(enum why_license_mode mode);
const char *why_outcome_name(enum why_outcome outcome);
const char *why_answer_name(enum why_answer answer);
const char *why_ending_name(enum why_ending ending);
const char *why_closer_name(enum why_closer closer);
const char *why_trust_name(enum why_trust trust);
const char *why_host_state_name(enum why_host_state state);
const char *why_code_space_name(enum why_code_space space);

#endif /* !defined(RDPWHY_VOCAB_H) */
