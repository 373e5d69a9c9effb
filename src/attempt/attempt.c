/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt/attempt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <freerdp/channels/channels.h>
#include <freerdp/freerdp.h>
#include <openssl/rand.h>

#include <rdpwhy/gateway.h>
#include <rdpwhy/status.h>

#include "base/clock.h"
#include "dial/udp.h"
#include "record/record.h"

#include "client.h"
#include "clock.h"
#include "conn.h"
#include "dial.h"
#include "engine.h"
#include "gateway.h"
#include "license_file.h"
#include "logon.h"
#include "recorder.h"
#include "redirected.h"
#include "settings.h"
#include "tap.h"
#include "updates.h"
#include "watch.h"

#define PART_US 1000000u /* for the rest of a PDU that had begun when the listening was over */

/*
 * The library asks for an identity. For TLS and Standard RDP Security an empty one will do: the
 * session then shows the server's logon screen, and nothing is logged as failed. For CredSSP it
 * needs some identity to start with; NTLM's first message does not carry it, and the tap stops
 * before the one that does unless real credentials may be used.
 */
static BOOL on_authenticate(freerdp *instance, char **username, char **password, char **domain,
                            rdp_auth_reason reason)
{
    struct tap *tap = (struct tap *)instance->context;

    /* As if nobody had been asked: with empty strings the library would ask for an automatic logon
     * (INFO_AUTOLOGON). */
    if (reason != AUTH_NLA && !why_logon_session(&tap->logon, reason == AUTH_TLS))
        return TRUE;
    return why_logon_identity(&tap->logon, username, password, domain);
}

/* The prober brings its own TLS; nothing should ask, and nothing is refused if it does. */
static int on_verify_certificate(freerdp *instance, const BYTE *data, size_t length,
                                 const char *hostname, UINT16 port, DWORD flags)
{
    (void)instance;
    (void)data;
    (void)length;
    (void)hostname;
    (void)port;
    (void)flags;
    return 1;
}

static BOOL on_connect(freerdp *instance)
{
    struct tap *tap = (struct tap *)instance->context;

    why_updates_ignore(instance->context);
    if (tap->attempt->until == WHY_PHASE_SESSION)
        why_session_announce(&tap->session, tap->engine, instance->context);
    return TRUE;
}

/* The library has put its own there for pointers. */
static BOOL on_connected(freerdp *instance)
{
    struct tap *tap = (struct tap *)instance->context;

    why_updates_ignore(instance->context);
    if (tap->attempt->until == WHY_PHASE_SESSION)
        why_session_begin(&tap->session, instance->context, tap->rec);
    return TRUE;
}

/*
 * From the watch's thread. No thread but the attempt's own may touch its context: what wakes the
 * library is that its socket has something to be read, which is its end from our side. The
 * connection has expired by then, so that nobody takes it for the peer's.
 */
static void on_wake(void *arg)
{
    const struct conn *conn = arg;

    (void)shutdown(conn->fd, SHUT_RD);
}

/* One turn of the library's: waits at most |ms| for the connection, then lets it read. False when
 * the library has had enough. */
static bool turn(rdpContext *context, int ms)
{
    HANDLE events[MAXIMUM_WAIT_OBJECTS];
    DWORD n = freerdp_get_event_handles(context, events, MAXIMUM_WAIT_OBJECTS);

    return n > 0 && WaitForMultipleObjects(n, events, FALSE, (DWORD)ms) != WAIT_FAILED &&
           freerdp_check_event_handles(context);
}

/*
 * freerdp_connect returns as soon as the client's Font List is sent: the server's half of the
 * finalization is still to come (DESIGN, fact 4). Font Map ends it, whatever the library may still
 * be waiting for.
 */
static void finish_handshake(struct tap *tap)
{
    while (!why_tap_has_font_map(tap) && !tap->stopped && !why_conn_expired(tap->conn)) {
        if (!turn(&tap->base, why_clock_ms_until(tap->conn->deadline_us, 100)))
            return;
    }
}

/*
 * Servers that let nobody in are known to say so only after Font Map: the session has begun when
 * they have kept quiet for a moment. What has come by then counts in any case, and what has begun
 * to come is waited for. Where the library gives up, over a picture that it cannot read, it is done
 * without.
 */
static void listen_on(struct tap *tap)
{
    uint64_t until = why_clock_us() + tap->attempt->linger_us;

    if (until > tap->conn->deadline_us)
        until = tap->conn->deadline_us;
    do {
        if (!turn(&tap->base, why_clock_ms_until(until, 100))) {
            why_tap_flush(tap);
            why_tap_read_on(tap, until);
            return;
        }
    } while (
        tap->conn->end == CONN_OPEN &&
        (why_clock_us() < until || (tap->partial.len > 0 && why_clock_us() < until + PART_US)));
}

/* Gives the attempt more time, its wake-up call included. */
static void extend(struct tap *tap, uint64_t until_us)
{
    why_watch_remove(tap->engine->watch, tap->watched);
    tap->watched->deadline_us = tap->conn->deadline_us = until_us;
    tap->watched->woken = false;
    why_watch_add(tap->engine->watch, tap->watched);
}

/* A name's harmless characters; a host may be anything. */
static void put_host(char *buf, size_t len, const char *host)
{
    size_t n = strnlen(host, len - 1);

    for (size_t i = 0; i < n; i++)
        buf[i] = isalnum((unsigned char)host[i]) || host[i] == '-' || (host[i] == '.' && i > 0)
                     ? host[i]
                     : '_';
    buf[n] = '\0';
}

/* The last picture of the session: evidence, where it was asked for. */
static void save_picture(struct tap *tap)
{
    const struct why_attempt *a = tap->attempt;
    char host[128], path[4096], small[4096 + sizeof(WHY_SMALL_ENDING)];
    const char *why_not;
    int len;

    if (a->screenshots == NULL)
        return;
    put_host(host, sizeof(host), a->target->host);
    len = snprintf(path, sizeof(path), "%s/%s_%u-%s-%" PRIu64 ".png", a->screenshots, host,
                   (unsigned)a->target->port, why_profile_name(a->step.profile),
                   why_trace_head(tap->rec->trace)->started_us);
    why_not = len < (int)sizeof(path) ? why_session_save(&tap->session, path, false)
                                      : "the name is too long";
    if (why_not == NULL) { /* without the small one, pages have none */
        (void)snprintf(small, sizeof(small), "%.*s" WHY_SMALL_ENDING, len - 4, path);
        (void)why_session_save(&tap->session, small, true);
    }
    why_recorder_event(tap->rec, WHY_EV_SCREENSHOT, why_not != NULL,
                       why_not != NULL ? why_not : path);
}

/* Keeps a session that has begun, and looks at what the server draws. */
static void watch_session(struct tap *tap)
{
    uint64_t until = why_clock_us() + tap->attempt->watch_us;
    bool goes_on = true;

    extend(tap, until + PART_US);
    while (goes_on && tap->conn->end == CONN_OPEN && !tap->rejected && why_clock_us() < until) {
        goes_on = turn(&tap->base, why_clock_ms_until(until, 100));
        why_session_look(&tap->session, false);
    }
    if (!goes_on) {
        why_tap_flush(tap);
        if (tap->conn->end == CONN_OPEN && !tap->rejected)
            why_recorder_event(tap->rec, WHY_EV_DRAWING_ENDED, 0,
                               "libfreerdp rejected something that the server drew");
        why_tap_read_on(tap, until);
    } else if (tap->session.cannot != NULL) {
        why_recorder_event(tap->rec, WHY_EV_DRAWING_ENDED, 0, tap->session.cannot);
    }
    why_session_look(&tap->session, true);
    save_picture(tap);
}

/* Whose account another attempt on the host has used, and with it its session, is shown no more
 * than a login window. */
static bool watches(const struct tap *tap)
{
    return tap->attempt->until == WHY_PHASE_SESSION &&
           (!why_trace_head(tap->rec->trace)->credentials || tap->logon.may_log_on);
}

/* A session has begun when Font Map has come, and nothing after it that ends it. */
static bool is_reached(const struct tap *tap)
{
    if (tap->license_due || !why_progress_reached(&tap->rec->progress, tap->attempt->until))
        return false;
    return tap->attempt->until < WHY_PHASE_ACTIVE ||
           (!tap->rejected && (tap->conn->end == CONN_OPEN || tap->conn->end == CONN_DEADLINE ||
                               tap->conn->end == CONN_CANCELLED));
}

/* What the library says of why it gave up, where it did. */
static void record_error(struct tap *tap)
{
    UINT32 error = freerdp_get_last_error(&tap->base);

    if (tap->stopped || is_reached(tap))
        return;
    if (error != FREERDP_ERROR_SUCCESS)
        why_recorder_event(tap->rec, WHY_EV_LIBRARY_ERROR, error,
                           freerdp_get_last_error_name(error));
    else if (tap->conn->end == CONN_OPEN)
        why_recorder_event(tap->rec, WHY_EV_LIBRARY_ERROR, 0, "it does not say why");
}

/* What was asked for is reached; of a session, how long nothing came that ends it. */
static void record_reached(struct tap *tap)
{
    enum why_phase until = tap->attempt->until;
    uint64_t listened = watches(tap) ? tap->attempt->watch_us : tap->attempt->linger_us;
    char text[48];

    (void)snprintf(text, sizeof(text), "%" PRIu64 " ms after Font Map", listened / 1000u);
    if (until == WHY_PHASE_SESSION && !watches(tap))
        until = WHY_PHASE_ACTIVE;
    tap->stopped = true;
    why_recorder_event(tap->rec, WHY_EV_REACHED, until,
                       until >= WHY_PHASE_ACTIVE && listened > 0 ? text : NULL);
}

static void run_library(struct tap *tap)
{
    bool connected = freerdp_connect(tap->base.instance);

    why_tap_end_lookup(tap);
    if (connected)
        finish_handshake(tap);
    /* The library may have given up over what servers may send before Font Map, and it does not
     * know: pointers, sounds. It is needed no more. */
    if (tap->font_list_sent && !why_tap_has_font_map(tap) && !tap->rejected &&
        tap->conn->end == CONN_OPEN && !tap->rec->progress.dissector.rdp_security) {
        why_tap_flush(tap);
        why_tap_read_on(tap, tap->conn->deadline_us);
    }
    if (connected && why_tap_has_font_map(tap) && !tap->stopped) {
        if (watches(tap))
            watch_session(tap);
        else
            listen_on(tap);
    }
    why_tap_flush(tap);
    /* What came first decides the verdict: the deadline or the interrupt before the library's
     * giving up over them, and that before what it left unread. */
    if (!tap->stopped && !is_reached(tap))
        (void)why_conn_expired(tap->conn);
    record_error(tap);
    why_tap_finish(tap);
    if (!tap->stopped && is_reached(tap))
        record_reached(tap);
    if (connected)
        (void)freerdp_disconnect(tap->base.instance);
}

static bool tell_address(struct tap *tap)
{
    struct conn_local local;

    return !why_conn_local(tap->conn->fd, &local) ||
           why_client_set_address(tap->base.settings, local.host, local.ipv6);
}

/* What comes on the channels that were asked for: over those that none of its plug-ins takes the
 * library would give up. */
static BOOL on_channel_data(freerdp *instance, UINT16 channel, const BYTE *data, size_t size,
                            UINT32 flags, size_t total)
{
    if (((struct tap *)instance->context)->session.context != NULL)
        (void)freerdp_channels_data(instance, channel, data, size, flags, total);
    return TRUE;
}

static freerdp *new_instance(struct why_engine *engine, const struct why_attempt *attempt,
                             const char *store)
{
    rdpSettings *settings = why_settings_for(engine, attempt, store);
    freerdp *instance = settings != NULL ? freerdp_new() : NULL;

    if (instance == NULL) {
        freerdp_settings_free(settings);
        return NULL;
    }
    instance->ContextSize = sizeof(struct tap);
    instance->AuthenticateEx = on_authenticate;
    instance->VerifyX509Certificate = on_verify_certificate;
    instance->PreConnect = on_connect;
    instance->PostConnect = on_connected;
    instance->ReceiveChannelData = on_channel_data;
    instance->LoadChannels = why_graphics_load;
    if (!freerdp_context_new_ex(instance, settings)) {
        freerdp_free(instance);
        return NULL;
    }
    return instance;
}

/* TCP is up on |conn|: the rest is libfreerdp's, watched. */
static int handshake(struct why_engine *engine, const struct why_attempt *attempt,
                     struct recorder *rec, struct conn *conn, struct why_license_data *issued)
{
    const char *client = why_settings_client_name(engine, attempt);
    char *store = why_engine_new_path(engine);
    freerdp *instance = store != NULL ? new_instance(engine, attempt, store) : NULL;
    struct watched watched = {
        .deadline_us = conn->deadline_us, .cancelled = attempt->cancelled, .wake = on_wake};
    struct why_kerberos *kerberos;
    struct tap *tap;
    int status = WHY_OK;

    if (instance == NULL) {
        free(store);
        return WHY_ERR_LIBRARY; /* out of memory, or of file descriptors */
    }
    tap = (struct tap *)instance->context;
    tap->engine = engine;
    tap->attempt = attempt;
    tap->rec = rec;
    tap->conn = conn;
    tap->logon = (struct logon){.engine = engine,
                                .attempt = attempt,
                                .rec = rec,
                                .settings = tap->base.settings,
                                .deadline_us = conn->deadline_us};
    if (attempt->license != NULL && !why_license_file_put(store, client, attempt->license)) {
        status = WHY_ERR_IO;
    } else if (tell_address(tap) && why_tap_install(tap)) {
        watched.arg = conn;
        tap->watched = &watched;
        why_watch_add(engine->watch, &watched);
        run_library(tap);
        why_watch_remove(engine->watch, &watched);
    } else {
        status = WHY_ERR_LIBRARY;
    }
    why_tap_clear(tap);
    why_session_clear(&tap->session);
    kerberos = tap->logon.kerberos;
    freerdp_context_free(instance);
    freerdp_free(instance);
    why_kerberos_free(kerberos); /* the library had its cache open */
    if (status == WHY_OK && issued != NULL)
        (void)why_license_file_take(store, client, attempt->license, issued);
    why_engine_remove_path(store);
    free(store);
    return status;
}

/* A ClientHello and no Connection Request: whether the port speaks TLS from the first byte. */
static void tls_first(const struct why_engine *engine, const struct why_attempt *attempt,
                      struct conn *conn)
{
    conn->asks_alpn = true;
    if (!why_tls_connect(conn, engine->tls, 0, 0, attempt->target->host))
        return;
    why_gateway_look(attempt, conn);
    why_recorder_event(conn->rec, WHY_EV_STOP, 0,
                       "the port speaks TLS without a Connection Request");
}

/* ---- RDP over UDP ---------------------------------------------------------------------------- */

/* Where TCP led to; no |len|: nobody is to be asked. */
struct peer {
    struct sockaddr_storage address;
    socklen_t len;
};

/* While the connection is fresh: a socket that was reset has no other end any more. */
static struct peer peer_of(const struct why_attempt *attempt, int fd)
{
    struct peer peer = {.len = sizeof(peer.address)};

    if (!attempt->udp || getpeername(fd, (struct sockaddr *)&peer.address, &peer.len) != 0)
        peer.len = 0;
    return peer;
}

static void record_udp(void *arg, enum why_dir dir, int64_t value, const char *text)
{
    why_recorder_add(
        arg, &(struct why_event){.kind = WHY_EV_UDP, .dir = dir, .value = value, .text = text});
}

static void ask_udp(const struct why_attempt *attempt, struct recorder *rec,
                    const struct peer *peer)
{
    struct why_udp_request request = {
        .address = (const struct sockaddr *)&peer->address,
        .address_len = peer->len,
        .cancelled = attempt->cancelled,
        .event = record_udp,
        .arg = rec,
    };

    if (peer->len == 0 || (attempt->cancelled != NULL && atomic_load(attempt->cancelled)))
        return;
    if (attempt->proxied)
        record_udp(rec, WHY_DIR_SENT, 0,
                   attempt->gateway != NULL ? "the connection goes through an RD Gateway"
                                            : "the connection goes through a proxy");
    else if (RAND_bytes((unsigned char *)&request.sequence, sizeof(request.sequence)) == 1)
        why_udp_ask(&request);
}

/* The channel through the gateway is what |conn| lies on from here. False: there is none, and the
 * trace says why. */
static bool through_gateway(struct why_engine *engine, const struct why_attempt *attempt,
                            struct recorder *rec, struct conn *conn, struct gateway **gateway)
{
    uint64_t deadline = conn->deadline_us;

    *gateway = why_gateway_new(engine, attempt, rec, conn->fd, deadline);
    if (*gateway == NULL) {
        why_recorder_event(rec, WHY_EV_FAILED, WHY_ERR_NOMEM, "out of memory");
        return false;
    }
    if (why_gateway_open(*gateway)) {
        why_gateway_carry(*gateway, conn, deadline);
        return true;
    }
    why_recorder_event(rec, WHY_EV_CLOSE, 0, NULL);
    return false;
}

static void carry_out(struct why_engine *engine, const struct why_attempt *attempt,
                      struct recorder *rec, struct why_license_data *issued)
{
    uint64_t deadline = rec->start_us + attempt->timeout_us;
    uint64_t connect_deadline = rec->start_us + attempt->connect_timeout_us;
    struct why_dial_request request = {
        .host = attempt->target->host,
        .port = attempt->target->port,
        .family = attempt->family,
        .resolve_only = attempt->until == WHY_PHASE_RESOLVE,
        .deadline_us = connect_deadline < deadline ? connect_deadline : deadline,
    };
    struct gateway *gateway = NULL;
    struct conn *conn;
    struct peer peer;
    int fd, status;

    if (attempt->gateway != NULL) {
        request.host = attempt->gateway->host;
        request.port = attempt->gateway->port;
        if (attempt->dialled == NULL)
            why_recorder_event(rec, WHY_EV_GATEWAY, 0, attempt->gateway->label);
    }
    fd = attempt->dialled != NULL ? attempt->fd
                                  : why_attempt_dial(rec, &request, attempt->cancelled);
    if (fd < 0) {
        if (why_progress_reached(&rec->progress, attempt->until))
            why_recorder_event(rec, WHY_EV_REACHED, attempt->until, NULL);
        return;
    }
    why_conn_record_local(rec, fd, 0);
    peer = peer_of(attempt, fd);
    conn = malloc(sizeof(*conn));
    if (conn == NULL) {
        (void)close(fd);
        why_recorder_event(rec, WHY_EV_FAILED, WHY_ERR_NOMEM, "out of memory");
        return;
    }
    why_conn_init(conn, rec, fd, deadline, attempt->cancelled);
    if (attempt->gateway != NULL && !why_progress_reached(&rec->progress, attempt->until) &&
        !through_gateway(engine, attempt, rec, conn, &gateway)) {
        why_gateway_free(gateway);
        free(conn);
        return;
    }
    if (why_progress_reached(&rec->progress, attempt->until)) {
        why_recorder_event(rec, WHY_EV_REACHED, attempt->until, NULL);
    } else if (attempt->variation == WHY_VARIATION_TLS_FIRST) {
        tls_first(engine, attempt, conn);
    } else {
        status = handshake(engine, attempt, rec, conn, issued);
        if (status != WHY_OK)
            why_recorder_event(rec, WHY_EV_FAILED, status, why_strstatus(status));
    }
    if (conn->end == CONN_OPEN || conn->end == CONN_VIOLATION || conn->end == CONN_TLS_FAILED)
        why_recorder_event(rec, WHY_EV_CLOSE, 0, NULL);
    why_conn_close(conn);
    why_gateway_free(gateway);
    free(conn);
    ask_udp(attempt, rec, &peer);
}

/* The attempt is over before it has begun: a socket that was handed over goes with it. */
static void drop_dialled(const struct why_attempt *attempt)
{
    if (attempt->dialled != NULL && attempt->fd >= 0)
        (void)close(attempt->fd);
}

/* With what the redirection brings along that led here. */
static void run(struct why_engine *engine, const struct why_attempt *attempt, struct recorder *rec,
                struct why_license_data *issued)
{
    struct redirected redirected;
    struct why_attempt own = *attempt;

    own.redirected_by = &redirected;
    if (!why_redirected_read(&redirected, attempt, why_attempt_offer(attempt).requested != 0)) {
        drop_dialled(attempt);
        why_recorder_event(rec, WHY_EV_FAILED, WHY_ERR_MALFORMED, "the redirection cannot be read");
        return;
    }
    if (redirected.has_credentials)
        own.credentials = &redirected.credentials;
    carry_out(engine, &own, rec, issued);
    why_redirected_clear(&redirected);
}

/* What passed before the attempt was handed to us. */
static void take_over(struct recorder *rec, const struct why_trace *dialled)
{
    for (size_t i = 0; i < why_trace_count(dialled); i++)
        (void)why_record(&rec->progress, rec->trace, why_trace_at(dialled, i), NULL);
}

int why_attempt_run(struct why_engine *engine, const struct why_attempt *attempt,
                    struct why_trace **trace, struct why_license_data *issued)
{
    char library[48];
    struct why_trace_head head = {
        .host = attempt->target->host,
        .port = attempt->target->port,
        .profile = attempt->step.profile,
        .license_mode = attempt->step.license_mode,
        .until = attempt->until,
        .started_us = why_clock_wall_us(),
        .credentials = attempt->credentials != NULL,
        .variation = why_variation_name(attempt->variation),
        .library = library,
        .hop = attempt->hop,
    };
    struct recorder rec = {
        .start_us = why_clock_us(),
        .capture = attempt->capture,
        .on_event = attempt->on_event,
        .on_event_arg = attempt->on_event_arg,
    };
    const char *cannot = why_engine_cannot(engine, attempt->step.profile);

    if (issued != NULL)
        *issued = (struct why_license_data){NULL, 0};
    if (attempt->dialled != NULL) {
        rec.start_us = attempt->began_us;
        head.started_us = why_trace_head(attempt->dialled)->started_us;
    }
    (void)snprintf(library, sizeof(library), "FreeRDP %s", engine->library);
    why_progress_init(&rec.progress, why_profile_info(attempt->step.profile)->wanted |
                                         (attempt->hop > 0 ? WHY_PROTOCOL_RDSTLS : 0));
    rec.trace = *trace = why_trace_new(&head);
    if (rec.trace == NULL) {
        drop_dialled(attempt);
        return WHY_ERR_NOMEM;
    }
    if (attempt->dialled != NULL)
        take_over(&rec, attempt->dialled);
    if (cannot == NULL) {
        run(engine, attempt, &rec, issued);
        return WHY_OK;
    }
    drop_dialled(attempt);
    why_recorder_event(&rec, WHY_EV_SKIPPED, 0, cannot);
    return WHY_OK;
}
