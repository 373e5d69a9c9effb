/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TESTS_LOOPBACK_H
#define RDPWHY_TESTS_LOOPBACK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "conn.h"

/* A connection over loopback with a peer of its own, for the tests of what talks to a socket. */

struct loopback {
    struct recorder rec;
    struct conn conn;
    int peer; /* the other end, blocking; -1: closed, or its thread's */
    pthread_t thread;
    bool threaded;
    void (*act)(int fd, void *arg);
    void *arg;
};

/*
 * Connects, with |ms| until the deadline. |act| is run in a thread of its own and closes what it
 * gets; NULL: |peer| is the test's. Any failure ends the test.
 */
void loopback_open(struct loopback *l, int ms, const atomic_bool *cancelled,
                   void (*act)(int fd, void *arg), void *arg);
void loopback_close(struct loopback *l);

/* Closes the peer's end with a FIN or with a RST. */
void loopback_fin(int *fd);
void loopback_rst(int *fd);

/* Waits until the client's end has something to be read, or its end; the test's own clock is long.
 */
void loopback_await(struct loopback *l);

/* The first event of this kind, or NULL. */
const struct why_event *loopback_event(const struct loopback *l, enum why_event_kind kind);

#endif /* !defined(RDPWHY_TESTS_LOOPBACK_H) */
