/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <freerdp/crypto/certificate.h>
#include <freerdp/crypto/privatekey.h>
#include <freerdp/freerdp.h>
#include <freerdp/peer.h>
#include <freerdp/settings.h>
#include <freerdp/transport_io.h>
#include <winpr/ssl.h>
#include <winpr/synch.h>
#include <winpr/wlog.h>
#include <winpr/wtsapi.h>
#include <freerdp/channels/channels.h>

#include "broker.h"
#include "conn.h"
#include "mutation.h"
#include "rdpsec.h"
#include "tlspeer.h"

#define WAIT_MS         250
#define SECURITY_HEADER 4 /* basic, [MS-RDPBCGR] 2.2.8.1.1.2.1 */

/* Settings that connections of one row clone: making them anew is slow and not thread-safe. */
struct peer_template {
    const struct peer_fault *fault;
    rdpSettings *settings;
};

/* The server engine's side of one connection. */
struct engine {
    struct peer_conn *conn;
    rdpTransportIo io; /* the library's own functions */
    rdpTransport *transport;
    struct rdpsec rdpsec;
    unsigned reads, writes;  /* PDUs during X.224 and CredSSP, where the library has one state */
    enum peer_moment moment; /* of the PDU that the library is sending */
    bool acting;             /* an act is reading or writing: its PDUs are no moments */
    bool holding;
    uint8_t *held; /* what waits to leave in one piece */
    size_t held_len;
};

struct peer_context {
    rdpContext base;
    struct engine *engine;
};

static struct engine *engine_of(rdpTransport *transport)
{
    union {
        rdpContext *base;
        struct peer_context *context;
    } u = {.base = transport_get_context(transport)};
    return u.context->engine;
}

/* Which moment the PDU is that the client has just sent: told by what the library waits for. */
static enum peer_moment moment_of_read(const struct engine *e, const rdpContext *context)
{
    static const enum peer_moment nego[] = {AT_REQUEST, AT_NTLM_NEGOTIATE, AT_NTLM_AUTHENTICATE,
                                            AT_AUTH_INFO};
    switch (freerdp_get_state(context)) {
    case CONNECTION_STATE_INITIAL:
    case CONNECTION_STATE_NEGO:
        return e->reads <= 4 ? nego[e->reads - 1] : AT_OTHER;
    case CONNECTION_STATE_MCS_CREATE_REQUEST:
        return AT_CONNECT_INITIAL;
    case CONNECTION_STATE_MCS_ERECT_DOMAIN:
        return AT_ERECT_DOMAIN;
    case CONNECTION_STATE_MCS_ATTACH_USER:
        return AT_ATTACH_USER;
    case CONNECTION_STATE_MCS_CHANNEL_JOIN_REQUEST:
        return AT_JOIN;
    case CONNECTION_STATE_RDP_SECURITY_COMMENCEMENT:
        /* Without Standard RDP Security the library passes this state with the Client Info. */
        return freerdp_settings_get_bool(context->settings, FreeRDP_UseRdpSecurityLayer)
                   ? AT_SECURITY_EXCHANGE
                   : AT_CLIENT_INFO;
    case CONNECTION_STATE_SECURE_SETTINGS_EXCHANGE:
        return AT_CLIENT_INFO;
    case CONNECTION_STATE_CAPABILITIES_EXCHANGE_CONFIRM_ACTIVE:
        return AT_CONFIRM_ACTIVE;
    case CONNECTION_STATE_FINALIZATION_SYNC:
        return AT_SYNCHRONIZE;
    case CONNECTION_STATE_FINALIZATION_COOPERATE:
        return AT_COOPERATE;
    case CONNECTION_STATE_FINALIZATION_REQUEST_CONTROL:
        return AT_REQUEST_CONTROL;
    case CONNECTION_STATE_FINALIZATION_PERSISTENT_KEY_LIST:
    case CONNECTION_STATE_FINALIZATION_FONT_LIST:
        return AT_FONT_LIST;
    default:
        return AT_OTHER;
    }
}

static enum peer_moment moment_of_write(const struct engine *e, const rdpContext *context)
{
    static const enum peer_moment nego[] = {BEFORE_CONFIRM, BEFORE_NTLM_CHALLENGE,
                                            BEFORE_PUB_KEY_AUTH};
    switch (freerdp_get_state(context)) {
    case CONNECTION_STATE_INITIAL:
    case CONNECTION_STATE_NEGO:
        return e->writes <= 3 ? nego[e->writes - 1] : BEFORE_OTHER;
    case CONNECTION_STATE_MCS_CREATE_RESPONSE:
        return BEFORE_CONNECT_RESPONSE;
    case CONNECTION_STATE_MCS_ATTACH_USER_CONFIRM:
        return BEFORE_ATTACH_CONFIRM;
    case CONNECTION_STATE_MCS_CHANNEL_JOIN_RESPONSE:
        return BEFORE_JOIN_CONFIRM;
    case CONNECTION_STATE_LICENSING:
        return BEFORE_LICENSE;
    case CONNECTION_STATE_CAPABILITIES_EXCHANGE_DEMAND_ACTIVE:
        return BEFORE_DEMAND_ACTIVE;
    case CONNECTION_STATE_FINALIZATION_CLIENT_SYNC:
        return BEFORE_SYNCHRONIZE;
    case CONNECTION_STATE_FINALIZATION_CLIENT_COOPERATE:
        return BEFORE_COOPERATE;
    case CONNECTION_STATE_FINALIZATION_REQUEST_CONTROL:
        return BEFORE_GRANTED;
    case CONNECTION_STATE_FINALIZATION_CLIENT_FONT_MAP:
    case CONNECTION_STATE_FINALIZATION_FONT_LIST:
        return BEFORE_FONT_MAP;
    default:
        return BEFORE_OTHER;
    }
}

/* Injects the row's fault if |moment| is its. */
static enum peer_result meet(struct engine *e, enum peer_moment moment, struct peer_pdu *pdu)
{
    struct peer_conn *conn = e->conn;
    const struct peer_fault *fault = conn->fault;
    const unsigned nth = ++conn->seen[moment];
    enum peer_result result = PEER_PASS;

    if (moment != fault->moment || nth != (fault->nth > 1 ? fault->nth : 1)) {
        return PEER_PASS;
    }
    if (fault->act != NULL) {
        e->acting = true;
        result = fault->act(conn, pdu);
        e->acting = false;
    }
    if (fault->end != END_NOT && result != PEER_SPARE) {
        conn_end(conn, fault->end);
    }
    return conn->over ? PEER_OVER : result;
}

/* What PDUs written by hand and the rules for the client need to know of the server's. |header|:
 * the bytes of the security header. */
static void learn(struct peer_conn *conn, enum peer_moment moment, const struct peer_pdu *pdu,
                  size_t header)
{
    if (moment == BEFORE_CONFIRM && pdu->len == 19) {
        conn->extended_data = (pdu->data[12] & 1) != 0;
        conn->selected = pdu->data[15];
        conn->rdp_security = conn->selected == 0;
    } else if (moment == BEFORE_ATTACH_CONFIRM && pdu->len >= 11) {
        conn->user_channel = (uint16_t)((pdu->data[9] << 8 | pdu->data[10]) + 1001);
    } else if (moment == BEFORE_CONNECT_RESPONSE) {
        gave_read(&conn->gave, pdu->data, pdu->len);
    } else if (moment == BEFORE_DEMAND_ACTIVE && pdu->len > DATA_HEADER + header) {
        free(conn->demand_active);
        conn->demand_active_len = pdu->len - header;
        conn->demand_active = malloc(conn->demand_active_len);
        if (conn->demand_active != NULL) {
            memcpy(conn->demand_active, pdu->data, DATA_HEADER);
            memcpy(conn->demand_active + DATA_HEADER, pdu->data + DATA_HEADER + header,
                   conn->demand_active_len - DATA_HEADER);
        }
        rules_demand_active(conn, pdu->data, pdu->len, DATA_HEADER + header);
    }
}

/* NULL, or the rule that the client's Connect Initial breaks with this server. */
static const char *judge_connect_initial(struct peer_conn *conn, const struct peer_pdu *pdu)
{
    const struct client_said *said = &conn->said;
    const char *broken = said_read(&conn->said, pdu->data, pdu->len);
    if (broken == NULL && said->extended_data && !conn->extended_data) {
        broken = "extended client data only go to a server that has said it supports them "
                 "(2.2.1.3)";
    }
    if (broken == NULL && said->has_selected && said->selected != conn->selected) {
        broken = "serverSelectedProtocol is the Connection Confirm's (2.2.1.3.2)";
    }
    return broken;
}

/* NULL, or the rule that a later PDU breaks. A Persistent Key List is told from a Font List: the
 * library waits for either in the same state. */
static const char *judge_pdu(struct engine *e, enum peer_moment *moment, const struct peer_pdu *pdu)
{
    struct peer_conn *conn = e->conn;
    uint8_t *copy = malloc(pdu->len + 1);
    size_t len = pdu->len;
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, pdu->data, len);
    const char *password = freerdp_settings_get_string(
        transport_get_context(e->transport)->settings, FreeRDP_Password);
    conn->course.has_password = password != NULL && password[0] != '\0';
    const bool plain = rdpsec_look(&e->rdpsec, copy, &len);
    const char *broken = rules_pdu(conn, copy, len, plain);
    if (*moment == AT_FONT_LIST && plain &&
        rules_is_key_list(copy, len, conn->rdp_security ? SECURITY_HEADER : 0)) {
        *moment = AT_KEY_LIST;
    }
    free(copy);
    return broken;
}

/* Like Windows this server ends a connection whose client does not keep to the protocol. */
static bool keeps_rules(struct engine *e, enum peer_moment *moment, const struct peer_pdu *pdu)
{
    struct peer_conn *conn = e->conn;
    const char *broken = NULL;
    if (*moment == AT_REQUEST) {
        broken = rules_request(&conn->course, pdu->data, pdu->len);
    } else if (*moment == AT_CONNECT_INITIAL) {
        broken = judge_connect_initial(conn, pdu);
    } else if (conn->said.any) {
        broken = judge_pdu(e, moment, pdu);
    }
    if (broken != NULL && conn->mutation == NULL) {
        fprintf(stderr, "rdpwhy-peer: %s: the client breaks a rule: %s\n", conn->fault->name,
                broken);
        conn_end(conn, END_RST);
    }
    return broken == NULL || conn->mutation != NULL;
}

/* Without Standard RDP Security's encryption of the client's PDUs, which the library sees through
 * later. One write a line: connections have a thread each. */
static void dump_client(const struct peer_conn *conn, const uint8_t *data, size_t len)
{
    char line[2 * 8192 + 2];
    size_t at = 0;
    if (!conn->server->options.dump_client || len > 8192) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        at += (size_t)snprintf(line + at, sizeof(line) - at, "%02x", data[i]);
    }
    line[at++] = '\n';
    fwrite(line, 1, at, stdout);
    fflush(stdout);
}

static bool transmit(struct engine *e, const uint8_t *data, size_t len);

static bool is_request(const uint8_t *data, size_t len)
{
    return len > 11 && data[0] == 3 && data[5] == 0xE0;
}

/* [MS-RDPBCGR] 5.4.2.2: the negotiation is inside CredSSP, and the library knows nothing of it. */
static void confirm_inside(struct engine *e, wStream *s)
{
    static const uint8_t confirm[19] = {3, 0, 0, 19, 14, 0xD0, 0, 0, 0x12, 0x34, 0, 2, 1, 8, 0, 2};
    Stream_SetPosition(s, 0);
    e->conn->direct = false;
    transmit(e, confirm, sizeof(confirm));
}

static void take_token(struct peer_conn *conn, const struct peer_pdu *pdu)
{
    const size_t start = 11; /* behind TPKT and the fixed part of the Connection Request */
    size_t n = 0;
    while (start + n < pdu->len && n < sizeof(conn->token) - 1 && pdu->data[start + n] >= ' ') {
        conn->token[n] = (char)pdu->data[start + n];
        n++;
    }
    conn->token[n] = '\0';
}

static int on_read(rdpTransport *transport, wStream *s)
{
    struct engine *e = engine_of(transport);
    rdpContext *context = transport_get_context(transport);
    if (e->conn->over) {
        return -1;
    }
    const int status = e->io.ReadPdu(transport, s);
    if (status <= 0 || e->acting) {
        return status;
    }
    if (e->conn->direct && is_request(Stream_Buffer(s), (size_t)status) && e->reads > 0) {
        confirm_inside(e, s);
        return 0;
    }
    e->reads++;
    enum peer_moment moment = moment_of_read(e, context);
    struct peer_pdu pdu = {.data = Stream_Buffer(s), .len = (size_t)status};
    dump_client(e->conn, pdu.data, pdu.len);
    if (moment == AT_REQUEST) {
        take_token(e->conn, &pdu);
    }
    if (!keeps_rules(e, &moment, &pdu)) {
        return -1;
    }
    if (moment == AT_SECURITY_EXCHANGE) {
        if (!rdpsec_exchange(&e->rdpsec, &pdu, tls_peer_rdp_key(e->conn))) {
            return -1;
        }
        if (e->conn->fault->moment == BEFORE_LICENSE) {
            rdpsec_plain_licenses(&pdu);
        }
    }
    rdpsec_pass(&e->rdpsec, &pdu);
    if (moment == AT_CONNECT_INITIAL && e->conn->fault->security == PEER_SEC_NLA_EXT) {
        /* on_write changed the selected protocol behind the library's back. */
        (void)freerdp_settings_set_uint32(context->settings, FreeRDP_SelectedProtocol, 8);
    }
    if (meet(e, moment, &pdu) == PEER_OVER) {
        return -1;
    }
    if (moment == AT_AUTH_INFO && e->conn->fault->security == PEER_SEC_NLA_EXT) {
        /* Early User Authorization Result ([MS-RDPBCGR] 2.2.10.2): AUTHZ_SUCCESS */
        static const uint8_t success[4] = {0};
        e->conn->send_inside(e->conn, success, sizeof(success));
    }
    return status;
}

/* To the client, or to what is held. */
static bool transmit(struct engine *e, const uint8_t *data, size_t len)
{
    if (e->holding) {
        uint8_t *more = realloc(e->held, e->held_len + len);
        if (more == NULL) {
            return false;
        }
        memcpy(more + e->held_len, data, len);
        e->held = more;
        e->held_len += len;
        return true;
    }
    wStream *s = Stream_New(NULL, len > 0 ? len : 1);
    if (s == NULL) {
        return false;
    }
    Stream_Write(s, data, len);
    const int status = e->io.WritePdu(e->transport, s);
    Stream_Free(s, TRUE);
    return status >= 0;
}

static void hold(struct peer_conn *conn, bool on)
{
    struct engine *e = conn->engine;
    e->holding = on;
    if (!on && e->held_len > 0) {
        transmit(e, e->held, e->held_len);
        free(e->held);
        e->held = NULL;
        e->held_len = 0;
    }
}

static void seal(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct engine *e = conn->engine;
    if (rdpsec_is_sealed(&e->rdpsec, pdu->data, pdu->len)) {
        rdpsec_seal(&e->rdpsec, pdu->data, pdu->len);
    }
}

static bool seal_and_send(struct peer_conn *conn, const struct peer_pdu *pdu)
{
    struct peer_pdu copy = {.data = malloc(pdu->len + 1), .len = pdu->len};
    if (copy.data == NULL) {
        return false;
    }
    memcpy(copy.data, pdu->data, pdu->len);
    seal(conn, &copy);
    const bool sent = transmit(conn->engine, copy.data, copy.len);
    free(copy.data);
    return sent;
}

static bool send_pdu(struct peer_conn *conn, const struct peer_pdu *pdu)
{
    struct engine *e = conn->engine;
    const bool sealed = rdpsec_is_sealed(&e->rdpsec, pdu->data, pdu->len);
    return conn->mutation == NULL
               ? seal_and_send(conn, pdu)
               : mutation_send(conn->mutation, conn, e->moment, pdu,
                               sealed ? rdpsec_header(&e->rdpsec) : 0, seal_and_send);
}

static bool send_share(struct peer_conn *conn, const struct build *b, uint16_t flags)
{
    struct engine *e = conn->engine;
    struct build whole = {.len = 0};
    if (b->overflow) {
        return false;
    }
    if (rdpsec_header(&e->rdpsec) == 0) {
        return transmit(e, b->data, b->len);
    }
    put(&whole, b->data, DATA_HEADER);
    put_security(&whole, (uint16_t)(flags | SEC_ENCRYPT_));
    put(&whole, "\0\0\0\0\0\0\0\0", 8); /* the MAC's place */
    put(&whole, b->data + DATA_HEADER, b->len - DATA_HEADER);
    build_data_end(&whole);
    const struct peer_pdu pdu = {.data = whole.data, .len = whole.len};
    return !whole.overflow && send_pdu(conn, &pdu);
}

static int on_write(rdpTransport *transport, wStream *s)
{
    struct engine *e = engine_of(transport);
    struct peer_pdu pdu = {.data = Stream_Buffer(s), .len = Stream_GetPosition(s)};
    if (e->conn->over) {
        return -1;
    }
    const bool sealed = rdpsec_is_sealed(&e->rdpsec, pdu.data, pdu.len);
    if (sealed) {
        rdpsec_unseal(&e->rdpsec, pdu.data, pdu.len);
    }
    if (e->acting) {
        return send_pdu(e->conn, &pdu) ? (int)pdu.len : -1;
    }
    e->writes++;
    const enum peer_moment moment = moment_of_write(e, transport_get_context(transport));
    e->moment = moment;
    learn(e->conn, moment, &pdu, sealed ? rdpsec_header(&e->rdpsec) : 0);
    if (moment == BEFORE_CONNECT_RESPONSE) {
        const rdpSettings *settings = transport_get_context(transport)->settings;
        rdpsec_response(&e->rdpsec, &pdu);
        /* REDIRECTED_SESSIONID_FIELD_VALID, [MS-RDPBCGR] 2.2.1.3.5 */
        e->conn->administrative =
            freerdp_settings_get_bool(settings, FreeRDP_ConsoleSession) != FALSE;
    }
    if (moment == BEFORE_CONFIRM && pdu.len >= 11) {
        /* SRC-REF as Windows has it: the faults are mostly Windows', and a server that is seen to
         * be built on FreeRDP gets other advice. */
        pdu.data[8] = 0x12;
        pdu.data[9] = 0x34;
    }
    if (moment == BEFORE_CONFIRM && e->conn->fault->security == PEER_SEC_NLA_EXT && pdu.len == 19 &&
        pdu.data[11] == 2 && pdu.data[15] == 2) {
        /* The library never selects HYBRID_EX; the CredSSP that follows is the same. */
        pdu.data[15] = 8;
        e->conn->selected = 8;
    }
    switch (meet(e, moment, &pdu)) {
    case PEER_OVER:
        return -1;
    case PEER_SWALLOW:
    case PEER_SPARE:
        return (int)pdu.len;
    default:
        return send_pdu(e->conn, &pdu) ? (int)pdu.len : -1;
    }
}

static BOOL on_tls_accept(rdpTransport *transport)
{
    struct engine *e = engine_of(transport);
    struct peer_pdu none = {.data = NULL, .len = 0};
    if (e->conn->over) {
        return FALSE;
    }
    if (e->conn->fault->moment == AT_CLIENT_HELLO) {
        (void)conn_wait(e->conn, -1);
        if (meet(e, AT_CLIENT_HELLO, &none) == PEER_OVER) {
            return FALSE;
        }
    }
    return e->io.TLSAccept(transport);
}

static bool send_inside(struct peer_conn *conn, const uint8_t *data, size_t len)
{
    if (conn->mutation == NULL) {
        return transmit(conn->engine, data, len);
    }
    struct peer_pdu pdu = {.data = malloc(len + 1), .len = len};
    if (pdu.data == NULL) {
        return false;
    }
    memcpy(pdu.data, data, len);
    const bool sent = send_pdu(conn, &pdu);
    free(pdu.data);
    return sent;
}

static size_t read_inside(struct peer_conn *conn, uint8_t *data, size_t size)
{
    struct engine *e = conn->engine;
    size_t len = 0;
    wStream *s = Stream_New(NULL, 1024);
    if (s == NULL) {
        return 0;
    }
    for (;;) {
        const int status = e->io.ReadPdu(e->transport, s);
        if (status < 0) {
            break;
        }
        if (status > 0) {
            len = (size_t)status <= size ? (size_t)status : 0;
            memcpy(data, Stream_Buffer(s), len);
            len = rdpsec_open(&e->rdpsec, data, len);
            dump_client(conn, data, len);
            break;
        }
        if (!conn_wait(conn, -1)) {
            break;
        }
    }
    Stream_Free(s, TRUE);
    return len;
}

static BOOL on_yes(freerdp_peer *peer)
{
    (void)peer;
    return TRUE;
}

static BOOL on_logon(freerdp_peer *peer, const SEC_WINNT_AUTH_IDENTITY *identity, BOOL automatic)
{
    (void)peer;
    (void)identity;
    (void)automatic;
    return TRUE;
}

static const rdpSettings *settings_of(const struct peer_conn *conn)
{
    for (size_t i = 0; i < conn->server->template_count; i++) {
        if (conn->server->templates[i].fault == conn->fault) {
            return conn->server->templates[i].settings;
        }
    }
    return NULL;
}

static bool begin(struct engine *e, freerdp_peer *peer)
{
    if (!freerdp_peer_set_local_and_hostname(peer, &e->conn->peer)) {
        return false;
    }
    /* A local peer would silently get no Standard RDP Security encryption. */
    peer->local = FALSE;
    peer->ContextSize = sizeof(struct peer_context);
    if (!freerdp_peer_context_new_ex(peer, settings_of(e->conn))) {
        return false;
    }
    union {
        rdpContext *base;
        struct peer_context *context;
    } u = {.base = peer->context};
    u.context->engine = e;
    e->transport = freerdp_get_transport(peer->context);
    e->io = *freerdp_get_io_callbacks(peer->context);
    rdpTransportIo io = e->io;
    io.ReadPdu = on_read;
    io.WritePdu = on_write;
    io.TLSAccept = on_tls_accept;
    peer->PostConnect = on_yes;
    peer->Activate = on_yes;
    peer->Logon = on_logon;
    return freerdp_set_io_callbacks(peer->context, &io) && peer->Initialize(peer);
}

static void loop(struct engine *e, freerdp_peer *peer)
{
    while (!e->conn->over && !conn_stopping()) {
        HANDLE handles[32];
        const DWORD count = peer->GetEventHandles(peer, handles, 32);
        if (count == 0) {
            return;
        }
        const DWORD status = WaitForMultipleObjects(count, handles, FALSE, WAIT_MS);
        if (status == WAIT_FAILED || !peer->CheckFileDescriptor(peer)) {
            return;
        }
    }
}

void server_run(struct peer_conn *conn, int fd)
{
    struct engine e = {.conn = conn};
    freerdp_peer *peer = freerdp_peer_new(fd);
    if (peer == NULL) {
        close(fd);
        return;
    }
    conn->engine = &e;
    conn->library_fd = fd;
    conn->send_inside = send_inside;
    conn->send_pdu = send_pdu;
    conn->seal = seal;
    conn->send_share = send_share;
    conn->hold = hold;
    conn->read_inside = read_inside;
    if (begin(&e, peer)) {
        loop(&e, peer);
    }
    conn->library_fd = -1;
    freerdp_peer_context_free(peer);
    freerdp_peer_free(peer);
    free(e.held);
    conn->engine = NULL;
}

bool server_file(const struct peer_options *options, const char *name, const char *ending,
                 char *path, size_t size)
{
    const int n = snprintf(path, size, "%s/%s.%s", options->certificates, name, ending);
    return n > 0 && (size_t)n < size;
}

static bool set_key_pair(rdpSettings *settings, const struct peer_options *options,
                         const struct peer_fault *fault)
{
    char certificate[1024], key[1024];
    const struct peer_setup *setup = &fault->setup;
    const char *usual = fault->security == PEER_SEC_RDP ? "rdp" : "server";
    const char *name = setup->certificate != NULL ? setup->certificate : usual;
    const char *key_name = setup->key != NULL ? setup->key : name;
    if (!server_file(options, name, "crt", certificate, sizeof(certificate)) ||
        !server_file(options, key_name, "key", key, sizeof(key))) {
        return false;
    }
    const bool own = setup->certificate == NULL && options->certificate != NULL;
    rdpPrivateKey *k = freerdp_key_new_from_file(own ? options->key : key);
    rdpCertificate *c = freerdp_certificate_new_from_file(own ? options->certificate : certificate);
    if (k == NULL || c == NULL) {
        fprintf(stderr, "rdpwhy-peer: cannot read %s or %s\n",
                own ? options->certificate : certificate, own ? options->key : key);
        freerdp_key_free(k);
        freerdp_certificate_free(c);
        return false;
    }
    return freerdp_settings_set_pointer_len(settings, FreeRDP_RdpServerRsaKey, k, 1) &&
           freerdp_settings_set_pointer_len(settings, FreeRDP_RdpServerCertificate, c, 1);
}

static bool set_security(rdpSettings *settings, const struct peer_fault *fault)
{
    const enum peer_security sec = fault->security;
    const bool any = sec == PEER_SEC_ANY;
    return freerdp_settings_set_bool(settings, FreeRDP_RdpSecurity, any || sec == PEER_SEC_RDP) &&
           freerdp_settings_set_bool(settings, FreeRDP_TlsSecurity, any || sec == PEER_SEC_TLS) &&
           freerdp_settings_set_bool(settings, FreeRDP_NlaSecurity,
                                     any || sec == PEER_SEC_NLA || sec == PEER_SEC_NLA_EXT) &&
           /* newer ones select HYBRID_EX by themselves; here the act does, on all alike */
           freerdp_settings_set_bool(settings, FreeRDP_ExtSecurity, FALSE);
}

/* What the servers behind a broker know of those that it sends them. */
static bool set_rdstls(rdpSettings *settings, const struct peer_setup *setup)
{
    return !setup->rdstls ||
           (freerdp_settings_set_bool(settings, FreeRDP_RdstlsSecurity, TRUE) &&
            freerdp_settings_set_string(settings, FreeRDP_Username, BROKER_USER) &&
            freerdp_settings_set_string(settings, FreeRDP_Domain, BROKER_DOMAIN) &&
            freerdp_settings_set_string(settings, FreeRDP_Password, BROKER_SECRET) &&
            freerdp_settings_set_pointer_len(settings, FreeRDP_RedirectionGuid, BROKER_GUID,
                                             BROKER_GUID_LEN));
}

static bool set_details(rdpSettings *settings, const struct peer_server *server,
                        const struct peer_setup *setup)
{
    const uint32_t level =
        setup->encryption_level != 0 ? setup->encryption_level : ENCRYPTION_LEVEL_CLIENT_COMPATIBLE;
    return freerdp_settings_set_uint32(settings, FreeRDP_EncryptionLevel, level) &&
           freerdp_settings_set_bool(settings, FreeRDP_SupportSkipChannelJoin, setup->skip_join) &&
           freerdp_settings_set_bool(settings, FreeRDP_RestrictedAdminModeRequired,
                                     setup->restricted_admin) &&
           freerdp_settings_set_bool(settings, FreeRDP_RemoteCredentialGuard,
                                     setup->remote_guard) &&
           freerdp_settings_set_bool(settings, FreeRDP_NetworkAutoDetect, FALSE) &&
           freerdp_settings_set_bool(settings, FreeRDP_SupportMultitransport, FALSE) &&
           freerdp_settings_set_string(settings, FreeRDP_NtlmSamFile, server->account.file) &&
           /* NTLM alone: nobody waits for a Kerberos key distribution centre. */
           freerdp_settings_set_string(settings, FreeRDP_AuthenticationPackageList, "!kerberos") &&
           freerdp_settings_set_uint32(settings, FreeRDP_TlsSecLevel, 0) &&
           freerdp_settings_set_uint16(settings, FreeRDP_TLSMinVersion,
                                       setup->tls_min != 0 ? setup->tls_min : 0x0301) &&
           freerdp_settings_set_uint16(settings, FreeRDP_TLSMaxVersion, setup->tls_max);
}

int server_prepare(struct peer_server *server, const struct peer_fault *fault)
{
    struct peer_template *more =
        realloc(server->templates, (server->template_count + 1) * sizeof(*more));
    if (more == NULL) {
        return -1;
    }
    server->templates = more;
    rdpSettings *settings = server->template_count > 0
                                ? freerdp_settings_clone(more[0].settings)
                                : freerdp_settings_new(FREERDP_SETTINGS_SERVER_MODE);
    if (settings == NULL) {
        return -1;
    }
    more[server->template_count++] = (struct peer_template){.fault = fault, .settings = settings};
    if (!set_key_pair(settings, &server->options, fault) || !set_security(settings, fault) ||
        !set_details(settings, server, &fault->setup) || !set_rdstls(settings, &fault->setup)) {
        fprintf(stderr, "rdpwhy-peer: %s: cannot be set up\n", fault->name);
        return -1;
    }
    return 0;
}

static BOOL log_line(const wLogMessage *message)
{
    fprintf(stderr, "%s: %s\n", message->PrefixString, message->TextString);
    return TRUE;
}

/* The library's default log writes to stdout, where the list of listeners belongs. */
static void setup_log(const struct peer_options *options)
{
    static wLogCallbacks callbacks = {.message = log_line};
    wLog *root = WLog_GetRoot();
    static const DWORD levels[] = {WLOG_OFF,  WLOG_ERROR, WLOG_WARN,
                                   WLOG_INFO, WLOG_DEBUG, WLOG_TRACE};
    WLog_SetLogAppenderType(root, WLOG_APPENDER_CALLBACK);
    WLog_ConfigureAppender(WLog_GetLogAppender(root), "callbacks", &callbacks);
    WLog_SetLogLevel(root, levels[options->log_level > 5 ? 5 : options->log_level]);
}

int server_setup(struct peer_server *server, const struct peer_options *options)
{
    *server = (struct peer_server){.options = *options};
    setup_log(options);
    if (!winpr_InitializeSSL(WINPR_SSL_INIT_DEFAULT) ||
        !WTSRegisterWtsApiFunctionTable(FreeRDP_InitWtsApi())) {
        fprintf(stderr, "rdpwhy-peer: libfreerdp cannot be set up\n");
        return -1;
    }
    server->tls = tls_peer_new(&server->options);
    if (server->tls == NULL ||
        account_make(&server->account, options->user, options->password_file) != 0) {
        return -1;
    }
    return 0;
}

void server_clear(struct peer_server *server)
{
    account_clear(&server->account);
    for (size_t i = 0; i < server->template_count; i++) {
        freerdp_settings_free(server->templates[i].settings);
    }
    free(server->templates);
    tls_peer_free(server->tls);
}
