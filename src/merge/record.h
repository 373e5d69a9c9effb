/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_MERGE_RECORD_H
#define RDPWHY_MERGE_RECORD_H

#include "base/json_read.h"

#include "place.h"

/* A line of a saved run: what merging needs of it. */

enum merge_slot {
    MERGE_SCHEMA,
    MERGE_RECORD,
    MERGE_TARGET,
    MERGE_VANTAGE,
    MERGE_VERSION,
    MERGE_STARTED,
    MERGE_TARGETS,
    MERGE_MERGED,
    MERGE_COMPLETE,
    MERGE_INTERRUPTED,
    MERGE_STATE,
    MERGE_FINDINGS,
    MERGE_ORDINAL,
    MERGE_OUTCOME,
    MERGE_PHASE,
    MERGE_PHASE_TO,
    MERGE_ENDING,
    MERGE_SPACE,
    MERGE_CODE,
    MERGE_ADDRESS,
    MERGE_FILE_TARGET,
    MERGE_CERTIFICATE,
    MERGE_PHASES,
    MERGE_SLOTS
};

/* All of them, and those that tell whose line it is. */
extern const struct why_json_member why_merge_members[];
extern const struct why_json_member why_merge_whose[];

/* The attempt of the line read last, but for its address. False: it is none. */
bool why_merge_view(const struct why_json_value *values, struct merge_view *view);

/* The host's state; < 0: none that is known. The attempt that its first finding rests on; 0: none.
 */
int why_merge_state(const struct why_json_value *values);
size_t why_merge_telling(const struct why_json_value *values);

#endif /* !defined(RDPWHY_MERGE_RECORD_H) */
