/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <limits.h>

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "trust/authorities.h"

#include "certificate.h"

/*
 * The chain that the server sent, against authorities that the caller has loaded: nothing is read
 * here, and nothing fetched. As mstsc does, it judges at the time of the attempt and takes only
 * roots for the end of a chain; names and dates of the certificate itself are facts of their own.
 */

#define CHAIN_MAX 16

struct judgement {
    struct why_certificate *certificate;
    X509 *leaf;
    STACK_OF(X509) * others;      /* that the server sent besides */
    STACK_OF(X509) * authorities; /* that this computer trusts and that may be in the chain */
    bool nomem;
};

/* What OpenSSL objects to, as a word of ours; false: it is no verdict on the chain. */
static bool trust_of(int error, enum why_trust *trust)
{
    static const struct {
        int error;
        enum why_trust trust;
    } known[] = {
        {X509_V_OK, WHY_TRUST_TRUSTED},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, WHY_TRUST_SELF_SIGNED},
        {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, WHY_TRUST_UNKNOWN_ISSUER},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, WHY_TRUST_UNKNOWN_ISSUER},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, WHY_TRUST_UNKNOWN_ISSUER},
        {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, WHY_TRUST_UNKNOWN_ISSUER},
        {X509_V_ERR_CERT_UNTRUSTED, WHY_TRUST_UNKNOWN_ISSUER},
        {X509_V_ERR_CERT_REJECTED, WHY_TRUST_UNKNOWN_ISSUER},
        {X509_V_ERR_CERT_HAS_EXPIRED, WHY_TRUST_CHAIN_EXPIRED},
        {X509_V_ERR_CERT_NOT_YET_VALID, WHY_TRUST_CHAIN_EXPIRED},
        {X509_V_ERR_CERT_SIGNATURE_FAILURE, WHY_TRUST_CHAIN_INVALID},
        {X509_V_ERR_INVALID_CA, WHY_TRUST_CHAIN_INVALID},
        {X509_V_ERR_INVALID_NON_CA, WHY_TRUST_CHAIN_INVALID},
        {X509_V_ERR_PATH_LENGTH_EXCEEDED, WHY_TRUST_CHAIN_INVALID},
        {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, WHY_TRUST_CHAIN_INVALID},
        {X509_V_ERR_PERMITTED_VIOLATION, WHY_TRUST_CHAIN_INVALID},
        {X509_V_ERR_EXCLUDED_VIOLATION, WHY_TRUST_CHAIN_INVALID},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].error == error) {
            *trust = known[i].trust;
            return true;
        }
    }
    return false;
}

/* The dates of the certificate itself are no matter of its chain. */
static int pass_own_dates(int ok, X509_STORE_CTX *ctx)
{
    int error = X509_STORE_CTX_get_error(ctx);

    if (ok || X509_STORE_CTX_get_error_depth(ctx) != 0 ||
        (error != X509_V_ERR_CERT_HAS_EXPIRED && error != X509_V_ERR_CERT_NOT_YET_VALID))
        return ok;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

/* The authority that the judgement is about; NULL: there is none. */
static const X509_NAME *authority_of(X509_STORE_CTX *ctx, enum why_trust trust)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    X509 *at = X509_STORE_CTX_get_current_cert(ctx);

    if (trust == WHY_TRUST_TRUSTED)
        at = sk_X509_value(chain, sk_X509_num(chain) - 1);
    if (at == NULL || trust == WHY_TRUST_SELF_SIGNED)
        return NULL;
    /* Of an issuer that was not found there is only the name. */
    return trust == WHY_TRUST_UNKNOWN_ISSUER ? X509_get_issuer_name(at) : X509_get_subject_name(at);
}

static void verify(struct judgement *j, X509_STORE_CTX *ctx, uint64_t at_us)
{
    struct why_certificate *c = j->certificate;
    const X509_NAME *authority;

    X509_STORE_CTX_set0_trusted_stack(ctx, j->authorities);
    X509_STORE_CTX_set_time(ctx, 0, (time_t)(at_us / 1000000u));
    X509_STORE_CTX_set_verify_cb(ctx, pass_own_dates);
    (void)X509_verify_cert(ctx);
    c->has_trust = trust_of(X509_STORE_CTX_get_error(ctx), &c->trust);
    authority = c->has_trust ? authority_of(ctx, c->trust) : NULL;
    if (authority == NULL)
        return;
    c->authority = why_certificate_name(authority);
    j->nomem = c->authority == NULL;
}

/* One certificate of the chain; the server's own comes first (trace.h). */
static void take(struct judgement *j, const struct why_event *event)
{
    const unsigned char *p = event->bytes;
    X509 *cert;

    if (event->len == 0 || event->len > LONG_MAX || (j->leaf == NULL && event->value != 0) ||
        sk_X509_num(j->others) >= CHAIN_MAX)
        return;
    cert = d2i_X509(NULL, &p, (long)event->len);
    if (cert == NULL)
        return;
    if (j->leaf == NULL) {
        j->leaf = cert;
    } else if (sk_X509_push(j->others, cert) <= 0) {
        X509_free(cert);
        j->nomem = true;
    }
}

static void take_all(struct judgement *j, const struct why_trace *trace, enum why_event_kind kind)
{
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        if (event->kind == kind)
            take(j, event);
    }
}

/* The chain in the events of |kind|. */
static int judge(const struct why_trace *trace, enum why_event_kind kind,
                 const struct why_authorities *trust, struct why_certificate *certificate)
{
    struct judgement j = {.certificate = certificate};
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();

    j.others = sk_X509_new_null();
    j.authorities = sk_X509_new_null();
    j.nomem = ctx == NULL || j.others == NULL || j.authorities == NULL;
    if (!j.nomem)
        take_all(&j, trace, kind);
    if (!j.nomem && j.leaf != NULL)
        j.nomem = why_authorities_chain(trust, j.leaf, j.others, j.authorities) != WHY_OK;
    if (!j.nomem && j.leaf != NULL && X509_STORE_CTX_init(ctx, NULL, j.leaf, j.others) == 1)
        verify(&j, ctx, why_trace_head(trace)->started_us);
    X509_STORE_CTX_free(ctx);
    sk_X509_pop_free(j.authorities, X509_free);
    sk_X509_pop_free(j.others, X509_free);
    X509_free(j.leaf);
    return j.nomem ? WHY_ERR_NOMEM : WHY_OK;
}

int why_result_judge_trust(struct why_result *result, const struct why_authorities *trust)
{
    const struct why_trace *trace = result->trace;
    struct why_facts *f = &result->facts;
    int status = WHY_OK;

    if (trust == NULL || trace == NULL || why_trace_head(trace)->started_us == 0)
        return WHY_OK;
    if (f->has_certificate)
        status = judge(trace, WHY_EV_CERTIFICATE, trust, &f->certificate);
    if (status == WHY_OK && f->gateway.has_certificate)
        status = judge(trace, WHY_EV_GATEWAY_CERTIFICATE, trust, &f->gateway.certificate);
    return status;
}
