/* SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <errno.h>
#include <netdb.h>

#include <rdpwhy/trace.h>

#include "base/system_error.h"

/* What a failed connect() says; whatever is not here: there was no way to the host. */
static const struct dial_failure {
    int error;
    enum why_outcome outcome;
    enum why_ending ending;
    enum why_closer closer;
} failures[] = {
    /* our own shortage */
    {EMFILE, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT},
    {ENFILE, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT},
    {ENOBUFS, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT},
    {ENOMEM, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT},
    {EADDRNOTAVAIL, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT},
    {EPERM, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT},
    {EACCES, WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_CLOSED_BY_CLIENT},
    {ECONNREFUSED, WHY_OUTCOME_UNREACHABLE, WHY_END_REFUSED, WHY_CLOSED_BY_SERVER},
    {ETIMEDOUT, WHY_OUTCOME_UNREACHABLE, WHY_END_TIMEOUT, WHY_CLOSED_BY_NETWORK},
    {ECONNRESET, WHY_OUTCOME_UNREACHABLE, WHY_END_RESET, WHY_CLOSED_BY_NETWORK},
};
static const struct dial_failure no_route = {0, WHY_OUTCOME_UNREACHABLE, WHY_END_NO_ROUTE,
                                             WHY_CLOSED_BY_NETWORK};

static const struct dial_failure *failure_of(int64_t error)
{
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (failures[i].error == error)
            return &failures[i];
    }
    return &no_route;
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

static void not_resolved(struct verdict_builder *b, const struct why_event *failed)
{
    const char *detail = failed->text;

    /* Neither says anything of the name: there was no memory, or no descriptor, to look it up with.
     */
    if (failed->value == EAI_MEMORY || failed->value == EAI_SYSTEM)
        why_verdict_own_fault(b, detail);
    else
        why_verdict_end(b, WHY_OUTCOME_UNREACHABLE, WHY_END_NAME_NOT_FOUND, WHY_CLOSED_BY_NETWORK,
                        detail);
    why_verdict_code(b, WHY_SPACE_RESOLVER, failed->value);
}

void why_verdict_not_connected(struct verdict_builder *b)
{
    const struct why_event *failed = telling_failure(b->trace);
    const struct dial_failure *row;

    if (b->summary->first[WHY_EV_RESOLVE_FAILED] != NULL) {
        not_resolved(b, b->summary->first[WHY_EV_RESOLVE_FAILED]);
    } else if (b->summary->first[WHY_EV_DEADLINE] != NULL) {
        why_verdict_end(b, WHY_OUTCOME_UNREACHABLE, WHY_END_TIMEOUT, WHY_CLOSED_BY_DEADLINE, NULL);
    } else if (failed == NULL) {
        why_verdict_no_ending(b);
    } else {
        row = failure_of(failed->value);
        why_verdict_end(b, row->outcome, row->ending, row->closer,
                        why_system_error_text(WHY_SPACE_ERRNO, failed->value));
        why_verdict_code(b, WHY_SPACE_ERRNO, failed->value);
    }
}

/* ---- with a proxy ----------------------------------------------------------------------------
 */

/* In its own words, or in those of the connection to it. */
static const struct {
    enum why_event_kind kind;
    enum why_ending ending;
    enum why_closer closer;
    enum why_code_space space; /* of the event's value; COUNT: it is none */
} proxy_rows[] = {
    {WHY_EV_PROXY_SOCKS, WHY_END_PROXY_REFUSED, WHY_CLOSED_BY_PROXY, WHY_SPACE_SOCKS},
    {WHY_EV_PROXY_HTTP, WHY_END_PROXY_REFUSED, WHY_CLOSED_BY_PROXY, WHY_SPACE_HTTP},
    {WHY_EV_PROXY_ACCOUNT, WHY_END_PROXY_REFUSED, WHY_CLOSED_BY_PROXY, WHY_SPACE_COUNT},
    {WHY_EV_PROXY_FAILED, WHY_END_PROTOCOL_VIOLATION, WHY_CLOSED_BY_CLIENT, WHY_SPACE_COUNT},
    {WHY_EV_FIN, WHY_END_FIN, WHY_CLOSED_BY_PROXY, WHY_SPACE_COUNT},
    {WHY_EV_RESET, WHY_END_RESET, WHY_CLOSED_BY_PROXY, WHY_SPACE_ERRNO},
    {WHY_EV_NET_ERROR, WHY_END_NO_ROUTE, WHY_CLOSED_BY_NETWORK, WHY_SPACE_ERRNO},
};

static void in_words_of_the_proxy(struct verdict_builder *b)
{
    for (size_t i = 0; i < sizeof(proxy_rows) / sizeof(proxy_rows[0]); i++) {
        const struct why_event *event = b->summary->first[proxy_rows[i].kind];

        if (event == NULL)
            continue;
        why_verdict_end(b, WHY_OUTCOME_UNREACHABLE, proxy_rows[i].ending, proxy_rows[i].closer,
                        event->text);
        if (proxy_rows[i].space != WHY_SPACE_COUNT)
            why_verdict_code(b, proxy_rows[i].space, event->value);
        return;
    }
    why_verdict_not_connected(b);
    if (b->verdict->has_closer && b->verdict->closed_by == WHY_CLOSED_BY_SERVER)
        b->verdict->closed_by = WHY_CLOSED_BY_PROXY;
}

/* Whatever it was, the RDP server had no part in it that anybody saw. */
void why_verdict_not_proxied(struct verdict_builder *b)
{
    in_words_of_the_proxy(b);
    b->verdict->phase = WHY_PHASE_PROXY;
}
