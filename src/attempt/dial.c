/* SPDX-License-Identifier: Apache-2.0 */
#include "dial.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "resolve.h"

#define DIAL_MAX        16     /* addresses of one name that are tried */
#define DIAL_STAGGER_US 250000 /* RFC 8305 section 5: Connection Attempt Delay */
#define ADDRESS_MAX     80     /* "[v6%zone]:port" with its NUL */

struct candidate {
    const struct addrinfo *address;
    int fd; /* -1: not started, failed or won */
    char text[ADDRESS_MAX];
};

struct race {
    struct recorder *rec;
    struct candidate items[DIAL_MAX];
    size_t count, started, failed;
    uint64_t next_start_us;
};

static void address_text(const struct addrinfo *address, char *buf, size_t len)
{
    char host[64] = "?", port[8] = "?";

    (void)getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof(host), port, sizeof(port),
                      NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(buf, len, address->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static int open_socket(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM, IPPROTO_TCP);
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

static void candidate_failed(struct race *race, struct candidate *c, int error)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
    race->failed++;
    race->next_start_us = 0; /* the next one need not wait any longer */
    recorder_event(race->rec, WHY_EV_DIAL_FAILED, error, c->text);
}

/* Starts the next address. Returns its socket where it is connected at once, else -1. */
static int start_next(struct race *race)
{
    struct candidate *c = &race->items[race->started++];
    int fd;

    recorder_event(race->rec, WHY_EV_DIAL, 0, c->text);
    race->next_start_us = clock_monotonic_us() + DIAL_STAGGER_US;
    c->fd = open_socket(c->address);
    if (c->fd < 0) {
        candidate_failed(race, c, errno);
        return -1;
    }
    if (connect(c->fd, c->address->ai_addr, c->address->ai_addrlen) == 0) {
        recorder_event(race->rec, WHY_EV_CONNECTED, 0, c->text);
        fd = c->fd;
        c->fd = -1;
        return fd;
    }
    if (errno != EINPROGRESS && errno != EINTR)
        candidate_failed(race, c, errno);
    return -1;
}

/* Looks at one socket that poll() called ready. Returns it when it is connected, else -1. */
static int check_ready(struct race *race, struct candidate *c)
{
    int error = 0, fd;
    socklen_t len = sizeof(error);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error != 0) {
        candidate_failed(race, c, error);
        return -1;
    }
    recorder_event(race->rec, WHY_EV_CONNECTED, 0, c->text);
    fd = c->fd;
    c->fd = -1;
    return fd;
}

static int wait_for_any(struct race *race, uint64_t deadline_us)
{
    struct pollfd fds[DIAL_MAX];
    size_t owner[DIAL_MAX], n = 0;
    uint64_t wake = deadline_us;

    for (size_t i = 0; i < race->started; i++) {
        if (race->items[i].fd < 0)
            continue;
        fds[n] = (struct pollfd){.fd = race->items[i].fd, .events = POLLOUT};
        owner[n++] = i;
    }
    if (race->started < race->count && race->next_start_us < wake)
        wake = race->next_start_us;
    if (poll(fds, (nfds_t)n, clock_ms_until(wake, 50)) <= 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (fds[i].revents != 0) {
            int fd = check_ready(race, &race->items[owner[i]]);

            if (fd >= 0)
                return fd;
        }
    }
    return -1;
}

static int run_race(struct race *race, uint64_t deadline_us, const atomic_bool *cancelled)
{
    while (race->failed < race->count) {
        uint64_t now = clock_monotonic_us();
        int fd = -1;

        if (cancelled != NULL && atomic_load(cancelled)) {
            recorder_event(race->rec, WHY_EV_CANCELLED, 0, NULL);
            return -1;
        }
        if (now >= deadline_us) {
            recorder_event(race->rec, WHY_EV_DEADLINE, 0, NULL);
            return -1;
        }
        if (race->started < race->count && now >= race->next_start_us)
            fd = start_next(race);
        else
            fd = wait_for_any(race, deadline_us);
        if (fd >= 0)
            return fd;
    }
    return -1; /* every address has its DIAL_FAILED event */
}

static int dial_all(struct recorder *rec, const struct addrinfo *list, bool resolve_only,
                    uint64_t deadline_us, const atomic_bool *cancelled)
{
    struct race race = {.rec = rec};
    char all[DIAL_MAX * ADDRESS_MAX] = "";
    size_t used = 0, total = 0;
    int fd;

    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next, total++) {
        struct candidate *c = &race.items[race.count];

        if (race.count == DIAL_MAX)
            continue;
        c->address = a;
        c->fd = -1;
        address_text(a, c->text, sizeof(c->text));
        used +=
            (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", used > 0 ? " " : "", c->text);
        race.count++;
    }
    recorder_event(rec, WHY_EV_RESOLVED, (int64_t)total, all);
    if (resolve_only)
        return -1;
    fd = run_race(&race, deadline_us, cancelled);
    for (size_t i = 0; i < race.started; i++) {
        if (race.items[i].fd >= 0)
            (void)close(race.items[i].fd);
    }
    return fd;
}

int dial(struct recorder *rec, const char *host, uint16_t port, int family, bool resolve_only,
         uint64_t deadline_us, const atomic_bool *cancelled)
{
    struct addrinfo *list = NULL;
    int r, fd;

    recorder_event(rec, WHY_EV_RESOLVE, 0, host);
    r = resolve(host, port, family, deadline_us, cancelled, &list);
    if (r == RESOLVE_TIMEOUT) {
        recorder_event(rec, WHY_EV_DEADLINE, 0, NULL);
        return -1;
    }
    if (r == RESOLVE_CANCELLED) {
        recorder_event(rec, WHY_EV_CANCELLED, 0, NULL);
        return -1;
    }
    if (r != 0) {
        recorder_event(rec, WHY_EV_RESOLVE_FAILED, r, gai_strerror(r));
        return -1;
    }
    fd = dial_all(rec, list, resolve_only, deadline_us, cancelled);
    freeaddrinfo(list);
    return fd;
}
