/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_KDC_H
#define RDPWHY_KERBEROS_KDC_H

#include "asking.h"

/* One exchange with the KDCs of a realm: over TCP (RFC 4120 7.2.2), or over HTTPS with a proxy in
 * front of them ([MS-KKDCP]). */

/* Asks one KDC after the other, each with its share of the time. False: none answered, |why| says
 * what they did. */
bool why_kdc_ask(struct kdc_exchange *x);

#endif /* !defined(RDPWHY_KERBEROS_KDC_H) */
