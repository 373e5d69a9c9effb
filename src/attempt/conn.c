/* SPDX-License-Identifier: Apache-2.0 */
#include "conn.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/compat.h"
#include "base/system_error.h"

#include "clock.h"

bool why_conn_local(int fd, struct conn_local *local)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
        getnameinfo((const struct sockaddr *)&address, len, local->host, sizeof(local->host),
                    local->port, sizeof(local->port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    local->ipv6 = address.ss_family == AF_INET6;
    return true;
}

void why_conn_record_local(struct recorder *rec, int fd, unsigned number)
{
    struct conn_local local;
    char text[80];

    if (!rec->capture || !why_conn_local(fd, &local))
        return;
    (void)snprintf(text, sizeof(text), local.ipv6 ? "[%s]:%s" : "%s:%s", local.host, local.port);
    why_recorder_capture(rec,
                         &(struct why_event){.kind = WHY_EV_LOCAL, .value = number, .text = text});
}

void why_conn_init(struct conn *conn, struct recorder *rec, int fd, uint64_t deadline_us,
                   const atomic_bool *cancelled)
{
    memset(conn, 0, sizeof(*conn));
    conn->rec = rec;
    conn->fd = fd;
    conn->deadline_us = deadline_us;
    conn->cancelled = cancelled;
}

/* Whether closing now resets: Linux does so where bytes were not read (RFC 2525 2.17). */
static bool closes_with_reset(const struct conn *conn)
{
#ifdef __linux__
    uint8_t byte;

    return recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
#else
    (void)conn;
    return false;
#endif
}

void why_conn_close(struct conn *conn)
{
    if (conn->ssl != NULL) {
        if (conn->tls_up && conn->end == CONN_OPEN)
            (void)SSL_shutdown(conn->ssl);
        SSL_free(conn->ssl);
        conn->ssl = NULL;
    }
    if (conn->fd >= 0 && conn->carrier == NULL) {
        if (conn->end != CONN_RESET)
            why_recorder_capture(
                conn->rec,
                &(struct why_event){.kind = WHY_EV_RAW_CLOSE,
                                    .value = closes_with_reset(conn) | (int64_t)conn->number << 1});
        (void)close(conn->fd);
    }
    conn->fd = -1;
    for (size_t i = 0; i < 2; i++)
        why_buffer_clear(&conn->scan[i].bytes);
}

void why_conn_set_end(struct conn *conn, enum conn_end end)
{
    if (conn->end == CONN_OPEN)
        conn->end = end;
}

enum why_event_kind why_conn_kind(const struct conn *conn, enum why_event_kind kind)
{
    static const enum why_event_kind kinds[][2] = {
        {WHY_EV_TLS_START, WHY_EV_GATEWAY_TLS_START},
        {WHY_EV_TLS_ALERT, WHY_EV_GATEWAY_TLS_ALERT},
        {WHY_EV_TLS_ERROR, WHY_EV_GATEWAY_TLS_ERROR},
        {WHY_EV_TLS_DONE, WHY_EV_GATEWAY_TLS_DONE},
        {WHY_EV_CERTIFICATE, WHY_EV_GATEWAY_CERTIFICATE}};

    for (size_t i = 0; conn->gateway && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i][0] == kind)
            return kinds[i][1];
    }
    return kind;
}

bool why_conn_expired(struct conn *conn)
{
    if (conn->end != CONN_OPEN)
        return true;
    if (conn->cancelled != NULL && atomic_load(conn->cancelled)) {
        why_conn_set_end(conn, CONN_CANCELLED);
        why_recorder_event(conn->rec, WHY_EV_CANCELLED, 0, NULL);
        return true;
    }
    if (why_clock_us() >= conn->deadline_us) {
        why_conn_set_end(conn, CONN_DEADLINE);
        why_recorder_event(conn->rec, WHY_EV_DEADLINE, 0, NULL);
        return true;
    }
    return false;
}

static bool would_block(int error)
{
#if EAGAIN != EWOULDBLOCK
    if (error == EWOULDBLOCK)
        return true;
#endif
    return error == EAGAIN || error == EINTR;
}

static void socket_failed(struct conn *conn, int error)
{
    if (conn->end != CONN_OPEN)
        return;
    if (error == ECONNRESET || error == EPIPE) {
        why_conn_set_end(conn, CONN_RESET);
        why_recorder_event(conn->rec, WHY_EV_RESET, error, NULL);
        return;
    }
    why_conn_set_end(conn, CONN_ERROR);
    why_recorder_event(conn->rec, WHY_EV_NET_ERROR, error,
                       why_system_error_text(WHY_SPACE_ERRNO, error));
}

/* What passed on the wire. */
static void count(struct conn *conn, enum why_dir dir, const uint8_t *data, size_t len)
{
    why_trace_count_bytes(conn->rec->trace, dir, len);
    why_recorder_capture(
        conn->rec,
        &(struct why_event){
            .kind = WHY_EV_RAW, .dir = dir, .value = conn->number, .bytes = data, .len = len});
}

static int fill_carried(struct conn *conn)
{
    enum conn_end end = CONN_FIN;
    int r =
        conn->carrier->read(conn->carrier_arg, conn->in, sizeof(conn->in), conn->deadline_us, &end);

    if (r > 0) {
        conn->in_pos = 0;
        conn->in_len = (size_t)r;
    } else if (r == CONN_ENDED) {
        why_conn_set_end(conn, end);
    } else if (why_conn_expired(conn)) {
        return CONN_ENDED;
    }
    return r;
}

/* Fills the read-ahead buffer, which is empty. Returns its bytes, CONN_AGAIN or CONN_ENDED. */
static int fill(struct conn *conn)
{
    ssize_t n;

    /* Asked every time: a peer that never stops sending would otherwise never meet the deadline. */
    if (why_conn_expired(conn))
        return CONN_ENDED;
    if (conn->carrier != NULL)
        return fill_carried(conn);
    n = recv(conn->fd, conn->in, sizeof(conn->in), 0);
    if (n > 0) {
        conn->in_pos = 0;
        conn->in_len = (size_t)n;
        count(conn, WHY_DIR_RECEIVED, conn->in, (size_t)n);
        return (int)n;
    }
    /* A write that met a RST has taken the error away from recv, which then says 0. */
    if (n == 0 && conn->write_error == ECONNRESET) {
        socket_failed(conn, ECONNRESET);
        return CONN_ENDED;
    }
    if (n == 0) {
        why_conn_set_end(conn, CONN_FIN);
        why_recorder_event(conn->rec, WHY_EV_FIN, conn->number, NULL);
        return CONN_ENDED;
    }
    if (would_block(errno))
        return why_conn_expired(conn) ? CONN_ENDED : CONN_AGAIN;
    socket_failed(conn, errno);
    return CONN_ENDED;
}

int why_conn_raw_read(struct conn *conn, uint8_t *buf, size_t len)
{
    size_t n = conn->in_len - conn->in_pos;

    if (n == 0) {
        int r = fill(conn);

        if (r < 0)
            return r;
        n = conn->in_len;
    }
    if (n > len)
        n = len;
    memcpy(buf, conn->in + conn->in_pos, n);
    conn->in_pos += n;
    return (int)n;
}

int why_conn_raw_write(struct conn *conn, const uint8_t *buf, size_t len)
{
    ssize_t n;

    /* A FIN from the peer does not forbid writing; everything else does. */
    if ((why_conn_expired(conn) && conn->end != CONN_FIN) || conn->write_error != 0)
        return CONN_ENDED;
    if (conn->carrier != NULL) {
        int r = conn->carrier->write(conn->carrier_arg, buf, len, conn->deadline_us);

        if (r == CONN_ENDED)
            conn->write_error = EPIPE; /* what came before it is read first */
        return r;
    }
    n = send(conn->fd, buf, len, MSG_NOSIGNAL);
    if (n >= 0) {
        count(conn, WHY_DIR_SENT, buf, (size_t)n);
        return (int)n;
    }
    if (would_block(errno))
        return why_conn_expired(conn) ? CONN_ENDED : CONN_AGAIN;
    /* The peer may have said why before it closed: conn->end waits until that has been read. */
    conn->write_error = errno;
    why_recorder_add(conn->rec, &(struct why_event){.kind = WHY_EV_NET_ERROR,
                                                    .flags = WHY_EVENT_WRITING,
                                                    .value = conn->write_error,
                                                    .text = why_system_error_text(
                                                        WHY_SPACE_ERRNO, conn->write_error)});
    return CONN_ENDED;
}

bool why_conn_readable_now(struct conn *conn)
{
    if (conn->in_pos < conn->in_len)
        return true;
    if (conn->ssl != NULL && conn->tls_up && SSL_pending(conn->ssl) > 0)
        return true;
    if (conn->carrier != NULL && conn->carrier->pending(conn->carrier_arg))
        return true;
    return why_conn_expired(conn);
}

bool why_conn_wait(struct conn *conn, bool write, int ms)
{
    uint64_t until = why_clock_us() + (uint64_t)(ms < 0 ? 0 : ms) * 1000u;

    for (;;) {
        struct pollfd fd = {.fd = conn->fd, .events = write ? POLLOUT : POLLIN};
        int slice;

        if (!write && why_conn_readable_now(conn))
            return true;
        if (why_conn_expired(conn))
            return true;
        slice = why_clock_ms_until(until < conn->deadline_us ? until : conn->deadline_us, 100);
        if (poll(&fd, 1, slice) > 0)
            return true;
        if (why_clock_us() >= until)
            return why_conn_expired(conn);
    }
}
