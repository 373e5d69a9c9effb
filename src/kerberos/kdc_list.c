/* SPDX-License-Identifier: Apache-2.0 */
#include "kdc_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>

_Static_assert(sizeof(((struct kdc *)0)->host) == sizeof(((struct why_kdc_proxy *)0)->host) &&
                   sizeof(((struct kdc *)0)->path) == sizeof(((struct why_kdc_proxy *)0)->path),
               "an URL's parts fit");

static bool put_host(struct kdc *kdc, const char *host, size_t len)
{
    if (len == 0 || len >= sizeof(kdc->host) || memchr(host, '/', len) != NULL)
        return false;
    memcpy(kdc->host, host, len);
    kdc->host[len] = '\0';
    return true;
}

static bool put_port(struct kdc *kdc, const char *text)
{
    char *end;
    unsigned long port;

    kdc->port = KDC_PORT;
    if (*text == '\0')
        return true;
    port = text[0] == ':' && text[1] >= '0' && text[1] <= '9' ? strtoul(text + 1, &end, 10) : 0;
    if (port == 0 || port > UINT16_MAX || *end != '\0')
        return false;
    kdc->port = (uint16_t)port;
    return true;
}

static const char *without_transport(const char *text)
{
    return strncmp(text, "tcp/", 4) == 0 || strncmp(text, "udp/", 4) == 0 ? text + 4 : text;
}

static bool parse(struct kdc *kdc, const char *text)
{
    const char *end = strchr(text, ']'), *colon = strchr(text, ':');

    if (text[0] == '[')
        return end != NULL && put_host(kdc, text + 1, (size_t)(end - text - 1)) &&
               put_port(kdc, end + 1);
    if (colon == NULL || strchr(colon + 1, ':') != NULL) /* a bare IPv6 address has no port */
        return put_host(kdc, text, strlen(text)) && put_port(kdc, "");
    return put_host(kdc, text, (size_t)(colon - text)) && put_port(kdc, colon);
}

static struct kdc of_proxy(const struct why_kdc_proxy *proxy, const char *from)
{
    struct kdc kdc = {.port = proxy->port, .from = from};

    memcpy(kdc.host, proxy->host, sizeof(kdc.host));
    memcpy(kdc.path, proxy->path, sizeof(kdc.path));
    return kdc;
}

void why_kdc_add(struct kdc_list *list, const char *text, const char *from)
{
    struct kdc kdc = {.from = from};
    struct why_kdc_proxy proxy;

    if (list->count < KDC_MAX && why_kdc_proxy_parse(text, &proxy) == NULL)
        list->items[list->count++] = of_proxy(&proxy, from);
    else if (list->count < KDC_MAX && parse(&kdc, without_transport(text)))
        list->items[list->count++] = kdc;
}

void why_kdc_authority(const struct kdc *kdc, char text[KDC_AUTHORITY])
{
    (void)snprintf(text, KDC_AUTHORITY, strchr(kdc->host, ':') != NULL ? "[%s]:%u" : "%s:%u",
                   kdc->host, (unsigned)kdc->port);
}

int why_kdc_text(const struct kdc *kdc, char *text, size_t size)
{
    char authority[KDC_AUTHORITY];

    why_kdc_authority(kdc, authority);
    return snprintf(text, size, "%s%s%s (%s)", kdc->path[0] != '\0' ? "https://" : "", authority,
                    kdc->path, kdc->from);
}
