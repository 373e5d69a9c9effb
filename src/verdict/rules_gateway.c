/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <netdb.h>
#include <string.h>

#include <rdpwhy/trace.h>

/* Matchers: the RD Gateway in front of the server. What it did is never the server's doing. */

#define REDIRECTED_FROM   300 /* HTTP statuses, RFC 9110 15.4 */
#define REDIRECTED_BEFORE 400

bool why_is_at_gateway(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return r->facts.gateway.label != NULL && v->phase >= 0 &&
           v->phase <= WHY_PHASE_GATEWAY_CHANNEL && v->phase != WHY_PHASE_PROXY &&
           (v->outcome == WHY_OUTCOME_UNREACHABLE || v->outcome == WHY_OUTCOME_STOPPED);
}

/* ---- which it was ---------------------------------------------------------------------------- */

static bool is_refusal(const struct why_result *r, enum why_rule rule)
{
    return why_is_at_gateway(r) && why_has_code_of(r, rule);
}

static bool is_out_of_reach(const struct why_result *r)
{
    return why_is_at_gateway(r) && r->verdict.phase <= WHY_PHASE_CONNECT;
}

static bool is_tls_failure(const struct why_result *r)
{
    return why_is_at_gateway(r) && r->verdict.phase == WHY_PHASE_GATEWAY_TLS &&
           r->verdict.outcome == WHY_OUTCOME_UNREACHABLE;
}

/* Why an attempt was stopped; NULL: it was not, or its trace is gone. */
static const char *stopped_for(const struct why_result *r)
{
    if (!why_is_at_gateway(r) || r->verdict.outcome != WHY_OUTCOME_STOPPED)
        return NULL;
    for (size_t i = r->trace != NULL ? why_trace_count(r->trace) : 0; i-- > 0;) {
        const struct why_event *event = why_trace_at(r->trace, i);

        if (event->kind == WHY_EV_STOP)
            return event->text;
    }
    return NULL;
}

static bool is_stopped_with(const struct why_result *r, const char *beginning)
{
    const char *text = stopped_for(r);

    return text != NULL && strncmp(text, beginning, strlen(beginning)) == 0;
}

static bool is_distrusted(const struct why_result *r)
{
    return is_stopped_with(r, WHY_STOP_GATEWAY_CERTIFICATE);
}

static bool is_without_account(const struct why_result *r)
{
    return is_stopped_with(r, WHY_STOP_GATEWAY_NO_LOGON);
}

/* The account had been rejected before in this run, or its first use is not over. */
static bool is_withheld(const struct why_result *r)
{
    return stopped_for(r) != NULL && !is_distrusted(r) && !is_without_account(r);
}

static bool is_rejected(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_GATEWAY_LOGON) && r->facts.gateway.logged_on;
}

static bool is_logon_unknown(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_GATEWAY_LOGON) && !r->facts.gateway.logged_on;
}

static bool fails_to_log_on(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_GATEWAY_LOGON) || is_withheld(r);
}

/* What came there is nothing that RD Gateway says. */
static bool is_none(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_NOT_A_GATEWAY) ||
           (why_is_at_gateway(r) && r->verdict.phase > WHY_PHASE_GATEWAY_TLS &&
            r->verdict.ending == WHY_END_PROTOCOL_VIOLATION);
}

static bool wants_cookie(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_GATEWAY_COOKIE);
}

static bool is_not_allowed(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_GATEWAY_CAP);
}

static bool is_forbidden_host(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_GATEWAY_RAP);
}

static bool cannot_reach(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_GATEWAY_CANNOT_REACH);
}

static bool is_full(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_GATEWAY_FULL);
}

static bool is_failed(const struct why_result *r)
{
    return is_refusal(r, WHY_RULE_GATEWAY_FAILED);
}

/* Its part in TLS was over, and then there were no words. */
static bool is_closed(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return why_is_at_gateway(r) && v->phase > WHY_PHASE_GATEWAY_TLS &&
           (v->ending == WHY_END_FIN || v->ending == WHY_END_RESET ||
            v->ending == WHY_END_TIMEOUT || v->ending == WHY_END_NO_ROUTE ||
            v->ending == WHY_END_REFUSED || v->ending == WHY_END_NAME_NOT_FOUND);
}

static bool is_ended(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return is_refusal(r, WHY_RULE_GATEWAY_ENDED) ||
           (v->phase > WHY_PHASE_GATEWAY_CHANNEL && v->outcome == WHY_OUTCOME_ABORTED &&
            v->has_closer && v->closed_by == WHY_CLOSED_BY_GATEWAY);
}

static bool is_without_websocket(const struct why_result *r)
{
    return r->facts.gateway.no_websocket != 0 && r->facts.gateway.transport == 2;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* The server that it was to connect to: a redirection leads to another. */
static const char *goal(const struct host_results *h, const struct why_result *r, char *buf,
                        size_t len)
{
    const struct why_trace_head *head = r->trace != NULL ? why_trace_head(r->trace) : NULL;

    if (!why_is_hop(r) || head == NULL)
        return h->target->label;
    (void)snprintf(buf, len, strchr(head->host, ':') != NULL ? "[%s]:%u" : "%s:%u", head->host,
                   (unsigned)head->port);
    return buf;
}

static void add_gateway(struct finding_builder *b, const struct why_result *r)
{
    const struct why_gateway_facts *g = &r->facts.gateway;

    add_fact(b, "the gateway: %s%s%s%s", g->label, g->address != NULL ? " (" : "",
             g->address != NULL ? g->address : "", g->address != NULL ? ")" : "");
    if (g->computer != NULL)
        add_fact(b, "it says in NTLM that it is %s", g->computer);
    if (g->server != NULL)
        add_fact(b, "its HTTP responses say \"Server: %.100s\"", g->server);
}

/* What a finding of a gateway has: the verdicts, and which gateway it is. */
static const struct why_result *found(const struct host_results *h, struct finding_builder *b,
                                      result_test *test)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, test);

    if (r != NULL)
        add_gateway(b, r);
    return r;
}

/* What is wrong with the certificate, as conditions and as words; false: nothing that is known. */
static bool judge_certificate(const struct why_gateway_facts *g, uint64_t *conditions, char *buf,
                              size_t len)
{
    const struct why_certificate *c = &g->certificate;
    const struct {
        bool holds;
        uint64_t condition;
        const char *words;
    } rows[] = {
        {c->expired, WHY_IF(EXPIRED), "has expired"},
        {c->not_yet_valid, WHY_IF(EXPIRED), "is not yet valid"},
        {!c->name_matches, WHY_IF(OTHER_NAME), "is for another name"},
        {c->has_trust && c->trust == WHY_TRUST_SELF_SIGNED, WHY_IF(UNTRUSTED) | WHY_IF(SELF_SIGNED),
         "is self-signed, and this computer does not trust it"},
        {c->has_trust && c->trust == WHY_TRUST_CHAIN_EXPIRED, WHY_IF(UNTRUSTED),
         "leads to an authority whose own certificate is expired or not yet valid"},
        {c->has_trust && c->trust == WHY_TRUST_CHAIN_INVALID, WHY_IF(UNTRUSTED),
         "has a chain with a wrong signature or issuer"},
        {c->has_trust && c->trust == WHY_TRUST_UNKNOWN_ISSUER,
         WHY_IF(UNTRUSTED) | WHY_IF(CA_SIGNED), "leads to no authority that this computer trusts"},
    };
    size_t used = 0;

    buf[0] = '\0';
    for (size_t i = 0; g->has_certificate && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!rows[i].holds || used >= len)
            continue;
        *conditions |= rows[i].condition;
        used += (size_t)snprintf(buf + used, len - used, "%s%s", used > 0 ? ", and it " : "",
                                 rows[i].words);
    }
    return used > 0;
}

static void add_certificate(struct finding_builder *b, const struct why_certificate *c)
{
    char from[32], to[32], names[120] = "";
    size_t used = 0;

    why_date_words(c->not_before, from, sizeof(from));
    why_date_words(c->not_after, to, sizeof(to));
    for (size_t i = 0; i < c->name_count && used < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i > 0 ? ", " : "",
                                 c->names[i]);
    add_fact(b, "its certificate: %.60s, issued by %.60s, valid from %s to %s", c->subject,
             c->issuer, from, to);
    if (names[0] != '\0')
        add_fact(b, "it is for %s", names);
}

/* ---- before any logon ------------------------------------------------------------------------ */

static bool is_temporary(const struct why_result *r)
{
    return r->verdict.ending == WHY_END_TIMEOUT ||
           (r->verdict.has_code && r->verdict.code.value == EAI_AGAIN);
}

bool why_match_gateway_unreachable(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_out_of_reach);
    char buf[300];

    if (r == NULL)
        return false;
    if (r->verdict.phase == WHY_PHASE_RESOLVE)
        b->conditions |= is_temporary(r) ? WHY_IF(TEMPORARY) : WHY_IF(PERMANENT);
    else if (r->verdict.ending == WHY_END_REFUSED)
        b->conditions |= WHY_IF(CLOSED);
    if (r->verdict.phase == WHY_PHASE_RESOLVE)
        summarize(b, "The name of the RD Gateway %s cannot be resolved here, so %s was not asked",
                  r->facts.gateway.label, goal(h, r, buf, sizeof(buf)));
    else
        summarize(b, "The RD Gateway %s cannot be reached from here, so %s was not asked",
                  r->facts.gateway.label, goal(h, r, buf, sizeof(buf)));
    return true;
}

bool why_match_gateway_tls_fails(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_tls_failure);
    const struct why_code_row *alert;

    if (r == NULL)
        return false;
    alert = r->verdict.ending == WHY_END_TLS_ALERT && r->verdict.has_code
                ? why_code_lookup(r->verdict.code.space, r->verdict.code.value)
                : NULL;
    if (r->verdict.ending == WHY_END_PROTOCOL_VIOLATION)
        b->conditions |= WHY_IF(NOT_TLS);
    if (alert != NULL)
        summarize(b, "The TLS handshake with the RD Gateway %s fails: it sends the alert %s",
                  r->facts.gateway.label, alert->name);
    else
        summarize(b, "The TLS handshake with the RD Gateway %s fails", r->facts.gateway.label);
    return true;
}

/* It got past TLS, and no account was sent, which the certificate must have been good for. */
static bool is_past_tls(const struct why_result *r)
{
    return r->facts.gateway.has_certificate && !r->facts.gateway.logged_on &&
           (is_without_account(r) || r->verdict.outcome == WHY_OUTCOME_COMPLETED);
}

bool why_match_gateway_certificate(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_results_first(h, is_distrusted);
    bool stopped = r != NULL;
    char words[256];

    if (!stopped)
        r = why_results_first(h, is_past_tls);
    if (r == NULL ||
        (!judge_certificate(&r->facts.gateway, &b->conditions, words, sizeof(words)) && !stopped))
        return false;
    (void)why_finding_add_attempts(h, b, stopped ? is_distrusted : is_past_tls);
    add_gateway(b, r);
    if (r->facts.gateway.has_certificate)
        add_certificate(b, &r->facts.gateway.certificate);
    if (words[0] == '\0')
        (void)snprintf(words, sizeof(words), "is not good: %s",
                       stopped_for(r) + strlen(WHY_STOP_GATEWAY_CERTIFICATE));
    if (!stopped)
        b->finding->severity = WHY_SEVERITY_WARNING;
    summarize(b, "mstsc does not connect through the RD Gateway %s: its certificate %s%s",
              r->facts.gateway.label, words, stopped ? ". No account was sent" : "");
    return true;
}

bool why_match_not_a_gateway(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_none);
    const char *label;

    if (r == NULL)
        return false;
    label = r->facts.gateway.label;
    if (r->verdict.ending != WHY_END_GATEWAY_REFUSED)
        summarize(b, "%s does not answer as an RD Gateway does", label);
    else if (r->verdict.code.value >= REDIRECTED_FROM && r->verdict.code.value < REDIRECTED_BEFORE)
        summarize(b,
                  "%s sends the client to another address (HTTP status %d), which no RD Gateway "
                  "does",
                  label, (int)r->verdict.code.value);
    else
        summarize(b, "%s answers with HTTP status %d: there is no RD Gateway at that address",
                  label, (int)r->verdict.code.value);
    return true;
}

/* ---- the logon ------------------------------------------------------------------------------- */

static void add_schemes(struct finding_builder *b, const struct why_result *r)
{
    if (r->facts.gateway.schemes != NULL)
        add_fact(b, "it asks for a logon with: %.120s", r->facts.gateway.schemes);
}

bool why_match_gateway_logon(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, fails_to_log_on);
    const char *label;

    if (r == NULL)
        return false;
    label = r->facts.gateway.label;
    add_schemes(b, r);
    if (why_results_any(h, is_rejected)) {
        b->conditions |= WHY_IF(LOGON);
        summarize(b, "The RD Gateway %s rejected the account (HTTP status 401)", label);
    } else if (why_results_any(h, is_logon_unknown)) {
        b->conditions |= WHY_IF(NO_LOGON);
        summarize(b, "The RD Gateway %s asks for a logon that rdpwhy cannot make", label);
    } else {
        b->finding->severity = WHY_SEVERITY_WARNING;
        b->conditions |= WHY_IF(LOGON);
        summarize(b, "No account was sent to the RD Gateway %s: %s", label, stopped_for(r));
    }
    return true;
}

bool why_match_gateway_account_needed(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_without_account);
    char buf[300];

    if (r == NULL)
        return false;
    add_schemes(b, r);
    summarize(b,
              "The RD Gateway %s works up to its logon. Only an account can tell whether it "
              "connects to %s",
              r->facts.gateway.label, goal(h, r, buf, sizeof(buf)));
    return true;
}

/* ---- what it says no to ---------------------------------------------------------------------- */

bool why_match_gateway_cookie(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, wants_cookie);

    if (r == NULL)
        return false;
    summarize(b,
              "The RD Gateway %s wants a token of its own logon, which no RDP client has by "
              "itself",
              r->facts.gateway.label);
    return true;
}

bool why_match_gateway_cap(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_not_allowed);

    if (r == NULL)
        return false;
    if (r->verdict.code.space == WHY_SPACE_GATEWAY_HTTP) {
        b->conditions |= WHY_IF(HTTP_STATUS);
        summarize(b,
                  "The RD Gateway %s, or a device in front of it, forbids the connection (HTTP "
                  "status 403)",
                  r->facts.gateway.label);
    } else {
        summarize(b,
                  "The RD Gateway %s knows the account but does not let it connect: its "
                  "connection authorization policy (CAP) says no",
                  r->facts.gateway.label);
    }
    return true;
}

bool why_match_gateway_rap(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_forbidden_host);
    char buf[300];

    if (r == NULL)
        return false;
    summarize(b,
              "The RD Gateway %s does not let this account connect to %s: its resource "
              "authorization policy (RAP) says no",
              r->facts.gateway.label, goal(h, r, buf, sizeof(buf)));
    return true;
}

bool why_match_gateway_cannot_reach(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, cannot_reach);
    char buf[300];

    if (r == NULL)
        return false;
    summarize(b,
              "The RD Gateway %s allows the connection but cannot reach %s, or cannot resolve "
              "its name",
              r->facts.gateway.label, goal(h, r, buf, sizeof(buf)));
    return true;
}

bool why_match_gateway_full(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_full);

    if (r == NULL)
        return false;
    summarize(b, "The RD Gateway %s has as many connections as it is allowed",
              r->facts.gateway.label);
    return true;
}

bool why_match_gateway_failed(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_failed);
    const struct why_code_row *code;

    if (r == NULL)
        return false;
    code = why_code_lookup(r->verdict.code.space, r->verdict.code.value);
    if (r->verdict.code.space == WHY_SPACE_GATEWAY_HTTP)
        b->conditions |= WHY_IF(HTTP_STATUS);
    summarize(b, "The RD Gateway %s is in trouble itself: %s", r->facts.gateway.label,
              code != NULL ? code->meaning : "it names a code that rdpwhy does not know");
    return true;
}

bool why_match_gateway_closed(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_closed);

    if (r == NULL)
        return false;
    summarize(b, "The RD Gateway %s %s in the step %s, without a word of the reason",
              r->facts.gateway.label,
              r->verdict.ending == WHY_END_TIMEOUT ? "stops responding" : "ends the connection",
              why_phase_name(r->verdict.phase));
    return true;
}

/* ---- later ----------------------------------------------------------------------------------- */

bool why_match_gateway_ended(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = found(h, b, is_ended);
    const struct why_code_row *code;
    char buf[300];

    if (r == NULL)
        return false;
    code = r->verdict.ending == WHY_END_GATEWAY_REFUSED && r->verdict.has_code
               ? why_code_lookup(r->verdict.code.space, r->verdict.code.value)
               : NULL;
    summarize(b, "The RD Gateway %s ended the connection to %s%s%s", r->facts.gateway.label,
              goal(h, r, buf, sizeof(buf)), code != NULL ? ": " : " without a word of the reason",
              code != NULL ? code->meaning : "");
    return true;
}

bool why_match_gateway_no_websocket(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_attempts(h, b, is_without_websocket);

    if (r == NULL)
        return false;
    add_gateway(b, r);
    add_fact(b, "WebSocket was answered with HTTP status %u; two HTTP connections were granted",
             r->facts.gateway.no_websocket);
    summarize(b,
              "The RD Gateway %s grants no WebSocket from here: clients use its older HTTP "
              "transport, which some devices on the network path break",
              r->facts.gateway.label);
    return true;
}
