/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_LICENSE_H
#define RDPWHY_PEER_LICENSE_H

#include <stdbool.h>
#include <stdint.h>

struct peer_conn;

#define LICENSE_MSG_PLATFORM_CHALLENGE 0x02
#define LICENSE_MSG_NEW_LICENSE        0x03

/* Called before each message but the first; false ends the exchange. */
typedef bool (*license_between)(struct peer_conn *conn, unsigned step);

/*
 * The server's half of a license exchange ([MS-RDPELE] 3.2.5), which the library does not get to an
 * end: LICENSE_REQUEST, the client's answer, PLATFORM_CHALLENGE, its response, NEW_LICENSE. Stops
 * before sending message type |stop_before| (0: nothing is left out). Works inside TLS only: under
 * Standard RDP Security the client encrypts its answers. |between| may be NULL. False: the client
 * went away or answered with something else.
 */
bool license_exchange(struct peer_conn *conn, uint8_t stop_before, license_between between);

#endif /* !defined(RDPWHY_PEER_LICENSE_H) */
