/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_ASKING_H
#define RDPWHY_KERBEROS_ASKING_H

#include <stdbool.h>
#include <stdint.h>

#include "kdc.h"

/* One KDC or proxy that is being asked over a connected socket, and what it does, in a few words.
 */
struct asking {
    struct kdc_exchange *x;
    const struct kdc *kdc;
    uint64_t deadline_us;
    int fd;
    char did[200];
};

void why_asking_did(struct asking *a, const char *what, const char *detail);

/* True when the socket is ready for |events| of poll(); false when the time is over. */
bool why_asking_ready(struct asking *a, short events);

#endif /* !defined(RDPWHY_KERBEROS_ASKING_H) */
