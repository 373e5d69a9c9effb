/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIAL_H
#define RDPWHY_DIAL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/proxy.h>
#include <rdpwhy/trace.h>

#include "dial/resolver.h"

/*
 * From a name to a connected socket, without ever waiting: the caller polls. Every address of the
 * name is tried: the next one starts when one has failed or has not answered for a quarter of a
 * second (RFC 8305), and the first to be up wins. One thread may have thousands of dials open. With
 * a proxy all of that is the proxy's, which is then asked for the server.
 */

/* An address in numbers: it will not be looked up. */
bool why_dial_is_address(const char *host);

enum why_dial_state {
    WHY_DIAL_LOOKUP,
    WHY_DIAL_CONNECTING,
    WHY_DIAL_PROXY,     /* the proxy is up, and asked */
    WHY_DIAL_CONNECTED, /* why_dial_take has the socket */
    WHY_DIAL_OVER       /* no connection, and an event says why; or only a name was asked for */
};

/* What is to be dialled, and who hears of it. */
struct why_dial_request {
    const char *host; /* lives as long as the dial */
    uint16_t port;
    int family;                    /* AF_UNSPEC, AF_INET or AF_INET6 */
    const struct why_proxy *proxy; /* NULL: none; lives as long as the dial */
    bool resolve_only;             /* ends after the event RESOLVED */
    uint64_t deadline_us;          /* base/clock.h */
    /* Receives the events RESOLVE to CONNECTED or DEADLINE, as they happen. */
    void (*event)(void *arg, enum why_event_kind kind, int64_t value, const char *text);
    void *arg;
};

struct why_dial;

#define WHY_DIAL_FDS 16 /* sockets that one dial may have open at once */

/* Begins: an address has its first connect() behind it. NULL when out of memory. */
struct why_dial *why_dial_new(struct why_resolver *resolver,
                              const struct why_dial_request *request);
/* Closes what was not taken. Takes NULL. */
void why_dial_free(struct why_dial *dial);

enum why_dial_state why_dial_state(const struct why_dial *dial);
/* Fills |fds| with what is to be polled, at most WHY_DIAL_FDS; returns how many. */
size_t why_dial_fds(const struct why_dial *dial, struct pollfd *fds);
/* When, on the monotonic clock, why_dial_step is to be called although nothing is ready. */
uint64_t why_dial_wake_us(const struct why_dial *dial);
/* Goes on as far as possible; |fds| as why_dial_fds filled and poll() answered them. */
enum why_dial_state why_dial_step(struct why_dial *dial, const struct pollfd *fds, size_t count);
/* Nobody could look after the dial for |us|: it has as much longer. */
void why_dial_postpone(struct why_dial *dial, uint64_t us);
/* The connected, non-blocking socket, which is the caller's from now on; -1: there is none. */
int why_dial_take(struct why_dial *dial);

#endif /* !defined(RDPWHY_DIAL_H) */
