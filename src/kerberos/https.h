/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_HTTPS_H
#define RDPWHY_KERBEROS_HTTPS_H

#include <stdbool.h>

struct asking;

/* The exchange with a KDC proxy ([MS-KKDCP]): one POST over TLS, and its certificate is judged as a
 * client would. As the exchange with a KDC it fills |reply|; false: |did| says what the proxy did.
 */
bool why_https_exchange(struct asking *a);

#endif /* !defined(RDPWHY_KERBEROS_HTTPS_H) */
