/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_RECORDER_H
#define RDPWHY_ATTEMPT_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/trace.h>

#include "progress/progress.h"

/* Puts the time on the events of one attempt. */
struct recorder {
    struct why_trace *trace;
    uint64_t start_us; /* monotonic */
    struct why_progress progress;
    bool capture; /* events for the packets' sake are wanted */
    void (*on_event)(void *arg, const struct why_trace *trace); /* after each; may be NULL */
    void *on_event_arg;
};

/* An event that carries a number and a text, or nothing. |text| may be NULL. */
void why_recorder_event(struct recorder *rec, enum why_event_kind kind, int64_t value,
                        const char *text);

/* Any event but a PDU; its time is now. */
void why_recorder_add(struct recorder *rec, const struct why_event *event);

/* The same for events that are there for the packets' sake, which most attempts do not keep. */
void why_recorder_capture(struct recorder *rec, const struct why_event *event);

/*
 * A PDU that passed at |at_us| (monotonic); every PDU must come through here exactly once, in
 * order. Its text is what the library says of a PDU that it has encrypted, or NULL. Fills |*pdu|,
 * which may be NULL.
 */
void why_recorder_pdu(struct recorder *rec, const struct why_event *event, uint64_t at_us,
                      struct why_pdu *pdu);

#endif /* !defined(RDPWHY_ATTEMPT_RECORDER_H) */
