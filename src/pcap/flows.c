/* SPDX-License-Identifier: Apache-2.0 */
#include "flows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/status.h>

#include "base/map.h"
#include "record/buffer.h"

#include "doors.h"
#include "front.h"
#include "held.h"
#include "recognize.h"
#include "session.h"
#include "stream.h"
#include "tunnel.h"
#include "udp.h"

#define FLOWS_MAX 50000u /* open at once; beyond it the one that was quiet longest is ended */
#define HEAD_MAX  2048u  /* bytes that are kept until it is known whether this is RDP */
#define UNKNOWN   (-1)

#define LINGER_US 120000000u  /* for what may still come of a connection that is over */
#define IDLE_US   7200000000u /* two hours: the usual keep-alive's first probe is due */

static const char still_open[] = "the capture ends while the connection is open";
static const char not_captured[] = "nothing that this side sent was captured";
static const char evicted[] = "the connection was idle for too long to be followed";

enum flow_state {
    FLOW_NEW,  /* not known yet what it is */
    FLOW_RDP,  /* has a session */
    FLOW_OVER, /* had one, or is of no interest */
};

/* Compared as bytes: padding is zero. */
struct flow_key {
    struct endpoint ends[2];
    bool v6;
};

struct flow {
    struct flow *older, *younger; /* by the last packet */
    struct flow_key key;
    enum flow_state state;
    int client; /* which of the ends; UNKNOWN */
    bool has_syn, connected;
    bool spoke; /* the client sent more than requests for the connection */
    unsigned requests;
    uint32_t syn;
    uint64_t began_us, connected_us, last_us;
    uint64_t number; /* of the last packet, in its file */
    struct stream stream;
    struct why_buffer heads[2];
    /* Of what an end sent at first something is missing. */
    struct {
        bool on;
        uint64_t count;
        const char *why;
    } lost_heads[2];
    /* FINs that came before it was known what it is, in order. */
    struct early_close {
        int end;
        enum stream_close how;
        uint64_t t_us, number;
    } closes[2];
    unsigned close_count;
    struct session *session;
    struct leg *leg;        /* in place of a session: it leads, or may lead, to an RD Gateway */
    bool ended_trace;       /* and a trace was handed out with it */
    uint64_t ordinal;       /* of the RDP connection; 0: it is none, as far as is known */
    bool has_lost[2];       /* bytes of that end are missing */
    bool passed_on;         /* a packet of it has been */
    uint64_t passed_number; /* and the last of them was that of its file */
    struct held held;
};

struct flows {
    const struct why_pcap *pcap;
    const struct why_trace *notes;
    struct why_pcap_summary *summary;
    struct why_map known; /* struct flow, by its key */
    struct udp *udp;
    struct flow *oldest, *youngest;
    struct doors *doors;
    struct tunnels *tunnels;
    uint64_t now_us;
    size_t waiting; /* bytes that wait for others, of all of them */
    size_t held;    /* bytes of packets that are kept until it is known what they are of */
    int status;
};

/* What a stream's sink is told about. */
struct context {
    struct flows *flows;
    struct flow *flow;
};

static enum why_dir dir_of(const struct flow *flow, int end)
{
    return end == flow->client ? WHY_DIR_SENT : WHY_DIR_RECEIVED;
}

/* ---- sessions -------------------------------------------------------------------------------- */

static void label_of(const struct flow *flow, int end, char *host, size_t host_len, char *label,
                     size_t label_len)
{
    if (inet_ntop(flow->key.v6 ? AF_INET6 : AF_INET, flow->key.ends[end].address, host,
                  (socklen_t)host_len) == NULL)
        (void)snprintf(host, host_len, "?");
    (void)snprintf(label, label_len, flow->key.v6 ? "[%s]:%u" : "%s:%u", host,
                   (unsigned)flow->key.ends[end].port);
}

static void report_gap(struct flows *flows, struct flow *flow, int end, uint64_t count,
                       const char *why, uint64_t t_us)
{
    flows->summary->lost_bytes += count;
    flow->has_lost[end] = true;
    why_session_packet(flow->session, flow->stream.number);
    why_session_lost(flow->session, dir_of(flow, end), count, why, t_us);
}

static void know_hosts(struct flows *flows, const struct flow *flow)
{
    if (why_udp_know(flows->udp, &flow->key.ends[flow->client], &flow->key.ends[!flow->client],
                     flow->key.v6, flow->session) != WHY_OK)
        flows->status = WHY_ERR_NOMEM;
}

static void forget_hosts(struct flows *flows, const struct flow *flow)
{
    why_udp_forget(flows->udp, &flow->key.ends[flow->client], &flow->key.ends[!flow->client],
                   flow->key.v6, flow->session);
}

/* What is in front of the request, and what a proxy answered, is not the session's. */
static void drop_fronts(struct flows *flows, struct flow *flow)
{
    struct why_buffer *own = &flow->heads[flow->client], *other = &flow->heads[!flow->client];
    struct front client, server;

    if (own->len == 0 || why_front_client(own->data, own->len, &client) != LIKE_SO ||
        client.len == 0)
        return;
    if (other->len > 0 && why_front_server(&client, other->data, other->len, &server) == LIKE_SO)
        why_buffer_drop(other, server.len);
    why_buffer_drop(own, client.len);
    flows->summary->proxied += (client.kinds & FRONT_PROXY) != 0;
    flows->summary->socks += (client.kinds & (FRONT_SOCKS | FRONT_CONNECT)) != 0;
    flows->summary->preconnected += (client.kinds & FRONT_PRECONNECTION) != 0;
}

static void tell_close(struct flow *flow, const struct early_close *close)
{
    why_session_packet(flow->session, close->number);
    if (close->how == STREAM_CLOSED_IN_DOUBT)
        why_session_doubt(flow->session, false, close->t_us);
    else
        why_session_closed(flow->session, dir_of(flow, close->end), false, close->t_us);
}

/* It is RDP. What had come of it goes into its session. */
static void begin_session(struct flows *flows, struct flow *flow, uint64_t t_us)
{
    char host[64], label[80], client[80];
    struct session_setup setup = {.keys = flows->pcap->keys,
                                  .notes = flows->notes,
                                  .host = host,
                                  .label = label,
                                  .client = client,
                                  .capture = flows->pcap->name,
                                  .capture_us = flows->summary->first_us,
                                  .began_us = flow->began_us,
                                  .has_syn = flow->has_syn,
                                  .connected = flow->connected || !flow->has_syn,
                                  .connected_us =
                                      flow->connected ? flow->connected_us : flow->began_us};
    const struct why_buffer *request = &flow->heads[flow->client];

    drop_fronts(flows, flow);
    label_of(flow, flow->client, host, sizeof(host), client, sizeof(client));
    label_of(flow, !flow->client, host, sizeof(host), label, sizeof(label));
    setup.port = flow->key.ends[!flow->client].port;
    setup.profile = why_recognize_profile(request->data, request->len);
    /* Data of the client's side says that it was connected, whether that was captured or not. */
    if (request->len > 0)
        setup.connected = true;
    flow->session = why_session_new(&setup);
    flow->state = FLOW_RDP;
    if (flow->session == NULL) {
        flows->status = WHY_ERR_NOMEM;
        return;
    }
    why_session_packet(flow->session, flow->stream.number);
    flow->ordinal = ++flows->summary->rdp;
    if (!why_doors_know(flows->doors, &flow->key.ends[!flow->client], flow->key.v6))
        flows->status = WHY_ERR_NOMEM;
    know_hosts(flows, flow);
    for (int i = 0; i < 2; i++) {
        int end = i == 0 ? flow->client : !flow->client;

        if (flow->lost_heads[end].on)
            report_gap(flows, flow, end, flow->lost_heads[end].count, flow->lost_heads[end].why,
                       t_us);
        else if (i == 0 && flow->heads[end].len == 0 && flow->heads[!end].len > 0)
            report_gap(flows, flow, end, 0, not_captured, t_us); /* a server does not speak first */
        if (flow->heads[end].len > 0)
            why_session_bytes(flow->session, dir_of(flow, end), flow->heads[end].data,
                              flow->heads[end].len, t_us);
        why_buffer_clear(&flow->heads[end]);
    }
    for (unsigned i = 0; i < flow->close_count; i++)
        tell_close(flow, &flow->closes[i]);
}

/* TLS of which the secrets are there: what is above it says whether it leads to a gateway. What had
 * come of it is kept until then. */
static void begin_leg(struct flows *flows, struct flow *flow, uint64_t t_us)
{
    char host[64], label[80], client[80];
    struct leg_setup setup = {
        .client_end = &flow->key.ends[flow->client],
        .server_end = &flow->key.ends[!flow->client],
        .client = client,
        .server = label,
        .host = host,
        .port = flow->key.ends[!flow->client].port,
        .began_us = flow->began_us,
        .has_syn = flow->has_syn,
        .connected = flow->connected || !flow->has_syn || flow->heads[flow->client].len > 0,
        .connected_us = flow->connected ? flow->connected_us : flow->began_us};

    drop_fronts(flows, flow);
    label_of(flow, flow->client, host, sizeof(host), client, sizeof(client));
    label_of(flow, !flow->client, host, sizeof(host), label, sizeof(label));
    flow->leg = why_leg_new(flows->tunnels, &setup);
    if (flow->leg == NULL) {
        flows->status = WHY_ERR_NOMEM;
        return;
    }
    why_leg_packet(flow->leg, flow->stream.number);
    for (int i = 0; i < 2; i++) {
        int end = i == 0 ? flow->client : !flow->client;

        if (flow->lost_heads[end].on)
            why_leg_lost(flow->leg, dir_of(flow, end), flow->lost_heads[end].count,
                         flow->lost_heads[end].why, t_us);
        if (flow->heads[end].len > 0)
            why_leg_bytes(flow->leg, dir_of(flow, end), flow->heads[end].data, flow->heads[end].len,
                          t_us);
    }
}

/* Nothing of it is wanted any more; it stays to be known, for what may still come. Its streams may
 * be in the middle of delivering: release() clears them. */
static void forget(struct flow *flow)
{
    flow->stream.abandoned = true;
    for (int i = 0; i < 2; i++)
        why_buffer_clear(&flow->heads[i]);
    flow->state = FLOW_OVER;
}

static void release(struct flow *flow)
{
    if (flow->state == FLOW_OVER)
        why_stream_clear(&flow->stream);
}

static bool is_port(const struct flows *flows, const struct flow *flow, int end)
{
    return why_doors_is_port(flows->pcap, flow->key.ends[end].port);
}

/* On RDP's own port, though it is no RDP or did not begin in the capture: that is said. */
static void note_other(struct flows *flows, const struct flow *flow)
{
    int server = is_port(flows, flow, 1), known = is_port(flows, flow, server);
    const struct why_buffer *head = &flow->heads[!server];

    if (head->len == 0)
        head = &flow->heads[server];
    if (!known || flow->state != FLOW_NEW)
        return;
    if (!flow->has_syn && !flow->connected) {
        flows->summary->from_middle++;
    } else if (head->len > 0) {
        flows->summary->not_rdp++;
        flows->summary->looks_like = why_guess_protocol(head->data, head->len);
    }
}

/* As the client's first bytes, behind what may be in front of them. */
static enum likeness client_likeness(const struct why_buffer *head, struct front *front)
{
    enum likeness like = why_front_client(head->data, head->len, front);

    if (like != LIKE_SO)
        return like;
    like = why_recognize_request(head->data + front->len, head->len - front->len);
    /* Behind a preconnection PDU a client may start TLS at once, [MS-RDPEPS] 3.1.5. */
    if (like == LIKE_NOTHING && (front->kinds & FRONT_PRECONNECTION) != 0 &&
        head->data[front->len] == TLS_HANDSHAKE)
        return LIKE_SO;
    return like;
}

/* As the server's first bytes, behind a proxy's answers. */
static enum likeness server_likeness(const struct flow *flow, int end)
{
    const struct why_buffer *head = &flow->heads[end], *other = &flow->heads[!end];
    struct front client = {0, 0, 0}, server;

    if (other->len > 0 && why_front_client(other->data, other->len, &client) == LIKE_NOTHING)
        return LIKE_NOTHING;
    if (why_front_server(&client, head->data, head->len, &server) != LIKE_SO)
        return LIKE_MAYBE;
    return why_recognize_confirm(head->data + server.len, head->len - server.len);
}

/* A proxy has to answer before the session can begin. */
static bool proxy_owes(const struct flow *flow, int client, const struct front *front)
{
    const struct why_buffer *other = &flow->heads[!client];
    struct front server;

    return !flow->lost_heads[!client].on && flow->stream.halves[!client].seen &&
           (front->kinds & (FRONT_SOCKS | FRONT_CONNECT)) != 0 &&
           why_front_server(front, other->data, other->len, &server) == LIKE_MAYBE;
}

/* What is above TLS has said what it is. */
static void settle_leg(struct flows *flows, struct flow *flow)
{
    enum likeness like = flow->leg != NULL ? why_leg_likeness(flow->leg) : LIKE_MAYBE;

    if (like == LIKE_MAYBE || flow->state != FLOW_NEW)
        return;
    if (like == LIKE_NOTHING) {
        why_leg_free(flow->leg);
        flow->leg = NULL;
        note_other(flows, flow);
        forget(flow);
        return;
    }
    flow->state = FLOW_RDP;
    flow->ordinal = why_leg_ordinal(flow->leg);
    flow->passed_on = !why_leg_is_first(flow->leg);
    for (int i = 0; i < 2; i++)
        why_buffer_clear(&flow->heads[i]);
}

static void tell_leg_close(struct flow *flow, const struct early_close *close)
{
    const struct leg_close how = {.doubt = close->how == STREAM_CLOSED_IN_DOUBT};

    why_leg_packet(flow->leg, close->number);
    why_leg_closed(flow->leg, dir_of(flow, close->end), how, close->t_us);
}

static enum likeness leg_likeness(const struct flows *flows, const struct flow *flow, int end,
                                  const struct front *front)
{
    const struct why_buffer *head = &flow->heads[end];

    if (flow->lost_heads[end].on || front->len > head->len)
        return LIKE_NOTHING;
    return why_tunnels_client(flows->tunnels, head->data + front->len, head->len - front->len);
}

static void recognize(struct flows *flows, struct flow *flow, int end, uint64_t t_us)
{
    enum likeness request = LIKE_NOTHING, confirm = LIKE_NOTHING, leg = LIKE_NOTHING;
    struct front front = {0, 0, 0};

    if (flow->client == UNKNOWN || flow->client == end) {
        request = client_likeness(&flow->heads[end], &front);
        if (request == LIKE_NOTHING)
            leg = leg_likeness(flows, flow, end, &front);
    }
    if (leg == LIKE_SO) {
        flow->client = end;
        begin_leg(flows, flow, t_us);
        settle_leg(flows, flow);
        return;
    }
    if (leg == LIKE_MAYBE)
        return;
    if (flow->client == UNKNOWN || flow->client != end)
        confirm = server_likeness(flow, end);
    if (request == LIKE_SO && proxy_owes(flow, end, &front))
        return;
    if (request == LIKE_SO || confirm == LIKE_SO) {
        flow->client = request == LIKE_SO ? end : !end;
        begin_session(flows, flow, t_us);
    } else if (request == LIKE_NOTHING && confirm == LIKE_NOTHING &&
               (flow->client == UNKNOWN || flow->client == end)) {
        note_other(flows, flow);
        forget(flow);
    }
}

static void on_bytes(void *arg, int end, const uint8_t *data, size_t len, uint64_t t_us)
{
    const struct context *context = arg;
    struct flow *flow = context->flow;
    struct why_buffer *head = &flow->heads[end];

    if (flow->leg != NULL) {
        why_leg_packet(flow->leg, flow->stream.number);
        why_leg_bytes(flow->leg, dir_of(flow, end), data, len, t_us);
        settle_leg(context->flows, flow);
        return;
    }
    if (flow->state == FLOW_RDP && flow->session != NULL) {
        why_session_packet(flow->session, flow->stream.number);
        why_session_bytes(flow->session, dir_of(flow, end), data, len, t_us);
        return;
    }
    if (flow->state != FLOW_NEW || flow->lost_heads[end].on)
        return;
    /* More than that is no first PDU; a server that speaks first has its first bytes kept. */
    if (len > HEAD_MAX - head->len)
        len = HEAD_MAX - head->len;
    if (why_buffer_add(head, data, len, HEAD_MAX) != WHY_BUFFER_ADDED) {
        context->flows->status = WHY_ERR_NOMEM;
        return;
    }
    recognize(context->flows, flow, end, t_us);
}

/* What comes of that end says nothing any more; the other end may. */
static void drop_head(struct flows *flows, struct flow *flow, int end, uint64_t count,
                      const char *why)
{
    if (flow->lost_heads[!end].on) {
        note_other(flows, flow);
        forget(flow);
        return;
    }
    why_buffer_clear(&flow->heads[end]);
    flow->lost_heads[end].on = true;
    flow->lost_heads[end].count += count;
    flow->lost_heads[end].why = why;
}

static void on_lost(void *arg, int end, uint64_t count, const char *why, uint64_t t_us)
{
    const struct context *context = arg;
    struct flow *flow = context->flow;

    if (flow->leg != NULL) {
        context->flows->summary->lost_bytes += flow->state == FLOW_RDP ? count : 0;
        flow->has_lost[end] = true;
        why_leg_packet(flow->leg, flow->stream.number);
        why_leg_lost(flow->leg, dir_of(flow, end), count, why, t_us);
        settle_leg(context->flows, flow);
        return;
    }
    if (context->flow->state == FLOW_NEW)
        drop_head(context->flows, context->flow, end, count, why);
    else if (context->flow->state == FLOW_RDP && context->flow->session != NULL)
        report_gap(context->flows, context->flow, end, count, why, t_us);
}

static void on_closed(void *arg, int end, enum stream_close how, uint64_t t_us)
{
    const struct context *context = arg;
    struct flow *flow = context->flow;
    struct early_close close = {end, how, t_us, flow->stream.number};

    if (flow->leg != NULL)
        tell_leg_close(flow, &close);
    else if (flow->state == FLOW_NEW && flow->close_count < 2)
        flow->closes[flow->close_count++] = close;
    else if (flow->state == FLOW_RDP && flow->session != NULL)
        tell_close(flow, &close);
}

static bool is_whole(void *arg, int end)
{
    const struct context *context = arg;
    const struct flow *flow = context->flow;

    if (flow->leg != NULL)
        return why_leg_is_whole(flow->leg, dir_of(flow, end));
    if (flow->state == FLOW_RDP && flow->session != NULL)
        return why_session_is_whole(flow->session, dir_of(flow, end));
    return flow->heads[end].len == 0;
}

static const struct stream_sink sink = {on_bytes, on_lost, on_closed, is_whole};

/* ---- the end of a connection ----------------------------------------------------------------- */

/* Whether the client ended it, as far as was captured. */
static bool client_ended(const struct flow *flow)
{
    const struct stream *s = &flow->stream;

    if (flow->close_count > 0)
        return flow->closes[0].end == flow->client;
    return s->reset && s->reset_end == flow->client;
}

/* A connection to RDP's port on which nothing was said. Who looks whether the port is open does no
 * more; but it may be the server that did not wait, or what was said was not captured. */
static void begin_silent(struct flows *flows, struct flow *flow)
{
    bool lost = flow->lost_heads[flow->client].on;

    if (!flow->has_syn || !flow->connected || !is_port(flows, flow, !flow->client) ||
        flow->heads[0].len + flow->heads[1].len > 0)
        return;
    if (!lost && client_ended(flow))
        flows->summary->checks++;
    else
        begin_session(flows, flow, flow->last_us);
}

/* A connection that ended before it said enough; one of rdpwhy's own is RDP in any case. */
static void recognize_late(struct flows *flows, struct flow *flow)
{
    const struct why_buffer *head;
    struct front front;

    if (flow->state != FLOW_NEW || flow->client == UNKNOWN || flow->leg != NULL)
        return;
    if (why_tunnels_are_noted(flows->tunnels)) {
        begin_leg(flows, flow, flow->last_us);
        for (unsigned i = 0; flow->leg != NULL && i < flow->close_count; i++)
            tell_leg_close(flow, &flow->closes[i]);
        settle_leg(flows, flow);
        return;
    }
    head = &flow->heads[flow->client];
    if (flows->notes == NULL && head->len == 0) {
        begin_silent(flows, flow);
        return;
    }
    if (flows->notes == NULL) {
        if (why_front_client(head->data, head->len, &front) != LIKE_SO ||
            head->len < front.len + 6 ||
            why_recognize_request(head->data + front.len, head->len - front.len) == LIKE_NOTHING)
            return;
    }
    begin_session(flows, flow, flow->last_us);
}

/* Only one side was captured: that the other says nothing is no finding. */
static void mark_missing_side(struct flows *flows, struct flow *flow)
{
    const struct half_connection *halves = flow->stream.halves;

    for (int end = 0; end < 2; end++) {
        if (halves[end].has_bytes || !halves[!end].has_bytes)
            continue;
        if (!halves[end].seen || halves[end].open_end)
            flows->summary->one_sided++;
        if (!halves[end].seen && flow->leg != NULL)
            why_leg_lost(flow->leg, dir_of(flow, end), 0, not_captured, flow->last_us);
        else if (!halves[end].seen)
            why_session_lost(flow->session, dir_of(flow, end), 0, not_captured, flow->last_us);
    }
}

static void count_segments(struct flows *flows, const struct flow *flow)
{
    flows->summary->retransmitted += flow->stream.retransmitted;
    flows->summary->reordered += flow->stream.reordered;
    flows->summary->implausible += flow->stream.implausible;
}

/* The random bytes of the first ClientHello: the header of a record, that of a message, a version,
 * and they (RFC 8446 4.1.2). */
static void note_random(const struct why_trace *trace, struct why_pcap_connection *c)
{
    const struct why_event *event;

    for (size_t i = 0; !c->has_random && (event = why_trace_at(trace, i)) != NULL; i++) {
        if (event->kind != WHY_EV_TLS_RECORD || event->dir != WHY_DIR_SENT ||
            event->len < 11 + sizeof(c->random) || event->bytes[0] != TLS_HANDSHAKE ||
            event->bytes[5] != TLS_CLIENT_HELLO)
            continue;
        memcpy(c->random, event->bytes + 11, sizeof(c->random));
        c->has_random = true;
    }
}

static void describe(const struct flow *flow, struct why_pcap_connection *c)
{
    char host[64];

    memset(c, 0, sizeof(*c));
    label_of(flow, flow->client, host, sizeof(host), c->client, sizeof(c->client));
    label_of(flow, !flow->client, host, sizeof(host), c->server, sizeof(c->server));
    c->began_us = flow->began_us;
    c->ended_us = flow->last_us;
    if (flow->has_syn && flow->connected)
        c->handshake_us = flow->connected_us - flow->began_us;
    for (int end = 0; end < 2; end++) {
        const struct half_connection *half = &flow->stream.halves[end];
        enum why_dir dir = dir_of(flow, end);

        /* 0 is what programs write that make packets up, rdpwhy's own captures among them. */
        c->has_isn[dir] = half->synced && half->first != 1;
        c->isn[dir] = half->first - 1;
        c->lost[dir] = flow->has_lost[end];
        c->fin[dir] = half->closed;
        c->reset[dir] = flow->stream.reset && flow->stream.reset_end == end;
    }
}

/* |trace| is handed over; NULL: memory ran out. */
static void hand_out_trace(void *arg, struct why_pcap_connection *c, struct why_trace *trace)
{
    struct flows *flows = arg;

    if (trace == NULL) {
        flows->status = WHY_ERR_NOMEM;
        return;
    }
    for (int dir = 0; dir < 2; dir++)
        c->bytes[dir] = why_trace_bytes(trace, (enum why_dir)dir);
    note_random(trace, c);
    if (flows->pcap->on_connection != NULL && flows->status == WHY_OK)
        flows->status = flows->pcap->on_connection(flows->pcap->arg, c);
    if (flows->status == WHY_OK)
        flows->status = flows->pcap->on_trace(flows->pcap->arg, trace);
    else
        why_trace_free(trace);
}

static void hand_out(struct flows *flows, struct flow *flow)
{
    enum session_tls tls = why_session_decrypted(flow->session);
    struct why_trace *trace = why_session_take(flow->session);
    struct why_pcap_connection connection;

    flow->session = NULL;
    flow->ended_trace = true;
    flows->summary->decrypted += tls == SESSION_DECRYPTED;
    flows->summary->encrypted += tls == SESSION_OPAQUE;
    describe(flow, &connection);
    hand_out_trace(flows, &connection, trace);
}

/* An RST, behind all that was sent before it. */
static void reset(struct flow *flow)
{
    const struct stream *s = &flow->stream;
    const struct half_connection *other = &s->halves[!s->reset_end];

    if (!s->reset)
        return;
    why_session_packet(flow->session, s->reset_number);
    if (other->open_end && !other->closed && !s->halves[s->reset_end].closed)
        why_session_doubt(flow->session, true, s->reset_us);
    else
        why_session_closed(flow->session, dir_of(flow, s->reset_end), true, s->reset_us);
}

/* What happened last on a leg, and what it was of. */
static void end_leg(struct flows *flows, struct flow *flow, const char *why)
{
    const struct stream *s = &flow->stream;
    const struct half_connection *other = &s->halves[!s->reset_end];
    struct why_pcap_connection connection;

    if (s->reset) {
        const struct leg_close how = {.reset = true,
                                      .doubt = other->open_end && !other->closed &&
                                               !s->halves[s->reset_end].closed};

        why_leg_packet(flow->leg, s->reset_number);
        why_leg_closed(flow->leg, dir_of(flow, s->reset_end), how, s->reset_us);
    }
    why_leg_packet(flow->leg, flow->number);
    if (flow->state == FLOW_RDP) {
        mark_missing_side(flows, flow);
        count_segments(flows, flow);
    }
    describe(flow, &connection);
    flow->ended_trace = why_leg_end(flow->leg, &connection, why, flow->last_us);
    flow->leg = NULL;
}

/* A request for a connection that was refused, or not answered. */
static void note_door(struct flows *flows, const struct flow *flow)
{
    struct door door;

    if (flow->state != FLOW_NEW || !flow->has_syn || flow->connected || flow->spoke ||
        flows->notes != NULL || (flow->stream.reset && flow->stream.reset_end == flow->client))
        return;
    memset(&door, 0, sizeof(door));
    memcpy(&door.client, &flow->key.ends[flow->client], sizeof(door.client));
    memcpy(&door.server, &flow->key.ends[!flow->client], sizeof(door.server));
    door.v6 = flow->key.v6;
    door.began_us = flow->began_us;
    door.last_us = flow->last_us;
    door.number = flow->number;
    door.requests = flow->requests;
    door.refused = flow->stream.reset;
    if (!why_doors_add(flows->doors, &door))
        flows->status = WHY_ERR_NOMEM;
}

/* Packets that were kept for want of knowledge. */
static void settle_held(struct flows *flows, struct flow *flow)
{
    int status = WHY_OK;
    bool is_first = !flow->passed_on;

    flow->passed_on = flow->passed_on || (flow->ordinal > 0 && flow->held.count > 0);
    if (flow->ordinal > 0)
        flows->summary->unheld += flow->held.skipped;
    if (flow->ordinal > 0)
        status = why_held_release(&flow->held, flows->pcap, flow->ordinal, is_first, &flows->held);
    else if (flow->state == FLOW_OVER)
        why_held_clear(&flow->held, &flows->held);
    if (flows->status == WHY_OK)
        flows->status = status;
}

static void end_flow(struct flows *flows, struct flow *flow, const char *why)
{
    struct context context = {flows, flow};

    note_door(flows, flow);

    /* Before what comes late, which tells nothing of a connection that is not known. */
    if (flow->state == FLOW_NEW)
        why_stream_flush(&flow->stream, &sink, &context);
    recognize_late(flows, flow);
    if (flow->connected || !flow->has_syn)
        note_other(flows, flow);
    if (flow->state == FLOW_RDP)
        why_stream_flush(&flow->stream, &sink, &context);
    if (flow->state == FLOW_RDP && flow->session != NULL) {
        reset(flow);
        why_session_packet(flow->session, flow->number);
        mark_missing_side(flows, flow);
        why_session_end(flow->session, why, flow->last_us);
        count_segments(flows, flow);
        forget_hosts(flows, flow);
        hand_out(flows, flow);
    }
    if (flow->leg != NULL)
        end_leg(flows, flow, why);
    forget(flow);
    release(flow);
    settle_held(flows, flow);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void list_remove(struct flows *flows, struct flow *flow)
{
    *(flow->older != NULL ? &flow->older->younger : &flows->oldest) = flow->younger;
    *(flow->younger != NULL ? &flow->younger->older : &flows->youngest) = flow->older;
}

static void list_append(struct flows *flows, struct flow *flow)
{
    flow->older = flows->youngest;
    flow->younger = NULL;
    *(flows->youngest != NULL ? &flows->youngest->younger : &flows->oldest) = flow;
    flows->youngest = flow;
}

static void remove_flow(struct flows *flows, struct flow *flow)
{
    (void)why_map_remove(&flows->known, &flow->key, sizeof(flow->key));
    list_remove(flows, flow);
    free(flow);
}

static struct flow *add_flow(struct flows *flows, const struct flow_key *key,
                             const struct tcp_segment *segment)
{
    struct flow *flow = calloc(1, sizeof(*flow));

    if (flow == NULL || why_map_put(&flows->known, key, sizeof(*key), flow) != WHY_OK) {
        free(flow);
        flows->status = WHY_ERR_NOMEM;
        return NULL;
    }
    memcpy(&flow->key, key, sizeof(*key));
    flow->client = UNKNOWN;
    flow->stream.waiting = &flows->waiting;
    flow->began_us = segment->t_us;
    list_append(flows, flow);
    flows->summary->connections++;
    return flow;
}

/* Ends what was quiet for long; |now_us| is the capture's own time. */
static void expire(struct flows *flows, uint64_t now_us)
{
    while (flows->oldest != NULL && flows->status == WHY_OK) {
        struct flow *flow = flows->oldest;
        uint64_t limit = flow->state == FLOW_OVER ? LINGER_US : IDLE_US;

        if (flows->known.count <= FLOWS_MAX &&
            (now_us < flow->last_us || now_us - flow->last_us < limit))
            return;
        end_flow(flows, flow, evicted);
        remove_flow(flows, flow);
    }
}

/* ---- segments -------------------------------------------------------------------------------- */

/* A SYN that was sent again, or captured behind its answer. */
static bool is_known_syn(const struct flow *flow, int end, uint32_t seq)
{
    const struct half_connection *half = &flow->stream.halves[end];

    if (flow->state == FLOW_OVER)
        return false;
    if (flow->has_syn)
        return flow->syn == seq;
    return half->started && half->first == seq + 1;
}

/* The segment's connection; a new one where it begins one. NULL: it belongs to none. */
static struct flow *flow_of(struct flows *flows, const struct tcp_segment *segment, int *end)
{
    struct flow_key key;
    struct flow *flow;
    bool begins = (segment->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

    memset(&key, 0, sizeof(key));
    key.v6 = segment->v6;
    *end = memcmp(&segment->from, &segment->to, sizeof(segment->from)) > 0;
    memcpy(&key.ends[*end], &segment->from, sizeof(segment->from));
    memcpy(&key.ends[!*end], &segment->to, sizeof(segment->to));
    flow = why_map_get(&flows->known, &key, sizeof(key));
    /* The port is used again. */
    if (flow != NULL && begins && !is_known_syn(flow, *end, segment->seq)) {
        end_flow(flows, flow, still_open);
        remove_flow(flows, flow);
        flow = NULL;
    }
    if (flow == NULL && (begins || (segment->flags & TCP_SYN) != 0 || segment->wire_len > 0))
        flow = add_flow(flows, &key, segment);
    return flow;
}

static void note_syn(struct flow *flow, const struct tcp_segment *segment, int end)
{
    flow->spoke = flow->spoke || (end == flow->client && (segment->flags & TCP_SYN) == 0 &&
                                  (segment->flags & TCP_RST) == 0);
    if ((segment->flags & TCP_SYN) == 0)
        return;
    flow->requests += (segment->flags & TCP_ACK) == 0;
    if ((segment->flags & TCP_ACK) == 0) {
        flow->client = end;
        flow->has_syn = true;
        flow->syn = segment->seq;
    } else if (!flow->connected) {
        flow->client = !end;
        flow->connected = true;
        flow->connected_us = segment->t_us;
    }
}

static void take(struct flows *flows, struct flow *flow, int end, const struct tcp_segment *segment)
{
    struct context context = {flows, flow};

    if (!why_stream_segment(&flow->stream, end, segment, &sink, &context))
        flows->status = WHY_ERR_NOMEM;
    if (flow->state == FLOW_RDP)
        flows->summary->cut_packets += segment->len < segment->wire_len;
}

static void follow(struct flows *flows, struct flow *flow, int end,
                   const struct tcp_segment *segment)
{
    if (flow->state == FLOW_OVER)
        return;
    note_syn(flow, segment, end);
    take(flows, flow, end, segment);
    if (flow->stream.reset ||
        (flow->state == FLOW_RDP && flow->stream.halves[0].closed && flow->stream.halves[1].closed))
        end_flow(flows, flow, still_open);
    release(flow);
}

/* The packet that |segment| came in, to whom packets are of interest; |was_open|: before it. */
static void pass_on(struct flows *flows, struct flow *flow, const struct tcp_segment *segment,
                    bool was_open)
{
    struct why_pcap_packet packet = *segment->packet;

    /* One frame may hold several segments. */
    if (packet.number > 0 && packet.number == flow->passed_number)
        return;
    flow->passed_number = packet.number;
    if (segment->fragments != NULL)
        why_held_move(segment->fragments, segment->fragments_total, &flow->held, &flows->held);
    settle_held(flows, flow);
    packet.connection = flow->ordinal;
    packet.is_first = !flow->passed_on;
    packet.is_last = was_open && flow->state == FLOW_OVER && flow->ended_trace;
    flow->passed_on = flow->ordinal > 0;
    if (flow->ordinal > 0 && flows->status == WHY_OK)
        flows->status = flows->pcap->on_packet(flows->pcap->arg, &packet);
    else if (flow->state == FLOW_NEW && flows->status == WHY_OK)
        flows->status = why_held_add(&flow->held, &packet, &flows->held);
}

int why_flows_segment(struct flows *flows, const struct tcp_segment *segment)
{
    int end = 0;
    struct flow *flow;
    bool was_open;

    if (segment->t_us > flows->now_us)
        flows->now_us = segment->t_us;
    expire(flows, segment->t_us);
    why_tunnels_expire(flows->tunnels, segment->t_us);
    flow = flow_of(flows, segment, &end);
    if (flow == NULL)
        return flows->status;
    list_remove(flows, flow);
    list_append(flows, flow);
    if (segment->t_us > flow->last_us)
        flow->last_us = segment->t_us;
    flow->number = segment->number;
    was_open = flow->state != FLOW_OVER;
    follow(flows, flow, end, segment);
    if (flows->pcap->on_packet != NULL && segment->packet != NULL)
        pass_on(flows, flow, segment, was_open);
    return flows->status;
}

int why_flows_datagram(struct flows *flows, const struct udp_datagram *datagram)
{
    if (why_udp_datagram(flows->udp, datagram, flows->summary) != WHY_OK)
        flows->status = WHY_ERR_NOMEM;
    return flows->status;
}

int why_flows_finish(struct flows *flows)
{
    for (struct flow *flow = flows->oldest, *younger; flow != NULL && flows->status == WHY_OK;
         flow = younger) {
        younger = flow->younger;
        end_flow(flows, flow, still_open);
        remove_flow(flows, flow);
    }
    if (flows->status == WHY_OK)
        why_tunnels_finish(flows->tunnels);
    if (flows->status == WHY_OK)
        flows->status = why_doors_hand_out(flows->doors, flows->pcap, flows->summary);
    return flows->status;
}

struct flows *why_flows_new(const struct why_pcap *pcap, const struct why_trace *notes,
                            struct why_pcap_summary *summary)
{
    struct flows *flows = calloc(1, sizeof(*flows));

    if (flows == NULL)
        return NULL;
    flows->doors = why_doors_new();
    flows->udp = why_udp_new();
    flows->tunnels = why_tunnels_new(pcap, notes, summary, hand_out_trace, flows);
    if (flows->doors == NULL || flows->udp == NULL || flows->tunnels == NULL) {
        why_flows_free(flows);
        return NULL;
    }
    flows->pcap = pcap;
    flows->notes = notes;
    flows->summary = summary;
    return flows;
}

void why_flows_free(struct flows *flows)
{
    if (flows == NULL)
        return;
    for (struct flow *flow = flows->oldest, *younger; flow != NULL; flow = younger) {
        younger = flow->younger;
        if (flow->session != NULL)
            why_trace_free(why_session_take(flow->session));
        why_leg_free(flow->leg);
        forget(flow);
        release(flow);
        why_held_clear(&flow->held, &flows->held);
        free(flow);
    }
    why_map_clear(&flows->known, NULL);
    why_doors_free(flows->doors);
    why_udp_free(flows->udp);
    why_tunnels_free(flows->tunnels);
    free(flows);
}
