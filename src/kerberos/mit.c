/* SPDX-License-Identifier: Apache-2.0 */
#include "kerberos.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <krb5/krb5.h>
#include <profile.h>

#include "base/clock.h"

#include "kdc.h"
#include "realm.h"
#include "srv.h"

/* The only file that knows MIT Kerberos. Its own ways to a KDC are not used: they know no deadline
 * (krb5_init_creds_step and krb5_tkt_creds_step leave the transport to the caller). */

#define AS_REQ         10
#define TGS_REQ        12
#define KRB_ERROR_TAG  0x7e /* [APPLICATION 30] */
#define STEPS_MAX      12   /* of one exchange; referrals and pre-authentication take a few */
#define PROTOCOL_CODES 128

struct why_kerberos_setup {
    char *own;    /* what we find the KDCs with: our own file, then the user's */
    char *shared; /* what the environment names: a file without any KDC */
};

struct why_kerberos {
    krb5_context ctx;
    krb5_ccache cache;
    krb5_principal client;
    char *cache_name, *principal;
    struct why_kerberos_request request;
    char realm[REALM_SIZE]; /* that |kdcs| are of */
    struct kdc_list kdcs;
    size_t answered; /* which of them did last */
    bool dead;       /* none of them did */
    int64_t code;    /* of the last KRB-ERROR; 0: none came since */
    bool clock_told;
};

/* ---- configuration --------------------------------------------------------------------------- */

/* Names are what the user wrote, as they are for Windows' clients. */
#define OWN_TEXT                                                                                   \
    "[libdefaults]\n dns_canonicalize_hostname = false\n rdns = false\n dns_lookup_realm = "       \
    "false\n"
/* Whoever reads this one alone has all tickets already, and no KDC. */
#define SHARED_TEXT OWN_TEXT " dns_lookup_kdc = false\n allow_weak_crypto = true\n"

static char *write_file(const char *directory, const char *name, const char *text)
{
    size_t n = strlen(directory) + strlen(name) + 2;
    char *path = malloc(n);
    FILE *out;
    bool good;

    if (path == NULL)
        return NULL;
    (void)snprintf(path, n, "%s/%s", directory, name);
    out = fopen(path, "w");
    good = out != NULL && fputs(text, out) >= 0;
    if (out != NULL && fclose(out) != 0)
        good = false;
    if (good)
        return path;
    free(path);
    return NULL;
}

/* Where builds of MIT Kerberos look; files that are not there are passed over. */
#define USUAL_FILES "/etc/krb5.conf:/usr/local/etc/krb5.conf:/opt/homebrew/etc/krb5.conf"

/* The user's own files after ours: the first that says something counts. */
static char *with_users(const char *own)
{
    const char *theirs = getenv("KRB5_CONFIG");
    size_t n;
    char *list;

    if (theirs == NULL)
        theirs = USUAL_FILES;
    n = strlen(own) + strlen(theirs) + 2;
    list = malloc(n);
    if (list != NULL)
        (void)snprintf(list, n, "%s:%s", own, theirs);
    return list;
}

struct why_kerberos_setup *why_kerberos_setup_new(const char *directory)
{
    struct why_kerberos_setup *setup = calloc(1, sizeof(*setup));
    char *own = write_file(directory, "krb5-own.conf", OWN_TEXT);

    if (setup != NULL && own != NULL) {
        setup->own = with_users(own);
        setup->shared = write_file(directory, "krb5.conf", SHARED_TEXT);
    }
    free(own);
    if (setup != NULL && setup->own != NULL && setup->shared != NULL &&
        setenv("KRB5_CONFIG", setup->shared, 1) == 0)
        return setup;
    why_kerberos_setup_free(setup);
    return NULL;
}

void why_kerberos_setup_free(struct why_kerberos_setup *setup)
{
    if (setup == NULL)
        return;
    free(setup->own);
    free(setup->shared);
    free(setup);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void tell(struct why_kerberos *k, enum why_event_kind kind, int64_t value, const char *text)
{
    k->request.event(k->request.arg, kind, value, text);
}

static bool is_cancelled(const struct why_kerberos *k)
{
    return k->request.cancelled != NULL && atomic_load(k->request.cancelled);
}

/* RFC 4120 7.5.9's number in one of the library's; -1: it is the library's own. */
static int64_t protocol_code(krb5_error_code code)
{
    int64_t number = (int64_t)code - ERROR_TABLE_BASE_krb5;

    return number >= 0 && number < PROTOCOL_CODES ? number : -1;
}

/* Why an exchange ended: what the KDC said, or else what the library makes of its answers. */
static void tell_end(struct why_kerberos *k, krb5_error_code code, const char *step)
{
    int64_t number = k->code > 0 ? k->code : protocol_code(code);
    const char *words;

    if (k->dead)
        return; /* told already */
    if (number >= 0) {
        tell(k, WHY_EV_KERBEROS_REFUSED, number, step);
        return;
    }
    words = krb5_get_error_message(k->ctx, code);
    tell(k, WHY_EV_KERBEROS_FAILED, 0, words);
    krb5_free_error_message(k->ctx, words);
}

/* ---- the KDCs -------------------------------------------------------------------------------- */

static void add_configured(struct why_kerberos *k, profile_t profile, const char *realm)
{
    const char *names[] = {"realms", realm, "kdc", NULL};
    char **values = NULL;

    if (profile_get_values(profile, names, &values) != 0)
        return;
    for (size_t i = 0; values[i] != NULL; i++)
        why_kdc_add(&k->kdcs, values[i], "krb5.conf");
    profile_free_list(values);
}

static bool may_look_up(profile_t profile)
{
    int yes = 1;

    (void)profile_get_boolean(profile, "libdefaults", "dns_lookup_kdc", NULL, 1, &yes);
    return yes != 0;
}

/* From what is closest to the user: the option, the configuration, the name servers. */
static void find_kdcs(struct why_kerberos *k, const char *realm)
{
    profile_t profile = NULL;

    if (k->request.credentials->kdc != NULL)
        why_kdc_add(&k->kdcs, k->request.credentials->kdc, "--kdc");
    if (k->kdcs.count > 0 || krb5_get_profile(k->ctx, &profile) != 0)
        return;
    add_configured(k, profile, realm);
    if (k->kdcs.count == 0 && may_look_up(profile))
        why_srv_add(&k->kdcs, realm, k->request.deadline_us);
    profile_release(profile);
}

static void tell_kdcs(struct why_kerberos *k)
{
    char text[KDC_TEXT];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < k->kdcs.count && used < sizeof(text); i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s:%u (%s)",
                                 i > 0 ? ", " : "", k->kdcs.items[i].host,
                                 (unsigned)k->kdcs.items[i].port, k->kdcs.items[i].from);
    tell(k, WHY_EV_KDC, (int64_t)k->kdcs.count, text);
}

static bool locate(struct why_kerberos *k, const char *realm)
{
    char text[REALM_SIZE + 80];

    if (k->kdcs.count > 0 && strcmp(k->realm, realm) == 0)
        return true;
    (void)snprintf(k->realm, sizeof(k->realm), "%s", realm);
    k->kdcs.count = 0;
    k->answered = 0;
    find_kdcs(k, realm);
    if (k->kdcs.count > 0) {
        tell_kdcs(k);
        return true;
    }
    k->dead = true;
    (void)snprintf(text, sizeof(text), "no KDC is known for the realm %s (krb5.conf, DNS SRV)",
                   realm);
    tell(k, WHY_EV_KDC_FAILED, 0, text);
    return false;
}

/* ---- one message and its answer -------------------------------------------------------------- */

/* The KDC's clock is in every error it sends. */
static void see_error(struct why_kerberos *k, const krb5_data *reply)
{
    krb5_error *error = NULL;
    char text[200] = "";

    if (reply->length == 0 || (unsigned char)reply->data[0] != KRB_ERROR_TAG ||
        krb5_rd_error(k->ctx, reply, &error) != 0)
        return;
    k->code = error->error;
    if (error->text.length > 0 && error->text.data != NULL)
        (void)snprintf(text, sizeof(text), "%.*s", (int)error->text.length, error->text.data);
    tell(k, WHY_EV_KDC_ERROR, error->error, text[0] != '\0' ? text : NULL);
    if (!k->clock_told) {
        /* 32 bits on the wire's side of the library, as of 1.20 unsigned */
        tell(k, WHY_EV_KDC_CLOCK,
             (int64_t)(uint32_t)error->stime - (int64_t)(why_clock_wall_us() / 1000000u), NULL);
        k->clock_told = true;
    }
    krb5_free_error(k->ctx, error);
}

/* Sends |out| to a KDC of |realm|; |*in| is its answer, to be freed. */
static bool converse(struct why_kerberos *k, const krb5_data *out, const krb5_data *realm,
                     krb5_data *in)
{
    char name[REALM_SIZE];
    struct kdc_exchange x = {.list = &k->kdcs,
                             .request = (const uint8_t *)out->data,
                             .request_len = out->length,
                             .deadline_us = k->request.deadline_us,
                             .cancelled = k->request.cancelled};

    (void)snprintf(name, sizeof(name), "%.*s", (int)realm->length, realm->data);
    if (!locate(k, name))
        return false;
    x.answered = k->answered;
    k->code = 0;
    if (!why_kdc_ask(&x)) {
        k->dead = true;
        if (!is_cancelled(k))
            tell(k, WHY_EV_KDC_FAILED, 0, x.why);
        return false;
    }
    k->answered = x.answered;
    *in = (krb5_data){.data = (char *)x.reply, .length = (unsigned)x.reply_len};
    see_error(k, in);
    return true;
}

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
            tell(k, WHY_EV_KDC_PROOF, 0, k->principal);
        tell(k, WHY_EV_KDC_REQUEST, AS_REQ, k->principal);
        going = converse(k, &out, &realm, &in) && !is_rejection(k->code);
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

static enum why_kerberos_result get_tgt(struct why_kerberos *k)
{
    krb5_get_init_creds_opt *opt = NULL;
    krb5_error_code code = krb5_get_init_creds_opt_alloc(k->ctx, &opt);

    if (code == 0)
        code = ask_tgt(k, opt);
    krb5_get_init_creds_opt_free(k->ctx, opt);
    if (code == 0) {
        tell(k, WHY_EV_KDC_TICKET, AS_REQ + 1, k->principal);
        return WHY_KERBEROS_READY;
    }
    tell_end(k, code, as_step);
    /* The answer cannot be decrypted: the password is another. */
    return is_rejection(k->code) || (!k->dead && protocol_code(code) == 31)
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
        tell(k, WHY_EV_KDC_REQUEST, TGS_REQ, service);
        going = converse(k, &out, &realm, &in);
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
        tell(k, WHY_EV_KDC_TICKET, TGS_REQ + 1, text);
        code = store_unmapped(k, &creds);
    }
    krb5_free_cred_contents(k->ctx, &creds);
    krb5_tkt_creds_free(k->ctx, tcc);
    return code;
}

static enum why_kerberos_result get_service(struct why_kerberos *k)
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
        tell(k, WHY_EV_KERBEROS_DONE, 0, service);
        return WHY_KERBEROS_READY;
    }
    tell_end(k, code, step);
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
        tell_end(k, code, "TGS exchange for user-to-user authentication");
    krb5_free_principal(k->ctx, wanted.server);
    krb5_free_ticket(k->ctx, theirs);
    return code == 0;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

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
        tell_end(k, code, "ticket cache");
    return code;
}

static enum why_kerberos_result get_all(struct why_kerberos *k)
{
    enum why_kerberos_result result;
    krb5_error_code code;

    tell(k, WHY_EV_KERBEROS_START, 0, k->principal);
    code = new_cache(k);
    if (code != 0) {
        tell_end(k, code, "ticket cache");
        return WHY_KERBEROS_NO_TICKET;
    }
    if (k->request.credentials->ccache != NULL)
        return copy_tickets(k) == 0 ? get_service(k) : WHY_KERBEROS_NO_TICKET;
    result = get_tgt(k);
    return result == WHY_KERBEROS_READY ? get_service(k) : result;
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
