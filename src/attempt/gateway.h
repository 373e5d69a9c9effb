/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_GATEWAY_H
#define RDPWHY_ATTEMPT_GATEWAY_H

#include <stdbool.h>

#include "attempt/request.h"

#include "conn.h"
#include "engine.h"
#include "recorder.h"

/*
 * The way through an RD Gateway ([MS-TSGU] 3.7), up to the channel that carries the RDP connection.
 * Our own and not libfreerdp's, as TLS is: what the verdict needs is what came in each step, and
 * where a step ends nothing more may be said. Kerberos, smart cards and RPC over HTTP are not
 * tried.
 */

struct gateway;

/* Takes |fd| over, which is connected to the gateway. NULL: out of memory, and |fd| is closed. */
struct gateway *why_gateway_new(struct why_engine *engine, const struct why_attempt *attempt,
                                struct recorder *rec, int fd, uint64_t deadline_us);

/* Goes on until the channel is open: true; or until it cannot, and the trace says why not. */
bool why_gateway_open(struct gateway *gateway);

/* The channel, as what |conn| lies on. */
void why_gateway_carry(struct gateway *gateway, struct conn *conn, uint64_t deadline_us);

/*
 * Asks what answers in TLS on |conn|, which stays the caller's, whether it is a gateway: a request
 * without a logon, and a moment for the answer, which is an event.
 */
void why_gateway_look(const struct why_attempt *attempt, struct conn *conn);

/* Closes. Takes NULL. */
void why_gateway_free(struct gateway *gateway);

#endif /* !defined(RDPWHY_ATTEMPT_GATEWAY_H) */
