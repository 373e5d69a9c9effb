/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <string.h>

struct why_change why_row_change(const struct row *row, enum why_change_class class)
{
    return (struct why_change){.info = &row->info, .class = class};
}

void why_row_put(const struct row *row, const struct pair *pair, const struct why_change *change,
                 const char *before, const char *after)
{
    const struct run_attempt *attempt = row->of_host ? NULL : pair->attempts[AFTER];
    struct why_change_step step = {.profile = WHY_PROFILE_COUNT};

    if (attempt)
        step = (struct why_change_step){attempt->profile, attempt->license_mode};
    why_changes_add(pair->into, change, before, after, attempt ? &step : NULL);
}

void why_row_fact(const struct row *row, const struct pair *pair)
{
    const char *before = pair->attempts[BEFORE]->facts[row->fact];
    const char *after = pair->attempts[AFTER]->facts[row->fact];
    struct why_change change = why_row_change(row, WHY_CHANGE_OTHER);

    if (!before || !after || strcmp(before, after) == 0)
        return;
    if (row->rank)
        change.class = why_class_of_ranks(row->rank(before), row->rank(after));
    why_row_put(row, pair, &change, before, after);
}
