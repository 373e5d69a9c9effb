/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TESTS_TRACE_BUILDER_H
#define RDPWHY_TESTS_TRACE_BUILDER_H

#include <stdint.h>

#include <rdpwhy/trace.h>

/* Traces put together by hand, out of recorded PDUs (fixtures/pdus) and single events. */

#define BUILDER_STEP_US 100 /* between two events */

struct builder {
    struct why_trace *trace;
    uint64_t now_us;
};

/* An empty trace of an attempt at "srv1:3389". Any failure of these functions ends the test. */
void builder_begin(struct builder *b, enum why_profile profile, enum why_phase until);
void builder_free(struct builder *b);

/*
 * Connects, and appends the recording fixtures/pdus/|capture|.pdus up to the first PDU that |upto|
 * names ("<Font Map": received; ">Client Info": sent), with a TLS handshake behind the Connection
 * Confirm as soon as anything follows it. |upto| NULL: all of it.
 */
void builder_capture(struct builder *b, const char *capture, const char *upto);

/* One PDU of a recording, by name as above. */
void builder_recorded_pdu(struct builder *b, const char *capture, const char *which);

void builder_event(struct builder *b, enum why_event_kind kind, int64_t value, const char *text);
void builder_bytes(struct builder *b, enum why_event_kind kind, enum why_dir dir, const char *hex,
                   const char *text);

/*
 * What |script| says, step by step, separated by ';':
 *   fin  reset ERRNO  net ERRNO  write ERRNO  deadline  cancel  close  lib NAME  tls-error TEXT
 *   resolve  resolved  resolve-failed EAI  dial  dial-failed ERRNO  connected  skip TEXT  stop TEXT
 *   close-reset  close-doubt  close-doubt-reset  cut-off TEXT (of captures)
 *   reached PHASE  failed TEXT  tls-start  tls-done  alert< LEVEL.DESCRIPTION  alert> ...
 *   pdu< HEX  pdu> HEX  record< HEX  io< HEX (payload of the channel 1003)  part< HEX
 */
void builder_script(struct builder *b, const char *script);

#endif /* !defined(RDPWHY_TESTS_TRACE_BUILDER_H) */
