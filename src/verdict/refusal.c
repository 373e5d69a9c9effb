/* SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <stdio.h>

#include <rdpwhy/knowledge.h>

/* PDUs that refuse, how each ends an attempt and where its code is from. */
static const struct refusal {
    enum why_pdu_type type;
    enum why_ending ending;
    enum why_code_space space; /* COUNT: it has no code */
} refusals[] = {
    {WHY_PDU_RDP_NEG_FAILURE, WHY_END_NEGOTIATION_FAILURE, WHY_SPACE_NEGOTIATION_FAILURE},
    {WHY_PDU_TSREQUEST_ERROR, WHY_END_CREDSSP_ERROR, WHY_SPACE_NTSTATUS},
    {WHY_PDU_TSREQUEST_TOKEN, WHY_END_CREDSSP_ERROR, WHY_SPACE_SPNEGO},
    {WHY_PDU_EARLY_USER_AUTH_RESULT, WHY_END_ACCESS_DENIED, WHY_SPACE_EARLY_USER_AUTH},
    {WHY_PDU_LICENSE_ERROR_ALERT, WHY_END_LICENSE_ERROR, WHY_SPACE_LICENSE_ERROR},
    {WHY_PDU_SET_ERROR_INFO, WHY_END_ERROR_INFO, WHY_SPACE_ERROR_INFO},
    {WHY_PDU_MCS_DISCONNECT_PROVIDER_ULTIMATUM, WHY_END_DISCONNECT_ULTIMATUM,
     WHY_SPACE_MCS_DISCONNECT},
    {WHY_PDU_MCS_CONNECT_RESPONSE, WHY_END_MCS_ERROR, WHY_SPACE_MCS_RESULT},
    {WHY_PDU_MCS_ATTACH_USER_CONFIRM, WHY_END_MCS_ERROR, WHY_SPACE_MCS_RESULT},
    {WHY_PDU_MCS_CHANNEL_JOIN_CONFIRM, WHY_END_MCS_ERROR, WHY_SPACE_MCS_RESULT},
    {WHY_PDU_SERVER_REDIRECTION, WHY_END_REDIRECTED, WHY_SPACE_COUNT},
    {WHY_PDU_RDSTLS_AUTHENTICATION_RESPONSE, WHY_END_ACCESS_DENIED, WHY_SPACE_RDSTLS},
    {WHY_PDU_AAD_AUTHENTICATION_RESULT, WHY_END_ACCESS_DENIED, WHY_SPACE_COUNT},
    {WHY_PDU_X224_DISCONNECT_REQUEST, WHY_END_X224_DISCONNECT, WHY_SPACE_COUNT},
    {WHY_PDU_X224_ERROR, WHY_END_X224_DISCONNECT, WHY_SPACE_COUNT},
};

/* What any other PDU that refuses is. */
static const struct refusal violation = {WHY_PDU_UNKNOWN, WHY_END_PROTOCOL_VIOLATION,
                                         WHY_SPACE_COUNT};

static const struct refusal *refusal_of(enum why_pdu_type type)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (refusals[i].type == type)
            return &refusals[i];
    }
    return &violation;
}

static int64_t code_of(const struct why_pdu *pdu)
{
    switch (pdu->type) {
    case WHY_PDU_RDP_NEG_FAILURE:
        return pdu->u.confirm.failure_code;
    case WHY_PDU_TSREQUEST_ERROR:
        return pdu->u.tsrequest.error_code;
    case WHY_PDU_TSREQUEST_TOKEN:
        return pdu->u.tsrequest.has_krb_error ? pdu->u.tsrequest.krb_error
                                              : pdu->u.tsrequest.nego_state;
    case WHY_PDU_EARLY_USER_AUTH_RESULT:
        return pdu->u.early_user_auth;
    case WHY_PDU_RDSTLS_AUTHENTICATION_RESPONSE:
        return pdu->u.rdstls_result;
    case WHY_PDU_LICENSE_ERROR_ALERT:
        return pdu->u.license.error_code;
    case WHY_PDU_SET_ERROR_INFO:
        return pdu->u.error_info;
    case WHY_PDU_MCS_DISCONNECT_PROVIDER_ULTIMATUM:
        return pdu->u.ultimatum_reason;
    case WHY_PDU_MCS_CONNECT_RESPONSE:
        return pdu->u.connect_response.result;
    default:
        return pdu->u.mcs.result;
    }
}

static bool is_krb_error(const struct why_pdu *pdu)
{
    return pdu->type == WHY_PDU_TSREQUEST_TOKEN && pdu->u.tsrequest.has_krb_error;
}

/* It says no and names no code, though PDUs of its type may. */
static const char *instead_of_code(const struct why_pdu *pdu)
{
    if (pdu->type == WHY_PDU_TSREQUEST_TOKEN && pdu->u.tsrequest.wants_kerberos)
        return "it wants Kerberos, but NTLM was offered";
    if (pdu->type == WHY_PDU_TSREQUEST_TOKEN && pdu->u.tsrequest.empty_answer)
        return "it answered the Kerberos ticket with an empty token, and does not say why";
    if ((pdu->type == WHY_PDU_MCS_ATTACH_USER_CONFIRM ||
         pdu->type == WHY_PDU_MCS_CHANNEL_JOIN_CONFIRM) &&
        pdu->u.mcs.result == 0)
        return "its Attach User Confirm has no initiator";
    return NULL;
}

void why_verdict_refusal_text(const struct why_pdu *pdu, char *buf, size_t len)
{
    const struct refusal *row = refusal_of(pdu->type);
    const char *name = why_pdu_info(pdu->type)->name;
    const struct why_code_row *code;
    char number[32];

    if (row->space == WHY_SPACE_COUNT) {
        (void)snprintf(buf, len, "%s", name);
        return;
    }
    code = why_code_lookup(row->space, code_of(pdu));
    why_code_format(row->space, code_of(pdu), number, sizeof(number));
    (void)snprintf(buf, len, "%s %s%s%s", name, code != NULL ? code->name : "",
                   code != NULL ? " " : "", number);
}

static const char *detail_of(const struct why_pdu *pdu, enum why_ending ending)
{
    if (ending == WHY_END_ACCESS_DENIED)
        return "the authentication was rejected";
    if (ending == WHY_END_REDIRECTED) {
        if (pdu->u.redirection.target_fqdn[0] != '\0')
            return pdu->u.redirection.target_fqdn;
        return pdu->u.redirection.target_address[0] != '\0' ? pdu->u.redirection.target_address
                                                            : "it names no target";
    }
    if (ending == WHY_END_PROTOCOL_VIOLATION && pdu->problem != NULL)
        return pdu->problem;
    return why_pdu_info(pdu->type)->name;
}

void why_verdict_refused(struct verdict_builder *b)
{
    const struct why_pdu *pdu = &b->summary->refusal;
    const struct refusal *row = refusal_of(pdu->type);
    const char *detail =
        row->space == WHY_SPACE_COUNT ? detail_of(pdu, row->ending) : instead_of_code(pdu);

    why_verdict_end(b, WHY_OUTCOME_REFUSED, row->ending, WHY_CLOSED_BY_SERVER, detail);
    b->verdict->phase = b->summary->refused_in;
    if (detail == NULL)
        why_verdict_code(b, is_krb_error(pdu) ? WHY_SPACE_KERBEROS : row->space, code_of(pdu));
    if (pdu->type == WHY_PDU_LICENSE_ERROR_ALERT) {
        b->verdict->has_transition = true;
        b->verdict->transition = pdu->u.license.transition;
    }
}
