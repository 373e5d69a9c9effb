/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_ENGINE_H
#define RDPWHY_ATTEMPT_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <freerdp/settings.h>

#include "attempt/library.h"
#include "kerberos/kerberos.h"

#include "tls.h"
#include "watch.h"

/* What all attempts of a process share; constant after why_engine_new but for |next_store|. */
struct why_engine {
    rdpSettings *template; /* freerdp_settings_new is neither cheap nor thread-safe: once, here */
    struct tls_factory *tls;
    struct watch *watch;
    struct why_kerberos_setup *kerberos; /* NULL: the library was built without Kerberos */
    char *scratch;                       /* private directory, removed at the end */
    atomic_uint next_store;              /* numbers the directories below |scratch| */
    /* The library makes the methods of its BIOs at their first use, without a lock: a second
     * attempt at that moment could use them half made. */
    pthread_mutex_t attach_lock;
    /* CredSSP's entry in a process-wide table: two attempts at once could take the same one, and
     * the first would never be freed. */
    pthread_mutex_t package_lock;
    bool attach_locks, package_locks; /* they were made */
    bool posix_layer;              /* FreeRDP >= 3.17: layer callbacks follow recv() and send() */
    bool aad;                      /* the library was built with AAD */
    bool channels_tried, channels; /* under |attach_lock|: libfreerdp-client's, for sessions */
    char client_hash[41];          /* names the license files libfreerdp writes */
    const char *library;           /* "3.10.3", as it is running */
};

/* A new path below the scratch directory, nothing there yet. To be freed; NULL: out of memory. */
char *why_engine_new_path(struct why_engine *engine);

/* Removes a directory of ours with all that is in it. */
void why_engine_remove_path(const char *path);

#endif /* !defined(RDPWHY_ATTEMPT_ENGINE_H) */
