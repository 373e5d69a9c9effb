/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_HISTORY_FORMATS_H
#define RDPWHY_REPORT_HISTORY_FORMATS_H

#include <rdpwhy/history.h>

/* The formats of a history; history_formats.c lists them. */
extern const struct why_history_format why_history_text_format;
extern const struct why_history_format why_history_jsonl_format;

#endif /* !defined(RDPWHY_REPORT_HISTORY_FORMATS_H) */
