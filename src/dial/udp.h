/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIAL_UDP_H
#define RDPWHY_DIAL_UDP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <rdpwhy/trace.h>

/*
 * Whether RDP over UDP gets through to a server: SYNs as a client's, [MS-RDPEUDP] 3.1.5.1, and what
 * comes back. The connection that an answer would begin is not gone on with; the server forgets it.
 */

#define WHY_UDP_TRIES   3u       /* datagrams at most: version 2 twice, then version 1 */
#define WHY_UDP_WAIT_US 1000000u /* for the answer to each; a new client waits 300 ms and more */

struct why_udp_request {
    const struct sockaddr *address; /* with the port, which is that of TCP */
    socklen_t address_len;
    uint32_t sequence;            /* a random number */
    const atomic_bool *cancelled; /* NULL: never */
    /* Receives the events UDP: each datagram, and the end; see WHY_EV_UDP. */
    void (*event)(void *arg, enum why_dir dir, int64_t value, const char *text);
    void *arg;
};

/* Waits, at most WHY_UDP_TRIES times WHY_UDP_WAIT_US. */
void why_udp_ask(const struct why_udp_request *request);

#endif /* !defined(RDPWHY_DIAL_UDP_H) */
