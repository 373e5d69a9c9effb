/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_RESPONDER_H
#define RDPWHY_PEER_RESPONDER_H

struct peer_conn;

/* Scripts without an RDP library. |value|, |value2|, |bytes| and |end| are the row's. */

/* Ends the connection before anything is read; a reset waits for the client's first byte, or the
 * client might see it as a connect() that failed. */
void script_accept(struct peer_conn *conn);
/* Sends |bytes|: at once where |value| is 1, else after the Connection Request. */
void script_bytes(struct peer_conn *conn);
/* Sends |bytes| one by one, |value| milliseconds apart, after the Connection Request; again and
 * again where |value2| is 1. */
void script_drip_bytes(struct peer_conn *conn);
/* A TLS server that knows no RDP. */
void script_tls_server(struct peer_conn *conn);
/* Connection Confirm for TLS; the first |value| records of the server's TLS flight (|value2|: the
 * only TLS version). */
void script_flight(struct peer_conn *conn);
/* The same with all of the flight, in which the byte |value| is changed. */
void script_flight_changed(struct peer_conn *conn);
/* Connection Confirm, then |bytes| in answer to the ClientHello. */
void script_hello_bytes(struct peer_conn *conn);
/* TLS up to the Connect Initial, then |bytes| inside. */
void script_inside(struct peer_conn *conn);
/* TLS up to the Connect Initial, then |bytes| below TLS. */
void script_below(struct peer_conn *conn);
/* TLS up to the Connect Initial, then OpenSSL is made to send its own fatal bad_record_mac. */
void script_inside_alert(struct peer_conn *conn);
/* TLS that demands a client certificate (|value|: the only TLS version). */
void script_client_certificate(struct peer_conn *conn);
/* A healthy server behind a line that passes one byte every |value| microseconds, for the first
 * |value2| bytes. */
void script_slow_line(struct peer_conn *conn);

/* The library's server at the other end of a socket pair, |arg| its connection; for a thread of its
 * own. And the line in between, until either end is gone. */
void *responder_serve_behind(void *arg);
void responder_pump(struct peer_conn *conn, int behind);

#endif /* !defined(RDPWHY_PEER_RESPONDER_H) */
