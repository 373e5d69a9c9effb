/* SPDX-License-Identifier: Apache-2.0 */
#include "history_formats.h"

#include <string.h>

static const struct why_history_format *const formats[] = {
    &why_history_text_format,
    &why_history_jsonl_format,
    &why_history_html_format,
};

const struct why_history_format *const *why_history_formats(size_t *count)
{
    *count = sizeof(formats) / sizeof(formats[0]);
    return formats;
}

const struct why_history_format *why_history_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    }
    return NULL;
}
