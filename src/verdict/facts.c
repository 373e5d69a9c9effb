/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "wire/redirection.h"

#include "certificate.h"
#include "trace_summary.h"

/* FILETIME of 1970-01-01 UTC ([MS-DTYP] 2.3.3): 100 ns since 1601-01-01. */
#define FILETIME_UNIX_EPOCH 116444736000000000u

#define SECONDS_A_DAY 86400

#define SCREEN_TEXT_MAX 8192u /* of what a server wrote on the screen */

static char *keep(struct gathering *g, const char *text, size_t len)
{
    char *copy = strndup(text, len);

    if (copy == NULL)
        g->nomem = true;
    return copy;
}

/* "192.0.2.7:3389" or "[2001:db8::7]:3389" */
static void set_address(struct gathering *g, const char *text)
{
    const char *colon = text != NULL ? strrchr(text, ':') : NULL;
    size_t len;

    g->facts->connections++;
    if (g->facts->proxy != NULL && g->facts->proxy_address == NULL && text != NULL)
        g->facts->proxy_address = keep(g, text, strlen(text));
    if (colon == NULL || g->facts->proxy != NULL || g->facts->gateway.label != NULL)
        return;
    free(g->facts->address);
    len = (size_t)(colon - text);
    if (text[0] == '[' && len >= 2 && text[len - 1] == ']')
        g->facts->address = keep(g, text + 1, len - 2);
    else
        g->facts->address = keep(g, text, len);
    g->facts->port = (uint16_t)strtoul(colon + 1, NULL, 10);
}

/* "TLSv1.3 TLS_AES_256_GCM_SHA384" */
static void set_tls(struct gathering *g, const char *text)
{
    const char *space = text != NULL ? strchr(text, ' ') : NULL;
    const char *alpn = space != NULL ? strchr(space + 1, ' ') : NULL;

    if (space == NULL || g->facts->tls_version != NULL)
        return;
    g->facts->tls_version = keep(g, text, (size_t)(space - text));
    g->facts->tls_cipher =
        keep(g, space + 1, alpn != NULL ? (size_t)(alpn - space - 1) : strlen(space + 1));
    if (alpn != NULL)
        g->facts->tls_alpn = keep(g, alpn + 1, strlen(alpn + 1));
}

static void add_challenge(struct gathering *g, const struct why_ntlm_challenge *challenge,
                          uint64_t t_us)
{
    struct why_facts *f = g->facts;
    uint64_t client_us, server_us;

    if (f->has_ntlm)
        return;
    f->has_ntlm = true;
    f->ntlm = *challenge;
    if (!challenge->has_timestamp || challenge->timestamp < FILETIME_UNIX_EPOCH)
        return;
    client_us = g->head->started_us + t_us;
    server_us = (challenge->timestamp - FILETIME_UNIX_EPOCH) / 10u;
    f->has_clock_skew = true;
    f->clock_skew_s = server_us >= client_us ? (int64_t)((server_us - client_us) / 1000000u)
                                             : -(int64_t)((client_us - server_us) / 1000000u);
}

static void add_source(struct why_facts *f, const struct why_pdu *pdu)
{
    f->has_source = true;
    f->confirm_source = pdu->u.confirm.source;
}

static void add_confirm(struct why_facts *f, const struct why_pdu *pdu)
{
    add_source(f, pdu);
    f->has_confirm = true;
    f->has_negotiation_data = pdu->u.confirm.has_negotiation;
    f->selected_protocol =
        pdu->u.confirm.has_negotiation ? pdu->u.confirm.protocol : WHY_PROTOCOL_RDP;
    f->negotiation_flags = pdu->u.confirm.flags;
}

static void add_connect_response(struct why_facts *f, const struct why_pdu *pdu)
{
    f->has_choices = pdu->u.connect_response.has_choices;
    f->choices = pdu->u.connect_response.choices;
    f->has_server_core = pdu->u.connect_response.has_core;
    f->server_version = pdu->u.connect_response.version;
    f->has_multitransport = pdu->u.connect_response.has_multitransport;
    f->server_multitransport = pdu->u.connect_response.multitransport;
    f->has_server_security = pdu->u.connect_response.has_security;
    f->encryption_method = pdu->u.connect_response.encryption_method;
    f->encryption_level = pdu->u.connect_response.encryption_level;
}

/* The certificate by which a client knows the server that it is sent to. */
static void add_target_certificate(struct gathering *g, const struct why_event *event,
                                   const struct why_pdu *pdu)
{
    size_t offset = pdu->u.redirection.offset, length = pdu->u.redirection.length, len;
    struct why_redirection redirection;
    const uint8_t *der;
    uint8_t *buf;

    if (length == 0 || offset > event->len || length > event->len - offset ||
        !why_redirection_read(event->bytes + offset, length, &redirection) ||
        redirection.fields[WHY_REDIRECTION_CERTIFICATE].len == 0)
        return;
    buf = malloc(WHY_REDIRECTION_CERTIFICATE_MAX);
    len = buf != NULL ? why_redirection_certificate(&redirection, buf,
                                                    WHY_REDIRECTION_CERTIFICATE_MAX, &der)
                      : 0;
    if (len > 0)
        why_certificate_fingerprint(der, len, g->facts->redirection_certificate);
    g->nomem = g->nomem || buf == NULL;
    free(buf);
}

static void add_redirection(struct why_facts *f, const struct why_pdu *pdu)
{
    const char *target = pdu->u.redirection.target_fqdn;

    if (target[0] == '\0')
        target = pdu->u.redirection.target_address;
    if (target[0] == '\0')
        target = pdu->u.redirection.target_netbios;
    f->has_redirection = true;
    f->redirection_flags = pdu->u.redirection.flags;
    (void)snprintf(f->redirection_target, sizeof(f->redirection_target), "%s", target);
}

/* What the server says about itself and about the end of licensing, in the clear. */
static void add_license_words(struct why_facts *f, const struct why_pdu *pdu)
{
    const struct why_license_message *m = &pdu->u.license;

    if (!f->has_license_preamble && m->size > 0) {
        f->has_license_preamble = true;
        f->license_preamble = m->flags;
    }
    if (pdu->type == WHY_PDU_LICENSE_ERROR_ALERT || pdu->type == WHY_PDU_LICENSE_VALID_CLIENT) {
        f->has_license_status = true;
        f->license_status = m->error_code;
        f->license_transition = m->transition;
    }
}

static void add_license_message(struct why_facts *f, const struct why_event *event,
                                const struct why_pdu *pdu)
{
    size_t n = f->license_message_count;

    if (event->dir == WHY_DIR_SENT && pdu->type == WHY_PDU_LICENSE_UNKNOWN)
        f->license_unread = true;
    if (n == WHY_LICENSE_MESSAGES_MAX)
        return;
    f->license_messages[n] = pdu->type;
    f->license_times_us[n] = event->t_us;
    f->license_sizes[n] = event->wire_len;
    f->license_message_count++;
}

static void add_license(struct gathering *g, const struct why_event *event,
                        const struct why_pdu *pdu)
{
    struct why_facts *f = g->facts;

    add_license_message(f, event, pdu);
    /* That it passed is a fact, what it says is none; only a "no" is one all the same, as it is for
     * the verdict. */
    if (pdu->malformed && !why_pdu_refuses(pdu))
        return;
    if (event->dir == WHY_DIR_RECEIVED)
        add_license_words(f, pdu);
    switch (pdu->type) {
    case WHY_PDU_LICENSE_REQUEST:
        f->has_license_request = true;
        f->license_request = pdu->u.license;
        break;
    case WHY_PDU_LICENSE_NEW_LICENSE:
        f->license_result = WHY_LICENSE_RESULT_ISSUED;
        break;
    case WHY_PDU_LICENSE_UPGRADE_LICENSE:
        f->license_result = WHY_LICENSE_RESULT_UPGRADED;
        break;
    case WHY_PDU_LICENSE_VALID_CLIENT:
        f->license_result = WHY_LICENSE_RESULT_VALID_CLIENT;
        break;
    case WHY_PDU_LICENSE_ERROR_ALERT:
        f->license_result = WHY_LICENSE_RESULT_ERROR;
        break;
    default:
        break;
    }
}

static void add_demand_active(struct gathering *g, const struct why_pdu *pdu)
{
    struct why_facts *f = g->facts;

    if (!g->licensing_passed && f->license_message_count == 0)
        f->license_result = WHY_LICENSE_RESULT_NOT_ASKED;
    g->licensing_passed = true;
    f->has_desktop = pdu->u.demand_active.has_desktop;
    f->desktop_width = pdu->u.demand_active.desktop_width;
    f->desktop_height = pdu->u.demand_active.desktop_height;
    f->capabilities = pdu->u.demand_active.order;
}

/* What the server selected, or showed by answering in it. */
static void add_package(struct why_facts *f, const struct why_pdu *pdu)
{
    f->kerberos.unanswered = f->kerberos.unanswered || pdu->u.tsrequest.empty_answer;
    if (pdu->u.tsrequest.has_challenge)
        f->package = WHY_PACKAGE_NTLM;
    else if (pdu->u.tsrequest.package != WHY_PACKAGE_ANY)
        f->package = pdu->u.tsrequest.package;
    if (pdu->type == WHY_PDU_TSREQUEST_TOKEN && pdu->u.tsrequest.wants_kerberos)
        f->wants_kerberos = true;
}

static void add_received(struct gathering *g, const struct why_event *event,
                         const struct why_pdu *pdu)
{
    struct why_facts *f = g->facts;

    switch (why_pdu_info(pdu->type)->phase) {
    case WHY_PHASE_CREDSSP:
        if (pdu->type != WHY_PDU_EARLY_USER_AUTH_RESULT && pdu->u.tsrequest.version != 0)
            f->credssp_version = pdu->u.tsrequest.version;
        if (pdu->type != WHY_PDU_EARLY_USER_AUTH_RESULT && pdu->u.tsrequest.has_challenge)
            add_challenge(g, &pdu->u.tsrequest.challenge, event->t_us);
        if (pdu->type != WHY_PDU_EARLY_USER_AUTH_RESULT) {
            add_package(f, pdu);
            if (pdu->u.tsrequest.has_proof && f->kerberos.ticket != NULL &&
                f->package != WHY_PACKAGE_NTLM)
                why_facts_end_step(g, "ap", event->t_us);
        }
        if (pdu->type == WHY_PDU_TSREQUEST_PUB_KEY_AUTH ||
            (pdu->type == WHY_PDU_TSREQUEST_TOKEN && pdu->u.tsrequest.has_proof))
            f->proven = true;
        if (why_pdu_refuses(pdu) && f->authenticated)
            f->rejected = true;
        break;
    case WHY_PHASE_RDSTLS:
        if (why_pdu_refuses(pdu) && f->authenticated)
            f->rejected = true;
        break;
    case WHY_PHASE_LICENSING:
        add_license(g, event, pdu);
        break;
    default:
        break;
    }
    switch (pdu->type) {
    case WHY_PDU_X224_CONNECTION_CONFIRM:
        add_confirm(f, pdu);
        break;
    case WHY_PDU_RDP_NEG_FAILURE:
        add_source(f, pdu);
        break;
    case WHY_PDU_MCS_CONNECT_RESPONSE:
        add_connect_response(f, pdu);
        break;
    case WHY_PDU_DEMAND_ACTIVE:
        add_demand_active(g, pdu);
        break;
    case WHY_PDU_SERVER_REDIRECTION:
        add_redirection(f, pdu);
        add_target_certificate(g, event, pdu);
        break;
    default:
        break;
    }
}

static uint64_t since_font_map(const struct why_facts *f, const struct why_event *event)
{
    uint64_t active_us = f->session.active_us;

    return event->t_us > active_us ? event->t_us - active_us : 1;
}

/* What of a session passed as PDUs. */
static void add_session(struct why_facts *f, const struct why_event *event,
                        const struct why_pdu *pdu)
{
    struct why_session_facts *s = &f->session;

    switch (pdu->type) {
    case WHY_PDU_FONT_MAP:
        s->active_us = s->active_us == 0 ? event->t_us : s->active_us;
        break;
    case WHY_PDU_DEACTIVATE_ALL:
        s->reactivations += s->active_us != 0;
        break;
    case WHY_PDU_STATUS_INFO:
        s->has_status = true;
        s->status = pdu->u.status_info;
        break;
    case WHY_PDU_SAVE_SESSION_INFO:
        if (pdu->u.save_session.logged_on && !s->logged_on)
            s->logon_us = since_font_map(f, event);
        s->logged_on = s->logged_on || pdu->u.save_session.logged_on;
        s->has_cookie = s->has_cookie || pdu->u.save_session.has_cookie;
        if (pdu->u.save_session.has_error) {
            s->has_notice = true;
            s->notice_type = pdu->u.save_session.notice_type;
            s->notice_data = pdu->u.save_session.notice_data;
        }
        break;
    default:
        break;
    }
}

/* An account in Client Info, which is to be logged on with at once. Under Standard RDP Security it
 * is encrypted; who has used credentials by then has put them in. */
static void add_client_info(struct gathering *g, const struct why_pdu *pdu)
{
    struct why_facts *f = g->facts;

    if (g->account && !f->authenticated && (pdu->encrypted || pdu->u.client_info.logs_on))
        f->authenticated = f->account_sent = f->session.account_sent = true;
    if (!pdu->encrypted && pdu->u.client_info.logs_on && why_is_other_client(g->head))
        f->account_sent = true;
}

/* NTLM's first message does not carry the account, its last one does; Kerberos' one does. */
static bool proves_account(const struct why_pdu *pdu)
{
    return pdu->type == WHY_PDU_TSREQUEST_AUTHENTICATE ||
           pdu->type == WHY_PDU_RDSTLS_AUTHENTICATION_REQUEST ||
           (pdu->type == WHY_PDU_TSREQUEST_TOKEN && pdu->u.tsrequest.ap_req);
}

static void add_pdu(struct gathering *g, const struct why_event *event, const struct why_pdu *pdu)
{
    struct why_facts *f = g->facts;
    const char *name = why_pdu_info(pdu->type)->name;

    if (event->dir == WHY_DIR_RECEIVED) {
        f->last_received = name;
        add_received(g, event, pdu);
        if (!pdu->malformed)
            add_session(f, event, pdu);
        return;
    }
    f->last_sent = name;
    if (pdu->type == WHY_PDU_X224_CONNECTION_REQUEST) {
        f->has_request = true;
        f->request_flags = pdu->u.request.flags;
        f->requested_protocols = pdu->u.request.protocols;
        f->has_cookie = pdu->u.request.has_cookie;
        f->has_token = pdu->u.request.has_token;
    }
    if (pdu->type == WHY_PDU_PRECONNECTION) {
        f->has_preconnection = true;
        memcpy(f->preconnection, pdu->u.preconnection.blob, sizeof(f->preconnection));
    }
    if (proves_account(pdu) && g->account)
        f->authenticated = true;
    if (proves_account(pdu) && (g->account || why_is_other_client(g->head)))
        f->account_sent = true;
    if (pdu->type == WHY_PDU_CLIENT_INFO)
        add_client_info(g, pdu);
    if (why_pdu_info(pdu->type)->phase == WHY_PHASE_LICENSING)
        add_license(g, event, pdu);
}

/* What is behind bytes that are no RDP. A FIN in the middle of a PDU is not foreign. */
static void add_partial(struct why_facts *f, const struct why_event *event)
{
    if (event->text == NULL || event->dir != WHY_DIR_RECEIVED)
        return;
    f->other_protocol = why_guess_protocol(event->bytes, event->len);
}

/* Who repeats a datagram has got no answer to it. */
static enum why_udp udp_after(bool sent, int64_t value)
{
    if (sent)
        return value > 0 ? WHY_UDP_TRIED : value < 0 ? WHY_UDP_UNANSWERED : WHY_UDP_NOT_TRIED;
    return value > 0 ? WHY_UDP_ANSWERED : value < 0 ? WHY_UDP_SILENT : WHY_UDP_REFUSED;
}

static void add_udp(struct why_facts *f, const struct why_event *event)
{
    bool sent = event->dir == WHY_DIR_SENT;
    enum why_udp now = udp_after(sent, event->value);

    if (now > f->udp)
        f->udp = now;
    if (!sent && f->udp_ended_us == 0)
        f->udp_ended_us = event->t_us;
    if (event->value != 0)
        f->udp_version = (unsigned)(event->value < 0 ? -event->value : event->value);
    if (now == WHY_UDP_SILENT) /* nobody has agreed on one */
        f->udp_version = 0;
    if (!sent || now == WHY_UDP_NOT_TRIED)
        return;
    if (f->udp_datagrams++ == 0)
        f->udp_first_us = event->t_us;
    f->udp_last_us = event->t_us;
}

static void add_picture(struct gathering *g, const struct why_event *event)
{
    struct why_session_facts *s = &g->facts->session;
    const char *text = event->text != NULL ? event->text : "";

    if (s->update_us == 0)
        s->update_us = since_font_map(g->facts, event);
    if (s->picture_us == 0 && event->value > 1)
        s->picture_us = since_font_map(g->facts, event);
    s->colors = event->value > 0 && event->value <= 256 ? (unsigned)event->value : 0;
    free(s->picture);
    s->picture = keep(g, text, strlen(text));
}

static void add_line(struct gathering *g, const struct why_event *event)
{
    struct why_session_facts *s = &g->facts->session;
    size_t had = s->text != NULL ? strlen(s->text) : 0;
    size_t len = event->text != NULL ? strlen(event->text) : 0;
    char *text = had + len < SCREEN_TEXT_MAX ? realloc(s->text, had + len + 2) : NULL;

    if (text == NULL) {
        g->nomem = g->nomem || had + len < SCREEN_TEXT_MAX;
        return;
    }
    (void)snprintf(text + had, len + 2, "%s\n", event->text != NULL ? event->text : "");
    s->text = text;
}

void why_facts_begin(struct gathering *g, const struct why_trace *trace,
                     const struct why_facts *other, struct why_facts *facts)
{
    memset(facts, 0, sizeof(*facts));
    *g = (struct gathering){.facts = facts, .head = why_trace_head(trace)};
    if (g->head->client != NULL)
        facts->client = keep(g, g->head->client, strlen(g->head->client));
    if (g->head->capture != NULL)
        facts->capture = keep(g, g->head->capture, strlen(g->head->capture));
    if (other != NULL && other->has_certificate)
        g->known = &other->certificate;
    if (other != NULL && other->gateway.has_certificate)
        g->known_gateway = &other->gateway.certificate;
}

void why_facts_see(struct gathering *g, const struct why_replay *r)
{
    const struct why_event *event = r->event;

    switch (event->kind) {
    case WHY_EV_PROXY:
        if (g->facts->proxy == NULL && event->text != NULL)
            g->facts->proxy = keep(g, event->text, strlen(event->text));
        break;
    case WHY_EV_PROXY_DONE:
        g->facts->proxy_done = true;
        break;
    case WHY_EV_CONNECTED:
        set_address(g, event->text);
        why_facts_see_gateway(g, event);
        break;
    case WHY_EV_TLS_DONE:
        set_tls(g, event->text);
        break;
    case WHY_EV_CERTIFICATE:
        why_facts_certificate(g, event, g->head->host, g->known, &g->facts->has_certificate,
                              &g->facts->certificate);
        break;
    case WHY_EV_AUTHENTICATION:
        g->account = true;
        break;
    case WHY_EV_PARTIAL:
        add_partial(g->facts, event);
        break;
    case WHY_EV_PICTURE:
        add_picture(g, event);
        break;
    case WHY_EV_SCREEN_TEXT:
        add_line(g, event);
        break;
    case WHY_EV_DRAWING_ENDED:
        g->facts->session.incomplete = true;
        break;
    case WHY_EV_SCREENSHOT:
        free(g->facts->session.screenshot);
        g->facts->session.screenshot = event->text != NULL && event->value == 0
                                           ? keep(g, event->text, strlen(event->text))
                                           : NULL;
        break;
    case WHY_EV_UDP:
        add_udp(g->facts, event);
        break;
    case WHY_EV_TLS_RECORD:
    case WHY_EV_PDU:
        add_pdu(g, event, &r->pdu);
        break;
    default:
        why_facts_see_kerberos(g, event);
        why_facts_see_gateway(g, event);
        break;
    }
}

bool why_facts_end(struct gathering *g, const struct why_replay *r)
{
    /* Of a host's attempts with an account, the one that logs on is. */
    g->facts->session.watched = g->head->until == WHY_PHASE_SESSION &&
                                g->facts->session.active_us > 0 &&
                                (!g->head->credentials || g->account);
    if (g->facts->session.account_sent &&
        why_session_answer(&g->facts->session) == WHY_SESSION_REJECTED)
        g->facts->rejected = true;
    g->facts->finalized = r->progress.finalized;
    g->facts->has_font_map = r->progress.confirmed >= WHY_PHASE_FINALIZATION;
    g->facts->bytes_sent = why_trace_bytes(r->trace, WHY_DIR_SENT);
    g->facts->bytes_received = why_trace_bytes(r->trace, WHY_DIR_RECEIVED);
    return !g->nomem;
}

void why_facts_clear(struct why_facts *facts)
{
    if (facts == NULL)
        return;
    free(facts->address);
    free(facts->client);
    free(facts->capture);
    free(facts->proxy);
    free(facts->proxy_address);
    free(facts->tls_version);
    free(facts->tls_cipher);
    free(facts->tls_alpn);
    why_facts_clear_kerberos(&facts->kerberos);
    why_facts_clear_gateway(&facts->gateway);
    free(facts->session.picture);
    free(facts->session.text);
    free(facts->session.screenshot);
    why_certificate_clear(&facts->certificate);
    memset(facts, 0, sizeof(*facts));
}

int64_t why_whole_days(int64_t seconds)
{
    return seconds / SECONDS_A_DAY - (seconds % SECONDS_A_DAY < 0);
}

const char *why_udp_name(enum why_udp udp)
{
    static const char *const names[] = {
        [WHY_UDP_ANSWERED] = "answered",   [WHY_UDP_REFUSED] = "refused",
        [WHY_UDP_SILENT] = "silent",       [WHY_UDP_UNANSWERED] = "unanswered",
        [WHY_UDP_NOT_TRIED] = "not-tried",
    };

    return (size_t)udp < sizeof(names) / sizeof(names[0]) ? names[udp] : NULL;
}

const char *why_license_result_name(enum why_license_result result)
{
    static const char *const names[] = {
        [WHY_LICENSE_RESULT_NONE] = "none",     [WHY_LICENSE_RESULT_VALID_CLIENT] = "valid-client",
        [WHY_LICENSE_RESULT_ISSUED] = "issued", [WHY_LICENSE_RESULT_UPGRADED] = "upgraded",
        [WHY_LICENSE_RESULT_ERROR] = "error",   [WHY_LICENSE_RESULT_NOT_ASKED] = "not-asked",
    };

    if ((size_t)result >= sizeof(names) / sizeof(names[0]))
        return "?";
    return names[result];
}

int why_tls_version_number(const char *version)
{
    static const struct {
        const char *name;
        int number;
    } versions[] = {{"SSLv2", 2},    {"SSLv3", 3},    {"TLSv1", 10},  {"TLSv1.0", 10},
                    {"TLSv1.1", 11}, {"TLSv1.2", 12}, {"TLSv1.3", 13}};

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (strcmp(versions[i].name, version) == 0)
            return versions[i].number;
    }
    return -1;
}
