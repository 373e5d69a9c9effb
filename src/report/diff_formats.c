/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_formats.h"

#include <string.h>

#include <rdpwhy/plan.h>

#include "facts/words.h"

static const struct why_diff_format *const formats[] = {
    &why_diff_text,
    &why_diff_jsonl,
    &why_diff_junit,
};

const struct why_diff_format *const *why_diff_formats(size_t *count)
{
    *count = sizeof(formats) / sizeof(formats[0]);
    return formats;
}

const struct why_diff_format *why_diff_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    }
    return NULL;
}

void why_diff_steps_words(const struct why_change *change, char *buf, size_t len)
{
    snprintf(buf, len, "%s", change->step_count ? "" : "host");
    for (size_t i = 0; i < change->step_count; i++) {
        const struct why_step plan_step = {change->steps[i].profile, change->steps[i].license_mode,
                                           0};
        char step[64];
        size_t at = strlen(buf);

        why_words_step(&plan_step, step, sizeof(step));
        snprintf(buf + at, len - at, "%s%s", i ? ", " : "", step);
    }
}
