/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_KDC_H
#define RDPWHY_KERBEROS_KDC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The KDCs of a realm, and one exchange with them: over TCP (RFC 4120 7.2.2), or over HTTPS with a
 * proxy in front of them ([MS-KKDCP]). */

struct why_authorities;

#define KDC_MAX       8
#define KDC_HOST_SIZE 256
#define KDC_PATH_SIZE 256
#define KDC_PORT      88
#define KDC_REPLY_MAX (1024u * 1024u)
#define KDC_TEXT      600

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

/* "host:port" or the URL, and where it is known from. Returns as snprintf does. */
int why_kdc_text(const struct kdc *kdc, char *text, size_t size);

/* One exchange: what is sent, how long it may take, and what came of it. */
struct kdc_exchange {
    const struct kdc_list *list;
    size_t answered;   /* index of the KDC that answered; next time it is asked first */
    const char *realm; /* whose KDC a proxy is to ask */
    const struct why_authorities *trust; /* a proxy's certificate is judged with; NULL: none */
    const uint8_t *request;
    size_t request_len;
    uint64_t deadline_us;
    const atomic_bool *cancelled;
    uint8_t *reply; /* owned by the caller */
    size_t reply_len;
    char why[KDC_TEXT]; /* what each of them did, where none answered */
};

/* Asks one KDC after the other, each with its share of the time. False: none answered, |why| says
 * what they did. */
bool why_kdc_ask(struct kdc_exchange *x);

#endif /* !defined(RDPWHY_KERBEROS_KDC_H) */
