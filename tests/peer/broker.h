/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_BROKER_H
#define RDPWHY_PEER_BROKER_H

#include "peer.h"

/*
 * A broker and the servers that it sends clients to, by [MS-RDPBCGR] 2.2.13, 3.2.5.3.1 and 5.4.5.3.
 * It is played: what a real one does besides is not here.
 */

/* |value|: where a client is sent that has just come. */
enum broker_way {
    BROKER_BACK,     /* to the same address, with a routing token; who brings one is served */
    BROKER_LOOP,     /* the same, always */
    BROKER_NEXT,     /* from 127.0.0.N to 127.0.0.N+1, |value2| times; served there */
    BROKER_NOBODY,   /* to 127.0.0.99, where nobody listens */
    BROKER_UNKNOWN,  /* to a name that nobody knows */
    BROKER_PASSWORD, /* back, with an account and its password in the clear */
    BROKER_RDSTLS,   /* back, with an account, a GUID and what RDSTLS proves it with */
    BROKER_STALE,    /* the same, with a password that is not right any more */
    BROKER_KNOWN     /* back, with the certificate that the server there has, or (value2) not */
};

/* What the servers behind the broker take in RDSTLS. */
#define BROKER_USER     "broker-user"
#define BROKER_DOMAIN   "BROKER"
#define BROKER_SECRET   "b3BhcXVlLXNlY3JldA"
#define BROKER_GUID     "{\x11\x22\x33\x44-redirection-guid}"
#define BROKER_GUID_LEN (sizeof(BROKER_GUID) - 1)

enum peer_result act_broker(struct peer_conn *conn, struct peer_pdu *pdu);

/* A console port of Hyper-V: a preconnection PDU of version 2 that names HYPER_V_MACHINE, then TLS
 * and CredSSP at once, and the negotiation inside. FIN to all others. */
#define HYPER_V_MACHINE "BA1B6DBD-89AC-4630-A737-C4BCC3BB99FB"
void script_hyper_v(struct peer_conn *conn);

#endif /* !defined(RDPWHY_PEER_BROKER_H) */
