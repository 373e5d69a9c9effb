/* SPDX-License-Identifier: Apache-2.0 */
#include "mit.h"

#include <stdio.h>
#include <stdlib.h>

#define AS_REQ    10
#define TGS_REQ   12
#define STEPS_MAX 12 /* of one exchange; referrals and pre-authentication take a few */

/* The exchanges of the protocol: the account's ticket, and the service's. */

/* ---- the AS exchange: the account and its password ------------------------------------------- */

/* Another try with the same password could be one too many. */
static bool is_rejection(int64_t code)
{
    switch (code) {
    case 6:  /* KDC_ERR_C_PRINCIPAL_UNKNOWN */
    case 12: /* KDC_ERR_POLICY */
    case 18: /* KDC_ERR_CLIENT_REVOKED */
    case 23: /* KDC_ERR_KEY_EXPIRED */
    case 24: /* KDC_ERR_PREAUTH_FAILED */
        return true;
    default:
        return false;
    }
}

static const char as_step[] = "AS exchange";

static krb5_error_code step_as(struct why_kerberos *k, krb5_init_creds_context icc)
{
    krb5_data in = {0}, out = {0}, realm = {0};
    krb5_error_code code = 0;
    unsigned flags = KRB5_INIT_CREDS_STEP_FLAG_CONTINUE;

    for (unsigned i = 0; i < STEPS_MAX; i++) {
        bool going;

        code = krb5_init_creds_step(k->ctx, icc, &in, &out, &realm, &flags);
        free(in.data);
        in = (krb5_data){0};
        if (code != 0 || (flags & KRB5_INIT_CREDS_STEP_FLAG_CONTINUE) == 0)
            break;
        /* The first request only asks how the password is to be proven. */
        if (i > 0)
            why_krb_tell(k, WHY_EV_KDC_PROOF, 0, k->principal);
        why_krb_tell(k, WHY_EV_KDC_REQUEST, AS_REQ, k->principal);
        going = why_krb_converse(k, &out, &realm, &in) && !is_rejection(k->code);
        krb5_free_data_contents(k->ctx, &out);
        krb5_free_data_contents(k->ctx, &realm);
        if (!going) {
            code = k->dead ? KRB5_KDC_UNREACH : KRB5KRB_ERR_GENERIC;
            break;
        }
    }
    free(in.data);
    krb5_free_data_contents(k->ctx, &out);
    krb5_free_data_contents(k->ctx, &realm);
    return code;
}

static krb5_error_code set_password(struct why_kerberos *k, krb5_init_creds_context icc)
{
    return krb5_init_creds_set_password(k->ctx, icc, k->request.credentials->password);
}

static krb5_error_code ask_tgt(struct why_kerberos *k, krb5_get_init_creds_opt *opt)
{
    krb5_init_creds_context icc = NULL;
    krb5_creds creds = {0};
    krb5_error_code code;

    krb5_get_init_creds_opt_set_forwardable(opt, 0);
    krb5_get_init_creds_opt_set_proxiable(opt, 0);
    krb5_get_init_creds_opt_set_change_password_prompt(opt, 0);
    code = krb5_init_creds_init(k->ctx, k->client, NULL, NULL, 0, opt, &icc);
    if (code == 0)
        code = set_password(k, icc);
    if (code == 0)
        code = step_as(k, icc);
    if (code == 0)
        code = krb5_init_creds_get_creds(k->ctx, icc, &creds);
    if (code == 0)
        code = krb5_cc_store_cred(k->ctx, k->cache, &creds);
    krb5_free_cred_contents(k->ctx, &creds);
    krb5_init_creds_free(k->ctx, icc);
    return code;
}

enum why_kerberos_result why_krb_get_tgt(struct why_kerberos *k)
{
    krb5_get_init_creds_opt *opt = NULL;
    krb5_error_code code = krb5_get_init_creds_opt_alloc(k->ctx, &opt);

    if (code == 0)
        code = ask_tgt(k, opt);
    krb5_get_init_creds_opt_free(k->ctx, opt);
    if (code == 0) {
        why_krb_tell(k, WHY_EV_KDC_TICKET, AS_REQ + 1, k->principal);
        return WHY_KERBEROS_READY;
    }
    why_krb_tell_end(k, code, as_step);
    /* The answer cannot be decrypted: the password is another. */
    return is_rejection(k->code) || (!k->dead && why_krb_protocol_code(code) == 31)
               ? WHY_KERBEROS_REJECTED
               : WHY_KERBEROS_NO_TICKET;
}

/* ---- the TGS exchange: the service ----------------------------------------------------------- */

static void describe_ticket(struct why_kerberos *k, const krb5_creds *creds, char *text, size_t len)
{
    krb5_ticket *ticket = NULL;
    char etype[64] = "?", *server = NULL;

    if (krb5_decode_ticket(&creds->ticket, &ticket) == 0)
        (void)krb5_enctype_to_name(ticket->enc_part.enctype, FALSE, etype, sizeof(etype));
    if (krb5_unparse_name(k->ctx, ticket != NULL ? ticket->server : creds->server, &server) == 0)
        (void)snprintf(text, len, "%s %s kvno %u", server, etype,
                       ticket != NULL ? (unsigned)ticket->enc_part.kvno : 0);
    krb5_free_unparsed_name(k->ctx, server);
    krb5_free_ticket(k->ctx, ticket);
}

/* Where only that file is read which knows no realm of a host, this is the name it is found by. */
static krb5_error_code store_unmapped(struct why_kerberos *k, const krb5_creds *creds)
{
    krb5_creds copy = *creds;
    krb5_error_code code = krb5_copy_principal(k->ctx, creds->server, &copy.server);

    /* The library leaves the bit of a mask in it, looks for TRUE, and so never finds it again. */
    copy.is_skey = creds->is_skey != 0;

    if (code == 0)
        code = krb5_set_principal_realm(k->ctx, copy.server, "");
    if (code == 0)
        code = krb5_cc_store_cred(k->ctx, k->cache, &copy);
    if (copy.server != creds->server)
        krb5_free_principal(k->ctx, copy.server);
    return code;
}

static krb5_error_code step_tgs(struct why_kerberos *k, krb5_tkt_creds_context tcc,
                                const char *service)
{
    krb5_data in = {0}, out = {0}, realm = {0};
    krb5_error_code code = 0;
    unsigned flags = KRB5_TKT_CREDS_STEP_FLAG_CONTINUE;

    for (unsigned i = 0; i < STEPS_MAX; i++) {
        bool going;

        code = krb5_tkt_creds_step(k->ctx, tcc, &in, &out, &realm, &flags);
        free(in.data);
        in = (krb5_data){0};
        if (code != 0 || (flags & KRB5_TKT_CREDS_STEP_FLAG_CONTINUE) == 0)
            break;
        why_krb_tell(k, WHY_EV_KDC_REQUEST, TGS_REQ, service);
        going = why_krb_converse(k, &out, &realm, &in);
        krb5_free_data_contents(k->ctx, &out);
        krb5_free_data_contents(k->ctx, &realm);
        if (!going) {
            code = KRB5_KDC_UNREACH;
            break;
        }
    }
    free(in.data);
    krb5_free_data_contents(k->ctx, &out);
    krb5_free_data_contents(k->ctx, &realm);
    return code;
}

/* Gets the ticket that |wanted| describes, and tells of it. */
static krb5_error_code ask_ticket(struct why_kerberos *k, krb5_creds *wanted, krb5_flags options,
                                  const char *service)
{
    krb5_tkt_creds_context tcc = NULL;
    krb5_creds creds = {0};
    char text[512] = "";
    krb5_error_code code = krb5_tkt_creds_init(k->ctx, k->cache, wanted, options, &tcc);

    k->code = 0;
    if (code == 0)
        code = step_tgs(k, tcc, service);
    if (code == 0)
        code = krb5_tkt_creds_get_creds(k->ctx, tcc, &creds);
    if (code == 0) {
        describe_ticket(k, &creds, text, sizeof(text));
        why_krb_tell(k, WHY_EV_KDC_TICKET, TGS_REQ + 1, text);
        code = store_unmapped(k, &creds);
    }
    krb5_free_cred_contents(k->ctx, &creds);
    krb5_tkt_creds_free(k->ctx, tcc);
    return code;
}

enum why_kerberos_result why_krb_get_service(struct why_kerberos *k)
{
    krb5_creds wanted = {.client = k->client};
    char service[KDC_HOST_SIZE + 16], step[KDC_HOST_SIZE + 40];
    krb5_error_code code = krb5_sname_to_principal(k->ctx, k->request.host, "TERMSRV",
                                                   KRB5_NT_SRV_HST, &wanted.server);

    (void)snprintf(service, sizeof(service), "TERMSRV/%s", k->request.host);
    (void)snprintf(step, sizeof(step), "TGS exchange for %s", service);
    if (code == 0)
        code = ask_ticket(k, &wanted, 0, service);
    krb5_free_principal(k->ctx, wanted.server);
    if (code == 0) {
        why_krb_tell(k, WHY_EV_KERBEROS_DONE, 0, service);
        return WHY_KERBEROS_READY;
    }
    why_krb_tell_end(k, code, step);
    return WHY_KERBEROS_NO_TICKET;
}

bool why_kerberos_user_to_user(struct why_kerberos *k, const uint8_t *ticket, size_t len,
                               uint64_t deadline_us)
{
    krb5_creds wanted = {.client = k->client};
    krb5_ticket *theirs = NULL;
    krb5_data der = {.data = (char *)(uintptr_t)ticket, .length = (unsigned)len};
    krb5_error_code code = krb5_decode_ticket(&der, &theirs); /* it is theirs to be one */

    if (code == 0)
        code = krb5_sname_to_principal(k->ctx, k->request.host, "TERMSRV", KRB5_NT_SRV_HST,
                                       &wanted.server);
    wanted.second_ticket = der;
    k->request.deadline_us = deadline_us;
    if (code == 0)
        code = ask_ticket(k, &wanted, KRB5_GC_USER_USER, "user-to-user");
    if (code != 0)
        why_krb_tell_end(k, code, "TGS exchange for user-to-user authentication");
    krb5_free_principal(k->ctx, wanted.server);
    krb5_free_ticket(k->ctx, theirs);
    return code == 0;
}
