/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_LISTENER_H
#define RDPWHY_PEER_LISTENER_H

#include <stddef.h>
#include <stdint.h>

struct peer_fault;
struct peer_scenario;
struct peer_server;

struct listener {
    const struct peer_fault *fault;       /* NULL where |scenario| decides by the offer */
    const struct peer_scenario *scenario; /* NULL: always |fault| */
    unsigned connections;                 /* accepted so far */
    int fd;
    uint16_t port;
};

/* Listens on the numeric |address|; |port| 0: the kernel chooses. 0, or -1 with a message. */
int listener_open(struct listener *listener, const struct peer_fault *fault, const char *address,
                  uint16_t port);
/* Accepts and serves until |stop_fd| becomes readable. */
void listener_loop(struct listener *listeners, size_t count, struct peer_server *server,
                   int stop_fd);

#endif /* !defined(RDPWHY_PEER_LISTENER_H) */
