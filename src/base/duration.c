/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>

void why_duration_text(uint64_t us, char *buf, size_t len)
{
    if (us < 1000)
        (void)snprintf(buf, len, "%" PRIu64 " us", us);
    else if (us < 999950)
        (void)snprintf(buf, len, "%" PRIu64 ".%" PRIu64 " ms", (us + 50) / 1000,
                       (us + 50) % 1000 / 100);
    else
        (void)snprintf(buf, len, "%" PRIu64 ".%02" PRIu64 " s", (us + 5000) / 1000000,
                       (us + 5000) % 1000000 / 10000);
}
