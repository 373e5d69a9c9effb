/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <stdlib.h>

#include <rdpwhy/status.h>

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
    if (why_facts_from_trace(trace, other != NULL ? &other->facts : NULL, &result->facts) !=
        WHY_OK) {
        why_result_free(result);
        return NULL;
    }
    why_verdict_from_trace(trace, &result->facts, &result->verdict);
    result->answer = why_answer_of(result);
    return result;
}

void why_result_free(struct why_result *result)
{
    if (result == NULL)
        return;
    why_result_free(result->first_try);
    why_facts_clear(&result->facts);
    why_trace_free(result->trace);
    free(result);
}
