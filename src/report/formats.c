/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <string.h>

#include <rdpwhy/report.h>

static const struct why_report_format *const formats[] = {
    &why_report_text,   &why_report_jsonl,      &why_report_html, &why_report_junit,
    &why_report_nagios, &why_report_prometheus, &why_report_csv,
};

const struct why_report_format *const *why_report_formats(size_t *count)
{
    *count = sizeof(formats) / sizeof(formats[0]);
    return formats;
}

const struct why_report_format *why_report_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    }
    return NULL;
}

bool why_report_is_repeated(const struct why_host *host, size_t index)
{
    const struct why_step *step = &host->results[index]->step;

    for (size_t i = index + 1; i < host->count; i++) {
        if (host->results[i]->step.profile == step->profile &&
            host->results[i]->step.license_mode == step->license_mode)
            return true;
    }
    return false;
}
