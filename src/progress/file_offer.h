/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PROGRESS_FILE_OFFER_H
#define RDPWHY_PROGRESS_FILE_OFFER_H

#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>

/* What the .rdp file asks for whose settings are in |trace|; its texts are the trace's. */
struct why_file_offer why_file_offer_of(const struct why_trace *trace);
/* Whether there is any. */
bool why_file_has_settings(const struct why_trace *trace);

#endif /* !defined(RDPWHY_PROGRESS_FILE_OFFER_H) */
