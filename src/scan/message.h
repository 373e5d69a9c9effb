/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_MESSAGE_H
#define RDPWHY_SCAN_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

#include "attempt/attempt.h"

/*
 * What dispatcher and worker tell each other, one object a message ("record" says which):
 *
 *   worker       "ready"   client_name, client_hash, cannot: {profile: why}
 *                "broken"  text: why the libraries cannot be set up
 *                "ask"     job: may its credentials be used?
 *                "result"  job, status, license: what the server issued; behind it the trace
 *                "begun"   job: its attempt begins; until then it has waited for a thread
 *                "events"  job: what is new in the trace behind it, of a job that is alone
 *   dispatcher   "job"     struct message_job; behind it the trace of its dial; with its socket
 *                "answer"  job, text: why not; no text: they may
 *                "cancel"  end what is under way
 *
 * Traces are as in trace files; a trace's head names host, port, profile, license mode and until.
 */

struct message_job {
    uint64_t id;
    uint64_t dial_us; /* what the dial took of the attempt's time */
    uint64_t timeout_us;
    unsigned repeat;
    enum why_variation variation;
    bool alone;                      /* for what a worker has died of once */
    struct why_license_data license; /* to present; data NULL: none; owned */
};

/* NULL: out of memory. */
json_t *message_new(const char *record);
json_t *message_of_job(const struct message_job *job);

bool message_is(const json_t *message, const char *record);
/* False: the message is not one of ours, or there is no memory for it. */
bool message_read_job(const json_t *message, struct message_job *job);

/* Bytes in hexadecimal. False: out of memory, or no hexadecimal digits. Absent is none. */
bool message_put_bytes(json_t *message, const char *key, const struct why_license_data *data);
bool message_get_bytes(const json_t *message, const char *key, struct why_license_data *data);

/*
 * A trace from its event |first| on as the text behind a message: NULL when out of memory. The
 * other way NULL too when it is no trace.
 */
char *message_write_trace(const struct why_trace *trace, size_t first, size_t *len);
struct why_trace *message_read_trace(const char *text, size_t len);

#endif /* !defined(RDPWHY_SCAN_MESSAGE_H) */
