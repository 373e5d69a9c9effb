/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_H
#define RDPWHY_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

struct why_trace;
struct why_trace_head;
struct why_facts;

/*
 * What a trace means: where the handshake ended, who ended it, and how. Pure: computed from the
 * trace alone, without clock, socket or libfreerdp.
 */

struct why_code {
    enum why_code_space space;
    int64_t value;
    const char *name; /* from the knowledge tables; NULL: not known there; static */
};

/* What mstsc would show for this ending. */
struct why_mstsc {
    uint32_t code;
    bool has_extended;
    uint32_t extended;
    bool documented;  /* the server itself sent the code; else inferred by |rule| */
    const char *rule; /* which row inferred it; static */
};

struct why_phase_time {
    enum why_phase phase;
    uint64_t start_us, duration_us;
};

#define WHY_REASON_MAX 320

struct why_verdict {
    enum why_outcome outcome;
    enum why_phase phase; /* the first phase the server had not confirmed; `completed`: the last */
    enum why_phase phase_to; /* of a capture that cannot all be read: it was |phase|, or a later one
                                up to this; else |phase| */
    enum why_ending ending;
    bool has_closer; /* false only for `skipped`, for what never opened a connection, and where a
                        capture does not tell it */
    enum why_closer closed_by;
    enum why_phase sent_through; /* furthest phase whose PDUs the client had sent; NONE: nothing */
    bool has_code;
    struct why_code code;
    bool has_transition; /* license error: the state transition */
    uint32_t transition;
    bool untaken; /* protocol-violation: no decoder here objects, but libfreerdp did not take it */
    const char *step; /* where in its phase it ended: "after NEW_LICENSE_REQUEST"; static; NULL */
    bool has_mstsc;
    struct why_mstsc mstsc;
    struct why_phase_time phases[WHY_PHASE_COUNT];
    size_t phase_count;
    uint64_t duration_us;
    char reason[WHY_REASON_MAX]; /* one sentence for people; UTF-8, no control characters */
};

/*
 * The verdict of |trace|; |facts| are that trace's own (why_facts_from_trace). A trace that just
 * stops (no ending event) has one too: outcome `failed`, `client-error`.
 */
void why_verdict_from_trace(const struct why_trace *trace, const struct why_facts *facts,
                            struct why_verdict *verdict);

/* Whether the phase is a range: what the server sent last cannot be read. */
bool why_verdict_is_range(const struct why_verdict *verdict);

/* The protocols that the client of a trace goes on with (plan.h, |wanted|): its profile's, and of a
 * client that is not ours any. */
uint32_t why_verdict_wanted(const struct why_trace_head *head);

/* The same words on one line: "refused in capabilities: error-info 0x7 …". At most |len| bytes. */
void why_verdict_line(const struct why_verdict *verdict, char *buf, size_t len);

#endif /* !defined(RDPWHY_VERDICT_H) */
