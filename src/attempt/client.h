/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_CLIENT_H
#define RDPWHY_ATTEMPT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <freerdp/settings.h>
#include <winpr/stream.h>

#include <rdpwhy/plan.h>

/*
 * What the prober says of itself on the wire: what mstsc says, as far as libfreerdp can be brought
 * to it. <rdpwhy/client.h> has the fields, mstsc's values and where ours differ.
 */

#define ROUTING_SIZE (WHY_ROUTING_MAX + 32)

/* The line by which load balancers choose, without its end: "Cookie: mstshash=DOMAIN\\user" as
 * mstsc cuts it, nobody's where |credentials| is NULL, or what |routing| says. Returns its length,
 * without the NUL; 0: there is none. */
size_t why_client_routing(const struct why_routing *routing,
                          const struct why_credentials *credentials, char line[ROUTING_SIZE]);

/* False when out of memory. */
bool why_client_set_face(rdpSettings *s);

/*
 * mstsc's static virtual channels ([MS-RDPBCGR] 2.2.1.3.4): asked for and joined; what comes on
 * them is not looked at. Only once the connection has begun: the library empties its list before
 * that, for channels that plug-ins bring. False when out of memory.
 */
bool why_client_set_channels(rdpSettings *s);

/* Our own address on the connection, which Client Info tells. False when out of memory. */
bool why_client_set_address(rdpSettings *s, const char *address, bool ipv6);

/* What no setting reaches is put right in the PDU itself, which is about to be sent: |requested|
 * are the protocols to offer. False when out of memory. */
bool why_client_mend(wStream *s, uint32_t requested);

#endif /* !defined(RDPWHY_ATTEMPT_CLIENT_H) */
