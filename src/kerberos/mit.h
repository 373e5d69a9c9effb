/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_MIT_H
#define RDPWHY_KERBEROS_MIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <krb5/krb5.h>

#include "kdc.h"
#include "kerberos.h"
#include "realm.h"

/*
 * What the files mit*.c share, the only ones that know MIT Kerberos. Its own ways to a KDC are not
 * used: they know no deadline (krb5_init_creds_step and krb5_tkt_creds_step leave the transport to
 * the caller).
 */

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
    uint32_t status; /* the NTSTATUS in it; 0: none */
    bool clock_told;
};

void why_krb_tell(struct why_kerberos *k, enum why_event_kind kind, int64_t value,
                  const char *text);

/* Why the exchange |step| ended: what the KDC said, or else what the library makes of its answers.
 */
void why_krb_tell_end(struct why_kerberos *k, krb5_error_code code, const char *step);

/* RFC 4120 7.5.9's number in one of the library's; -1: it is the library's own. */
int64_t why_krb_protocol_code(krb5_error_code code);

/* Sends |out| to a KDC of |realm|; |*in| is its answer, to be freed. False: no KDC did answer, and
 * that has been told. */
bool why_krb_converse(struct why_kerberos *k, const krb5_data *out, const krb5_data *realm,
                      krb5_data *in);

/* The account's ticket, and the host's, into the cache. */
enum why_kerberos_result why_krb_get_tgt(struct why_kerberos *k);
enum why_kerberos_result why_krb_get_service(struct why_kerberos *k);

#endif /* !defined(RDPWHY_KERBEROS_MIT_H) */
