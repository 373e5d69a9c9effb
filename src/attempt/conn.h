/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_CONN_H
#define RDPWHY_ATTEMPT_CONN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "record/buffer.h"

#include "recorder.h"

/*
 * The attempt's TCP connection with what lies on it: read-ahead, and TLS once it is up. Here, and
 * only here, are FIN, RST, silence and the deadline told apart. Knows nothing of libfreerdp.
 */

enum conn_end {
    CONN_OPEN,
    CONN_FIN,
    CONN_RESET,
    CONN_ERROR,
    CONN_DEADLINE,
    CONN_CANCELLED,
    CONN_TLS_FAILED,
    CONN_VIOLATION /* the peer's bytes cannot be RDP: we go no further */
};

#define CONN_AGAIN (-1) /* nothing now; try again after why_conn_wait */
#define CONN_ENDED (-2) /* nothing ever again; conn->end says why */

#define CONN_READ_AHEAD 16384u

/*
 * What a connection lies on where it has no socket of its own: the channel through an RD Gateway.
 * As why_conn_raw_read and _write; |*end| says how it ended.
 */
struct carrier {
    int (*read)(void *arg, uint8_t *buf, size_t len, uint64_t deadline_us, enum conn_end *end);
    int (*write)(void *arg, const uint8_t *buf, size_t len, uint64_t deadline_us);
    bool (*pending)(void *arg); /* bytes or the end are here */
};

/* One direction of TLS records being put together, while the handshake lasts. */
struct record_scan {
    struct why_buffer bytes; /* up to one record */
    bool clear;              /* no TLS records: a server speaks on without TLS */
    bool lost;               /* the bytes are no TLS records: stop looking */
};

struct conn {
    struct recorder *rec;
    int fd;                        /* with a carrier, that one's */
    const struct carrier *carrier; /* NULL: none */
    void *carrier_arg;
    bool gateway;         /* it leads to an RD Gateway: its TLS is not the server's */
    unsigned number;      /* of the connections to a gateway, the first is 0 */
    uint64_t deadline_us; /* monotonic */
    const atomic_bool *cancelled;
    enum conn_end end;
    int write_error; /* errno of a write that failed; what the peer sent before is read first */
    uint8_t in[CONN_READ_AHEAD];
    size_t in_pos, in_len;
    bool asks_alpn; /* offers web protocols in TLS, to see whether one is chosen */
    SSL *ssl;       /* NULL: no TLS (yet) */
    bool tls_up;    /* the server's Finished has been verified */
    struct record_scan scan[2];
};

/* Our own side of a connection. */
struct conn_local {
    bool ipv6;
    char host[64], port[8];
};

bool why_conn_local(int fd, struct conn_local *local);
/* The packets of a capture carry it, too. |number|: as in struct conn. */
void why_conn_record_local(struct recorder *rec, int fd, unsigned number);

/* Takes |fd| over. */
void why_conn_init(struct conn *conn, struct recorder *rec, int fd, uint64_t deadline_us,
                   const atomic_bool *cancelled);

/* Closes, with close_notify where TLS is up, and frees what the connection holds. */
void why_conn_close(struct conn *conn);

/*
 * Waits at most |ms| for bytes to read (or, with |write|, for room to write). True when there are
 * some or when the connection has ended; false when the time was up.
 */
bool why_conn_wait(struct conn *conn, bool write, int ms);

/* True when why_plain_read would not say CONN_AGAIN for bytes that are here already, or for the
 * end. */
bool why_conn_readable_now(struct conn *conn);

/* Notes deadline and interrupt; true when either has ended the connection. */
bool why_conn_expired(struct conn *conn);

/* Bytes below TLS: > 0, or CONN_AGAIN, or CONN_ENDED. Neither waits. */
int why_conn_raw_read(struct conn *conn, uint8_t *buf, size_t len);
int why_conn_raw_write(struct conn *conn, const uint8_t *buf, size_t len);

/* The kind of an event of TLS, by whose TLS it is. */
enum why_event_kind why_conn_kind(const struct conn *conn, enum why_event_kind kind);

/* Ends the connection from our side's point of view; the first reason stays. */
void why_conn_set_end(struct conn *conn, enum conn_end end);

#endif /* !defined(RDPWHY_ATTEMPT_CONN_H) */
