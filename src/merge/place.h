/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_MERGE_PLACE_H
#define RDPWHY_MERGE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/diagnosis.h>

#include "base/map.h"

/* What is kept of hosts: a run may have hundreds of thousands, and there may be hundreds of runs.
 */

#define DIGEST_SIZE 32 /* bytes of SHA-256 */

/* An attempt, as far as places are compared by it. */
struct merge_view {
    uint32_t ordinal, connect_us;
    int64_t code;
    int8_t outcome, phase, phase_to, ending, space; /* space < 0: no code */
    bool has_certificate;
    uint8_t certificate[DIGEST_SIZE];
    const char *address; /* the merge's; NULL: not known */
};

/* Attempts that wait for their host's record. */
struct merge_pending {
    struct merge_view *views; /* owned */
    size_t count, capacity;
};

/* A host from one place. */
struct merge_place {
    uint16_t vantage;
    bool finished;
    uint8_t state;
    uint32_t run; /* whose record counts, once it is finished */
    int64_t started;
    uint32_t outcomes[WHY_OUTCOME_COUNT];
    struct merge_view view;
    struct merge_pending *pending; /* of the run that is read; owned; NULL: none */
};

/* A host from all places. */
struct merge_host {
    struct merge_place *places; /* owned */
    size_t count, capacity;
    const char
        *file_target; /* where the .rdp file leads that it is; as long as the merge; or NULL */
};

/* The place of |host| with this vantage point; NULL: there is none. */
struct merge_place *why_merge_place_find(const struct merge_host *host, size_t vantage);
/* The same, made where there is none; NULL when out of memory. */
struct merge_place *why_merge_place_add(struct merge_host *host, size_t vantage);
void why_merge_host_free(void *value);

/* Another attempt; false when out of memory, or where there are more than any host has. */
bool why_merge_pending_add(struct merge_place *place, const struct merge_view *view);
void why_merge_pending_drop(struct merge_place *place);

/* The place's attempts were run |run|'s of the time |started|, and it ended as |state|; the one
 * with |ordinal| tells most (0: the first). */
void why_merge_place_finish(struct merge_place *place, size_t run, int64_t started,
                            enum why_host_state state, size_t ordinal);

#endif /* !defined(RDPWHY_MERGE_PLACE_H) */
