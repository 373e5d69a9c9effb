/* SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <errno.h>
#include <stdio.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/trace.h>

#define SILENCE_US 5000000u /* a client that closes after as much was not answered */

/* License messages that the attempt failed on this computer over: what is inside them is not right,
 * though on the wire they are well-formed. NULL: it was not over one of these. */
static const char *bad_license(const struct verdict_builder *b)
{
    static const struct {
        enum why_pdu_type type;
        const char *what;
    } rows[] = {
        {WHY_PDU_LICENSE_REQUEST, "the certificate of its LICENSE_REQUEST is missing or unusable"},
        {WHY_PDU_LICENSE_PLATFORM_CHALLENGE, "the MAC of its PLATFORM_CHALLENGE is wrong"},
        {WHY_PDU_LICENSE_NEW_LICENSE, "the MAC or the content of its NEW_LICENSE is wrong"},
        {WHY_PDU_LICENSE_UPGRADE_LICENSE, "the MAC or the content of its UPGRADE_LICENSE is wrong"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (b->summary->last_received == rows[i].type && !b->summary->answered)
            return rows[i].what;
    }
    return NULL;
}

static bool leaves_licensing_out(const struct verdict_builder *b)
{
    return b->summary->last_received == WHY_PDU_DEMAND_ACTIVE &&
           b->facts->license_result == WHY_LICENSE_RESULT_NOT_ASKED;
}

/* PDUs that are well-formed, but not what may come there: what is wrong with them, or NULL. */
static const char *unexpected_pdu(const struct verdict_builder *b)
{
    if (b->summary->last_received == WHY_PDU_TSREQUEST_PUB_KEY_AUTH &&
        b->summary->last_sent != WHY_PDU_TSREQUEST_AUTH_INFO)
        return b->summary->last_sent == WHY_PDU_TSREQUEST_AUTHENTICATE
                   ? "its pubKeyAuth does not match the key of its certificate"
                   : "pubKeyAuth came before the client's own";
    if (leaves_licensing_out(b))
        return "Demand Active without any license PDU before it";
    return bad_license(b);
}

/* Nothing was received, or what our decoders have read to its last bit. */
static bool is_beyond_doubt(enum why_pdu_type type)
{
    return type == WHY_PDU_UNKNOWN || type == WHY_PDU_X224_CONNECTION_CONFIRM;
}

/*
 * The library gave up. Over what the server had sent last, where nothing was sent in answer: what
 * is wrong with it our decoders say, or nobody does, for the library does not. Else for a reason of
 * its own.
 */
static void library_failed(struct verdict_builder *b)
{
    const struct trace_summary *c = b->summary;
    const char *unexpected = unexpected_pdu(b);

    /* What is malformed may have been answered first, and then not been taken after all. */
    if (!c->last_was_malformed && (c->answered || is_beyond_doubt(c->last_received))) {
        /* After a second connection was not allowed, the error is about that one. */
        why_verdict_own_fault(b, c->first[WHY_EV_REDIAL_REFUSED] != NULL
                                     ? "libfreerdp wanted to start over and does not say why"
                                     : why_verdict_text(b, WHY_EV_LIBRARY_ERROR));
        return;
    }
    if (c->last_was_malformed) {
        why_verdict_violation(b, c->problem != NULL ? c->problem : "a PDU that cannot be decoded");
    } else if (unexpected != NULL) {
        why_verdict_violation(b, unexpected);
    } else {
        why_verdict_violation(b, why_pdu_info(c->last_received)->name);
        b->verdict->untaken = true;
    }
    b->verdict->phase = c->received_in;
    /* A license that cannot be taken ends nothing, whatever its message type says; and where a
     * server leaves licensing out, it is licensing that was due. */
    if (!c->last_was_malformed && (bad_license(b) != NULL || leaves_licensing_out(b)))
        b->verdict->phase = WHY_PHASE_LICENSING;
}

/* A connection that was up met a socket error other than the peer's RST. */
static void network_error(struct verdict_builder *b, const struct why_event *cause)
{
    enum why_ending ending = WHY_END_RESET;

    if (cause->value == ETIMEDOUT)
        ending = WHY_END_TIMEOUT;
    else if (cause->value == EHOSTUNREACH || cause->value == ENETUNREACH ||
             cause->value == ENETDOWN)
        ending = WHY_END_NO_ROUTE;
    why_verdict_end(b, WHY_OUTCOME_ABORTED, ending, WHY_CLOSED_BY_NETWORK, cause->text);
    why_verdict_code(b, WHY_SPACE_ERRNO, cause->value);
}

/* What the server sent last is not what may come there, and instead of an answer the client closed
 * at once: it has every reason to. NULL: it is; or it cannot be read. */
static const char *objection(const struct verdict_builder *b, const struct why_event *cause)
{
    const struct trace_summary *c = b->summary;
    const struct why_dissector *d = &c->progress.dissector;

    if (c->answered || c->unread || cause->t_us - c->heard_us >= SILENCE_US)
        return NULL;
    if (c->last_was_malformed)
        return c->problem != NULL ? c->problem : "a PDU that cannot be decoded";
    if (c->last_received == WHY_PDU_X224_CONNECTION_CONFIRM &&
        c->last_sent == WHY_PDU_X224_CONNECTION_REQUEST &&
        (d->selected_protocol & ~d->requested_protocols) != 0)
        return "it selected a protocol that was not offered";
    return leaves_licensing_out(b) || c->last_received == WHY_PDU_TSREQUEST_PUB_KEY_AUTH
               ? unexpected_pdu(b)
               : NULL;
}

static bool client_objects(struct verdict_builder *b, const struct why_event *cause)
{
    const char *problem = objection(b, cause);

    if (problem == NULL)
        return false;
    why_verdict_violation(b, problem);
    b->verdict->phase = b->summary->received_in;
    if (!b->summary->last_was_malformed && leaves_licensing_out(b))
        b->verdict->phase = WHY_PHASE_LICENSING;
    return true;
}

/* After TLS it was the client's turn, and it said nothing: it did not wait for the server. */
static bool is_clients_turn(const struct trace_summary *c)
{
    return c->first[WHY_EV_TLS_DONE] != NULL && c->traffic.records[WHY_DIR_SENT] == 0 &&
           why_pdu_info(c->last_sent)->phase == WHY_PHASE_TLS;
}

/* A capture's client has closed: of its own accord, or because the server had fallen silent. */
static void client_closed(struct verdict_builder *b, const struct why_event *cause)
{
    const struct trace_summary *c = b->summary;
    enum why_ending ending = (cause->flags & WHY_EVENT_BY_RESET) != 0 ? WHY_END_RESET : WHY_END_FIN;
    bool in_doubt = (cause->flags & WHY_EVENT_IN_DOUBT) != 0;

    if (!in_doubt && client_objects(b, cause))
        return;
    /* Whether anything was due where nothing can be read nobody knows. */
    if (!in_doubt && !is_clients_turn(c) && (!c->unread || why_summary_is_in_credssp(c)) &&
        cause->t_us - c->heard_us >= SILENCE_US)
        ending = WHY_END_TIMEOUT;
    why_verdict_end(b, WHY_OUTCOME_ABORTED, ending, WHY_CLOSED_BY_CLIENT,
                    is_clients_turn(c) ? "it sent nothing inside TLS" : NULL);
    if (in_doubt)
        b->verdict->has_closer = false; /* or by the server: that was not captured */
}

/* Alerts for what contradicts the specification (RFC 8446 6.2); the others are for what a client
 * does not want. */
static bool blames_the_peer(unsigned alert)
{
    static const unsigned alerts[] = {10, 20, 21, 22, 30, 47, 50, 51, 109, 110};

    for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
        if (alerts[i] == alert)
            return true;
    }
    return false;
}

/* A capture's client has said in TLS that it does not go on. */
static void client_alerted(struct verdict_builder *b, const struct why_event *cause)
{
    unsigned alert = (unsigned)cause->value & 0xff;
    const struct why_code_row *row = why_code_lookup(WHY_SPACE_TLS_ALERT, alert);

    if (blames_the_peer(alert)) {
        (void)snprintf(b->text, sizeof(b->text), "the client's TLS alert is %s",
                       row != NULL ? row->name : "unknown");
        why_verdict_violation(b, b->text);
        return;
    }
    why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_TLS_ALERT, WHY_CLOSED_BY_CLIENT, NULL);
    why_verdict_code(b, WHY_SPACE_TLS_ALERT, alert);
}

/* An alert that cannot be read: whose it was, its direction says. */
static void sealed_alert(struct verdict_builder *b, const struct why_event *cause)
{
    if (cause->dir == WHY_DIR_SENT)
        client_closed(b, cause);
    else
        why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_TLS_ALERT, WHY_CLOSED_BY_SERVER, NULL);
}

static void deadline(struct verdict_builder *b)
{
    const struct trace_summary *c = b->summary;

    /* A server that nothing was sent to was not silent: we were. */
    if (c->progress.sent_through == WHY_PHASE_NONE)
        why_verdict_own_fault(b, "the timeout expired before anything was sent");
    else
        why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_TIMEOUT, WHY_CLOSED_BY_DEADLINE,
                        c->first[WHY_EV_PARTIAL] != NULL ? "only part of a PDU"
                        : c->answered                    ? "nothing"
                                                         : "nothing more");
}

/* A write that failed only says that something had happened before; the read says what. */
static const struct why_event *real_cause(const struct trace_summary *c)
{
    if ((c->cause->flags & WHY_EVENT_WRITING) == 0)
        return c->cause;
    if (c->first[WHY_EV_RESET] != NULL)
        return c->first[WHY_EV_RESET];
    return c->first[WHY_EV_FIN] != NULL ? c->first[WHY_EV_FIN] : c->cause;
}

void why_verdict_wordless(struct verdict_builder *b)
{
    const struct trace_summary *c = b->summary;
    const struct why_event *cause = real_cause(c);

    if (why_verdict_gateway_closed(b, cause))
        return;
    switch (cause->kind) {
    case WHY_EV_FIN:
        why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_FIN, WHY_CLOSED_BY_SERVER, NULL);
        break;
    case WHY_EV_RESET:
        why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_RESET, WHY_CLOSED_BY_SERVER, NULL);
        break;
    case WHY_EV_NET_ERROR:
        network_error(b, cause);
        break;
    case WHY_EV_DEADLINE:
        deadline(b);
        break;
    case WHY_EV_TLS_ERROR:
        why_verdict_violation(b, c->last_was_malformed && c->problem != NULL ? c->problem
                                                                             : cause->text);
        break;
    case WHY_EV_CLOSE:
        client_closed(b, c->cause);
        break;
    case WHY_EV_OPAQUE:
        sealed_alert(b, cause);
        break;
    case WHY_EV_TLS_ALERT:
        if (((unsigned)cause->value & 0xff) == WHY_TLS_ALERT_CLOSE_NOTIFY)
            client_closed(b, cause);
        else
            client_alerted(b, cause);
        break;
    case WHY_EV_CANCELLED:
        why_verdict_stopped(b, "interrupted by the user");
        break;
    default:
        library_failed(b);
        break;
    }
}
