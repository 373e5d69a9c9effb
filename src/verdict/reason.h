/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_REASON_H
#define RDPWHY_VERDICT_REASON_H

#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>

/*
 * Writes the verdict's sentence for people into verdict->reason. |detail| is what the trace said
 * besides (why we stopped, what was wrong with the bytes), or NULL.
 */
void why_reason_write(struct why_verdict *verdict, const struct why_trace_head *head,
                      const struct why_facts *facts, const char *detail);

#endif /* !defined(RDPWHY_VERDICT_REASON_H) */
