/* SPDX-License-Identifier: Apache-2.0 */
#include "realm.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Windows' realms are upper case, and that is how winpr asks for them. */
static bool put_realm(const char *from, char realm[REALM_SIZE])
{
    size_t n = strlen(from);

    if (n == 0 || n >= REALM_SIZE)
        return false;
    for (size_t i = 0; i <= n; i++)
        realm[i] = (char)toupper((unsigned char)from[i]);
    return true;
}

static bool is_label_of(const char *domain, const char *configured)
{
    size_t n = strlen(domain);

    return strncasecmp(domain, configured, n) == 0 &&
           (configured[n] == '.' || configured[n] == '\0');
}

/* What follows the account's name: the user principal name's suffix, or the domain before it. */
static const char *domain_of(const struct why_credentials *c)
{
    const char *at = strrchr(c->user, '@');

    return at != NULL ? at + 1 : c->domain;
}

bool why_realm_of(const struct why_credentials *c, const char *configured, bool pinned,
                  char realm[REALM_SIZE])
{
    const char *domain = domain_of(c);

    if (c->realm != NULL)
        return put_realm(c->realm, realm);
    if (*domain == '\0')
        return pinned && configured != NULL && put_realm(configured, realm);
    if (configured != NULL && is_label_of(domain, configured))
        return put_realm(configured, realm);
    return strchr(domain, '.') != NULL && put_realm(domain, realm);
}

bool why_realm_principal(const struct why_credentials *c, const char *realm,
                         char principal[PRINCIPAL_SIZE])
{
    const char *at = strrchr(c->user, '@');
    size_t n = at != NULL ? (size_t)(at - c->user) : strlen(c->user), used = 0;

    for (size_t i = 0; i < n && used + 2 < PRINCIPAL_SIZE; i++) {
        if (strchr("\\/@", c->user[i]) != NULL)
            principal[used++] = '\\';
        principal[used++] = c->user[i];
    }
    if (n == 0 || used + strlen(realm) + 2 > PRINCIPAL_SIZE)
        return false;
    (void)snprintf(principal + used, PRINCIPAL_SIZE - used, "@%s", realm);
    return true;
}
