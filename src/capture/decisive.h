/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CAPTURE_DECISIVE_H
#define RDPWHY_CAPTURE_DECISIVE_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/result.h>

/*
 * The event that made the verdict: its index in the trace, or the number of events where no single
 * one did. |*received|: it is something that the peer had sent.
 */
size_t why_decisive_event(const struct why_result *result, bool *received);

#endif /* !defined(RDPWHY_CAPTURE_DECISIVE_H) */
