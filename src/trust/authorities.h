/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TRUST_AUTHORITIES_H
#define RDPWHY_TRUST_AUTHORITIES_H

#include <openssl/x509.h>

struct why_authorities;

/* Appends the authorities of the name |subject| to |into|. Reads no file. Returns WHY_OK or
 * WHY_ERR_NOMEM. */
int why_authorities_find(const struct why_authorities *trust, const X509_NAME *subject,
                         STACK_OF(X509) * into);

/*
 * Appends those that issued |leaf| and |others|, what a server sent, and those that issued these,
 * as far as they are in |trust| (NULL: none are). Returns WHY_OK or WHY_ERR_NOMEM.
 */
int why_authorities_chain(const struct why_authorities *trust, const X509 *leaf,
                          const STACK_OF(X509) * others, STACK_OF(X509) * into);

#endif /* !defined(RDPWHY_TRUST_AUTHORITIES_H) */
