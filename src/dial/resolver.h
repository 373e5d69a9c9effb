/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIAL_RESOLVER_H
#define RDPWHY_DIAL_RESOLVER_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "dial/dial.h"

/* One look-up under way. */
struct lookup;

/* NULL: no thread or memory for it. */
struct lookup *lookup_start(struct why_resolver *resolver, const char *host, uint16_t port,
                            int family);
/* True once it has ended: |*result| is 0 with |*list| for freeaddrinfo, or an EAI_ code. */
bool lookup_poll(struct lookup *lookup, int *result, struct addrinfo **list);
/* Lets go of it, whether it has ended or not. Takes NULL. */
void lookup_free(struct lookup *lookup);

/* What needs no thread: 0 with |*list| where |host| is an address, else an EAI_ code. */
int lookup_address(const char *host, uint16_t port, int family, struct addrinfo **list);

#endif /* !defined(RDPWHY_DIAL_RESOLVER_H) */
