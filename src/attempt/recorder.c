/* SPDX-License-Identifier: Apache-2.0 */
#include "recorder.h"

#include "base/clock.h"
#include "record/record.h"

void why_recorder_pdu(struct recorder *rec, const struct why_event *event, uint64_t at_us,
                      struct why_pdu *pdu)
{
    struct why_event timed = *event;

    timed.t_us = at_us > rec->start_us ? at_us - rec->start_us : 0;
    /* Out of memory loses the event, not the attempt: the trace counts what it lost. */
    (void)why_record(&rec->progress, rec->trace, &timed, pdu);
    if (rec->on_event != NULL)
        rec->on_event(rec->on_event_arg, rec->trace);
}

void why_recorder_add(struct recorder *rec, const struct why_event *event)
{
    why_recorder_pdu(rec, event, why_clock_us(), NULL);
}

void why_recorder_event(struct recorder *rec, enum why_event_kind kind, int64_t value,
                        const char *text)
{
    why_recorder_add(rec, &(struct why_event){.kind = kind, .value = value, .text = text});
}

void why_recorder_capture(struct recorder *rec, const struct why_event *event)
{
    if (rec->capture)
        why_recorder_add(rec, event);
}
