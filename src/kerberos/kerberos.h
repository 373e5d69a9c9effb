/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_H
#define RDPWHY_KERBEROS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>

/*
 * The tickets of one attempt, from the KDC to a private cache in memory: found step by step, each
 * with its event, and never later than a deadline. Whoever logs on with them finds all in the cache
 * and asks no KDC. Only mit.c knows whose library it is.
 */

/* What the run knows; constant. */
struct why_kerberos_setup;

/*
 * Writes the configuration files of this process below |directory|, which is the caller's and
 * private, and sets the environment for libraries that find Kerberos' configuration there: they are
 * left without any KDC. Before any thread is started, once a process. NULL: out of memory, or the
 * files cannot be written.
 */
struct why_kerberos_setup *why_kerberos_setup_new(const char *directory);
/* Takes NULL. */
void why_kerberos_setup_free(struct why_kerberos_setup *setup);

struct why_authorities;

struct why_kerberos_request {
    const struct why_credentials *credentials;
    const struct why_authorities *trust; /* a proxy's certificate is judged with; NULL: none */
    const char *host;                    /* of TERMSRV/host */
    bool pinned;                  /* Kerberos or nothing: also where a client would not try it */
    uint64_t deadline_us;         /* base/clock.h */
    const atomic_bool *cancelled; /* NULL: never */
    /* Receives WHY_EV_KERBEROS_START to WHY_EV_KDC_FAILED as they happen. */
    void (*event)(void *arg, enum why_event_kind kind, int64_t value, const char *text);
    void *arg;
};

/* Tickets, and the cache that they are in. */
struct why_kerberos;

enum why_kerberos_result {
    WHY_KERBEROS_READY,    /* the cache has a ticket for the host */
    WHY_KERBEROS_NOT_FIT,  /* a client would not try Kerberos here; nothing was sent, no event */
    WHY_KERBEROS_REJECTED, /* the KDC rejected the account or its password */
    WHY_KERBEROS_NO_TICKET /* anything else: no KDC, no service of that name, no ticket */
};

/*
 * Gets the tickets. |*out| is for why_kerberos_free whatever the result is; |*why_not| is the
 * reason for NOT_FIT, static text.
 */
enum why_kerberos_result why_kerberos_get(const struct why_kerberos_setup *setup,
                                          const struct why_kerberos_request *request,
                                          struct why_kerberos **out, const char **why_not);

/*
 * A server that offers user-to-user authentication has sent its own ticket (|len| bytes of DER):
 * gets the one that its key is in, into the same cache. False: there is none.
 */
bool why_kerberos_user_to_user(struct why_kerberos *kerberos, const uint8_t *ticket, size_t len,
                               uint64_t deadline_us);

/* "MEMORY:…", the cache's name in this process; "user@REALM", whose tickets they are. */
const char *why_kerberos_cache(const struct why_kerberos *kerberos);
const char *why_kerberos_principal(const struct why_kerberos *kerberos);

/* The cache and all tickets are gone afterwards. Takes NULL. */
void why_kerberos_free(struct why_kerberos *kerberos);

#endif /* !defined(RDPWHY_KERBEROS_H) */
