/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <stdlib.h>

#include <rdpwhy/status.h>

int why_steps_make(struct why_step_list *list, const enum why_profile *profiles,
                   size_t profile_count, const enum why_license_mode *modes, size_t mode_count,
                   unsigned repeat)
{
    size_t n = 0;

    list->items = NULL;
    list->count = 0;
    if (profile_count == 0 || mode_count == 0 || repeat == 0)
        return WHY_ERR_USAGE;
    if (mode_count > SIZE_MAX / profile_count || repeat > SIZE_MAX / (profile_count * mode_count))
        return WHY_ERR_NOMEM;
    list->items = calloc(profile_count * mode_count * repeat, sizeof(*list->items));
    if (list->items == NULL)
        return WHY_ERR_NOMEM;

    for (size_t p = 0; p < profile_count; p++) {
        for (size_t m = 0; m < mode_count; m++) {
            for (unsigned r = 0; r < repeat; r++)
                list->items[n++] = (struct why_step){profiles[p], modes[m], r};
        }
    }
    list->count = n;
    return WHY_OK;
}

void why_steps_clear(struct why_step_list *list)
{
    if (list == NULL)
        return;
    free(list->items);
    list->items = NULL;
    list->count = 0;
}
