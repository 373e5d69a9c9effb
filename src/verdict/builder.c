/* SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <rdpwhy/knowledge.h>

#include "base/system_error.h"

const char *why_verdict_text(const struct verdict_builder *b, enum why_event_kind kind)
{
    return b->summary->first[kind] != NULL ? b->summary->first[kind]->text : NULL;
}

void why_verdict_end(struct verdict_builder *b, enum why_outcome outcome, enum why_ending ending,
                     enum why_closer closer, const char *detail)
{
    b->verdict->outcome = outcome;
    b->verdict->ending = ending;
    b->verdict->has_closer = true;
    b->verdict->closed_by = closer;
    b->detail = detail;
}

void why_verdict_own_fault(struct verdict_builder *b, const char *detail)
{
    why_verdict_end(b, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT, detail);
}

void why_verdict_violation(struct verdict_builder *b, const char *detail)
{
    why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_PROTOCOL_VIOLATION, WHY_CLOSED_BY_CLIENT,
                    detail);
}

void why_verdict_stopped(struct verdict_builder *b, const char *detail)
{
    why_verdict_end(b, WHY_OUTCOME_STOPPED, WHY_END_STOP, WHY_CLOSED_BY_CLIENT, detail);
}

void why_verdict_code(struct verdict_builder *b, enum why_code_space space, int64_t value)
{
    const struct why_code_row *row = why_code_lookup(space, value);

    b->verdict->has_code = true;
    b->verdict->code = (struct why_code){
        space, value, row != NULL ? row->name : why_system_error_name(space, value)};
}

void why_verdict_no_ending(struct verdict_builder *b)
{
    why_verdict_own_fault(b, "the trace stops before the attempt ended");
}
