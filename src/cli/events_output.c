/* SPDX-License-Identifier: Apache-2.0 */
#include "events_output.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/pcap.h>
#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/rfc3339.h"

#include "cli.h"

#define KEPT_MAX        10000u
#define CONNECTIONS_MAX 10000u
#define TOLD_MAX        40u

struct cli_event {
    uint64_t t_us;
    const char *provider, *what; /* static */
    unsigned id;
    char *values; /* owned */
    char local[80], remote[80];
};

struct cli_ends {
    char client[80], server[80];
};

int cli_events_add(struct cli_events *events, const struct why_pcap_event *event)
{
    struct cli_event *kept;

    if (events->count == KEPT_MAX) {
        events->unkept++;
        return WHY_OK;
    }
    if (!why_grow(&events->items, &events->capacity, events->count + 1, sizeof(*kept)))
        return WHY_ERR_NOMEM;
    kept = &events->items[events->count];
    *kept = (struct cli_event){.t_us = event->t_us,
                               .provider = event->provider,
                               .what = event->what,
                               .id = event->id,
                               .values = strdup(event->values)};
    if (kept->values == NULL)
        return WHY_ERR_NOMEM;
    (void)snprintf(kept->local, sizeof(kept->local), "%s", event->local);
    (void)snprintf(kept->remote, sizeof(kept->remote), "%s", event->remote);
    events->count++;
    return WHY_OK;
}

int cli_events_connection(struct cli_events *events, const struct why_pcap_connection *connection)
{
    struct cli_ends *ends;

    if (events->rdp_count == CONNECTIONS_MAX)
        return WHY_OK;
    if (!why_grow(&events->rdp, &events->rdp_capacity, events->rdp_count + 1, sizeof(*ends)))
        return WHY_ERR_NOMEM;
    ends = &events->rdp[events->rdp_count++];
    memcpy(ends->client, connection->client, sizeof(ends->client));
    memcpy(ends->server, connection->server, sizeof(ends->server));
    return WHY_OK;
}

static bool is_of_interest(const struct cli_events *events, const struct cli_event *event)
{
    if (*event->local == '\0' && *event->remote == '\0')
        return true;
    for (size_t i = 0; i < events->rdp_count; i++) {
        const struct cli_ends *ends = &events->rdp[i];

        if ((strcmp(event->local, ends->client) == 0 && strcmp(event->remote, ends->server) == 0) ||
            (strcmp(event->local, ends->server) == 0 && strcmp(event->remote, ends->client) == 0))
            return true;
    }
    return false;
}

static void tell_event(const struct cli_event *event, const char *name)
{
    char time[WHY_RFC3339_SIZE] = "at an unknown time";

    if (event->t_us > 0)
        (void)why_rfc3339_print((int64_t)(event->t_us / 1000000), (int32_t)(event->t_us % 1000000),
                                time);
    cli_sayf("%s: %s %s %u: %s%s%s%s%s%s%s", name, time, event->provider, event->id, event->what,
             *event->local != '\0' ? ", " : "", event->local,
             *event->remote != '\0' ? " with " : "", event->remote,
             *event->values != '\0' ? ": " : "", event->values);
}

void cli_events_tell(const struct cli_events *events, const char *name)
{
    size_t told = 0;

    for (size_t i = 0; i < events->count; i++) {
        if (!is_of_interest(events, &events->items[i]))
            continue;
        if (told++ < TOLD_MAX)
            tell_event(&events->items[i], name);
    }
    if (told > TOLD_MAX || events->unkept > 0)
        cli_sayf("%s: %" PRIu64 " more events of Windows' own", name,
                 (told > TOLD_MAX ? told - TOLD_MAX : 0) + events->unkept);
}

void cli_events_clear(struct cli_events *events)
{
    for (size_t i = 0; i < events->count; i++)
        free(events->items[i].values);
    free(events->items);
    free(events->rdp);
    *events = (struct cli_events){.count = 0};
}
