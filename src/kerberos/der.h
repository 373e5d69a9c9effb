/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_DER_H
#define RDPWHY_KERBEROS_DER_H

#include <stdbool.h>

/* Enters an object of DER, which must be whole: |*p| and |*len| are its content afterwards. False:
 * it is another, or none. */
bool why_der_enter(const unsigned char **p, long *len, int tag, int class);

#endif /* !defined(RDPWHY_KERBEROS_DER_H) */
