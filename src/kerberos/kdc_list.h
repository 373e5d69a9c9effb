/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_KDC_LIST_H
#define RDPWHY_KERBEROS_KDC_LIST_H

#include <stddef.h>
#include <stdint.h>

/* The KDCs of a realm, and proxies in front of them. */

#define KDC_MAX       8
#define KDC_HOST_SIZE 256
#define KDC_PATH_SIZE 256
#define KDC_PORT      88
#define KDC_TEXT      600
#define KDC_AUTHORITY (KDC_HOST_SIZE + 8)

struct kdc {
    char host[KDC_HOST_SIZE];
    uint16_t port;
    char path[KDC_PATH_SIZE]; /* of a proxy's URL; "": it is a KDC */
    const char *from;         /* where it is known from, in words; static */
};

struct kdc_list {
    struct kdc items[KDC_MAX];
    size_t count;
};

/* "host", "host:port", "[v6]:port", with the prefixes tcp/ and udp/ of MIT's configuration, or
 * "https://host[:port][/path]". Adds nothing where it is none of these. */
void why_kdc_add(struct kdc_list *list, const char *text, const char *from);

/* "host:port", "[v6]:port" (RFC 3986 3.2). */
void why_kdc_authority(const struct kdc *kdc, char text[KDC_AUTHORITY]);

/* The same or the URL, and where it is known from. Returns as snprintf does. */
int why_kdc_text(const struct kdc *kdc, char *text, size_t size);

#endif /* !defined(RDPWHY_KERBEROS_KDC_LIST_H) */
