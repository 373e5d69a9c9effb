/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

void why_replay_begin(struct why_replay *r, const struct why_trace *trace, uint32_t wanted,
                      struct why_reading *reading)
{
    memset(r, 0, sizeof(*r));
    r->trace = trace;
    r->reading = reading;
    why_progress_init(&r->progress, wanted);
}

static void keep(void *arg, const struct why_pdu *pdu)
{
    struct why_replay *r = arg;
    struct why_reading *reading = r->reading;

    if (r->event->len == 0)
        return;
    if (!why_grow(&reading->pdus, &reading->capacity, reading->count + 1, sizeof(*reading->pdus))) {
        r->nomem = true;
        return;
    }
    reading->pdus[reading->count++] =
        (struct why_read_pdu){.event = r->next - 1,
                              .dir = r->event->dir,
                              .type = pdu->type,
                              .encrypted = pdu->encrypted,
                              .refuses = r->event->dir == WHY_DIR_RECEIVED && why_pdu_refuses(pdu),
                              .problem = pdu->problem};
}

bool why_replay_next(struct why_replay *r)
{
    r->event = r->nomem ? NULL : why_trace_at(r->trace, r->next);
    if (r->event == NULL)
        return false;
    r->next++;
    r->due = why_progress_due(&r->progress);
    why_progress_each(&r->progress, r->event, &r->pdu, r->reading != NULL ? keep : NULL, r);
    return true;
}

struct why_reading *why_reading_new(const struct why_trace *trace)
{
    struct why_reading *reading = calloc(1, sizeof(*reading));
    struct why_replay r;

    if (reading == NULL)
        return NULL;
    why_replay_begin(&r, trace, UINT32_MAX, reading);
    while (why_replay_next(&r))
        continue;
    if (r.nomem) {
        why_reading_free(reading);
        return NULL;
    }
    return reading;
}

void why_reading_free(struct why_reading *reading)
{
    if (reading == NULL)
        return;
    free(reading->pdus);
    free(reading);
}

const struct why_read_pdu *why_reading_of(const struct why_reading *reading, size_t event,
                                          size_t *count)
{
    size_t first = 0, end = reading != NULL ? reading->count : 0;

    *count = 0;
    while (first < end) {
        size_t middle = first + (end - first) / 2;

        if (reading->pdus[middle].event < event)
            first = middle + 1;
        else
            end = middle;
    }
    while (reading != NULL && first + *count < reading->count &&
           reading->pdus[first + *count].event == event)
        ++*count;
    return *count > 0 ? &reading->pdus[first] : NULL;
}
