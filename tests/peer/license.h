/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_LICENSE_H
#define RDPWHY_PEER_LICENSE_H

#include <stdbool.h>
#include <stdint.h>

struct peer_conn;

/* Called before each message but the first; false ends the exchange. */
typedef bool (*license_between)(struct peer_conn *conn, unsigned step);

enum license_end {
    LICENSE_GRANTED, /* a license was issued, upgraded or accepted, or none was asked for */
    LICENSE_STOPPED, /* where the row says */
    LICENSE_REFUSED, /* an ERROR_ALERT was sent: what the client presented is not right */
    LICENSE_LOST     /* the client went away or answered with something else */
};

/*
 * The server's half of a license exchange ([MS-RDPELE] 3.2.5), which the library does not get to an
 * end; the row's |licensing| says what is different from it.
 * An administrative client is asked for nothing. One without a license (NEW_LICENSE_REQUEST) is
 * challenged and gets a NEW_LICENSE. One with a license (LICENSE_INFO):
 * - the license is not one of this server's, byte for byte: ERROR_ALERT ERR_INVALID_MAC;
 * - it is, but for other hardware: PLATFORM_CHALLENGE, and after the response, which proves the
 *   hardware, ERROR_ALERT ERR_INVALID_CLIENT;
 * - else STATUS_VALID_CLIENT, or (|upgrade|) PLATFORM_CHALLENGE and UPGRADE_LICENSE.
 * 3.2.5.3 and 3.2.5.5 have the server check signature and hardware ID, and leave the error codes
 * open; these keep the license modes of the prober apart on the wire. Both come with
 * ST_TOTAL_ABORT. Under Standard RDP Security it takes 128-bit encryption (rdpsec.h).
 */
enum license_end license_exchange(struct peer_conn *conn, license_between between);

#endif /* !defined(RDPWHY_PEER_LICENSE_H) */
