/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <rdpwhy/gateway.h>

#include "base/clock.h"
#include "dial/dial.h"
#include "gateway/reader.h"
#include "record/buffer.h"
#include "trust/authorities.h"

#include "clock.h"
#include "dial.h"
#include "gateway_logon.h"
#include "plain.h"
#include "settings.h"
#include "tls.h"

#define PATH "/remoteDesktopGateway/"
#define GUID "{%08x-%04x-%04x-%04x-%04x%08x}"

#define GUID_SIZE   40
#define REQUEST_MAX (WHY_GATEWAY_TOKEN_MAX * 4u / 3u + 2048u)
#define CARRIED_MAX (256u * 1024u) /* that nobody has read yet */
#define CARRY_MAX   16384u         /* of one DATA packet */
#define LOOK_US     2000000u       /* for an answer that may never come */
#define GRACE_US    1000000u       /* the RDP connection's own end comes first */

/* One of the TCP connections to the gateway. */
struct leg {
    struct gateway *gateway;
    struct conn *conn; /* NULL: not there */
    struct why_gateway_reader reader;
    enum why_gateway_method method;
    bool asks_websocket;
    char key[32]; /* Sec-WebSocket-Key */
    char *basic;  /* what each request has to have; NULL: a logon holds for the connection */
};

struct gateway {
    struct why_engine *engine;
    const struct why_attempt *attempt;
    const struct why_gateway *config;
    struct recorder *rec;
    uint64_t deadline_us;
    struct leg out, in;
    char connection_id[GUID_SIZE], correlation_id[GUID_SIZE];
    unsigned connections;
    bool stopped;              /* an event says why */
    bool allowed;              /* the account may be used here */
    struct why_buffer carried; /* what has come for the RDP connection */
    bool overrun;              /* more than is kept */
    bool refused;              /* a packet has said no */
    bool asked_alive;          /* a KEEPALIVE has come that is not answered */
    bool closed;               /* no channel any more */
};

static bool stop(struct gateway *g, const char *why)
{
    g->stopped = true;
    why_recorder_event(g->rec, WHY_EV_STOP, 0, why);
    return false;
}

static bool fail(struct gateway *g, const char *what)
{
    g->stopped = true;
    why_recorder_event(g->rec, WHY_EV_FAILED, 0, what);
    return false;
}

/* What was asked for is reached. */
static bool is_enough(struct gateway *g)
{
    enum why_phase until = g->attempt->until;

    if (!g->stopped && why_progress_reached(&g->rec->progress, until)) {
        g->stopped = true;
        why_recorder_event(g->rec, WHY_EV_REACHED, until, NULL);
    }
    return g->stopped;
}

/* ---- the connections ------------------------------------------------------------------------- */

static void take_packet(struct gateway *g, const struct why_event *event)
{
    struct why_tsgu packet;

    why_tsgu_read(event->bytes, event->len, &packet);
    if (packet.type == WHY_TSGU_CLOSE_CHANNEL)
        g->closed = true;
    else if (packet.type == WHY_TSGU_KEEPALIVE)
        g->asked_alive = true;
    else
        g->refused = g->refused || why_tsgu_refuses(&packet);
}

static void on_event(void *arg, const struct why_event *event)
{
    struct leg *leg = arg;
    struct gateway *g = leg->gateway;

    why_recorder_add(g->rec, event);
    if (event->dir != WHY_DIR_RECEIVED)
        return;
    if (event->kind == WHY_EV_GATEWAY_GOODBYE)
        g->closed = true;
    else if (event->kind == WHY_EV_GATEWAY_PACKET)
        take_packet(g, event);
}

static void on_carried(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct gateway *g = ((struct leg *)arg)->gateway;

    if (dir == WHY_DIR_RECEIVED &&
        why_buffer_add(&g->carried, data, len, CARRIED_MAX) != WHY_BUFFER_ADDED)
        g->overrun = true;
}

static void end_leg(struct leg *leg)
{
    if (leg->conn != NULL)
        why_conn_close(leg->conn);
    free(leg->conn);
    leg->conn = NULL;
    why_gateway_value_free(leg->basic);
    leg->basic = NULL;
    why_gateway_reader_clear(&leg->reader);
}

/* Takes |fd| over. */
static bool begin_leg(struct gateway *g, struct leg *leg, int fd)
{
    const struct why_gateway_sink sink = {on_event, on_carried, leg};

    leg->gateway = g;
    why_gateway_reader_begin(&leg->reader, &sink);
    leg->conn = malloc(sizeof(*leg->conn));
    if (leg->conn == NULL) {
        (void)close(fd);
        return fail(g, "out of memory");
    }
    why_conn_init(leg->conn, g->rec, fd, g->deadline_us, g->attempt->cancelled);
    leg->conn->gateway = true;
    leg->conn->number = g->connections++;
    if (leg->conn->number > 0)
        why_conn_record_local(g->rec, fd, leg->conn->number);
    return why_tls_connect(leg->conn, g->engine->tls, 0, 0, g->config->host);
}

/* Another connection to the gateway: the first was the dialler's. */
static bool dial_leg(struct gateway *g, struct leg *leg)
{
    uint64_t until = why_clock_us() + g->attempt->connect_timeout_us;
    struct why_dial_request request = {
        .host = g->config->host,
        .port = g->config->port,
        .family = g->attempt->family,
        .proxy = g->attempt->proxy,
        .deadline_us = until < g->deadline_us ? until : g->deadline_us,
    };
    int fd = why_attempt_dial(g->rec, &request, g->attempt->cancelled);

    if (fd < 0) {
        g->stopped = true; /* the dial's events say why */
        return false;
    }
    return begin_leg(g, leg, fd);
}

static bool write_all(struct leg *leg, uint8_t *data, size_t len)
{
    bool written = why_plain_write(leg->conn, data, len) != CONN_ENDED;

    if (written)
        why_gateway_reader_take(&leg->reader, WHY_DIR_SENT, data, len);
    OPENSSL_cleanse(data, len);
    return written;
}

/* In one piece, as each transport carries it. */
static bool send_framed(struct gateway *g, enum why_websocket_opcode opcode, const uint8_t *head,
                        size_t head_len, const uint8_t *data, size_t len)
{
    struct leg *leg = g->in.conn != NULL ? &g->in : &g->out;
    size_t size = 32 + head_len + len, n = 0, begins;
    uint8_t *buf = OPENSSL_malloc(size), mask[4];
    bool sent = false;

    if (buf == NULL || RAND_bytes(mask, sizeof(mask)) != 1) {
        OPENSSL_free(buf);
        return fail(g, "out of memory");
    }
    if (g->in.conn != NULL)
        n = (size_t)snprintf((char *)buf, size, "%zX\r\n", head_len + len);
    else
        n = why_websocket_head(buf, opcode, head_len + len, mask);
    begins = n;
    memcpy(buf + n, head, head_len);
    n += head_len;
    if (len > 0)
        memcpy(buf + n, data, len);
    n += len;
    if (g->in.conn != NULL) {
        buf[n++] = '\r';
        buf[n++] = '\n';
    } else {
        why_websocket_mask(buf + begins, n - begins, 0, mask);
    }
    sent = write_all(leg, buf, n);
    OPENSSL_clear_free(buf, size);
    return sent;
}

static bool send_packet(struct gateway *g, const uint8_t *packet, size_t len)
{
    return send_framed(g, WHY_WEBSOCKET_BINARY, packet, len, NULL, 0);
}

/* What a gateway asks to see whether we are there. */
static bool answer(struct gateway *g, struct leg *leg)
{
    const struct why_websocket *ws = &leg->reader.dirs[WHY_DIR_RECEIVED].websocket;
    uint8_t out[WHY_TSGU_REQUEST_MAX];
    bool pinged = leg->reader.pinged, asked = g->asked_alive;

    leg->reader.pinged = g->asked_alive = false;
    return (!pinged || send_framed(g, WHY_WEBSOCKET_PONG, ws->control, ws->control_len, NULL, 0)) &&
           (!asked || send_packet(g, out, why_tsgu_keepalive(out)));
}

/* Reads what is there. False: nothing more will come, or it cannot be read. */
static bool read_some(struct leg *leg)
{
    uint8_t buf[16384];
    int r = why_plain_read(leg->conn, buf, sizeof(buf));

    if (r > 0)
        why_gateway_reader_take(&leg->reader, WHY_DIR_RECEIVED, buf, (size_t)r);
    return r != CONN_ENDED && leg->reader.problem == NULL && answer(leg->gateway, leg);
}

/* Waits and reads. */
static bool turn(struct leg *leg)
{
    (void)why_conn_wait(leg->conn, false, 1000);
    return read_some(leg);
}

/* ---- HTTP ------------------------------------------------------------------------------------ */

static bool make_guid(char out[GUID_SIZE])
{
    uint32_t r[4];

    if (RAND_bytes((unsigned char *)r, sizeof(r)) != 1)
        return false;
    (void)snprintf(out, GUID_SIZE, GUID, r[0], r[1] & 0xFFFFu, 0x4000u | (r[1] >> 20),
                   0x8000u | (r[2] >> 18), r[2] & 0xFFFFu, r[3]);
    return true;
}

static bool make_key(struct leg *leg)
{
    unsigned char r[16];

    if (RAND_bytes(r, sizeof(r)) != 1)
        return false;
    (void)EVP_EncodeBlock((unsigned char *)leg->key, r, sizeof(r));
    return true;
}

/* What mstsc sends ([MS-TSGU] 2.2.3.1; FreeRDP's client, which was made after it). |chunked|: a
 * body of packets follows. */
static bool send_request(struct leg *leg, const char *authorization, bool chunked)
{
    const struct gateway *g = leg->gateway;
    bool v6 = strchr(g->config->host, ':') != NULL;
    char *buf = OPENSSL_malloc(REQUEST_MAX), name[300];
    bool sent;
    int n;

    if (buf == NULL)
        return fail(leg->gateway, "out of memory");
    (void)snprintf(name, sizeof(name), v6 ? "[%s]" : "%s", g->config->host);
    n = snprintf(buf, REQUEST_MAX,
                 "%s " PATH " HTTP/1.1\r\n"
                 "Cache-Control: no-cache\r\n"
                 "%s"
                 "Pragma: no-cache\r\n"
                 "Accept: */*\r\n"
                 "User-Agent: MS-RDGateway/1.0\r\n"
                 "Host: %s\r\n"
                 "RDG-Connection-Id: %s\r\n"
                 "RDG-Correlation-Id: %s\r\n"
                 "%s%s%s"
                 "%s%s%s"
                 "%s\r\n",
                 leg->method == WHY_GATEWAY_IN ? "RDG_IN_DATA" : "RDG_OUT_DATA",
                 leg->asks_websocket ? "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                       "Sec-WebSocket-Version: 13\r\n"
                                     : "Connection: Keep-Alive\r\n",
                 name, g->connection_id, g->correlation_id,
                 leg->asks_websocket ? "Sec-WebSocket-Key: " : "",
                 leg->asks_websocket ? leg->key : "", leg->asks_websocket ? "\r\n" : "",
                 authorization != NULL ? "Authorization: " : "",
                 authorization != NULL ? authorization : "", authorization != NULL ? "\r\n" : "",
                 chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: 0\r\n");
    sent = n > 0 && (size_t)n < REQUEST_MAX && write_all(leg, (uint8_t *)buf, (size_t)n);
    OPENSSL_clear_free(buf, REQUEST_MAX);
    return sent;
}

/* Until a response has come, with its body where that ends. A 1xx but 101 comes before it. */
static bool await_response(struct leg *leg)
{
    struct why_gateway_reader *r = &leg->reader;

    r->status = 0;
    r->has_status_end = false;
    while (r->problem == NULL && !r->open) {
        if (r->status >= 200 && (r->has_status_end || r->status == 200 || r->closes))
            return true;
        if (!turn(leg))
            return r->status >= 200;
    }
    return r->open;
}

/* ---- the logon ------------------------------------------------------------------------------- */

/*
 * Whom a logon is sent to: mstsc sends none where the gateway's certificate is not good, and takes
 * no exception. Name and dates count. NULL: it is; else why not, static.
 */
static const char *distrust(const struct gateway *g, const SSL *ssl)
{
    X509 *leaf = SSL_get0_peer_certificate(ssl);
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl), *authorities = sk_X509_new_null();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    const char *problem = "the gateway's certificate could not be checked";

    if (leaf != NULL && authorities != NULL && ctx != NULL &&
        X509_STORE_CTX_init(ctx, NULL, leaf, chain) == 1 &&
        why_authorities_chain(g->attempt->trust, leaf, chain, authorities) == 0) {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

        X509_STORE_CTX_set0_trusted_stack(ctx, authorities);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
        if ((X509_VERIFY_PARAM_set1_ip_asc(param, g->config->host) == 1 ||
             X509_VERIFY_PARAM_set1_host(param, g->config->host, 0) == 1) &&
            X509_verify_cert(ctx) == 1)
            problem = NULL;
        else
            problem = X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx));
    }
    X509_STORE_CTX_free(ctx);
    sk_X509_pop_free(authorities, X509_free);
    return problem;
}

/* Whether the account may be sent; else an event says why not. */
static bool may_log_on(struct gateway *g, const struct leg *leg)
{
    const char *why_not;
    char text[200];

    if (g->allowed)
        return true;
    if (g->config->credentials == NULL)
        return stop(g, WHY_STOP_GATEWAY_NO_LOGON "and no account was given for it");
    if (g->config->credentials->password == NULL)
        return stop(g, WHY_STOP_GATEWAY_NO_LOGON "which takes the password, and none was given");
    why_not = distrust(g, leg->conn->ssl);
    if (why_not != NULL) {
        (void)snprintf(text, sizeof(text), WHY_STOP_GATEWAY_CERTIFICATE "%s", why_not);
        return stop(g, text);
    }
    why_not = g->attempt->may_use_gateway != NULL
                  ? g->attempt->may_use_gateway(g->attempt->may_authenticate_arg)
                  : NULL;
    if (why_not != NULL)
        return stop(g, why_not);
    g->allowed = true;
    return true;
}

/* A logon on a connection. */
struct logging_on {
    struct gateway_logon *logon;
    bool begun, proven; /* something of it, and what proves the password, was sent */
    bool broken;        /* the connection ended, or an event says what is wrong */
};

/* The next request of the logon, and what comes of it. False: there is none. */
static bool log_on_further(struct gateway *g, struct leg *leg, struct logging_on *l)
{
    struct why_http_head response;
    bool proves = why_gateway_logon_proves(l->logon);
    char *value = NULL;

    /* Whoever closes after each answer asks anew: with what has begun it is over then. */
    if (leg->reader.closes && !l->begun) {
        end_leg(leg);
        if (!dial_leg(g, leg)) {
            l->broken = true;
            return false;
        }
        value = why_gateway_logon_next(l->logon, NULL);
    } else if (why_gateway_reader_response(&leg->reader, &response)) {
        value = why_gateway_logon_next(l->logon, &response);
    }
    if (value == NULL && !l->begun)
        l->broken = !fail(g, "NTLM could not be set up");
    else if (value == NULL && !l->proven)
        why_recorder_event(g->rec, WHY_EV_GATEWAY_FAILED, 0,
                           "its answer to NTLM NEGOTIATE has no CHALLENGE that can be used");
    if (value == NULL)
        return false;
    if (proves)
        why_recorder_event(g->rec, WHY_EV_GATEWAY_LOGON, 0, g->config->credentials->user);
    l->begun = true;
    l->proven = l->proven || proves;
    l->broken = !send_request(leg, value, false) || !await_response(leg);
    if (why_gateway_logon_is_basic(l->logon)) {
        why_gateway_value_free(leg->basic);
        leg->basic = value;
    } else {
        why_gateway_value_free(value);
    }
    return !l->broken;
}

/* Once a response has asked for a logon: goes on with it to its end. */
static bool log_on(struct gateway *g, struct leg *leg)
{
    struct logging_on l = {.logon = NULL};
    struct why_http_head response;

    if (!why_gateway_reader_response(&leg->reader, &response) ||
        why_gateway_scheme_of(&response) == GATEWAY_NO_SCHEME)
        return true; /* what it asks for is what the verdict has */
    if (!may_log_on(g, leg))
        return false;
    l.logon = why_gateway_logon_new(g->engine, why_gateway_scheme_of(&response),
                                    g->config->credentials, leg->conn->ssl);
    if (l.logon == NULL)
        return fail(g, "out of memory");
    while (leg->reader.status == 401 && !leg->reader.open && log_on_further(g, leg, &l))
        continue;
    why_gateway_logon_free(l.logon);
    return !l.broken;
}

/* ---- the transports -------------------------------------------------------------------------- */

/* A request with whatever logon it takes. True: |leg->reader| has what came of it. */
static bool ask(struct gateway *g, struct leg *leg)
{
    if (!send_request(leg, NULL, false) || !await_response(leg))
        return false;
    return leg->reader.open || leg->reader.status != 401 || log_on(g, leg);
}

/* An answer that a proxy or an older gateway may have for the upgrade alone. */
static bool is_upgrade_refused(const struct leg *leg)
{
    unsigned status = leg->reader.status;

    return leg->asks_websocket && !leg->reader.open && status >= 400 && status != 401 &&
           status != 403 && status != 404 && status != 503;
}

/* 200, and no page for people. */
static bool is_granted(const struct leg *leg)
{
    struct why_http_head head;
    const char *value;
    size_t at = 0, len;

    return leg->reader.status == 200 && why_gateway_reader_response(&leg->reader, &head) &&
           !(why_http_field(&head, "Content-Type", &at, &value, &len) && len >= 5 &&
             strncasecmp(value, "text/", 5) == 0);
}

static bool open_out(struct gateway *g)
{
    g->out.asks_websocket = g->config->transport != WHY_GATEWAY_TRANSPORT_HTTP;
    if (!ask(g, &g->out))
        return false;
    if (g->config->transport == WHY_GATEWAY_TRANSPORT_AUTO && is_upgrade_refused(&g->out)) {
        end_leg(&g->out);
        g->out.asks_websocket = false;
        if (!dial_leg(g, &g->out) || !ask(g, &g->out))
            return false;
    }
    if (g->out.reader.open)
        return true;
    if (g->out.reader.status == 200 && g->config->transport == WHY_GATEWAY_TRANSPORT_WEBSOCKET) {
        why_recorder_event(g->rec, WHY_EV_GATEWAY_FAILED, 0,
                           "it goes on without WebSocket, which was asked for");
        return false;
    }
    return is_granted(&g->out);
}

/* The second connection of the HTTP transport: what goes to the gateway. */
static bool open_in(struct gateway *g)
{
    g->in.method = WHY_GATEWAY_IN;
    if (!dial_leg(g, &g->in) || !ask(g, &g->in) || !is_granted(&g->in))
        return false;
    return send_request(&g->in, g->in.basic, true);
}

/* ---- packets --------------------------------------------------------------------------------- */

/* Until the gateway's answer has confirmed |phase|, or it does not. */
static bool await_phase(struct gateway *g, enum why_phase phase)
{
    while (g->rec->progress.confirmed < phase) {
        if (g->closed || g->refused || !turn(&g->out))
            return false;
    }
    return !is_enough(g);
}

static bool open_channel(struct gateway *g)
{
    uint8_t out[WHY_TSGU_REQUEST_MAX];

    if (!send_packet(g, out, why_tsgu_handshake_request(out)) ||
        !await_phase(g, WHY_PHASE_GATEWAY_HANDSHAKE))
        return false;
    if (!send_packet(g, out, why_tsgu_tunnel_create(out)) ||
        !await_phase(g, WHY_PHASE_GATEWAY_TUNNEL))
        return false;
    if (!send_packet(g, out,
                     why_tsgu_tunnel_auth(out, why_settings_client_name(g->engine, g->attempt))) ||
        !await_phase(g, WHY_PHASE_GATEWAY_AUTHORIZATION))
        return false;
    return send_packet(
               g, out,
               why_tsgu_channel_create(out, g->attempt->target->host, g->attempt->target->port)) &&
           await_phase(g, WHY_PHASE_GATEWAY_CHANNEL);
}

/* ---- from outside ---------------------------------------------------------------------------- */

struct gateway *why_gateway_new(struct why_engine *engine, const struct why_attempt *attempt,
                                struct recorder *rec, int fd, uint64_t deadline_us)
{
    struct gateway *g = calloc(1, sizeof(*g));

    if (g == NULL) {
        (void)close(fd);
        return NULL;
    }
    g->engine = engine;
    g->attempt = attempt;
    g->config = attempt->gateway;
    g->rec = rec;
    g->deadline_us = deadline_us;
    g->out.method = WHY_GATEWAY_OUT;
    g->stopped = !make_guid(g->connection_id) || !make_guid(g->correlation_id) ||
                 !make_key(&g->out) || !begin_leg(g, &g->out, fd);
    return g;
}

bool why_gateway_open(struct gateway *g)
{
    if (g->stopped || is_enough(g) || !open_out(g) || (!g->out.reader.open && !open_in(g)))
        return false;
    return !is_enough(g) && open_channel(g);
}

static enum conn_end end_of(const struct gateway *g)
{
    return g->out.conn->end != CONN_OPEN ? g->out.conn->end : CONN_FIN;
}

static void follow(struct gateway *g, uint64_t deadline_us)
{
    g->out.conn->deadline_us = deadline_us + GRACE_US;
    if (g->in.conn != NULL)
        g->in.conn->deadline_us = deadline_us + GRACE_US;
}

static int on_read(void *arg, uint8_t *buf, size_t len, uint64_t deadline_us, enum conn_end *end)
{
    struct gateway *g = arg;
    size_t n;
    bool more = true;

    follow(g, deadline_us);
    if (g->carried.len == 0 && !g->closed)
        more = read_some(&g->out);
    n = g->carried.len < len ? g->carried.len : len;
    if (n > 0) {
        memcpy(buf, g->carried.data, n);
        why_buffer_drop(&g->carried, n);
        return (int)n;
    }
    if (g->overrun || (!more && g->out.reader.problem != NULL)) {
        *end = CONN_VIOLATION;
        return CONN_ENDED;
    }
    if (more && !g->closed)
        return CONN_AGAIN;
    /* The packet or the frame that closed the channel has been told; TCP itself may be up. */
    if (g->closed && g->out.conn->end == CONN_OPEN)
        why_recorder_event(g->rec, WHY_EV_FIN, 0, WHY_GATEWAY_CLOSED);
    *end = end_of(g);
    return CONN_ENDED;
}

static int on_write(void *arg, const uint8_t *buf, size_t len, uint64_t deadline_us)
{
    struct gateway *g = arg;
    uint8_t head[WHY_TSGU_DATA_HEAD];

    follow(g, deadline_us);
    if (g->closed)
        return CONN_ENDED;
    if (len > CARRY_MAX)
        len = CARRY_MAX;
    (void)why_tsgu_data(head, (uint16_t)len);
    return send_framed(g, WHY_WEBSOCKET_BINARY, head, sizeof(head), buf, len) ? (int)len
                                                                              : CONN_ENDED;
}

static bool on_pending(void *arg)
{
    const struct gateway *g = arg;

    return g->carried.len > 0 || g->closed || why_conn_readable_now(g->out.conn);
}

void why_gateway_carry(struct gateway *g, struct conn *conn, uint64_t deadline_us)
{
    static const struct carrier carrier = {on_read, on_write, on_pending};

    why_conn_init(conn, g->rec, g->out.conn->fd, deadline_us, g->attempt->cancelled);
    conn->carrier = &carrier;
    conn->carrier_arg = g;
}

void why_gateway_look(const struct why_attempt *attempt, struct conn *conn)
{
    const struct why_gateway there = {.host = attempt->target->host, .port = attempt->target->port};
    uint64_t until = why_clock_us() + LOOK_US;
    struct gateway *g = calloc(1, sizeof(*g));
    const struct why_gateway_sink sink = {on_event, on_carried, g != NULL ? &g->out : NULL};

    if (g == NULL)
        return;
    g->attempt = attempt;
    g->config = &there;
    g->rec = conn->rec;
    g->out =
        (struct leg){.gateway = g, .conn = conn, .method = WHY_GATEWAY_OUT, .asks_websocket = true};
    why_gateway_reader_begin(&g->out.reader, &sink);
    if (conn->deadline_us > until)
        conn->deadline_us = until;
    if (make_guid(g->connection_id) && make_guid(g->correlation_id) && make_key(&g->out) &&
        send_request(&g->out, NULL, false))
        (void)await_response(&g->out);
    why_gateway_reader_clear(&g->out.reader);
    why_buffer_clear(&g->carried);
    free(g);
}

void why_gateway_free(struct gateway *g)
{
    if (g == NULL)
        return;
    end_leg(&g->in);
    end_leg(&g->out);
    why_buffer_clear(&g->carried);
    free(g);
}
