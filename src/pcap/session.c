/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>

#include <rdpwhy/status.h>

#include "progress/progress.h"

#include "buffer.h"
#include "tls_conn.h"

#define STREAM_MAX   (256u * 1024u) /* bytes that wait for the rest of a PDU or record */
#define PIECE        (64u * 1024u)  /* bytes that are looked at together */
#define FLOOD        4000u          /* events, beyond which only endings are recorded */
#define SINGLE       32u /* what cannot be read has that many events of its own, by direction */
#define RECORDS      64u /* of a TLS handshake */
#define CLOSE_NOTIFY 0

/* What cannot be read and has no event of its own. */
struct sum {
    uint64_t count, last_us;
    size_t len;
};

static const char in_doubt[] = "which side closed first was not captured";

struct session {
    struct why_trace *trace;
    uint64_t began_us;
    const struct why_trace *notes;
    size_t next_note, next_pdu[2];
    struct why_progress progress;
    bool uses_tls, was_open, was_sealed;
    struct tls_conn tls;
    struct buffer raw[2], plain[2]; /* below and above TLS */
    bool dead[2];                   /* what comes cannot be cut into PDUs or records any more */
    bool over;                      /* the session is up: nothing of it is of interest */
    bool server_closed, ended;
    bool nomem;
    unsigned records[2];   /* of the TLS handshake */
    unsigned singles[2];   /* events of what cannot be read */
    unsigned encrypted[2]; /* of these, PDUs of Standard RDP Security */
    struct sum sums[2];
    uint64_t now_us;
};

/* ---- events ---------------------------------------------------------------------------------- */

static void keep(struct session *s, const struct why_event *event)
{
    if (why_trace_append(s->trace, event) != WHY_OK)
        s->nomem = true;
}

/* What our own side noted before |t_us|. What passed at the same time comes first. */
static void notes_before(struct session *s, uint64_t t_us)
{
    const struct why_event *note;

    while (s->notes != NULL && (note = why_trace_at(s->notes, s->next_note)) != NULL &&
           note->t_us < t_us) {
        s->next_note++;
        if (note->kind == WHY_EV_PDU)
            continue; /* takes the place of what passed encrypted */
        why_progress_event(&s->progress, note, NULL);
        keep(s, note);
    }
}

static bool is_flood(const struct session *s, enum why_event_kind kind)
{
    return (kind == WHY_EV_PDU || kind == WHY_EV_TLS_RECORD || kind == WHY_EV_OPAQUE) &&
           why_trace_count(s->trace) >= FLOOD;
}

/* A recorder's work: zeros over secrets. */
static void keep_scrubbed(struct session *s, struct why_event *event, const struct why_pdu *pdu)
{
    uint8_t *copy = malloc(event->len > 0 ? event->len : 1);

    if (copy == NULL) {
        s->nomem = true;
        return;
    }
    if (event->len > 0)
        memcpy(copy, event->bytes, event->len);
    for (size_t i = 0; i < pdu->sensitive_count; i++) {
        size_t offset = pdu->sensitive[i].offset, n = pdu->sensitive[i].length;

        if (offset < event->len)
            memset(copy + offset, 0, n < event->len - offset ? n : event->len - offset);
    }
    event->bytes = copy;
    keep(s, event);
    free(copy);
}

static uint64_t now_of(const struct session *s)
{
    return s->now_us > s->began_us ? s->now_us - s->began_us : 0;
}

/* A sum becomes an event at the time of the last of it. */
static void add_sum(struct session *s, enum why_dir dir)
{
    struct sum *sum = &s->sums[dir];
    struct why_event event = {.t_us = sum->last_us,
                              .kind = WHY_EV_OPAQUE,
                              .dir = dir,
                              .value = (int64_t)sum->count,
                              .wire_len = sum->len};

    if (sum->count > 0)
        keep(s, &event);
    *sum = (struct sum){0, 0, 0};
}

/* Before another event, which one of the sides may have been waiting for. */
static void add_sums(struct session *s)
{
    enum why_dir first = s->sums[1].last_us < s->sums[0].last_us ? WHY_DIR_RECEIVED : WHY_DIR_SENT;

    add_sum(s, first);
    add_sum(s, !first);
}

static void append(struct session *s, struct why_event *event, struct why_pdu *pdu)
{
    struct why_pdu own;

    if (pdu == NULL)
        pdu = &own;
    event->t_us = now_of(s);
    add_sums(s);
    notes_before(s, event->t_us);
    why_progress_event(&s->progress, event, pdu);
    if (is_flood(s, event->kind))
        return;
    if (pdu->sensitive_count > 0)
        keep_scrubbed(s, event, pdu);
    else
        keep(s, event);
}

static void add(struct session *s, enum why_event_kind kind, enum why_dir dir, int64_t value,
                const char *text)
{
    struct why_event event = {.kind = kind, .dir = dir, .value = value, .text = text};

    append(s, &event, NULL);
}

static void add_flagged(struct session *s, enum why_event_kind kind, unsigned flags,
                        const char *text)
{
    struct why_event event = {.kind = kind, .flags = flags, .text = text};

    append(s, &event, NULL);
}

static void add_bytes(struct session *s, enum why_event_kind kind, enum why_dir dir,
                      const uint8_t *data, size_t len, int64_t value, const char *text)
{
    struct why_event event = {.kind = kind,
                              .dir = dir,
                              .value = value,
                              .text = text,
                              .bytes = data,
                              .len = len,
                              .wire_len = len};

    append(s, &event, NULL);
}

/* The first of what cannot be read have events of their own, of the rest the sums are kept. */
static void add_opaque(struct session *s, enum why_dir dir, size_t len, const char *what)
{
    struct why_event event = {
        .kind = WHY_EV_OPAQUE, .dir = dir, .value = 1, .text = what, .wire_len = len};
    struct sum *sum = &s->sums[dir];

    if (what != NULL || s->singles[dir] < SINGLE) {
        s->singles[dir] += what == NULL;
        append(s, &event, NULL);
        return;
    }
    notes_before(s, now_of(s));
    sum->count++;
    sum->len += len;
    sum->last_us = now_of(s);
}

/* ---- PDUs ------------------------------------------------------------------------------------ */

/* Standard RDP Security: what rdpwhy's own library had decrypted. NULL: nothing was noted. */
static const struct why_event *noted_pdu(struct session *s, enum why_dir dir, const uint8_t *data,
                                         size_t len)
{
    struct why_dissector copy = s->progress.dissector;
    const struct why_event *note;
    struct why_pdu pdu;

    if (s->notes == NULL || !copy.rdp_security)
        return NULL;
    why_dissect(&copy, dir, data, len, 0, &pdu);
    if (!pdu.encrypted)
        return NULL;
    while ((note = why_trace_at(s->notes, s->next_pdu[dir])) != NULL) {
        s->next_pdu[dir]++;
        if (note->kind == WHY_EV_PDU && note->dir == dir)
            return note;
    }
    return NULL;
}

/* Standard RDP Security again: what nobody can read, beyond the first of it. */
static bool is_sealed(const struct session *s, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct why_dissector copy = s->progress.dissector;
    struct why_pdu pdu;

    if (s->notes != NULL || !copy.rdp_security || s->encrypted[dir] < SINGLE)
        return false;
    why_dissect(&copy, dir, data, len, 0, &pdu);
    return pdu.encrypted && pdu.type == WHY_PDU_ENCRYPTED;
}

static void pdu(struct session *s, enum why_dir dir, const uint8_t *data, size_t len)
{
    const struct why_event *note = noted_pdu(s, dir, data, len);
    struct why_event event = {
        .kind = WHY_EV_PDU, .dir = dir, .bytes = data, .len = len, .wire_len = len};
    struct why_pdu decoded;

    if (note != NULL)
        event = *note;
    if (note == NULL && is_sealed(s, dir, data, len)) {
        add_opaque(s, dir, len, NULL);
        return;
    }
    append(s, &event, &decoded);
    s->encrypted[dir] += decoded.encrypted && decoded.type == WHY_PDU_ENCRYPTED;
    if (s->notes == NULL && why_progress_reached(&s->progress, WHY_PHASE_ACTIVE)) {
        add(s, WHY_EV_REACHED, WHY_DIR_SENT, WHY_PHASE_ACTIVE, NULL);
        s->over = true;
    }
    /* rdpwhy stopped here, whatever else had come already. */
    if (s->notes != NULL && why_trace_head(s->notes)->until != WHY_PHASE_ACTIVE &&
        why_progress_reached(&s->progress, why_trace_head(s->notes)->until))
        s->over = true;
}

static void give_up(struct session *s, enum why_dir dir, struct buffer *b, const char *problem)
{
    s->dead[dir] = true;
    why_progress_blank_part(&s->progress, dir, b->data, b->len);
    add_bytes(s, WHY_EV_PARTIAL, dir, b->data, b->len, 0, problem);
    buffer_clear(b);
}

/* False: no more is to be cut. */
static bool add_to(struct session *s, enum why_dir dir, struct buffer *b, const uint8_t *data,
                   size_t len)
{
    switch (buffer_add(b, data, len, STREAM_MAX)) {
    case BUFFER_ADDED:
        return true;
    case BUFFER_FULL: /* no PDU and no record is as long */
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
static bool starts_tls(const struct session *s, enum why_dir dir, const struct buffer *b)
{
    return !s->progress.dissector.confirmed && dir == WHY_DIR_SENT && b->len >= 2 &&
           b->data[0] == 0x16 && b->data[1] == 0x03;
}

/* Cuts |b| into PDUs; stops where TLS begins. */
static void cut_pdus(struct session *s, enum why_dir dir, struct buffer *b)
{
    const char *problem = NULL;
    size_t need = 0;

    while (b->len > 0 && !s->over) {
        enum why_frame frame =
            why_frame_check(&s->progress.dissector, dir, b->data, b->len, &need, &problem);

        if (!s->uses_tls && frame != WHY_FRAME_COMPLETE && starts_tls(s, dir, b)) {
            s->uses_tls = true;
            return;
        }
        if (frame == WHY_FRAME_INVALID)
            give_up(s, dir, b, problem);
        if (frame != WHY_FRAME_COMPLETE)
            return;
        pdu(s, dir, b->data, need);
        buffer_drop(b, need);
        if (!s->uses_tls && tls_is_due(s)) {
            s->uses_tls = true;
            return;
        }
    }
}

/* ---- TLS ------------------------------------------------------------------------------------- */

static void on_certificate(void *arg, const uint8_t *der, size_t len, int index)
{
    struct session *s = arg;

    if (!s->tls.up) /* a renegotiation may bring it again */
        add_bytes(s, WHY_EV_CERTIFICATE, WHY_DIR_RECEIVED, der, len, index, NULL);
}

static void on_alert(void *arg, enum why_dir dir, unsigned level, unsigned description)
{
    struct session *s = arg;

    add(s, WHY_EV_TLS_ALERT, dir, (int64_t)(level << 8 | description), NULL);
    if (dir != WHY_DIR_RECEIVED || description != CLOSE_NOTIFY || s->server_closed)
        return;
    /* Within the handshake anybody may have said it: the packets show who closed, and how. */
    if (!s->tls.up)
        return;
    /* It answers that of a client that closed, too. */
    if (s->dead[WHY_DIR_SENT]) {
        session_doubt(s, false, s->now_us);
        return;
    }
    s->server_closed = true;
    add(s, WHY_EV_FIN, WHY_DIR_SENT, 0, "TLS close_notify");
}

static void on_up(void *arg, unsigned version, const char *text)
{
    add(arg, WHY_EV_TLS_DONE, WHY_DIR_SENT, version, text);
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

    s->was_sealed = true;
    add_opaque(s, dir, len, what);
}

static void cut_records(struct session *s, enum why_dir dir)
{
    static const struct tls_sink sink = {on_certificate, on_alert, on_up, on_data, on_opaque};
    struct buffer *b = &s->raw[dir];
    size_t need = 0;

    while (b->len > 0 && !s->over) {
        enum why_frame frame = why_record_check(b->data, b->len, &need, NULL);

        if (frame == WHY_FRAME_INVALID && dir == WHY_DIR_RECEIVED && !s->tls.up &&
            why_tpkt_check(b->data, b->len, &need) == WHY_FRAME_COMPLETE) {
            pdu(s, dir, b->data, need);
            buffer_drop(b, need);
            continue;
        }
        if (frame == WHY_FRAME_INVALID)
            give_up(s, dir, b, "not a TLS record");
        if (frame != WHY_FRAME_COMPLETE)
            return;
        /* No handshake has so many: the other side, which would show its end, was not captured. */
        if (!s->tls.up && ++s->records[dir] > RECORDS && s->notes == NULL)
            add_opaque(s, dir, need, NULL);
        else if (!s->tls.up)
            add_bytes(s, WHY_EV_TLS_RECORD, dir, b->data, need, 0, NULL);
        tls_conn_record(&s->tls, dir, b->data, need, &sink, s);
        s->nomem = s->nomem || s->tls.nomem;
        buffer_drop(b, need);
    }
}

/* ---- the connection -------------------------------------------------------------------------- */

struct session *session_new(const struct session_setup *setup)
{
    struct session *s = calloc(1, sizeof(*s));
    union {
        const char *in;
        char *out;
    } host = {.in = setup->host};
    struct why_trace_head head = {
        .host = host.out,
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
        add(s, WHY_EV_DIAL, WHY_DIR_SENT, 0, setup->label);
    s->now_us = setup->connected_us;
    if (setup->connected)
        add(s, WHY_EV_CONNECTED, WHY_DIR_SENT, 0, setup->label);
    return s;
}

static void take_piece(struct session *s, enum why_dir dir, const uint8_t *data, size_t len)
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

void session_bytes(struct session *s, enum why_dir dir, const uint8_t *data, size_t len,
                   uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    why_trace_count_bytes(s->trace, dir, len);
    while (len > 0 && !s->over && !s->nomem) {
        /* Segments may be longer than what is kept of a stream. */
        size_t piece = s->dead[dir] || len < PIECE ? len : PIECE;

        take_piece(s, dir, data, piece);
        data += piece;
        len -= piece;
    }
    if (s->over) {
        for (int i = 0; i < 2; i++) {
            buffer_clear(&s->raw[i]);
            buffer_clear(&s->plain[i]);
        }
    }
}

void session_lost(struct session *s, enum why_dir dir, uint64_t count, const char *why,
                  uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    if (s->over || s->dead[dir])
        return;
    s->dead[dir] = true;
    buffer_clear(&s->raw[dir]);
    buffer_clear(&s->plain[dir]);
    add(s, WHY_EV_LOST, dir, (int64_t)count, why);
}

/* What had come of a PDU when no more could come. */
static void add_rest(struct session *s)
{
    struct buffer *b = s->uses_tls ? &s->plain[WHY_DIR_RECEIVED] : &s->raw[WHY_DIR_RECEIVED];

    if (b->len > 0 && !s->over) {
        why_progress_blank_part(&s->progress, WHY_DIR_RECEIVED, b->data, b->len);
        add_bytes(s, WHY_EV_PARTIAL, WHY_DIR_RECEIVED, b->data, b->len, 0, NULL);
    }
    buffer_clear(b);
}

void session_closed(struct session *s, enum why_dir dir, bool reset, uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    if (s->over)
        return;
    if (dir == WHY_DIR_SENT) {
        /* rdpwhy's own notes say why its side closed; before the close itself. */
        if (s->notes == NULL && !s->ended)
            add_flagged(s, WHY_EV_CLOSE, reset ? WHY_EVENT_BY_RESET : 0, NULL);
        s->ended = true;
        return;
    }
    add_rest(s);
    if (reset)
        add(s, WHY_EV_RESET, WHY_DIR_SENT, 0, NULL);
    else if (!s->server_closed)
        add(s, WHY_EV_FIN, WHY_DIR_SENT, 0, NULL);
    s->server_closed = s->ended = true;
}

void session_doubt(struct session *s, bool reset, uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    if (s->over || s->ended || s->server_closed)
        return;
    add_rest(s);
    s->ended = true;
    if (s->notes == NULL)
        add_flagged(s, WHY_EV_CLOSE, WHY_EVENT_IN_DOUBT | (reset ? WHY_EVENT_BY_RESET : 0),
                    in_doubt);
}

bool session_is_whole(const struct session *s, enum why_dir dir)
{
    return !s->dead[dir] && s->raw[dir].len == 0 && s->plain[dir].len == 0;
}

void session_end(struct session *s, const char *why, uint64_t t_us)
{
    if (t_us > s->now_us)
        s->now_us = t_us;
    if (!s->server_closed)
        add_rest(s);
    add_sums(s);
    if (s->notes != NULL)
        notes_before(s, UINT64_MAX);
    else if (!s->ended && !s->server_closed && !s->over)
        add_flagged(s, WHY_EV_STOP, WHY_EVENT_CUT_OFF, why);
}

int session_decrypted(const struct session *s)
{
    if (!s->uses_tls)
        return 0;
    return s->was_open ? 1 : s->was_sealed ? -1 : 0;
}

struct why_trace *session_take(struct session *s)
{
    struct why_trace *trace = s->trace;

    for (int i = 0; i < 2; i++) {
        buffer_clear(&s->raw[i]);
        buffer_clear(&s->plain[i]);
    }
    tls_conn_clear(&s->tls);
    if (s->nomem) {
        why_trace_free(trace);
        trace = NULL;
    }
    free(s);
    return trace;
}
