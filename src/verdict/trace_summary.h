/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_TRACE_SUMMARY_H
#define RDPWHY_VERDICT_TRACE_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>
#include <rdpwhy/vocab.h>

#include "progress/reading.h"

/* What passed of a capture's connection that cannot be read, by direction. */
struct traffic {
    uint64_t records[2], bytes[2];
    unsigned seconds; /* in which something of the server's came */
    uint64_t first_us, last_us;
};

/* How far the sizes of a side's records, which cannot be read, are those of its finalization. */
struct final_sizes {
    size_t first; /* that of its Synchronize */
    unsigned matched;
};

/* What was seen on the way through the trace, and what came first. */
struct trace_summary {
    const struct why_trace_head *head;
    struct why_progress progress;
    bool refused; /* the server said no; |refusal| is its first such PDU */
    struct why_pdu refusal;
    enum why_phase refused_in; /* phase due when it came */
    uint64_t refused_us;
    const struct why_event *refusal_event;
    bool alerted; /* the server sent a TLS alert and did not go on after it */
    unsigned alert_level, alert;
    const struct why_event *alert_event;
    enum why_phase alert_in;                    /* phase due when it came */
    bool last_was_malformed;                    /* the last PDU received before our side gave up */
    enum why_phase received_in;                 /* the phase it counts for */
    const char *problem;                        /* why it was */
    enum why_pdu_type last_received, last_sent; /* before our side gave up */
    bool answered;                              /* something was sent after |last_received| */
    const struct why_event *first[WHY_EV_KIND_COUNT];
    /* Of an RD Gateway, received: the HTTP response that no request has followed, the first packet
     * that says no, the first CLOSE_CHANNEL, the first TLS alert. */
    const struct why_event *gateway_http, *gateway_refusal, *gateway_closed, *gateway_alert;
    bool unread;            /* a capture: something passed that cannot be read */
    bool unread_before;     /* and that before the server said no */
    bool client_unread;     /* the client has sent what cannot be read */
    uint64_t heard_us;      /* when the server was last heard of */
    struct traffic traffic; /* a capture's, that cannot be read */
    struct final_sizes final[2];
    const struct why_event *font_map; /* a capture: by its size, as the last of the server's four */
    bool lost;                        /* a capture: bytes are missing */
    const struct why_event
        *output; /* a capture that cannot all be read: the server drew something */
    const struct why_event *sealed; /* an encrypted alert, and nothing of its side after it */
    const struct why_event *cause;  /* the first of: end of the connection, our giving up */
};

/* Of |trace|, which |e| points into. */
void why_summary_begin(struct trace_summary *e, const struct why_trace *trace);
/* Takes the event that |r| has read. */
void why_summary_see(struct trace_summary *e, const struct why_replay *r);
/* The trace is over. */
void why_summary_end(struct trace_summary *e, const struct why_replay *r);

/* The server's "no" stands: it did not go on to a session, or the "no" ended that at once. */
bool why_summary_is_refused(const struct trace_summary *e);

/* A capture of somebody else's connection, without what its client knew. */
bool why_is_other_client(const struct why_trace_head *head);

/* The server of a capture closed as soon as the session was up. */
bool why_summary_is_cut_short(const struct trace_summary *e);
/* By the sizes of both sides' records the handshake came to its end, and the session lasted. */
bool why_summary_is_finalized(const struct trace_summary *e);
/* What cannot be read is more than any handshake has: the session was up. */
bool why_summary_is_session(const struct trace_summary *e);
/* A client that is to log on by CredSSP has said too little to be past it, read or not. */
bool why_summary_is_in_credssp(const struct trace_summary *e);

/* verdict.c: what it means. |facts| are those of |trace|, too. */
void why_verdict_make(const struct trace_summary *summary, const struct why_trace *trace,
                      const struct why_facts *facts, struct why_verdict *verdict);

#endif /* !defined(RDPWHY_VERDICT_TRACE_SUMMARY_H) */
