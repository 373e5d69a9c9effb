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

#include <openssl/crypto.h>

#include "base/clock.h"

#include "client.h"
#include "clock.h"
#include "plain.h"
#include "redirected.h"
#include "tls.h"

#define TRAFFIC_MAX 32u  /* PDUs of a session that are kept */
#define NEWS_MAX    256u /* and of those that tell how it is */

/* libfreerdp owns and frees what its layer callbacks get: this is only the way back to the tap. */
struct layer {
    struct tap *tap;
    HANDLE socket_event; /* the socket is readable */
    HANDLE ready_event;  /* always set: bytes are here already, or none will come */
};

static struct tap *tap_of(rdpTransport *transport)
{
    return (struct tap *)transport_get_context(transport);
}

struct session *why_session_of(rdpContext *context)
{
    return &((struct tap *)context)->session;
}

struct graphics *why_graphics_of(rdpContext *context)
{
    return &why_session_of(context)->graphics;
}

/* ---- the PDU side ---------------------------------------------------------------------------- */

static void stop(struct tap *tap, enum why_event_kind kind, int64_t value, const char *text)
{
    if (tap->stopped)
        return;
    tap->stopped = true;
    why_recorder_event(tap->rec, kind, value, text);
}

/* After every event that may have been the one the attempt was made for. */
static void check_reached(struct tap *tap)
{
    enum why_phase until = tap->attempt->until;

    if (!tap->stopped && !tap->license_due && until < WHY_PHASE_ACTIVE &&
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

static void after_proof(struct tap *tap)
{
    const char *enough = why_logon_proven(&tap->logon);

    if (enough != NULL)
        stop(tap, WHY_EV_STOP, 0, enough);
}

/* The graphics pipeline is announced to who has it. */
static void announce_pipeline(const struct tap *tap, unsigned flags)
{
    if (tap->session.graphics.usable)
        (void)freerdp_settings_set_bool(tap->base.settings, FreeRDP_SupportGraphicsPipeline,
                                        (flags & WHY_HAS_PIPELINE) != 0);
}

static void after_pdu(struct tap *tap, enum why_dir dir, const struct why_pdu *pdu)
{
    if (dir == WHY_DIR_RECEIVED && tap->rec->progress.other_protocol)
        stop(tap, WHY_EV_STOP, 0, "the server selected another security protocol");
    if (dir == WHY_DIR_RECEIVED && is_not_taken(pdu))
        tap->refused = true;
    if (dir == WHY_DIR_RECEIVED && pdu->type == WHY_PDU_TSREQUEST_CHALLENGE && !pdu->malformed &&
        !tap->logon.may_log_on)
        stop(tap, WHY_EV_STOP, 0, tap->logon.no_logon);
    if (dir == WHY_DIR_RECEIVED && why_pdu_info(pdu->type)->phase == WHY_PHASE_CREDSSP &&
        pdu->type != WHY_PDU_EARLY_USER_AUTH_RESULT && pdu->u.tsrequest.has_proof)
        after_proof(tap);
    if (dir == WHY_DIR_RECEIVED && pdu->type == WHY_PDU_RDSTLS_CAPABILITIES &&
        !tap->attempt->redirected_by->rdstls)
        stop(tap, WHY_EV_STOP, 0, "RDSTLS needs the credentials of a broker's redirection");
    /* Licensing ends with this PDU, but only the library can read the license and keep it. */
    if (dir == WHY_DIR_RECEIVED &&
        (pdu->type == WHY_PDU_LICENSE_NEW_LICENSE || pdu->type == WHY_PDU_LICENSE_UPGRADE_LICENSE))
        tap->license_due = true;
    if (dir == WHY_DIR_RECEIVED && pdu->type == WHY_PDU_X224_CONNECTION_CONFIRM)
        announce_pipeline(tap, pdu->u.confirm.flags);
    if (dir == WHY_DIR_SENT && pdu->type == WHY_PDU_FONT_LIST)
        tap->font_list_sent = true;
    if (dir == WHY_DIR_RECEIVED && why_pdu_refuses(pdu))
        tap->rejected = true;
    /* The library would go on for ever. */
    if (tap->rec->progress.endless != NULL)
        why_conn_set_end(tap->conn, CONN_VIOLATION);
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

bool why_tap_is_last_word(const struct tap *tap, const struct why_event *event)
{
    struct why_pdu pdu;

    why_progress_peek(&tap->rec->progress, event, &pdu);
    return why_pdu_info(pdu.type)->role == WHY_ROLE_ERROR || why_pdu_refuses(&pdu);
}

bool why_tap_has_font_map(const struct tap *tap)
{
    return why_progress_reached(&tap->rec->progress, WHY_PHASE_ACTIVE);
}

/* It says how a session is, and is no picture. */
static bool is_news(const struct tap *tap, const struct why_event *event)
{
    struct why_pdu pdu;

    why_progress_peek(&tap->rec->progress, event, &pdu);
    switch (pdu.type) {
    case WHY_PDU_SAVE_SESSION_INFO:
    case WHY_PDU_STATUS_INFO:
    case WHY_PDU_DEACTIVATE_ALL:
    case WHY_PDU_DEMAND_ACTIVE:
    case WHY_PDU_FONT_MAP:
        return true;
    default:
        return false;
    }
}

/* The client's half of channels, of which a drawing server wants an answer for every frame. */
static bool is_channel_data(const struct tap *tap, const struct why_event *event)
{
    struct why_pdu pdu;

    why_progress_peek(&tap->rec->progress, event, &pdu);
    return pdu.type == WHY_PDU_CHANNEL_DATA;
}

/*
 * Pictures and channel data behind Font Map: a server that has begun to draw sends megabytes of it
 * in the time that a session is listened to. The first few are kept.
 */
static bool is_traffic(struct tap *tap, const struct why_event *event)
{
    if ((event->dir != WHY_DIR_RECEIVED && !is_channel_data(tap, event)) ||
        !why_tap_has_font_map(tap) || why_tap_is_last_word(tap, event) ||
        (is_news(tap, event) && ++tap->news <= NEWS_MAX))
        return false;
    return ++tap->traffic > TRAFFIC_MAX;
}

void why_tap_record_pdu(struct tap *tap, const struct why_event *event, uint64_t at_us)
{
    struct why_event named = *event;
    struct why_pdu pdu;

    if (is_traffic(tap, event))
        return;
    named.kind = WHY_EV_PDU;
    named.text = encrypted_name(tap, event->dir);
    why_recorder_pdu(tap->rec, &named, at_us, &pdu);
    if (event->dir == WHY_DIR_RECEIVED && pdu.type == WHY_PDU_SERVER_REDIRECTION && !pdu.malformed)
        why_redirected_keep(tap->attempt->redirected, event->bytes + pdu.u.redirection.offset,
                            pdu.u.redirection.length);
    if (pdu.type == WHY_PDU_TSREQUEST_TOKEN && pdu.u.tsrequest.tgt_length > 0 && !pdu.malformed)
        why_logon_user_to_user(&tap->logon, event->bytes + pdu.u.tsrequest.tgt_offset,
                               pdu.u.tsrequest.tgt_length);
    after_pdu(tap, event->dir, &pdu);
}

static bool is_decrypted(const struct tap *tap)
{
    const struct why_event *before = &tap->pending_decrypt.event;

    return memcmp(Stream_Buffer(tap->pending_decrypt.stream), before->bytes, before->len) != 0;
}

static void release_pending(struct tap *tap)
{
    Stream_Release(tap->pending_decrypt.stream);
    free(tap->pending_decrypt.copy);
    memset(&tap->pending_decrypt, 0, sizeof(tap->pending_decrypt));
}

/* The library has gone on to its next PDU, so it has decrypted the pending one if it ever will. */
void why_tap_flush(struct tap *tap)
{
    struct why_event event = tap->pending_decrypt.event;

    if (tap->pending_decrypt.stream == NULL)
        return;
    if (is_decrypted(tap)) {
        event.bytes = Stream_Buffer(tap->pending_decrypt.stream);
        event.flags = WHY_EVENT_DECRYPTED;
    }
    why_tap_record_pdu(tap, &event, tap->pending_decrypt.at_us);
    release_pending(tap);
}

/* Holds |s| until the library has decrypted it. False where that cannot be done. */
static bool hold(struct tap *tap, wStream *s, const struct why_event *event)
{
    uint8_t *copy = s->pool != NULL ? malloc(event->len) : NULL;

    if (copy == NULL)
        return false;
    memcpy(copy, event->bytes, event->len);
    Stream_AddRef(s);
    tap->pending_decrypt.stream = s;
    tap->pending_decrypt.event = *event;
    tap->pending_decrypt.event.bytes = tap->pending_decrypt.copy = copy;
    tap->pending_decrypt.at_us = why_clock_us();
    return true;
}

/* Is it encrypted by Standard RDP Security? */
static bool is_encrypted(const struct tap *tap, const struct why_event *event)
{
    struct why_pdu pdu;

    if (!tap->rec->progress.dissector.rdp_security)
        return false;
    why_progress_peek(&tap->rec->progress, event, &pdu);
    return pdu.encrypted;
}

static void forget_partial(struct tap *tap)
{
    tap->partial.len = 0;
    tap->partial_lost = 0;
}

struct why_framer why_tap_framer(const struct tap *tap)
{
    return (struct why_framer){.framing = WHY_FRAMING_PDUS,
                               .dir = WHY_DIR_RECEIVED,
                               .dissector = &tap->rec->progress.dissector};
}

/* The library takes the |len| bytes that it has read for a whole PDU; our own framing does not. */
static bool is_cut_short(const struct tap *tap, size_t len)
{
    const struct why_framer framer = why_tap_framer(tap);
    size_t need = 0;

    return tap->partial.len == len &&
           why_framer_check(&framer, &tap->partial, &need, NULL) == WHY_FRAME_INCOMPLETE &&
           need > len;
}

static int on_read_pdu(rdpTransport *transport, wStream *s)
{
    struct tap *tap = tap_of(transport);
    struct why_event event = {.dir = WHY_DIR_RECEIVED};
    int r;

    why_tap_flush(tap);
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
    forget_partial(tap);
    event.bytes = Stream_Buffer(s);
    event.len = (size_t)r;
    if (!is_encrypted(tap, &event) || !hold(tap, s, &event))
        why_tap_record_pdu(tap, &event, why_clock_us());
    return tap->stopped || tap->refused ? -1 : r;
}

/* The profile's offer; the target of a redirection whose password is for RDSTLS may choose that. */
static uint32_t requested(const struct tap *tap)
{
    return why_attempt_offer(tap->attempt).requested |
           (tap->attempt->redirected_by->rdstls ? WHY_PROTOCOL_RDSTLS | WHY_PROTOCOL_SSL : 0);
}

static int on_write_pdu(rdpTransport *transport, wStream *s)
{
    struct tap *tap = tap_of(transport);
    uint8_t *copy;
    size_t len;
    int r;

    why_tap_flush(tap);
    if (tap->stopped)
        return -1;
    if (!why_client_mend(s, requested(tap)))
        return -1;
    len = Stream_GetPosition(s);
    /* The library may encrypt or reuse the buffer while it writes. */
    copy = malloc(len > 0 ? len : 1);
    if (copy != NULL)
        memcpy(copy, Stream_Buffer(s), len);
    r = tap->io.WritePdu(transport, s);
    if (r >= 0 && copy != NULL)
        why_tap_record_pdu(tap, &(struct why_event){.dir = WHY_DIR_SENT, .bytes = copy, .len = len},
                           why_clock_us());
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

    why_tap_flush(tap);
    return tap->io.TransportDisconnect(transport);
}

/* ---- the transport side ---------------------------------------------------------------------- */

void why_tap_keep_partial(struct tap *tap, const uint8_t *data, size_t len)
{
    const struct why_framer framer = why_tap_framer(tap);
    size_t need = 0;

    if (tap->partial_lost > 0 ||
        why_buffer_add(&tap->partial, data, len, TAP_PARTIAL_MAX) != WHY_BUFFER_ADDED) {
        tap->partial_lost += len;
        return;
    }
    if (why_framer_check(&framer, &tap->partial, &need, NULL) == WHY_FRAME_INVALID)
        why_conn_set_end(tap->conn, CONN_VIOLATION);
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
    r = why_plain_read(tap->conn, data, (size_t)bytes);
    if (r == CONN_AGAIN)
        return again(tap);
    if (r == CONN_ENDED)
        return ended(tap);
    why_tap_keep_partial(tap, data, (size_t)r);
    if (tap->conn->end == CONN_VIOLATION)
        return ended(tap);
    errno = 0; /* from 3.17 on EAGAIN would mean "try again" even so */
    return r;
}

static int on_layer_write(void *context, const void *data, int bytes)
{
    struct tap *tap = ((struct layer *)context)->tap;
    int r;

    why_tap_end_lookup(tap);
    if (bytes <= 0)
        return 0;
    r = why_plain_write(tap->conn, data, (size_t)bytes);
    errno = r >= 0 ? 0 : EPIPE;
    return r >= 0 ? r : -1;
}

static BOOL on_layer_wait(void *context, BOOL write, DWORD timeout)
{
    struct tap *tap = ((struct layer *)context)->tap;

    return why_conn_wait(tap->conn, write != FALSE, timeout > INT_MAX ? INT_MAX : (int)timeout);
}

static HANDLE on_layer_event(void *context)
{
    struct layer *layer = context;
    struct tap *tap = layer->tap;

    if (tap->stopped || why_conn_readable_now(tap->conn))
        return layer->ready_event;
    return layer->socket_event;
}

/* The connection itself outlives the layer: what is unread is still to be recorded. */
static BOOL on_layer_close(void *context)
{
    struct layer *layer = context;

    if (layer->socket_event != NULL)
        (void)CloseHandle(layer->socket_event);
    if (layer->ready_event != NULL)
        (void)CloseHandle(layer->ready_event);
    layer->socket_event = NULL;
    layer->ready_event = NULL;
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
            why_recorder_event(tap->rec, WHY_EV_REDIAL_REFUSED, 0, NULL);
        return NULL;
    }
    layer = transport_layer_new(transport, sizeof(struct layer));
    if (layer == NULL)
        return NULL;
    own = layer->userContext;
    own->tap = tap;
    own->socket_event = CreateFileDescriptorEvent(NULL, FALSE, FALSE, tap->conn->fd, WINPR_FD_READ);
    own->ready_event = CreateEvent(NULL, TRUE, TRUE, NULL);
    layer->Read = on_layer_read;
    layer->Write = on_layer_write;
    layer->Wait = on_layer_wait;
    layer->GetEvent = on_layer_event;
    layer->Close = on_layer_close;
    if (own->socket_event == NULL || own->ready_event == NULL ||
        !why_client_set_channels(tap->base.settings)) {
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
        int r = why_plain_read(tap->conn, buf + len, 1);

        if (r == CONN_ENDED)
            break;
        if (r == CONN_AGAIN) {
            (void)why_conn_wait(tap->conn, false, 1000);
            continue;
        }
        if (buf[len++] == 0) {
            why_tap_record_pdu(
                tap, &(struct why_event){.dir = WHY_DIR_RECEIVED, .bytes = buf, .len = len},
                why_clock_us());
            stop(tap, WHY_EV_STOP, 0, "continuing needs a token from Entra ID");
            return;
        }
    }
    if (len > 0)
        why_tap_keep_partial(tap, buf, len);
}

static bool selects_credssp(const struct tap *tap)
{
    return why_progress_has_phase(&tap->rec->progress, WHY_PHASE_CREDSSP);
}

static bool selects_rdstls(const struct tap *tap)
{
    return why_progress_has_phase(&tap->rec->progress, WHY_PHASE_RDSTLS);
}

/* From here to the first message the library only computes; Kerberos, which asks a KDC, has the
 * ticket already. */
static void begin_lookup(struct tap *tap)
{
    pthread_mutex_lock(&tap->engine->package_lock);
    tap->looks_up = true;
}

void why_tap_end_lookup(struct tap *tap)
{
    if (tap->looks_up)
        pthread_mutex_unlock(&tap->engine->package_lock);
    tap->looks_up = false;
}

static BOOL on_tls_connect(rdpTransport *transport)
{
    struct tap *tap = tap_of(transport);
    const struct why_profile_info offer = why_attempt_offer(tap->attempt), *info = &offer;

    why_tap_flush(tap);
    forget_partial(tap);
    if (tap->stopped || !why_tls_connect(tap->conn, tap->engine->tls, info->pins, info->pins,
                                         tap->attempt->target->host))
        return FALSE;
    check_reached(tap);
    if (!tap->stopped && info->aad)
        read_aad_nonce(tap);
    if (!tap->stopped && !selects_rdstls(tap) &&
        !why_redirected_drop(tap->attempt->redirected_by, tap->base.settings))
        return FALSE;
    if (!tap->stopped && selects_credssp(tap) && tap->attempt->redirected_by->rdstls)
        stop(tap, WHY_EV_STOP, 0,
             "the redirection brings a password for RDSTLS, which the server does not choose");
    if (!tap->stopped && selects_credssp(tap))
        tap->stopped = !why_logon_prepare(&tap->logon);
    if (!tap->stopped && selects_rdstls(tap) && tap->attempt->redirected_by->rdstls)
        tap->stopped = !why_logon_by_redirection(&tap->logon);
    if (!tap->stopped && selects_credssp(tap))
        begin_lookup(tap);
    return !tap->stopped && !info->aad;
}

static BOOL on_get_public_key(rdpTransport *transport, const BYTE **data, DWORD *length)
{
    struct tap *tap = tap_of(transport);

    if (tap->public_key == NULL)
        tap->public_key_len = why_tls_public_key(tap->conn, &tap->public_key);
    *data = tap->public_key;
    *length = (DWORD)tap->public_key_len;
    return tap->public_key_len > 0;
}

/* ---- the library's states -------------------------------------------------------------------- */

static void on_state_change(void *context, const ConnectionStateChangeEventArgs *e)
{
    struct tap *tap = context;
    int left = why_clock_ms_until(tap->conn->deadline_us, INT_MAX);

    /* Some states change before the library has decrypted the PDU that made it change them. */
    if (tap->pending_decrypt.stream != NULL && is_decrypted(tap))
        why_tap_flush(tap);
    why_recorder_event(tap->rec, WHY_EV_STATE, e->state,
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

bool why_tap_install(struct tap *tap)
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

void why_tap_clear(struct tap *tap)
{
    if (tap->pending_decrypt.stream != NULL)
        release_pending(tap);
    /* A redirection holds a password. */
    why_buffer_clear(&tap->partial);
    OPENSSL_free(tap->public_key);
    tap->public_key = NULL;
}
