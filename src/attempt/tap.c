/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <freerdp/event.h>
#include <freerdp/license.h>
#include <freerdp/transport_io.h>
#include <winpr/collections.h>
#include <winpr/stream.h>
#include <winpr/synch.h>

#include "client.h"
#include "clock.h"
#include "tls.h"

#include <openssl/crypto.h>

#define PART_MAX (128u * 1024u) /* above any PDU the library would wait for */

#define TRAFFIC_MAX 32u /* PDUs of a session that are kept */

/* libfreerdp owns and frees what its layer callbacks get: this is only the way back to the tap. */
struct layer {
    struct tap *tap;
    HANDLE socket_event; /* the socket is readable */
    HANDLE now_event;    /* always set: bytes are here already, or none will come */
};

static struct tap *tap_of(rdpTransport *transport)
{
    return (struct tap *)transport_get_context(transport);
}

/* ---- the PDU side ---------------------------------------------------------------------------- */

static void stop(struct tap *tap, enum why_event_kind kind, int64_t value, const char *text)
{
    if (tap->stopped)
        return;
    tap->stopped = true;
    recorder_event(tap->rec, kind, value, text);
}

/* After every event that may have been the one the attempt was made for. */
static void check_reached(struct tap *tap)
{
    enum why_phase until = tap->attempt->until;

    if (!tap->stopped && !tap->license_due && until != WHY_PHASE_ACTIVE &&
        why_progress_reached(&tap->rec->progress, until))
        stop(tap, WHY_EV_REACHED, until, NULL);
}

/* What the library must not see: it would believe it, or make of it what the server did not say. */
static bool is_not_taken(const struct why_pdu *pdu)
{
    enum why_phase phase = why_pdu_info(pdu->type)->phase;

    /* It goes on whatever the result is, and waits for the answers until the deadline. */
    if (pdu->type == WHY_PDU_MCS_CONNECT_RESPONSE && why_pdu_refuses(pdu))
        return true;
    return pdu->oversized ||
           (pdu->malformed && (phase == WHY_PHASE_NEGOTIATION || phase == WHY_PHASE_CREDSSP ||
                               why_pdu_info(pdu->type)->clients));
}

static void after_pdu(struct tap *tap, enum why_dir dir, const struct why_pdu *pdu)
{
    if (dir == WHY_DIR_RECEIVED && tap->rec->progress.other_protocol)
        stop(tap, WHY_EV_STOP, 0, "the server selected another security protocol");
    if (dir == WHY_DIR_RECEIVED && is_not_taken(pdu))
        tap->refused = true;
    if (dir == WHY_DIR_RECEIVED && pdu->type == WHY_PDU_TSREQUEST_CHALLENGE && !pdu->malformed &&
        !tap->may_log_on)
        stop(tap, WHY_EV_STOP, 0, tap->no_logon);
    if (dir == WHY_DIR_RECEIVED && pdu->type == WHY_PDU_RDSTLS_CAPABILITIES)
        stop(tap, WHY_EV_STOP, 0, "RDSTLS needs the credentials of a broker's redirection");
    /* Licensing ends with this PDU, but only the library can read the license and keep it. */
    if (dir == WHY_DIR_RECEIVED &&
        (pdu->type == WHY_PDU_LICENSE_NEW_LICENSE || pdu->type == WHY_PDU_LICENSE_UPGRADE_LICENSE))
        tap->license_due = true;
    if (dir == WHY_DIR_SENT && pdu->type == WHY_PDU_FONT_LIST)
        tap->font_list_sent = true;
    if (dir == WHY_DIR_RECEIVED && why_pdu_refuses(pdu))
        tap->rejected = true;
    /* The library would go on for ever. */
    if (tap->rec->progress.endless != NULL)
        conn_set_end(tap->conn, CONN_VIOLATION);
    check_reached(tap);
}

/* What the client answers in licensing ([MS-RDPELE] 3.2.5), by the library's license state. */
static enum why_pdu_type license_answer(struct tap *tap)
{
    switch (license_get_state(license_get(&tap->base))) {
    case LICENSE_STATE_CONFIGURED:
        return tap->attempt->license != NULL ? WHY_PDU_LICENSE_INFO
                                             : WHY_PDU_LICENSE_NEW_LICENSE_REQUEST;
    case LICENSE_STATE_NEW_REQUEST:
        return WHY_PDU_LICENSE_PLATFORM_CHALLENGE_RESPONSE;
    default:
        return WHY_PDU_LICENSE_UNKNOWN;
    }
}

/*
 * Under Standard RDP Security the client's PDUs are encrypted before they come by here; the state
 * in which the library sends them says which they are. NULL where it does not.
 */
static const char *encrypted_name(struct tap *tap, enum why_dir dir)
{
    static const struct {
        CONNECTION_STATE state;
        enum why_pdu_type type;
    } sends[] = {
        {CONNECTION_STATE_CAPABILITIES_EXCHANGE_CONFIRM_ACTIVE, WHY_PDU_CONFIRM_ACTIVE},
        {CONNECTION_STATE_FINALIZATION_SYNC, WHY_PDU_SYNCHRONIZE},
        {CONNECTION_STATE_FINALIZATION_COOPERATE, WHY_PDU_CONTROL_COOPERATE},
        {CONNECTION_STATE_FINALIZATION_REQUEST_CONTROL, WHY_PDU_CONTROL_REQUEST},
        {CONNECTION_STATE_FINALIZATION_PERSISTENT_KEY_LIST, WHY_PDU_PERSISTENT_KEY_LIST},
        {CONNECTION_STATE_FINALIZATION_FONT_LIST, WHY_PDU_FONT_LIST},
    };
    CONNECTION_STATE state = freerdp_get_state(&tap->base);

    if (dir != WHY_DIR_SENT || !tap->rec->progress.dissector.rdp_security)
        return NULL;
    if (state == CONNECTION_STATE_LICENSING)
        return why_pdu_info(license_answer(tap))->name;
    for (size_t i = 0; i < sizeof(sends) / sizeof(sends[0]); i++) {
        if (sends[i].state == state)
            return why_pdu_info(sends[i].type)->name;
    }
    return NULL;
}

/* A look ahead that leaves the dissector as it was: is it one of a server's last words? */
static bool is_last_word(const struct tap *tap, const uint8_t *data, size_t len, unsigned flags)
{
    struct why_dissector copy = tap->rec->progress.dissector;
    struct why_pdu pdu;

    why_dissect(&copy, WHY_DIR_RECEIVED, data, len, flags, &pdu);
    return why_pdu_info(pdu.type)->role == WHY_ROLE_ERROR || why_pdu_refuses(&pdu);
}

/*
 * Pictures and channel data behind Font Map: a server that has begun to draw sends megabytes of it
 * in the time that a session is listened to. The first few are kept.
 */
static bool is_traffic(struct tap *tap, const uint8_t *data, size_t len, unsigned flags)
{
    return why_progress_reached(&tap->rec->progress, WHY_PHASE_ACTIVE) &&
           !is_last_word(tap, data, len, flags) && ++tap->traffic > TRAFFIC_MAX;
}

static void record_pdu(struct tap *tap, enum why_dir dir, const uint8_t *data, size_t len,
                       unsigned flags, uint64_t at_us)
{
    struct why_pdu pdu;

    if (dir == WHY_DIR_RECEIVED && is_traffic(tap, data, len, flags))
        return;
    recorder_pdu(tap->rec, dir, data, len, flags, encrypted_name(tap, dir), at_us, &pdu);
    after_pdu(tap, dir, &pdu);
}

static bool is_decrypted(const struct tap *tap)
{
    return memcmp(Stream_Buffer(tap->held), tap->held_copy, tap->held_len) != 0;
}

static void release_held(struct tap *tap)
{
    Stream_Release(tap->held);
    tap->held = NULL;
    free(tap->held_copy);
    tap->held_copy = NULL;
}

/* The library has gone on to its next PDU, so it has decrypted the held one if it ever will. */
static void settle_held(struct tap *tap)
{
    const uint8_t *now;
    bool decrypted;

    if (tap->held == NULL)
        return;
    now = Stream_Buffer(tap->held);
    decrypted = is_decrypted(tap);
    record_pdu(tap, WHY_DIR_RECEIVED, decrypted ? now : tap->held_copy, tap->held_len,
               decrypted ? WHY_DISSECT_DECRYPTED : 0, tap->held_at_us);
    release_held(tap);
}

/* Holds |s| until the library has decrypted it. False where that cannot be done. */
static bool hold(struct tap *tap, wStream *s, size_t len)
{
    if (s->pool == NULL)
        return false;
    tap->held_copy = malloc(len);
    if (tap->held_copy == NULL)
        return false;
    memcpy(tap->held_copy, Stream_Buffer(s), len);
    Stream_AddRef(s);
    tap->held = s;
    tap->held_len = len;
    tap->held_at_us = clock_monotonic_us();
    return true;
}

/* A look at a PDU that leaves the dissector as it was: is it encrypted by Standard RDP Security? */
static bool is_encrypted(const struct tap *tap, const uint8_t *data, size_t len)
{
    struct why_dissector copy = tap->rec->progress.dissector;
    struct why_pdu pdu;

    if (!copy.rdp_security)
        return false;
    why_dissect(&copy, WHY_DIR_RECEIVED, data, len, 0, &pdu);
    return pdu.encrypted;
}

static void forget_part(struct tap *tap)
{
    tap->part_len = 0;
    tap->part_lost = 0;
}

/* The library takes the |len| bytes that it has read for a whole PDU; our own framing does not. */
static bool is_cut_short(const struct tap *tap, size_t len)
{
    size_t need = 0;

    return tap->part_len == len &&
           why_frame_check(&tap->rec->progress.dissector, WHY_DIR_RECEIVED, tap->part,
                           tap->part_len, &need, NULL) == WHY_FRAME_INCOMPLETE &&
           need > len;
}

static int on_read_pdu(rdpTransport *transport, wStream *s)
{
    struct tap *tap = tap_of(transport);
    int r;

    settle_held(tap);
    if (tap->stopped || tap->refused)
        return -1;
    r = tap->io.ReadPdu(transport, s);
    if (r <= 0)
        return tap->stopped ? -1 : r;
    /* A TSRequest behind the last one, which the library takes for a fast-path PDU: what is left of
     * it is read when the library has given up. */
    if (is_cut_short(tap, (size_t)r)) {
        tap->refused = true;
        return -1;
    }
    forget_part(tap);
    if (!is_encrypted(tap, Stream_Buffer(s), (size_t)r) || !hold(tap, s, (size_t)r))
        record_pdu(tap, WHY_DIR_RECEIVED, Stream_Buffer(s), (size_t)r, 0, clock_monotonic_us());
    return tap->stopped || tap->refused ? -1 : r;
}

static int on_write_pdu(rdpTransport *transport, wStream *s)
{
    struct tap *tap = tap_of(transport);
    uint8_t *copy;
    size_t len;
    int r;

    settle_held(tap);
    if (tap->stopped)
        return -1;
    if (!client_mend(s))
        return -1;
    len = Stream_GetPosition(s);
    /* The library may encrypt or reuse the buffer while it writes. */
    copy = malloc(len > 0 ? len : 1);
    if (copy != NULL)
        memcpy(copy, Stream_Buffer(s), len);
    r = tap->io.WritePdu(transport, s);
    if (r >= 0 && copy != NULL)
        record_pdu(tap, WHY_DIR_SENT, copy, len, 0, clock_monotonic_us());
    /* Client Info holds the password. */
    if (copy != NULL)
        OPENSSL_cleanse(copy, len);
    free(copy);
    return tap->stopped ? -1 : r;
}

/* The library, which takes its streams apart next, waits for each of them: for ever, without a word
 * to its caller. */
static BOOL on_disconnect(rdpTransport *transport)
{
    struct tap *tap = tap_of(transport);

    settle_held(tap);
    return tap->io.TransportDisconnect(transport);
}

/* ---- the transport side ---------------------------------------------------------------------- */

/* Room for |len| bytes more; what the old place held is wiped, for it may be a password. */
static bool grow_part(struct tap *tap, size_t len)
{
    size_t size = tap->part_size > 0 ? tap->part_size : 4096;
    uint8_t *bigger;

    if (len <= tap->part_size - tap->part_len)
        return true;
    if (len > PART_MAX - tap->part_len)
        return false;
    while (size < tap->part_len + len)
        size *= 2;
    bigger = OPENSSL_clear_realloc(tap->part, tap->part_size, size);
    if (bigger == NULL)
        return false;
    tap->part = bigger;
    tap->part_size = size;
    return true;
}

/*
 * Keeps what the library has of an unfinished PDU, and ends the attempt where it cannot become one:
 * the library would wait for the rest of it until the deadline. Behind what cannot be kept nothing
 * is: only what comes without a gap can be judged.
 */
static void keep_part(struct tap *tap, const uint8_t *data, size_t len)
{
    const char *problem = NULL;
    size_t need = 0;

    if (tap->part_lost > 0 || !grow_part(tap, len)) {
        tap->part_lost += len;
        return;
    }
    memcpy(tap->part + tap->part_len, data, len);
    tap->part_len += len;
    if (why_frame_check(&tap->rec->progress.dissector, WHY_DIR_RECEIVED, tap->part, tap->part_len,
                        &need, &problem) == WHY_FRAME_INVALID)
        conn_set_end(tap->conn, CONN_VIOLATION);
}

static int again(const struct tap *tap)
{
    if (!tap->engine->posix_layer)
        return 0;
    errno = EAGAIN;
    return -1;
}

static int ended(const struct tap *tap)
{
    if (!tap->engine->posix_layer)
        return -1;
    errno = tap->conn->end == CONN_FIN ? 0 : ECONNRESET;
    return tap->conn->end == CONN_FIN ? 0 : -1;
}

static int on_layer_read(void *context, void *data, int bytes)
{
    struct tap *tap = ((struct layer *)context)->tap;
    int r;

    if (bytes <= 0)
        return 0;
    if (tap->stopped || tap->conn->end == CONN_VIOLATION)
        return ended(tap);
    r = conn_read(tap->conn, data, (size_t)bytes);
    if (r == CONN_AGAIN)
        return again(tap);
    if (r == CONN_ENDED)
        return ended(tap);
    keep_part(tap, data, (size_t)r);
    if (tap->conn->end == CONN_VIOLATION)
        return ended(tap);
    errno = 0; /* from 3.17 on EAGAIN would mean "try again" even so */
    return r;
}

static int on_layer_write(void *context, const void *data, int bytes)
{
    struct tap *tap = ((struct layer *)context)->tap;
    int r;

    if (bytes <= 0)
        return 0;
    r = conn_write(tap->conn, data, (size_t)bytes);
    errno = r >= 0 ? 0 : EPIPE;
    return r >= 0 ? r : -1;
}

static BOOL on_layer_wait(void *context, BOOL write, DWORD timeout)
{
    struct tap *tap = ((struct layer *)context)->tap;

    return conn_wait(tap->conn, write != FALSE, timeout > INT_MAX ? INT_MAX : (int)timeout);
}

static HANDLE on_layer_event(void *context)
{
    struct layer *layer = context;
    struct tap *tap = layer->tap;

    if (tap->stopped || conn_readable_now(tap->conn))
        return layer->now_event;
    return layer->socket_event;
}

/* The connection itself outlives the layer: what is unread is still to be recorded. */
static BOOL on_layer_close(void *context)
{
    struct layer *layer = context;

    if (layer->socket_event != NULL)
        (void)CloseHandle(layer->socket_event);
    if (layer->now_event != NULL)
        (void)CloseHandle(layer->now_event);
    layer->socket_event = NULL;
    layer->now_event = NULL;
    return TRUE;
}

static rdpTransportLayer *on_connect_layer(rdpTransport *transport, const char *hostname, int port,
                                           DWORD timeout)
{
    struct tap *tap = tap_of(transport);
    rdpTransportLayer *layer;
    struct layer *own;

    (void)hostname;
    (void)port;
    (void)timeout;
    /* The library falls back and tries again by itself: that would be a second connection inside
     * one attempt, and its verdict the wrong one's (DESIGN, facts 5 and 14). */
    if (tap->dialled) {
        if (!tap->stopped)
            recorder_event(tap->rec, WHY_EV_REDIAL_REFUSED, 0, NULL);
        return NULL;
    }
    layer = transport_layer_new(transport, sizeof(struct layer));
    if (layer == NULL)
        return NULL;
    own = layer->userContext;
    own->tap = tap;
    own->socket_event = CreateFileDescriptorEvent(NULL, FALSE, FALSE, tap->conn->fd, WINPR_FD_READ);
    own->now_event = CreateEvent(NULL, TRUE, TRUE, NULL);
    layer->Read = on_layer_read;
    layer->Write = on_layer_write;
    layer->Wait = on_layer_wait;
    layer->GetEvent = on_layer_event;
    layer->Close = on_layer_close;
    if (own->socket_event == NULL || own->now_event == NULL ||
        !client_set_channels(tap->base.settings)) {
        transport_layer_free(layer);
        return NULL;
    }
    tap->dialled = true;
    return layer;
}

static BOOL on_attach_layer(rdpTransport *transport, rdpTransportLayer *layer)
{
    struct tap *tap = tap_of(transport);
    BOOL done;

    pthread_mutex_lock(&tap->engine->attach_lock);
    done = tap->io.AttachLayer(transport, layer);
    pthread_mutex_unlock(&tap->engine->attach_lock);
    return done;
}

/* ---- TLS and what follows it at once --------------------------------------------------------- */

/*
 * RDS AAD Auth starts with the server's nonce ([MS-RDPBCGR] 2.2.18.1). Going on takes a token from
 * Entra ID, which the prober does not ask for; the library would ask for it before it reads.
 */
static void read_aad_nonce(struct tap *tap)
{
    uint8_t buf[4096];
    size_t len = 0;

    while (len < sizeof(buf)) {
        int r = conn_read(tap->conn, buf + len, 1);

        if (r == CONN_ENDED)
            break;
        if (r == CONN_AGAIN) {
            (void)conn_wait(tap->conn, false, 1000);
            continue;
        }
        if (buf[len++] == 0) {
            record_pdu(tap, WHY_DIR_RECEIVED, buf, len, 0, clock_monotonic_us());
            stop(tap, WHY_EV_STOP, 0, "going on takes a token from Entra ID");
            return;
        }
    }
    if (len > 0)
        keep_part(tap, buf, len);
}

static BOOL on_tls_connect(rdpTransport *transport)
{
    struct tap *tap = tap_of(transport);
    const struct why_profile_info *info = why_profile_info(tap->attempt->step.profile);

    settle_held(tap);
    forget_part(tap);
    if (tap->stopped || !tls_connect(tap->conn, tap->engine->tls, info->pins, info->pins,
                                     tap->attempt->target->host))
        return FALSE;
    check_reached(tap);
    if (!tap->stopped && info->aad)
        read_aad_nonce(tap);
    return !tap->stopped && !info->aad;
}

static BOOL on_get_public_key(rdpTransport *transport, const BYTE **data, DWORD *length)
{
    struct tap *tap = tap_of(transport);

    if (tap->public_key == NULL)
        tap->public_key_len = tls_public_key(tap->conn, &tap->public_key);
    *data = tap->public_key;
    *length = (DWORD)tap->public_key_len;
    return tap->public_key_len > 0;
}

/* ---- the library's states -------------------------------------------------------------------- */

static void on_state_change(void *context, const ConnectionStateChangeEventArgs *e)
{
    struct tap *tap = context;
    int left = clock_ms_until(tap->conn->deadline_us, INT_MAX);

    /* Some states change before the library has decrypted the PDU that made it change them. */
    if (tap->held != NULL && is_decrypted(tap))
        settle_held(tap);
    recorder_event(tap->rec, WHY_EV_STATE, e->state,
                   freerdp_state_string((CONNECTION_STATE)e->state));
    if (e->state > CONNECTION_STATE_LICENSING && tap->license_due) {
        tap->license_due = false;
        check_reached(tap);
    }
    /* freerdp_connect waits for activation as long as this says, counted from its last wait. */
    (void)freerdp_settings_set_uint32(tap->base.settings, FreeRDP_TcpAckTimeout,
                                      left > 0 ? (UINT32)left : 1);
}

static bool watch_states(struct tap *tap)
{
    /* Raised by every release, registered by none (DESIGN, fact 3). */
    wEventType type = DEFINE_EVENT_ENTRY(ConnectionStateChange);

    PubSub_AddEventTypes(tap->base.pubSub, &type, 1);
    return PubSub_SubscribeConnectionStateChange(tap->base.pubSub, on_state_change) >= 0;
}

bool tap_install(struct tap *tap)
{
    rdpTransportIo hooks = *freerdp_get_io_callbacks(&tap->base);

    tap->io = hooks;
    hooks.ConnectLayer = on_connect_layer;
    hooks.AttachLayer = on_attach_layer;
    hooks.TLSConnect = on_tls_connect;
    hooks.GetPublicKey = on_get_public_key;
    hooks.ReadPdu = on_read_pdu;
    hooks.WritePdu = on_write_pdu;
    hooks.TransportDisconnect = on_disconnect;
    return freerdp_set_io_callbacks(&tap->base, &hooks) && watch_states(tap);
}

/* ---- what the library left ------------------------------------------------------------------- */

/* Whole PDUs at the head of the unfinished bytes; of those that happen to be here already when an
 * attempt has got to where it was to get, a "no" alone. Returns the bytes taken. */
static size_t take_pdus(struct tap *tap)
{
    size_t done = 0, need = 0;

    while (done < tap->part_len &&
           why_frame_check(&tap->rec->progress.dissector, WHY_DIR_RECEIVED, tap->part + done,
                           tap->part_len - done, &need, NULL) == WHY_FRAME_COMPLETE) {
        if (!tap->stopped || is_last_word(tap, tap->part + done, need, 0))
            record_pdu(tap, WHY_DIR_RECEIVED, tap->part + done, need, 0, clock_monotonic_us());
        done += need;
    }
    return done;
}

static const char *part_problem(const struct tap *tap)
{
    const char *problem = NULL;
    size_t need = 0;

    if (why_frame_check(&tap->rec->progress.dissector, WHY_DIR_RECEIVED, tap->part, tap->part_len,
                        &need, &problem) == WHY_FRAME_INVALID)
        return problem != NULL ? problem : "not RDP";
    return NULL;
}

void tap_settle(struct tap *tap)
{
    settle_held(tap);
}

/* Takes what PDUs there are, and keeps the rest. */
static void take_part(struct tap *tap)
{
    size_t done = tap->part_len > 0 ? take_pdus(tap) : 0;

    if (done == 0)
        return;
    memmove(tap->part, tap->part + done, tap->part_len - done);
    tap->part_len -= done;
}

/* More can be kept of what is unread. */
static bool has_room(const struct tap *tap)
{
    return tap->part_lost == 0 && tap->part_len < PART_MAX / 2;
}

static bool has_font_map(const struct tap *tap)
{
    return why_progress_reached(&tap->rec->progress, WHY_PHASE_ACTIVE);
}

void tap_read_on(struct tap *tap, uint64_t until_us)
{
    const bool had = has_font_map(tap);
    uint8_t buf[4096];

    take_part(tap);
    while (!tap->stopped && !tap->rejected && has_room(tap) && (had || !has_font_map(tap))) {
        int r = conn_read(tap->conn, buf, sizeof(buf));

        if (r == CONN_ENDED || (r == CONN_AGAIN && clock_monotonic_us() >= until_us))
            return;
        if (r == CONN_AGAIN) {
            (void)conn_wait(tap->conn, false, clock_ms_until(until_us, 1000));
            continue;
        }
        keep_part(tap, buf, (size_t)r);
        take_part(tap);
        /* A server that never pauses. */
        if (clock_monotonic_us() >= until_us)
            return;
    }
}

/*
 * The library gives up at the first thing it does not like, with bytes unread that may say why: a
 * Set Error Info during licensing, an ultimatum after a license alert, and the FIN after both.
 */
void tap_finish(struct tap *tap)
{
    bool violation = tap->conn->end == CONN_VIOLATION;

    if (tap->conn->fd < 0)
        return;
    /* Also of an attempt that has got where it was to get: what came with that may be a "no". */
    if (tap->conn->ssl == NULL || tap->conn->tls_up) {
        uint8_t buf[4096];
        int r;

        /* A violation ended the reading, not the peer: what else is here helps to name it. */
        if (violation)
            tap->conn->end = CONN_OPEN;
        while (has_room(tap) && (r = conn_read(tap->conn, buf, sizeof(buf))) > 0)
            keep_part(tap, buf, (size_t)r);
        if (violation)
            tap->conn->end = CONN_VIOLATION;
    }
    take_part(tap);
    if (tap->part_len + tap->part_lost == 0 || tap->stopped)
        return;
    if (tap->part_len > 0)
        why_progress_blank_part(&tap->rec->progress, WHY_DIR_RECEIVED, tap->part, tap->part_len);
    recorder_partial(tap->rec, WHY_DIR_RECEIVED, tap->part, tap->part_len, tap->part_lost,
                     part_problem(tap));
}

void tap_clear(struct tap *tap)
{
    if (tap->held != NULL)
        release_held(tap);
    /* A redirection holds a password. */
    OPENSSL_clear_free(tap->part, tap->part_size);
    tap->part = NULL;
    OPENSSL_free(tap->public_key);
    tap->public_key = NULL;
}
