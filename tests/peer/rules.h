/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_RULES_H
#define RDPWHY_PEER_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peer.h"

struct peer_conn;

/* How far the client has come, for rules about the order of its PDUs. */
struct client_course {
    uint8_t flags;     /* of RDP_NEG_REQ */
    bool has_password; /* the server got one in CredSSP's last message */
    bool erected, attached, informed, demanded;
    uint32_t share_id; /* of the server's Demand Active */
    unsigned joined;   /* how many of |joins| */
    uint16_t joins[40];
    bool confirmed, synchronized, cooperated; /* since the last Demand Active */
    bool requested;
};

/* NULL, or the rule of [MS-RDPBCGR] that the client's Connection Request breaks. */
const char *rules_request(struct client_course *c, const uint8_t *pdu, size_t len);
/* The same of a later PDU; |plain|: nothing of it is encrypted (any more). */
const char *rules_pdu(struct peer_conn *conn, const uint8_t *pdu, size_t len, bool plain);
/* Whether such a PDU, |header| bytes of it a security header, is a Persistent Key List. */
bool rules_is_key_list(const uint8_t *pdu, size_t len, size_t header);
/* Learns what the server's Demand Active says; without encryption. */
void rules_demand_active(struct peer_conn *conn, const uint8_t *pdu, size_t len, size_t header);

#endif /* !defined(RDPWHY_PEER_RULES_H) */
