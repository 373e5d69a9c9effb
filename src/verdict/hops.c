/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

/* Redirections that were followed. */

bool why_is_hop(const struct why_result *result)
{
    return result->trace != NULL && why_trace_head(result->trace)->hop > 0;
}

const struct why_result *why_before_hops(const struct why_result *result)
{
    while (why_is_hop(result) && result->first_try != NULL)
        result = result->first_try;
    return result;
}
