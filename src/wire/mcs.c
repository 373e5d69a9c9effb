/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"
#include "wire.h"

/* DomainMCSPDU, T.125 7: the choice is in the upper six bits of the first byte (aligned PER). */
#define ERECT_DOMAIN_REQUEST          1
#define DISCONNECT_PROVIDER_ULTIMATUM 8
#define ATTACH_USER_REQUEST           10
#define ATTACH_USER_CONFIRM           11
#define CHANNEL_JOIN_REQUEST          14
#define CHANNEL_JOIN_CONFIRM          15
#define SEND_DATA_REQUEST             25
#define SEND_DATA_INDICATION          26
#define OPTIONAL_PRESENT              0x02 /* of a first byte: the optional last member is there */

#define USER_ID_BASE 1001 /* UserId is encoded as its distance from the smallest, T.125 7 */

#define SKIP_CHANNELJOIN_SERVER 0x00000008u /* RNS_UD_SC_SKIP_CHANNELJOIN_SUPPORTED, 2.2.1.4.2 */

/* The joins that the client will ask for ([MS-RDPBCGR] 1.3.1.1, 3.2.5.3.8): user channel, I/O
 * channel, message channel and static channels. */
static void expect_joins(struct why_wire *w)
{
    struct why_dissector *d = w->d;
    bool skip = d->skip_join_offered && w->out->u.connect_response.has_early_flags &&
                (w->out->u.connect_response.early_flags & SKIP_CHANNELJOIN_SERVER) != 0;
    unsigned joins = 2u + w->out->u.connect_response.channel_count +
                     (w->out->u.connect_response.has_message_channel ? 1u : 0u);

    d->joins_skipped = skip;
    d->joins_expected = skip ? 0 : (uint16_t)(joins > UINT16_MAX ? UINT16_MAX : joins);
    d->joins_confirmed = 0;
}

static void learn_from_response(struct why_wire *w)
{
    struct why_dissector *d = w->d;

    d->encryption_method = w->out->u.connect_response.encryption_method;
    d->rdp_security = d->selected_protocol == WHY_PROTOCOL_RDP && d->encryption_method != 0;
    d->io_channel = w->out->u.connect_response.io_channel;
    d->message_channel = w->out->u.connect_response.message_channel;
    expect_joins(w);
}

static uint32_t ber_integer(struct why_cursor *c)
{
    struct why_cursor value = why_cur_ber(c, BER_INTEGER);
    uint32_t number = why_cur_ber_value(&value);

    c->failed = c->failed || value.failed;
    return number;
}

/* DomainParameters, T.125 7. No reader of RDP needs them: what is odd in them is no problem. */
static void domain_parameters(struct why_wire *w, struct why_cursor c)
{
    struct why_mcs_choices *choices = &w->out->u.connect_response.choices;

    choices->max_channels = ber_integer(&c);
    choices->max_users = ber_integer(&c);
    for (int i = 0; i < 4; i++) /* maxTokenIds, numPriorities, minThroughput, maxHeight */
        (void)ber_integer(&c);
    choices->max_pdu_size = ber_integer(&c);
    w->out->u.connect_response.has_choices = !c.failed;
}

static void connect_response(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor value;

    w->out->type = WHY_PDU_MCS_CONNECT_RESPONSE;
    value = why_cur_ber(&c, BER_ENUMERATED);
    w->out->u.connect_response.result = (uint8_t)why_cur_ber_value(&value);
    value = why_cur_ber(&c, BER_INTEGER);
    w->out->u.connect_response.choices.connect_id = why_cur_ber_value(&value);
    domain_parameters(w, why_cur_ber(&c, BER_SEQUENCE));
    value = why_cur_ber(&c, BER_OCTETS);
    if (c.failed)
        why_wire_unreadable(w, "Connect Response is not valid BER (T.125)");
    else if (why_cur_left(&value) > 0)
        why_wire_gcc_server(w, value);
    else if (w->out->u.connect_response.result == 0)
        why_wire_problem(w, "Connect Response without user data");
    if (!c.failed && w->dir == WHY_DIR_RECEIVED)
        learn_from_response(w);
}

static void connect_initial(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor user_data;

    w->out->type = WHY_PDU_MCS_CONNECT_INITIAL;
    (void)why_cur_ber(&c, BER_OCTETS); /* callingDomainSelector */
    (void)why_cur_ber(&c, BER_OCTETS); /* calledDomainSelector */
    (void)why_cur_ber(&c, BER_BOOLEAN);
    for (int i = 0; i < 3; i++) /* target, minimum and maximum parameters */
        (void)why_cur_ber(&c, BER_SEQUENCE);
    user_data = why_cur_ber(&c, BER_OCTETS);
    if (c.failed) {
        why_wire_problem(w, "Connect Initial is not valid BER (T.125)");
        return;
    }
    why_wire_gcc_client(w, user_data);
    if (w->dir == WHY_DIR_SENT)
        w->d->skip_join_offered = w->out->u.connect_initial.skip_channel_join;
}

static void connect_pdu(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor body;
    uint8_t tag;
    size_t length;
    bool cut = false;

    why_cur_skip(&c, 1);
    tag = why_cur_u8(&c);
    length = why_cur_ber_length(&c);
    body = why_cur_sub_upto(&c, length, &cut);
    if (cut)
        why_wire_problem(w, "MCS connect PDU is longer than its TPKT");
    if (tag == MCS_CONNECT_INITIAL)
        connect_initial(w, body);
    else if (tag == MCS_CONNECT_RESPONSE)
        connect_response(w, body);
    else
        why_wire_unreadable(w, "unknown MCS connect PDU");
}

/* Result, T.125 7: four bits after the first byte's seven, with padding below. Encoders that know
 * no bit fields put the value into the lower half of the second byte instead. */
static uint8_t per_result(struct why_cursor *c, uint8_t first)
{
    uint8_t second = why_cur_u8(c);
    uint8_t result = (uint8_t)((first & 1) << 3 | second >> 5);

    return result == 0 ? second & 0x0f : result;
}

static uint16_t per_user(struct why_cursor *c)
{
    uint16_t distance = why_cur_u16be(c);

    return (uint16_t)(c->failed ? 0 : distance + USER_ID_BASE);
}

static void attach_user_confirm(struct why_wire *w, struct why_cursor c, uint8_t first)
{
    w->out->type = WHY_PDU_MCS_ATTACH_USER_CONFIRM;
    w->out->u.mcs.result = per_result(&c, first);
    w->out->u.mcs.has_initiator = (first & OPTIONAL_PRESENT) != 0;
    if (w->out->u.mcs.has_initiator)
        w->out->u.mcs.initiator = per_user(&c);
    if (c.failed) {
        why_wire_unreadable(w, "Attach User Confirm ends too early");
        return;
    }
    w->out->u.mcs.last = w->d->joins_skipped;
    if (w->dir == WHY_DIR_RECEIVED)
        w->d->user_channel = w->out->u.mcs.initiator;
}

static void channel_join_request(struct why_wire *w, struct why_cursor c)
{
    w->out->type = WHY_PDU_MCS_CHANNEL_JOIN_REQUEST;
    w->out->u.mcs.initiator = per_user(&c);
    w->out->u.mcs.channel = why_cur_u16be(&c);
    if (c.failed)
        why_wire_problem(w, "Channel Join Request ends too early");
}

static void channel_join_confirm(struct why_wire *w, struct why_cursor c, uint8_t first)
{
    struct why_dissector *d = w->d;

    w->out->type = WHY_PDU_MCS_CHANNEL_JOIN_CONFIRM;
    w->out->u.mcs.result = per_result(&c, first);
    w->out->u.mcs.initiator = per_user(&c);
    w->out->u.mcs.channel = why_cur_u16be(&c); /* the channel asked for */
    if ((first & OPTIONAL_PRESENT) != 0)
        w->out->u.mcs.channel = why_cur_u16be(&c); /* the channel joined */
    if (c.failed) {
        why_wire_unreadable(w, "Channel Join Confirm ends too early");
        return;
    }
    if (w->dir == WHY_DIR_RECEIVED && d->joins_confirmed < UINT16_MAX)
        d->joins_confirmed++;
    w->out->u.mcs.last = d->joins_confirmed >= d->joins_expected;
}

static void disconnect_provider_ultimatum(struct why_wire *w, struct why_cursor c, uint8_t first)
{
    /* Reason: three bits over the end of the first byte */
    uint8_t second = why_cur_u8(&c);

    w->out->type = WHY_PDU_MCS_DISCONNECT_PROVIDER_ULTIMATUM;
    w->out->u.ultimatum_reason = (uint8_t)((first & 3) << 1 | second >> 7);
    if (c.failed) {
        w->out->u.ultimatum_reason = 0;
        why_wire_problem(w, "Disconnect Provider Ultimatum ends too early");
    } else if (w->out->u.ultimatum_reason > 4) {
        why_wire_problem(w, "Disconnect Provider Ultimatum with an unknown reason");
    }
}

static void send_data(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor data;
    size_t length;
    bool cut = false;

    why_cur_skip(&c, 2); /* initiator */
    w->out->channel_id = why_cur_u16be(&c);
    why_cur_skip(&c, 1); /* priority and segmentation */
    length = why_cur_per_length(&c);
    if (c.failed) {
        w->out->channel_id = 0;
        why_wire_unreadable(w, "MCS send data header ends too early");
        return;
    }
    data = why_cur_sub_upto(&c, length, &cut);
    if (cut)
        why_wire_problem(w, "MCS user data is longer than its TPKT");
    why_wire_send_data(w, data);
    if (why_cur_left(&c) > 0)
        why_wire_problem(w, "bytes after the MCS user data");
}

void why_wire_mcs(struct why_wire *w, struct why_cursor c)
{
    uint8_t first;

    if (why_cur_peek(&c, 0) == 0x7f) {
        connect_pdu(w, c);
        return;
    }
    first = why_cur_u8(&c);
    switch (first >> 2) {
    case ERECT_DOMAIN_REQUEST:
        w->out->type = WHY_PDU_MCS_ERECT_DOMAIN_REQUEST;
        break;
    case DISCONNECT_PROVIDER_ULTIMATUM:
        disconnect_provider_ultimatum(w, c, first);
        break;
    case ATTACH_USER_REQUEST:
        w->out->type = WHY_PDU_MCS_ATTACH_USER_REQUEST;
        break;
    case ATTACH_USER_CONFIRM:
        attach_user_confirm(w, c, first);
        break;
    case CHANNEL_JOIN_REQUEST:
        channel_join_request(w, c);
        break;
    case CHANNEL_JOIN_CONFIRM:
        channel_join_confirm(w, c, first);
        break;
    case SEND_DATA_REQUEST:
    case SEND_DATA_INDICATION:
        send_data(w, c);
        break;
    default:
        why_wire_unreadable(w, c.failed ? "empty X.224 data" : "unknown MCS domain PDU");
    }
}
