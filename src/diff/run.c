/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <stdlib.h>

const struct why_run_plan *why_run_plan(const struct why_run *run)
{
    return &run->plan;
}

size_t why_run_target_count(const struct why_run *run)
{
    return run->targets.count;
}

const char *why_run_target(const struct why_run *run, size_t index)
{
    return run->targets.texts[index];
}

void why_run_free(struct why_run *run)
{
    if (!run)
        return;
    for (size_t i = 0; i < run->count; i++)
        free(run->attempts[i].phases);
    free(run->attempts);
    free(run->hosts);
    why_pool_clear(&run->targets);
    why_pool_clear(&run->texts);
    free(run);
}

static bool digits(const char *text, size_t count, int64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, whose years begin in March here. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    int64_t y = year - (month <= 2 ? 1 : 0), m = month <= 2 ? month + 9 : month - 3;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

bool why_run_time(const char *text, size_t len, int64_t *seconds)
{
    int64_t year, month, day, hour, minute, second;

    if (len < sizeof("YYYY-MM-DDThh:mm:ssZ") - 1 || text[len - 1] != 'Z')
        return false;
    if (!digits(text, 4, &year) || text[4] != '-' || !digits(text + 5, 2, &month) ||
        text[7] != '-' || !digits(text + 8, 2, &day) || text[10] != 'T' ||
        !digits(text + 11, 2, &hour) || text[13] != ':' || !digits(text + 14, 2, &minute) ||
        text[16] != ':' || !digits(text + 17, 2, &second))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return false;
    *seconds = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}
