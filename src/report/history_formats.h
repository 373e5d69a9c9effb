/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_HISTORY_FORMATS_H
#define RDPWHY_REPORT_HISTORY_FORMATS_H

#include <rdpwhy/history.h>

/* The formats of a history; history_formats.c lists them. */
extern const struct why_history_format why_history_text_format;
extern const struct why_history_format why_history_jsonl_format;
extern const struct why_history_format why_history_html_format;

/* The view's hosts, the most urgent first, of these those first that became so last; the array is
 * the caller's to free. NULL when out of memory. */
struct why_history_host **why_history_by_urgency(const struct why_history_view *view);

#endif /* !defined(RDPWHY_REPORT_HISTORY_FORMATS_H) */
