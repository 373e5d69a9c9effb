/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_DIFF_FORMATS_H
#define RDPWHY_REPORT_DIFF_FORMATS_H

#include <rdpwhy/report.h>

/* The formats of a diff; diff_formats.c lists them. */
extern const struct why_diff_format why_diff_text;
extern const struct why_diff_format why_diff_jsonl;
extern const struct why_diff_format why_diff_junit;

#endif /* !defined(RDPWHY_REPORT_DIFF_FORMATS_H) */
