/* SPDX-License-Identifier: Apache-2.0 */
#include "mit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The configuration that this process reads, and the one that libraries find in the environment. */

/* Names are what the user wrote, as they are for Windows' clients. */
#define OWN_TEXT                                                                                   \
    "[libdefaults]\n dns_canonicalize_hostname = false\n rdns = false\n dns_lookup_realm = "       \
    "false\n"
/* Whoever reads this one alone has all tickets already, and no KDC. */
#define SHARED_TEXT OWN_TEXT " dns_lookup_kdc = false\n allow_weak_crypto = true\n"

static char *write_file(const char *directory, const char *name, const char *text)
{
    size_t n = strlen(directory) + strlen(name) + 2;
    char *path = malloc(n);
    FILE *out;
    bool good;

    if (path == NULL)
        return NULL;
    (void)snprintf(path, n, "%s/%s", directory, name);
    out = fopen(path, "w");
    good = out != NULL && fputs(text, out) >= 0;
    if (out != NULL && fclose(out) != 0)
        good = false;
    if (good)
        return path;
    free(path);
    return NULL;
}

/* Where builds of MIT Kerberos look; files that are not there are passed over. */
#define USUAL_FILES "/etc/krb5.conf:/usr/local/etc/krb5.conf:/opt/homebrew/etc/krb5.conf"

/* The user's own files after ours: the first that says something counts. */
static char *with_users(const char *own)
{
    const char *theirs = getenv("KRB5_CONFIG");
    size_t n;
    char *list;

    if (theirs == NULL)
        theirs = USUAL_FILES;
    n = strlen(own) + strlen(theirs) + 2;
    list = malloc(n);
    if (list != NULL)
        (void)snprintf(list, n, "%s:%s", own, theirs);
    return list;
}

struct why_kerberos_setup *why_kerberos_setup_new(const char *directory)
{
    struct why_kerberos_setup *setup = calloc(1, sizeof(*setup));
    char *own = write_file(directory, "krb5-own.conf", OWN_TEXT);

    if (setup != NULL && own != NULL) {
        setup->own = with_users(own);
        setup->shared = write_file(directory, "krb5.conf", SHARED_TEXT);
    }
    free(own);
    if (setup != NULL && setup->own != NULL && setup->shared != NULL &&
        setenv("KRB5_CONFIG", setup->shared, 1) == 0)
        return setup;
    why_kerberos_setup_free(setup);
    return NULL;
}

void why_kerberos_setup_free(struct why_kerberos_setup *setup)
{
    if (setup == NULL)
        return;
    free(setup->own);
    free(setup->shared);
    free(setup);
}
