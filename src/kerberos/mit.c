/* SPDX-License-Identifier: Apache-2.0 */
#include "mit.h"

#include <stdlib.h>
#include <string.h>

#include <profile.h>

/* The tickets of one attempt, from the account's name to the cache that they are in. */

static char *configured_realm(krb5_context ctx)
{
    profile_t profile = NULL;
    char *value = NULL, *copy = NULL;

    if (krb5_get_profile(ctx, &profile) != 0)
        return NULL;
    if (profile_get_string(profile, "libdefaults", "default_realm", NULL, NULL, &value) == 0 &&
        value != NULL)
        copy = strdup(value);
    profile_release_string(value);
    profile_release(profile);
    return copy;
}

/* Only our own file is sure to be there. */
static krb5_error_code open_context(const struct why_kerberos_setup *setup, krb5_context *ctx)
{
    profile_t profile = NULL;
    long error = profile_init_path(setup->own, &profile);
    krb5_error_code code;

    if (error != 0)
        return (krb5_error_code)error;
    code = krb5_init_context_profile(profile, 0, ctx);
    profile_release(profile);
    return code;
}

static bool is_address(const char *host)
{
    return strchr(host, ':') != NULL || strspn(host, "0123456789.") == strlen(host);
}

static const char *reason_not_to(const struct why_kerberos_request *r, bool realm_known)
{
    if (!r->pinned && is_address(r->host))
        return "the target is an address, and clients ask for Kerberos tickets by name";
    if (!realm_known)
        return "the account names no realm: use USER@REALM or --realm";
    return NULL;
}

/* The account as a principal. NULL: it is one; else why not. */
static const char *find_client(struct why_kerberos *k)
{
    const struct why_kerberos_request *r = &k->request;
    char *configured = configured_realm(k->ctx);
    char realm[REALM_SIZE], principal[PRINCIPAL_SIZE];
    bool known = why_realm_of(r->credentials, configured, r->pinned, realm);
    const char *why_not = reason_not_to(r, known);

    free(configured);
    if (why_not != NULL)
        return why_not;
    if (!why_realm_principal(r->credentials, realm, principal) ||
        krb5_parse_name(k->ctx, principal, &k->client) != 0)
        return "the account's name is none for Kerberos";
    k->principal = strdup(principal);
    return k->principal != NULL ? NULL : "out of memory";
}

/* A cache of our own, which no file ever holds. */
static krb5_error_code new_cache(struct why_kerberos *k)
{
    krb5_error_code code = krb5_cc_new_unique(k->ctx, "MEMORY", NULL, &k->cache);

    if (code == 0)
        code = krb5_cc_initialize(k->ctx, k->cache, k->client);
    if (code == 0)
        code = krb5_cc_get_full_name(k->ctx, k->cache, &k->cache_name);
    return code;
}

/* The user's cache is read and nothing else. */
static krb5_error_code copy_tickets(struct why_kerberos *k)
{
    krb5_ccache theirs = NULL;
    krb5_principal owner = NULL;
    krb5_error_code code = krb5_cc_resolve(k->ctx, k->request.credentials->ccache, &theirs);

    if (code == 0)
        code = krb5_cc_get_principal(k->ctx, theirs, &owner);
    if (code == 0 && !krb5_principal_compare(k->ctx, owner, k->client))
        code = KRB5_PRINC_NOMATCH;
    if (code == 0)
        code = krb5_cc_copy_creds(k->ctx, theirs, k->cache);
    krb5_free_principal(k->ctx, owner);
    if (theirs != NULL)
        (void)krb5_cc_close(k->ctx, theirs);
    if (code != 0)
        why_krb_tell_end(k, code, "ticket cache");
    return code;
}

static enum why_kerberos_result get_all(struct why_kerberos *k)
{
    enum why_kerberos_result result;
    krb5_error_code code;

    why_krb_tell(k, WHY_EV_KERBEROS_START, 0, k->principal);
    code = new_cache(k);
    if (code != 0) {
        why_krb_tell_end(k, code, "ticket cache");
        return WHY_KERBEROS_NO_TICKET;
    }
    if (k->request.credentials->ccache != NULL)
        return copy_tickets(k) == 0 ? why_krb_get_service(k) : WHY_KERBEROS_NO_TICKET;
    result = why_krb_get_tgt(k);
    return result == WHY_KERBEROS_READY ? why_krb_get_service(k) : result;
}

enum why_kerberos_result why_kerberos_get(const struct why_kerberos_setup *setup,
                                          const struct why_kerberos_request *request,
                                          struct why_kerberos **out, const char **why_not)
{
    struct why_kerberos *k = calloc(1, sizeof(*k));

    *out = k;
    *why_not = "out of memory";
    if (k == NULL)
        return WHY_KERBEROS_NOT_FIT;
    k->request = *request;
    if (open_context(setup, &k->ctx) != 0) {
        k->ctx = NULL;
        *why_not = "Kerberos' configuration (krb5.conf) cannot be read";
        return WHY_KERBEROS_NOT_FIT;
    }
    *why_not = find_client(k);
    return *why_not != NULL ? WHY_KERBEROS_NOT_FIT : get_all(k);
}

const char *why_kerberos_cache(const struct why_kerberos *kerberos)
{
    return kerberos->cache_name;
}

const char *why_kerberos_principal(const struct why_kerberos *kerberos)
{
    return kerberos->principal;
}

void why_kerberos_free(struct why_kerberos *k)
{
    if (k == NULL)
        return;
    if (k->ctx != NULL) {
        if (k->cache != NULL)
            (void)krb5_cc_destroy(k->ctx, k->cache);
        krb5_free_string(k->ctx, k->cache_name);
        krb5_free_principal(k->ctx, k->client);
        krb5_free_context(k->ctx);
    }
    free(k->principal);
    free(k);
}
