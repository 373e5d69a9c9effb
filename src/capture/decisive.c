/* SPDX-License-Identifier: Apache-2.0 */
#include "decisive.h"

#include <rdpwhy/trace.h>

#include "progress/reading.h"

/* The kinds of event behind an ending, the likeliest first. */
static const struct {
    enum why_ending ending;
    enum why_event_kind kinds[4];
    size_t count;
} endings[] = {
    {WHY_END_DONE, {WHY_EV_REACHED}, 1},
    {WHY_END_STOP, {WHY_EV_STOP, WHY_EV_CANCELLED}, 2},
    {WHY_END_TIMEOUT, {WHY_EV_DEADLINE, WHY_EV_NET_ERROR}, 2},
    {WHY_END_FIN, {WHY_EV_FIN, WHY_EV_CLOSE}, 2},
    {WHY_END_RESET, {WHY_EV_RESET, WHY_EV_NET_ERROR, WHY_EV_CLOSE}, 3},
    {WHY_END_NO_ROUTE, {WHY_EV_NET_ERROR}, 1},
    {WHY_END_PROTOCOL_VIOLATION,
     {WHY_EV_PARTIAL, WHY_EV_TLS_ERROR, WHY_EV_LIBRARY_ERROR, WHY_EV_CLOSE},
     4},
    {WHY_END_PROXY_REFUSED, {WHY_EV_PROXY_SOCKS, WHY_EV_PROXY_HTTP, WHY_EV_PROXY_ACCOUNT}, 3},
    {WHY_END_GATEWAY_REFUSED,
     {WHY_EV_GATEWAY_GOODBYE, WHY_EV_GATEWAY_PACKET, WHY_EV_GATEWAY_HTTP},
     3},
    {WHY_END_KERBEROS_ERROR, {WHY_EV_KERBEROS_REFUSED}, 1},
    {WHY_END_KDC_UNREACHABLE, {WHY_EV_KDC_FAILED}, 1},
    {WHY_END_CLIENT_ERROR, {WHY_EV_FAILED, WHY_EV_LIBRARY_ERROR, WHY_EV_CLOSE}, 3},
};

static size_t first_of(const struct why_trace *trace, enum why_event_kind kind)
{
    size_t i = 0;

    while (i < why_trace_count(trace) && why_trace_at(trace, i)->kind != kind)
        i++;
    return i;
}

static size_t first_refusal(const struct why_result *result)
{
    const struct why_reading *reading = result->reading;

    for (size_t i = 0; i < reading->count; i++) {
        size_t event = reading->pdus[i].event;

        if (reading->pdus[i].refuses && why_trace_at(result->trace, event)->kind == WHY_EV_PDU)
            return event;
    }
    return why_trace_count(result->trace);
}

static size_t the_alert(const struct why_trace *trace, int64_t description)
{
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        if (event->kind == WHY_EV_TLS_ALERT && event->dir == WHY_DIR_RECEIVED &&
            (event->value & 0xff) == description)
            return i;
    }
    return why_trace_count(trace);
}

size_t why_decisive_event(const struct why_result *result, bool *received)
{
    const struct why_verdict *v = &result->verdict;
    size_t none = why_trace_count(result->trace);

    *received = v->outcome == WHY_OUTCOME_REFUSED;
    if (v->ending == WHY_END_TLS_ALERT)
        return the_alert(result->trace, v->code.value);
    if (v->outcome == WHY_OUTCOME_REFUSED)
        return first_refusal(result);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        for (size_t k = 0; endings[i].ending == v->ending && k < endings[i].count; k++) {
            size_t at = first_of(result->trace, endings[i].kinds[k]);

            if (at < none)
                return at;
        }
    }
    return none;
}
