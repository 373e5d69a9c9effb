/* SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

/* A phase is over when it is confirmed, or when the client goes on to a later one before that. */
static uint64_t phase_end(const struct why_progress *p, int phase, uint64_t end_us)
{
    uint64_t end = p->was_confirmed[phase] ? p->confirmed_us[phase] : end_us;

    for (int later = phase + 1; later < WHY_PHASE_COUNT; later++) {
        if (p->was_sent[later] && p->sent_us[later] < end &&
            why_progress_has_phase(p, (enum why_phase)later))
            end = p->sent_us[later];
    }
    return end;
}

/* Of a connection that somebody else made there is only what was on the wire. */
static bool was_timed(const struct trace_summary *c, enum why_phase phase)
{
    if (!why_is_other_client(c->head))
        return true;
    return phase != WHY_PHASE_RESOLVE &&
           (phase != WHY_PHASE_CONNECT || c->first[WHY_EV_DIAL] != NULL);
}

void why_verdict_times(struct why_verdict *v, const struct trace_summary *c, uint64_t end_us)
{
    const struct why_progress *p = &c->progress;
    int last = v->outcome == WHY_OUTCOME_COMPLETED ? (int)p->confirmed : (int)why_progress_due(p);
    uint64_t start = 0;

    /* The client may have gone on to phases after the one that the server never confirmed. */
    if (v->outcome != WHY_OUTCOME_COMPLETED && (int)p->sent_through > last)
        last = (int)p->sent_through;

    /* How long a session was listened to is no time that its handshake took. */
    if (v->outcome == WHY_OUTCOME_COMPLETED && v->phase == WHY_PHASE_ACTIVE &&
        p->was_confirmed[WHY_PHASE_FINALIZATION])
        end_us = p->confirmed_us[WHY_PHASE_FINALIZATION];
    v->duration_us = end_us;
    if (v->outcome == WHY_OUTCOME_SKIPPED)
        return;
    for (int phase = 0; phase <= last; phase++) {
        uint64_t end;

        if (!why_progress_has_phase(p, (enum why_phase)phase) ||
            !was_timed(c, (enum why_phase)phase))
            continue;
        end = phase_end(p, phase, end_us);
        if (end < start)
            end = start;
        v->phases[v->phase_count++] =
            (struct why_phase_time){(enum why_phase)phase, start, end - start};
        start = end;
    }
}
