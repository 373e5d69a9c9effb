/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>

#include "base/system_error.h"
#include "progress/progress.h"

#include "course.h"
#include "reason.h"

#define SILENCE_US 5000000u /* a client that closes after as much was not answered */

static const char *text_of(const struct course *e, enum why_event_kind kind)
{
    return e->first[kind] != NULL ? e->first[kind]->text : NULL;
}

static void set(struct why_verdict *v, enum why_outcome outcome, enum why_ending ending,
                enum why_closer closer)
{
    v->outcome = outcome;
    v->ending = ending;
    v->has_closer = true;
    v->closed_by = closer;
}

static void set_code(struct why_verdict *v, enum why_code_space space, int64_t value)
{
    const struct why_code_row *row = why_code_lookup(space, value);

    v->has_code = true;
    v->code = (struct why_code){space, value,
                                row != NULL ? row->name : why_system_error_name(space, value)};
}

/* ---- the server's own words ------------------------------------------------------------------ */

/* What the layers below RDP say: X.224 and MCS. */
static void refuse_below(struct why_verdict *v, const struct why_pdu *pdu, const char **detail)
{
    switch (pdu->type) {
    case WHY_PDU_MCS_CONNECT_RESPONSE:
        v->ending = WHY_END_MCS_ERROR;
        set_code(v, WHY_SPACE_MCS_RESULT, pdu->u.connect_response.result);
        break;
    case WHY_PDU_MCS_ATTACH_USER_CONFIRM:
    case WHY_PDU_MCS_CHANNEL_JOIN_CONFIRM:
        v->ending = WHY_END_MCS_ERROR;
        if (pdu->u.mcs.result != 0)
            set_code(v, WHY_SPACE_MCS_RESULT, pdu->u.mcs.result);
        else
            *detail = "its Attach User Confirm has no initiator";
        break;
    case WHY_PDU_X224_DISCONNECT_REQUEST:
    case WHY_PDU_X224_ERROR:
        v->ending = WHY_END_X224_DISCONNECT;
        *detail = why_pdu_info(pdu->type)->name;
        break;
    default:
        *detail = pdu->problem != NULL ? pdu->problem : why_pdu_info(pdu->type)->name;
        break;
    }
}

/* How a refusing PDU ends an attempt, and where its code is. */
static void refuse(struct why_verdict *v, const struct why_pdu *pdu, const char **detail)
{
    set(v, WHY_OUTCOME_REFUSED, WHY_END_PROTOCOL_VIOLATION, WHY_CLOSED_BY_SERVER);
    switch (pdu->type) {
    case WHY_PDU_RDP_NEG_FAILURE:
        v->ending = WHY_END_NEGOTIATION_FAILURE;
        set_code(v, WHY_SPACE_NEGOTIATION_FAILURE, pdu->u.confirm.failure_code);
        break;
    case WHY_PDU_TSREQUEST_ERROR:
        v->ending = WHY_END_CREDSSP_ERROR;
        set_code(v, WHY_SPACE_NTSTATUS, pdu->u.tsrequest.error_code);
        break;
    case WHY_PDU_EARLY_USER_AUTH_RESULT:
        v->ending = WHY_END_ACCESS_DENIED;
        set_code(v, WHY_SPACE_EARLY_USER_AUTH, pdu->u.early_user_auth);
        break;
    case WHY_PDU_LICENSE_ERROR_ALERT:
        v->ending = WHY_END_LICENSE_ERROR;
        set_code(v, WHY_SPACE_LICENSE_ERROR, pdu->u.license.error_code);
        v->has_transition = true;
        v->transition = pdu->u.license.transition;
        break;
    case WHY_PDU_SET_ERROR_INFO:
        v->ending = WHY_END_ERROR_INFO;
        set_code(v, WHY_SPACE_ERROR_INFO, pdu->u.error_info);
        break;
    case WHY_PDU_MCS_DISCONNECT_PROVIDER_ULTIMATUM:
        v->ending = WHY_END_DISCONNECT_ULTIMATUM;
        set_code(v, WHY_SPACE_MCS_DISCONNECT, pdu->u.ultimatum_reason);
        break;
    case WHY_PDU_SERVER_REDIRECTION:
        v->ending = WHY_END_REDIRECTED;
        *detail = pdu->u.redirection.target_fqdn[0] != '\0'      ? pdu->u.redirection.target_fqdn
                  : pdu->u.redirection.target_address[0] != '\0' ? pdu->u.redirection.target_address
                                                                 : "it names no target";
        break;
    case WHY_PDU_RDSTLS_AUTHENTICATION_RESPONSE:
    case WHY_PDU_AAD_AUTHENTICATION_RESULT:
        v->ending = WHY_END_ACCESS_DENIED;
        *detail = "the authentication was rejected";
        break;
    case WHY_PDU_TSREQUEST_TOKEN:
        v->ending = WHY_END_CREDSSP_ERROR;
        if (pdu->u.tsrequest.wants_kerberos)
            *detail = "it wants Kerberos, but NTLM was offered";
        else
            set_code(v, WHY_SPACE_SPNEGO, pdu->u.tsrequest.nego_state);
        break;
    default:
        refuse_below(v, pdu, detail);
        break;
    }
}

/* A live attempt always says how it ended; a trace file may have been cut off. */
static void no_ending(struct why_verdict *v, const char **detail)
{
    set(v, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT);
    *detail = "the trace stops before the attempt ended";
}

/* ---- before TCP was up ----------------------------------------------------------------------- */

static bool is_own_shortage(int64_t error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
           error == EADDRNOTAVAIL || error == EPERM || error == EACCES;
}

/* Neither says anything of the name: there was no memory, or no descriptor, to look it up with. */
static bool is_own_look_up_failure(int64_t error)
{
    return error == EAI_MEMORY || error == EAI_SYSTEM;
}

/* One DIAL_FAILED of several: a refusal says most, for something answered. */
static const struct why_event *telling_failure(const struct why_trace *trace)
{
    const struct why_event *best = NULL;

    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        if (event->kind != WHY_EV_DIAL_FAILED)
            continue;
        if (best == NULL || (event->value == ECONNREFUSED && best->value != ECONNREFUSED))
            best = event;
    }
    return best;
}

static void not_connected(const struct course *e, const struct why_trace *trace,
                          struct why_verdict *v, const char **detail)
{
    const struct why_event *failed = telling_failure(trace);

    if (e->first[WHY_EV_RESOLVE_FAILED] != NULL) {
        if (is_own_look_up_failure(e->first[WHY_EV_RESOLVE_FAILED]->value))
            set(v, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT);
        else
            set(v, WHY_OUTCOME_UNREACHABLE, WHY_END_NAME_NOT_FOUND, WHY_CLOSED_BY_NETWORK);
        set_code(v, WHY_SPACE_RESOLVER, e->first[WHY_EV_RESOLVE_FAILED]->value);
        *detail = text_of(e, WHY_EV_RESOLVE_FAILED);
        return;
    }
    if (e->first[WHY_EV_DEADLINE] != NULL) {
        set(v, WHY_OUTCOME_UNREACHABLE, WHY_END_TIMEOUT, WHY_CLOSED_BY_DEADLINE);
        return;
    }
    if (failed == NULL) {
        no_ending(v, detail);
        return;
    }
    *detail = why_system_error_text(WHY_SPACE_ERRNO, failed->value);
    if (is_own_shortage(failed->value))
        set(v, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT);
    else if (failed->value == ECONNREFUSED)
        set(v, WHY_OUTCOME_UNREACHABLE, WHY_END_REFUSED, WHY_CLOSED_BY_SERVER);
    else if (failed->value == ETIMEDOUT)
        set(v, WHY_OUTCOME_UNREACHABLE, WHY_END_TIMEOUT, WHY_CLOSED_BY_NETWORK);
    else if (failed->value == ECONNRESET)
        set(v, WHY_OUTCOME_UNREACHABLE, WHY_END_RESET, WHY_CLOSED_BY_NETWORK);
    else
        set(v, WHY_OUTCOME_UNREACHABLE, WHY_END_NO_ROUTE, WHY_CLOSED_BY_NETWORK);
    set_code(v, WHY_SPACE_ERRNO, failed->value);
}

/* ---- the connection ended without words ------------------------------------------------------ */

/* License messages that our side gave up over: what is inside them is not right, though on the wire
 * they are well-formed. NULL: it was not over one of these. */
static const char *bad_license(const struct course *e)
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
        if (e->last_received == rows[i].type && !e->answered)
            return rows[i].what;
    }
    return NULL;
}

static bool leaves_licensing_out(const struct course *e, const struct why_facts *facts)
{
    return e->last_received == WHY_PDU_DEMAND_ACTIVE &&
           facts->license_result == WHY_LICENSE_RESULT_NOT_ASKED;
}

/* PDUs that are well-formed, but not what may come there: what is wrong with them, or NULL. */
static const char *out_of_place(const struct course *e, const struct why_facts *facts)
{
    if (e->last_received == WHY_PDU_TSREQUEST_PUB_KEY_AUTH &&
        e->last_sent != WHY_PDU_TSREQUEST_AUTH_INFO)
        return e->last_sent == WHY_PDU_TSREQUEST_AUTHENTICATE
                   ? "its pubKeyAuth does not match the key of its certificate"
                   : "pubKeyAuth came before the client's own";
    if (leaves_licensing_out(e, facts))
        return "Demand Active without any license PDU before it";
    return bad_license(e);
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
static void gave_up(const struct course *e, const struct why_facts *facts, struct why_verdict *v,
                    const char **detail, char *buf, size_t buflen)
{
    const char *misplaced = out_of_place(e, facts);

    /* What is malformed may have been answered first, and then not been taken after all. */
    if (!e->last_was_malformed && (e->answered || is_beyond_doubt(e->last_received))) {
        set(v, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT);
        /* After a second connection was not allowed, the error is about that one. */
        *detail = e->first[WHY_EV_REDIAL_REFUSED] != NULL
                      ? "libfreerdp wanted to start over and does not say why"
                      : text_of(e, WHY_EV_LIBRARY_ERROR);
        return;
    }
    set(v, WHY_OUTCOME_ABORTED, WHY_END_PROTOCOL_VIOLATION, WHY_CLOSED_BY_CLIENT);
    v->phase = e->received_in;
    /* A license that cannot be taken ends nothing, whatever its message type says; and where a
     * server leaves licensing out, it is licensing that was due. */
    if (!e->last_was_malformed && (bad_license(e) != NULL || leaves_licensing_out(e, facts)))
        v->phase = WHY_PHASE_LICENSING;
    if (e->last_was_malformed) {
        *detail = e->problem != NULL ? e->problem : "a PDU that cannot be decoded";
    } else if (misplaced != NULL) {
        *detail = misplaced;
    } else {
        v->untaken = true;
        (void)snprintf(buf, buflen, "%s", why_pdu_info(e->last_received)->name);
        *detail = buf;
    }
}

/* A connection that was up met a socket error other than the peer's RST. */
static void network_error(struct why_verdict *v, const struct why_event *cause, const char **detail)
{
    enum why_ending ending = WHY_END_RESET;

    if (cause->value == ETIMEDOUT)
        ending = WHY_END_TIMEOUT;
    else if (cause->value == EHOSTUNREACH || cause->value == ENETUNREACH ||
             cause->value == ENETDOWN)
        ending = WHY_END_NO_ROUTE;
    set(v, WHY_OUTCOME_ABORTED, ending, WHY_CLOSED_BY_NETWORK);
    set_code(v, WHY_SPACE_ERRNO, cause->value);
    *detail = cause->text;
}

/* A capture's client has closed: of its own accord, or because the server had fallen silent. */
static void client_closed(const struct course *e, struct why_verdict *v)
{
    enum why_ending ending =
        (e->cause->flags & WHY_EVENT_BY_RESET) != 0 ? WHY_END_RESET : WHY_END_FIN;

    if ((e->cause->flags & WHY_EVENT_IN_DOUBT) != 0) {
        set(v, WHY_OUTCOME_ABORTED, ending, WHY_CLOSED_BY_CLIENT);
        v->has_closer = false; /* or by the server: that was not captured */
        return;
    }
    if (e->cause->t_us - e->heard_us >= SILENCE_US)
        ending = WHY_END_TIMEOUT;
    set(v, WHY_OUTCOME_ABORTED, ending, WHY_CLOSED_BY_CLIENT);
}

static void ended_by(const struct course *e, const struct why_facts *facts, struct why_verdict *v,
                     const char **detail, char *buf, size_t buflen)
{
    const struct why_event *cause = e->cause;

    /* A write that failed only says that something had happened before; the read says what. */
    if ((cause->flags & WHY_EVENT_WRITING) != 0) {
        if (e->first[WHY_EV_RESET] != NULL)
            cause = e->first[WHY_EV_RESET];
        else if (e->first[WHY_EV_FIN] != NULL)
            cause = e->first[WHY_EV_FIN];
    }
    switch (cause->kind) {
    case WHY_EV_FIN:
        set(v, WHY_OUTCOME_ABORTED, WHY_END_FIN, WHY_CLOSED_BY_SERVER);
        break;
    case WHY_EV_RESET:
        set(v, WHY_OUTCOME_ABORTED, WHY_END_RESET, WHY_CLOSED_BY_SERVER);
        break;
    case WHY_EV_NET_ERROR:
        network_error(v, cause, detail);
        break;
    case WHY_EV_DEADLINE:
        /* A server that nothing was sent to was not silent: we were. */
        if (e->progress.sent_through == WHY_PHASE_NONE) {
            set(v, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT);
            *detail = "the timeout expired before anything was sent";
            break;
        }
        set(v, WHY_OUTCOME_ABORTED, WHY_END_TIMEOUT, WHY_CLOSED_BY_DEADLINE);
        *detail = e->first[WHY_EV_PARTIAL] != NULL ? "only part of a PDU"
                  : e->answered                    ? "nothing"
                                                   : "nothing more";
        break;
    case WHY_EV_TLS_ERROR:
        set(v, WHY_OUTCOME_ABORTED, WHY_END_PROTOCOL_VIOLATION, WHY_CLOSED_BY_CLIENT);
        *detail = e->last_was_malformed && e->problem != NULL ? e->problem : cause->text;
        break;
    case WHY_EV_CLOSE:
        client_closed(e, v);
        break;
    case WHY_EV_CANCELLED:
        set(v, WHY_OUTCOME_STOPPED, WHY_END_STOP, WHY_CLOSED_BY_CLIENT);
        *detail = "interrupted by the user";
        break;
    default:
        gave_up(e, facts, v, detail, buf, buflen);
        break;
    }
}

/* The violation that was seen in bytes which never became a PDU. */
static const struct why_event *violation(const struct course *e)
{
    const struct why_event *partial = e->first[WHY_EV_PARTIAL];

    return partial != NULL && partial->text != NULL && partial->dir == WHY_DIR_RECEIVED ? partial
                                                                                        : NULL;
}

/* The Connection Confirm selected what the profile cannot go on with. */
static void other_protocol(const struct why_dissector *d, struct why_verdict *v,
                           const char **detail, char *buf, size_t buflen)
{
    const char *name = why_protocol_name(d->selected_protocol);

    *detail = buf;
    if ((d->selected_protocol & ~d->requested_protocols) != 0) {
        set(v, WHY_OUTCOME_ABORTED, WHY_END_PROTOCOL_VIOLATION, WHY_CLOSED_BY_CLIENT);
        (void)snprintf(buf, buflen, "it selected protocol 0x%x, which was not offered",
                       (unsigned)d->selected_protocol);
        return;
    }
    set(v, WHY_OUTCOME_STOPPED, WHY_END_STOP, WHY_CLOSED_BY_CLIENT);
    (void)snprintf(buf, buflen, "the server selected %s instead",
                   d->selected_protocol == WHY_PROTOCOL_RDP   ? "Standard RDP Security"
                   : d->selected_protocol == WHY_PROTOCOL_SSL ? "TLS"
                   : name != NULL                             ? name
                                                              : "another protocol");
}

/* The last phase that was confirmed, of those the connection had. */
static enum why_phase last_phase(const struct why_progress *p)
{
    int phase = p->confirmed;

    if (why_progress_due(p) == WHY_PHASE_ACTIVE)
        return WHY_PHASE_ACTIVE;
    while (phase > WHY_PHASE_RESOLVE && !why_progress_has_phase(p, (enum why_phase)phase))
        phase--;
    return (enum why_phase)phase;
}

/* What is to be said of an attempt that got where it was to get: what of the server's part of the
 * finalization had not come when Font Map ended it, and how long the session was listened to. */
static void remark_on(const struct course *e, char *buf, size_t buflen)
{
    static const struct {
        unsigned bit;
        enum why_pdu_type type;
    } parts[] = {{WHY_FINAL_SYNCHRONIZE, WHY_PDU_SYNCHRONIZE},
                 {WHY_FINAL_COOPERATE, WHY_PDU_CONTROL_COOPERATE},
                 {WHY_FINAL_GRANTED, WHY_PDU_CONTROL_GRANTED}};
    const char *listened = text_of(e, WHY_EV_REACHED), *separator = "; Font Map came without its ";
    size_t at = 0;

    if (e->progress.confirmed < WHY_PHASE_FINALIZATION)
        return;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && at < buflen; i++) {
        if ((e->progress.finalized & parts[i].bit) != 0)
            continue;
        at += (size_t)snprintf(buf + at, buflen - at, "%s%s", separator,
                               why_pdu_info(parts[i].type)->name);
        separator = ", ";
    }
    if (listened != NULL && at < buflen)
        (void)snprintf(buf + at, buflen - at, "; the session was still up %s", listened);
}

/* From what is certain to what is left over; the order is the point. */
static void decide(const struct course *e, const struct why_trace *trace,
                   const struct why_facts *facts, struct why_verdict *v, const char **detail,
                   char *buf, size_t buflen)
{
    const struct why_event *wrong = violation(e);

    v->phase = why_progress_due(&e->progress);
    if (e->first[WHY_EV_SKIPPED] != NULL) {
        v->outcome = WHY_OUTCOME_SKIPPED;
        v->ending = WHY_END_STOP;
        v->phase = WHY_PHASE_NONE;
        *detail = text_of(e, WHY_EV_SKIPPED);
    } else if (e->first[WHY_EV_REACHED] != NULL && !course_is_refused(e)) {
        set(v, WHY_OUTCOME_COMPLETED, WHY_END_DONE, WHY_CLOSED_BY_CLIENT);
        v->phase = last_phase(&e->progress);
        remark_on(e, buf, buflen);
        *detail = buf;
    } else if (e->first[WHY_EV_CRASHED] != NULL) {
        set(v, WHY_OUTCOME_FAILED, WHY_END_CRASHED, WHY_CLOSED_BY_CLIENT);
        *detail = text_of(e, WHY_EV_CRASHED);
    } else if (e->first[WHY_EV_FAILED] != NULL) {
        set(v, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT);
        *detail = text_of(e, WHY_EV_FAILED);
    } else if (course_is_refused(e)) {
        refuse(v, &e->refusal, detail);
        v->phase = e->refused_in;
    } else if (e->alerted) {
        set(v, WHY_OUTCOME_REFUSED, WHY_END_TLS_ALERT, WHY_CLOSED_BY_SERVER);
        set_code(v, WHY_SPACE_TLS_ALERT, e->alert);
        v->phase = e->alert_in;
    } else if (e->progress.other_protocol) {
        other_protocol(&e->progress.dissector, v, detail, buf, buflen);
    } else if (e->first[WHY_EV_STOP] != NULL) {
        set(v, WHY_OUTCOME_STOPPED, WHY_END_STOP, WHY_CLOSED_BY_CLIENT);
        v->has_closer = (e->first[WHY_EV_STOP]->flags & WHY_EVENT_CUT_OFF) == 0;
        *detail = text_of(e, WHY_EV_STOP);
    } else if (e->first[WHY_EV_CONNECTED] == NULL && e->first[WHY_EV_CANCELLED] == NULL) {
        not_connected(e, trace, v, detail);
    } else if (wrong != NULL) {
        set(v, WHY_OUTCOME_ABORTED, WHY_END_PROTOCOL_VIOLATION, WHY_CLOSED_BY_CLIENT);
        *detail = wrong->text;
    } else if (e->progress.endless != NULL && !course_is_foreign(e->head)) {
        set(v, WHY_OUTCOME_ABORTED, WHY_END_PROTOCOL_VIOLATION, WHY_CLOSED_BY_CLIENT);
        v->phase = e->progress.endless_in;
        *detail = e->progress.endless;
    } else if (e->cause != NULL) {
        ended_by(e, facts, v, detail, buf, buflen);
    } else {
        no_ending(v, detail);
    }
}

/* ---- the step in a phase ----------------------------------------------------------------------
 */

/* Licensing is an exchange of its own: what had passed of it when it ended. */
static const char *licensing_step(const struct why_facts *facts)
{
    static const struct {
        enum why_pdu_type after;
        const char *step;
    } steps[] = {
        {WHY_PDU_LICENSE_REQUEST, "after LICENSE_REQUEST"},
        {WHY_PDU_LICENSE_NEW_LICENSE_REQUEST, "after NEW_LICENSE_REQUEST"},
        {WHY_PDU_LICENSE_INFO, "after LICENSE_INFO"},
        {WHY_PDU_LICENSE_PLATFORM_CHALLENGE, "after PLATFORM_CHALLENGE"},
        {WHY_PDU_LICENSE_PLATFORM_CHALLENGE_RESPONSE, "after PLATFORM_CHALLENGE_RESPONSE"},
        {WHY_PDU_LICENSE_NEW_LICENSE, "after NEW_LICENSE"},
        {WHY_PDU_LICENSE_UPGRADE_LICENSE, "after UPGRADE_LICENSE"},
        {WHY_PDU_LICENSE_UNKNOWN, "after a license message that cannot be decoded"},
    };

    for (size_t i = facts->license_message_count; i > 0; i--) {
        for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
            if (steps[k].after == facts->license_messages[i - 1])
                return steps[k].step;
        }
    }
    return "waiting for the license request";
}

/* ---- the times ------------------------------------------------------------------------------- */

/* A phase is over when it is confirmed, or when the client goes on to a later one before that. */
static uint64_t phase_end(const struct why_progress *p, int phase, uint64_t end_us)
{
    uint64_t end = p->was_confirmed[phase] ? p->confirmed_us[phase] : end_us;

    for (int later = phase + 1; later < WHY_PHASE_COUNT; later++) {
        if (p->was_sent[later] && p->sent_us[later] < end &&
            why_progress_has_phase(p, (enum why_phase)later))
            end = p->sent_us[later];
    }
    return end;
}

static void set_times(struct why_verdict *v, const struct why_progress *p, uint64_t end_us)
{
    int last = v->outcome == WHY_OUTCOME_COMPLETED ? (int)p->confirmed : (int)why_progress_due(p);
    uint64_t start = 0;

    /* The client may have gone on to phases after the one that the server never confirmed. */
    if (v->outcome != WHY_OUTCOME_COMPLETED && (int)p->sent_through > last)
        last = (int)p->sent_through;

    /* How long a session was listened to is no time that its handshake took. */
    if (v->outcome == WHY_OUTCOME_COMPLETED && v->phase == WHY_PHASE_ACTIVE &&
        p->was_confirmed[WHY_PHASE_FINALIZATION])
        end_us = p->confirmed_us[WHY_PHASE_FINALIZATION];
    v->duration_us = end_us;
    if (v->outcome == WHY_OUTCOME_SKIPPED)
        return;
    for (int phase = 0; phase <= last; phase++) {
        uint64_t end;

        if (!why_progress_has_phase(p, (enum why_phase)phase))
            continue;
        end = phase_end(p, phase, end_us);
        if (end < start)
            end = start;
        v->phases[v->phase_count++] =
            (struct why_phase_time){(enum why_phase)phase, start, end - start};
        start = end;
    }
}

/* Words of the server that were read are where they are, if all before them was; silence after what
 * was not may be later. */
static void set_range(const struct course *e, struct why_verdict *v)
{
    bool silent = v->outcome == WHY_OUTCOME_ABORTED || v->outcome == WHY_OUTCOME_STOPPED;

    v->phase_to = v->phase;
    if (v->phase >= 0 &&
        ((silent && e->unread) || (v->outcome == WHY_OUTCOME_REFUSED && e->unread_before)))
        v->phase_to = WHY_PHASE_ACTIVE;
}

bool why_verdict_is_range(const struct why_verdict *verdict)
{
    return verdict->phase >= 0 && verdict->phase_to > verdict->phase;
}

void why_verdict_from_trace(const struct why_trace *trace, const struct why_facts *facts,
                            struct why_verdict *verdict)
{
    struct course e;
    const char *detail = NULL;
    char buf[192] = "";

    memset(verdict, 0, sizeof(*verdict));
    course_gather(&e, trace);
    decide(&e, trace, facts, verdict, &detail, buf, sizeof(buf));
    verdict->sent_through = e.progress.sent_through;
    if (verdict->phase == WHY_PHASE_LICENSING && verdict->outcome != WHY_OUTCOME_COMPLETED)
        verdict->step = licensing_step(facts);
    set_times(verdict, &e.progress, why_trace_end_us(trace));
    set_range(&e, verdict);
    verdict->has_mstsc =
        !why_verdict_is_range(verdict) && why_mstsc_equivalent(verdict, &verdict->mstsc);
    reason_write(verdict, facts, detail);
}

void why_verdict_line(const struct why_verdict *v, char *buf, size_t len)
{
    char code[32] = "", where[64] = "";

    if (v->has_code)
        why_code_format(v->code.space, v->code.value, code, sizeof(code));
    if (why_verdict_is_range(v))
        (void)snprintf(where, sizeof(where), " between %s and %s", why_phase_name(v->phase),
                       why_phase_name(v->phase_to));
    else if (v->phase >= 0)
        (void)snprintf(where, sizeof(where), " in %s", why_phase_name(v->phase));
    (void)snprintf(buf, len, "%s%s: %s%s%s%s%s", why_outcome_name(v->outcome), where,
                   why_ending_name(v->ending), v->has_code ? " " : "", code,
                   v->has_code && v->code.name != NULL ? " " : "",
                   v->has_code && v->code.name != NULL ? v->code.name : "");
}
