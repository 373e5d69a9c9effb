/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <string.h>

#include <rdpwhy/report.h>

static const struct why_report_format *const formats[] = {
    &why_report_text,   &why_report_jsonl,      &why_report_html, &why_report_junit,
    &why_report_nagios, &why_report_prometheus, &why_report_csv,  &why_report_csv_hosts,
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
