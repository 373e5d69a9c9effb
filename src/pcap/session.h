/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_SESSION_H
#define RDPWHY_PCAP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pcap.h>
#include <rdpwhy/trace.h>

/* One RDP connection: its bytes, in order, to the events that a live attempt would have had. */

struct session_setup {
    const struct why_keys *keys;   /* NULL: none */
    const struct why_trace *notes; /* the attempt's own, of a capture by rdpwhy; NULL: none */
    const char *host;              /* the server's address */
    const char *label;             /* with its port: "[2001:db8::7]:3389" */
    const char *client;            /* likewise */
    const char *capture;           /* the file's name */
    uint64_t capture_us;           /* when its first packet passed */
    uint16_t port;
    enum why_profile profile;
    uint64_t began_us; /* when the first packet passed, since 1970-01-01 UTC */
    bool has_syn;      /* which was the client's SYN */
    bool connected;    /* the server has answered it, or its beginning was not captured */
    uint64_t connected_us;
};

struct session;

/* NULL: out of memory. */
struct session *why_session_new(const struct session_setup *setup);
/* What it is told from now on came in that packet of the file; 0: not known. */
void why_session_packet(struct session *s, uint64_t number);
void why_session_bytes(struct session *s, enum why_dir dir, const uint8_t *data, size_t len,
                       uint64_t t_us);
/* The same of a connection that a gateway carries: they are no bytes of the capture's own. */
void why_session_carried(struct session *s, enum why_dir dir, const uint8_t *data, size_t len,
                         uint64_t t_us);
/* Of what carries it: |len| bytes have passed. */
void why_session_count(struct session *s, enum why_dir dir, size_t len);
/* What happened before the connection, with a gateway; without its time. */
void why_session_event(struct session *s, const struct why_event *event, uint64_t t_us);
/* How far it has come. */
enum why_phase why_session_confirmed(const struct session *s);
/* Whom it turned out to be with: a gateway was asked for that. */
void why_session_target(struct session *s, const char *host, uint16_t port);
/* |count| bytes of |dir| are missing (0: nobody knows how many). |why| is static text. */
void why_session_lost(struct session *s, enum why_dir dir, uint64_t count, const char *why,
                      uint64_t t_us);
/* The side that sends in |dir| has closed, by FIN or by RST. */
void why_session_closed(struct session *s, enum why_dir dir, bool reset, uint64_t t_us);
/* The server, or the gateway for it, has closed above TCP: |how|, static text. */
void why_session_goodbye(struct session *s, const char *how, uint64_t t_us);
bool why_session_has_ended(const struct session *s);
/* One side has closed, but whether the other had done so before was not captured. */
void why_session_doubt(struct session *s, bool reset, uint64_t t_us);
/* A datagram of RDP over UDP between the same hosts: WHY_EV_UDP, and its |version|. */
void why_session_udp(struct session *s, enum why_dir dir, int version, uint64_t t_us);
/* Whether what came of |dir| stops where a PDU or record does. */
bool why_session_is_whole(const struct session *s, enum why_dir dir);
/* No more will come. |why| (static text) says so where the connection has not ended. */
void why_session_end(struct session *s, const char *why, uint64_t t_us);
/* Whether its TLS could be read. */
enum session_tls { SESSION_NO_TLS, SESSION_DECRYPTED, SESSION_OPAQUE };
enum session_tls why_session_decrypted(const struct session *s);
/* Frees the session and returns its trace; NULL: memory ran out on the way. */
struct why_trace *why_session_take(struct session *s);

#endif /* !defined(RDPWHY_PCAP_SESSION_H) */
