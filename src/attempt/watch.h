/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_WATCH_H
#define RDPWHY_ATTEMPT_WATCH_H

#include <stdatomic.h>
#include <stdint.h>

/*
 * One thread that wakes attempts up. libfreerdp waits inside freerdp_connect for as long as its own
 * settings say and looks at nothing else meanwhile; its abort event is the only thing another
 * thread may use to end that.
 */

struct watch;

/* NULL when out of memory or threads. */
struct watch *watch_new(void);
void watch_free(struct watch *watch);

/* One attempt under watch; storage by the caller, who keeps it until watch_remove. */
struct watched {
    struct watched *next;
    uint64_t deadline_us; /* monotonic */
    const atomic_bool *cancelled;
    void (*wake)(void *arg); /* called from the watch's thread, again and again once it is due */
    void *arg;
};

void watch_add(struct watch *watch, struct watched *item);

/* After this returns wake is not running and will not be called. */
void watch_remove(struct watch *watch, struct watched *item);

#endif /* !defined(RDPWHY_ATTEMPT_WATCH_H) */
