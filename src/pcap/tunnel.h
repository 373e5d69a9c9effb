/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_TUNNEL_H
#define RDPWHY_PCAP_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pcap.h>

#include "packet.h"
#include "recognize.h"

/*
 * RDP connections through an RD Gateway: the TCP connections to it, a leg each, whose TLS the key
 * log opens, to the session that they carry. Legs belong together by client, gateway and
 * RDG-Connection-Id ([MS-TSGU] 2.2.3.1.3); in a capture by rdpwhy all are of its one attempt.
 */

struct tunnels;
struct leg;

/* Whose trace has ended: |connection| is the leg's that carried it, without what the trace tells.
 * |trace| is handed over; NULL: out of memory. */
typedef void tunnel_done(void *arg, struct why_pcap_connection *connection,
                         struct why_trace *trace);

/* NULL: out of memory. */
struct tunnels *why_tunnels_new(const struct why_pcap *pcap, const struct why_trace *notes,
                                struct why_pcap_summary *summary, tunnel_done *done, void *arg);
/* Whether the capture's own attempt went through a gateway. */
bool why_tunnels_are_noted(const struct tunnels *tunnels);
/* Hands out what had no leg for long; |now_us| is the capture's own time. */
void why_tunnels_expire(struct tunnels *tunnels, uint64_t now_us);
/* Hands out all of them. */
void why_tunnels_finish(struct tunnels *tunnels);
void why_tunnels_free(struct tunnels *tunnels);

/* Whether |data|, a client's first bytes, begin a TLS connection whose secrets are there: what is
 * above it will say whether it is a gateway's. */
enum likeness why_tunnels_client(const struct tunnels *tunnels, const uint8_t *data, size_t len);

struct leg_setup {
    const struct endpoint *client_end, *server_end;
    bool v6;
    const char *client, *server; /* addresses with ports */
    const char *host;            /* the server's address */
    uint16_t port;
    uint64_t began_us; /* when the first packet passed */
    bool has_syn;      /* which was the client's SYN */
    bool connected;
    uint64_t connected_us;
};

/* NULL: out of memory. */
struct leg *why_leg_new(struct tunnels *tunnels, const struct leg_setup *setup);
/* As of struct session. */
void why_leg_packet(struct leg *leg, uint64_t number);
void why_leg_bytes(struct leg *leg, enum why_dir dir, const uint8_t *data, size_t len,
                   uint64_t t_us);
void why_leg_lost(struct leg *leg, enum why_dir dir, uint64_t count, const char *why,
                  uint64_t t_us);
struct leg_close {
    bool reset;
    bool doubt; /* which side closed first was not captured */
};
void why_leg_closed(struct leg *leg, enum why_dir dir, struct leg_close how, uint64_t t_us);
bool why_leg_is_whole(const struct leg *leg, enum why_dir dir);
/* LIKE_SO: to a gateway; LIKE_NOTHING: it is not, and nothing was told of it. */
enum likeness why_leg_likeness(const struct leg *leg);
/* Of the RDP connection that it carries. */
uint64_t why_leg_ordinal(const struct leg *leg);
/* Whether it was the first of it. */
bool why_leg_is_first(const struct leg *leg);
/*
 * No more will come of it; frees it. |why| (static text) as in why_session_end. True: the trace has
 * been handed out with it.
 */
bool why_leg_end(struct leg *leg, const struct why_pcap_connection *connection, const char *why,
                 uint64_t t_us);
/* Takes NULL. */
void why_leg_free(struct leg *leg);

#endif /* !defined(RDPWHY_PCAP_TUNNEL_H) */
