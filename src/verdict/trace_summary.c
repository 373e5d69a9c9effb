/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_summary.h"

#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>

#define TLS_ALERT_WARNING 1 /* level */

#define LINGER_US 200000u /* as long as a live attempt listens after Font Map by default */

/* Events that can end an attempt; which came first decides between them. */
static bool ends_attempt(enum why_event_kind kind)
{
    switch (kind) {
    case WHY_EV_FIN:
    case WHY_EV_RESET:
    case WHY_EV_NET_ERROR:
    case WHY_EV_DEADLINE:
    case WHY_EV_CANCELLED:
    case WHY_EV_TLS_ERROR:
    case WHY_EV_LIBRARY_ERROR:
        return true;
    default:
        return false;
    }
}

static void see_alert(struct trace_summary *e, const struct why_replay *r, unsigned level,
                      unsigned description)
{
    if (description == WHY_TLS_ALERT_CLOSE_NOTIFY || e->alerted)
        return;
    e->alerted = true;
    e->alert_level = level;
    e->alert = description;
    e->alert_in = why_progress_due(&r->progress);
    e->unread_before = e->unread;
}

/* A warning ends nothing where the handshake goes on: unrecognized_name, RFC 6066 section 3. */
static void forget_warning(struct trace_summary *e)
{
    if (e->alert_level == TLS_ALERT_WARNING)
        e->alerted = false;
}

/* The phase that was due, or the PDU's own where that may come then: a server that speaks of
 * licensing once it has the Client Info is in licensing. */
static enum why_phase phase_of(const struct why_replay *r, enum why_phase due)
{
    enum why_phase phase = why_pdu_info(r->pdu.type)->phase;

    return phase > due && why_progress_may_follow(&r->progress, due, phase) ? phase : due;
}

static void see_pdu(struct trace_summary *e, const struct why_replay *r)
{
    const struct why_event *event = r->event;
    const struct why_pdu *pdu = &r->pdu;

    if (event->dir == WHY_DIR_SENT) {
        e->last_sent = pdu->type;
        e->answered = true;
        return;
    }
    /* Where there is no TLS library to tell of it: an alert in the clear. */
    if (event->kind == WHY_EV_TLS_RECORD && pdu->type == WHY_PDU_TLS_ALERT)
        see_alert(e, r, pdu->u.alert.level, pdu->u.alert.description);
    if (event->kind == WHY_EV_PDU)
        forget_warning(e);
    /* What was read after the library had given up it has not seen; but what it made nothing of it
     * may have begun to read. */
    if (e->first[WHY_EV_LIBRARY_ERROR] == NULL || (e->answered && pdu->malformed)) {
        e->last_received = pdu->type;
        e->answered = false;
        e->last_was_malformed = pdu->malformed || pdu->type == WHY_PDU_UNKNOWN;
        e->problem = pdu->problem;
        e->received_in = phase_of(r, r->due);
    }
    if (event->kind == WHY_EV_PDU && !e->refused && why_pdu_refuses(pdu)) {
        e->refused = true;
        e->refusal = *pdu;
        e->refused_us = event->t_us;
        /* Other PDUs may have come with it, before it. */
        e->refused_in = phase_of(r, why_progress_due(&r->progress));
        e->unread_before = e->unread;
    }
}

bool why_summary_is_refused(const struct trace_summary *e)
{
    const struct why_event *reached = e->first[WHY_EV_REACHED];

    if (!e->refused)
        return false;
    if (reached == NULL)
        return true;
    /* What an ordinary answer to something may be is forgotten where the server went on; what ends
     * connections is not. */
    switch (e->refusal.type) {
    case WHY_PDU_SET_ERROR_INFO:
    case WHY_PDU_MCS_DISCONNECT_PROVIDER_ULTIMATUM:
    case WHY_PDU_SERVER_REDIRECTION:
    case WHY_PDU_X224_DISCONNECT_REQUEST:
    case WHY_PDU_X224_ERROR:
        return e->refused_us <= reached->t_us + LINGER_US;
    default:
        return false;
    }
}

bool why_is_other_client(const struct why_trace_head *head)
{
    return head->library == NULL;
}

/*
 * Something that may have taken the handshake farther. What the server sends shows where it stands,
 * but for the phases that only the client's going on confirms: of a client that cannot be read
 * nobody knows where it stood when the server went on.
 */
static bool is_unreadable(const struct trace_summary *e, const struct why_event *event,
                          const struct why_pdu *pdu)
{
    if (event->kind == WHY_EV_LOST)
        return true;
    if (event->dir != WHY_DIR_RECEIVED)
        return false;
    if (event->kind == WHY_EV_PDU)
        return e->client_unread || (pdu->encrypted && (pdu->type == WHY_PDU_ENCRYPTED ||
                                                       pdu->type == WHY_PDU_LICENSE_UNKNOWN));
    return event->kind == WHY_EV_OPAQUE;
}

static void see_other_client(struct trace_summary *e, const struct why_event *event,
                             const struct why_pdu *pdu)
{
    if (is_unreadable(e, event, pdu))
        e->unread = true;
    if (event->kind == WHY_EV_OPAQUE && event->dir == WHY_DIR_SENT &&
        e->first[WHY_EV_TLS_DONE] != NULL)
        e->client_unread = true;
    /* What comes after the end was under way when it came. */
    if (e->cause == NULL && (event->kind == WHY_EV_CONNECTED ||
                             (event->dir == WHY_DIR_RECEIVED &&
                              (event->kind == WHY_EV_PDU || event->kind == WHY_EV_TLS_RECORD ||
                               event->kind == WHY_EV_OPAQUE))))
        e->heard_us = event->t_us;
    if (event->kind == WHY_EV_CLOSE && e->cause == NULL)
        e->cause = event;
}

void why_summary_see(struct trace_summary *e, const struct why_replay *r)
{
    const struct why_event *event = r->event;

    if (e->first[event->kind] == NULL)
        e->first[event->kind] = event;
    if (e->cause == NULL && ends_attempt(event->kind))
        e->cause = event;
    if (why_is_other_client(e->head))
        see_other_client(e, event, &r->pdu);
    if (event->kind == WHY_EV_TLS_ALERT && event->dir == WHY_DIR_RECEIVED)
        see_alert(e, r, (unsigned)(event->value >> 8) & 0xff, (unsigned)event->value & 0xff);
    if (event->kind == WHY_EV_TLS_DONE)
        forget_warning(e);
    if (event->kind == WHY_EV_PDU || event->kind == WHY_EV_TLS_RECORD)
        see_pdu(e, r);
}

void why_summary_begin(struct trace_summary *e, const struct why_trace *trace)
{
    memset(e, 0, sizeof(*e));
    e->head = why_trace_head(trace);
}

void why_summary_end(struct trace_summary *e, const struct why_replay *r)
{
    e->progress = r->progress;
}
