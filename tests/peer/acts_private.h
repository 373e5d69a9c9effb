/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_ACTS_PRIVATE_H
#define RDPWHY_PEER_ACTS_PRIVATE_H

#include "acts.h"
#include "builders.h"
#include "conn.h"

/* What the acts share. */

/* Below TLS where the ClientHello is to be answered, above it else. */
enum peer_result acts_either(struct peer_conn *conn, const struct build *b);
/* Set Error Info, unless the client has not said it supports it ([MS-RDPBCGR] 2.2.5.1). */
void acts_error_info(struct peer_conn *conn, uint32_t code);
/* The license exchange. SWALLOW: it has come to the row's stop, or to its end where there is none.
 */
enum peer_result acts_exchange(struct peer_conn *conn);
/* |pdu| on a static channel; 0: the first. */
void acts_on_channel(struct peer_conn *conn, struct peer_pdu *pdu, unsigned channel);

#endif /* !defined(RDPWHY_PEER_ACTS_PRIVATE_H) */
