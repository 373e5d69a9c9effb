/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_CONN_H
#define RDPWHY_PEER_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "builders.h"
#include "peer.h"
#include "rules.h"
#include "said.h"

struct peer_mutation;
struct peer_scenario;
struct peer_server;
struct peer_tls;

/* One connection: its socket, and how it is to end. Owned by its thread. */
struct peer_conn {
    const struct peer_fault *fault;
    const struct peer_scenario
        *scenario;              /* NULL, or what chooses |fault| once the offer is known */
    unsigned number;            /* of the connection on its listener, from 0 */
    struct peer_server *server; /* shared, constant */
    struct sockaddr_storage peer;
    int fd;         /* our descriptor of the socket; -1: closed */
    int library_fd; /* libfreerdp's descriptor of the same socket; -1: none */
    bool over;      /* the fault has ended the handshake: nothing more may be sent */
    enum peer_end how;
    unsigned seen[PEER_MOMENT_COUNT];
    uint16_t user_channel; /* 0: not known yet */
    char token[64];        /* the line of the Connection Request that load balancers read */
    bool direct;           /* CredSSP came first: the negotiation is still to come, inside */
    bool administrative;   /* the client asked for an administrative session */
    bool rdp_security;     /* Standard RDP Security was selected */
    bool extended_data;    /* the Connection Confirm said EXTENDED_CLIENT_DATA_SUPPORTED */
    uint32_t selected;     /* protocol of the Connection Confirm */
    struct client_said said;
    struct server_gave gave;
    struct client_course course;
    struct peer_mutation *mutation; /* NULL: none */
    uint8_t *demand_active;         /* the last one, without its security header; owned */
    size_t demand_active_len;
    /* Set by the server engine: writes above TLS; reads one PDU above TLS (owned by the caller), in
     * the clear under Standard RDP Security with 128 bits too. */
    bool (*send_inside)(struct peer_conn *conn, const uint8_t *data, size_t len);
    /* A whole PDU that is in hand: encrypts it where the library has. */
    bool (*send_pdu)(struct peer_conn *conn, const struct peer_pdu *pdu);
    /* The same in place, once, for what goes out in parts by send_inside. */
    void (*seal)(struct peer_conn *conn, struct peer_pdu *pdu);
    /* A PDU made by hand without security header: where Standard RDP Security encrypts, it gets
     * one with |flags|. */
    bool (*send_share)(struct peer_conn *conn, const struct build *b, uint16_t flags);
    /* From true to false all that is sent waits, and then leaves in one piece. */
    void (*hold)(struct peer_conn *conn, bool on);
    size_t (*read_inside)(struct peer_conn *conn, uint8_t *data, size_t size);
    void *engine;
    struct peer_conn *next, **link;
};

/* Takes |fd|. NULL when out of memory (then |fd| is closed). */
struct peer_conn *conn_new(struct peer_server *server, const struct peer_fault *fault, int fd,
                           const struct sockaddr_storage *peer);
/* Drains what the ending needs drained, closes the socket and frees. */
void conn_finish(struct peer_conn *conn);

/* Ends the handshake: from now on nothing that libfreerdp writes reaches the wire. */
void conn_end(struct peer_conn *conn, enum peer_end how);

/* Whether the client has said that it can take this. */
bool conn_takes(const struct peer_conn *conn, uint16_t early_flag);
/* ... on the message channel, which it must have asked for. */
bool conn_takes_messages(const struct peer_conn *conn, uint16_t early_flag);

/* Below TLS. All of |data|, or false. */
bool conn_send(struct peer_conn *conn, const void *data, size_t len);
/* Up to |size| bytes below TLS; 0: the peer's FIN, or we are to stop; -1: error. */
long conn_recv(struct peer_conn *conn, void *data, size_t size);
/* Reads one TPKT below TLS into |data|; its length, 0: none came. */
size_t conn_read_tpkt(struct peer_conn *conn, uint8_t *data, size_t size);
/* Waits until bytes are there to be read. False: the peer left, we are to stop, or |ms| passed. */
bool conn_wait(struct peer_conn *conn, int ms);
/* Sleeps unless we are to stop (false). */
bool conn_sleep(struct peer_conn *conn, int ms);

/* All open connections, so that the end of the program can end them. */
void conn_stop_all(void);
bool conn_stopping(void);
void conn_wait_all(void);

#endif /* !defined(RDPWHY_PEER_CONN_H) */
