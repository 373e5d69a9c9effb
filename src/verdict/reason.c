/* SPDX-License-Identifier: Apache-2.0 */
#include "reason.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/pdu.h>

#include "base/text.h"

/* What was expected of the server in a phase: what it did not do, and as a thing. */
static const struct {
    const char *doing, *thing;
} expected[] = {
#define WHY_PHASE(id, name, meaning, doing, thing) [WHY_PHASE_##id] = {doing, thing},
#include <rdpwhy/vocab.def>
};

/* One sentence per ending. %D: detail, %I: what it did not do, after "instead of", %W: the thing
 * expected, %C: the code, %M: its meaning. */
static const char *const sentences[WHY_END_COUNT] = {
    [WHY_END_DONE] = "The handshake got as far as requested",
    [WHY_END_STOP] = "Stopped on purpose: %D",
    [WHY_END_NAME_NOT_FOUND] = "The name could not be resolved: %D",
    [WHY_END_REFUSED] =
        "The TCP connection was refused: nothing listens there, or a firewall refuses it",
    [WHY_END_NO_ROUTE] = "The host cannot be reached: %D",
    [WHY_END_TIMEOUT] = "The server sent %D before the timeout (expected: %W)",
    [WHY_END_FIN] = "The server closed the connection instead of %I",
    [WHY_END_RESET] = "The connection was reset (expected: %W)",
    [WHY_END_PROXY_REFUSED] = "The proxy did not connect to the server: %C (%M)",
    [WHY_END_GATEWAY_REFUSED] = "The RD Gateway refused: %C (%M)",
    [WHY_END_NEGOTIATION_FAILURE] = "The server refused the offered security: %C (%M)",
    [WHY_END_TLS_ALERT] = "The server sent the TLS alert %C (%M)",
    [WHY_END_KERBEROS_ERROR] = "The Kerberos KDC refused (%D): %C (%M)",
    [WHY_END_KDC_UNREACHABLE] = "No Kerberos KDC answered: %D",
    [WHY_END_CREDSSP_ERROR] = "The server rejected the logon: %C (%M)",
    [WHY_END_ACCESS_DENIED] = "The logon was right, but access was denied: %C (%M)",
    [WHY_END_LICENSE_ERROR] = "The server ended licensing with %C (%M)",
    [WHY_END_ERROR_INFO] = "The server sent Set Error Info %C (%M)",
    [WHY_END_DISCONNECT_ULTIMATUM] = "The server sent a Disconnect Provider Ultimatum, %C (%M)",
    [WHY_END_REDIRECTED] = "The server redirects the client to another server: %D",
    [WHY_END_MCS_ERROR] = "The server refused the MCS request: %C (%M)",
    [WHY_END_X224_DISCONNECT] = "The server ended the connection with an %D",
    [WHY_END_PROTOCOL_VIOLATION] = "The server sent something that RDP does not allow there: %D",
    [WHY_END_CLIENT_ERROR] = "The attempt failed on this computer: %D",
    [WHY_END_CRASHED] = "A worker process of rdpwhy died: %D",
};

/* The same where the client of a capture has ended it. */
static const char *const client_sentences[WHY_END_COUNT] = {
    [WHY_END_TLS_ALERT] = "The client ended the connection with the TLS alert %C (%M)",
    [WHY_END_TIMEOUT] = "The server stopped responding and the client gave up (expected: %W)",
    [WHY_END_FIN] = "The client closed the connection while waiting for the server (expected: %W)",
    [WHY_END_RESET] = "The client reset the connection while waiting for the server (expected: %W)",
};

/* The same where it was the client's turn. */
static const char *const own_turn_sentences[WHY_END_COUNT] = {
    [WHY_END_FIN] = "The client closed the connection right after the TLS handshake: %D",
    [WHY_END_RESET] = "The client reset the connection right after the TLS handshake: %D",
};

/* Collects the sentence; in what comes from outside everything harmful is escaped. */
struct sentence {
    char *buf;
    size_t size, used;
};

static void put_char(struct sentence *s, char c)
{
    if (s->used + 1 < s->size)
        s->buf[s->used++] = c;
}

static void put_text(struct sentence *s, const char *text)
{
    char *shown = why_text_shown(text);

    for (const char *c = shown != NULL ? shown : "?"; *c != '\0'; c++)
        put_char(s, *c);
    free(shown);
}

/* A multi-byte character may have been cut at the end of the buffer. */
static void finish(struct sentence *s)
{
    size_t n = s->used, tail = 0;

    while (tail < n && ((unsigned char)s->buf[n - 1 - tail] & 0xc0) == 0x80)
        tail++;
    if (tail < n && s->used + 1 == s->size) {
        unsigned char lead = (unsigned char)s->buf[n - 1 - tail];
        size_t want = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;

        if (want != tail)
            n -= tail + (lead >= 0xc0 ? 1 : 0);
    }
    s->buf[n] = '\0';
}

static void put_code(struct sentence *s, const struct why_verdict *v)
{
    char number[32];

    if (!v->has_code)
        return;
    if (v->code.name != NULL) {
        put_text(s, v->code.name);
        put_char(s, ' ');
    }
    why_code_format(v->code.space, v->code.value, number, sizeof(number));
    put_text(s, number);
}

static void put_meaning(struct sentence *s, const struct why_verdict *v)
{
    const struct why_code_row *row =
        v->has_code ? why_code_lookup(v->code.space, v->code.value) : NULL;

    put_text(s, row != NULL && row->meaning[0] != '\0' ? row->meaning
                                                       : "a code that rdpwhy does not know");
}

static void put_expected(struct sentence *s, bool doing, const struct why_verdict *v)
{
    const char *text = NULL;

    if (!why_verdict_is_range(v)) {
        if (v->phase >= 0)
            text = doing ? expected[v->phase].doing : expected[v->phase].thing;
        put_text(s, text != NULL ? text : doing ? "answering" : "an answer");
        return;
    }
    put_text(s, doing ? "continuing, somewhere between " : "something between ");
    put_text(s, why_phase_name(v->phase));
    put_text(s, " and ");
    put_text(s, why_phase_name(v->phase_to));
    put_text(s, "; the captured data cannot be read");
}

static void put_field(struct sentence *s, char field, const struct why_verdict *v,
                      const char *detail)
{
    switch (field) {
    case 'C':
        put_code(s, v);
        break;
    case 'M':
        put_meaning(s, v);
        break;
    case 'R':
        put_text(s, why_phase_name(v->phase));
        put_text(s, " and ");
        put_text(s, why_phase_name(v->phase_to));
        break;
    case 'I':
    case 'W':
        put_expected(s, field == 'I', v);
        break;
    default:
        put_text(s, detail != NULL && detail[0] != '\0' ? detail : "no details");
        break;
    }
}

/* The same where a capture does not tell which side has ended it. */
static const char *const open_sentences[WHY_END_COUNT] = {
    [WHY_END_FIN] =
        "The connection was closed; the capture does not show by which side (expected: %W)",
    [WHY_END_RESET] =
        "The connection was reset; the capture does not show by which side (expected: %W)",
};

/* The same where a capture does not even tell whether the session was up. */
#define BETWEEN                                                                                    \
    "somewhere between %R; the captured data cannot be read, and whether the session was up "      \
    "cannot be told"
static const char *const range_sentences[WHY_END_COUNT][2] = {
    [WHY_END_FIN] = {"The server closed the connection, " BETWEEN,
                     "The client closed the connection, " BETWEEN},
    [WHY_END_RESET] = {"The server reset the connection, " BETWEEN,
                       "The client reset the connection, " BETWEEN},
};

/* The same behind Font Map. */
static const char *const active_sentences[WHY_END_COUNT] = {
    [WHY_END_FIN] = "The server closed the connection right after the handshake",
    [WHY_END_RESET] = "The connection was reset right after the handshake",
};

/* The same of a proxy, before it is connected to the server. */
static const char *const proxy_sentences[WHY_END_COUNT] = {
    [WHY_END_NAME_NOT_FOUND] = "The name of the proxy could not be resolved: %D",
    [WHY_END_REFUSED] =
        "The proxy refused the TCP connection: nothing listens there, or a firewall refuses it",
    [WHY_END_NO_ROUTE] = "The proxy cannot be reached: %D",
    [WHY_END_TIMEOUT] = "The proxy did not answer before the timeout (expected: %W)",
    [WHY_END_FIN] = "The proxy closed the connection instead of %I",
    [WHY_END_RESET] = "The proxy reset the connection (expected: %W)",
    [WHY_END_PROTOCOL_VIOLATION] = "The proxy's answer is not that of such a proxy: %D",
};
#define PROXY_TALKS "The proxy did not connect to the server: %C (%M; it says: %D)"
/* The same of an RD Gateway, before it is connected to the server. */
static const char *const gateway_sentences[WHY_END_COUNT] = {
    [WHY_END_NAME_NOT_FOUND] = "The name of the RD Gateway could not be resolved: %D",
    [WHY_END_REFUSED] =
        "The RD Gateway refused the TCP connection: nothing listens, or a firewall refuses it",
    [WHY_END_NO_ROUTE] = "The RD Gateway cannot be reached: %D",
    [WHY_END_TIMEOUT] = "The RD Gateway did not answer before the timeout (expected: %W)",
    [WHY_END_FIN] = "The RD Gateway closed the connection instead of %I",
    [WHY_END_RESET] = "The RD Gateway reset the connection (expected: %W)",
    [WHY_END_TLS_ALERT] = "The RD Gateway sent the TLS alert %C (%M)",
    [WHY_END_PROTOCOL_VIOLATION] = "What came is not what an RD Gateway sends: %D",
};
#define GATEWAY_TLS_FAILED  "The TLS handshake with the RD Gateway failed: %D"
#define GATEWAY_SAYS_STATUS "The RD Gateway answered with the HTTP status %C (%M)"
#define GATEWAY_REJECTS     "The RD Gateway rejected the account: HTTP status %C"
#define GATEWAY_SAYS_CLOSE  "The RD Gateway closed the WebSocket connection: %C (%M)"

/* The same later: what the server had to say did not come any more. */
static const char *const gateway_later_sentences[WHY_END_COUNT] = {
    [WHY_END_FIN] = "The RD Gateway closed the connection (expected from the server: %W)",
    [WHY_END_RESET] = "The RD Gateway reset the connection (expected from the server: %W)",
    [WHY_END_GATEWAY_REFUSED] = "The RD Gateway ended the connection to the server: %C (%M)",
};

/* The same of a session that was watched. */
static const char *const session_sentences[WHY_END_COUNT] = {
    [WHY_END_FIN] = "The session began, and then the server closed the connection",
    [WHY_END_RESET] = "The session began, and then the connection was reset",
};

/* The same where the server named no code. */
static const char *const codeless_sentences[WHY_END_COUNT] = {
    [WHY_END_CREDSSP_ERROR] = "The server refused the CredSSP exchange: %D",
    [WHY_END_MCS_ERROR] = "The server refused the MCS request: %D",
    [WHY_END_PROXY_REFUSED] = "The proxy rejected its user or password: %D",
    [WHY_END_TLS_ALERT] =
        "The server ended the connection with a TLS alert that cannot be read (expected: %W)",
};

/* The same before TCP was up. */
#define LOOK_UP_TIMEOUT "The name servers did not answer before the timeout"
#define DIAL_TIMEOUT    "The server did not answer the TCP connection request before the timeout"

/* It was the system that waited no longer. */
#define NETWORK_TIMEOUT "The network timed out (%D; expected: %W)"

#define REMARKED "The handshake got as far as requested%D"

/* Of a capture. */
#define SESSION_RAN "The session was up: %D"

/* No decoder here knows better than the library that gave up. */
#define UNTAKEN "libfreerdp rejected what the server sent (%D) and does not say why"

/* No account had been sent: it is not what the server objects to. */
#define BEFORE_LOGON "The server ended CredSSP before any account was sent: %C (%M)"

/* What a redirection brought for the logon was not accepted. */
#define NOT_AS_REDIRECTED "The server rejected the logon with what the redirection brought: %C (%M)"

static const char *timeout_sentence(const struct why_verdict *v)
{
    if (v->phase == WHY_PHASE_RESOLVE)
        return LOOK_UP_TIMEOUT;
    if (v->phase == WHY_PHASE_CONNECT)
        return DIAL_TIMEOUT;
    return v->closed_by == WHY_CLOSED_BY_NETWORK ? NETWORK_TIMEOUT : sentences[WHY_END_TIMEOUT];
}

static const char *gateway_refusal(const struct why_verdict *v, const struct why_facts *facts)
{
    switch (v->code.space) {
    case WHY_SPACE_GATEWAY_HTTP:
        return v->code.value == 401 && facts->gateway.logged_on ? GATEWAY_REJECTS
                                                                : GATEWAY_SAYS_STATUS;
    case WHY_SPACE_WEBSOCKET:
        return GATEWAY_SAYS_CLOSE;
    default:
        return sentences[WHY_END_GATEWAY_REFUSED];
    }
}

/* NULL: the gateway had no part in it, or it is told as everybody's. */
static const char *gateway_sentence(const struct why_verdict *v, const struct why_facts *facts)
{
    if (facts->gateway.label == NULL || v->phase < 0 || v->phase == WHY_PHASE_PROXY)
        return NULL;
    if (v->phase > WHY_PHASE_GATEWAY_CHANNEL)
        return v->has_closer && v->closed_by == WHY_CLOSED_BY_GATEWAY
                   ? gateway_later_sentences[v->ending]
                   : NULL;
    if (v->outcome != WHY_OUTCOME_UNREACHABLE ||
        (v->phase == WHY_PHASE_RESOLVE && v->ending == WHY_END_TIMEOUT))
        return NULL;
    if (v->ending == WHY_END_GATEWAY_REFUSED)
        return gateway_refusal(v, facts);
    if (v->phase == WHY_PHASE_GATEWAY_TLS && v->ending == WHY_END_PROTOCOL_VIOLATION)
        return GATEWAY_TLS_FAILED;
    return gateway_sentences[v->ending];
}

static const char *sentence_of(const struct why_verdict *v, const struct why_facts *facts,
                               const char *detail)
{
    if (v->outcome == WHY_OUTCOME_SKIPPED)
        return "Not tried: %D";
    if (v->outcome == WHY_OUTCOME_STOPPED && !v->has_closer)
        return "No end was seen: %D";
    if (v->outcome == WHY_OUTCOME_ABORTED && !v->has_closer && open_sentences[v->ending] != NULL)
        return open_sentences[v->ending];
    if (v->basis == WHY_BASIS_OPEN && v->has_closer && range_sentences[v->ending][0] != NULL)
        return range_sentences[v->ending][v->closed_by == WHY_CLOSED_BY_CLIENT];
    if (v->has_closer && v->closed_by == WHY_CLOSED_BY_CLIENT && detail != NULL &&
        own_turn_sentences[v->ending] != NULL)
        return own_turn_sentences[v->ending];
    if (gateway_sentence(v, facts) != NULL)
        return gateway_sentence(v, facts);
    if (v->phase == WHY_PHASE_PROXY && proxy_sentences[v->ending] != NULL)
        return proxy_sentences[v->ending];
    if (v->ending == WHY_END_PROXY_REFUSED && v->has_code && detail != NULL)
        return PROXY_TALKS;
    if (v->has_closer && v->closed_by == WHY_CLOSED_BY_CLIENT &&
        client_sentences[v->ending] != NULL)
        return client_sentences[v->ending];
    if (v->ending == WHY_END_DONE && v->by_traffic)
        return SESSION_RAN;
    if (v->ending == WHY_END_DONE && detail != NULL && detail[0] != '\0')
        return REMARKED;
    if (v->untaken)
        return UNTAKEN;
    if (v->phase == WHY_PHASE_SESSION && session_sentences[v->ending] != NULL)
        return session_sentences[v->ending];
    if (v->phase == WHY_PHASE_ACTIVE && active_sentences[v->ending] != NULL)
        return active_sentences[v->ending];
    if (v->has_code && v->code.space == WHY_SPACE_RDSTLS)
        return NOT_AS_REDIRECTED;
    if (!v->has_code && codeless_sentences[v->ending] != NULL)
        return codeless_sentences[v->ending];
    if (v->ending == WHY_END_CREDSSP_ERROR && !facts->account_sent)
        return BEFORE_LOGON;
    return v->ending == WHY_END_TIMEOUT ? timeout_sentence(v) : sentences[v->ending];
}

/* Which of the servers it was that the redirections led to. */
static void put_hop(struct sentence *s, const struct why_trace_head *head)
{
    char text[48];

    (void)snprintf(text, sizeof(text), "After %u redirection%s, at ", head->hop,
                   head->hop == 1 ? "" : "s");
    put_text(s, text);
    put_text(s, head->host);
    (void)snprintf(text, sizeof(text), ":%u: ", (unsigned)head->port);
    put_text(s, text);
}

/* What a capture shows, or does not, of the client's first words. */
static const char *remark_of(const struct why_verdict *v, const struct why_facts *facts)
{
    if (facts->capture == NULL || facts->address == NULL || facts->has_request)
        return "";
    if (facts->has_source || (facts->bytes_sent == 0 && v->basis == WHY_BASIS_OPEN))
        return "; the client's X.224 Connection Request is not in the capture, or only in part";
    return facts->bytes_sent == 0 ? "; the client had sent nothing" : "";
}

void why_reason_write(struct why_verdict *verdict, const struct why_trace_head *head,
                      const struct why_facts *facts, const char *detail)
{
    struct sentence s = {.buf = verdict->reason, .size = sizeof(verdict->reason)};
    const char *p = sentence_of(verdict, facts, detail);

    if (head->hop > 0)
        put_hop(&s, head);
    for (; *p != '\0'; p++) {
        if (p[0] == '%' && p[1] != '\0')
            put_field(&s, *++p, verdict, detail);
        else
            put_char(&s, *p);
    }
    if (facts->other_protocol != NULL && verdict->ending == WHY_END_PROTOCOL_VIOLATION) {
        put_text(&s, "; it looks like ");
        put_text(&s, facts->other_protocol);
    }
    put_text(&s, remark_of(verdict, facts));
    put_char(&s, '.');
    finish(&s);
}
