/* SPDX-License-Identifier: Apache-2.0 */
#include "doors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "base/map.h"

#define DOORS_MAX  50000u    /* a scan of ports has more of them than anybody reads */
#define AGAIN_US   10000000u /* within that time it is the same attempt that tries again */
#define SILENCE_US 3000000u  /* a request is sent again after one second */

struct server_key {
    struct endpoint server;
    bool v6;
};

struct door_key {
    struct endpoint client, server;
};

struct doors {
    struct why_map servers; /* known, by struct server_key */
    struct why_map latest;  /* struct door, by struct door_key */
    struct door **all;
    size_t count, capacity;
};

struct doors *why_doors_new(void)
{
    return calloc(1, sizeof(struct doors));
}

void why_doors_free(struct doors *doors)
{
    if (doors == NULL)
        return;
    for (size_t i = 0; i < doors->count; i++)
        free(doors->all[i]);
    free(doors->all);
    why_map_clear(&doors->servers, NULL);
    why_map_clear(&doors->latest, NULL);
    free(doors);
}

static struct server_key server_key_of(const struct endpoint *server, bool v6)
{
    struct server_key key;

    memset(&key, 0, sizeof(key));
    memcpy(&key.server, server, sizeof(key.server));
    key.v6 = v6;
    return key;
}

bool why_doors_know(struct doors *doors, const struct endpoint *server, bool v6)
{
    struct server_key key = server_key_of(server, v6);

    return why_map_put(&doors->servers, &key, sizeof(key), doors) == WHY_OK;
}

/* Some clients take a refusal for a chance and ask three times. */
static bool asks_again(struct door *before, const struct door *door)
{
    if (before == NULL || door->began_us - before->last_us > AGAIN_US)
        return false;
    before->requests += door->requests;
    before->last_us = door->last_us;
    before->number = door->number;
    before->refused = before->refused || door->refused;
    return true;
}

static bool make_room(struct doors *doors)
{
    size_t more = doors->capacity != 0 ? doors->capacity * 2 : 64;
    struct door **all;

    if (doors->count < doors->capacity)
        return true;
    all = realloc(doors->all, more * sizeof(struct door *));
    if (all == NULL)
        return false;
    doors->all = all;
    doors->capacity = more;
    return true;
}

bool why_doors_add(struct doors *doors, const struct door *door)
{
    struct door_key key;
    struct door *kept;

    memset(&key, 0, sizeof(key));
    memcpy(&key.client, &door->client, sizeof(key.client));
    memcpy(&key.server, &door->server, sizeof(key.server));
    if (asks_again(why_map_get(&doors->latest, &key, sizeof(key)), door) ||
        doors->count >= DOORS_MAX)
        return true;
    kept = make_room(doors) ? malloc(sizeof(*kept)) : NULL;
    if (kept == NULL)
        return false;
    memcpy(kept, door, sizeof(*kept));
    doors->all[doors->count++] = kept;
    return why_map_put(&doors->latest, &key, sizeof(key), kept) == WHY_OK;
}

/* ---- traces ---------------------------------------------------------------------------------- */

bool why_doors_is_port(const struct why_pcap *pcap, uint16_t port)
{
    for (size_t i = 0; i < pcap->port_count; i++) {
        if (pcap->ports[i] == port)
            return true;
    }
    return port == RDP_PORT;
}

static bool is_rdp(const struct doors *doors, const struct why_pcap *pcap, const struct door *door)
{
    struct server_key key = server_key_of(&door->server, door->v6);

    return why_doors_is_port(pcap, door->server.port) ||
           why_map_get(&doors->servers, &key, sizeof(key)) != NULL;
}

static int append(struct why_trace *trace, const struct door *door, const char *label,
                  uint64_t end_us)
{
    const struct why_event dial = {.kind = WHY_EV_DIAL, .text = label, .packet = door->number};
    bool silent = door->requests > 1 || end_us - door->last_us >= SILENCE_US;
    struct why_event end = {.t_us = door->last_us - door->began_us,
                            .kind = WHY_EV_DIAL_FAILED,
                            .value = door->refused ? ECONNREFUSED : ETIMEDOUT,
                            .text = label,
                            .packet = door->number};

    if (!door->refused && !silent)
        end = (struct why_event){.t_us = end.t_us,
                                 .kind = WHY_EV_STOP,
                                 .flags = WHY_EVENT_CUT_OFF,
                                 .text = "the capture ends right after the connection request",
                                 .packet = door->number};
    if (why_trace_append(trace, &dial) != WHY_OK)
        return WHY_ERR_NOMEM;
    return why_trace_append(trace, &end);
}

static void label_of(const struct endpoint *end, bool v6, char *host, size_t host_len, char *label,
                     size_t label_len)
{
    if (inet_ntop(v6 ? AF_INET6 : AF_INET, end->address, host, (socklen_t)host_len) == NULL)
        (void)snprintf(host, host_len, "?");
    (void)snprintf(label, label_len, v6 ? "[%s]:%u" : "%s:%u", host, (unsigned)end->port);
}

static int tell_connection(const struct why_pcap *pcap, const struct door *door)
{
    struct why_pcap_connection c = {.began_us = door->began_us, .ended_us = door->last_us};
    char host[64];

    if (pcap->on_connection == NULL)
        return WHY_OK;
    label_of(&door->client, door->v6, host, sizeof(host), c.client, sizeof(c.client));
    label_of(&door->server, door->v6, host, sizeof(host), c.server, sizeof(c.server));
    c.reset[WHY_DIR_RECEIVED] = door->refused;
    return pcap->on_connection(pcap->arg, &c);
}

static int hand_out(const struct why_pcap *pcap, const struct door *door,
                    const struct why_pcap_summary *summary)
{
    char host[64], label[80], client[80];
    struct why_trace_head head = {.host = host,
                                  .port = door->server.port,
                                  .profile = WHY_PROFILE_NEGOTIATE,
                                  .license_mode = WHY_LICENSE_MODE_FRESH,
                                  .until = WHY_PHASE_ACTIVE,
                                  .started_us = door->began_us,
                                  .client = client,
                                  .capture = pcap->name,
                                  .capture_us = summary->first_us};
    struct why_trace *trace;
    int status = tell_connection(pcap, door);

    if (status != WHY_OK)
        return status;
    label_of(&door->client, door->v6, host, sizeof(host), client, sizeof(client));
    label_of(&door->server, door->v6, host, sizeof(host), label, sizeof(label));
    trace = why_trace_new(&head);
    if (trace == NULL || append(trace, door, label, summary->last_us) != WHY_OK) {
        why_trace_free(trace);
        return WHY_ERR_NOMEM;
    }
    return pcap->on_trace(pcap->arg, trace);
}

int why_doors_hand_out(struct doors *doors, const struct why_pcap *pcap,
                       struct why_pcap_summary *summary)
{
    int status = WHY_OK;

    for (size_t i = 0; i < doors->count && status == WHY_OK; i++) {
        const struct door *door = doors->all[i];

        if (!is_rdp(doors, pcap, door))
            continue;
        summary->refused += door->refused;
        summary->unanswered += !door->refused;
        status = hand_out(pcap, door, summary);
    }
    return status;
}
