/* SPDX-License-Identifier: Apache-2.0 */
#include "conn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mutation.h"

/* After our FIN the client's own is awaited this long: closing with unread bytes would send RST. */
#define LINGER_MS 10000
#define TICK_MS   100

static struct {
    pthread_mutex_t lock;
    pthread_cond_t none;
    struct peer_conn *first;
    atomic_bool stopping;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER, .none = PTHREAD_COND_INITIALIZER};

bool conn_stopping(void)
{
    return atomic_load(&all.stopping);
}

void conn_stop_all(void)
{
    atomic_store(&all.stopping, true);
    pthread_mutex_lock(&all.lock);
    for (struct peer_conn *conn = all.first; conn != NULL; conn = conn->next) {
        if (conn->fd >= 0) {
            shutdown(conn->fd, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&all.lock);
}

void conn_wait_all(void)
{
    pthread_mutex_lock(&all.lock);
    while (all.first != NULL) {
        pthread_cond_wait(&all.none, &all.lock);
    }
    pthread_mutex_unlock(&all.lock);
}

static void link_conn(struct peer_conn *conn)
{
    pthread_mutex_lock(&all.lock);
    conn->next = all.first;
    conn->link = &all.first;
    if (all.first != NULL) {
        all.first->link = &conn->next;
    }
    all.first = conn;
    pthread_mutex_unlock(&all.lock);
}

static void unlink_conn(struct peer_conn *conn)
{
    pthread_mutex_lock(&all.lock);
    *conn->link = conn->next;
    if (conn->next != NULL) {
        conn->next->link = conn->link;
    }
    if (all.first == NULL) {
        pthread_cond_broadcast(&all.none);
    }
    pthread_mutex_unlock(&all.lock);
}

struct peer_conn *conn_new(struct peer_server *server, const struct peer_fault *fault, int fd,
                           const struct sockaddr_storage *peer)
{
    struct peer_conn *conn = calloc(1, sizeof(*conn));
    if (conn == NULL) {
        close(fd);
        return NULL;
    }
    conn->server = server;
    conn->fault = fault;
    conn->fd = fd;
    conn->library_fd = -1;
    conn->peer = *peer;
    link_conn(conn);
    return conn;
}

/* conn_stop_all reads |fd| from another thread: it changes under the lock. */
static void close_fd(struct peer_conn *conn)
{
    pthread_mutex_lock(&all.lock);
    if (conn->fd >= 0) {
        close(conn->fd);
    }
    conn->fd = -1;
    pthread_mutex_unlock(&all.lock);
}

void conn_end(struct peer_conn *conn, enum peer_end how)
{
    if (conn->over || how == END_NOT) {
        return;
    }
    conn->over = true;
    conn->how = how;
    if (conn->library_fd >= 0) {
        /* Tearing TLS down writes a close_notify; it must not reach the client. */
        const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null >= 0) {
            dup2(null, conn->library_fd);
            close(null);
        }
        conn->library_fd = -1;
    }
    if (how == END_FIN) {
        shutdown(conn->fd, SHUT_WR);
    } else if (how == END_RST) {
        const struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        close_fd(conn);
    }
}

bool conn_takes(const struct peer_conn *conn, uint16_t early_flag)
{
    return (conn->said.early & early_flag) != 0;
}

bool conn_takes_messages(const struct peer_conn *conn, uint16_t early_flag)
{
    return conn->gave.message_channel != 0 && conn->said.message_channel &&
           (early_flag == 0 || conn_takes(conn, early_flag));
}

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool conn_wait(struct peer_conn *conn, int ms)
{
    const int64_t end = now_ms() + ms;
    while (conn->fd >= 0 && !conn_stopping()) {
        struct pollfd pfd = {.fd = conn->fd, .events = POLLIN};
        if (poll(&pfd, 1, TICK_MS) > 0) {
            return (pfd.revents & POLLIN) != 0;
        }
        if (ms >= 0 && now_ms() >= end) {
            return false;
        }
    }
    return false;
}

bool conn_sleep(struct peer_conn *conn, int ms)
{
    (void)conn;
    while (ms > 0 && !conn_stopping()) {
        const int part = ms < TICK_MS ? ms : TICK_MS;
        const struct timespec ts = {.tv_nsec = part * 1000000L};
        nanosleep(&ts, NULL);
        ms -= part;
    }
    return !conn_stopping();
}

bool conn_send(struct peer_conn *conn, const void *data, size_t len)
{
    const uint8_t *next = data;
    while (len > 0 && conn->fd >= 0) {
        const ssize_t n = send(conn->fd, next, len, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR) && conn_sleep(conn, 1)) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        next += n;
        len -= (size_t)n;
    }
    return len == 0;
}

long conn_recv(struct peer_conn *conn, void *data, size_t size)
{
    for (;;) {
        if (!conn_wait(conn, -1)) {
            return 0;
        }
        const ssize_t n = recv(conn->fd, data, size, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        return (long)n;
    }
}

static bool recv_all(struct peer_conn *conn, uint8_t *data, size_t len)
{
    while (len > 0) {
        const long n = conn_recv(conn, data, len);
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return true;
}

size_t conn_read_tpkt(struct peer_conn *conn, uint8_t *data, size_t size)
{
    if (size < 4 || !recv_all(conn, data, 4)) {
        return 0;
    }
    const size_t len = (size_t)data[2] << 8 | data[3];
    if (data[0] != 3 || len < 4 || len > size || !recv_all(conn, data + 4, len - 4)) {
        return 0;
    }
    return len;
}

static void drain(struct peer_conn *conn)
{
    uint8_t sink[4096];
    const int64_t end = now_ms() + LINGER_MS;
    while (conn->fd >= 0 && conn_wait(conn, conn->how == END_SILENCE ? -1 : LINGER_MS) &&
           (conn->how == END_SILENCE || now_ms() < end)) {
        const ssize_t n = recv(conn->fd, sink, sizeof(sink), 0);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            return;
        }
    }
}

void conn_finish(struct peer_conn *conn)
{
    if (conn->over) {
        drain(conn);
    }
    close_fd(conn);
    mutation_end(conn->mutation, conn);
    unlink_conn(conn);
    free(conn->demand_active);
    free(conn);
}
