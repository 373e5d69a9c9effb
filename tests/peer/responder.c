/* SPDX-License-Identifier: Apache-2.0 */
#include "responder.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "builders.h"
#include "conn.h"
#include "server.h"
#include "tlspeer.h"

#define PROTOCOL_TLS   1
#define FLIGHT_MAX     16384
#define RECORD_HEADER  5
#define CLIENT_GONE_MS 5000

void script_accept(struct peer_conn *conn)
{
    if (conn->fault->end == END_RST) {
        conn_wait(conn, CLIENT_GONE_MS);
    }
    conn_end(conn, conn->fault->end);
}

static bool read_request(struct peer_conn *conn)
{
    uint8_t request[1024];
    return conn_read_tpkt(conn, request, sizeof(request)) > 0;
}

void script_bytes(struct peer_conn *conn)
{
    if (conn->fault->value == 1 || read_request(conn)) {
        conn_send(conn, conn->fault->bytes, conn->fault->bytes_len);
    }
    conn_end(conn, conn->fault->end);
}

void script_drip_bytes(struct peer_conn *conn)
{
    const struct peer_fault *f = conn->fault;
    bool on = read_request(conn);
    do {
        for (size_t i = 0; on && i < f->bytes_len; i++) {
            struct pollfd pfd = {.fd = conn->fd, .events = POLLIN};
            on = conn_send(conn, f->bytes + i, 1) && conn_sleep(conn, (int)f->value) &&
                 poll(&pfd, 1, 0) == 0;
        }
    } while (on && f->value2 == 1);
    conn_end(conn, f->end);
}

void script_tls_server(struct peer_conn *conn)
{
    struct tls_session s;
    if (tls_open(&s, conn, 0, false)) {
        tls_handshake(&s);
        tls_close(&s);
    }
    conn_end(conn, conn->fault->end);
}

static bool confirm_tls(struct peer_conn *conn)
{
    struct build b;
    build_confirm(&b, 1, PROTOCOL_TLS);
    return read_request(conn) && conn_send(conn, b.data, b.len);
}

/* The server's whole first flight; its length, 0: there is none. */
static size_t first_flight(struct peer_conn *conn, uint16_t version, uint8_t *flight)
{
    struct tls_session s;
    size_t len = 0;
    if (!confirm_tls(conn) || !tls_open(&s, conn, version, false)) {
        return 0;
    }
    while (len == 0 && tls_feed(&s)) {
        (void)SSL_do_handshake(s.ssl);
        len = tls_take(&s, flight, FLIGHT_MAX);
    }
    tls_close(&s);
    return len;
}

/* The length of the first |count| records. */
static size_t records(const uint8_t *flight, size_t len, unsigned count)
{
    size_t at = 0;
    for (unsigned i = 0; i < count && len - at >= RECORD_HEADER; i++) {
        const size_t record = RECORD_HEADER + ((size_t)flight[at + 3] << 8 | flight[at + 4]);
        at = record <= len - at ? at + record : len;
    }
    return at;
}

void script_flight(struct peer_conn *conn)
{
    uint8_t flight[FLIGHT_MAX];
    const size_t len = first_flight(conn, (uint16_t)conn->fault->value2, flight);
    if (len > 0) {
        conn_send(conn, flight, records(flight, len, conn->fault->value));
    }
    conn_end(conn, conn->fault->end);
}

void script_flight_changed(struct peer_conn *conn)
{
    uint8_t flight[FLIGHT_MAX];
    const size_t len = first_flight(conn, (uint16_t)conn->fault->value2, flight);
    if (conn->fault->value < len) {
        flight[conn->fault->value] ^= 0xFF;
        conn_send(conn, flight, len);
    }
    conn_end(conn, conn->fault->end);
}

void script_hello_bytes(struct peer_conn *conn)
{
    if (confirm_tls(conn) && conn_wait(conn, -1)) {
        conn_send(conn, conn->fault->bytes, conn->fault->bytes_len);
    }
    conn_end(conn, conn->fault->end);
}

static bool tls_until_connect_initial(struct tls_session *s, struct peer_conn *conn)
{
    uint8_t pdu[8192];
    return tls_handshake(s) && tls_read_tpkt(s, pdu, sizeof(pdu)) > 0 && conn->fd >= 0;
}

void script_inside(struct peer_conn *conn)
{
    struct tls_session s;
    if (confirm_tls(conn) && tls_open(&s, conn, 0, false)) {
        if (tls_until_connect_initial(&s, conn)) {
            tls_send(&s, conn->fault->bytes, conn->fault->bytes_len);
        }
        tls_close(&s);
    }
    conn_end(conn, conn->fault->end);
}

void script_below(struct peer_conn *conn)
{
    struct tls_session s;
    if (confirm_tls(conn) && tls_open(&s, conn, 0, false)) {
        if (tls_until_connect_initial(&s, conn)) {
            conn_send(conn, conn->fault->bytes, conn->fault->bytes_len);
        }
        tls_close(&s);
    }
    conn_end(conn, conn->fault->end);
}

void script_inside_alert(struct peer_conn *conn)
{
    /* An application data record that does not decrypt: OpenSSL answers with an encrypted fatal
     * bad_record_mac (RFC 8446 5.2), as if the client had sent it. */
    static const uint8_t bogus[RECORD_HEADER + 32] = {0x17, 3, 3, 0, 32};
    struct tls_session s;
    uint8_t sink[16];
    if (confirm_tls(conn) && tls_open(&s, conn, (uint16_t)conn->fault->value, false)) {
        if (tls_until_connect_initial(&s, conn) &&
            BIO_write(s.in, bogus, sizeof(bogus)) == sizeof(bogus)) {
            (void)SSL_read(s.ssl, sink, sizeof(sink));
            tls_flush(&s);
        }
        tls_close(&s);
    }
    conn_end(conn, conn->fault->end);
}

void script_client_certificate(struct peer_conn *conn)
{
    struct tls_session s;
    if (confirm_tls(conn) && tls_open(&s, conn, (uint16_t)conn->fault->value, true)) {
        tls_handshake(&s);
        tls_close(&s);
    }
    conn_end(conn, conn->fault->end);
}

void *responder_serve_behind(void *arg)
{
    struct peer_conn *conn = arg;
    const int fd = dup(conn->fd);
    if (fd >= 0) {
        server_run(conn, fd);
    }
    conn_finish(conn);
    return NULL;
}

static bool pass(struct peer_conn *conn, int to, bool slow)
{
    uint8_t data[4096];
    struct timespec pause = {.tv_nsec = (long)conn->fault->value * 1000L};
    const bool trickle = slow && conn->seen[AT_OTHER] < conn->fault->value2;
    const ssize_t n = recv(slow ? to : conn->fd, data, trickle ? 1 : sizeof(data), 0);
    if (n <= 0) {
        return false;
    }
    if (!slow) {
        return send(to, data, (size_t)n, 0) == n;
    }
    if (trickle) {
        conn->seen[AT_OTHER]++;
        nanosleep(&pause, NULL);
    }
    return conn_send(conn, data, (size_t)n);
}

void responder_pump(struct peer_conn *conn, int behind)
{
    for (bool on = true; on && !conn_stopping();) {
        struct pollfd fds[2] = {{.fd = conn->fd, .events = POLLIN},
                                {.fd = behind, .events = POLLIN}};
        if (poll(fds, 2, 100) <= 0) {
            continue;
        }
        on = (fds[0].revents == 0 || pass(conn, behind, false)) &&
             (fds[1].revents == 0 || pass(conn, behind, true));
    }
}

void script_slow_line(struct peer_conn *conn)
{
    int pair[2];
    pthread_t thread;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        return;
    }
    struct peer_conn *behind = conn_new(conn->server, conn->fault, pair[1], &conn->peer);
    if (behind == NULL || pthread_create(&thread, NULL, responder_serve_behind, behind) != 0) {
        if (behind != NULL) {
            conn_finish(behind);
        }
        close(pair[0]);
        return;
    }
    responder_pump(conn, pair[0]);
    close(pair[0]);
    pthread_join(thread, NULL);
}
