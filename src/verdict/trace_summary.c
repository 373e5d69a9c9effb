/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_summary.h"

#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>

#include "wire/tsgu.h"

#define TLS_ALERT_WARNING 1 /* level */

#define SECOND_US  1000000u
#define TLS13_NAME "TLSv1.3"

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
    e->alert_event = r->event;
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
    bool given_up = e->first[WHY_EV_LIBRARY_ERROR] != NULL ||
                    (why_is_other_client(e->head) && e->cause != NULL);

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
    if (!given_up || (e->answered && pdu->malformed && !why_is_other_client(e->head))) {
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
        e->refusal_event = event;
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

static bool is_opaque(const struct why_event *event, const struct why_pdu *pdu)
{
    return (event->kind == WHY_EV_OPAQUE && event->text == NULL) ||
           (event->kind == WHY_EV_PDU && pdu->encrypted && pdu->type == WHY_PDU_ENCRYPTED);
}

static void count_traffic(struct traffic *t, const struct why_event *event)
{
    bool first = t->records[0] + t->records[1] == 0;

    if (event->dir == WHY_DIR_RECEIVED &&
        (t->records[WHY_DIR_RECEIVED] == 0 || event->t_us / SECOND_US != t->last_us / SECOND_US))
        t->seconds++;
    if (first)
        t->first_us = event->t_us;
    if (event->dir == WHY_DIR_RECEIVED || first)
        t->last_us = event->t_us;
    t->records[event->dir] += event->kind == WHY_EV_OPAQUE ? (uint64_t)event->value : 1;
    t->bytes[event->dir] += event->wire_len;
}

/* What TLS adds to a message where it does not pad: RFC 8446 5.2, RFC 5288 3, RFC 7905 2. 0: it
 * pads, or is not known. */
static size_t added_by_tls(const struct trace_summary *e)
{
    const struct why_event *done = e->first[WHY_EV_TLS_DONE];
    const char *text = done != NULL && done->text != NULL ? done->text : "";

    if (strncmp(text, TLS13_NAME, strlen(TLS13_NAME)) == 0)
        return 17;
    return strstr(text, "GCM") != NULL ? 24 : strstr(text, "CHACHA20") != NULL ? 16 : 0;
}

/*
 * Finalization is four messages of either side, of fixed sizes: Synchronize, then three that are
 * four bytes longer, the last of them Font List and Font Map ([MS-RDPBCGR] 2.2.1.14 to 2.2.1.22).
 * Nothing else in the handshake looks so. Within TPKT, X.224 and MCS (a length of one byte or two)
 * the first has 36 or 37. A client may send its persistent keys before its last.
 */
static void see_final_sizes(struct trace_summary *e, const struct why_event *event)
{
    enum { SYNCHRONIZE = 36, LONGER = 4, PARTS = 4 };
    struct final_sizes *side = &e->final[event->dir], *client = &e->final[WHY_DIR_SENT];
    size_t added = added_by_tls(e), size = event->wire_len;

    if (event->value != 1 || added == 0 || e->font_map != NULL)
        return;
    if (side->matched > 0 && side->matched < PARTS && size == side->first + LONGER)
        side->matched++;
    else if (size == SYNCHRONIZE + added || size == SYNCHRONIZE + 1 + added)
        *side = (struct final_sizes){size, 1};
    else if (event->dir == WHY_DIR_RECEIVED || side->matched < PARTS - 1)
        side->matched = 0;
    if (event->dir == WHY_DIR_RECEIVED && side->matched == PARTS && client->matched == PARTS)
        e->font_map = event;
}

/* An alert that cannot be read ends the connection, unless its side goes on. */
static void see_sealed(struct trace_summary *e, const struct why_event *event)
{
    if (event->kind != WHY_EV_OPAQUE || e->cause != NULL)
        return;
    if (event->text == NULL && e->sealed != NULL && e->sealed->dir == event->dir)
        e->sealed = NULL;
    else if (event->text != NULL && e->sealed == NULL)
        e->sealed = event;
}

/* The client of a capture says good-bye, or that it does not go on, in words of TLS. */
static bool is_clients_alert(const struct trace_summary *e, const struct why_event *event)
{
    unsigned level = (unsigned)(event->value >> 8) & 0xff, alert = (unsigned)event->value & 0xff;

    return event->kind == WHY_EV_TLS_ALERT && event->dir == WHY_DIR_SENT &&
           (alert == WHY_TLS_ALERT_CLOSE_NOTIFY ? e->first[WHY_EV_TLS_DONE] != NULL
                                                : level != TLS_ALERT_WARNING);
}

/* What ended a capture's connection: of two ends the first. */
static void see_end(struct trace_summary *e, const struct why_event *event)
{
    bool by_client = event->kind == WHY_EV_CLOSE, by_server = ends_attempt(event->kind);

    if (e->cause == NULL && is_clients_alert(e, event))
        e->cause = event;
    if (e->cause != NULL || (!by_client && !by_server))
        return;
    /* TCP goes down from whichever side is quicker, once TLS has said good-bye. */
    e->cause = event;
    if (e->sealed != NULL && (by_client || e->sealed->dir == WHY_DIR_SENT))
        e->cause = e->sealed;
}

static void see_other_client(struct trace_summary *e, const struct why_replay *r)
{
    const struct why_event *event = r->event;
    const struct why_pdu *pdu = &r->pdu;

    if (is_unreadable(e, event, pdu))
        e->unread = true;
    e->lost = e->lost || event->kind == WHY_EV_LOST;
    if (is_opaque(event, pdu)) {
        count_traffic(&e->traffic, event);
        see_final_sizes(e, event);
    }
    if (e->unread && event->kind == WHY_EV_PDU && event->dir == WHY_DIR_RECEIVED &&
        pdu->type == WHY_PDU_FAST_PATH && !pdu->malformed)
        e->output = e->output != NULL ? e->output : event;
    if (event->kind == WHY_EV_OPAQUE && event->dir == WHY_DIR_SENT &&
        e->first[WHY_EV_TLS_DONE] != NULL)
        e->client_unread = true;
    /* What comes after the end was under way when it came. */
    if (e->cause == NULL &&
        (event->kind == WHY_EV_CONNECTED || event->kind == WHY_EV_GATEWAY_TLS_DONE ||
         (event->dir == WHY_DIR_RECEIVED &&
          (event->kind == WHY_EV_PDU || event->kind == WHY_EV_TLS_RECORD ||
           event->kind == WHY_EV_OPAQUE || event->kind == WHY_EV_GATEWAY_HTTP ||
           event->kind == WHY_EV_GATEWAY_PACKET))))
        e->heard_us = event->t_us;
    see_sealed(e, event);
    see_end(e, event);
}

/*
 * What the server of a handshake sends has bounds: some thirty answers and announcements of a few
 * hundred bytes, a license, and the payload that measures the bandwidth ([MS-RDPBCGR] 2.2.14.1.3).
 * A client sends ten PDUs at the least before its session is up.
 */
bool why_summary_is_session(const struct trace_summary *e)
{
    static const struct {
        uint64_t bytes, received, sent;
        unsigned seconds;
    } enough[] = {{256 * 1024, 1, 8, 1},
                  {32 * 1024, 40, 20, 8},
                  {16 * 1024, 100, 20, 5},
                  {16 * 1024, 200, 20, 1}};
    const struct traffic *t = &e->traffic;

    if (!why_is_other_client(e->head))
        return false;
    for (size_t i = 0; i < sizeof(enough) / sizeof(enough[0]); i++) {
        if (t->bytes[WHY_DIR_RECEIVED] >= enough[i].bytes &&
            t->records[WHY_DIR_RECEIVED] >= enough[i].received &&
            t->records[WHY_DIR_SENT] >= enough[i].sent && t->seconds >= enough[i].seconds)
            return true;
    }
    return e->output != NULL;
}

bool why_summary_is_finalized(const struct trace_summary *e)
{
    const struct why_event *end = e->cause;

    return why_is_other_client(e->head) && e->font_map != NULL && !e->lost &&
           (end == NULL || end->t_us > e->font_map->t_us + LINGER_US);
}

/* Its first message offers a mechanism, the second proves the key, the third hands the account over
 * ([MS-CSSP] 3.1.5); the server's second proves its own. Before TLS 1.3 every record counts for
 * itself; with it the server sends tickets, too. */
bool why_summary_is_in_credssp(const struct trace_summary *e)
{
    const struct why_progress *p = &e->progress;
    const char *version =
        e->first[WHY_EV_TLS_DONE] != NULL ? e->first[WHY_EV_TLS_DONE]->text : NULL;
    bool counted = version != NULL && strncmp(version, TLS13_NAME, strlen(TLS13_NAME)) != 0;

    return why_is_other_client(e->head) && version != NULL && !e->lost &&
           why_progress_due(p) == WHY_PHASE_CREDSSP &&
           (e->traffic.records[WHY_DIR_SENT] <= 1 ||
            (counted && e->traffic.records[WHY_DIR_RECEIVED] <= 1));
}

static void see_gateway(struct trace_summary *e, const struct why_event *event)
{
    struct why_tsgu packet;

    if (event->kind == WHY_EV_GATEWAY_HTTP && event->dir == WHY_DIR_SENT)
        e->gateway_http = NULL;
    if (event->dir != WHY_DIR_RECEIVED)
        return;
    switch (event->kind) {
    case WHY_EV_GATEWAY_HTTP:
        e->gateway_http = event;
        break;
    case WHY_EV_GATEWAY_TLS_ALERT:
        if (e->gateway_alert == NULL && (event->value & 0xff) != WHY_TLS_ALERT_CLOSE_NOTIFY)
            e->gateway_alert = event;
        break;
    case WHY_EV_GATEWAY_PACKET:
        why_tsgu_read(event->bytes, event->len, &packet);
        if (packet.type == WHY_TSGU_CLOSE_CHANNEL)
            e->gateway_closed = e->gateway_closed != NULL ? e->gateway_closed : event;
        else if (why_tsgu_refuses(&packet) && e->gateway_refusal == NULL)
            e->gateway_refusal = event;
        break;
    default:
        break;
    }
}

void why_summary_see(struct trace_summary *e, const struct why_replay *r)
{
    const struct why_event *event = r->event;

    if (e->first[event->kind] == NULL)
        e->first[event->kind] = event;
    if (why_is_other_client(e->head))
        see_other_client(e, r);
    else if (e->cause == NULL && ends_attempt(event->kind))
        e->cause = event;
    see_gateway(e, event);
    if (event->kind == WHY_EV_TLS_ALERT && event->dir == WHY_DIR_RECEIVED)
        see_alert(e, r, (unsigned)(event->value >> 8) & 0xff, (unsigned)event->value & 0xff);
    if (event->kind == WHY_EV_TLS_DONE)
        forget_warning(e);
    if (event->kind == WHY_EV_PDU || event->kind == WHY_EV_TLS_RECORD)
        see_pdu(e, r);
}

bool why_summary_is_cut_short(const struct trace_summary *e)
{
    const struct why_event *reached = e->first[WHY_EV_REACHED];

    return why_is_other_client(e->head) && reached != NULL && e->cause != NULL &&
           (e->cause->kind == WHY_EV_FIN || e->cause->kind == WHY_EV_RESET) &&
           e->cause->t_us <= reached->t_us + LINGER_US;
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
