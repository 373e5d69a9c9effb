/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

/* As a saved run may have (src/saved): --repeat 10000 of one host. */
#define PENDING_MAX 200000u

struct merge_place *why_merge_place_find(const struct merge_host *host, size_t vantage)
{
    for (size_t i = 0; i < host->count; i++) {
        if (host->places[i].vantage == vantage)
            return &host->places[i];
    }
    return NULL;
}

/* Most hosts are seen from one place or two: there is no room for more until they come. */
static bool has_room(struct merge_host *host)
{
    if (host->capacity > 0)
        return why_grow(&host->places, &host->capacity, host->count + 1, sizeof(*host->places));
    host->places = calloc(1, sizeof(*host->places));
    host->capacity = host->places != NULL;
    return host->places != NULL;
}

struct merge_place *why_merge_place_add(struct merge_host *host, size_t vantage)
{
    struct merge_place *place = why_merge_place_find(host, vantage);

    if (place != NULL)
        return place;
    if (!has_room(host))
        return NULL;
    place = &host->places[host->count++];
    *place = (struct merge_place){.vantage = (uint16_t)vantage};
    return place;
}

void why_merge_host_free(void *value)
{
    struct merge_host *host = value;

    for (size_t i = 0; i < host->count; i++)
        why_merge_pending_drop(&host->places[i]);
    free(host->places);
    free(host);
}

bool why_merge_pending_add(struct merge_place *place, const struct merge_view *view)
{
    struct merge_pending *pending = place->pending;

    if (pending == NULL)
        pending = place->pending = calloc(1, sizeof(*pending));
    if (pending == NULL || pending->count == PENDING_MAX ||
        !why_grow(&pending->views, &pending->capacity, pending->count + 1, sizeof(*view)))
        return false;
    pending->views[pending->count++] = *view;
    return true;
}

void why_merge_pending_drop(struct merge_place *place)
{
    if (place->pending != NULL)
        free(place->pending->views);
    free(place->pending);
    place->pending = NULL;
}

/* The attempt that the host's answer rests on, with what only others know of address, certificate
 * and time: they were about the same server. */
static void choose_view(struct merge_view *view, const struct merge_pending *pending,
                        size_t ordinal)
{
    for (size_t i = 0; i < pending->count; i++) {
        if (i == 0 || pending->views[i].ordinal == ordinal)
            *view = pending->views[i];
    }
    for (size_t i = 0; i < pending->count; i++) {
        const struct merge_view *other = &pending->views[i];

        if (view->address == NULL)
            view->address = other->address;
        if (other->connect_us > 0 &&
            (view->connect_us == 0 || other->connect_us < view->connect_us))
            view->connect_us = other->connect_us;
        if (view->has_certificate || !other->has_certificate)
            continue;
        view->has_certificate = true;
        memcpy(view->certificate, other->certificate, DIGEST_SIZE);
    }
}

void why_merge_place_finish(struct merge_place *place, size_t run, int64_t started,
                            enum why_host_state state, size_t ordinal)
{
    place->finished = true;
    place->run = (uint32_t)run;
    place->started = started;
    place->state = (uint8_t)state;
    place->view = (struct merge_view){.outcome = -1, .phase = -1, .phase_to = -1, .space = -1};
    memset(place->outcomes, 0, sizeof(place->outcomes));
    if (place->pending == NULL)
        return;
    for (size_t i = 0; i < place->pending->count; i++)
        place->outcomes[place->pending->views[i].outcome]++;
    choose_view(&place->view, place->pending, ordinal);
}
