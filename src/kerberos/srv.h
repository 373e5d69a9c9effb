/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_SRV_H
#define RDPWHY_KERBEROS_SRV_H

#include <stdint.h>

#include "kdc_list.h"

/*
 * Adds the KDCs that the name servers tell of a realm (_kerberos._tcp, RFC 4120 7.2.3.2), by
 * priority. Waits no longer than |deadline_us|, to the second.
 */
void why_srv_add(struct kdc_list *list, const char *realm, uint64_t deadline_us);

#endif /* !defined(RDPWHY_KERBEROS_SRV_H) */
