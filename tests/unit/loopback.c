/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rdpwhy/plan.h>

#include "base/clock.h"

#define PATIENCE_MS 20000

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    abort();
}

/* A connected pair: |*client| and |*server|. */
static void make_pair(int *client, int *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(listener >= 0, "socket");
    must(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
    must(listen(listener, 1) == 0, "listen");
    must(getsockname(listener, (struct sockaddr *)&address, &len) == 0, "getsockname");
    *client = socket(AF_INET, SOCK_STREAM, 0);
    must(*client >= 0, "socket");
    must(connect(*client, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
    *server = accept(listener, NULL, NULL);
    must(*server >= 0, "accept");
    must(fcntl(*client, F_SETFL, O_NONBLOCK) == 0, "fcntl");
    (void)close(listener);
}

static void *run(void *arg)
{
    struct loopback *l = arg;

    l->act(l->peer, l->arg);
    return NULL;
}

void loopback_open(struct loopback *l, int ms, const atomic_bool *cancelled,
                   void (*act)(int fd, void *arg), void *arg)
{
    char host[] = "srv1";
    struct why_trace_head head = {.host = host, .port = 3389, .profile = WHY_PROFILE_TLS};
    int client;

    memset(l, 0, sizeof(*l));
    make_pair(&client, &l->peer);
    l->rec.start_us = why_clock_us();
    l->rec.trace = why_trace_new(&head);
    must(l->rec.trace != NULL, "trace");
    why_progress_init(&l->rec.progress, why_profile_info(WHY_PROFILE_TLS)->wanted);
    why_conn_init(&l->conn, &l->rec, client, l->rec.start_us + (uint64_t)ms * 1000u, cancelled);
    l->act = act;
    l->arg = arg;
    l->threaded = act != NULL;
    if (l->threaded)
        must(pthread_create(&l->thread, NULL, run, l) == 0, "pthread_create");
}

void loopback_close(struct loopback *l)
{
    why_conn_close(&l->conn);
    if (l->threaded)
        must(pthread_join(l->thread, NULL) == 0, "pthread_join");
    else if (l->peer >= 0)
        (void)close(l->peer);
    why_trace_free(l->rec.trace);
}

void loopback_fin(int *fd)
{
    (void)close(*fd);
    *fd = -1;
}

void loopback_rst(int *fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    must(setsockopt(*fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == 0, "SO_LINGER");
    loopback_fin(fd);
}

void loopback_await(struct loopback *l)
{
    struct pollfd fd = {.fd = l->conn.fd, .events = POLLIN};

    must(poll(&fd, 1, PATIENCE_MS) == 1, "poll");
}

const struct why_event *loopback_event(const struct loopback *l, enum why_event_kind kind)
{
    for (size_t i = 0; i < why_trace_count(l->rec.trace); i++) {
        const struct why_event *event = why_trace_at(l->rec.trace, i);

        if (event->kind == kind)
            return event;
    }
    return NULL;
}
