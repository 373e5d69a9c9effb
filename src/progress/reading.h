/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PROGRESS_READING_H
#define RDPWHY_PROGRESS_READING_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/trace.h>

#include "progress.h"

/*
 * A trace read: what its bytes are. Whoever wants to know all of a PDU follows the replay of
 * the trace, once; what all others want to know is kept.
 */

/* One PDU or TLS record, in the order in which they passed. */
struct why_read_pdu {
    size_t event; /* its index in the trace; several may have come in one */
    enum why_dir dir;
    enum why_pdu_type type;
    bool encrypted;      /* by Standard RDP Security */
    bool refuses;        /* received, it is a "no" */
    const char *problem; /* what contradicts the specification; NULL: nothing does; static */
};

struct why_reading {
    struct why_read_pdu *pdus; /* owned */
    size_t count, capacity;
};

/* A trace, event by event. */
struct why_replay {
    const struct why_trace *trace;
    struct why_reading *reading; /* receives the PDUs; NULL: they are not kept */
    size_t next;                 /* index of the event after |event| */
    const struct why_event *event;
    enum why_phase due;           /* before |event| */
    struct why_progress progress; /* after it */
    struct why_pdu pdu;           /* what its bytes are: of several PDUs the one that says most */
    bool nomem;                   /* |reading| is not complete */
};

/* |wanted| as in why_progress_init. */
void why_replay_begin(struct why_replay *r, const struct why_trace *trace, uint32_t wanted,
                      struct why_reading *reading);
/* Reads the next event; false: there is none, or memory has run out. */
bool why_replay_next(struct why_replay *r);

/* A whole trace at once; NULL when out of memory. */
struct why_reading *why_reading_new(const struct why_trace *trace);
void why_reading_free(struct why_reading *reading);

/*
 * The PDUs of the event at |event|: |*count| of them, beginning with the one that is returned.
 * |reading| may be NULL, which has none.
 */
const struct why_read_pdu *why_reading_of(const struct why_reading *reading, size_t event,
                                          size_t *count);

#endif /* !defined(RDPWHY_PROGRESS_READING_H) */
