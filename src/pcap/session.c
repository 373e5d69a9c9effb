/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "progress/progress.h"
#include "record/framer.h"
#include "record/record.h"
#include "wire/numbers.h"

#include "recognize.h"
#include "tls_conn.h"

#define STREAM_MAX (256u * 1024u) /* bytes that wait for the rest of a PDU or record */
#define CHUNK      (64u * 1024u)  /* bytes that are looked at together */
#define FLOOD      4000u          /* events, beyond which only endings are recorded */
#define SINGLE     64u /* what cannot be read has that many events of its own, by direction */
#define RECORDS    64u /* of a TLS handshake */
#define ENDINGS    16u /* PDUs that end a session, of one that goes on */
#define SECONDS    64u /* of what cannot be read are told apart, by direction */
#define SECOND_US  1000000u
#define DATAGRAMS  16u /* of RDP over UDP */

/* What cannot be read and has no event of its own. */
struct run {
    uint64_t count, last_us, last_packet;
    size_t len;
    unsigned seconds; /* that had an event of their own */
};

static const char in_doubt[] = "which side closed first was not captured";

struct session {
    struct why_trace *trace;
    uint64_t began_us;
    const struct why_trace *notes;
    size_t next_note, next_pdu[2];
    struct why_progress progress;
    bool uses_tls, was_open, was_opaque;
    struct tls_conn tls;
    struct why_buffer raw[2], plain[2]; /* below and above TLS */
    bool dead[2];                       /* what comes cannot be cut into PDUs or records any more */
    bool over;                          /* nothing more is of interest */
    bool up;          /* the session is up: of what passes only the words that end it are kept */
    unsigned endings; /* of these, how many */
    bool server_closed, ended;
    bool nomem;
    unsigned datagrams;    /* of RDP over UDP */
    unsigned records[2];   /* of the TLS handshake */
    unsigned singles[2];   /* events of what cannot be read */
    unsigned encrypted[2]; /* of these, PDUs of Standard RDP Security */
    struct run runs[2];
    uint64_t now_us, packet;
    char target[256]; /* that a gateway was asked for; "": none was */
    uint16_t target_port;
    bool gateway_failed;
};

/* ---- events ---------------------------------------------------------------------------------- */

static void keep(struct session *s, const struct why_event *event, struct why_pdu *pdu)
{
    if (why_record(&s->progress, s->trace, event, pdu) != WHY_OK)
        s->nomem = true;
}

/* What our own side noted before |t_us|. What passed at the same time comes first. */
static void notes_before(struct session *s, uint64_t t_us)
{
    const struct why_event *note;

    while (s->notes != NULL && (note = why_trace_at(s->notes, s->next_note)) != NULL &&
           note->t_us < t_us) {
        s->next_note++;
        if (note->kind == WHY_EV_PDU || (note->kind == WHY_EV_FIN && s->server_closed) ||
            (note->kind == WHY_EV_GATEWAY_FAILED && s->gateway_failed))
            continue; /* takes the place of what passed encrypted; was seen in the packets */
        keep(s, note, NULL);
    }
}

static bool is_flood(const struct session *s, enum why_event_kind kind)
{
    return (kind == WHY_EV_PDU || kind == WHY_EV_TLS_RECORD || kind == WHY_EV_OPAQUE) &&
           why_trace_count(s->trace) >= FLOOD;
}

static uint64_t now_of(const struct session *s)
{
    return s->now_us > s->began_us ? s->now_us - s->began_us : 0;
}

/* A run becomes an event at the time of the last of it. */
static void end_run(struct session *s, enum why_dir dir)
{
    struct run *run = &s->runs[dir];
    struct why_event event = {.t_us = run->last_us,
                              .kind = WHY_EV_OPAQUE,
                              .dir = dir,
                              .value = (int64_t)run->count,
                              .wire_len = run->len,
                              .packet = run->last_packet};

    if (run->count > 0)
        keep(s, &event, NULL);
    *run = (struct run){.seconds = run->seconds + (run->count > 0)};
}

/* Before another event, which one of the sides may have been waiting for. */
static void end_runs(struct session *s)
{
    enum why_dir first = s->runs[1].last_us < s->runs[0].last_us ? WHY_DIR_RECEIVED : WHY_DIR_SENT;

    end_run(s, first);
    end_run(s, !first);
}

static void append(struct session *s, struct why_event *event, struct why_pdu *pdu)
{
    event->t_us = now_of(s);
    event->packet = s->packet;
    end_runs(s);
    notes_before(s, event->t_us);
    if (is_flood(s, event->kind))
        why_progress_event(&s->progress, event, pdu);
    else
        keep(s, event, pdu);
}

static void add(struct session *s, struct why_event event)
{
    append(s, &event, NULL);
}

/* The first of what cannot be read have events of their own, of the rest the runs are kept. */
static void add_opaque(struct session *s, enum why_dir dir, size_t len, const char *what)
{
    struct why_event event = {
        .kind = WHY_EV_OPAQUE, .dir = dir, .value = 1, .text = what, .wire_len = len};
    struct run *run = &s->runs[dir];

    if (what != NULL || s->singles[dir] < SINGLE) {
        s->singles[dir] += what == NULL;
        append(s, &event, NULL);
        return;
    }
    /* When something came is what tells a session from a handshake. */
    if (run->count > 0 && run->seconds < SECONDS &&
        run->last_us / SECOND_US != now_of(s) / SECOND_US)
        end_runs(s);
    notes_before(s, now_of(s));
    run->count++;
    run->len += len;
    run->last_us = now_of(s);
    run->last_packet = s->packet;
}

/* ---- PDUs ------------------------------------------------------------------------------------ */

/* Standard RDP Security: what rdpwhy's own library had decrypted. NULL: nothing was noted. */
static const struct why_event *next_noted(struct session *s, enum why_dir dir)
{
    const struct why_event *note;

    while ((note = why_trace_at(s->notes, s->next_pdu[dir])) != NULL) {
        s->next_pdu[dir]++;
        if (note->kind == WHY_EV_PDU && note->dir == dir)
            return note;
    }
    return NULL;
}

static bool has_got_there(const struct session *s)
{
    enum why_phase until = s->notes != NULL ? why_trace_head(s->notes)->until : WHY_PHASE_ACTIVE;

    return why_progress_reached(&s->progress, until);
}

/* A PDU that nobody can read, or that says no more than that the session is up. */
static bool is_one_of_many(const struct session *s, const struct why_pdu *pdu)
{
    return (pdu->encrypted && pdu->type == WHY_PDU_ENCRYPTED) ||
           (s->progress.dissector.rdp_security && pdu->type == WHY_PDU_FAST_PATH);
}

/* Behind Font Map: what ends the session, in either side's words. */
static void session_pdu(struct session *s, const struct why_event *event)
{
    struct why_pdu decoded;

    why_progress_peek(&s->progress, event, &decoded);
    if ((event->dir == WHY_DIR_RECEIVED && why_pdu_refuses(&decoded)) ||
        decoded.type == WHY_PDU_MCS_DISCONNECT_PROVIDER_ULTIMATUM) {
        struct why_event kept = *event;

        if (s->endings++ < ENDINGS)
            append(s, &kept, &decoded);
    }
}

static void pdu(struct session *s, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct why_event event = {.kind = WHY_EV_PDU, .dir = dir, .bytes = data, .len = len};
    const struct why_event *note = NULL;
    struct why_pdu decoded = {.encrypted = false};

    if (s->up) {
        session_pdu(s, &event);
        return;
    }

    if (s->progress.dissector.rdp_security)
        why_progress_peek(&s->progress, &event, &decoded);
    if (s->notes != NULL && decoded.encrypted)
        note = next_noted(s, dir);
    /* What nobody can read, beyond the first of it. */
    if (s->notes == NULL && is_one_of_many(s, &decoded) && s->encrypted[dir] >= SINGLE) {
        add_opaque(s, dir, len, NULL);
        return;
    }
    if (note != NULL)
        event = *note;
    append(s, &event, &decoded);
    s->encrypted[dir] += is_one_of_many(s, &decoded);
    if (s->notes == NULL && has_got_there(s)) {
        add(s, (struct why_event){.kind = WHY_EV_REACHED, .value = WHY_PHASE_ACTIVE});
        s->up = true;
    }
    /* rdpwhy stopped here, whatever else had come already. */
    if (s->notes != NULL && why_trace_head(s->notes)->until != WHY_PHASE_ACTIVE && has_got_there(s))
        s->over = true;
}

static void add_partial(struct session *s, enum why_dir dir, const struct why_buffer *b,
                        const char *problem)
{
    add(s,
        (struct why_event){
            .kind = WHY_EV_PARTIAL, .dir = dir, .text = problem, .bytes = b->data, .len = b->len});
}

static void give_up(struct session *s, enum why_dir dir, struct why_buffer *b, const char *problem)
{
    s->dead[dir] = true;
    add_partial(s, dir, b, problem);
    why_buffer_clear(b);
}

/* False: no more is to be cut. */
static bool add_to(struct session *s, enum why_dir dir, struct why_buffer *b, const uint8_t *data,
                   size_t len)
{
    switch (why_buffer_add(b, data, len, STREAM_MAX)) {
    case WHY_BUFFER_ADDED:
        return true;
    case WHY_BUFFER_FULL: /* no PDU and no record is as long */
        give_up(s, dir, b, NULL);
        add_opaque(s, dir, len, NULL);
        return false;
    default:
        s->nomem = true;
        return false;
    }
}

static bool tls_is_due(const struct session *s)
{
    return s->progress.dissector.confirmed && s->progress.dissector.selected_protocol != 0;
}

/* Whether the client starts TLS although no Connection Confirm was captured. */
static bool starts_tls(const struct session *s, enum why_dir dir, const struct why_buffer *b)
{
    return !s->progress.dissector.confirmed && dir == WHY_DIR_SENT && b->len >= 2 &&
           b->data[0] == TLS_HANDSHAKE && b->data[1] == 0x03;
}

/* The last one before TLS begins, or before the session is up, is followed by none. */
static bool on_pdu(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct session *s = arg;
    bool below_tls = s->uses_tls;

    pdu(s, dir, data, len);
    s->uses_tls = s->uses_tls || tls_is_due(s);
    return !s->over && s->uses_tls == below_tls;
}

/* Cuts |b| into PDUs; stops where TLS begins. */
static void cut_pdus(struct session *s, enum why_dir dir, struct why_buffer *b)
{
    const struct why_framer pdus = {WHY_FRAMING_PDUS, dir, &s->progress.dissector, on_pdu, s};
    const char *problem = NULL;
    enum why_frame frame = why_framer_cut(&pdus, b, &problem);

    if (frame == WHY_FRAME_COMPLETE)
        return;
    if (!s->uses_tls && starts_tls(s, dir, b))
        s->uses_tls = true;
    else if (frame == WHY_FRAME_INVALID)
        give_up(s, dir, b, problem);
}

/* ---- TLS ------------------------------------------------------------------------------------- */

static void on_certificate(void *arg, const uint8_t *der, size_t len, int index)
{
    struct session *s = arg;

    if (!s->tls.up) /* a renegotiation may bring it again */
        add(s, (struct why_event){.kind = WHY_EV_CERTIFICATE,
                                  .dir = WHY_DIR_RECEIVED,
                                  .value = index,
                                  .bytes = der,
                                  .len = len});
}

static void on_alert(void *arg, enum why_dir dir, unsigned level, unsigned description)
{
    struct session *s = arg;

    add(s, (struct why_event){
               .kind = WHY_EV_TLS_ALERT, .dir = dir, .value = (int64_t)(level << 8 | description)});
    if (dir != WHY_DIR_RECEIVED || description != WHY_TLS_ALERT_CLOSE_NOTIFY || s->server_closed)
        return;
    /* Within the handshake anybody may have said it: the packets show who closed, and how. */
    if (!s->tls.up)
        return;
    /* It answers that of a client that closed, too. */
    if (s->dead[WHY_DIR_SENT]) {
        why_session_doubt(s, false, s->now_us);
        return;
    }
    s->server_closed = true;
    add(s, (struct why_event){.kind = WHY_EV_FIN, .text = WHY_CLOSE_NOTIFY});
}

static void on_up(void *arg, unsigned version, const char *text)
{
    add(arg, (struct why_event){.kind = WHY_EV_TLS_DONE, .value = version, .text = text});
}

static void on_data(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct session *s = arg;

    s->was_open = true;
    if (s->over)
        return;
    if (s->dead[dir]) {
        add_opaque(s, dir, len, NULL);
        return;
    }
    if (add_to(s, dir, &s->plain[dir], data, len))
        cut_pdus(s, dir, &s->plain[dir]);
}

static void on_opaque(void *arg, enum why_dir dir, size_t len, const char *what)
{
    struct session *s = arg;

    s->was_opaque = true;
    add_opaque(s, dir, len, what);
}

static bool on_record(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    static const struct tls_sink sink = {on_certificate, on_alert, on_up, on_data, on_opaque};
    struct session *s = arg;

    /* No handshake has so many: the other side, which would show its end, was not captured. */
    if (!s->tls.up && ++s->records[dir] > RECORDS && s->notes == NULL)
        add_opaque(s, dir, len, NULL);
    else if (!s->tls.up)
        add(s,
            (struct why_event){.kind = WHY_EV_TLS_RECORD, .dir = dir, .bytes = data, .len = len});
    why_tls_conn_record(&s->tls, dir, data, len, &sink, s);
    s->nomem = s->nomem || s->tls.nomem;
    return !s->over;
}

/* A server speaks on in the clear. */
static bool cut_clear(struct session *s, enum why_dir dir, struct why_buffer *b)
{
    const struct why_framer clear = {WHY_FRAMING_CLEAR, dir, NULL, on_pdu, s};
    size_t before = b->len;

    if (dir == WHY_DIR_RECEIVED && !s->tls.up)
        (void)why_framer_cut(&clear, b, NULL);
    return b->len < before;
}

static void cut_records(struct session *s, enum why_dir dir)
{
    const struct why_framer records = {WHY_FRAMING_RECORDS, dir, NULL, on_record, s};
    struct why_buffer *b = &s->raw[dir];

    while (b->len > 0 && !s->over && why_framer_cut(&records, b, NULL) == WHY_FRAME_INVALID) {
        if (!cut_clear(s, dir, b))
            give_up(s, dir, b, "not a TLS record");
    }
}

/* ---- the connection -------------------------------------------------------------------------- */

struct session *why_session_new(const struct session_setup *setup)
{
    struct session *s = calloc(1, sizeof(*s));
    struct why_trace_head head = {
        .host = setup->host,
        .port = setup->port,
        .profile = setup->profile,
        .license_mode = WHY_LICENSE_MODE_FRESH,
        .until = WHY_PHASE_ACTIVE,
        .started_us = setup->began_us,
    };

    if (s == NULL)
        return NULL;
    if (setup->notes != NULL)
        head = *why_trace_head(setup->notes);
    head.client = setup->client;
    head.capture = setup->capture;
    head.capture_us = setup->capture_us;
    s->trace = why_trace_new(&head);
    if (s->trace == NULL) {
        free(s);
        return NULL;
    }
    s->began_us = head.started_us;
    s->now_us = setup->began_us;
    s->notes = setup->notes;
    s->tls.keys = setup->keys;
    why_progress_init(&s->progress, UINT32_MAX);
    if (setup->notes == NULL && setup->has_syn)
        add(s, (struct why_event){.kind = WHY_EV_DIAL, .text = setup->label});
    s->now_us = setup->connected_us;
    if (setup->connected)
        add(s, (struct why_event){.kind = WHY_EV_CONNECTED, .text = setup->label});
    return s;
}

void why_session_packet(struct session *s, uint64_t number)
{
    s->packet = number;
}

static void take_chunk(struct session *s, enum why_dir dir, const uint8_t *data, size_t len)
{
    if (s->dead[dir]) {
        add_opaque(s, dir, len, NULL);
        return;
    }
    if (!add_to(s, dir, &s->raw[dir], data, len))
        return;
    if (!s->uses_tls)
        cut_pdus(s, dir, &s->raw[dir]);
    if (s->uses_tls)
        cut_records(s, dir);
}

void why_session_count(struct session *s, enum why_dir dir, size_t len)
{
    why_trace_count_bytes(s->trace, dir, len);
}

void why_session_bytes(struct session *s, enum why_dir dir, const uint8_t *data, size_t len,
                       uint64_t t_us)
{
    why_session_count(s, dir, len);
    why_session_carried(s, dir, data, len, t_us);
}

void why_session_event(struct session *s, const struct why_event *event, uint64_t t_us)
{
    struct why_event copy = *event;

    if (t_us > s->now_us)
        s->now_us = t_us;
    if (s->over)
        return;
    s->gateway_failed = s->gateway_failed || event->kind == WHY_EV_GATEWAY_FAILED;
    append(s, &copy, NULL);
}

enum why_phase why_session_confirmed(const struct session *s)
{
    return s->progress.confirmed;
}

void why_session_target(struct session *s, const char *host, uint16_t port)
{
    if (s->notes != NULL || s->target[0] != '\0')
        return;
    (void)snprintf(s->target, sizeof(s->target), "%s", host);
    s->target_port = port;
}

void why_session_carried(struct session *s, enum why_dir dir, const uint8_t *data, size_t len,
                         uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    while (len > 0 && !s->over && !s->nomem) {
        /* Segments may be longer than what is kept of a stream. */
        size_t chunk = s->dead[dir] || len < CHUNK ? len : CHUNK;

        take_chunk(s, dir, data, chunk);
        data += chunk;
        len -= chunk;
    }
    if (s->over) {
        for (int i = 0; i < 2; i++) {
            why_buffer_clear(&s->raw[i]);
            why_buffer_clear(&s->plain[i]);
        }
    }
}

void why_session_lost(struct session *s, enum why_dir dir, uint64_t count, const char *why,
                      uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    if (s->over || s->dead[dir])
        return;
    s->dead[dir] = true;
    why_buffer_clear(&s->raw[dir]);
    why_buffer_clear(&s->plain[dir]);
    add(s,
        (struct why_event){.kind = WHY_EV_LOST, .dir = dir, .value = (int64_t)count, .text = why});
}

/* What had come of a PDU when no more could come. */
static void add_rest(struct session *s)
{
    struct why_buffer *b = s->uses_tls ? &s->plain[WHY_DIR_RECEIVED] : &s->raw[WHY_DIR_RECEIVED];

    if (b->len > 0 && !s->over)
        add_partial(s, WHY_DIR_RECEIVED, b, NULL);
    why_buffer_clear(b);
}

void why_session_closed(struct session *s, enum why_dir dir, bool reset, uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    if (s->over)
        return;
    if (dir == WHY_DIR_SENT) {
        /* rdpwhy's own notes say why its side closed; before the close itself. */
        if (s->notes == NULL && !s->ended)
            add(s,
                (struct why_event){.kind = WHY_EV_CLOSE, .flags = reset ? WHY_EVENT_BY_RESET : 0});
        s->ended = true;
        return;
    }
    add_rest(s);
    if (reset || !s->server_closed)
        add(s, (struct why_event){.kind = reset ? WHY_EV_RESET : WHY_EV_FIN});
    s->server_closed = s->ended = true;
}

void why_session_goodbye(struct session *s, const char *how, uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    if (s->over || s->server_closed)
        return;
    add_rest(s);
    add(s, (struct why_event){.kind = WHY_EV_FIN, .text = how});
    s->server_closed = true;
}

bool why_session_has_ended(const struct session *s)
{
    return s->ended || s->server_closed || s->over;
}

void why_session_doubt(struct session *s, bool reset, uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    if (s->over || s->ended || s->server_closed)
        return;
    add_rest(s);
    s->ended = true;
    if (s->notes == NULL)
        add(s, (struct why_event){.kind = WHY_EV_CLOSE,
                                  .flags = WHY_EVENT_IN_DOUBT | (reset ? WHY_EVENT_BY_RESET : 0),
                                  .text = in_doubt});
}

void why_session_udp(struct session *s, enum why_dir dir, int version, uint64_t t_us)
{
    static const char *const said[] = {"not delivered (ICMP)", "version 1", "version 2",
                                       "version 3"};
    static const char *const again[] = {NULL, "version 1, again", "version 2, again",
                                        "version 3, again"};

    if (t_us > s->now_us)
        s->now_us = t_us;
    if (s->notes != NULL || s->datagrams == DATAGRAMS)
        return;
    s->datagrams++;
    add(s, (struct why_event){.kind = WHY_EV_UDP,
                              .dir = dir,
                              .value = version,
                              .text = version < 0 ? again[-version & 3] : said[version & 3]});
}

bool why_session_is_whole(const struct session *s, enum why_dir dir)
{
    return !s->dead[dir] && s->raw[dir].len == 0 && s->plain[dir].len == 0;
}

void why_session_end(struct session *s, const char *why, uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    if (!s->server_closed)
        add_rest(s);
    end_runs(s);
    if (s->notes != NULL)
        notes_before(s, UINT64_MAX);
    else if (!s->ended && !s->server_closed && !s->over)
        add(s, (struct why_event){.kind = WHY_EV_STOP, .flags = WHY_EVENT_CUT_OFF, .text = why});
}

enum session_tls why_session_decrypted(const struct session *s)
{
    if (!s->uses_tls)
        return SESSION_NO_TLS;
    return s->was_open ? SESSION_DECRYPTED : s->was_opaque ? SESSION_OPAQUE : SESSION_NO_TLS;
}

/* As the client's first request says, if there was one. */
static enum why_profile profile_of(const struct why_trace *trace)
{
    const struct why_event *event;

    for (size_t i = 0; (event = why_trace_at(trace, i)) != NULL; i++) {
        if (event->kind == WHY_EV_PDU && event->dir == WHY_DIR_SENT)
            return why_recognize_profile(event->bytes, event->len);
    }
    return why_trace_head(trace)->profile;
}

/* With the target that the gateway was asked for. NULL: out of memory. */
static struct why_trace *retargeted(const struct session *s)
{
    struct why_trace_head head = *why_trace_head(s->trace);
    const struct why_event *event;
    struct why_trace *trace;

    head.host = s->target;
    head.port = s->target_port;
    head.profile = profile_of(s->trace);
    trace = why_trace_new(&head);
    for (size_t i = 0; trace != NULL && (event = why_trace_at(s->trace, i)) != NULL; i++) {
        if (why_trace_append(trace, event) != WHY_OK) {
            why_trace_free(trace);
            return NULL;
        }
    }
    for (int dir = 0; trace != NULL && dir < 2; dir++)
        why_trace_count_bytes(trace, (enum why_dir)dir,
                              (size_t)why_trace_bytes(s->trace, (enum why_dir)dir));
    return trace;
}

struct why_trace *why_session_take(struct session *s)
{
    struct why_trace *trace = s->trace;

    if (s->target[0] != '\0' && !s->nomem) {
        trace = retargeted(s);
        why_trace_free(s->trace);
    }

    for (int i = 0; i < 2; i++) {
        why_buffer_clear(&s->raw[i]);
        why_buffer_clear(&s->plain[i]);
    }
    why_tls_conn_clear(&s->tls);
    if (s->nomem) {
        why_trace_free(trace);
        trace = NULL;
    }
    free(s);
    return trace;
}
