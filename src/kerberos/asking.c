/* SPDX-License-Identifier: Apache-2.0 */
#include "asking.h"

#include <poll.h>
#include <stdio.h>

#include "base/clock.h"

#define TICK_MS 50 /* how soon an interrupt is seen */

void why_asking_did(struct asking *a, const char *what, const char *detail)
{
    (void)snprintf(a->did, sizeof(a->did), "%s%s", what, detail);
}

bool why_asking_is_over(const struct asking *a)
{
    return why_clock_us() >= a->deadline_us ||
           (a->x->cancelled != NULL && atomic_load(a->x->cancelled));
}

bool why_asking_ready(struct asking *a, short events)
{
    while (!why_asking_is_over(a)) {
        struct pollfd p = {.fd = a->fd, .events = events};

        if (poll(&p, 1, TICK_MS) > 0)
            return true;
    }
    why_asking_did(a, "it did not answer", "");
    return false;
}
