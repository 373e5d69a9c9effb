/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <rdpwhy/diff.h>
#include <rdpwhy/status.h>

#include "fuzz.h"

/* A saved run as somebody else's file: read whole and as a part, and compared with itself. A run
 * has not changed since it was saved. */

static void compare(const struct why_run *run)
{
    static const struct why_diff_limits limits = {WHY_DIFF_SLOWER_PERCENT, WHY_DIFF_SLOWER_FLOOR_US,
                                                  WHY_DIFF_SKEW_S, WHY_DIFF_CERTIFICATE_DAYS};
    struct why_diff diff;

    REQUIRE(why_diff_make(run, run, &limits, &diff) == WHY_OK);
    REQUIRE(diff.count == 0);
    REQUIRE(diff.compared == why_run_target_count(run));
    REQUIRE(diff.only_baseline == 0 && diff.only_current == 0);
    why_diff_clear(&diff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int partial = 0; partial <= 1 && size > 0; partial++) {
        FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
        struct why_run *run = NULL;
        char err[256] = "";
        int status;

        REQUIRE(in != NULL);
        status = why_run_read(&run, in, "run", partial != 0, err, sizeof(err));
        REQUIRE(status == WHY_OK || status == WHY_ERR_USAGE);
        REQUIRE((run != NULL) == (status == WHY_OK) && (*err != '\0') == (status != WHY_OK));
        if (run)
            compare(run);
        why_run_free(run);
        fclose(in);
    }
    return 0;
}
