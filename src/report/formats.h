/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_FORMATS_H
#define RDPWHY_REPORT_FORMATS_H

#include <stdbool.h>
#include <stddef.h>

struct why_host;
struct why_report_format;

/* The formats; formats.c lists them. */
extern const struct why_report_format why_report_text;
extern const struct why_report_format why_report_jsonl;
extern const struct why_report_format why_report_html;
extern const struct why_report_format why_report_junit;
extern const struct why_report_format why_report_nagios;
extern const struct why_report_format why_report_prometheus;
extern const struct why_report_format why_report_csv;
extern const struct why_report_format why_report_csv_hosts;

#endif /* !defined(RDPWHY_REPORT_FORMATS_H) */
