/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_FACTS_H
#define RDPWHY_VERDICT_FACTS_H

#include <stdbool.h>

#include <rdpwhy/result.h>

#include "progress/reading.h"

/* The facts of a trace while it is read. */
struct gathering {
    struct why_facts *facts;
    const struct why_trace_head *head;
    const struct why_certificate *known, *known_gateway;
    bool licensing_passed;  /* Demand Active has come */
    bool account;           /* the account was handed to the library */
    uint64_t step_began_us; /* of Kerberos */
    bool nomem;
};

/* |other|: facts about the same host, whose certificate need not be parsed again; or NULL. */
void why_facts_begin(struct gathering *g, const struct why_trace *trace,
                     const struct why_facts *other, struct why_facts *facts);
/* Takes the event that |r| has read. */
void why_facts_see(struct gathering *g, const struct why_replay *r);
/* The trace is over. False when memory has run out. */
bool why_facts_end(struct gathering *g, const struct why_replay *r);

/* facts_kerberos.c: an event of the exchange with the KDC; any other is passed over. */
void why_facts_see_kerberos(struct gathering *g, const struct why_event *event);
/* The step of Kerberos that began when the one before it ended is over. */
void why_facts_end_step(struct gathering *g, const char *step, uint64_t t_us);
/* Frees what |kerberos| owns. */
void why_facts_clear_kerberos(struct why_kerberos_facts *kerberos);

/* A certificate of a chain, the server's own first: |*c| is that, for a client that asked |host|.
 */
void why_facts_certificate(struct gathering *g, const struct why_event *event, const char *host,
                           const struct why_certificate *known, bool *has,
                           struct why_certificate *c);

/* facts_gateway.c: an event of the gateway's; any other is passed over. */
void why_facts_see_gateway(struct gathering *g, const struct why_event *event);
/* Frees what |f| owns. */
void why_facts_clear_gateway(struct why_gateway_facts *f);

#endif /* !defined(RDPWHY_VERDICT_FACTS_H) */
