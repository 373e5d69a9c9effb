/* SPDX-License-Identifier: Apache-2.0 */
#include "events_output.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/captured.h>
#include <rdpwhy/pcap.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/rfc3339.h"
#include "offline/offline.h"

#include "cli.h"

#define KEPT_MAX        10000u
#define CONNECTIONS_MAX 10000u
#define TOLD_MAX        40u

struct cli_event {
    uint64_t t_us;
    const char *provider, *what; /* static */
    unsigned id;
    enum why_sign sign;
    uint32_t process, owner;
    char *values; /* owned */
    char local[80], remote[80];
    bool told; /* a result has it */
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
                               .sign = event->sign,
                               .process = event->process,
                               .owner = event->owner,
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

/* ---- what an event is about ------------------------------------------------------------------ */

/* How long before and after a connection what Windows says may be of it. */
#define NEAR_US UINT64_C(2000000)

static bool is_near(const struct cli_event *event, const struct why_captured *c)
{
    return event->t_us > 0 && event->t_us + NEAR_US >= c->began_us &&
           event->t_us <= c->ended_us + NEAR_US;
}

static bool names_both(const struct cli_event *event, const struct why_captured *c)
{
    return *event->local != '\0' &&
           ((strcmp(event->local, c->client) == 0 && strcmp(event->remote, c->server) == 0) ||
            (strcmp(event->local, c->server) == 0 && strcmp(event->remote, c->client) == 0));
}

/* Whether |text| is the host of "10.0.0.7:50000" or "[2001:db8::7]:50000". */
static bool is_host_of(const char *text, const char *address)
{
    size_t len = strlen(text);

    if (*address == '[')
        return strncmp(address + 1, text, len) == 0 && address[1 + len] == ']';
    return strncmp(address, text, len) == 0 && address[len] == ':';
}

/* WHY_TIE_COUNT: nothing ties them. |owner|: the process of the connection; 0: not known. */
static enum why_tie tie_of(const struct cli_event *event, const struct why_captured *c,
                           uint32_t owner)
{
    if (names_both(event, c) ||
        (*event->local == '\0' && *event->remote != '\0' && strcmp(event->remote, c->client) == 0))
        return WHY_TIE_CONNECTION;
    if (*event->local != '\0' || !is_near(event, c))
        return WHY_TIE_COUNT;
    if (*event->remote != '\0')
        return is_host_of(event->remote, c->client) ? WHY_TIE_CLIENT : WHY_TIE_COUNT;
    return owner != 0 && event->process == owner ? WHY_TIE_PROCESS : WHY_TIE_TIME;
}

struct attaching {
    struct cli_events *events;
    size_t file;
};

static int attach(struct cli_event *event, struct why_captured *c, enum why_tie tie)
{
    char text[1024];
    const struct why_remark remark = {
        .t_us = event->t_us, .tie = tie, .sign = event->sign, .text = text};

    (void)snprintf(text, sizeof(text), "%s %u: %s%s%s", event->provider, event->id, event->what,
                   *event->values != '\0' ? ": " : "", event->values);
    event->told = true;
    return why_captured_add_remark(c, &remark);
}

static int attach_to(void *arg, struct why_result *result)
{
    const struct attaching *a = arg;
    struct why_captured *c = result->captured;
    uint32_t owner = 0;
    int status = WHY_OK;

    if (c == NULL || c->file != a->file)
        return WHY_OK;
    for (size_t i = 0; i < a->events->count && owner == 0; i++) {
        if (names_both(&a->events->items[i], c))
            owner = a->events->items[i].owner;
    }
    for (size_t i = 0; i < a->events->count && status == WHY_OK; i++) {
        struct cli_event *event = &a->events->items[i];
        enum why_tie tie = tie_of(event, c, owner);

        if (tie != WHY_TIE_COUNT)
            status = attach(event, c, tie);
    }
    return status;
}

int cli_events_attach(struct cli_events *events, struct why_offline *offline, size_t file)
{
    struct attaching a = {events, file};

    return why_offline_each(offline, attach_to, &a);
}

/* ---- what is left ---------------------------------------------------------------------------- */

static bool is_of_interest(const struct cli_events *events, const struct cli_event *event)
{
    if (event->told)
        return false;
    if (*event->local == '\0')
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
             *event->local != '\0' ? ", " : "", event->local, *event->local != '\0' ? " with " : "",
             *event->local != '\0' ? event->remote : "", *event->values != '\0' ? ": " : "",
             event->values);
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
