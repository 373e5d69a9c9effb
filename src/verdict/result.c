/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <stdlib.h>

#include <rdpwhy/captured.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "trace_summary.h"
#include "facts.h"

/* The protocols that the client goes on with: its profile's, and of a client that is not ours any.
 */
static uint32_t wanted_by(const struct why_trace_head *head)
{
    if (why_is_other_client(head))
        return UINT32_MAX;
    return why_profile_info(head->profile)->wanted | (head->hop > 0 ? WHY_PROTOCOL_RDSTLS : 0);
}

int why_trace_judge(const struct why_trace *trace, const struct why_facts *other,
                    struct why_facts *facts, struct why_verdict *verdict,
                    struct why_reading **reading)
{
    struct why_reading *kept = reading != NULL ? calloc(1, sizeof(*kept)) : NULL;
    struct gathering gathering;
    struct trace_summary summary;
    struct why_replay r;

    if (reading != NULL)
        *reading = kept;
    why_facts_begin(&gathering, trace, other, facts);
    why_summary_begin(&summary, trace);
    why_replay_begin(&r, trace, wanted_by(why_trace_head(trace)), kept);
    while (why_replay_next(&r)) {
        why_facts_see(&gathering, &r);
        why_summary_see(&summary, &r);
    }
    why_summary_end(&summary, &r);
    if (!why_facts_end(&gathering, &r) || r.nomem || (reading != NULL && kept == NULL)) {
        why_facts_clear(facts);
        why_reading_free(kept);
        if (reading != NULL)
            *reading = NULL;
        return WHY_ERR_NOMEM;
    }
    why_verdict_make(&summary, trace, facts, verdict);
    return WHY_OK;
}

struct why_result *why_result_new(const struct why_target *target, const struct why_step *step,
                                  size_t ordinal, struct why_trace *trace,
                                  const struct why_result *other)
{
    struct why_result *result = calloc(1, sizeof(*result));

    if (result == NULL) {
        why_trace_free(trace);
        return NULL;
    }
    result->target = target;
    result->step = *step;
    result->ordinal = ordinal;
    result->trace = trace;
    /* Another server's certificate may be the same and still not be for that server's name. */
    if (why_trace_head(trace)->hop > 0)
        other = NULL;
    if (why_trace_judge(trace, other != NULL ? &other->facts : NULL, &result->facts,
                        &result->verdict, &result->reading) != WHY_OK) {
        why_result_free(result);
        return NULL;
    }
    if (why_captured_read(trace, &result->captured) != WHY_OK) {
        why_result_free(result);
        return NULL;
    }
    result->answer = why_answer_of(result);
    return result;
}

int why_result_slim(struct why_result *result)
{
    struct why_trace_head head = *why_trace_head(result->trace);
    struct why_trace *small;

    head.host = NULL; /* the target has it */
    small = why_trace_new(&head);
    if (small == NULL)
        return WHY_ERR_NOMEM;
    why_reading_free(result->reading);
    result->reading = NULL;
    why_trace_free(result->trace);
    result->trace = small;
    return WHY_OK;
}

void why_result_free(struct why_result *result)
{
    if (result == NULL)
        return;
    why_result_free(result->first_try);
    why_result_free(result->tls_first);
    why_facts_clear(&result->facts);
    why_captured_free(result->captured);
    why_reading_free(result->reading);
    why_trace_free(result->trace);
    free(result);
}
