/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>
#include <rdpwhy/proxy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <rdpwhy/status.h>

#include "target_text.h"

#define ACCOUNT_MAX 255u /* RFC 1929 2 */

static const struct scheme {
    const char *name;
    enum why_proxy_kind kind;
    uint16_t port; /* 0: there is no usual one */
} schemes[] = {
    {"socks5", WHY_PROXY_KIND_SOCKS5, 1080},
    {"socks5h", WHY_PROXY_KIND_SOCKS5, 1080},
    {"socks4a", WHY_PROXY_KIND_SOCKS4A, 1080},
    {"http", WHY_PROXY_KIND_HTTP, 0},
};

static const struct scheme *scheme_of(const char *url, size_t len)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (strlen(schemes[i].name) == len && strncasecmp(schemes[i].name, url, len) == 0)
            return &schemes[i];
    }
    return NULL;
}

static int wrong(char *err, size_t errlen, const char *problem)
{
    (void)snprintf(err, errlen, "%s", problem);
    return WHY_ERR_USAGE;
}

/* HOST[:PORT] behind the scheme and the account. */
static int take_place(const struct scheme *scheme, const char *place, struct why_target_text *to,
                      char *err, size_t errlen)
{
    char message[512] = "";

    if (why_target_parse(place, to, message, sizeof(message)) != WHY_OK)
        return wrong(err, errlen, why_target_problem(message));
    if (to->prefix >= 0)
        return wrong(err, errlen, "a proxy is one host");
    if (!why_target_names_port(place) && scheme->port == 0)
        return wrong(err, errlen, "the port is missing, as in http://proxy.example:3128");
    if (!why_target_names_port(place))
        to->port = scheme->port;
    return WHY_OK;
}

static int fill(struct why_proxy *proxy, const struct scheme *scheme,
                const struct why_target_text *place, const char *user, size_t user_len)
{
    size_t len = strlen(place->host) + 32;

    *proxy = (struct why_proxy){.kind = scheme->kind,
                                .host = strdup(place->host),
                                .port = place->port,
                                .user = user_len > 0 ? strndup(user, user_len) : NULL,
                                .url = malloc(len)};
    if (proxy->host == NULL || proxy->url == NULL || (user_len > 0 && proxy->user == NULL)) {
        why_proxy_clear(proxy);
        return WHY_ERR_NOMEM;
    }
    (void)snprintf(proxy->url, len, strchr(place->host, ':') ? "%s://[%s]:%u" : "%s://%s:%u",
                   scheme->name, place->host, (unsigned)place->port);
    return WHY_OK;
}

static int take(struct why_proxy *proxy, const struct scheme *scheme, const char *rest, char *err,
                size_t errlen)
{
    struct why_target_text place = {.port = 0};
    const char *at = strrchr(rest, '@');
    size_t user_len = at != NULL ? (size_t)(at - rest) : 0;
    char host[WHY_HOST_SIZE];
    int status;

    if (user_len > 0 && memchr(rest, ':', user_len) != NULL)
        return wrong(err, errlen,
                     "a password does not belong on the command line: set RDPWHY_PROXY_PASSWORD, "
                     "or give --proxy-password-file");
    if (user_len > ACCOUNT_MAX || strlen(rest) >= sizeof(host))
        return wrong(err, errlen, "it is too long");
    (void)snprintf(host, sizeof(host), "%s", at != NULL ? at + 1 : rest);
    if (host[0] != '\0' && host[strlen(host) - 1] == '/')
        host[strlen(host) - 1] = '\0';
    status = take_place(scheme, host, &place, err, errlen);
    return status == WHY_OK ? fill(proxy, scheme, &place, rest, user_len) : status;
}

int why_proxy_parse(const char *url, struct why_proxy *proxy, char *err, size_t errlen)
{
    const char *separator = strstr(url, "://");
    const struct scheme *scheme =
        separator != NULL ? scheme_of(url, (size_t)(separator - url)) : NULL;

    *proxy = (struct why_proxy){.port = 0};
    if (scheme == NULL)
        return wrong(err, errlen,
                     "it does not begin with socks5://, socks5h://, socks4a:// or http://");
    for (const char *c = url; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || *c == 0x7F)
            return wrong(err, errlen, "it has a space or a control character");
    }
    return take(proxy, scheme, separator + 3, err, errlen);
}

void why_proxy_clear(struct why_proxy *proxy)
{
    free(proxy->url);
    free(proxy->host);
    free(proxy->user);
    *proxy = (struct why_proxy){.port = 0};
}
