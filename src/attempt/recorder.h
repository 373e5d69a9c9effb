/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_RECORDER_H
#define RDPWHY_ATTEMPT_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/trace.h>

#include "progress/progress.h"

/* The pen of one attempt: puts the time on events, and zeros over secrets. */
struct recorder {
    struct why_trace *trace;
    uint64_t start_us; /* monotonic */
    struct why_progress progress;
    bool capture; /* events for the packets' sake are wanted */
    void (*on_event)(void *arg, const struct why_trace *trace); /* after each; may be NULL */
    void *on_event_arg;
};

/* Events that carry a number and a text, or nothing. |text| may be NULL. */
void recorder_event(struct recorder *rec, enum why_event_kind kind, int64_t value,
                    const char *text);

/* The same with |flags| (WHY_EVENT_). */
void recorder_flagged(struct recorder *rec, enum why_event_kind kind, unsigned flags, int64_t value,
                      const char *text);

/* An event about bytes that passed in |dir|. |value| and |text| as above. */
void recorder_bytes(struct recorder *rec, enum why_event_kind kind, enum why_dir dir,
                    const uint8_t *data, size_t len, int64_t value, const char *text);

/*
 * What came of a PDU in |dir|: |len| bytes, and behind them |lost| that were not kept. |problem|
 * says why they cannot be the beginning of one; NULL: they can.
 */
void recorder_partial(struct recorder *rec, enum why_dir dir, const uint8_t *data, size_t len,
                      size_t lost, const char *problem);

/* Events for the packets' sake, which most attempts do not keep. Bytes may be NULL. */
void recorder_capture(struct recorder *rec, enum why_event_kind kind, enum why_dir dir,
                      const uint8_t *data, size_t len, int64_t value, const char *text);

/*
 * A PDU that passed at |at_us| (monotonic); every PDU must come through here exactly once, in
 * order. What is secret in it is overwritten in the copy that is kept. |name| is what the library
 * says of a PDU it has encrypted, or NULL. Fills |*pdu|.
 */
void recorder_pdu(struct recorder *rec, enum why_dir dir, const uint8_t *data, size_t len,
                  unsigned flags, const char *name, uint64_t at_us, struct why_pdu *pdu);

#endif /* !defined(RDPWHY_ATTEMPT_RECORDER_H) */
