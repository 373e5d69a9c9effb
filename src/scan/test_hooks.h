/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_TEST_HOOKS_H
#define RDPWHY_SCAN_TEST_HOOKS_H

#include <stdbool.h>

#include <rdpwhy/trace.h>

/* What builds for tests can be made to do; the others have none of it. */

#ifdef RDPWHY_TEST_HOOKS
/*
 * RDPWHY_TEST_CRASH=HOST:PORT/PROFILE kills the worker in which this attempt begins;
 * HOST:PORT/PROFILE/once only the first, and HOST:PORT/PROFILE/hang makes it hang instead.
 */
void why_test_hook_attempt(const struct why_trace_head *head, bool isolated);
/* Ends the process in a way that leak checkers see. */
void why_test_hook_exit(void);
#else
static inline void why_test_hook_attempt(const struct why_trace_head *head, bool isolated)
{
    (void)head, (void)isolated;
}
static inline void why_test_hook_exit(void)
{
}
#endif

#endif /* !defined(RDPWHY_SCAN_TEST_HOOKS_H) */
