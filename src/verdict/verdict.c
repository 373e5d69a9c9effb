/* SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/trace.h>

#include "base/system_error.h"
#include "progress/progress.h"

#include "address.h"
#include "reason.h"

/* The violation that was seen in bytes which never became a PDU. */
static const struct why_event *partial_violation(const struct trace_summary *summary)
{
    const struct why_event *partial = summary->first[WHY_EV_PARTIAL];

    return partial != NULL && partial->text != NULL && partial->dir == WHY_DIR_RECEIVED ? partial
                                                                                        : NULL;
}

/* The Connection Confirm selected what the profile cannot go on with. */
static void other_protocol(struct verdict_builder *b)
{
    const struct why_dissector *d = &b->summary->progress.dissector;
    const char *name = why_protocol_name(d->selected_protocol);

    if ((d->selected_protocol & ~d->requested_protocols) != 0) {
        (void)snprintf(b->text, sizeof(b->text), "it selected protocol 0x%x, which was not offered",
                       (unsigned)d->selected_protocol);
        why_verdict_violation(b, b->text);
        return;
    }
    (void)snprintf(b->text, sizeof(b->text), "the server selected %s instead",
                   d->selected_protocol == WHY_PROTOCOL_RDP   ? "Standard RDP Security"
                   : d->selected_protocol == WHY_PROTOCOL_SSL ? "TLS"
                   : name != NULL                             ? name
                                                              : "another protocol");
    why_verdict_stopped(b, b->text);
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
static void remark_on(struct verdict_builder *b)
{
    static const struct {
        unsigned bit;
        enum why_pdu_type type;
    } parts[] = {{WHY_FINAL_SYNCHRONIZE, WHY_PDU_SYNCHRONIZE},
                 {WHY_FINAL_COOPERATE, WHY_PDU_CONTROL_COOPERATE},
                 {WHY_FINAL_GRANTED, WHY_PDU_CONTROL_GRANTED}};
    const char *listened = why_verdict_text(b, WHY_EV_REACHED),
               *separator = "; Font Map came without its ";
    size_t at = 0;

    if (b->summary->progress.confirmed < WHY_PHASE_FINALIZATION)
        return;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && at < sizeof(b->text); i++) {
        if ((b->summary->progress.finalized & parts[i].bit) != 0)
            continue;
        at += (size_t)snprintf(b->text + at, sizeof(b->text) - at, "%s%s", separator,
                               why_pdu_info(parts[i].type)->name);
        separator = ", ";
    }
    if (listened != NULL && at < sizeof(b->text))
        (void)snprintf(b->text + at, sizeof(b->text) - at, "; the session was still up %s",
                       listened);
}

static void completed(struct verdict_builder *b)
{
    why_verdict_end(b, WHY_OUTCOME_COMPLETED, WHY_END_DONE, WHY_CLOSED_BY_CLIENT, b->text);
    b->verdict->phase = last_phase(&b->summary->progress);
    remark_on(b);
    if (why_is_other_client(b->summary->head))
        why_verdict_session_end(b, strlen(b->text));
}

/* How much of |line| stands in front of the first address in it; all of it where there is none. */
static size_t before_address(const char *line)
{
    static const char of_addresses[] = "0123456789abcdefABCDEF.:";
    char word[64], bare[BARE_ADDRESS_MAX];
    size_t at = 0, len;

    for (; line[at] != '\0'; at += len > 0 ? len : 1) {
        static const char *const kinds[] = {of_addresses, "0123456789."};

        len = strcspn(line + at, " [](),;/");
        for (size_t i = 0; i < 2; i++) {
            size_t n = strspn(line + at, kinds[i]);

            if (n > len)
                n = len;
            while (n > 0 && (line[at + n - 1] == '.' || line[at + n - 1] == ':'))
                n--;
            if (n == 0 || n >= sizeof(word))
                continue;
            (void)snprintf(word, sizeof(word), "%.*s", (int)n, line + at);
            if (why_bare_address(word, bare))
                return at;
        }
    }
    return at;
}

/* A session that was watched to the end, and of which nothing good was seen: NULL, or what was. */
static const char *session_problem(struct verdict_builder *b)
{
    const struct why_session_facts *s = &b->facts->session;
    char line[128];

    switch (why_session_answer(s)) {
    case WHY_SESSION_NONE:
        return "the session is up, but the server has drawn nothing";
    case WHY_SESSION_UNKNOWN:
        return "the session is up, but what the server has drawn could not be decoded here";
    case WHY_SESSION_BLANK:
        (void)snprintf(b->text, sizeof(b->text),
                       "the session is up, but its picture is of one color (%.100s)", s->picture);
        return b->text;
    case WHY_SESSION_REJECTED:
    case WHY_SESSION_NO_MANAGER:
    case WHY_SESSION_FAILED:
        why_session_line(s, line, sizeof(line));
        if (line[0] == '\0')
            return "Save Session Info says that the logon failed";
        /* A sentence of its own: where it has an address, it is cut in front of that. */
        (void)snprintf(b->text, sizeof(b->text), "the server wrote on the screen: %.*s",
                       (int)before_address(line), line);
        return b->text;
    default:
        return NULL;
    }
}

static bool is_problem(struct verdict_builder *b)
{
    const char *problem = b->facts->session.watched ? session_problem(b) : NULL;

    if (problem != NULL)
        why_verdict_stopped(b, problem);
    return problem != NULL;
}

static void skipped(struct verdict_builder *b)
{
    b->verdict->outcome = WHY_OUTCOME_SKIPPED;
    b->verdict->ending = WHY_END_STOP;
    b->verdict->phase = WHY_PHASE_NONE;
    b->detail = why_verdict_text(b, WHY_EV_SKIPPED);
}

/* There was to be a ticket, and it was not gone on without. */
static bool is_without_ticket(const struct trace_summary *c)
{
    return (c->first[WHY_EV_KERBEROS_REFUSED] != NULL || c->first[WHY_EV_KDC_FAILED] != NULL ||
            c->first[WHY_EV_KERBEROS_FAILED] != NULL) &&
           c->first[WHY_EV_KERBEROS_DONE] == NULL && c->first[WHY_EV_KERBEROS_GIVEN_UP] == NULL;
}

/* Codes that stand for several states of an account; domain controllers say which. */
static bool is_coarse(int64_t code)
{
    return code == 1 || code == 12 || code == 18 || code == 23; /* RFC 4120 7.5.9 */
}

static void kerberos_code(struct verdict_builder *b, const struct why_event *refused)
{
    const struct why_event *status = b->summary->first[WHY_EV_KDC_STATUS];

    if (status != NULL && is_coarse(refused->value) &&
        why_rule_of_code(WHY_SPACE_NTSTATUS, status->value) != WHY_RULE_CREDSSP_ERROR)
        why_verdict_code(b, WHY_SPACE_NTSTATUS, status->value);
    else
        why_verdict_code(b, WHY_SPACE_KERBEROS, refused->value);
}

/* Whatever it was, the RDP server had no part in it. */
static void without_ticket(struct verdict_builder *b)
{
    const struct why_event *refused = b->summary->first[WHY_EV_KERBEROS_REFUSED];

    if (refused != NULL) {
        why_verdict_end(b, WHY_OUTCOME_REFUSED, WHY_END_KERBEROS_ERROR, WHY_CLOSED_BY_KDC,
                        refused->text);
        kerberos_code(b, refused);
    } else if (b->summary->first[WHY_EV_KDC_FAILED] != NULL) {
        why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_KDC_UNREACHABLE, WHY_CLOSED_BY_KDC,
                        why_verdict_text(b, WHY_EV_KDC_FAILED));
    } else {
        why_verdict_own_fault(b, why_verdict_text(b, WHY_EV_KERBEROS_FAILED));
    }
}

/* From what is certain to what is left over; the order is the point. */
static void decide(struct verdict_builder *b)
{
    const struct trace_summary *c = b->summary;
    const struct why_event *const *first = c->first, *partial = partial_violation(c);

    b->verdict->phase = why_progress_due(&c->progress);
    if (first[WHY_EV_SKIPPED] != NULL) {
        skipped(b);
    } else if (first[WHY_EV_REACHED] != NULL && !why_summary_is_refused(c) &&
               !why_summary_is_cut_short(c)) {
        if (!is_problem(b))
            completed(b);
    } else if (first[WHY_EV_REACHED] == NULL &&
               (why_summary_is_session(c) || why_summary_is_finalized(c))) {
        why_verdict_session(b);
    } else if (first[WHY_EV_CRASHED] != NULL) {
        why_verdict_end(b, WHY_OUTCOME_FAILED, WHY_END_CRASHED, WHY_CLOSED_BY_CLIENT,
                        first[WHY_EV_CRASHED]->text);
    } else if (first[WHY_EV_FAILED] != NULL) {
        why_verdict_own_fault(b, first[WHY_EV_FAILED]->text);
    } else if (is_without_ticket(c)) {
        without_ticket(b);
    } else if (why_summary_is_refused(c)) {
        why_verdict_refused(b);
    } else if (c->alerted) {
        why_verdict_end(b, WHY_OUTCOME_REFUSED, WHY_END_TLS_ALERT, WHY_CLOSED_BY_SERVER, NULL);
        why_verdict_code(b, WHY_SPACE_TLS_ALERT, c->alert);
        b->verdict->phase = c->alert_in;
    } else if (c->progress.other_protocol) {
        other_protocol(b);
    } else if (first[WHY_EV_STOP] != NULL) {
        why_verdict_stopped(b, first[WHY_EV_STOP]->text);
        b->verdict->has_closer = (first[WHY_EV_STOP]->flags & WHY_EVENT_CUT_OFF) == 0;
    } else if (first[WHY_EV_PROXY] != NULL && first[WHY_EV_PROXY_DONE] == NULL &&
               first[WHY_EV_CANCELLED] == NULL) {
        why_verdict_not_proxied(b);
    } else if (first[WHY_EV_GATEWAY] != NULL && first[WHY_EV_CANCELLED] == NULL &&
               c->progress.confirmed < WHY_PHASE_GATEWAY_CHANNEL) {
        if (!why_verdict_not_through_gateway(b)) {
            why_verdict_wordless(b);
            b->verdict->outcome = WHY_OUTCOME_UNREACHABLE;
        }
    } else if (first[WHY_EV_CONNECTED] == NULL && first[WHY_EV_CANCELLED] == NULL) {
        why_verdict_not_connected(b);
    } else if (first[WHY_EV_GATEWAY_FAILED] != NULL) {
        why_verdict_violation(b, first[WHY_EV_GATEWAY_FAILED]->text);
    } else if (partial != NULL) {
        why_verdict_violation(b, partial->text);
    } else if (c->progress.endless != NULL && !why_is_other_client(c->head)) {
        why_verdict_violation(b, c->progress.endless);
        b->verdict->phase = c->progress.endless_in;
    } else if (c->cause != NULL) {
        why_verdict_wordless(b);
    } else {
        why_verdict_no_ending(b);
    }
}

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
        {WHY_PDU_LICENSE_UNKNOWN, "after a license message that is encrypted or cannot be decoded"},
    };

    for (size_t i = facts->license_message_count; i > 0; i--) {
        for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
            if (steps[k].after == facts->license_messages[i - 1])
                return steps[k].step;
        }
    }
    return "waiting for the license request";
}

/* Words of the server that were read are where they are, if all before them was; silence after what
 * was not may be later. */
static void set_range(const struct trace_summary *summary, struct why_verdict *v)
{
    bool silent = v->outcome == WHY_OUTCOME_ABORTED || v->outcome == WHY_OUTCOME_STOPPED;

    v->phase_to = v->phase;
    if (why_summary_is_in_credssp(summary) || v->ending == WHY_END_NEGOTIATION_FAILURE)
        return;
    if (v->phase >= 0 && ((silent && summary->unread) ||
                          (v->outcome == WHY_OUTCOME_REFUSED && summary->unread_before)))
        v->phase_to = WHY_PHASE_ACTIVE;
    if (why_is_other_client(summary->head) && why_verdict_is_range(v))
        v->basis = WHY_BASIS_OPEN;
}

/* The last event that came in a packet. */
static const struct why_event *last_packet(const struct why_trace *trace)
{
    for (size_t i = why_trace_count(trace); i-- > 0;) {
        const struct why_event *event = why_trace_at(trace, i);

        if (event->packet > 0)
            return event;
    }
    return NULL;
}

/* The event that the verdict rests on. */
static const struct why_event *deciding(const struct trace_summary *c,
                                        const struct why_trace *trace, const struct why_verdict *v)
{
    const struct why_event *event = NULL;

    if (v->outcome == WHY_OUTCOME_COMPLETED)
        event = c->first[WHY_EV_REACHED] != NULL ? c->first[WHY_EV_REACHED]
                : c->font_map != NULL            ? c->font_map
                                                 : c->output;
    else if (v->ending == WHY_END_TLS_ALERT && c->alerted)
        event = c->alert_event;
    else if (v->outcome == WHY_OUTCOME_REFUSED)
        event = c->refusal_event;
    else if (v->ending == WHY_END_PROTOCOL_VIOLATION && partial_violation(c) != NULL)
        event = partial_violation(c);
    if (event == NULL)
        event = c->cause;
    return event != NULL ? event : last_packet(trace);
}

/* Of its packet, or where it came in none, because our own side did it, of the last one before it.
 */
static uint64_t packet_of(const struct why_trace *trace, const struct why_event *event)
{
    uint64_t packet = 0;

    for (size_t i = 0; event != NULL && i < why_trace_count(trace); i++) {
        const struct why_event *at = why_trace_at(trace, i);

        packet = at->packet > 0 ? at->packet : packet;
        if (at == event)
            return packet;
    }
    return 0;
}

/* Where in the capture that is. */
static void set_place(const struct trace_summary *c, const struct why_trace *trace,
                      struct why_verdict *v)
{
    const struct why_event *event = deciding(c, trace, v);
    uint64_t began = c->head->capture_us;

    if (c->head->capture == NULL)
        return;
    v->packet = packet_of(trace, event);
    if (began == 0) /* packets without times */
        return;
    v->packet_us = c->head->started_us + (event != NULL ? event->t_us : 0);
    v->offset_us = v->packet_us > began ? v->packet_us - began : 0;
}

/* What mstsc shows then is its own of gateways, and which it is no source tells. */
static bool is_gateways(const struct trace_summary *summary, const struct why_verdict *v)
{
    return summary->first[WHY_EV_GATEWAY] != NULL &&
           (v->phase <= WHY_PHASE_GATEWAY_CHANNEL ||
            (v->has_closer && v->closed_by == WHY_CLOSED_BY_GATEWAY));
}

static void set_mstsc(const struct trace_summary *summary, struct why_verdict *v)
{
    const struct why_mstsc_case seen = {
        .outcome = v->outcome,
        .ending = v->ending,
        .phase = v->phase == WHY_PHASE_SESSION ? WHY_PHASE_ACTIVE : v->phase, /* watched or not */
        .by_client = !v->has_closer || v->closed_by == WHY_CLOSED_BY_CLIENT,
        .code = v->has_code ? &v->code : NULL,
    };

    v->has_mstsc = !why_verdict_is_range(v) && !is_gateways(summary, v) &&
                   why_mstsc_equivalent(&seen, &v->mstsc);
}

void why_verdict_make(const struct trace_summary *summary, const struct why_trace *trace,
                      const struct why_facts *facts, struct why_verdict *verdict)
{
    struct verdict_builder b = {
        .summary = summary, .trace = trace, .facts = facts, .verdict = verdict};

    memset(verdict, 0, sizeof(*verdict));
    decide(&b);
    if (facts->session.watched && verdict->phase == WHY_PHASE_ACTIVE)
        verdict->phase = WHY_PHASE_SESSION;
    verdict->sent_through = summary->progress.sent_through;
    if (verdict->phase == WHY_PHASE_LICENSING && verdict->outcome != WHY_OUTCOME_COMPLETED)
        verdict->step = licensing_step(facts);
    why_verdict_times(verdict, summary, why_trace_end_us(trace));
    set_range(summary, verdict);
    set_mstsc(summary, verdict);
    set_place(summary, trace, verdict);
    why_reason_write(verdict, summary->head, facts, b.detail);
}
