/* SPDX-License-Identifier: Apache-2.0 */
#include "progress/progress.h"

#include <string.h>

#include <rdpwhy/plan.h>

#include "wire/numbers.h"
#include "wire/tsgu.h"

#define ROUNDS_MAX   8u /* deactivations and reactivations before Font Map */
#define PART_HEADERS 32 /* TPKT, X.224, MCS, security and share control */

void why_progress_init(struct why_progress *p, uint32_t wanted)
{
    memset(p, 0, sizeof(*p));
    p->wanted = wanted;
    p->confirmed = WHY_PHASE_NONE;
    p->sent_through = WHY_PHASE_NONE;
    why_dissector_init(&p->dissector);
}

static void confirm(struct why_progress *p, enum why_phase phase, uint64_t t_us)
{
    if (phase == WHY_PHASE_NONE || phase <= p->confirmed)
        return;
    for (int i = p->confirmed + 1; i <= (int)phase; i++) {
        p->was_confirmed[i] = true;
        p->confirmed_us[i] = t_us;
    }
    p->confirmed = phase;
}

static void sent(struct why_progress *p, enum why_phase phase, uint64_t t_us)
{
    if (phase == WHY_PHASE_NONE)
        return;
    if (!p->was_sent[phase]) {
        p->was_sent[phase] = true;
        p->sent_us[phase] = t_us;
    }
    if (phase > p->sent_through)
        p->sent_through = phase;
}

bool why_pdu_refuses(const struct why_pdu *pdu)
{
    switch (pdu->type) {
    case WHY_PDU_EARLY_USER_AUTH_RESULT:
        return pdu->u.early_user_auth != 0;
    case WHY_PDU_RDSTLS_AUTHENTICATION_RESPONSE:
        return pdu->u.rdstls_result != 0;
    case WHY_PDU_AAD_AUTHENTICATION_RESULT:
        return pdu->u.aad.has_result && pdu->u.aad.result != 0;
    case WHY_PDU_MCS_CONNECT_RESPONSE:
        return pdu->u.connect_response.result != 0;
    case WHY_PDU_MCS_ATTACH_USER_CONFIRM:
        /* T.125 7: the initiator is left out where the user was not attached. */
        return pdu->u.mcs.result != 0 || !pdu->u.mcs.has_initiator;
    case WHY_PDU_MCS_CHANNEL_JOIN_CONFIRM:
        return pdu->u.mcs.result != 0;
    case WHY_PDU_TSREQUEST_TOKEN:
        return pdu->u.tsrequest.nego_state == SPNEGO_REJECT || pdu->u.tsrequest.has_krb_error ||
               pdu->u.tsrequest.empty_answer || pdu->u.tsrequest.wants_kerberos;
    default:
        return why_pdu_info(pdu->type)->role == WHY_ROLE_ERROR;
    }
}

static bool protocol_is_wanted(uint32_t wanted, uint32_t selected)
{
    if (selected == WHY_PROTOCOL_RDP)
        return (wanted & WHY_WANT_RDP) != 0;
    return (wanted & selected) != 0;
}

/* Which phase a PDU from the server confirms: the table's, but for PDUs that end a series. */
static enum why_phase confirmed_by(struct why_progress *p, const struct why_pdu *pdu)
{
    const struct why_pdu_info *info = why_pdu_info(pdu->type);

    switch (pdu->type) {
    case WHY_PDU_X224_CONNECTION_CONFIRM:
        if (p->dissector.direct) /* inside CredSSP, which it cannot choose any more */
            return WHY_PHASE_NEGOTIATION;
        p->other_protocol = !protocol_is_wanted(p->wanted, p->dissector.selected_protocol);
        return p->other_protocol ? WHY_PHASE_NONE : WHY_PHASE_NEGOTIATION;
    case WHY_PDU_RDSTLS_AUTHENTICATION_RESPONSE:
        return WHY_PHASE_RDSTLS;
    case WHY_PDU_AAD_AUTHENTICATION_RESULT:
        return WHY_PHASE_AAD;
    case WHY_PDU_MCS_ATTACH_USER_CONFIRM:
    case WHY_PDU_MCS_CHANNEL_JOIN_CONFIRM:
        return pdu->u.mcs.last ? WHY_PHASE_CHANNEL_CONNECTION : info->confirms;
    case WHY_PDU_EARLY_USER_AUTH_RESULT:
        return WHY_PHASE_CREDSSP;
    default:
        return info->role == WHY_ROLE_REGULAR ? info->confirms : WHY_PHASE_NONE;
    }
}

/* Before Font Map: a Demand Active again takes a Deactivate All before it ([MS-RDPBCGR] 1.3.1.3),
 * and no server needs that more than a few times. */
static void activation(struct why_progress *p, const struct why_pdu *pdu)
{
    if (p->confirmed >= WHY_PHASE_FINALIZATION)
        return;
    switch (pdu->type) {
    case WHY_PDU_DEMAND_ACTIVE:
        if (p->endless == NULL && (p->demanded || p->rounds > ROUNDS_MAX)) {
            p->endless = p->demanded ? "a second Demand Active, and no Deactivate All before it"
                                     : "Deactivate All and Demand Active again and again";
            p->endless_in = why_progress_due(p);
        }
        p->demanded = true;
        break;
    case WHY_PDU_DEACTIVATE_ALL:
        p->rounds += p->demanded;
        p->demanded = false;
        break;
    case WHY_PDU_SYNCHRONIZE:
        p->finalized |= WHY_FINAL_SYNCHRONIZE;
        break;
    case WHY_PDU_CONTROL_COOPERATE:
        p->finalized |= WHY_FINAL_COOPERATE;
        break;
    case WHY_PDU_CONTROL_GRANTED:
        p->finalized |= WHY_FINAL_GRANTED;
        break;
    default:
        break;
    }
}

static bool is_early_goodbye(const struct why_progress *p, const struct why_pdu *pdu)
{
    return pdu->type == WHY_PDU_DEACTIVATE_ALL && !p->demanded && p->rounds == 0;
}

static void received_pdu(struct why_progress *p, const struct why_pdu *pdu, uint64_t t_us)
{
    enum why_phase phase;

    /* Neither a "no" nor what contradicts the specification is a regular PDU, nor is the end of a
     * session that never began: FreeRDP's servers say goodbye with it wherever they are. */
    if (why_pdu_refuses(pdu) || pdu->malformed || is_early_goodbye(p, pdu))
        return;
    switch (pdu->type) {
    case WHY_PDU_AUTO_DETECT_REQUEST:
    case WHY_PDU_NETWORK_CHARACTERISTICS_RESULT:
        /* Requests in between licensing or capabilities open no phase (DESIGN, fact 17). */
        if (p->confirmed < WHY_PHASE_AUTO_DETECT)
            p->auto_detect_seen = true;
        break;
    case WHY_PDU_INITIATE_MULTITRANSPORT_REQUEST:
        if (p->confirmed < WHY_PHASE_MULTITRANSPORT)
            p->multitransport_seen = true;
        break;
    case WHY_PDU_MCS_ATTACH_USER_CONFIRM:
        p->attached = true;
        break;
    default:
        break;
    }
    activation(p, pdu);
    phase = confirmed_by(p, pdu);
    /* Share data before any Demand Active is no part of a handshake, whatever it says it ends. */
    if (phase < WHY_PHASE_CAPABILITIES || p->confirmed >= WHY_PHASE_MULTITRANSPORT)
        confirm(p, phase, t_us);
    if (pdu->type == WHY_PDU_NETWORK_CHARACTERISTICS_RESULT)
        confirm(p, WHY_PHASE_AUTO_DETECT, t_us);
}

static void sent_pdu(struct why_progress *p, const struct why_pdu *pdu, uint64_t t_us)
{
    enum why_phase phase = why_pdu_info(pdu->type)->phase;

    /* A client goes on only after the last join; or it left the joins out, as both sides may. */
    if (phase > WHY_PHASE_CHANNEL_CONNECTION && p->attached)
        confirm(p, WHY_PHASE_CHANNEL_CONNECTION, t_us);
    /* The server's last TSRequest confirms CredSSP once the client has found that it proves the
     * server's key ([MS-CSSP] 3.1.5): only then does the client hand the credentials over. */
    if (pdu->type == WHY_PDU_TSREQUEST_AUTH_INFO &&
        p->dissector.selected_protocol == WHY_PROTOCOL_HYBRID)
        confirm(p, WHY_PHASE_CREDSSP, t_us);
    sent(p, phase, t_us);
}

static unsigned dissect_flags(const struct why_event *event)
{
    return (event->flags & WHY_EVENT_DECRYPTED) != 0 ? WHY_DISSECT_DECRYPTED : 0;
}

void why_progress_name(const struct why_event *event, struct why_pdu *pdu)
{
    int type = event->text != NULL && pdu->encrypted ? why_pdu_find(event->text) : -1;

    if (type >= 0 && (pdu->type == WHY_PDU_LICENSE_UNKNOWN || pdu->type == WHY_PDU_ENCRYPTED))
        pdu->type = (enum why_pdu_type)type;
}

void why_progress_peek(const struct why_progress *p, const struct why_event *event,
                       struct why_pdu *pdu)
{
    struct why_dissector copy = p->dissector;

    why_dissect(&copy, event->dir, event->bytes, event->len, dissect_flags(event), pdu);
}

/* How much a PDU says of those that came together. */
static int weight(const struct why_event *event, const struct why_pdu *pdu)
{
    if (event->dir == WHY_DIR_RECEIVED && why_pdu_refuses(pdu))
        return 2;
    return why_pdu_info(pdu->type)->role != WHY_ROLE_NEUTRAL ? 1 : 0;
}

/* What is secret in one of several PDUs is secret in all of them. */
static void add_sensitive(struct why_pdu *to, const struct why_pdu *from)
{
    for (size_t i = 0; i < from->sensitive_count; i++) {
        size_t offset = from->sensitive[i].offset, end = offset + from->sensitive[i].length;
        size_t last = WHY_SENSITIVE_MAX - 1;

        if (to->sensitive_count <= last) {
            to->sensitive[to->sensitive_count++] = from->sensitive[i];
            continue;
        }
        /* No room for another range: the last one grows over it. */
        if (end < to->sensitive[last].offset + to->sensitive[last].length)
            end = to->sensitive[last].offset + to->sensitive[last].length;
        if (to->sensitive[last].offset > offset)
            to->sensitive[last].offset = offset;
        to->sensitive[last].length = end - to->sensitive[last].offset;
    }
}

/* What is done with each of the PDUs of an event; |each| may be NULL. */
struct sink {
    void (*each)(void *arg, const struct why_pdu *pdu);
    void *arg;
};

static void give(const struct sink *sink, const struct why_pdu *pdu)
{
    if (sink->each != NULL)
        sink->each(sink->arg, pdu);
}

/*
 * Takes the PDUs of an event one by one: a slow-path PDU may carry several. |*first| is the one
 * that says most: the first that refuses, else the first that is not neutral.
 */
static void pdu_event(struct why_progress *p, const struct why_event *event,
                      const struct sink *sink, struct why_pdu *first)
{
    const struct why_passed passed = {event->dir, dissect_flags(event), event->bytes, event->len};
    size_t offset = 0, before;
    bool have = false;

    do {
        struct why_pdu pdu;

        before = offset;
        why_dissect_next(&p->dissector, &passed, &offset, &pdu);
        why_progress_name(event, &pdu);
        give(sink, &pdu);
        if (event->dir == WHY_DIR_RECEIVED)
            received_pdu(p, &pdu, event->t_us);
        else
            sent_pdu(p, &pdu, event->t_us);
        if (have && weight(event, &pdu) <= weight(event, first)) {
            add_sensitive(first, &pdu);
        } else {
            if (have)
                add_sensitive(&pdu, first);
            *first = pdu;
            have = true;
        }
    } while (offset > before && offset < event->len);
}

/* The messages of a record one by one; |*first| is the first. */
static void record_event(struct why_progress *p, const struct why_event *event,
                         const struct sink *sink, struct why_pdu *first)
{
    size_t offset = 0, before;

    do {
        struct why_pdu pdu;

        before = offset;
        why_dissect_record(&p->dissector, event->dir, event->bytes, event->len, &offset, &pdu);
        give(sink, &pdu);
        if (before == 0)
            *first = pdu;
    } while (offset > before && offset < event->len);
    if (event->dir == WHY_DIR_SENT)
        sent(p, WHY_PHASE_TLS, event->t_us);
}

/*
 * What is secret in half a PDU cannot be told: what may be is. Once the channels are joined the
 * server's may be a redirection with its password ([MS-RDPBCGR] 2.2.13.1), behind TLS the client's
 * may be its credentials: of those only the headers stay.
 */
static void part_event(const struct why_progress *p, const struct why_event *event,
                       struct why_pdu *pdu)
{
    enum why_phase due = why_progress_due(p);
    bool secret =
        event->dir == WHY_DIR_SENT ? due > WHY_PHASE_TLS : due > WHY_PHASE_CHANNEL_CONNECTION;

    if (!secret || event->len <= PART_HEADERS)
        return;
    pdu->sensitive[0].offset = PART_HEADERS;
    pdu->sensitive[0].length = event->len - PART_HEADERS;
    pdu->sensitive_count = 1;
}

/* What the gateway grants, a packet a phase. */
static void gateway_event(struct why_progress *p, const struct why_event *event)
{
    static const struct {
        enum why_tsgu_type type;
        enum why_phase phase;
    } rows[] = {{WHY_TSGU_HANDSHAKE_RESPONSE, WHY_PHASE_GATEWAY_HANDSHAKE},
                {WHY_TSGU_TUNNEL_RESPONSE, WHY_PHASE_GATEWAY_TUNNEL},
                {WHY_TSGU_TUNNEL_AUTH_RESPONSE, WHY_PHASE_GATEWAY_AUTHORIZATION},
                {WHY_TSGU_CHANNEL_RESPONSE, WHY_PHASE_GATEWAY_CHANNEL}};
    struct why_tsgu packet;

    if (event->dir != WHY_DIR_RECEIVED)
        return;
    why_tsgu_read(event->bytes, event->len, &packet);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* One at a time: what comes before its turn confirms nothing. */
        if (packet.type == rows[i].type && packet.problem == NULL && !why_tsgu_refuses(&packet) &&
            p->confirmed == rows[i].phase - 1)
            confirm(p, rows[i].phase, event->t_us);
    }
}

void why_progress_event(struct why_progress *p, const struct why_event *event, struct why_pdu *pdu)
{
    why_progress_each(p, event, pdu, NULL, NULL);
}

void why_progress_each(struct why_progress *p, const struct why_event *event, struct why_pdu *pdu,
                       void (*each)(void *arg, const struct why_pdu *pdu), void *arg)
{
    const struct sink sink = {each, arg};
    struct why_pdu own;

    if (pdu == NULL)
        pdu = &own;
    memset(pdu, 0, sizeof(*pdu));
    switch (event->kind) {
    case WHY_EV_PROXY:
        p->proxied = true;
        break;
    case WHY_EV_PROXY_DONE:
        confirm(p, WHY_PHASE_PROXY, event->t_us);
        break;
    case WHY_EV_GATEWAY:
        p->gateway = true;
        break;
    case WHY_EV_GATEWAY_TLS_DONE:
        confirm(p, WHY_PHASE_GATEWAY_TLS, event->t_us);
        break;
    case WHY_EV_GATEWAY_OPEN:
        confirm(p, WHY_PHASE_GATEWAY_HTTP, event->t_us);
        break;
    case WHY_EV_GATEWAY_PACKET:
        gateway_event(p, event);
        break;
    case WHY_EV_RESOLVED:
    case WHY_EV_DIAL: /* of a capture: whatever was looked up before was not seen */
        confirm(p, WHY_PHASE_RESOLVE, event->t_us);
        break;
    case WHY_EV_CONNECTED:
        confirm(p, WHY_PHASE_CONNECT, event->t_us);
        break;
    case WHY_EV_TLS_DONE:
        confirm(p, WHY_PHASE_TLS, event->t_us);
        break;
    case WHY_EV_KERBEROS_START:
        p->kerberos_begun = true;
        sent(p, WHY_PHASE_KERBEROS, event->t_us);
        break;
    case WHY_EV_KERBEROS_DONE:
    case WHY_EV_KERBEROS_GIVEN_UP:
        if (p->kerberos_begun)
            confirm(p, WHY_PHASE_KERBEROS, event->t_us);
        break;
    case WHY_EV_TLS_RECORD:
        record_event(p, event, &sink, pdu);
        break;
    case WHY_EV_PDU:
        pdu_event(p, event, &sink, pdu);
        break;
    case WHY_EV_PARTIAL:
        part_event(p, event, pdu);
        break;
    default:
        break;
    }
}

bool why_progress_has_phase(const struct why_progress *p, enum why_phase phase)
{
    uint32_t selected = p->dissector.selected_protocol;

    switch (phase) {
    case WHY_PHASE_PROXY:
        return p->proxied;
    case WHY_PHASE_GATEWAY_TLS:
    case WHY_PHASE_GATEWAY_HTTP:
    case WHY_PHASE_GATEWAY_HANDSHAKE:
    case WHY_PHASE_GATEWAY_TUNNEL:
    case WHY_PHASE_GATEWAY_AUTHORIZATION:
    case WHY_PHASE_GATEWAY_CHANNEL:
        return p->gateway;
    case WHY_PHASE_NEGOTIATION:
        return !p->dissector.direct;
    case WHY_PHASE_TLS:
        return selected != WHY_PROTOCOL_RDP;
    case WHY_PHASE_KERBEROS:
        return p->kerberos_begun;
    case WHY_PHASE_CREDSSP:
        return selected == WHY_PROTOCOL_HYBRID || selected == WHY_PROTOCOL_HYBRID_EX;
    case WHY_PHASE_RDSTLS:
        return selected == WHY_PROTOCOL_RDSTLS;
    case WHY_PHASE_AAD:
        return selected == WHY_PROTOCOL_RDSAAD;
    case WHY_PHASE_SECURITY_COMMENCEMENT:
        return p->dissector.rdp_security || p->was_sent[phase];
    case WHY_PHASE_AUTO_DETECT:
        return p->auto_detect_seen;
    case WHY_PHASE_MULTITRANSPORT:
        return p->multitransport_seen;
    default:
        return true;
    }
}

enum why_phase why_progress_due(const struct why_progress *p)
{
    int phase = p->confirmed + 1;

    while (phase < WHY_PHASE_ACTIVE && !why_progress_has_phase(p, (enum why_phase)phase))
        phase++;
    return phase < WHY_PHASE_COUNT ? (enum why_phase)phase : WHY_PHASE_ACTIVE;
}

bool why_progress_may_follow(const struct why_progress *p, enum why_phase due, enum why_phase phase)
{
    for (int i = (int)due; i < (int)phase; i++) {
        switch (i) {
        case WHY_PHASE_SECURITY_COMMENCEMENT:
        case WHY_PHASE_SECURE_SETTINGS:
        case WHY_PHASE_AUTO_DETECT:
        case WHY_PHASE_MULTITRANSPORT:
        case WHY_PHASE_CAPABILITIES:
            break;
        default:
            if (why_progress_has_phase(p, (enum why_phase)i))
                return false;
            break;
        }
    }
    return phase >= due;
}

bool why_progress_reached(const struct why_progress *p, enum why_phase until)
{
    enum why_phase due = why_progress_due(p);

    return until >= WHY_PHASE_ACTIVE ? due == WHY_PHASE_ACTIVE : due > until;
}
