/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_REALM_H
#define RDPWHY_KERBEROS_REALM_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/plan.h>

/* Whose tickets are asked for, of which realm. Pure. */

#define REALM_SIZE     256
#define PRINCIPAL_SIZE 768

/*
 * The realm of the account: the one that was given, or that the account names. A NetBIOS domain is
 * none, but |configured| (NULL: none) is meant where its first label is that domain. With |pinned|
 * the configured one is also that of an account without a domain. False: none is known.
 */
bool why_realm_of(const struct why_credentials *c, const char *configured, bool pinned,
                  char realm[REALM_SIZE]);

/* "user@REALM" with what is special in a principal escaped. False: too long. */
bool why_realm_principal(const struct why_credentials *c, const char *realm,
                         char principal[PRINCIPAL_SIZE]);

#endif /* !defined(RDPWHY_KERBEROS_REALM_H) */
