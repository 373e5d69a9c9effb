/* SPDX-License-Identifier: Apache-2.0 */
#include "dial/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/system_error.h"
#include "wire/proxy.h"

#define STAGGER_US  250000 /* RFC 8305 section 5: Connection Attempt Delay */
#define ADDRESS_MAX 80     /* "[v6%zone]:port" with its NUL */

struct candidate {
    int fd; /* -1: not started, failed or won */
    struct sockaddr_storage address;
    socklen_t address_len;
    char text[ADDRESS_MAX];
};

/* With a proxy. */
struct proxied {
    struct why_proxy_talk talk;
    bool begun;    /* it is the proxy's name that is looked up, and the proxy that is dialled */
    char host[64]; /* the server's address, where its name is looked up here */
    uint8_t out[WHY_PROXY_MESSAGE_MAX];
    size_t out_len, sent;
};

/* Candidates come when the name is known: until then, and for most dials, there are few. */
struct why_dial {
    struct why_dial_request request;
    enum why_dial_state state;
    struct why_resolver *resolver;
    struct lookup *lookup; /* NULL once it has ended */
    struct candidate *items;
    size_t count, started, failed;
    uint64_t next_start_us;
    int fd;                /* the winner's; -1: none */
    struct proxied *proxy; /* NULL: there is none */
};

static void record(struct why_dial *d, enum why_event_kind kind, int64_t value, const char *text)
{
    d->request.event(d->request.arg, kind, value, text);
}

static void address_text(const struct candidate *c, char *buf, size_t len)
{
    char host[64] = "?", port[8] = "?";

    (void)getnameinfo((const struct sockaddr *)&c->address, c->address_len, host, sizeof(host),
                      port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(buf, len, c->address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static int open_socket(int family)
{
    int fd = socket(family, SOCK_STREAM, IPPROTO_TCP);
    int one = 1;

    if (fd < 0)
        return -1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        (void)close(fd);
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
#ifdef SO_NOSIGPIPE
    (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof(one));
#endif
    return fd;
}

static void candidate_failed(struct why_dial *d, struct candidate *c, int error)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
    d->failed++;
    d->next_start_us = 0; /* the next one need not wait any longer */
    record(d, WHY_EV_DIAL_FAILED, error, c->text);
}

/* ---- the proxy -------------------------------------------------------------------------------
 */

static void next_message(struct why_dial *d)
{
    struct proxied *p = d->proxy;
    char text[320];

    p->out_len = why_proxy_message(&p->talk, p->out);
    p->sent = 0;
    why_proxy_asks(&p->talk, text, sizeof(text));
    record(d, WHY_EV_PROXY_REQUEST, 0, text);
}

static void begin_talk(struct why_dial *d)
{
    struct proxied *p = d->proxy;

    d->state = WHY_DIAL_PROXY;
    why_proxy_begin(&p->talk, d->request.proxy, p->host[0] != '\0' ? p->host : d->request.host,
                    d->request.port);
    next_message(d);
}

static void end_talk(struct why_dial *d, enum why_event_kind kind, int64_t value, const char *text)
{
    d->state = kind == WHY_EV_PROXY_DONE ? WHY_DIAL_CONNECTED : WHY_DIAL_OVER;
    record(d, kind, value, text != NULL && text[0] != '\0' ? text : NULL);
}

static void broken(struct why_dial *d, int error)
{
    if (error == ECONNRESET || error == EPIPE)
        end_talk(d, WHY_EV_RESET, error, NULL);
    else
        end_talk(d, WHY_EV_NET_ERROR, error, why_system_error_text(WHY_SPACE_ERRNO, error));
}

static bool is_later(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* False: it is to be waited for, or over. */
static bool send_more(struct why_dial *d)
{
    struct proxied *p = d->proxy;
    ssize_t n = send(d->fd, p->out + p->sent, p->out_len - p->sent, MSG_NOSIGNAL);

    if (n < 0) {
        if (!is_later(errno))
            broken(d, errno);
        return false;
    }
    p->sent += (size_t)n;
    if (p->sent < p->out_len)
        return false;
    memset(p->out, 0, sizeof(p->out)); /* it may hold a password */
    p->out_len = p->sent = 0;
    return true;
}

static void take_step(struct why_dial *d, enum why_proxy_step step)
{
    static const enum why_event_kind kinds[] = {
        [WHY_PROXY_DONE] = WHY_EV_PROXY_DONE,     [WHY_PROXY_SOCKS] = WHY_EV_PROXY_SOCKS,
        [WHY_PROXY_HTTP] = WHY_EV_PROXY_HTTP,     [WHY_PROXY_ACCOUNT] = WHY_EV_PROXY_ACCOUNT,
        [WHY_PROXY_FAILED] = WHY_EV_PROXY_FAILED,
    };

    if (step == WHY_PROXY_SEND)
        next_message(d);
    else if (step != WHY_PROXY_READ)
        end_talk(d, kinds[step], d->proxy->talk.code, d->proxy->talk.text);
}

/* What is behind the proxy's answer is the server's, and stays in the socket. */
static bool read_more(struct why_dial *d)
{
    uint8_t buf[1024];
    size_t used = 0;
    ssize_t n = recv(d->fd, buf, sizeof(buf), MSG_PEEK);

    if (n < 0) {
        if (!is_later(errno))
            broken(d, errno);
        return false;
    }
    if (n == 0) {
        end_talk(d, WHY_EV_FIN, 0, NULL);
        return false;
    }
    take_step(d, why_proxy_take(&d->proxy->talk, buf, (size_t)n, &used));
    (void)recv(d->fd, buf, used, 0);
    return true;
}

static void talk_on(struct why_dial *d)
{
    bool more = true;

    while (more && d->state == WHY_DIAL_PROXY)
        more = d->proxy->out_len > 0 ? send_more(d) : read_more(d);
}

/* ---- the sockets -----------------------------------------------------------------------------
 */

static void candidate_won(struct why_dial *d, struct candidate *c)
{
    d->fd = c->fd;
    c->fd = -1;
    d->state = WHY_DIAL_CONNECTED;
    record(d, WHY_EV_CONNECTED, 0, c->text);
    if (d->proxy != NULL)
        begin_talk(d);
}

/* Only a connection that was up can be reset: a port that is closed refuses. */
static void candidate_reset(struct why_dial *d, struct candidate *c, int error)
{
    (void)close(c->fd);
    c->fd = -1;
    d->state = WHY_DIAL_OVER;
    record(d, WHY_EV_CONNECTED, 0, c->text);
    record(d, WHY_EV_RESET, error, NULL);
}

static void start_next(struct why_dial *d)
{
    struct candidate *c = &d->items[d->started++];

    record(d, WHY_EV_DIAL, 0, c->text);
    d->next_start_us = why_clock_us() + STAGGER_US;
    c->fd = open_socket(c->address.ss_family);
    if (c->fd < 0)
        candidate_failed(d, c, errno);
    else if (connect(c->fd, (const struct sockaddr *)&c->address, c->address_len) == 0)
        candidate_won(d, c);
    else if (errno != EINPROGRESS && errno != EINTR)
        candidate_failed(d, c, errno);
}

/* poll() called the candidate's socket ready. */
static void check_ready(struct why_dial *d, struct candidate *c)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error == ECONNRESET || error == EPIPE)
        candidate_reset(d, c, error);
    else if (error != 0)
        candidate_failed(d, c, error);
    else
        candidate_won(d, c);
}

static bool take_addresses(struct why_dial *d, const struct addrinfo *list)
{
    char all[WHY_DIAL_FDS * ADDRESS_MAX] = "";
    size_t used = 0, total = 0;

    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        total++;
    /* getaddrinfo does not succeed without an address, but nothing here shall rest on that. */
    if (total == 0)
        return false;
    d->items = calloc(total < WHY_DIAL_FDS ? total : WHY_DIAL_FDS, sizeof(*d->items));
    if (d->items == NULL)
        return false;
    for (const struct addrinfo *a = list; a != NULL && d->count < WHY_DIAL_FDS; a = a->ai_next) {
        struct candidate *c = &d->items[d->count];

        if (a->ai_addrlen > sizeof(c->address))
            continue;
        c->fd = -1;
        for (size_t i = 0; i < a->ai_addrlen; i++)
            ((char *)&c->address)[i] = ((const char *)a->ai_addr)[i];
        c->address_len = a->ai_addrlen;
        address_text(c, c->text, sizeof(c->text));
        used +=
            (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", used > 0 ? " " : "", c->text);
        d->count++;
    }
    record(d, WHY_EV_RESOLVED, (int64_t)total, all);
    return true;
}

bool why_dial_is_address(const char *host)
{
    struct addrinfo *list = NULL;
    bool is = why_lookup_address(host, 1, AF_UNSPEC, &list) == 0;

    if (is)
        freeaddrinfo(list);
    return is;
}

static void look_up(struct why_dial *d);

/* The server's address is known, as far as it is to be: next is the proxy. */
static void begin_proxy(struct why_dial *d)
{
    d->proxy->begun = true;
    record(d, WHY_EV_PROXY, 0, d->request.proxy->url);
    look_up(d);
}

/* The first address of the server's name is the one that the proxy gets. */
static int take_server(struct why_dial *d, const struct addrinfo *list)
{
    char *host = d->proxy->host;
    int result = getnameinfo(list->ai_addr, list->ai_addrlen, host, sizeof(d->proxy->host), NULL, 0,
                             NI_NUMERICHOST);

    if (result == 0)
        record(d, WHY_EV_RESOLVED, 1, host);
    return result;
}

static void server_known(struct why_dial *d, int result, struct addrinfo *list)
{
    if (result == 0)
        result = take_server(d, list);
    if (list != NULL)
        freeaddrinfo(list);
    if (result == 0)
        begin_proxy(d);
    else
        record(d, WHY_EV_RESOLVE_FAILED, result, why_system_error_text(WHY_SPACE_RESOLVER, result));
    if (result != 0)
        d->state = WHY_DIAL_OVER;
}

static void name_known(struct why_dial *d, int result, struct addrinfo *list)
{
    if (d->proxy != NULL && !d->proxy->begun) {
        server_known(d, result, list);
        return;
    }
    if (result == 0 && !take_addresses(d, list))
        result = EAI_MEMORY;
    if (list != NULL)
        freeaddrinfo(list);
    if (result != 0)
        record(d, WHY_EV_RESOLVE_FAILED, result, why_system_error_text(WHY_SPACE_RESOLVER, result));
    d->state = result != 0 || d->request.resolve_only ? WHY_DIAL_OVER : WHY_DIAL_CONNECTING;
}

static void look_up(struct why_dial *d)
{
    const struct why_dial_request *r = &d->request;
    bool proxy = r->proxy != NULL && d->proxy != NULL && d->proxy->begun;
    const char *host = proxy ? r->proxy->host : r->host;
    uint16_t port = proxy ? r->proxy->port : r->port;
    struct addrinfo *list = NULL;

    record(d, WHY_EV_RESOLVE, 0, host);
    if (why_lookup_address(host, port, r->family, &list) == 0) {
        name_known(d, 0, list);
        return;
    }
    d->lookup = why_lookup_start(d->resolver, host, port, r->family);
    if (d->lookup == NULL)
        name_known(d, EAI_MEMORY, NULL);
}

/* False: out of memory. */
static bool begin(struct why_dial *d)
{
    const struct why_proxy *proxy = d->request.proxy;

    if (proxy != NULL && (d->proxy = calloc(1, sizeof(*d->proxy))) == NULL)
        return false;
    if (proxy != NULL && (!proxy->resolve_here || why_dial_is_address(d->request.host)))
        begin_proxy(d);
    else
        look_up(d);
    return true;
}

struct why_dial *why_dial_new(struct why_resolver *resolver, const struct why_dial_request *request)
{
    struct why_dial *d = calloc(1, sizeof(*d));

    if (d == NULL)
        return NULL;
    d->request = *request;
    d->resolver = resolver;
    d->state = WHY_DIAL_LOOKUP;
    d->fd = -1;
    if (!begin(d)) {
        free(d);
        return NULL;
    }
    if (d->state == WHY_DIAL_CONNECTING)
        (void)why_dial_step(d, NULL, 0);
    return d;
}

void why_dial_free(struct why_dial *d)
{
    if (d == NULL)
        return;
    why_lookup_free(d->lookup);
    for (size_t i = 0; i < d->started; i++) {
        if (d->items[i].fd >= 0)
            (void)close(d->items[i].fd);
    }
    if (d->fd >= 0)
        (void)close(d->fd);
    free(d->items);
    free(d->proxy);
    free(d);
}

enum why_dial_state why_dial_state(const struct why_dial *d)
{
    return d->state;
}

size_t why_dial_fds(const struct why_dial *d, struct pollfd *fds)
{
    size_t n = 0;

    if (d->state == WHY_DIAL_PROXY)
        fds[n++] = (struct pollfd){.fd = d->fd, .events = d->proxy->out_len > 0 ? POLLOUT : POLLIN};
    for (size_t i = 0; d->state == WHY_DIAL_CONNECTING && i < d->started; i++) {
        if (d->items[i].fd >= 0)
            fds[n++] = (struct pollfd){.fd = d->items[i].fd, .events = POLLOUT};
    }
    return n;
}

uint64_t why_dial_wake_us(const struct why_dial *d)
{
    if (d->state == WHY_DIAL_CONNECTING && d->started < d->count &&
        d->next_start_us < d->request.deadline_us)
        return d->next_start_us;
    return d->request.deadline_us;
}

static bool is_ready(const struct pollfd *fds, size_t count, int fd)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i].fd == fd)
            return fds[i].revents != 0;
    }
    return false;
}

/* What has answered first, whatever the time: the caller may have come late. */
static void look_at_sockets(struct why_dial *d, const struct pollfd *fds, size_t count)
{
    for (size_t i = 0; i < d->started && d->state == WHY_DIAL_CONNECTING; i++) {
        struct candidate *c = &d->items[i];

        if (c->fd >= 0 && is_ready(fds, count, c->fd))
            check_ready(d, c);
    }
}

enum why_dial_state why_dial_step(struct why_dial *d, const struct pollfd *fds, size_t count)
{
    struct addrinfo *list = NULL;
    int result = 0;

    if (d->lookup != NULL && why_lookup_poll(d->lookup, &result, &list)) {
        why_lookup_free(d->lookup);
        d->lookup = NULL;
        name_known(d, result, list);
    }
    if (d->state == WHY_DIAL_CONNECTING)
        look_at_sockets(d, fds, count);
    while (d->state == WHY_DIAL_CONNECTING && d->started < d->count &&
           why_clock_us() >= d->next_start_us)
        start_next(d);
    if (d->state == WHY_DIAL_PROXY)
        talk_on(d);
    if (d->state == WHY_DIAL_CONNECTING && d->failed == d->count)
        d->state = WHY_DIAL_OVER; /* every address has its DIAL_FAILED event */
    if (d->state <= WHY_DIAL_PROXY && why_clock_us() >= d->request.deadline_us) {
        record(d, WHY_EV_DEADLINE, 0, NULL);
        d->state = WHY_DIAL_OVER;
    }
    return d->state;
}

void why_dial_postpone(struct why_dial *d, uint64_t us)
{
    d->request.deadline_us += us;
}

int why_dial_take(struct why_dial *d)
{
    int fd = d->fd;

    d->fd = -1;
    return fd;
}
