/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include <rdpwhy/status.h>

#include "base/map.h"
#include "gateway/reader.h"
#include "record/framer.h"

#include "keys.h"
#include "session.h"
#include "tls_conn.h"

#define STREAM_MAX (256u * 1024u) /* bytes that wait for the rest of a record */
#define CHUNK      (64u * 1024u)  /* bytes that are looked at together */
#define CLOSES_MAX 4u
#define IDLE_MAX   1000u      /* tunnels without a leg that may get one yet */
#define WAIT_US    120000000u /* for another leg: a client may be asking its user for a password */
#define HELLO_MIN  (11u + TLS_RANDOM)

static const char method_out[] = "RDG_OUT_DATA ", method_in[] = "RDG_IN_DATA ";
static const char still_open[] = "the capture ends while the connection is open";
static const char no_secrets[] = "not all secrets of the TLS with the gateway are there";
static const char goodbye[] = "the gateway's " WHY_CLOSE_NOTIFY;

/* Compared as bytes: padding is zero. */
struct tunnel_key {
    uint8_t client[sizeof(struct endpoint)]; /* without its port */
    uint8_t server[sizeof(struct endpoint)];
    char id[64];
};

/* The end of a leg that does not carry what comes: another may follow it. */
struct late_close {
    enum why_dir dir;
    struct leg_close how;
    const char *goodbye; /* NULL: in TCP */
    uint64_t t_us, number;
};

struct tunnel {
    struct tunnel_key key;
    struct session *session;
    uint64_t ordinal, last_us;
    unsigned legs; /* that are open */
    bool opened;
    const char *why; /* the last leg ended without a close */
    struct late_close closes[CLOSES_MAX];
    unsigned close_count;
    bool has_connection;
    struct why_pcap_connection connection;
};

struct tunnels {
    const struct why_pcap *pcap;
    const struct why_trace *notes;
    bool noted;
    struct why_pcap_summary *summary;
    tunnel_done *done;
    void *arg;
    struct why_map known; /* struct tunnel, by its key */
    size_t idle;
    uint64_t looked_us;
};

struct leg {
    struct tunnels *tunnels;
    struct tunnel *tunnel; /* NULL: not known yet */
    bool first, other, nomem, logged_on;
    struct tunnel_key key;
    char client[80], server[80], address[64];
    uint16_t port;
    uint64_t began_us;
    struct why_trace *early; /* what there was before it was known; its times are absolute */
    struct tls_conn tls;
    struct why_buffer raw[2];
    bool dead[2];
    bool started;    /* its ClientHello has been seen */
    bool said_bye;   /* the gateway, in TLS */
    char begins[16]; /* what the client sent first, above TLS */
    size_t begins_len;
    struct why_gateway_reader reader;
    uint64_t now_us, number;
};

/* ---- events ---------------------------------------------------------------------------------- */

static void tell(struct leg *leg, const struct why_event *event)
{
    struct why_event copy = *event;

    if (leg->tunnel != NULL) {
        why_session_packet(leg->tunnel->session, leg->number);
        why_session_event(leg->tunnel->session, event, leg->now_us);
        return;
    }
    copy.t_us = leg->now_us;
    copy.packet = leg->number;
    leg->nomem = leg->nomem || why_trace_append(leg->early, &copy) != WHY_OK;
}

static void add(struct leg *leg, struct why_event event)
{
    tell(leg, &event);
}

/* A name as it may be in a report; else the address. */
static const char *name_of(const struct leg *leg)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-_:[]";
    const char *host = leg->reader.host;

    return *host != '\0' && host[strspn(host, allowed)] == '\0' ? host : NULL;
}

/* ---- tunnels --------------------------------------------------------------------------------- */

static struct session *new_session(const struct leg *leg)
{
    const char *name = name_of(leg);
    const struct session_setup setup = {.keys = leg->tunnels->pcap->keys,
                                        .notes = leg->tunnels->notes,
                                        .host = name != NULL ? name : leg->address,
                                        .label = leg->server,
                                        .client = leg->client,
                                        .capture = leg->tunnels->pcap->name,
                                        .capture_us = leg->tunnels->summary->first_us,
                                        .port = leg->port,
                                        .profile = WHY_PROFILE_NEGOTIATE,
                                        .began_us = leg->began_us,
                                        .connected_us = leg->began_us};

    return why_session_new(&setup);
}

static struct tunnel *new_tunnel(const struct leg *leg)
{
    struct tunnels *tunnels = leg->tunnels;
    struct tunnel *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return NULL;
    t->key = leg->key;
    t->session = new_session(leg);
    if (t->session == NULL || why_map_put(&tunnels->known, &t->key, sizeof(t->key), t) != WHY_OK) {
        if (t->session != NULL)
            why_trace_free(why_session_take(t->session));
        free(t);
        return NULL;
    }
    t->ordinal = ++tunnels->summary->rdp;
    return t;
}

static void tell_gateway(struct leg *leg)
{
    const char *name = name_of(leg);
    const struct why_event *event = why_trace_at(leg->early, 0);
    char label[300];

    (void)snprintf(label, sizeof(label), "%s:%u", name != NULL ? name : "", (unsigned)leg->port);
    why_session_packet(leg->tunnel->session, event != NULL ? event->packet : leg->number);
    why_session_event(
        leg->tunnel->session,
        &(struct why_event){.kind = WHY_EV_GATEWAY, .text = name != NULL ? label : leg->server},
        leg->began_us);
}

/* It is a gateway's: what is known so far goes into the session that the leg is of. */
static void join(struct leg *leg)
{
    struct tunnels *tunnels = leg->tunnels;
    const struct why_event *event;
    struct tunnel *t;

    if (!tunnels->noted)
        memcpy(leg->key.id, leg->reader.connection_id, sizeof(leg->key.id));
    t = why_map_get(&tunnels->known, &leg->key, sizeof(leg->key));
    leg->first = t == NULL;
    if (t == NULL)
        t = new_tunnel(leg);
    else
        tunnels->idle -= t->legs == 0;
    if (t == NULL) {
        leg->nomem = true;
        return;
    }
    leg->tunnel = t;
    t->legs++;
    t->close_count = 0;
    if (leg->first && tunnels->notes == NULL)
        tell_gateway(leg);
    for (size_t i = 0; (event = why_trace_at(leg->early, i)) != NULL; i++) {
        why_session_packet(t->session, event->packet);
        why_session_event(t->session, event, event->t_us);
    }
    why_trace_free(leg->early);
    leg->early = NULL;
}

static void tell_close(struct tunnel *t, const struct late_close *close)
{
    why_session_packet(t->session, close->number);
    if (close->goodbye != NULL)
        why_session_goodbye(t->session, close->goodbye, close->t_us);
    else if (close->how.doubt)
        why_session_doubt(t->session, close->how.reset, close->t_us);
    else
        why_session_closed(t->session, close->dir, close->how.reset, close->t_us);
}

static void hand_out(struct tunnels *tunnels, struct tunnel *t)
{
    struct why_trace *trace;

    (void)why_map_remove(&tunnels->known, &t->key, sizeof(t->key));
    if (why_session_has_ended(t->session))
        t->close_count = 0; /* by what the other leg told */
    for (unsigned i = 0; i < t->close_count; i++)
        tell_close(t, &t->closes[i]);
    why_session_end(t->session, t->why != NULL ? t->why : still_open, t->last_us);
    trace = why_session_take(t->session);
    tunnels->done(tunnels->arg, &t->connection, trace);
    free(t);
}

bool why_tunnels_are_noted(const struct tunnels *tunnels)
{
    return tunnels->noted;
}

struct tunnels *why_tunnels_new(const struct why_pcap *pcap, const struct why_trace *notes,
                                struct why_pcap_summary *summary, tunnel_done *done, void *arg)
{
    struct tunnels *tunnels = calloc(1, sizeof(*tunnels));
    const struct why_event *note;

    if (tunnels == NULL)
        return NULL;
    tunnels->pcap = pcap;
    tunnels->notes = notes;
    tunnels->summary = summary;
    tunnels->done = done;
    tunnels->arg = arg;
    for (size_t i = 0; notes != NULL && (note = why_trace_at(notes, i)) != NULL; i++)
        tunnels->noted = tunnels->noted || note->kind == WHY_EV_GATEWAY;
    return tunnels;
}

void why_tunnels_expire(struct tunnels *tunnels, uint64_t now_us)
{
    struct why_map_entry *entry;
    size_t position = 0;
    bool many = tunnels->idle > IDLE_MAX;

    if (tunnels->idle == 0 || (!many && now_us < tunnels->looked_us + WAIT_US / 10))
        return;
    tunnels->looked_us = now_us;
    while ((entry = why_map_next(&tunnels->known, &position)) != NULL) {
        struct tunnel *t = entry->value;

        if (t->legs > 0 || (!many && now_us < t->last_us + WAIT_US))
            continue;
        tunnels->idle--;
        hand_out(tunnels, t);
    }
}

void why_tunnels_finish(struct tunnels *tunnels)
{
    struct why_map_entry *entry;
    size_t position = 0;

    while ((entry = why_map_next(&tunnels->known, &position)) != NULL)
        hand_out(tunnels, entry->value);
    tunnels->idle = 0;
}

static void free_tunnel(void *value)
{
    struct tunnel *t = value;

    why_trace_free(why_session_take(t->session));
    free(t);
}

void why_tunnels_free(struct tunnels *tunnels)
{
    if (tunnels == NULL)
        return;
    why_map_clear(&tunnels->known, free_tunnel);
    free(tunnels);
}

enum likeness why_tunnels_client(const struct tunnels *tunnels, const uint8_t *data, size_t len)
{
    static const struct {
        size_t at;
        uint8_t value;
    } bytes[] = {{0, TLS_HANDSHAKE}, {1, 0x03}, {5, TLS_CLIENT_HELLO}};

    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        if (len > bytes[i].at && data[bytes[i].at] != bytes[i].value)
            return LIKE_NOTHING;
    }
    if (len < HELLO_MIN)
        return LIKE_MAYBE;
    if (tunnels->noted || why_keys_know(tunnels->pcap->keys, data + HELLO_MIN - TLS_RANDOM))
        return LIKE_SO;
    return LIKE_NOTHING;
}

/* ---- ends ------------------------------------------------------------------------------------ */

/* The gateway owes an answer to the last request. */
static bool is_asked(const struct leg *leg)
{
    return leg->reader.method != WHY_GATEWAY_NO_METHOD && leg->reader.status == 0 &&
           !leg->reader.open;
}

/* Whoever closes it ends more than the leg: what the gateway says comes here. Behind another answer
 * a client may try again. */
static bool is_decisive(const struct leg *leg)
{
    return is_asked(leg) || (leg->reader.method == WHY_GATEWAY_OUT &&
                             (leg->reader.open || leg->reader.status == 200));
}

static void close_leg(struct leg *leg, const struct late_close *close)
{
    struct tunnel *t = leg->tunnel;

    if (t == NULL)
        return;
    if (is_decisive(leg))
        tell_close(t, close);
    else if (t->close_count < CLOSES_MAX)
        t->closes[t->close_count++] = *close;
}

void why_leg_closed(struct leg *leg, enum why_dir dir, struct leg_close how, uint64_t t_us)
{
    const struct late_close close = {.dir = dir, .how = how, .t_us = t_us, .number = leg->number};

    /* Behind its good-bye. */
    if (!leg->said_bye || dir == WHY_DIR_SENT || how.doubt)
        close_leg(leg, &close);
}

/* ---- what is above TLS ----------------------------------------------------------------------- */

static void see_request(struct leg *leg)
{
    if (leg->tunnel == NULL && leg->reader.method == WHY_GATEWAY_OTHER)
        leg->other = true;
    else if (leg->tunnel == NULL)
        join(leg);
    if (leg->tunnel == NULL || leg->tunnels->notes != NULL || leg->logged_on ||
        leg->reader.account[0] == '\0')
        return;
    leg->logged_on = true;
    add(leg, (struct why_event){.kind = WHY_EV_GATEWAY_LOGON, .text = leg->reader.account});
}

static bool closes_channel(const struct leg *leg, const struct why_event *event)
{
    struct why_tsgu packet;

    if (event->dir != WHY_DIR_RECEIVED ||
        why_session_confirmed(leg->tunnel->session) < WHY_PHASE_GATEWAY_CHANNEL)
        return false;
    if (event->kind != WHY_EV_GATEWAY_PACKET)
        return event->kind == WHY_EV_GATEWAY_GOODBYE;
    why_tsgu_read(event->bytes, event->len, &packet);
    return packet.type == WHY_TSGU_CLOSE_CHANNEL;
}

static void see_target(const struct leg *leg, const struct why_event *event)
{
    struct why_tsgu packet;

    why_tsgu_read(event->bytes, event->len, &packet);
    if (packet.type == WHY_TSGU_CHANNEL_CREATE && packet.problem == NULL && packet.text[0] != '\0')
        why_session_target(leg->tunnel->session, packet.text, packet.port);
}

static void on_event(void *arg, const struct why_event *event)
{
    struct leg *leg = arg;

    if (event->kind == WHY_EV_GATEWAY_HTTP && event->dir == WHY_DIR_SENT) {
        leg->reader.status = 0;
        see_request(leg);
    }
    if (leg->tunnel == NULL)
        return;
    leg->tunnel->opened = leg->tunnel->opened || event->kind == WHY_EV_GATEWAY_OPEN;
    tell(leg, event);
    if (event->kind == WHY_EV_GATEWAY_PACKET && event->dir == WHY_DIR_SENT)
        see_target(leg, event);
    if (closes_channel(leg, event))
        why_session_goodbye(leg->tunnel->session, WHY_GATEWAY_CLOSED, leg->now_us);
}

static void on_carried(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct leg *leg = arg;

    if (leg->tunnel == NULL)
        return;
    why_session_packet(leg->tunnel->session, leg->number);
    why_session_carried(leg->tunnel->session, dir, data, len, leg->now_us);
}

/* As far as it has come, the client's first line is a gateway's. */
static bool may_be_gateway(struct leg *leg, enum why_dir dir, const uint8_t *data, size_t len)
{
    size_t room = sizeof(leg->begins) - leg->begins_len, n;

    if (dir != WHY_DIR_SENT)
        return false;
    if (len > room)
        len = room;
    memcpy(leg->begins + leg->begins_len, data, len);
    leg->begins_len += len;
    n = leg->begins_len;
    return memcmp(leg->begins, method_out, n < strlen(method_out) ? n : strlen(method_out)) == 0 ||
           memcmp(leg->begins, method_in, n < strlen(method_in) ? n : strlen(method_in)) == 0;
}

static void on_data(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct leg *leg = arg;
    uint8_t copy[TLS_RECORD_MAX];

    if (leg->tunnel == NULL && !may_be_gateway(leg, dir, data, len))
        leg->other = true;
    if (leg->other || len > sizeof(copy))
        return;
    memcpy(copy, data, len);
    why_gateway_reader_take(&leg->reader, dir, copy, len);
    OPENSSL_cleanse(copy, len);
}

/* ---- TLS ------------------------------------------------------------------------------------- */

static void on_certificate(void *arg, const uint8_t *der, size_t len, int index)
{
    struct leg *leg = arg;

    if (!leg->tls.up)
        add(leg, (struct why_event){.kind = WHY_EV_GATEWAY_CERTIFICATE,
                                    .dir = WHY_DIR_RECEIVED,
                                    .value = index,
                                    .bytes = der,
                                    .len = len,
                                    .wire_len = len});
}

static void on_alert(void *arg, enum why_dir dir, unsigned level, unsigned description)
{
    struct leg *leg = arg;
    const struct late_close close = {
        .dir = WHY_DIR_RECEIVED, .goodbye = goodbye, .t_us = leg->now_us, .number = leg->number};

    add(leg, (struct why_event){.kind = WHY_EV_GATEWAY_TLS_ALERT,
                                .dir = dir,
                                .value = (int64_t)(level << 8 | description)});
    if (dir != WHY_DIR_RECEIVED || description != WHY_TLS_ALERT_CLOSE_NOTIFY || leg->said_bye ||
        !leg->tls.up || leg->dead[WHY_DIR_SENT])
        return;
    leg->said_bye = true;
    close_leg(leg, &close);
}

static void on_up(void *arg, unsigned version, const char *text)
{
    add(arg, (struct why_event){.kind = WHY_EV_GATEWAY_TLS_DONE, .value = version, .text = text});
}

static void drop(struct leg *leg, enum why_dir dir, uint64_t count, const char *why)
{
    leg->dead[dir] = true;
    if (leg->tunnel == NULL) {
        leg->other = true;
        return;
    }
    why_session_packet(leg->tunnel->session, leg->number);
    why_session_lost(leg->tunnel->session, dir, count, why, leg->now_us);
}

static void on_opaque(void *arg, enum why_dir dir, size_t len, const char *what)
{
    struct leg *leg = arg;

    (void)len;
    if (what == NULL && !leg->dead[dir])
        drop(leg, dir, 0, no_secrets);
}

static bool on_record(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    static const struct tls_sink sink = {on_certificate, on_alert, on_up, on_data, on_opaque};
    struct leg *leg = arg;

    if (dir == WHY_DIR_SENT && !leg->started) {
        leg->started = true;
        add(leg, (struct why_event){.kind = WHY_EV_GATEWAY_TLS_START});
    }
    why_tls_conn_record(&leg->tls, dir, data, len, &sink, leg);
    leg->nomem = leg->nomem || leg->tls.nomem;
    return !leg->other && !leg->dead[dir];
}

static void take_chunk(struct leg *leg, enum why_dir dir, const uint8_t *data, size_t len)
{
    const struct why_framer records = {WHY_FRAMING_RECORDS, dir, NULL, on_record, leg};
    struct why_buffer *b = &leg->raw[dir];

    switch (why_buffer_add(b, data, len, STREAM_MAX)) {
    case WHY_BUFFER_ADDED:
        if (why_framer_cut(&records, b, NULL) == WHY_FRAME_INVALID)
            leg->dead[dir] = true; /* whoever reads it says what it is */
        break;
    case WHY_BUFFER_FULL:
        leg->dead[dir] = true;
        break;
    default:
        leg->nomem = true;
        break;
    }
    if (leg->dead[dir])
        why_buffer_clear(b);
}

/* ---- legs ------------------------------------------------------------------------------------ */

static void tell_connection(struct leg *leg, const struct leg_setup *setup)
{
    leg->now_us = setup->began_us;
    if (leg->tunnels->notes == NULL && setup->has_syn)
        add(leg, (struct why_event){.kind = WHY_EV_DIAL, .text = leg->server});
    leg->now_us = setup->connected_us;
    if (setup->connected)
        add(leg, (struct why_event){.kind = WHY_EV_CONNECTED, .text = leg->server});
}

struct leg *why_leg_new(struct tunnels *tunnels, const struct leg_setup *setup)
{
    const struct why_trace_head head = {.host = setup->host, .port = setup->port};
    struct leg *leg = calloc(1, sizeof(*leg));
    const struct why_gateway_sink sink = {on_event, on_carried, leg};
    struct endpoint client;

    if (leg == NULL)
        return NULL;
    leg->tunnels = tunnels;
    leg->early = why_trace_new(&head);
    if (leg->early == NULL) {
        free(leg);
        return NULL;
    }
    (void)snprintf(leg->client, sizeof(leg->client), "%s", setup->client);
    (void)snprintf(leg->server, sizeof(leg->server), "%s", setup->server);
    (void)snprintf(leg->address, sizeof(leg->address), "%s", setup->host);
    leg->port = setup->port;
    leg->began_us = setup->began_us;
    if (!tunnels->noted) {
        memcpy(&client, setup->client_end, sizeof(client));
        client.port = 0;
        memcpy(leg->key.client, &client, sizeof(client));
        memcpy(leg->key.server, setup->server_end, sizeof(client));
    }
    leg->tls.keys = tunnels->pcap->keys;
    why_gateway_reader_begin(&leg->reader, &sink);
    if (tunnels->noted)
        join(leg);
    tell_connection(leg, setup);
    return leg;
}

void why_leg_packet(struct leg *leg, uint64_t number)
{
    leg->number = number;
}

static void pass_time(struct leg *leg, uint64_t t_us)
{
    if (t_us > leg->now_us)
        leg->now_us = t_us;
    if (leg->tunnel != NULL && t_us > leg->tunnel->last_us)
        leg->tunnel->last_us = t_us;
}

void why_leg_bytes(struct leg *leg, enum why_dir dir, const uint8_t *data, size_t len,
                   uint64_t t_us)
{
    pass_time(leg, t_us);
    if (leg->tunnel != NULL)
        why_session_count(leg->tunnel->session, dir, len);
    while (len > 0 && !leg->other && !leg->dead[dir] && !leg->nomem) {
        size_t chunk = len < CHUNK ? len : CHUNK;

        take_chunk(leg, dir, data, chunk);
        data += chunk;
        len -= chunk;
    }
}

void why_leg_lost(struct leg *leg, enum why_dir dir, uint64_t count, const char *why, uint64_t t_us)
{
    pass_time(leg, t_us);
    if (leg->dead[dir])
        return;
    why_buffer_clear(&leg->raw[dir]);
    drop(leg, dir, count, why);
}

bool why_leg_is_whole(const struct leg *leg, enum why_dir dir)
{
    return !leg->dead[dir] && leg->raw[dir].len == 0;
}

enum likeness why_leg_likeness(const struct leg *leg)
{
    if (leg->tunnel != NULL)
        return LIKE_SO;
    return leg->other ? LIKE_NOTHING : LIKE_MAYBE;
}

uint64_t why_leg_ordinal(const struct leg *leg)
{
    return leg->tunnel != NULL ? leg->tunnel->ordinal : 0;
}

bool why_leg_is_first(const struct leg *leg)
{
    return leg->first;
}

bool why_leg_end(struct leg *leg, const struct why_pcap_connection *connection, const char *why,
                 uint64_t t_us)
{
    struct tunnels *tunnels = leg->tunnels;
    struct tunnel *t = leg->tunnel;
    bool over;

    pass_time(leg, t_us);
    if (t != NULL && (!t->has_connection || leg->reader.method == WHY_GATEWAY_OUT)) {
        t->has_connection = true;
        t->connection = *connection;
    }
    if (t != NULL) {
        t->legs--;
        t->why = why;
        tunnels->summary->decrypted += leg->reader.method != WHY_GATEWAY_NO_METHOD;
    }
    why_leg_free(leg);
    if (t == NULL)
        return false;
    over = t->opened && t->legs == 0;
    if (over)
        hand_out(tunnels, t);
    else
        tunnels->idle += t->legs == 0;
    return over;
}

void why_leg_free(struct leg *leg)
{
    if (leg == NULL)
        return;
    why_trace_free(leg->early);
    why_buffer_clear(&leg->raw[0]);
    why_buffer_clear(&leg->raw[1]);
    why_tls_conn_clear(&leg->tls);
    why_gateway_reader_clear(&leg->reader);
    free(leg);
}
