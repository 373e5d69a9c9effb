/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RECORD_RECORD_H
#define RDPWHY_RECORD_RECORD_H

#include "progress/progress.h"
#include <rdpwhy/trace.h>

/*
 * Appends |event| to |trace| after |progress| has taken it: the only way of bytes from a connection
 * into a trace, and what is secret in them is overwritten with zeros on it. |pdu|, which may be
 * NULL, receives what the bytes are. WHY_OK, or WHY_ERR_NOMEM: the event is lost.
 */
int why_record(struct why_progress *progress, struct why_trace *trace,
               const struct why_event *event, struct why_pdu *pdu);

#endif /* !defined(RDPWHY_RECORD_RECORD_H) */
