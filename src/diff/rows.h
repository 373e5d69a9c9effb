/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIFF_ROWS_H
#define RDPWHY_DIFF_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/diff.h>

#include "changes.h"
#include "run.h"

/* The table of what is compared, and the tools its functions share. */

enum side { BEFORE, AFTER };

/* The attempts of one step in one run. Repeats come in no order that means anything, so the best
 * and the worst of them stand for all. */
struct step {
    const struct run_attempt *attempts; /* by repeat */
    size_t count;
    const struct run_attempt *best, *worst;
};

void why_step_make(struct step *step, const struct run_attempt *attempts, size_t count);

/* It got as far as it was meant to, or as its account was to be used. */
bool why_attempt_is_through(const struct run_attempt *attempt);
/* The security that it offered was let in. */
bool why_attempt_is_accepted(const struct run_attempt *attempt);

/* How far an attempt came: a phase, more where it went through; negative: it tells nothing of the
 * server (skipped, or our own failure). */
int why_step_progress(const struct run_attempt *attempt);

/* What a row is judged by: a host, or one of its steps, in both runs. */
struct pair {
    struct why_changes *into;
    const struct why_diff_limits *limits;
    const struct why_run *runs[2];
    const struct run_host *hosts[2];
    struct step steps[2];                  /* rows of steps only */
    const struct run_attempt *attempts[2]; /* the steps' best */
};

struct row {
    struct why_change_info info;
    bool of_host; /* judged once a host, not for every step */
    void (*judge)(const struct row *row, const struct pair *pair);
    /* For why_row_fact: what to compare, and how strong a value is (negative: nobody knows); NULL:
     * a difference is neither worse nor better. */
    enum fact fact;
    int (*rank)(const char *text);
};

/* In the order in which a host's changes are told. */
extern const struct row why_rows[];
extern const size_t why_row_count;

/* A change as |row| tells it, in the making (changes.h). */
struct why_change why_row_change(const struct row *row, enum why_change_class class);
/* Hands it in, for the step of |pair| unless its row is the host's. */
void why_row_put(const struct row *row, const struct pair *pair, const struct why_change *change,
                 const char *before, const char *after);

/* A fact that both runs know and that differs. */
void why_row_fact(const struct row *row, const struct pair *pair);

/* The judges, by file. */
void why_row_state(const struct row *row, const struct pair *pair);
void why_row_accepted(const struct row *row, const struct pair *pair);
void why_row_outcome(const struct row *row, const struct pair *pair);
void why_row_phase(const struct row *row, const struct pair *pair);
void why_row_ending(const struct row *row, const struct pair *pair);
void why_row_code(const struct row *row, const struct pair *pair);
void why_row_variation(const struct row *row, const struct pair *pair);

void why_row_nla_required(const struct row *row, const struct pair *pair);
void why_row_selected(const struct row *row, const struct pair *pair);
void why_row_cipher(const struct row *row, const struct pair *pair);
void why_row_encryption(const struct row *row, const struct pair *pair);
void why_row_credssp(const struct row *row, const struct pair *pair);
int why_rank_protocol(const char *text);
int why_rank_cipher(const char *text);
int why_rank_trust(const char *text);
int why_rank_method(const char *text);
int why_rank_level(const char *text);

void why_row_certificate(const struct row *row, const struct pair *pair);
void why_row_certificate_expired(const struct row *row, const struct pair *pair);
void why_row_certificate_days(const struct row *row, const struct pair *pair);
void why_row_certificate_name(const struct row *row, const struct pair *pair);
void why_row_certificate_trust(const struct row *row, const struct pair *pair);

void why_row_license(const struct row *row, const struct pair *pair);
void why_row_kind(const struct row *row, const struct pair *pair);
void why_row_udp(const struct row *row, const struct pair *pair);
int why_rank_session(const char *text);
void why_row_clock_skew(const struct row *row, const struct pair *pair);
void why_row_phase_time(const struct row *row, const struct pair *pair);

#endif /* !defined(RDPWHY_DIFF_ROWS_H) */
