/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include <errno.h>
#include <netdb.h>

#include <rdpwhy/trace.h>

#include "base/text.h"

#define TLS_RECORD  "TLS record" /* why_guess_protocol */
#define SHOWN_BYTES 12

/* Matchers: from the name to the negotiation's answer. */

static bool is_proxys(const struct why_result *r)
{
    return r->verdict.phase == WHY_PHASE_PROXY;
}

/* The target itself: where a redirection leads is another matter. */
static bool is_out_of_reach(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_UNREACHABLE && !is_proxys(r) &&
           !why_is_at_gateway(r) && !why_is_hop(r);
}

static bool is_name_failure(const struct why_result *r)
{
    return is_out_of_reach(r) && r->verdict.phase == WHY_PHASE_RESOLVE;
}

static bool is_temporary_name_failure(const struct why_result *r)
{
    return is_name_failure(r) && (r->verdict.ending == WHY_END_TIMEOUT ||
                                  (r->verdict.has_code && r->verdict.code.value == EAI_AGAIN));
}

bool why_match_name_not_resolved(const struct host_results *h, struct finding_builder *b)
{
    bool temporary = why_results_any(h, is_temporary_name_failure);

    if (why_finding_add_verdicts(h, b, is_name_failure) == NULL)
        return false;
    if (!h->named) { /* an address is looked up for its zone alone */
        summarize(b, "%s: this computer has no network interface of that name", h->target->host);
        return true;
    }
    b->conditions |= temporary ? WHY_IF(TEMPORARY) : WHY_IF(PERMANENT);
    summarize(b,
              temporary ? "The name %s could not be resolved: the name servers did not answer"
                        : "The name %s cannot be resolved: the name servers know no address for it",
              h->target->host);
    return true;
}

static bool is_any(const struct why_result *r)
{
    return r != NULL;
}

/* Everything measured ended before TCP in this way; some attempts may have gone further, and then
 * it is another story (flaky). */
static bool unreachable_by(const struct host_results *h, struct finding_builder *b,
                           result_test *wanted)
{
    return why_results_count(h, wanted) == why_results_count(h, is_any) &&
           why_finding_add_verdicts(h, b, wanted) != NULL;
}

static bool is_no_route(const struct why_result *r)
{
    return is_out_of_reach(r) && r->verdict.ending == WHY_END_NO_ROUTE;
}

static bool is_port_refused(const struct why_result *r)
{
    return is_out_of_reach(r) && r->verdict.ending == WHY_END_REFUSED;
}

static bool is_filtered(const struct why_result *r)
{
    return is_out_of_reach(r) && r->verdict.ending == WHY_END_TIMEOUT &&
           r->verdict.phase == WHY_PHASE_CONNECT;
}

/* What the look-up gave, so that a wrong address is seen. */
static void add_addresses(const struct host_results *h, struct finding_builder *b)
{
    const struct why_trace *trace = h->count > 0 ? h->results[0]->trace : NULL;

    for (size_t i = 0; h->named && trace != NULL && i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        if (event->kind == WHY_EV_RESOLVED && event->text != NULL) {
            add_fact(b, "%s resolves here to %s", h->target->host, event->text);
            return;
        }
    }
}

/* A host that is not there takes its neighbours a second or more to miss; what answers sooner is a
 * device on the network path. */
#define ANSWER_US 500000u
#define LOCAL_US  1000u

/* How long the dial that failed took; 0: not known. An error at once is this computer's own. */
static uint64_t failed_after(const struct why_result *r)
{
    uint64_t dialled = 0;

    for (size_t i = 0; r->trace != NULL && i < why_trace_count(r->trace); i++) {
        const struct why_event *event = why_trace_at(r->trace, i);

        if (event->kind == WHY_EV_DIAL)
            dialled = event->t_us;
        if (event->kind == WHY_EV_DIAL_FAILED && event->value == EHOSTUNREACH)
            return event->t_us - dialled;
    }
    return 0;
}

static bool is_answered(const struct why_result *r)
{
    uint64_t after = is_no_route(r) ? failed_after(r) : 0;

    return after > LOCAL_US && after < ANSWER_US;
}

bool why_match_no_route(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *answered;
    char after[32];

    if (!unreachable_by(h, b, is_no_route))
        return false;
    add_addresses(h, b);
    answered = why_results_first(h, is_answered);
    if (answered == NULL) {
        b->conditions |= WHY_IF(UNANSWERED);
        summarize(b, "%s cannot be reached: the network has no route to it", h->target->label);
        return true;
    }
    b->conditions |= WHY_IF(ANSWERED);
    why_duration_text(failed_after(answered), after, sizeof(after));
    add_fact(b, "the answer came after %s: too soon for a host that is off", after);
    summarize(b, "%s cannot be reached: a firewall or router on the network path says so",
              h->target->label);
    return true;
}

bool why_match_port_refused(const struct host_results *h, struct finding_builder *b)
{
    if (!unreachable_by(h, b, is_port_refused))
        return false;
    add_addresses(h, b);
    summarize(b, "%s refuses the TCP connection: probably nothing listens there", h->target->label);
    return true;
}

bool why_match_port_filtered(const struct host_results *h, struct finding_builder *b)
{
    if (!unreachable_by(h, b, is_filtered))
        return false;
    add_addresses(h, b);
    summarize(b, "No answer from %s: the port is filtered or the host is off", h->target->label);
    return true;
}

/* Past a proxy that said that it is connected: what comes then is said to be the server's. */
static bool is_proxied(const struct why_result *r)
{
    return r->facts.proxy_done;
}

static uint64_t proxy_condition(const struct host_results *h)
{
    return why_results_any(h, is_proxied) ? WHY_IF(PROXIED) : 0;
}

static bool is_other_protocol(const struct why_result *r)
{
    return why_is_failure(r) && r->verdict.phase == WHY_PHASE_NEGOTIATION &&
           r->verdict.outcome == WHY_OUTCOME_ABORTED &&
           r->verdict.ending == WHY_END_PROTOCOL_VIOLATION &&
           (r->facts.other_protocol != NULL || !r->facts.has_confirm);
}

/* Any sign that RDP is spoken here: a Connection Confirm or a negotiation failure. */
static bool speaks_rdp(const struct why_result *r)
{
    return r->facts.has_confirm || r->verdict.ending == WHY_END_NEGOTIATION_FAILURE;
}

static bool looks_like_another(const struct why_result *r)
{
    return r->facts.other_protocol != NULL;
}

static bool answers_with_tls(const struct why_result *r)
{
    return is_other_protocol(r) && r->facts.other_protocol != NULL &&
           strcmp(r->facts.other_protocol, TLS_RECORD) == 0;
}

bool why_match_not_rdp(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_results_first(h, looks_like_another);
    const char *looks = r != NULL ? r->facts.other_protocol : NULL;

    if (why_results_any(h, speaks_rdp) || why_results_any(h, answers_with_tls) ||
        why_finding_add_verdicts(h, b, is_other_protocol) == NULL)
        return false;
    if (looks != NULL)
        add_fact(b, "the answer looks like %s", looks);
    b->conditions |= proxy_condition(h);
    if ((b->conditions & WHY_IF(PROXIED)) != 0)
        summarize(
            b, "The proxy, or the service on %s behind it, answers something other than RDP%s%s",
            h->target->label, looks != NULL ? ": it looks like " : "", looks != NULL ? looks : "");
    else
        summarize(b, "The service on %s is not an RDP server%s%s", h->target->label,
                  looks != NULL ? ": it looks like " : "", looks != NULL ? looks : "");
    return true;
}

/* The bytes that came in answer to the Connection Request, as they are. */
static void add_first_bytes(struct finding_builder *b, const struct why_result *r)
{
    char bytes[3 * SHOWN_BYTES + 1] = "";

    for (size_t i = 0; i < why_trace_count(r->trace); i++) {
        const struct why_event *event = why_trace_at(r->trace, i);

        if (event->text == NULL || event->dir != WHY_DIR_RECEIVED || event->len == 0)
            continue;
        for (size_t j = 0; j < event->len && j < SHOWN_BYTES; j++)
            (void)snprintf(bytes + 3 * j, sizeof(bytes) - 3 * j, " %02x", event->bytes[j]);
        add_fact(b, "the first bytes that came:%s", bytes);
        return;
    }
}

/* The attempt with a ClientHello in place of the Connection Request; NULL: none was made. */
static const struct why_result *tls_first(const struct host_results *h)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        for (; r != NULL; r = r->first_try) {
            if (r->tls_first != NULL)
                return r->tls_first;
        }
    }
    return NULL;
}

/* It answered the ClientHello as a TLS server does: with its Hello, or with an alert. */
static bool speaks_tls(const struct why_result *r)
{
    return r != NULL && (why_tls_worked(r) || r->facts.has_certificate ||
                         r->verdict.ending == WHY_END_TLS_ALERT);
}

/* A web server all of which takes a logon answers so, too. */
static bool is_like_gateway(const struct why_result *r)
{
    return r != NULL && r->facts.gateway.status == 401 && r->facts.gateway.schemes != NULL;
}

/* What the ClientHello brought to light. */
static void add_tls_first(struct finding_builder *b, const struct why_result *r)
{
    const struct why_facts *f = &r->facts;

    if (f->tls_version != NULL)
        add_fact(b, "a TLS ClientHello without a Connection Request was answered with %s",
                 f->tls_version);
    else
        add_fact(b, "a TLS ClientHello without a Connection Request was answered in TLS: %.200s",
                 r->verdict.reason);
    if (f->has_certificate)
        add_fact(b, "certificate %.120s, issued by %.120s, SHA-256 %.16s...",
                 f->certificate.subject, f->certificate.issuer, f->certificate.sha256);
    if (is_like_gateway(r))
        add_fact(b,
                 "it answers RDG_OUT_DATA /remoteDesktopGateway/ with HTTP status 401 and asks for "
                 "a logon (%.80s), as an RD Gateway does",
                 f->gateway.schemes);
    else if (f->gateway.status != 0)
        add_fact(b, "it answers RDG_OUT_DATA /remoteDesktopGateway/ with HTTP status %u",
                 f->gateway.status);
    if (f->tls_alpn != NULL || f->gateway.status != 0)
        b->conditions |= WHY_IF(WEB_SERVER);
    if (f->tls_alpn == NULL || f->gateway.status != 0)
        return;
    add_fact(b,
             "it chose the protocol %.30s (ALPN): a web server, a reverse proxy or an RD Gateway",
             f->tls_alpn);
}

/* Nothing came from the server itself; what is counted with an RD Gateway is the gateway's. */
static bool is_speechless(const struct why_result *r)
{
    return r->facts.gateway.label != NULL
               ? r->facts.last_received == NULL && r->facts.other_protocol == NULL
               : r->facts.bytes_received == 0;
}

static bool is_closed_at_once(const struct why_result *r);

bool why_match_tls_at_once(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *probe = speaks_tls(tls_first(h)) ? tls_first(h) : NULL;
    const struct why_result *r;

    if (why_results_any(h, speaks_rdp))
        return false;
    r = why_finding_add_verdicts(h, b, answers_with_tls);
    if (r == NULL && (probe == NULL || why_finding_add_verdicts(h, b, is_closed_at_once) == NULL))
        return false;
    if (r != NULL) {
        add_fact(b, "it answered the Connection Request with a TLS record; RDP has TLS only after "
                    "a Connection Confirm");
        add_first_bytes(b, r);
    }
    if (probe != NULL)
        add_tls_first(b, probe);
    b->conditions |= proxy_condition(h);
    summarize(b, "%s%s speaks TLS from the first byte; RDP starts without it%s",
              (b->conditions & WHY_IF(PROXIED)) != 0 ? "The proxy, or behind it " : "",
              h->target->label,
              is_like_gateway(probe) ? ": it is an RD Gateway, by its answer" : "");
    return true;
}

static bool is_closed_at_once(const struct why_result *r)
{
    if (is_out_of_reach(r) && r->verdict.ending == WHY_END_RESET)
        return true;
    return why_is_failure(r) && r->verdict.phase == WHY_PHASE_NEGOTIATION && is_speechless(r) &&
           r->verdict.has_closer && r->verdict.closed_by != WHY_CLOSED_BY_CLIENT &&
           (r->verdict.ending == WHY_END_FIN || r->verdict.ending == WHY_END_RESET);
}

/* ---- consoles of Hyper-V --------------------------------------------------------------------- */

static bool is_silent(const struct why_result *r);

static bool is_unanswered(const struct why_result *r)
{
    if (is_closed_at_once(r) || is_silent(r))
        return r->facts.connections > 0;
    /* TLS came first, as to a console. */
    return r->facts.has_preconnection && why_is_failure(r) && r->verdict.phase == WHY_PHASE_TLS &&
           !r->facts.has_certificate && r->verdict.ending != WHY_END_TLS_ALERT;
}

/* Port 2179 gave no answer, or one did that was told which virtual machine is meant. */
bool why_is_unanswered_console(const struct why_result *r)
{
    return is_unanswered(r) && (r->facts.has_preconnection || r->facts.port == WHY_HYPER_V_PORT);
}

static bool is_console(const struct host_results *h)
{
    return why_results_any(h, why_is_unanswered_console);
}

bool why_match_hyper_v_console(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;

    if (why_results_any(h, speaks_rdp) || speaks_tls(tls_first(h)))
        return false;
    r = why_finding_add_verdicts(h, b, why_is_unanswered_console);
    if (r == NULL)
        return false;
    if (r->facts.has_preconnection) {
        b->conditions |= WHY_IF(VM_NAMED);
        add_fact(b, "the preconnection PDU named \"%.100s\"", r->facts.preconnection);
        summarize(b, "%s does not accept what the preconnection PDU names", h->target->label);
        return true;
    }
    b->conditions |= WHY_IF(VM_UNNAMED);
    add_fact(b, "port 2179 is that of Hyper-V's consoles, and the client named no virtual machine");
    summarize(b,
              "%s is probably the console port of Hyper-V: it takes no connection that does not "
              "first name a virtual machine",
              h->target->label);
    return true;
}

/* ---- closed, silent -------------------------------------------------------------------------- */

bool why_match_closed_before_answer(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *probe = tls_first(h);

    if (why_results_any(h, speaks_rdp) || speaks_tls(probe) || is_console(h) ||
        why_finding_add_verdicts(h, b, is_closed_at_once) == NULL)
        return false;
    b->conditions |= WHY_IF(CLOSED) | proxy_condition(h);
    add_fact(b, "not one byte came from the server");
    if (probe != NULL && probe->facts.connections > 0) {
        b->conditions |= WHY_IF(NOT_TLS);
        add_fact(b,
                 "a TLS ClientHello without a Connection Request was not answered in TLS either");
    }
    summarize(b, "%s accepts the TCP connection and closes it before it answers anything",
              h->target->label);
    return true;
}

static bool is_silent(const struct why_result *r)
{
    return r->verdict.outcome == WHY_OUTCOME_ABORTED && r->verdict.ending == WHY_END_TIMEOUT &&
           r->verdict.phase == WHY_PHASE_NEGOTIATION;
}

static bool fell_silent(const struct why_result *r)
{
    return is_silent(r) && !is_speechless(r);
}

bool why_match_silent_listener(const struct host_results *h, struct finding_builder *b)
{
    bool began = why_results_any(h, fell_silent);

    if (why_results_any(h, speaks_rdp) || is_console(h) ||
        why_finding_add_verdicts(h, b, is_silent) == NULL)
        return false;
    b->conditions |= proxy_condition(h);
    add_fact(b, began ? "the server began an answer and never finished it"
                      : "not one byte came from the server");
    summarize(b, "%s accepts the TCP connection but %s the first RDP message", h->target->label,
              began ? "never finishes its answer to" : "never answers");
    return true;
}

/* X.224 Disconnect Request, X.224 Error, or half an answer and then the end. */
static bool is_refused_negotiation(const struct why_result *r)
{
    if (!why_is_failure(r) || r->verdict.phase != WHY_PHASE_NEGOTIATION || r->facts.has_confirm ||
        is_speechless(r))
        return false;
    return r->verdict.ending == WHY_END_X224_DISCONNECT || r->verdict.ending == WHY_END_FIN ||
           r->verdict.ending == WHY_END_RESET;
}

bool why_match_negotiation_refused(const struct host_results *h, struct finding_builder *b)
{
    if (why_results_any(h, speaks_rdp) ||
        why_finding_add_verdicts(h, b, is_refused_negotiation) == NULL)
        return false;
    summarize(b, "%s refuses the connection request and gives no reason", h->target->label);
    return true;
}

static bool is_gone(const struct why_result *r)
{
    return is_out_of_reach(r) && r->verdict.phase == WHY_PHASE_CONNECT &&
           (r->verdict.ending == WHY_END_REFUSED || r->verdict.ending == WHY_END_TIMEOUT);
}

/* The first attempt of those at the end of the run that all found nobody, after others had a
 * connection; NULL: there is none. */
static const struct why_result *first_gone(const struct host_results *h)
{
    const struct why_result *r, *gone = NULL;
    bool connected = false;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (r->facts.connections > 0) {
            connected = true;
            gone = NULL;
        } else if (connected && gone == NULL && is_gone(r)) {
            gone = r;
        }
    }
    return gone;
}

bool why_match_stopped_listening(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *gone = first_gone(h), *before = NULL, *r;

    if (gone == NULL)
        return false;
    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL && r != gone;)
        before = r;
    if (before != NULL)
        why_finding_add_verdict(b, before);
    why_finding_add_verdict(b, gone);
    b->conditions |= gone->verdict.ending == WHY_END_TIMEOUT ? WHY_IF(SILENT) : WHY_IF(CLOSED);
    summarize(b,
              gone->verdict.ending == WHY_END_TIMEOUT
                  ? "%s accepted connections at first, and does not answer any more: it hangs, or "
                    "blocks this computer"
                  : "%s accepted connections at first, and refuses them now: the server probably "
                    "crashed or was restarted",
              h->target->label);
    return true;
}

bool why_match_offer_closed(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;

    /* One that ended in the middle of the run closed no offer. */
    if (!why_results_any(h, speaks_rdp) || first_gone(h) != NULL)
        return false;
    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        /* Where the same offer was answered another time, it is chance, not the offer (flaky). */
        if (why_is_unanswered_offer(r) &&
            why_results_first_of(h, r->step.profile, speaks_rdp) == NULL)
            why_finding_add_verdict(b, r);
    }
    if (b->finding->attempt_count == 0)
        return false;
    add_fact(b, "other offers were answered");
    summarize(b, "The server closes some offers without an answer and answers others");
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

bool why_match_some_addresses_fail(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r;
    const char *example = NULL;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        size_t failed = failed_addresses(r, &example);

        if (failed == 0)
            continue;
        if (b->finding->attempt_count == 0)
            add_fact(b, "%s did not accept the connection, %s did",
                     example != NULL ? example : "another address", r->facts.address);
        why_finding_add_attempt(b, r);
    }
    if (b->finding->attempt_count == 0)
        return false;
    summarize(b, "%s has several addresses, and %s does not accept connections", h->target->host,
              example != NULL ? example : "one of them");
    return true;
}
