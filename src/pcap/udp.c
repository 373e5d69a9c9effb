/* SPDX-License-Identifier: Apache-2.0 */
#include "udp.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/map.h"
#include "wire/rdpeudp.h"

#include "session.h"

#define FLOWS_MAX 50000u /* connections, beyond which no more are followed */

/* A client and a server, whatever the ports; compared as bytes. */
struct hosts_key {
    uint8_t client[16], server[16];
    uint8_t v6;
};

/* Likewise: padding is zero. */
struct flow_key {
    struct endpoint client, server;
    bool v6;
};

struct udp_flow {
    struct hosts_key hosts;
    bool sent, answered, unreachable;
};

struct udp {
    struct why_map flows;    /* struct udp_flow, by its key */
    struct why_map sessions; /* the last open struct session of two hosts */
};

struct udp *why_udp_new(void)
{
    return calloc(1, sizeof(struct udp));
}

void why_udp_free(struct udp *udp)
{
    if (udp == NULL)
        return;
    why_map_clear(&udp->flows, free);
    why_map_clear(&udp->sessions, NULL);
    free(udp);
}

static struct hosts_key hosts_of(const struct endpoint *client, const struct endpoint *server,
                                 bool v6)
{
    struct hosts_key key;

    memset(&key, 0, sizeof(key));
    memcpy(key.client, client->address, sizeof(key.client));
    memcpy(key.server, server->address, sizeof(key.server));
    key.v6 = v6;
    return key;
}

int why_udp_know(struct udp *udp, const struct endpoint *client, const struct endpoint *server,
                 bool v6, struct session *session)
{
    struct hosts_key key = hosts_of(client, server, v6);

    return why_map_put(&udp->sessions, &key, sizeof(key), session);
}

void why_udp_forget(struct udp *udp, const struct endpoint *client, const struct endpoint *server,
                    bool v6, const struct session *session)
{
    struct hosts_key key = hosts_of(client, server, v6);

    if (why_map_get(&udp->sessions, &key, sizeof(key)) == session)
        (void)why_map_remove(&udp->sessions, &key, sizeof(key));
}

static void tell(const struct udp *udp, const struct hosts_key *hosts, enum why_dir dir,
                 int version, uint64_t t_us)
{
    struct session *session = why_map_get(&udp->sessions, hosts, sizeof(*hosts));

    if (session == NULL)
        return;
    why_session_packet(session, 0); /* it is none of the TCP connection's */
    why_session_udp(session, dir, version, t_us);
}

static struct flow_key key_of(const struct endpoint *client, const struct endpoint *server, bool v6)
{
    struct flow_key key;

    memset(&key, 0, sizeof(key));
    memcpy(&key.client, client, sizeof(key.client));
    memcpy(&key.server, server, sizeof(key.server));
    key.v6 = v6;
    return key;
}

static int syn(struct udp *udp, const struct udp_datagram *d, unsigned version,
               struct why_pcap_summary *summary)
{
    struct flow_key key = key_of(&d->from, &d->to, d->v6);
    struct why_map_entry *entry;
    struct udp_flow *flow;

    if (udp->flows.count == FLOWS_MAX && why_map_find(&udp->flows, &key, sizeof(key)) == NULL)
        return WHY_OK;
    entry = why_map_add(&udp->flows, &key, sizeof(key));
    if (entry == NULL)
        return WHY_ERR_NOMEM;
    if (entry->value == NULL) {
        flow = calloc(1, sizeof(*flow));
        if (flow == NULL)
            return WHY_ERR_NOMEM;
        flow->hosts = hosts_of(&d->from, &d->to, d->v6);
        entry->value = flow;
        summary->udp++;
    }
    flow = entry->value;
    if (!flow->answered) /* a copy that came late says nothing more */
        tell(udp, &flow->hosts, WHY_DIR_SENT, flow->sent ? -(int)version : (int)version, d->t_us);
    flow->sent = true;
    return WHY_OK;
}

static void answer(const struct udp *udp, const struct udp_datagram *d, unsigned version,
                   struct why_pcap_summary *summary)
{
    struct flow_key key = key_of(&d->to, &d->from, d->v6);
    struct udp_flow *flow = why_map_get(&udp->flows, &key, sizeof(key));

    if (flow == NULL || flow->answered)
        return;
    flow->answered = true;
    summary->udp_answered++;
    tell(udp, &flow->hosts, WHY_DIR_RECEIVED, (int)version, d->t_us);
}

/* The message quotes the client's datagram, or its headers alone: it is known by its ports. */
static void undelivered(const struct udp *udp, const struct udp_datagram *d,
                        struct why_pcap_summary *summary)
{
    struct flow_key key = key_of(&d->from, &d->to, d->v6);
    struct udp_flow *flow = why_map_get(&udp->flows, &key, sizeof(key));

    if (flow == NULL || flow->answered || flow->unreachable)
        return;
    flow->unreachable = true;
    summary->udp_unreachable++;
    tell(udp, &flow->hosts, WHY_DIR_RECEIVED, 0, d->t_us);
}

int why_udp_datagram(struct udp *udp, const struct udp_datagram *datagram,
                     struct why_pcap_summary *summary)
{
    struct why_rdpeudp rdpeudp = why_rdpeudp_read(datagram->data, datagram->len);

    if (datagram->unreachable)
        undelivered(udp, datagram, summary);
    else if (rdpeudp.kind == WHY_RDPEUDP_SYN)
        return syn(udp, datagram, rdpeudp.version, summary);
    else if (rdpeudp.kind == WHY_RDPEUDP_SYN_ACK)
        answer(udp, datagram, rdpeudp.version, summary);
    else
        summary->other++;
    return WHY_OK;
}
