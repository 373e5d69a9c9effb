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
