/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_ASKING_H
#define RDPWHY_KERBEROS_ASKING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kdc_list.h"

#define KDC_REPLY_MAX (1024u * 1024u)

struct why_authorities;

/* One exchange: what is sent, how long it may take, and what came of it. */
struct kdc_exchange {
    const struct kdc_list *list;
    size_t answered;   /* index of the KDC that answered; next time it is asked first */
    const char *realm; /* whose KDC a proxy is to ask */
    const struct why_authorities *trust; /* a proxy's certificate is judged with; NULL: none */
    const uint8_t *request;
    size_t request_len;
    uint64_t deadline_us;
    const atomic_bool *cancelled;
    uint8_t *reply; /* owned by the caller */
    size_t reply_len;
    char why[KDC_TEXT]; /* what each of them did, where none answered */
};

/* One KDC or proxy that is being asked over a connected socket, and what it does, in a few words.
 */
struct asking {
    struct kdc_exchange *x;
    const struct kdc *kdc;
    uint64_t deadline_us;
    int fd;
    char did[200];
};

bool why_asking_is_over(const struct asking *a);

void why_asking_did(struct asking *a, const char *what, const char *detail);

/* True when the socket is ready for |events| of poll(); false when the time is over. */
bool why_asking_ready(struct asking *a, short events);

#endif /* !defined(RDPWHY_KERBEROS_ASKING_H) */
