/* SPDX-License-Identifier: Apache-2.0 */
#include "dial.h"

#include <stddef.h>

#include "dial/dial.h"

#include "clock.h"

#define TICK_MS 50 /* how soon an interrupt is seen */

static void on_event(void *arg, enum why_event_kind kind, int64_t value, const char *text)
{
    why_recorder_event(arg, kind, value, text);
}

/* One round: waits for what the dial waits for. */
static enum why_dial_state go_on(struct why_dial *d, struct why_resolver *resolver)
{
    struct pollfd fds[WHY_DIAL_FDS + 1];
    size_t n = why_dial_fds(d, fds);

    fds[n] = (struct pollfd){.fd = why_resolver_fd(resolver), .events = POLLIN};
    (void)poll(fds, (nfds_t)n + 1, why_clock_ms_until(why_dial_wake_us(d), TICK_MS));
    if (fds[n].revents != 0)
        why_resolver_seen(resolver);
    return why_dial_step(d, fds, n);
}

static int run(struct why_dial *d, struct recorder *rec, struct why_resolver *resolver,
               const atomic_bool *cancelled)
{
    enum why_dial_state state = why_dial_state(d);

    while (state < WHY_DIAL_CONNECTED) {
        if (cancelled != NULL && atomic_load(cancelled)) {
            why_recorder_event(rec, WHY_EV_CANCELLED, 0, NULL);
            return -1;
        }
        state = go_on(d, resolver);
    }
    return why_dial_take(d);
}

int why_attempt_dial(struct recorder *rec, const struct why_dial_request *what,
                     const atomic_bool *cancelled)
{
    struct why_resolver *resolver = why_resolver_new(1);
    struct why_dial_request request = *what;
    struct why_dial *d;
    int fd = -1;

    request.event = on_event;
    request.arg = rec;
    d = resolver != NULL ? why_dial_new(resolver, &request) : NULL;
    if (d != NULL)
        fd = run(d, rec, resolver, cancelled);
    else
        why_recorder_event(rec, WHY_EV_FAILED, 0, "out of memory or descriptors");
    why_dial_free(d);
    why_resolver_free(resolver);
    return fd;
}
