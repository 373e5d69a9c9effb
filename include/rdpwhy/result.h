/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RESULT_H
#define RDPWHY_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/facts.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>
#include <rdpwhy/verdict.h>

/* One step carried out: frozen before it leaves the attempt. */
struct why_result {
    const struct why_target *target; /* lives as long as the run */
    struct why_step step;
    size_t ordinal; /* of the step in the host's plan, from 1 */
    struct why_trace *trace;
    struct why_facts facts;
    struct why_verdict verdict;
    enum why_answer answer; /* the attempt's by itself until its host is diagnosed: only TLS_VERSION
                               becomes another then */
    /* A step that was tried again with one variation keeps the first try; else NULL. */
    struct why_result *first_try;
};

/*
 * Makes a result of |trace| (taken over, also on failure): decodes the facts and computes the
 * verdict and the answer. |other|, NULL or a result of the same target, only saves work
 * (why_facts_from_trace). Returns NULL when out of memory.
 */
struct why_result *why_result_new(const struct why_target *target, const struct why_step *step,
                                  size_t ordinal, struct why_trace *trace,
                                  const struct why_result *other);
/* Frees the result with its first try; takes NULL. */
void why_result_free(struct why_result *result);

/*
 * Which variation the result asks to be tried: the ending is one that a known quirk of servers
 * explains, and the variation would show it. NONE for nearly all.
 */
enum why_variation why_variation_due(const struct why_result *result);

#endif /* !defined(RDPWHY_RESULT_H) */
