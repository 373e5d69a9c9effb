/* SPDX-License-Identifier: Apache-2.0 */
#include "test_hooks.h"

#ifdef RDPWHY_TEST_HOOKS

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void why_test_hook_attempt(const struct why_trace_head *head, bool isolated)
{
    const char *wanted = getenv("RDPWHY_TEST_CRASH");
    char step[512];
    size_t n;

    (void)snprintf(step, sizeof(step), "%s:%u/%s", head->host, (unsigned)head->port,
                   why_profile_name(head->profile));
    n = strlen(step);
    if (wanted == NULL || strncmp(wanted, step, n) != 0)
        return;
    if (wanted[n] == '\0' || (strcmp(wanted + n, "/once") == 0 && !isolated))
        abort();
    while (strcmp(wanted + n, "/hang") == 0)
        (void)pause();
}

void why_test_hook_exit(void)
{
    exit(0);
}

#else
/* ISO C wants something here. */
typedef int test_hooks_are_off;
#endif
