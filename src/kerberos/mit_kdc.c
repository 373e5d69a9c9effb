/* SPDX-License-Identifier: Apache-2.0 */
#include "mit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <profile.h>

#include "base/clock.h"

#include "kerb_error.h"
#include "srv.h"

#define KRB_ERROR_TAG  0x7e /* [APPLICATION 30] */
#define PROTOCOL_CODES 128

/* Which KDCs there are, what is sent to them, and what is told of their answers. */

/* ---- what is told ---------------------------------------------------------------------------- */

void why_krb_tell(struct why_kerberos *k, enum why_event_kind kind, int64_t value, const char *text)
{
    k->request.event(k->request.arg, kind, value, text);
}

static bool is_cancelled(const struct why_kerberos *k)
{
    return k->request.cancelled != NULL && atomic_load(k->request.cancelled);
}

int64_t why_krb_protocol_code(krb5_error_code code)
{
    int64_t number = (int64_t)code - ERROR_TABLE_BASE_krb5;

    return number >= 0 && number < PROTOCOL_CODES ? number : -1;
}

void why_krb_tell_end(struct why_kerberos *k, krb5_error_code code, const char *step)
{
    int64_t number = k->code > 0 ? k->code : why_krb_protocol_code(code);
    const char *words;

    if (k->dead)
        return; /* told already */
    if (number >= 0) {
        if (k->status != 0)
            why_krb_tell(k, WHY_EV_KDC_STATUS, k->status, NULL);
        why_krb_tell(k, WHY_EV_KERBEROS_REFUSED, number, step);
        return;
    }
    words = krb5_get_error_message(k->ctx, code);
    why_krb_tell(k, WHY_EV_KERBEROS_FAILED, 0, words);
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

    if (k->request.credentials->kdc_proxy != NULL)
        why_kdc_add(&k->kdcs, k->request.credentials->kdc_proxy,
                    k->request.credentials->kdc_proxy_of_file ? "kdcproxyname" : "--kdc-proxy");
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
    char text[KDC_TEXT], one[KDC_TEXT];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < k->kdcs.count && used < sizeof(text); i++) {
        (void)why_kdc_text(&k->kdcs.items[i], one, sizeof(one));
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? ", " : "", one);
    }
    why_krb_tell(k, WHY_EV_KDC, (int64_t)k->kdcs.count, text);
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
    why_krb_tell(k, WHY_EV_KDC_FAILED, 0, text);
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
    (void)why_kerb_error_status((const uint8_t *)error->e_data.data, error->e_data.length,
                                &k->status);
    if (error->text.length > 0 && error->text.data != NULL)
        (void)snprintf(text, sizeof(text), "%.*s", (int)error->text.length, error->text.data);
    why_krb_tell(k, WHY_EV_KDC_ERROR, error->error, text[0] != '\0' ? text : NULL);
    if (!k->clock_told) {
        /* 32 bits on the wire's side of the library, as of 1.20 unsigned */
        why_krb_tell(k, WHY_EV_KDC_CLOCK,
                     (int64_t)(uint32_t)error->stime - (int64_t)(why_clock_wall_us() / 1000000u),
                     NULL);
        k->clock_told = true;
    }
    krb5_free_error(k->ctx, error);
}

bool why_krb_converse(struct why_kerberos *k, const krb5_data *out, const krb5_data *realm,
                      krb5_data *in)
{
    char name[REALM_SIZE];
    struct kdc_exchange x = {.list = &k->kdcs,
                             .realm = name,
                             .trust = k->request.trust,
                             .request = (const uint8_t *)out->data,
                             .request_len = out->length,
                             .deadline_us = k->request.deadline_us,
                             .cancelled = k->request.cancelled};

    (void)snprintf(name, sizeof(name), "%.*s", (int)realm->length, realm->data);
    if (!locate(k, name))
        return false;
    x.answered = k->answered;
    k->code = 0;
    k->status = 0;
    if (!why_kdc_ask(&x)) {
        k->dead = true;
        if (!is_cancelled(k))
            why_krb_tell(k, WHY_EV_KDC_FAILED, 0, x.why);
        return false;
    }
    k->answered = x.answered;
    *in = (krb5_data){.data = (char *)x.reply, .length = (unsigned)x.reply_len};
    see_error(k, in);
    return true;
}
