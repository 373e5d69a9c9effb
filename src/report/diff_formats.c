/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_formats.h"

#include <string.h>

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

void why_diff_step_words(const struct why_change_step *step, char *buf, size_t len)
{
    bool fresh = step->license_mode == WHY_LICENSE_MODE_FRESH;

    snprintf(buf, len, "%s%s%s", why_profile_name(step->profile), fresh ? "" : " ",
             fresh ? "" : why_license_mode_name(step->license_mode));
}

void why_diff_steps_words(const struct why_change *change, char *buf, size_t len)
{
    snprintf(buf, len, "%s", change->step_count ? "" : "host");
    for (size_t i = 0; i < change->step_count; i++) {
        char step[64];
        size_t at = strlen(buf);

        why_diff_step_words(&change->steps[i], step, sizeof(step));
        snprintf(buf + at, len - at, "%s%s", i ? ", " : "", step);
    }
}
