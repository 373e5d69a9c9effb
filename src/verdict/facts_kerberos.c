/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/trace.h>

/* What the events of the KDC tell. */

/* RFC 4120 7.5.7 */
#define KRB_AS_REQ  10
#define KRB_AS_REP  11
#define KRB_TGS_REQ 12

void why_facts_end_step(struct gathering *g, const char *step, uint64_t t_us)
{
    struct why_kerberos_facts *k = &g->facts->kerberos;

    if (k->step_count == WHY_KERBEROS_STEPS_MAX)
        return;
    k->steps[k->step_count] = step;
    k->step_us[k->step_count++] = t_us - g->step_began_us;
    g->step_began_us = t_us;
}

static void set_text(struct gathering *g, char **where, const char *text)
{
    if (*where == NULL && text != NULL)
        *where = strdup(text);
    g->nomem = g->nomem || (*where == NULL && text != NULL);
}

static void add_request(struct why_kerberos_facts *k, int64_t message)
{
    k->as_requests += message == KRB_AS_REQ;
    k->tgs_requests += message == KRB_TGS_REQ;
}

static void add_ticket(struct gathering *g, const struct why_event *event)
{
    if (event->value == KRB_AS_REP) {
        g->facts->kerberos.proven = true;
        why_facts_end_step(g, "as", event->t_us);
    } else {
        set_text(g, &g->facts->kerberos.ticket, event->text);
        g->facts->kerberos.proven = true; /* a ticket for a ticket that was brought */
    }
}

void why_facts_see_kerberos(struct gathering *g, const struct why_event *event)
{
    struct why_kerberos_facts *k = &g->facts->kerberos;

    switch (event->kind) {
    case WHY_EV_KERBEROS_START:
        set_text(g, &k->principal, event->text);
        g->step_began_us = event->t_us;
        break;
    case WHY_EV_KDC:
        if (k->kdc == NULL)
            why_facts_end_step(g, "kdc", event->t_us);
        set_text(g, &k->kdc, event->text);
        break;
    case WHY_EV_KDC_PROOF:
        k->proof_sent = true;
        g->facts->authenticated = true;
        break;
    case WHY_EV_KDC_REQUEST:
        add_request(k, event->value);
        break;
    case WHY_EV_KDC_CLOCK:
        k->has_clock_skew = true;
        k->clock_skew_s = event->value;
        break;
    case WHY_EV_KDC_TICKET:
        add_ticket(g, event);
        break;
    case WHY_EV_KERBEROS_DONE:
        why_facts_end_step(g, "tgs", event->t_us);
        break;
    case WHY_EV_KERBEROS_GIVEN_UP:
        set_text(g, &k->given_up, event->text);
        break;
    case WHY_EV_KERBEROS_REFUSED:
        k->has_error = true;
        k->error = event->value;
        g->facts->rejected = g->facts->rejected || (g->facts->authenticated && !k->proven);
        break;
    default:
        break;
    }
}

void why_facts_clear_kerberos(struct why_kerberos_facts *kerberos)
{
    free(kerberos->principal);
    free(kerberos->kdc);
    free(kerberos->ticket);
    free(kerberos->given_up);
}
