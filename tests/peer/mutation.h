/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_MUTATION_H
#define RDPWHY_PEER_MUTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peer.h"

struct peer_conn;

/*
 * One random change to one of the server's PDUs of a connection, above TLS and before Standard RDP
 * Security's encryption. All of it follows from the seed.
 */
struct peer_mutation;

/* NULL when out of memory. */
struct peer_mutation *mutation_new(uint64_t seed, const struct peer_fault *fault);
/* Prints what has been done, and frees; NULL is nothing. */
void mutation_end(struct peer_mutation *m, const struct peer_conn *conn);

/* Sends the PDU that is due at |moment| by |send|, or what it is to become. |header|: the bytes of
 * its security header. False where |send| fails. */
bool mutation_send(struct peer_mutation *m, struct peer_conn *conn, enum peer_moment moment,
                   const struct peer_pdu *pdu, size_t header,
                   bool (*send)(struct peer_conn *conn, const struct peer_pdu *pdu));

#endif /* !defined(RDPWHY_PEER_MUTATION_H) */
