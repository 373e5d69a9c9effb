/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/kind.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>

#include "base/text.h"

#include "rows.h"

/* The server's licensing, clock and pace. */

/* What a stored license leads to depends on what the last run stored: not the server's doing. That
 * licensing fails is the outcome's business. */
void why_row_license(const struct row *row, const struct pair *pair)
{
    const struct run_attempt *before = pair->attempts[BEFORE], *after = pair->attempts[AFTER];

    if (why_license_mode_info(before->license_mode)->presents)
        return;
    if (!why_attempt_is_through(before) || !why_attempt_is_through(after))
        return;
    why_row_fact(row, pair);
}

/* A name of the family and one of its members' may be the same server, seen more or less closely.
 */
static bool is_same_kind(const char *before, const char *after)
{
    enum why_kind a = why_kind_find(before), b = why_kind_find(after);

    if (a == WHY_KIND_UNKNOWN || b == WHY_KIND_UNKNOWN) /* of another version */
        return strcmp(before, after) == 0;
    return a == b || why_kind_family(a) == b || why_kind_family(b) == a;
}

void why_row_kind(const struct row *row, const struct pair *pair)
{
    const char *before = pair->hosts[BEFORE]->kind, *after = pair->hosts[AFTER]->kind;
    struct why_change change;

    if (before == NULL || after == NULL || is_same_kind(before, after))
        return;
    change = why_row_change(row, WHY_CHANGE_OTHER);
    why_row_put(row, pair, &change, before, after);
}

/* How far what was watched is from a session that somebody works in. */
int why_rank_session(const char *text)
{
    static const enum why_session_answer by_rank[] = {WHY_SESSION_NONE, WHY_SESSION_BLANK,
                                                      WHY_SESSION_PROMPT, WHY_SESSION_PICTURE,
                                                      WHY_SESSION_LOGGED_ON};

    for (int rank = 0; rank < (int)(sizeof(by_rank) / sizeof(by_rank[0])); rank++) {
        if (strcmp(text, why_session_name(by_rank[rank])) == 0)
            return rank;
    }
    return strcmp(text, why_session_name(WHY_SESSION_UNKNOWN)) == 0 ? -1 : 0;
}

/* Whichever attempt it is that asked. */
static const char *udp_of(const struct why_run *run, const struct run_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        const char *udp = run->attempts[host->first + i].facts[FACT_udp];

        if (udp != NULL && strcmp(udp, why_udp_name(WHY_UDP_NOT_TRIED)) != 0)
            return udp;
    }
    return NULL;
}

void why_row_udp(const struct row *row, const struct pair *pair)
{
    const char *before = udp_of(pair->runs[BEFORE], pair->hosts[BEFORE]);
    const char *after = udp_of(pair->runs[AFTER], pair->hosts[AFTER]);
    const char *answered = why_udp_name(WHY_UDP_ANSWERED);
    struct why_change change;

    if (before == NULL || after == NULL || strcmp(before, after) == 0)
        return;
    change = why_row_change(row, strcmp(before, answered) == 0  ? WHY_CHANGE_WORSE
                                 : strcmp(after, answered) == 0 ? WHY_CHANGE_BETTER
                                                                : WHY_CHANGE_OTHER);
    why_row_put(row, pair, &change, before, after);
}

/* The largest difference that any attempt saw, with its sign. */
static bool largest_skew(const struct why_run *run, const struct run_host *host, int64_t *skew)
{
    bool known = false;

    for (size_t i = 0; i < host->count; i++) {
        int64_t s = run->attempts[host->first + i].clock_skew_s;

        if (s == RUN_NO_NUMBER || (known && imaxabs(s) <= imaxabs(*skew)))
            continue;
        *skew = s;
        known = true;
    }
    return known;
}

void why_row_clock_skew(const struct row *row, const struct pair *pair)
{
    int64_t skews[2], limit = pair->limits->skew_s;
    struct why_change change;
    char texts[2][48];

    for (int side = BEFORE; side <= AFTER; side++) {
        if (!largest_skew(pair->runs[side], pair->hosts[side], &skews[side]))
            return;
        snprintf(texts[side], sizeof(texts[side]), "%+" PRId64 " s", skews[side]);
    }
    if ((imaxabs(skews[BEFORE]) > limit) == (imaxabs(skews[AFTER]) > limit))
        return;
    change =
        why_row_change(row, imaxabs(skews[AFTER]) > limit ? WHY_CHANGE_WORSE : WHY_CHANGE_BETTER);
    why_row_put(row, pair, &change, texts[BEFORE], texts[AFTER]);
}

/* ---- times ------------------------------------------------------------------------------------
 */

struct spread {
    size_t count;
    uint32_t min, median, max;
};

static int by_value(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return a < b ? -1 : a > b;
}

/* The times of |phase| over the step's repeats; |times| has room for all of them. */
static struct spread spread_of(const struct step *step, int phase, uint32_t *times)
{
    struct spread spread = {.count = 0};

    for (size_t i = 0; i < step->count; i++) {
        const uint32_t *phases = step->attempts[i].phases;

        if (phases && phases[phase] != UINT32_MAX)
            times[spread.count++] = phases[phase];
    }
    if (spread.count == 0)
        return spread;
    qsort(times, spread.count, sizeof(*times), by_value);
    spread.min = times[0];
    spread.median = times[spread.count / 2];
    spread.max = times[spread.count - 1];
    return spread;
}

/* |slow| is beyond |fast| by factor and floor, and so apart that chance does not explain it. */
static bool is_slower(const struct spread *fast, const struct spread *slow,
                      const struct why_diff_limits *limits)
{
    return slow->min > fast->max &&
           (uint64_t)slow->median * 100 > (uint64_t)fast->median * limits->slower_percent &&
           slow->median >= fast->median + limits->slower_floor_us;
}

static void put_median(const char *phase, const struct spread *spread, char *buf, size_t len)
{
    char text[32];

    why_duration_text(spread->median, text, sizeof(text));
    snprintf(buf, len, "%s %s", phase, text);
}

static void judge_phase(const struct row *row, const struct pair *pair, int phase,
                        const struct spread spreads[2])
{
    bool slower = is_slower(&spreads[BEFORE], &spreads[AFTER], pair->limits);
    const char *name = why_phase_name((enum why_phase)phase);
    struct why_change change;
    char texts[2][96];

    if (!slower && !is_slower(&spreads[AFTER], &spreads[BEFORE], pair->limits))
        return;
    change = why_row_change(row, slower ? WHY_CHANGE_WORSE : WHY_CHANGE_BETTER);
    for (int side = BEFORE; side <= AFTER; side++)
        put_median(name, &spreads[side], texts[side], sizeof(texts[side]));
    why_row_put(row, pair, &change, texts[BEFORE], texts[AFTER]);
}

/* One time says nothing: both runs need repeats of the step (--repeat). */
void why_row_phase_time(const struct row *row, const struct pair *pair)
{
    const struct step *steps = pair->steps;
    size_t most =
        steps[BEFORE].count > steps[AFTER].count ? steps[BEFORE].count : steps[AFTER].count;
    uint32_t *times;

    if (steps[BEFORE].count < 2 || steps[AFTER].count < 2)
        return;
    times = malloc(most * sizeof(*times));
    if (!times)
        pair->into->failed = true;
    for (int phase = 0; times && phase < WHY_PHASE_COUNT; phase++) {
        struct spread spreads[2] = {spread_of(&steps[BEFORE], phase, times),
                                    spread_of(&steps[AFTER], phase, times)};

        if (spreads[BEFORE].count >= 2 && spreads[AFTER].count >= 2)
            judge_phase(row, pair, phase, spreads);
    }
    free(times);
}
