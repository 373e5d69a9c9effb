/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TRUST_H
#define RDPWHY_TRUST_H

#include <stddef.h>

struct why_authorities;

/*
 * The authorities that this computer trusts, read once before a run: OpenSSL's default places
 * (SSL_CERT_FILE and SSL_CERT_DIR instead, where they are set) or, where these are empty, where
 * systems keep them; and the certificates in |files|, PEM or DER. |*trust| is NULL where there are
 * none at all: nothing can be judged then. Returns WHY_OK, WHY_ERR_NOMEM, or WHY_ERR_USAGE where
 * one of |files| cannot be read or holds no certificate; |err| says why.
 */
int why_authorities_load(const char *const *files, size_t count, struct why_authorities **trust,
                         char *err, size_t errlen);

/* Takes NULL. */
void why_authorities_free(struct why_authorities *trust);

#endif /* !defined(RDPWHY_TRUST_H) */
