/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"
#include "wire.h"

/*
 * SPNEGO (RFC 4178 4.2, [MS-SPNG]) and the Kerberos messages inside it (RFC 4121 4.1,
 * draft-swift-win2k-krb-user2user), as far as they say what is used and why it is refused.
 */

#define GSS_INITIAL_TOKEN  0x60 /* RFC 2743 3.1 */
#define NEG_TOKEN_INIT     0xa0
#define NEG_TOKEN_RESPONSE 0xa1
#define KRB_ERROR          0x7e /* RFC 4120 5.9.1: [APPLICATION 30] */
#define KRB_ERROR_CODE     0xa6
#define TGT_REPLY_TICKET   0xa2

#define TOKEN_AP_REQ    0x0100
#define TOKEN_KRB_ERROR 0x0300
#define TOKEN_TGT_REP   0x0401

static enum why_package package_of(const struct why_cursor *oid)
{
    static const struct {
        enum why_package package;
        uint8_t length;
        const char *oid;
    } rows[] = {
        {WHY_PACKAGE_KERBEROS, 9,
         "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"}, /* 1.2.840.113554.1.2.2 */
        {WHY_PACKAGE_KERBEROS, 9, "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"}, /* 1.2.840.48018.1.2.2 */
        {WHY_PACKAGE_KERBEROS_U2U, 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03"},
        {WHY_PACKAGE_NTLM, 10, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (why_cur_left(oid) == rows[i].length && why_cur_at(oid, rows[i].oid, rows[i].length))
            return rows[i].package;
    }
    return WHY_PACKAGE_ANY;
}

/* The content of the first member of a SEQUENCE with |tag|; empty where there is none. */
static struct why_cursor member_of(struct why_cursor sequence, uint8_t tag)
{
    while (why_cur_left(&sequence) > 0) {
        uint8_t is = why_cur_u8(&sequence);
        struct why_cursor member = why_cur_sub(&sequence, why_cur_ber_length(&sequence));

        if (is == tag && !sequence.failed)
            return member;
    }
    return why_cur_init(NULL, 0);
}

static void krb_error(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor body = why_cur_ber(&c, KRB_ERROR);
    struct why_cursor error = member_of(why_cur_ber(&body, BER_SEQUENCE), KRB_ERROR_CODE);
    struct why_cursor code = why_cur_ber(&error, BER_INTEGER);

    w->out->u.tsrequest.krb_error = why_cur_ber_value(&code);
    w->out->u.tsrequest.has_krb_error = !code.failed;
}

/* The server's own ticket, which the client's is then to be for. */
static void tgt_reply(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor ticket = member_of(why_cur_ber(&c, BER_SEQUENCE), TGT_REPLY_TICKET);

    if (why_cur_left(&ticket) == 0)
        return;
    w->out->u.tsrequest.tgt_offset = ticket.pos;
    w->out->u.tsrequest.tgt_length = why_cur_left(&ticket);
}

/* What a mechanism has put into the token, with RFC 4121's header. All behind that header is secret
 * where the client sends it. */
static void mech_token(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor token = why_cur_ber(&c, GSS_INITIAL_TOKEN);
    struct why_cursor oid = why_cur_ber(&token, BER_OID);
    uint16_t id;

    if (package_of(&oid) == WHY_PACKAGE_ANY || token.failed)
        return;
    id = why_cur_u16be(&token);
    w->out->u.tsrequest.ap_req = id == TOKEN_AP_REQ && w->dir == WHY_DIR_SENT;
    if (token.failed)
        return;
    if (w->dir == WHY_DIR_SENT)
        w->out->u.tsrequest.inner_offset = token.pos;
    else if (id == TOKEN_KRB_ERROR)
        krb_error(w, token);
    else if (id == TOKEN_TGT_REP)
        tgt_reply(w, token);
}

/* RFC 4178 4.2.1: the first mechanism is the one that the client would rather use. */
static void neg_token_init(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor init = why_cur_ber(&c, NEG_TOKEN_INIT);
    struct why_cursor body = why_cur_ber(&init, BER_SEQUENCE);
    struct why_cursor types = member_of(body, 0xa0), token = member_of(body, 0xa2);
    struct why_cursor list = why_cur_ber(&types, BER_SEQUENCE);
    struct why_cursor first = why_cur_ber(&list, BER_OID);

    if (!first.failed)
        w->out->u.tsrequest.package = package_of(&first);
    if (token.pos > list.pos) /* what follows the secret part is not kept */
        mech_token(w, why_cur_ber(&token, BER_OCTETS));
}

/* RFC 4178 4.2.2: negState [0], supportedMech [1], responseToken [2], mechListMIC [3], all
 * optional. */
static void neg_token_response(struct why_wire *w, struct why_cursor token)
{
    struct why_cursor response = why_cur_ber(&token, NEG_TOKEN_RESPONSE);
    struct why_cursor members = why_cur_ber(&response, BER_SEQUENCE);

    while (why_cur_left(&members) > 0) {
        uint8_t tag = why_cur_u8(&members);
        struct why_cursor member = why_cur_sub(&members, why_cur_ber_length(&members));

        if (tag == 0xa0) {
            struct why_cursor state = why_cur_ber(&member, BER_ENUMERATED);

            w->out->u.tsrequest.nego_state = why_cur_ber_value(&state);
            w->out->u.tsrequest.has_spnego = !state.failed && !member.failed;
        } else if (tag == 0xa1) {
            struct why_cursor mech = why_cur_ber(&member, BER_OID);

            w->out->u.tsrequest.package = package_of(&mech);
        } else if (tag == 0xa2) {
            mech_token(w, why_cur_ber(&member, BER_OCTETS));
            if (w->dir == WHY_DIR_SENT) /* what follows the secret part is not kept */
                return;
        }
    }
    if (w->dir == WHY_DIR_RECEIVED && (members.failed || response.failed || token.failed))
        why_wire_problem(w, "SPNEGO token that is not valid DER");
}

static bool is_spnego(struct why_cursor token)
{
    struct why_cursor body = why_cur_ber(&token, GSS_INITIAL_TOKEN);
    struct why_cursor oid = why_cur_ber(&body, BER_OID);

    return why_cur_left(&oid) == 6 && why_cur_at(&oid, "\x2b\x06\x01\x05\x05\x02", 6);
}

static struct why_cursor behind_oid(struct why_cursor token)
{
    struct why_cursor body = why_cur_ber(&token, GSS_INITIAL_TOKEN);

    (void)why_cur_ber(&body, BER_OID);
    return body;
}

/* Of a token that is hidden as a whole nothing is told: whoever reads what was kept sees no more.
 */
static void forget(struct why_wire *w)
{
    w->out->u.tsrequest.package = WHY_PACKAGE_ANY;
    w->out->u.tsrequest.has_spnego = false;
    w->out->u.tsrequest.nego_state = 0;
    w->out->u.tsrequest.ap_req = false;
}

void why_wire_spnego(struct why_wire *w, struct why_cursor token)
{
    uint8_t tag = why_cur_peek(&token, 0);

    if (tag == NEG_TOKEN_RESPONSE) {
        neg_token_response(w, token);
        w->out->u.tsrequest.wants_kerberos =
            w->dir == WHY_DIR_RECEIVED && w->d->ntlm_begun &&
            (w->out->u.tsrequest.package == WHY_PACKAGE_KERBEROS ||
             w->out->u.tsrequest.package == WHY_PACKAGE_KERBEROS_U2U);
    } else if (tag == 0 && w->dir == WHY_DIR_RECEIVED && w->d->ap_req_sent) {
        w->out->u.tsrequest.empty_answer = true;
    } else if (tag == GSS_INITIAL_TOKEN && is_spnego(token)) {
        neg_token_init(w, behind_oid(token));
    } else if (tag != GSS_INITIAL_TOKEN && w->dir == WHY_DIR_RECEIVED) {
        why_wire_problem(w, "a token that is neither NTLM nor SPNEGO");
    }
    if (w->dir == WHY_DIR_SENT && w->out->u.tsrequest.inner_offset == 0)
        forget(w);
}
