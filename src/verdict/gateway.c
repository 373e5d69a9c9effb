/* SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <string.h>

#include <rdpwhy/trace.h>

#include "wire/tsgu.h"

/* How a connection ends that goes through an RD Gateway, in its phases and behind them. */

/* [MS-TSGU] 3.2.6.2.2: HRESULT_FROM_WIN32(ERROR_BAD_ARGUMENTS), with which a gateway says that the
 * server has closed. */
#define CLOSED_BEHIND 0x800700A0u

/* Codes come as HRESULT or as its lower half alone. */
static int64_t hresult(uint32_t code)
{
    return code <= UINT16_MAX ? 0x80070000u | code : code;
}

static void refuse(struct verdict_builder *b, enum why_code_space space, int64_t code,
                   const char *detail)
{
    why_verdict_end(b, WHY_OUTCOME_UNREACHABLE, WHY_END_GATEWAY_REFUSED, WHY_CLOSED_BY_GATEWAY,
                    detail);
    why_verdict_code(b, space, code);
}

/* The alert of the gateway, or what our side has against its TLS. */
static bool tls_failed(struct verdict_builder *b)
{
    const struct why_event *alert = b->summary->gateway_alert;
    const struct why_event *error = b->summary->first[WHY_EV_GATEWAY_TLS_ERROR];

    /* In TLS 1.3 what a gateway has against us comes when our side is through, before any answer.
     */
    if (b->summary->progress.confirmed >= WHY_PHASE_GATEWAY_HTTP ||
        (b->summary->progress.confirmed == WHY_PHASE_GATEWAY_TLS && b->facts->gateway.status != 0))
        return false;
    b->verdict->phase = WHY_PHASE_GATEWAY_TLS;
    if (alert != NULL) {
        why_verdict_end(b, WHY_OUTCOME_UNREACHABLE, WHY_END_TLS_ALERT, WHY_CLOSED_BY_GATEWAY, NULL);
        why_verdict_code(b, WHY_SPACE_TLS_ALERT, alert->value & 0xff);
        return true;
    }
    if (error == NULL) {
        b->verdict->phase = why_progress_due(&b->summary->progress);
        return false;
    }
    why_verdict_end(b, WHY_OUTCOME_UNREACHABLE, WHY_END_PROTOCOL_VIOLATION, WHY_CLOSED_BY_CLIENT,
                    error->text);
    return true;
}

/* CLOSE_CHANNEL: with the server's own end the gateway has no part in it. */
static void channel_closed(struct verdict_builder *b, const struct why_event *event)
{
    struct why_tsgu packet;

    why_tsgu_read(event->bytes, event->len, &packet);
    if (packet.error == 0 || hresult(packet.error) == CLOSED_BEHIND) {
        why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_FIN, WHY_CLOSED_BY_SERVER, NULL);
        return;
    }
    why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_GATEWAY_REFUSED, WHY_CLOSED_BY_GATEWAY,
                    event->text);
    why_verdict_code(b, WHY_SPACE_GATEWAY, hresult(packet.error));
}

/* A page for people, where a gateway goes on with packets. */
static bool shows_page(const struct why_event *http)
{
    return http->value == 200 && http->text != NULL &&
           strstr(http->text, "; Content-Type: text/") != NULL;
}

/* In the gateway's own words. */
static bool is_refused(struct verdict_builder *b)
{
    const struct trace_summary *c = b->summary;
    const struct why_event *http = c->gateway_http;
    struct why_tsgu packet;

    if (c->gateway_refusal != NULL) {
        why_tsgu_read(c->gateway_refusal->bytes, c->gateway_refusal->len, &packet);
        refuse(b, WHY_SPACE_GATEWAY, hresult(packet.error), c->gateway_refusal->text);
        return true;
    }
    if (c->gateway_closed != NULL) {
        channel_closed(b, c->gateway_closed);
        b->verdict->outcome = WHY_OUTCOME_UNREACHABLE;
        b->verdict->closed_by = WHY_CLOSED_BY_GATEWAY;
        return true;
    }
    if (c->first[WHY_EV_GATEWAY_FAILED] != NULL) {
        why_verdict_end(b, WHY_OUTCOME_UNREACHABLE, WHY_END_PROTOCOL_VIOLATION,
                        WHY_CLOSED_BY_CLIENT, why_verdict_text(b, WHY_EV_GATEWAY_FAILED));
        return true;
    }
    if (c->first[WHY_EV_GATEWAY_GOODBYE] != NULL) {
        refuse(b, WHY_SPACE_WEBSOCKET, c->first[WHY_EV_GATEWAY_GOODBYE]->value, NULL);
        return true;
    }
    if (c->first[WHY_EV_GATEWAY_OPEN] != NULL || http == NULL ||
        (http->value < 300 && !shows_page(http)))
        return false;
    refuse(b, WHY_SPACE_GATEWAY_HTTP, http->value, http->text);
    return true;
}

/* In those of the connection to it. */
static const struct {
    enum why_event_kind kind;
    enum why_ending ending;
    enum why_closer closer;
    bool has_errno;
} rows[] = {
    {WHY_EV_RESET, WHY_END_RESET, WHY_CLOSED_BY_GATEWAY, false},
    {WHY_EV_FIN, WHY_END_FIN, WHY_CLOSED_BY_GATEWAY, false},
    {WHY_EV_NET_ERROR, WHY_END_NO_ROUTE, WHY_CLOSED_BY_NETWORK, true},
    {WHY_EV_DEADLINE, WHY_END_TIMEOUT, WHY_CLOSED_BY_DEADLINE, false},
};

bool why_verdict_not_through_gateway(struct verdict_builder *b)
{
    const struct trace_summary *c = b->summary;

    if (c->first[WHY_EV_CONNECTED] != NULL && (tls_failed(b) || is_refused(b)))
        return true;
    /* A capture's client did, of its own accord or because nothing came. */
    if (c->cause != NULL && c->cause->kind == WHY_EV_CLOSE && why_is_other_client(c->head))
        return false;
    for (size_t i = 0; c->first[WHY_EV_CONNECTED] != NULL && i < sizeof(rows) / sizeof(rows[0]);
         i++) {
        const struct why_event *event = c->first[rows[i].kind];

        if (event == NULL || (event->flags & WHY_EVENT_WRITING) != 0)
            continue;
        why_verdict_end(b, WHY_OUTCOME_UNREACHABLE, rows[i].ending, rows[i].closer, NULL);
        if (rows[i].has_errno)
            why_verdict_code(b, WHY_SPACE_ERRNO, event->value);
        return true;
    }
    why_verdict_not_connected(b);
    if (b->verdict->has_closer && b->verdict->closed_by == WHY_CLOSED_BY_SERVER)
        b->verdict->closed_by = WHY_CLOSED_BY_GATEWAY;
    return true;
}

bool why_verdict_gateway_closed(struct verdict_builder *b, const struct why_event *cause)
{
    const struct trace_summary *c = b->summary;

    if (c->first[WHY_EV_GATEWAY] == NULL ||
        (cause->kind != WHY_EV_FIN && cause->kind != WHY_EV_RESET))
        return false;
    if (c->gateway_closed != NULL) {
        channel_closed(b, c->gateway_closed);
        return true;
    }
    if (c->first[WHY_EV_GATEWAY_GOODBYE] != NULL) {
        why_verdict_end(b, WHY_OUTCOME_ABORTED, WHY_END_GATEWAY_REFUSED, WHY_CLOSED_BY_GATEWAY,
                        NULL);
        why_verdict_code(b, WHY_SPACE_WEBSOCKET, c->first[WHY_EV_GATEWAY_GOODBYE]->value);
        return true;
    }
    /* In the server's own TLS. */
    if (cause->kind == WHY_EV_FIN && cause->text != NULL &&
        strcmp(cause->text, WHY_CLOSE_NOTIFY) == 0)
        return false;
    why_verdict_end(b, WHY_OUTCOME_ABORTED, cause->kind == WHY_EV_FIN ? WHY_END_FIN : WHY_END_RESET,
                    WHY_CLOSED_BY_GATEWAY, NULL);
    return true;
}
