/* SPDX-License-Identifier: Apache-2.0 */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "conn.h"
#include "mutation.h"
#include "scenarios.h"
#include "server.h"

#define BACKLOG         4096
#define ACCEPTS_AT_ONCE 64
#define STACK_BYTES     (1024u * 1024)

static uint16_t port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } u;
    socklen_t len = sizeof(u);
    if (getsockname(fd, &u.any, &len) != 0) {
        return 0;
    }
    return ntohs(u.any.sa_family == AF_INET6 ? u.v6.sin6_port : u.v4.sin_port);
}

static int open_address(const struct addrinfo *ai)
{
    const int on = 1;
    const int fd = socket(ai->ai_family, SOCK_STREAM, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
        bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int listener_open(struct listener *listener, const struct peer_fault *fault, const char *address,
                  uint16_t port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    char service[8];
    snprintf(service, sizeof(service), "%u", (unsigned)port);
    const int status = getaddrinfo(address, service, &hints, &list);
    if (status != 0) {
        fprintf(stderr, "rdpwhy-peer: %s: %s\n", address, gai_strerror(status));
        return -1;
    }
    *listener = (struct listener){.fault = fault, .fd = open_address(list)};
    freeaddrinfo(list);
    if (listener->fd < 0) {
        fprintf(stderr, "rdpwhy-peer: %s port %u: %s\n", address, (unsigned)port, strerror(errno));
        return -1;
    }
    listener->port = port_of(listener->fd);
    return 0;
}

/* How far the address that the client has called is from 127.0.0.1; 0 where it is another net's. */
static uint32_t address_offset(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_storage all;
    } u;
    socklen_t len = sizeof(u);
    if (getsockname(fd, &u.any, &len) != 0 || u.any.sa_family != AF_INET) {
        return 0;
    }
    const uint32_t address = ntohl(u.v4.sin_addr.s_addr);
    return address >> 24 == 127 && address > INADDR_LOOPBACK ? address - INADDR_LOOPBACK : 0;
}

static void *serve(void *arg)
{
    struct peer_conn *conn = arg;
    if (conn->scenario != NULL) {
        conn->fault = peer_scenario_fault(conn->scenario, conn, conn->number);
    }
    if (conn->server->options.mutate) {
        const uint64_t seed = conn->server->options.seed;
        conn->mutation = mutation_new(seed + address_offset(conn->fd), conn->fault);
    }
    if (conn->fault->engine == PEER_RESPONDER) {
        conn->fault->script(conn);
    } else {
        const int fd = dup(conn->fd);
        if (fd >= 0) {
            server_run(conn, fd);
        }
    }
    conn_finish(conn);
    return NULL;
}

static void start(struct peer_conn *conn)
{
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    if (pthread_create(&thread, &attr, serve, conn) != 0) {
        fprintf(stderr, "rdpwhy-peer: no thread for a connection\n");
        conn_finish(conn);
    }
    pthread_attr_destroy(&attr);
}

static void accept_some(struct listener *listener, struct peer_server *server)
{
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage peer;
        socklen_t len = sizeof(peer);
        const int on = 1;
        const int fd = accept(listener->fd, (struct sockaddr *)&peer, &len);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE) {
                /* The connection waits in the backlog until a thread has given one back. */
                const struct timespec pause = {.tv_nsec = 10000000L};
                nanosleep(&pause, NULL);
            }
            return;
        }
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        struct peer_conn *conn = conn_new(server, listener->fault, fd, &peer);
        if (conn != NULL) {
            conn->scenario = listener->scenario;
            conn->number = listener->connections++;
            start(conn);
        }
    }
}

void listener_loop(struct listener *listeners, size_t count, struct peer_server *server,
                   int stop_fd)
{
    struct pollfd *fds = calloc(count + 1, sizeof(*fds));
    if (fds == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        fds[i] = (struct pollfd){.fd = listeners[i].fd, .events = POLLIN};
    }
    fds[count] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
    while (fds[count].revents == 0) {
        if (poll(fds, (nfds_t)count + 1, -1) < 0 && errno != EINTR) {
            break;
        }
        for (size_t i = 0; i < count; i++) {
            if (fds[i].revents != 0) {
                accept_some(&listeners[i], server);
            }
        }
    }
    free(fds);
}
