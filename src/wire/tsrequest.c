/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"
#include "ntlm.h"
#include "wire.h"

/* TSRequest, [MS-CSSP] 2.2.1, in DER: a SEQUENCE of explicitly tagged members */

#define TAG_VERSION      0xa0
#define TAG_NEGO_TOKENS  0xa1
#define TAG_AUTH_INFO    0xa2
#define TAG_PUB_KEY_AUTH 0xa3
#define TAG_ERROR_CODE   0xa4

#define NTLM_HEADER                                                                                \
    12 /* signature and message type: what a recorder may keep of an AUTHENTICATE                  \
        */

/* What one TSRequest was found to carry. */
struct members {
    bool has_token, auth_info, pub_key_auth;
    struct why_cursor token;
};

static uint32_t integer(struct why_cursor *member)
{
    struct why_cursor content = why_cur_ber(member, BER_INTEGER);
    uint32_t value = why_cur_ber_value(&content);

    if (content.failed)
        member->failed = true;
    return member->failed ? 0 : value;
}

/* NegoData: SEQUENCE OF SEQUENCE { [0] OCTET STRING }; the first token of it */
static struct why_cursor nego_token(struct why_cursor *member)
{
    struct why_cursor list = why_cur_ber(member, BER_SEQUENCE);
    struct why_cursor item = why_cur_ber(&list, BER_SEQUENCE);
    struct why_cursor tagged = why_cur_ber(&item, 0xa0);
    struct why_cursor token = why_cur_ber(&tagged, BER_OCTETS);

    if (token.failed)
        member->failed = true;
    return token;
}

static void secret_octets(struct why_wire *w, struct why_cursor *member)
{
    struct why_cursor octets = why_cur_ber(member, BER_OCTETS);

    if (w->dir == WHY_DIR_SENT)
        why_wire_sensitive_rest(w, &octets);
}

static void read_member(struct why_wire *w, uint8_t tag, struct why_cursor *c, struct members *m)
{
    switch (tag) {
    case TAG_VERSION:
        w->out->u.tsrequest.version = integer(c);
        break;
    case TAG_NEGO_TOKENS:
        m->token = nego_token(c);
        m->has_token = !m->token.failed;
        break;
    case TAG_AUTH_INFO:
        secret_octets(w, c);
        m->auth_info = !c->failed;
        break;
    case TAG_PUB_KEY_AUTH:
        secret_octets(w, c);
        m->pub_key_auth = w->out->u.tsrequest.has_proof = !c->failed;
        break;
    case TAG_ERROR_CODE:
        w->out->u.tsrequest.error_code = integer(c);
        w->out->u.tsrequest.has_error = w->out->u.tsrequest.error_code != 0;
        break;
    default: /* clientNonce, and what later versions may add */
        break;
    }
}

/* The type of a token: NTLM bare or in SPNEGO ([MS-SPNG]), told by its signature. */
static enum why_pdu_type token_type(struct why_wire *w, struct why_cursor token)
{
    static const enum why_pdu_type types[] = {
        [1] = WHY_PDU_TSREQUEST_NEGOTIATE,
        [2] = WHY_PDU_TSREQUEST_CHALLENGE,
        [3] = WHY_PDU_TSREQUEST_AUTHENTICATE,
    };
    struct why_cursor ntlm = token;
    uint32_t type;

    if (!why_cur_find(&ntlm, why_ntlm_signature, sizeof(why_ntlm_signature))) {
        why_wire_spnego(w, token);
        return WHY_PDU_TSREQUEST_TOKEN;
    }
    type = why_ntlm_type(ntlm);
    if (w->dir == WHY_DIR_RECEIVED && (type == 1 || type == 3))
        why_wire_problem(w, type == 1 ? "NTLM NEGOTIATE, which is the client's to send"
                                      : "NTLM AUTHENTICATE, which is the client's to send");
    if (type < 1 || type > 3) {
        why_wire_problem(w, "NTLM message of an unknown type");
        return WHY_PDU_TSREQUEST_TOKEN;
    }
    if (type == 2) {
        w->out->u.tsrequest.has_challenge = true;
        if (!why_ntlm_challenge_read(ntlm, &w->out->u.tsrequest.challenge))
            why_wire_problem(w, "NTLM CHALLENGE with wrong lengths");
    }
    return types[type];
}

/* Of an AUTHENTICATE all after its header; of a token that is no NTLM all behind the header of the
 * Kerberos message in it, or all of it. */
static void hide_token(struct why_wire *w, enum why_pdu_type type, struct why_cursor token)
{
    if (w->dir != WHY_DIR_SENT)
        return;
    if (type == WHY_PDU_TSREQUEST_AUTHENTICATE) {
        (void)why_cur_find(&token, why_ntlm_signature, sizeof(why_ntlm_signature));
        why_cur_skip(&token, NTLM_HEADER);
        why_wire_sensitive_rest(w, &token);
    } else if (type == WHY_PDU_TSREQUEST_TOKEN) {
        if (w->out->u.tsrequest.inner_offset > token.pos)
            why_cur_skip(&token, w->out->u.tsrequest.inner_offset - token.pos);
        why_wire_sensitive_rest(w, &token);
    }
}

static void name_it(struct why_wire *w, const struct members *m)
{
    enum why_pdu_type token = WHY_PDU_TSREQUEST_OTHER;

    if (m->has_token) {
        token = token_type(w, m->token);
        hide_token(w, token, m->token);
    }
    if (w->out->u.tsrequest.has_error)
        w->out->type = WHY_PDU_TSREQUEST_ERROR;
    else if (m->auth_info)
        w->out->type = WHY_PDU_TSREQUEST_AUTH_INFO;
    else if (m->has_token)
        w->out->type = token;
    else if (m->pub_key_auth)
        w->out->type = WHY_PDU_TSREQUEST_PUB_KEY_AUTH;
    else
        w->out->type = WHY_PDU_TSREQUEST_OTHER;
    if (w->d->credssp_over && w->dir == WHY_DIR_RECEIVED && !w->out->u.tsrequest.has_error)
        why_wire_problem(w, "TSRequest where CredSSP is over");
    /* [MS-CSSP] 3.1.5: whatever a server sends carries one of these. */
    if (w->out->type == WHY_PDU_TSREQUEST_OTHER && w->dir == WHY_DIR_RECEIVED)
        why_wire_problem(w, "TSRequest with neither a token, nor a proof, nor an error");
}

/* The server's pubKeyAuth is its last TSRequest, and the end of CredSSP but for HYBRID_EX, where
 * the Early User Authorization Result follows ([MS-RDPBCGR] 5.4.5.2.1). */
static void learn(struct why_wire *w, const struct members *m)
{
    struct why_dissector *d = w->d;

    if (w->dir == WHY_DIR_SENT) {
        if (m->auth_info)
            d->client_sent_auth_info = true;
        if (w->out->type == WHY_PDU_TSREQUEST_NEGOTIATE)
            d->ntlm_begun = true;
        if (w->out->u.tsrequest.ap_req)
            d->ap_req_sent = true;
    } else if (m->pub_key_auth && !w->out->u.tsrequest.has_error &&
               d->selected_protocol != WHY_PROTOCOL_HYBRID_EX) {
        d->credssp_over = true;
    }
}

void why_wire_tsrequest(struct why_wire *w, struct why_cursor c)
{
    struct members m = {0};
    struct why_cursor body, whole;
    bool cut = false;

    w->out->type = WHY_PDU_TSREQUEST_OTHER;
    why_cur_skip(&c, 1); /* the SEQUENCE tag, by which it was told */
    body = why_cur_sub_upto(&c, why_cur_ber_length(&c), &cut);
    whole = body;
    if (cut || why_cur_left(&c) > 0)
        why_wire_problem(w, "TSRequest of another length than it says");
    while (why_cur_left(&body) > 0) {
        uint8_t tag = why_cur_u8(&body);
        struct why_cursor member = why_cur_sub(&body, why_cur_ber_length(&body));

        if (!body.failed)
            read_member(w, tag, &member, &m);
        if (member.failed)
            body.failed = true;
    }
    if (body.failed || c.failed)
        why_wire_problem(w, "TSRequest is not valid DER ([MS-CSSP])");
    name_it(w, &m);
    if (w->out->malformed && w->dir == WHY_DIR_SENT)
        why_wire_sensitive_rest(w, &whole);
    if (!w->out->malformed)
        learn(w, &m);
}

/* [MS-RDPBCGR] 2.2.10.2 */
void why_wire_early_user_auth(struct why_wire *w, struct why_cursor c)
{
    if (why_cur_left(&c) != 4) {
        why_wire_unreadable(w, "Early User Authorization Result is not 4 bytes long");
        return;
    }
    w->out->type = WHY_PDU_EARLY_USER_AUTH_RESULT;
    w->out->u.early_user_auth = why_cur_u32le(&c);
    w->d->credssp_over = true;
}
