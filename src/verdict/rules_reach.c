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

static bool is_temporary_name_failure(const struct why_result *r)
{
    return is_name_failure(r) && (r->verdict.ending == WHY_END_TIMEOUT ||
                                  (r->verdict.has_code && r->verdict.code.value == EAI_AGAIN));
}

bool match_name_not_resolved(const struct evidence *e, struct draft *d)
{
    bool temporary = any_result(e, is_temporary_name_failure);

    if (rest_on_all(e, d, is_name_failure) == NULL)
        return false;
    d->conditions |= temporary ? WHY_IF_TEMPORARY : WHY_IF_PERMANENT;
    summarize(d,
              temporary ? "The name %s could not be looked up: the name servers gave no answer"
                        : "The name %s has no address: the look-up was answered with no",
              e->target->host);
    return true;
}

static bool is_any(const struct why_result *r)
{
    return r != NULL;
}

/* Everything measured ended before TCP in this way; some attempts may have gone further, and then
 * it is another story (flaky). */
static bool unreachable_by(const struct evidence *e, struct draft *d, result_test *wanted)
{
    return count_results(e, wanted) == count_results(e, is_any) &&
           rest_on_all(e, d, wanted) != NULL;
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
    summarize(d, "%s cannot be reached: the network has no way to it", e->target->label);
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
    summarize(d,
              "No answer from %s: something drops the TCP connection silently (filtered, or the "
              "host is off)",
              e->target->label);
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

static bool looks_like_another(const struct why_result *r)
{
    return r->facts.foreign != NULL;
}

bool match_not_rdp(const struct evidence *e, struct draft *d)
{
    const struct why_result *r = first_result(e, looks_like_another);
    const char *looks = r != NULL ? r->facts.foreign : NULL;

    if (any_result(e, speaks_rdp) || rest_on_all(e, d, is_foreign) == NULL)
        return false;
    if (looks != NULL)
        because(d, "the answer looks like %s", looks);
    summarize(d, "What answers on %s is no RDP server%s%s", e->target->label,
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
    if (any_result(e, speaks_rdp) || rest_on_all(e, d, is_closed_at_once) == NULL)
        return false;
    d->conditions |= WHY_IF_CLOSED;
    because(d, "not one byte came from the server");
    summarize(d, "%s takes the TCP connection and ends it before the first byte of an answer",
              e->target->label);
    return true;
}

static bool is_silent(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_ABORTED && r->verdict.ending == WHY_END_TIMEOUT &&
           r->verdict.phase == WHY_PHASE_NEGOTIATION;
}

static bool fell_silent(const struct why_result *r)
{
    return is_silent(r) && r->facts.bytes_received > 0;
}

bool match_silent_listener(const struct evidence *e, struct draft *d)
{
    bool began = any_result(e, fell_silent);

    if (any_result(e, speaks_rdp) || rest_on_all(e, d, is_silent) == NULL)
        return false;
    because(d,
            began ? "an answer began and was never finished" : "not one byte came from the server");
    summarize(d, "%s takes the TCP connection but %s the first RDP message", e->target->label,
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
    if (any_result(e, speaks_rdp) || rest_on_all(e, d, is_refused_negotiation) == NULL)
        return false;
    summarize(d, "%s answers the connection request and refuses it without a reason",
              e->target->label);
    return true;
}

bool match_offer_closed(const struct evidence *e, struct draft *d)
{
    const struct why_result *r;

    if (!any_result(e, speaks_rdp))
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        /* Where the same offer was answered another time, it is chance, not the offer (flaky). */
        if (is_unanswered_offer(r) && first_of_profile(e, r->step.profile, speaks_rdp) == NULL)
            rest_on_verdict(d, r);
    }
    if (d->finding->attempt_count == 0)
        return false;
    because(d, "other offers were answered");
    summarize(d, "Some offers are ended without an answer while others are answered");
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
            because(d, "%s did not take the connection, %s did",
                    example != NULL ? example : "another address", r->facts.address);
        rest_on(d, r);
    }
    if (d->finding->attempt_count == 0)
        return false;
    summarize(d, "%s has several addresses, and %s does not take the connection", e->target->host,
              example != NULL ? example : "one of them");
    return true;
}
