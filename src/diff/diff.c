/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/diff.h>

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"

#include "rows.h"

/* Matches the hosts and steps of two runs and judges every row for each. */

struct comparison {
    const struct why_run *runs[2];
    const struct why_diff_limits *limits;
    struct why_diff *diff;
    size_t host_capacity;
    struct why_changes changes; /* of the host being compared */
};

size_t why_change_info_count(void)
{
    return why_row_count;
}

const struct why_change_info *why_change_info(size_t index)
{
    return &why_rows[index].info;
}

/* ---- one host ---------------------------------------------------------------------------------
 */

static int compare_steps(const struct run_attempt *a, const struct run_attempt *b)
{
    if (a->profile != b->profile)
        return a->profile < b->profile ? -1 : 1;
    if (a->license_mode != b->license_mode)
        return a->license_mode < b->license_mode ? -1 : 1;
    return 0;
}

/* The attempts of the step that begins at |first|. */
static size_t step_length(const struct run_attempt *first, const struct run_attempt *end)
{
    size_t count = 1;

    while (first + count < end && compare_steps(first, first + count) == 0)
        count++;
    return count;
}

static void judge_step(struct pair *pair)
{
    for (int side = BEFORE; side <= AFTER; side++)
        pair->attempts[side] = pair->steps[side].best;
    for (size_t i = 0; i < why_row_count; i++) {
        if (!why_rows[i].of_host)
            why_rows[i].judge(&why_rows[i], pair);
    }
}

/* Steps that were not tried say nothing of the server: somebody else's failure was the reason. */
static bool was_made(const struct step *step)
{
    return step->best->outcome != WHY_OUTCOME_SKIPPED;
}

/* A step that both runs have. */
static void compare_step(struct comparison *c, struct pair *pair)
{
    bool before = was_made(&pair->steps[BEFORE]), after = was_made(&pair->steps[AFTER]);

    if (before && after)
        judge_step(pair);
    else if (before)
        c->diff->only_baseline++;
    else if (after)
        c->diff->only_current++;
}

/* Walks both hosts' attempts, which are in the same order. */
static void judge_steps(struct comparison *c, struct pair *pair)
{
    const struct run_attempt *at[2], *end[2];

    /* A file may have a host without its attempts. */
    if (pair->hosts[BEFORE]->count == 0 && pair->hosts[AFTER]->count == 0)
        return;
    for (int side = BEFORE; side <= AFTER; side++) {
        at[side] = pair->runs[side]->attempts;
        if (pair->hosts[side]->count > 0)
            at[side] += pair->hosts[side]->first;
        end[side] = at[side] + pair->hosts[side]->count;
    }
    while (at[BEFORE] < end[BEFORE] || at[AFTER] < end[AFTER]) {
        int order = at[BEFORE] == end[BEFORE] ? 1
                    : at[AFTER] == end[AFTER] ? -1
                                              : compare_steps(at[BEFORE], at[AFTER]);

        for (int side = BEFORE; side <= AFTER; side++) {
            if (side == BEFORE ? order > 0 : order < 0)
                continue;
            why_step_make(&pair->steps[side], at[side], step_length(at[side], end[side]));
            at[side] += pair->steps[side].count;
        }
        if (order == 0)
            compare_step(c, pair);
        else if (order < 0)
            c->diff->only_baseline++;
        else
            c->diff->only_current++;
    }
}

static int by_severity(const void *left, const void *right)
{
    const struct why_change *a = left, *b = right;

    if (a->class != b->class)
        return a->class < b->class ? -1 : 1;
    if (a->info != b->info)
        return a->info < b->info ? -1 : 1;
    if (a->step_count > 0 && b->step_count > 0 && a->steps[0].profile != b->steps[0].profile)
        return a->steps[0].profile < b->steps[0].profile ? -1 : 1;
    return 0;
}

/* Hands the host over to the diff where anything has changed. */
static void finish_host(struct comparison *c)
{
    struct why_diff *diff = c->diff;

    if (c->changes.host.count == 0)
        return;
    if (!why_grow(&diff->hosts, &c->host_capacity, diff->count + 1, sizeof(*diff->hosts))) {
        c->changes.failed = true;
        return;
    }
    qsort(c->changes.host.changes, c->changes.host.count, sizeof(*c->changes.host.changes),
          by_severity);
    for (int class = 0; class < WHY_CHANGE_CLASS_COUNT; class ++)
        diff->classes[class] += c->changes.host.classes[class];
    diff->hosts[diff->count++] = c->changes.host;
    c->changes.host = (struct why_diff_host){.target = NULL};
    c->changes.capacity = 0;
}

static struct pair make_pair(struct comparison *c, const struct run_host *before,
                             const struct run_host *after)
{
    return (struct pair){.into = &c->changes,
                         .limits = c->limits,
                         .runs = {c->runs[BEFORE], c->runs[AFTER]},
                         .hosts = {before, after}};
}

static void compare_hosts(struct comparison *c, const struct run_host *before,
                          const struct run_host *after)
{
    struct pair pair = make_pair(c, before, after);

    c->changes.host.target = after->target;
    c->diff->compared++;
    for (size_t i = 0; i < why_row_count; i++) {
        if (why_rows[i].of_host && why_rows[i].judge)
            why_rows[i].judge(&why_rows[i], &pair);
    }
    judge_steps(c, &pair);
    finish_host(c);
}

/* ---- hosts that one run alone has -------------------------------------------------------------
 */

static const struct row *row_named(const char *name)
{
    const struct row *row = why_rows;

    while (strcmp(row->info.name, name) != 0)
        row++;
    return row;
}

static void add_alone(struct comparison *c, enum side side, const struct run_host *host)
{
    struct pair pair = make_pair(c, host, host);
    const struct row *row = row_named(side == BEFORE ? "gone" : "appeared");
    struct why_change change = why_row_change(row, WHY_CHANGE_OTHER);
    const char *state =
        host->state < 0 ? "not finished" : why_host_state_name((enum why_host_state)host->state);

    c->changes.host.target = host->target;
    why_row_put(row, &pair, &change, side == BEFORE ? state : NULL, side == AFTER ? state : NULL);
    finish_host(c);
}

/* A host that a part of a run does not have may be in the rest of it. */
static bool says_all(const struct comparison *c, enum side side)
{
    return c->runs[side]->plan.complete;
}

static const struct run_host *host_in(const struct why_run *run, const struct why_map_entry *entry)
{
    return why_map_get(&run->hosts, entry->key, entry->len);
}

static void compare_runs(struct comparison *c)
{
    const struct why_run *before = c->runs[BEFORE], *after = c->runs[AFTER];
    const struct why_map_entry *entry;
    size_t position = 0;

    while (!c->changes.failed && (entry = why_map_next(&after->hosts, &position)) != NULL) {
        const struct run_host *host = host_in(before, entry);

        if (host)
            compare_hosts(c, host, entry->value);
        else if (says_all(c, BEFORE))
            add_alone(c, AFTER, entry->value);
    }
    position = 0;
    while (!c->changes.failed && says_all(c, AFTER) &&
           (entry = why_map_next(&before->hosts, &position)) != NULL) {
        if (!host_in(after, entry))
            add_alone(c, BEFORE, entry->value);
    }
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static enum why_change_class worst_class(const struct why_diff_host *host)
{
    return host->changes[0].class;
}

/* Worst first; alike ones by name, so that the order of the runs does not show. */
static int by_worst(const void *left, const void *right)
{
    const struct why_diff_host *a = left, *b = right;

    if (worst_class(a) != worst_class(b))
        return worst_class(a) < worst_class(b) ? -1 : 1;
    if (a->classes[WHY_CHANGE_WORSE] != b->classes[WHY_CHANGE_WORSE])
        return a->classes[WHY_CHANGE_WORSE] > b->classes[WHY_CHANGE_WORSE] ? -1 : 1;
    return strcmp(a->target, b->target);
}

static void clear_host(struct why_diff_host *host)
{
    for (size_t i = 0; i < host->count; i++)
        free(host->changes[i].steps);
    free(host->changes);
}

int why_diff_make(const struct why_run *baseline, const struct why_run *current,
                  const struct why_diff_limits *limits, struct why_diff *diff)
{
    struct comparison c = {.runs = {baseline, current}, .limits = limits, .diff = diff};

    *diff = (struct why_diff){.texts = calloc(1, sizeof(struct why_map))};
    if (!diff->texts)
        return WHY_ERR_NOMEM;
    c.changes.texts = diff->texts;
    compare_runs(&c);
    clear_host(&c.changes.host);
    if (c.changes.failed) {
        why_diff_clear(diff);
        return WHY_ERR_NOMEM;
    }
    if (diff->count > 0)
        qsort(diff->hosts, diff->count, sizeof(*diff->hosts), by_worst);
    return WHY_OK;
}

void why_diff_clear(struct why_diff *diff)
{
    for (size_t i = 0; i < diff->count; i++)
        clear_host(&diff->hosts[i]);
    free(diff->hosts);
    if (diff->texts)
        why_map_clear(diff->texts, NULL);
    free(diff->texts);
    *diff = (struct why_diff){.hosts = NULL};
}
