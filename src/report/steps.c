/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/diff.h>
#include <rdpwhy/plan.h>

#include "facts/words.h"

void why_diff_steps_words(const struct why_change *change, char *buf, size_t len)
{
    snprintf(buf, len, "%s", change->step_count ? "" : "host");
    for (size_t i = 0; i < change->step_count; i++) {
        const struct why_step plan_step = {change->steps[i].profile, change->steps[i].license_mode,
                                           0};
        char step[64];
        size_t at = strlen(buf);

        why_words_step(&plan_step, step, sizeof(step));
        snprintf(buf + at, len - at, "%s%s", i ? ", " : "", step);
    }
}

bool why_report_is_repeated(const struct why_host *host, size_t index)
{
    const struct why_step *step = &host->results[index]->step;

    for (size_t i = index + 1; i < host->count; i++) {
        if (host->results[i]->step.profile == step->profile &&
            host->results[i]->step.license_mode == step->license_mode)
            return true;
    }
    return false;
}
