/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_POLL_SET_H
#define RDPWHY_SCAN_POLL_SET_H

#include <poll.h>
#include <stddef.h>

/* What one poll() waits for. All zeros is the empty set. */
struct poll_set {
    struct pollfd *items; /* owned */
    size_t count, capacity;
};

/* Returns the index of the new item; SIZE_MAX when out of memory. */
size_t why_poll_add(struct poll_set *set, int fd, short events);

#endif /* !defined(RDPWHY_SCAN_POLL_SET_H) */
