/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <rdpwhy/report.h>

bool why_run_is_from_several(const struct why_run_info *run)
{
    for (size_t i = 1; i < run->part_count; i++) {
        if (strcmp(run->parts[0].vantage, run->parts[i].vantage) != 0)
            return true;
    }
    return false;
}
