/* SPDX-License-Identifier: Apache-2.0 */
#include "html_events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/pdu.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "base/grow.h"
#include "progress/reading.h"
#include "wire/tsgu.h"

/* What happened, as rows of a sequence chart. */

#define FIRST_ROWS 400 /* of an exchange with more than both together the middle is left out */
#define LAST_ROWS  100

#define HAS_SIZE  1u
#define HAS_TEXT  2u
#define IS_END    4u  /* it ends the handshake or tells that it has ended */
#define IS_GOAL   8u  /* what was asked for was reached */
#define IS_MANY   16u /* it stands for several records */
#define IS_OPAQUE 32u /* what passed is not known */

#define NO_PHASE WHY_PHASE_NONE /* that of the event before; of a row: it cannot be known */

/* How an event that is neither PDU nor record is told; without a name it is not. */
static const struct told {
    const char *who;
    const char *name;
    enum why_phase phase;
    unsigned flags;
} told[WHY_EV_KIND_COUNT] = {
    [WHY_EV_RESOLVE] = {"", "name resolution", WHY_PHASE_RESOLVE, 0},
    [WHY_EV_RESOLVED] = {"", "name resolved", WHY_PHASE_RESOLVE, 0},
    [WHY_EV_RESOLVE_FAILED] = {"", "name not resolved", WHY_PHASE_RESOLVE, IS_END},
    [WHY_EV_DIAL] = {">", "TCP connect", WHY_PHASE_CONNECT, 0},
    [WHY_EV_DIAL_FAILED] = {"", "TCP connect failed", WHY_PHASE_CONNECT, IS_END},
    [WHY_EV_CONNECTED] = {"<", "TCP connected", WHY_PHASE_CONNECT, 0},
    [WHY_EV_PROXY] = {"", "proxy", NO_PHASE, 0},
    [WHY_EV_PROXY_REQUEST] = {">", "request to the proxy", WHY_PHASE_PROXY, 0},
    [WHY_EV_PROXY_DONE] = {"<", "the proxy is connected", WHY_PHASE_PROXY, 0},
    [WHY_EV_PROXY_SOCKS] = {"<", "the proxy refused", WHY_PHASE_PROXY, IS_END},
    [WHY_EV_PROXY_HTTP] = {"<", "the proxy refused", WHY_PHASE_PROXY, IS_END},
    [WHY_EV_PROXY_ACCOUNT] = {"<", "the proxy rejected the account", WHY_PHASE_PROXY, IS_END},
    [WHY_EV_PROXY_FAILED] = {"<", "no proxy's answer", WHY_PHASE_PROXY, IS_END},
    [WHY_EV_GATEWAY] = {"", "RD Gateway", NO_PHASE, 0},
    [WHY_EV_GATEWAY_TLS_ALERT] = {"<", "TLS alert of the gateway", WHY_PHASE_GATEWAY_TLS, IS_END},
    [WHY_EV_GATEWAY_TLS_ERROR] = {"", "TLS with the gateway failed", WHY_PHASE_GATEWAY_TLS, IS_END},
    [WHY_EV_GATEWAY_TLS_DONE] = {"", "TLS with the gateway is up", WHY_PHASE_GATEWAY_TLS, 0},
    [WHY_EV_GATEWAY_HTTP] = {"<", "HTTP", WHY_PHASE_GATEWAY_HTTP, 0},
    [WHY_EV_GATEWAY_LOGON] = {"", "credentials used at the gateway", WHY_PHASE_GATEWAY_HTTP, 0},
    [WHY_EV_GATEWAY_OPEN] = {"<", "the gateway takes packets", WHY_PHASE_GATEWAY_HTTP, 0},
    [WHY_EV_GATEWAY_PACKET] = {"<", "packet", NO_PHASE, HAS_SIZE},
    [WHY_EV_GATEWAY_GOODBYE] = {"<", "WebSocket: Close", NO_PHASE, IS_END},
    [WHY_EV_GATEWAY_FAILED] = {"<", "no gateway's answer", NO_PHASE, IS_END},
    [WHY_EV_FILE] = {"", "setting of the .rdp file", NO_PHASE, 0},
    [WHY_EV_TLS_ALERT] = {"<", "TLS alert seen", NO_PHASE, IS_END},
    [WHY_EV_TLS_ERROR] = {"", "TLS failed", WHY_PHASE_TLS, IS_END},
    [WHY_EV_TLS_DONE] = {"", "TLS is up", WHY_PHASE_TLS, 0},
    [WHY_EV_PARTIAL] = {"<", "part of a PDU", NO_PHASE, HAS_SIZE | IS_END},
    [WHY_EV_LIBRARY_ERROR] = {"", "libfreerdp error", NO_PHASE, 0},
    [WHY_EV_KERBEROS_START] = {"", "Kerberos begins", WHY_PHASE_KERBEROS, 0},
    [WHY_EV_KDC] = {"", "KDC found", WHY_PHASE_KERBEROS, 0},
    [WHY_EV_KDC_PROOF] = {"", "password proven to the KDC next", WHY_PHASE_KERBEROS, 0},
    [WHY_EV_KDC_REQUEST] = {">", "request to the KDC", WHY_PHASE_KERBEROS, 0},
    [WHY_EV_KDC_ERROR] = {"<", "KRB-ERROR", WHY_PHASE_KERBEROS, 0},
    [WHY_EV_KDC_TICKET] = {"<", "ticket", WHY_PHASE_KERBEROS, 0},
    [WHY_EV_KDC_STATUS] = {"<", "NTSTATUS of the domain controller", WHY_PHASE_KERBEROS, 0},
    [WHY_EV_KERBEROS_DONE] = {"", "all tickets are there", WHY_PHASE_KERBEROS, 0},
    [WHY_EV_KERBEROS_REFUSED] = {"", "no ticket: the KDC refused", WHY_PHASE_KERBEROS, IS_END},
    [WHY_EV_KERBEROS_FAILED] = {"", "no ticket: failed on this computer", WHY_PHASE_KERBEROS,
                                IS_END},
    [WHY_EV_KDC_FAILED] = {"", "no KDC answered", WHY_PHASE_KERBEROS, IS_END},
    [WHY_EV_KERBEROS_GIVEN_UP] = {"", "NTLM is offered instead", NO_PHASE, 0},
    [WHY_EV_AUTHENTICATION] = {"", "credentials used", NO_PHASE, 0},
    [WHY_EV_REDIAL_REFUSED] = {"", "second connection not allowed", NO_PHASE, 0},
    [WHY_EV_FIN] = {"<", "FIN: connection closed", NO_PHASE, IS_END},
    [WHY_EV_RESET] = {"<", "RST: connection reset", NO_PHASE, IS_END},
    [WHY_EV_NET_ERROR] = {"", "network error", NO_PHASE, IS_END},
    [WHY_EV_DEADLINE] = {"", "timeout", NO_PHASE, IS_END},
    [WHY_EV_CANCELLED] = {"", "cancelled by the user", NO_PHASE, IS_END},
    [WHY_EV_REACHED] = {"", "phase reached", NO_PHASE, IS_GOAL},
    [WHY_EV_STOP] = {"", "stopped on purpose", NO_PHASE, IS_GOAL},
    [WHY_EV_SKIPPED] = {"", "not tried", NO_PHASE, 0},
    [WHY_EV_FAILED] = {"", "failed on this computer", NO_PHASE, IS_END},
    [WHY_EV_CLOSE] = {">", "connection closed", NO_PHASE, 0},
    [WHY_EV_CRASHED] = {"", "worker process died", NO_PHASE, IS_END},
    [WHY_EV_PICTURE] = {"<", "picture", WHY_PHASE_SESSION, 0},
    [WHY_EV_SCREEN_TEXT] = {"<", "text on the screen", WHY_PHASE_SESSION, 0},
    [WHY_EV_DRAWING_ENDED] = {"", "the picture is incomplete", WHY_PHASE_SESSION, 0},
    [WHY_EV_SCREENSHOT] = {"", "screenshot written", WHY_PHASE_SESSION, 0},
    [WHY_EV_UDP] = {"<", "RDP over UDP", NO_PHASE, 0},
};

struct row {
    const char *who, *name;
    enum why_phase phase;
    unsigned flags;
    uint64_t t_us;
    size_t size;
    uint64_t count; /* of records that cannot be read; 0: none */
    char text[96];  /* cut there */
};

struct rows {
    struct row *items; /* owned */
    size_t count, capacity;
    size_t known; /* behind the last whose own phase is known */
    bool failed;
    const struct why_verdict *verdict;
    bool other_client; /* of a capture that somebody else took */
};

static struct row *add_row(struct rows *rows, const struct why_event *event, const char *who,
                           const char *name)
{
    if (!why_grow(&rows->items, &rows->capacity, rows->count + 1, sizeof(*rows->items))) {
        rows->failed = true;
        return NULL;
    }
    rows->items[rows->count] =
        (struct row){.who = who, .name = name, .t_us = event->t_us, .phase = NO_PHASE};
    if (rows->count > 0)
        rows->items[rows->count].phase = rows->items[rows->count - 1].phase;
    return &rows->items[rows->count++];
}

static void set_phase(struct rows *rows, struct row *row, enum why_phase phase)
{
    row->phase = phase;
    rows->known = rows->count;
}

static void set_text(struct row *row, const char *text)
{
    snprintf(row->text, sizeof(row->text), "%s", text ? text : "");
    if (*row->text)
        row->flags |= HAS_TEXT;
}

static void tell_alert(struct row *row, const struct why_event *event)
{
    const struct why_code_row *code = why_code_lookup(WHY_SPACE_TLS_ALERT, event->value & 0xFF);

    row->who = event->dir == WHY_DIR_SENT ? ">" : "<";
    if (code)
        set_text(row, code->name);
}

/* A packet with which a phase of the gateway begins or ends; NONE: any other. */
static enum why_phase phase_of_packet(int64_t type)
{
    switch (type) {
    case WHY_TSGU_HANDSHAKE_REQUEST:
    case WHY_TSGU_HANDSHAKE_RESPONSE:
        return WHY_PHASE_GATEWAY_HANDSHAKE;
    case WHY_TSGU_TUNNEL_CREATE:
    case WHY_TSGU_TUNNEL_RESPONSE:
        return WHY_PHASE_GATEWAY_TUNNEL;
    case WHY_TSGU_TUNNEL_AUTH:
    case WHY_TSGU_TUNNEL_AUTH_RESPONSE:
        return WHY_PHASE_GATEWAY_AUTHORIZATION;
    case WHY_TSGU_CHANNEL_CREATE:
    case WHY_TSGU_CHANNEL_RESPONSE:
        return WHY_PHASE_GATEWAY_CHANNEL;
    default:
        return NO_PHASE;
    }
}

static void tell_gateway(struct rows *rows, struct row *row, const struct why_event *event)
{
    if (event->dir == WHY_DIR_SENT)
        row->who = ">";
    if (event->kind != WHY_EV_GATEWAY_PACKET)
        return;
    if (why_tsgu_name((enum why_tsgu_type)event->value) != NULL) {
        row->name = why_tsgu_name((enum why_tsgu_type)event->value);
        row->flags &= ~HAS_TEXT;
        row->text[0] = '\0';
    }
    if (phase_of_packet(event->value) != NO_PHASE)
        set_phase(rows, row, phase_of_packet(event->value));
}

/* Of a capture: the client closes the connection, which nobody stops. */
static void put_other_client(struct row *row, const struct why_event *event)
{
    if ((event->flags & WHY_EVENT_CUT_OFF) != 0) {
        row->name = "end not seen";
        row->flags &= ~IS_GOAL;
    }
    if (event->kind != WHY_EV_CLOSE)
        return;
    row->flags |= IS_END;
    if ((event->flags & WHY_EVENT_BY_RESET) != 0)
        row->name = "RST: connection reset";
    if ((event->flags & WHY_EVENT_IN_DOUBT) != 0)
        row->who = ""; /* or the server did so */
}

static void tell_event(struct rows *rows, const struct why_event *event)
{
    const struct told *as = &told[event->kind];
    struct row *row = as->name ? add_row(rows, event, as->who, as->name) : NULL;

    if (!row)
        return;
    if (as->phase != NO_PHASE)
        set_phase(rows, row, as->phase);
    row->flags = as->flags;
    row->size = event->wire_len;
    set_text(row, event->text);
    if (event->kind == WHY_EV_TLS_ALERT || event->kind == WHY_EV_GATEWAY_TLS_ALERT)
        tell_alert(row, event);
    if (event->kind == WHY_EV_GATEWAY_HTTP || event->kind == WHY_EV_GATEWAY_PACKET ||
        event->kind == WHY_EV_GATEWAY_GOODBYE || event->kind == WHY_EV_GATEWAY_TLS_ALERT)
        tell_gateway(rows, row, event);
    if (event->kind == WHY_EV_UDP && event->dir == WHY_DIR_SENT)
        row->who = ">";
    if ((event->flags & WHY_EVENT_WRITING) != 0)
        row->name = "sending failed";
    if (rows->other_client)
        put_other_client(row, event);
    if (event->kind == WHY_EV_REACHED)
        set_text(row, why_phase_name((enum why_phase)event->value));
}

static const char opaque_name[] = "unreadable data";

/* Records of one direction in a row are one row, unless something is known of one of them. */
static void tell_opaque(struct rows *rows, const struct why_event *event)
{
    const char *who = event->dir == WHY_DIR_SENT ? ">" : "<";
    struct row *row = rows->count > 0 ? &rows->items[rows->count - 1] : NULL;
    bool goes_on = row && row->name == opaque_name && *row->who == *who &&
                   !(row->flags & HAS_TEXT) && !event->text;

    if (!goes_on) {
        row = add_row(rows, event, who, opaque_name);
        if (!row)
            return;
        row->flags = HAS_SIZE | IS_OPAQUE;
        set_text(row, event->text);
    }
    row->size += event->wire_len;
    row->count += event->value > 0 ? (uint64_t)event->value : 1;
    if (row->count > 1)
        row->flags |= IS_MANY;
}

static void tell_lost(struct rows *rows, const struct why_event *event)
{
    struct row *row = add_row(rows, event, "",
                              event->dir == WHY_DIR_SENT ? "gap in what the client sent"
                                                         : "gap in what the server sent");
    char bytes[48] = "", text[sizeof(row->text)];

    if (!row)
        return;
    if (event->value > 0)
        snprintf(bytes, sizeof(bytes), "%" PRId64 " byte%s: ", event->value,
                 event->value == 1 ? "" : "s");
    snprintf(text, sizeof(text), "(%s%s)", bytes, event->text ? event->text : "not captured");
    row->flags = IS_OPAQUE;
    set_text(row, text);
}

static void tell_pdu(struct rows *rows, const struct why_event *event,
                     const struct why_read_pdu *pdu, bool first)
{
    const struct why_pdu_info *info = why_pdu_info(pdu->type);
    struct row *row = add_row(rows, event, event->dir == WHY_DIR_SENT ? ">" : "<", info->name);

    if (!row)
        return;
    if (info->phase != WHY_PHASE_NONE)
        set_phase(rows, row, info->phase);
    else if (event->kind == WHY_EV_TLS_RECORD)
        set_phase(rows, row, WHY_PHASE_TLS);
    if (first) { /* the bytes are those of all PDUs in it */
        row->flags |= HAS_SIZE;
        row->size = event->wire_len;
    }
    if (info->role == WHY_ROLE_ERROR && event->dir == WHY_DIR_RECEIVED)
        row->flags |= IS_END;
    set_text(row, pdu->problem);
}

static void collect(struct rows *rows, const struct why_result *result)
{
    size_t count = result->trace ? why_trace_count(result->trace) : 0;

    for (size_t i = 0; i < count && !rows->failed; i++) {
        const struct why_event *event = why_trace_at(result->trace, i);
        size_t pdu_count;
        const struct why_read_pdu *pdus = why_reading_of(result->reading, i, &pdu_count);

        for (size_t k = 0; k < pdu_count && !rows->failed; k++)
            tell_pdu(rows, event, &pdus[k], k == 0);
        if (pdus)
            continue;
        if (event->kind == WHY_EV_OPAQUE)
            tell_opaque(rows, event);
        else if (event->kind == WHY_EV_LOST)
            tell_lost(rows, event);
        else
            tell_event(rows, event);
    }
}

/* What cannot be read is in no phase that was confirmed before it, unless something after it tells
 * that it is; nor is what follows. */
static void lose_phases(struct rows *rows)
{
    size_t i = rows->known;

    while (i < rows->count && !(rows->items[i].flags & IS_OPAQUE))
        i++;
    for (; why_verdict_is_range(rows->verdict) && i < rows->count; i++) {
        if (rows->items[i].phase <= rows->verdict->phase)
            rows->items[i].phase = NO_PHASE;
    }
}

struct columns {
    json_t *events, *at, *size, *text, *many;
    uint64_t before_us;
};

static void put_row(struct why_json_builder *b, struct columns *to, const struct row *row)
{
    json_t *event = why_json_build_array(b);

    why_json_add_text(b, event, row->who);
    why_json_add_text(b, event, row->name);
    why_json_add(b, event, json_integer(row->phase));
    why_json_add(b, event, json_integer(row->flags));
    why_json_add(b, to->events, event);
    why_json_add(b, to->at, json_integer((json_int_t)(row->t_us - to->before_us)));
    to->before_us = row->t_us;
    if (row->flags & HAS_SIZE)
        why_json_add(b, to->size, json_integer((json_int_t)row->size));
    if (row->flags & HAS_TEXT)
        why_json_add(b, to->text, why_json_prose(b, row->text));
    if (row->flags & IS_MANY)
        why_json_add(b, to->many, json_integer((json_int_t)row->count));
}

static json_t *cut_mark(struct why_json_builder *b, size_t rows)
{
    json_t *cut = why_json_build_array(b);

    why_json_add(b, cut, json_integer(FIRST_ROWS));
    why_json_add(b, cut, json_integer((json_int_t)(rows - FIRST_ROWS - LAST_ROWS)));
    return cut;
}

/* Takes the columns. */
static void put_columns(struct html_writer *writer, struct why_json_builder *b, json_t *attempt,
                        const struct columns *columns, uint64_t allowance)
{
    json_t *exchange = why_json_build_object(b);

    why_json_put_filled(b, exchange, "events", columns->events);
    why_json_put_filled(b, exchange, "text", columns->text);
    why_json_put_filled(b, exchange, "size", columns->size);
    why_json_put_filled(b, exchange, "many", columns->many);
    why_json_put_filled(b, exchange, "at", columns->at);
    if (why_html_cost(writer, exchange) <= allowance) {
        why_json_put_filled(b, attempt, "exchange", exchange);
        return;
    }
    json_decref(exchange);
    why_json_put_bool(b, attempt, "no_exchange", true);
}

void why_html_events(struct html_writer *writer, struct why_json_builder *b, json_t *attempt,
                     const struct why_result *result, uint64_t allowance)
{
    const struct why_trace_head *head = result->trace ? why_trace_head(result->trace) : NULL;
    struct rows rows = {
        .items = NULL, .verdict = &result->verdict, .other_client = head && !head->library};
    struct columns columns = {why_json_build_array(b), why_json_build_array(b),
                              why_json_build_array(b), why_json_build_array(b),
                              why_json_build_array(b), 0};
    bool cut;

    if (allowance > 0)
        collect(&rows, result);
    lose_phases(&rows);
    cut = rows.count > FIRST_ROWS + LAST_ROWS;
    for (size_t i = 0; i < rows.count; i++) {
        if (cut && i == FIRST_ROWS)
            i = rows.count - LAST_ROWS;
        put_row(b, &columns, &rows.items[i]);
    }
    if (cut)
        why_json_put(b, attempt, "cut", cut_mark(b, rows.count));
    b->failed |= rows.failed;
    put_columns(writer, b, attempt, &columns, allowance);
    free(rows.items);
}
