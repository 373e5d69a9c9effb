/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_MESSAGE_H
#define RDPWHY_SCAN_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

#include "attempt/attempt.h"

/*
 * What dispatcher and workers send each other, an object each; "record" says which:
 *
 *   worker       "ready"   client_name, client_hash, cannot: {profile: why}
 *                "broken"  text: why the libraries cannot be set up
 *                "ask"     job: may its credentials be used?
 *                "result"  job, status, license: what the server issued, redirection: a secret;
 *                          followed by the trace
 *                "begun"   job: its attempt begins; until then it has waited for a thread
 *                "events"  job: of an isolated one; followed by what is new in its trace
 *   dispatcher   "job"     struct message_job; followed by the trace of its dial; with its socket
 *                "answer"  job, text: why not; no text: they may
 *                "cancel"  running attempts are to end
 *
 * Traces are as in trace files; a trace's head names host, port, profile, license mode and until.
 */

struct message_job {
    uint64_t id;
    uint64_t dial_us; /* what the dial took of the attempt's time */
    uint64_t timeout_us;
    unsigned repeat;
    enum why_variation variation;
    bool udp; /* ask for RDP over UDP, too */
    unsigned hop;
    char vm[64];                         /* the target's virtual machine; "": none */
    struct why_license_data redirection; /* that leads there; data NULL: none; owned */
    bool isolated;                       /* a worker has died under it: it has one of its own now */
    struct why_license_data license;     /* to present; data NULL: none; owned */
};

/* What a worker that is ready says of its libraries. All zeros: none is ready yet. */
struct library {
    bool known;
    char *client_name, *client_hash;
    char *cannot[WHY_PROFILE_COUNT]; /* why; NULL: it can */
};

/* NULL: out of memory. */
json_t *why_message_new(const char *record);
json_t *why_message_about(const char *record, uint64_t job);
json_t *why_message_of_job(const struct message_job *job);

bool why_message_is(const json_t *message, const char *record);
/* The number of the job that it is about; 0: of none. */
uint64_t why_message_job(const json_t *message);
/* An empty text where there is none; NULL: out of memory. */
char *why_message_text(const json_t *message, const char *key);
/* False: the message is not one of ours, or there is no memory for it. */
bool why_message_read_job(const json_t *message, struct message_job *job);
void why_message_read_library(const json_t *message, struct library *library);
void why_library_clear(struct library *library);

/* Bytes in hexadecimal. False: out of memory, or no hexadecimal digits. Absent is none. */
bool why_message_put_bytes(json_t *message, const char *key, const struct why_license_data *data);
bool why_message_get_bytes(const json_t *message, const char *key, struct why_license_data *data);

/*
 * A trace from its event |first| on as the text behind a message: NULL when out of memory. The
 * other way NULL too when it is no trace.
 */
char *why_message_write_trace(const struct why_trace *trace, size_t first, size_t *len);
struct why_trace *why_message_read_trace(const char *text, size_t len);

#endif /* !defined(RDPWHY_SCAN_MESSAGE_H) */
