/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

int why_record(struct why_progress *progress, struct why_trace *trace,
               const struct why_event *event, struct why_pdu *pdu)
{
    struct why_pdu own;

    if (pdu == NULL)
        pdu = &own;
    why_progress_event(progress, event, pdu);
    return why_trace_append_scrubbed(trace, event, pdu);
}
