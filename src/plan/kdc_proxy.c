/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME "https://"

/* Copies |len| characters; false: there are none, or more than |size|. */
static bool put(char *to, size_t size, const char *from, size_t len)
{
    if (len == 0 || len >= size)
        return false;
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

/* "" or ":PORT" */
static bool put_port(const char *from, const char *end, uint16_t *port)
{
    char *stop;
    unsigned long number;

    *port = 443;
    if (from == end)
        return true;
    if (from[0] != ':' || from[1] < '0' || from[1] > '9')
        return false;
    number = strtoul(from + 1, &stop, 10);
    *port = (uint16_t)number;
    return stop == end && number > 0 && number <= UINT16_MAX;
}

static bool put_host(const char *from, const char *end, struct why_kdc_proxy *proxy)
{
    const char *stop = from[0] == '[' ? strchr(from, ']') : strchr(from, ':');

    if (from[0] == '[')
        return stop != NULL && stop < end &&
               put(proxy->host, sizeof(proxy->host), from + 1, (size_t)(stop - from - 1)) &&
               put_port(stop + 1, end, &proxy->port);
    if (stop == NULL || stop > end)
        stop = end;
    return put(proxy->host, sizeof(proxy->host), from, (size_t)(stop - from)) &&
           put_port(stop, end, &proxy->port);
}

/* All of it goes into a request's first lines. */
static bool is_plain(const char *url)
{
    while (*url > ' ' && *url <= '~' && *url != '#' && *url != '@')
        url++;
    return *url == '\0';
}

const char *why_kdc_proxy_parse(const char *url, struct why_kdc_proxy *proxy)
{
    const char *host = url + strlen(SCHEME), *path;

    if (strncmp(url, SCHEME, strlen(SCHEME)) != 0)
        return "does not begin with https://";
    if (!is_plain(url))
        return "has a space, '#', '@' or a character that is not ASCII";
    path = host + strcspn(host, "/");
    if (!put_host(host, path, proxy))
        return "names no host, or no port that is one";
    if (path[0] == '\0' || path[1] == '\0')
        path = "/KdcProxy";
    return put(proxy->path, sizeof(proxy->path), path, strlen(path)) ? NULL : "has too long a path";
}

void why_kdc_proxy_url(const char *name, char *url, size_t len)
{
    bool is_url = strstr(name, "://") != NULL;

    (void)snprintf(url, len, "%s%s", is_url ? "" : SCHEME, name);
}
