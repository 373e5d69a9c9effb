/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include <netdb.h>

#include <rdpwhy/trace.h>

/* Matchers: from the name to the negotiation's answer. */

static bool is_name_failure(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_UNREACHABLE && r->verdict.phase == WHY_PHASE_RESOLVE;
}

bool match_name_not_resolved(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;
    bool temporary = false;

    if (rest_on_all(e, d, is_name_failure) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;)
        temporary = temporary || (is_name_failure(r) &&
                                  (r->verdict.ending == WHY_END_TIMEOUT ||
                                   (r->verdict.has_code && r->verdict.code.value == EAI_AGAIN)));
    d->conditions |= temporary ? WHY_IF_TEMPORARY : WHY_IF_PERMANENT;
    summarize(d,
              temporary ? "The name %s could not be resolved: the name servers did not answer"
                        : "The name %s cannot be resolved: the name servers know no address for it",
              e->target->host);
    return true;
}

/* Everything measured ended before TCP in this way; some attempts may have gone further, and then
 * it is another story (flaky). */
static bool unreachable_by(const struct evidence *e, struct draft *d,
                           bool (*wanted)(const struct why_result *r))
{
    const struct why_result *r;
    size_t n = 0;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL; n++) {
        if (!wanted(r))
            return false;
    }
    return n > 0 && rest_on_all(e, d, wanted) > 0;
}

static bool is_no_route(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_UNREACHABLE && r->verdict.ending == WHY_END_NO_ROUTE;
}

static bool is_port_refused(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_UNREACHABLE && r->verdict.ending == WHY_END_REFUSED;
}

static bool is_filtered(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_UNREACHABLE && r->verdict.ending == WHY_END_TIMEOUT &&
           r->verdict.phase == WHY_PHASE_CONNECT;
}

/* What the look-up gave, so that a wrong address is seen. */
static void tell_addresses(const struct evidence *e, struct draft *d)
{
    const struct why_trace *trace = e->count > 0 ? e->results[0]->trace : NULL;

    for (size_t i = 0; e->named && trace != NULL && i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        if (event->kind == WHY_EV_RESOLVED && event->text != NULL) {
            because(d, "%s resolves here to %s", e->target->host, event->text);
            return;
        }
    }
}

bool match_no_route(const struct evidence *e, struct draft *d)
{
    if (!unreachable_by(e, d, is_no_route))
        return false;
    tell_addresses(e, d);
    summarize(d, "%s cannot be reached: the network has no route to it", e->target->label);
    return true;
}

bool match_port_refused(const struct evidence *e, struct draft *d)
{
    if (!unreachable_by(e, d, is_port_refused))
        return false;
    tell_addresses(e, d);
    summarize(d, "Nothing listens on %s: the TCP connection was refused", e->target->label);
    return true;
}

bool match_port_filtered(const struct evidence *e, struct draft *d)
{
    if (!unreachable_by(e, d, is_filtered))
        return false;
    tell_addresses(e, d);
    summarize(d, "No answer from %s: the port is filtered or the host is off", e->target->label);
    return true;
}

static bool is_foreign(const struct why_result *r)
{
    return is_failure(r) && r->verdict.phase == WHY_PHASE_NEGOTIATION &&
           r->verdict.outcome == WHY_OUTCOME_ABORTED &&
           r->verdict.ending == WHY_END_PROTOCOL_VIOLATION &&
           (r->facts.foreign != NULL || !r->facts.has_confirm);
}

/* Any sign that RDP is spoken here: a Connection Confirm or a negotiation failure. */
static bool speaks_rdp(const struct why_result *r)
{
    return r->facts.has_confirm || r->verdict.ending == WHY_END_NEGOTIATION_FAILURE;
}

static bool any(const struct evidence *e, bool (*wanted)(const struct why_result *r))
{
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (wanted(r))
            return true;
    }
    return false;
}

bool match_not_rdp(const struct evidence *e, struct draft *d)
{
    const char *looks = NULL;
    const struct why_result *r;

    if (any(e, speaks_rdp) || rest_on_all(e, d, is_foreign) == 0)
        return false;
    for (size_t i = 0; looks == NULL && (r = next_measured(e, &i)) != NULL;)
        looks = r->facts.foreign;
    if (looks != NULL)
        because(d, "the answer looks like %s", looks);
    summarize(d, "The service on %s is not an RDP server%s%s", e->target->label,
              looks != NULL ? ": it looks like " : "", looks != NULL ? looks : "");
    return true;
}

static bool is_closed_at_once(const struct why_result *r)
{
    if (r->verdict.outcome == WHY_OUTCOME_UNREACHABLE && r->verdict.ending == WHY_END_RESET)
        return true;
    return is_failure(r) && r->verdict.phase == WHY_PHASE_NEGOTIATION &&
           r->facts.bytes_received == 0 &&
           (r->verdict.ending == WHY_END_FIN || r->verdict.ending == WHY_END_RESET);
}

bool match_closed_before_answer(const struct evidence *e, struct draft *d)
{
    if (any(e, speaks_rdp) || rest_on_all(e, d, is_closed_at_once) == 0)
        return false;
    d->conditions |= WHY_IF_CLOSED;
    because(d, "not one byte came from the server");
    summarize(d, "%s accepts the TCP connection and closes it before it answers anything",
              e->target->label);
    return true;
}

static bool is_silent(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_ABORTED && r->verdict.ending == WHY_END_TIMEOUT &&
           r->verdict.phase == WHY_PHASE_NEGOTIATION;
}

bool match_silent_listener(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;
    bool began = false;

    if (any(e, speaks_rdp) || rest_on_all(e, d, is_silent) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;)
        began = began || (is_silent(r) && r->facts.bytes_received > 0);
    because(d, began ? "the server began an answer and never finished it"
                     : "not one byte came from the server");
    summarize(d, "%s accepts the TCP connection but %s the first RDP message", e->target->label,
              began ? "never finishes its answer to" : "never answers");
    return true;
}

/* X.224 Disconnect Request, X.224 Error, or half an answer and then the end. */
static bool is_refused_negotiation(const struct why_result *r)
{
    if (!is_failure(r) || r->verdict.phase != WHY_PHASE_NEGOTIATION || r->facts.has_confirm ||
        r->facts.bytes_received == 0)
        return false;
    return r->verdict.ending == WHY_END_X224_DISCONNECT || r->verdict.ending == WHY_END_FIN ||
           r->verdict.ending == WHY_END_RESET;
}

bool match_negotiation_refused(const struct evidence *e, struct draft *d)
{
    if (any(e, speaks_rdp) || rest_on_all(e, d, is_refused_negotiation) == 0)
        return false;
    summarize(d, "%s refuses the connection request and gives no reason", e->target->label);
    return true;
}

/* The same offer was answered another time: then it is chance, not the offer (flaky). */
static bool is_answered_elsewhere(const struct evidence *e, const struct why_result *wanted)
{
    const struct why_result *r;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (r->step.profile == wanted->step.profile && speaks_rdp(r))
            return true;
    }
    return false;
}

bool match_offer_closed(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    if (!any(e, speaks_rdp))
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (is_unanswered_offer(r) && !is_answered_elsewhere(e, r))
            rest_on_verdict(d, r);
    }
    if (d->finding->attempt_count == 0)
        return false;
    because(d, "other offers were answered");
    summarize(d, "The server closes some offers without an answer and answers others");
    return true;
}

/* How many addresses of the name failed before one took the connection. */
static size_t failed_addresses(const struct why_result *r, const char **example)
{
    size_t failed = 0;

    if (r->facts.address == NULL)
        return 0;
    for (size_t i = 0; i < why_trace_count(r->trace); i++) {
        const struct why_event *event = why_trace_at(r->trace, i);

        if (event->kind != WHY_EV_DIAL_FAILED)
            continue;
        failed++;
        *example = event->text;
    }
    return failed;
}

bool match_some_addresses_fail(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;
    const char *example = NULL;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        size_t failed = failed_addresses(r, &example);

        if (failed == 0)
            continue;
        if (d->finding->attempt_count == 0)
            because(d, "%s did not accept the connection, %s did",
                    example != NULL ? example : "another address", r->facts.address);
        rest_on(d, r);
    }
    if (d->finding->attempt_count == 0)
        return false;
    summarize(d, "%s has several addresses, and %s does not accept connections", e->target->host,
              example != NULL ? example : "one of them");
    return true;
}
