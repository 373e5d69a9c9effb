/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_WATCH_H
#define RDPWHY_ATTEMPT_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * One thread that wakes attempts up. libfreerdp waits inside freerdp_connect for as long as its own
 * settings say, and looks at its socket alone meanwhile.
 */

struct watch;

/* NULL when out of memory or threads. */
struct watch *why_watch_new(void);
void why_watch_free(struct watch *watch);

/* One attempt under watch; storage by the caller, who keeps it until why_watch_remove. */
struct watched {
    struct watched *next;
    uint64_t deadline_us; /* monotonic */
    const atomic_bool *cancelled;
    void (*wake)(void *arg); /* called once, from the watch's thread, when it is due */
    void *arg;
    bool woken; /* the watch's own */
};

void why_watch_add(struct watch *watch, struct watched *item);

/* After this returns wake is not running and will not be called. */
void why_watch_remove(struct watch *watch, struct watched *item);

#endif /* !defined(RDPWHY_ATTEMPT_WATCH_H) */
