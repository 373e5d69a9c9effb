/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_BUILDER_H
#define RDPWHY_VERDICT_BUILDER_H

#include <rdpwhy/result.h>

#include "trace_summary.h"

/* A verdict in the making. */
struct verdict_builder {
    const struct trace_summary *summary;
    const struct why_trace *trace;
    const struct why_facts *facts;
    struct why_verdict *verdict;
    const char *detail; /* what the reason's sentence says besides; NULL: nothing */
    char text[256];     /* |detail|, where it had to be put together */
};

/* How it ended, and what to say of it besides (NULL: nothing). */
void why_verdict_end(struct verdict_builder *b, enum why_outcome outcome, enum why_ending ending,
                     enum why_closer closer, const char *detail);
/* The code that was named, with what the tables know of it. */
void why_verdict_code(struct verdict_builder *b, enum why_code_space space, int64_t value);
/* It failed on our side. */
void why_verdict_own_fault(struct verdict_builder *b, const char *detail);
/* The server sent what RDP does not allow, and we ended it. */
void why_verdict_violation(struct verdict_builder *b, const char *detail);
/* We stopped on purpose. */
void why_verdict_stopped(struct verdict_builder *b, const char *detail);
/* A live attempt always says how it ended; a trace file may have been cut off. */
void why_verdict_no_ending(struct verdict_builder *b);
/* The text of the first event of |kind|; NULL: none. */
const char *why_verdict_text(const struct verdict_builder *b, enum why_event_kind kind);

/* The server's own words: how its refusing PDU ends an attempt, and where the code is. */
void why_verdict_refused(struct verdict_builder *b);
/* "Set Error Info ERRINFO_LOGOFF_BY_USER 0xC": a refusing PDU and its code. */
void why_verdict_refusal_text(const struct why_pdu *pdu, char *buf, size_t len);
/* The session of a capture was up, though it cannot all be read. */
void why_verdict_session(struct verdict_builder *b);
/* How the session of a capture ended, behind |at| bytes of |b->text|. */
void why_verdict_session_end(struct verdict_builder *b, size_t at);
/* Before TCP was up. */
void why_verdict_not_connected(struct verdict_builder *b);
/* A proxy was dialled, and it is not connected to the server. */
void why_verdict_not_proxied(struct verdict_builder *b);
/* A gateway was dialled, and its channel to the server is not open. False: it was a
 * capture's client that closed, which wordless.c tells. gateway.c. */
bool why_verdict_not_through_gateway(struct verdict_builder *b);
/* The channel was open, and |cause| has ended it: true where that is the gateway's to tell. */
bool why_verdict_gateway_closed(struct verdict_builder *b, const struct why_event *cause);
/* The connection ended, or our side gave up, without such words. */
void why_verdict_wordless(struct verdict_builder *b);
/* When the phases began and how long they took; the connection ended at |end_us|. */
void why_verdict_times(struct why_verdict *v, const struct trace_summary *c, uint64_t end_us);

#endif /* !defined(RDPWHY_VERDICT_BUILDER_H) */
