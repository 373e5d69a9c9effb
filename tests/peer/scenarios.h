/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_SCENARIOS_H
#define RDPWHY_PEER_SCENARIOS_H

/* Hosts that do different things with different offers on one port. */

struct peer_conn;
struct peer_fault;
struct peer_server;

enum peer_offer { PEER_OFFER_RDP, PEER_OFFER_TLS, PEER_OFFER_NLA, PEER_OFFER_COUNT };

struct peer_scenario {
    const char *name;
    const char *what;
    const char *faults[PEER_OFFER_COUNT][2]; /* the second: every second connection; NULL: none */
};

const struct peer_scenario *peer_scenario_find(const char *name);
/* Prints the table as TSV. Returns 0, or -1 where stdout fails. */
int peer_scenario_list(void);

/* What this connection, the |number|th from 0, is to meet; never NULL after peer_scenario_each. */
const struct peer_fault *peer_scenario_fault(const struct peer_scenario *scenario,
                                             struct peer_conn *conn, unsigned number);
/* |prepare| for every fault of the scenario. 0, or -1 with a message. */
int peer_scenario_each(const struct peer_scenario *scenario,
                       int (*prepare)(struct peer_server *server, const struct peer_fault *fault),
                       struct peer_server *server);

#endif /* !defined(RDPWHY_PEER_SCENARIOS_H) */
