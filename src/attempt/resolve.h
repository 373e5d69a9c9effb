/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_RESOLVE_H
#define RDPWHY_ATTEMPT_RESOLVE_H

#include <netdb.h>
#include <stdatomic.h>
#include <stdint.h>

/*
 * getaddrinfo with a deadline, which the call itself does not have: it runs in a thread of its own
 * that is left behind (and cleans up after itself) when the time is up.
 *
 * Returns 0 with |*out| for freeaddrinfo, an EAI_ code, RESOLVE_TIMEOUT, or RESOLVE_CANCELLED.
 */
#define RESOLVE_TIMEOUT   (-100001)
#define RESOLVE_CANCELLED (-100002)

int resolve(const char *host, uint16_t port, int family, uint64_t deadline_us,
            const atomic_bool *cancelled, struct addrinfo **out);

#endif /* !defined(RDPWHY_ATTEMPT_RESOLVE_H) */
