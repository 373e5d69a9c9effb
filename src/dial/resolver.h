/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIAL_RESOLVER_H
#define RDPWHY_DIAL_RESOLVER_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Looks names up in threads of their own, for getaddrinfo has no deadline: one that does not answer
 * in time is left behind and cleans up after itself. */
struct why_resolver;

/* At most |threads| look-ups at once, those left behind included. NULL: out of memory or files. */
struct why_resolver *why_resolver_new(size_t threads);
/* Takes NULL. Does not wait for look-ups under way. */
void why_resolver_free(struct why_resolver *resolver);
/* Whether another look-up may begin. */
bool why_resolver_has_room(struct why_resolver *resolver);
/* Readable once a look-up has ended; why_resolver_seen makes it unreadable again. */
int why_resolver_fd(const struct why_resolver *resolver);
void why_resolver_seen(struct why_resolver *resolver);

/* One look-up under way. */
struct lookup;

/* NULL: no thread or memory for it. */
struct lookup *why_lookup_start(struct why_resolver *resolver, const char *host, uint16_t port,
                                int family);
/* True once it has ended: |*result| is 0 with |*list| for freeaddrinfo, or an EAI_ code. */
bool why_lookup_poll(struct lookup *lookup, int *result, struct addrinfo **list);
/* Lets go of it, whether it has ended or not. Takes NULL. */
void why_lookup_free(struct lookup *lookup);

/* What needs no thread: 0 with |*list| where |host| is an address, else an EAI_ code. */
int why_lookup_address(const char *host, uint16_t port, int family, struct addrinfo **list);

#endif /* !defined(RDPWHY_DIAL_RESOLVER_H) */
