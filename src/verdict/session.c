/* SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <inttypes.h>
#include <stdio.h>

#include <rdpwhy/trace.h>

#include "base/text.h"

/* Sessions that a capture shows: that they were up, and how they ended. That is a remark: it is the
 * user who ends most of them. */

static const char *by_client(const struct why_event *cause)
{
    if ((cause->flags & WHY_EVENT_IN_DOUBT) != 0)
        return "; then it was closed, by which side was not captured";
    return (cause->flags & WHY_EVENT_BY_RESET) != 0 ? "; then the client reset the connection"
                                                    : "; then the client closed the connection";
}

static const char *ended(const struct trace_summary *c)
{
    const struct why_event *cause = c->cause;

    if (cause == NULL)
        return "; it was still up when the capture ended";
    switch (cause->kind) {
    case WHY_EV_CLOSE:
        return by_client(cause);
    case WHY_EV_FIN:
        return "; then the server closed the connection";
    case WHY_EV_RESET:
        return "; then the server reset the connection";
    default:
        return cause->dir == WHY_DIR_SENT ? "; then the client closed the connection"
                                          : "; then the server ended it with a TLS alert";
    }
}

/* The server's own words behind the handshake. */
static bool put_words(struct verdict_builder *b, size_t at)
{
    const struct trace_summary *c = b->summary;
    const struct why_event *reached = c->first[WHY_EV_REACHED];
    char words[128];

    if (!c->refused || (reached != NULL && c->refused_us < reached->t_us))
        return false;
    why_verdict_refusal_text(&c->refusal, words, sizeof(words));
    (void)snprintf(b->text + at, sizeof(b->text) - at, "; then the server sent %s", words);
    return true;
}

/* Nobody has, as long as it is up. */
static void set_closer(struct why_verdict *v, const struct why_event *cause)
{
    bool by_server =
        cause != NULL && (cause->kind == WHY_EV_FIN || cause->kind == WHY_EV_RESET ||
                          (cause->kind != WHY_EV_CLOSE && cause->dir == WHY_DIR_RECEIVED));

    v->has_closer = cause != NULL && (cause->flags & WHY_EVENT_IN_DOUBT) == 0;
    v->closed_by = by_server ? WHY_CLOSED_BY_SERVER : WHY_CLOSED_BY_CLIENT;
}

void why_verdict_session_end(struct verdict_builder *b, size_t at)
{
    const struct why_event *reached = b->summary->first[WHY_EV_REACHED], *cause = b->summary->cause;
    char took[32];

    set_closer(b->verdict, cause);
    if (reached == NULL)
        reached = b->summary->font_map;
    if (at >= sizeof(b->text))
        return;
    if (reached != NULL && cause != NULL) {
        why_duration_text(cause->t_us - reached->t_us, took, sizeof(took));
        at += (size_t)snprintf(b->text + at, sizeof(b->text) - at, "; the session lasted %s", took);
    }
    if (at >= sizeof(b->text))
        return;
    if (put_words(b, at))
        b->verdict->closed_by = WHY_CLOSED_BY_SERVER;
    else
        (void)snprintf(b->text + at, sizeof(b->text) - at, "%s", ended(b->summary));
}

void why_verdict_session(struct verdict_builder *b)
{
    const struct traffic *t = &b->summary->traffic;
    char took[32];
    int at;

    why_verdict_end(b, WHY_OUTCOME_COMPLETED, WHY_END_DONE, WHY_CLOSED_BY_CLIENT, b->text);
    b->verdict->phase = WHY_PHASE_ACTIVE;
    b->verdict->basis = WHY_BASIS_INFERRED;
    b->verdict->by_traffic = true;
    why_duration_text(t->last_us - t->first_us, took, sizeof(took));
    if (b->summary->output)
        at = snprintf(b->text, sizeof(b->text), "the server sent fast-path output");
    else if (!why_summary_is_session(b->summary))
        at = snprintf(b->text, sizeof(b->text),
                      "both sides' records have the sizes of the messages that end the handshake, "
                      "up to Font Map");
    else
        at = snprintf(b->text, sizeof(b->text),
                      "the server sent %" PRIu64 " bytes in %" PRIu64
                      " encrypted records over %s, more than any handshake has",
                      t->bytes[WHY_DIR_RECEIVED], t->records[WHY_DIR_RECEIVED], took);
    if (b->summary->output)
        b->verdict->basis = WHY_BASIS_SEEN;
    why_verdict_session_end(b, (size_t)at);
}
