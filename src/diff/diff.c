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
    struct why_diff_host host; /* the one being compared */
    size_t change_capacity;
    bool failed; /* out of memory */
};

void why_pair_out_of_memory(const struct pair *pair)
{
    pair->into->failed = true;
}

size_t why_change_info_count(void)
{
    return why_row_count;
}

const struct why_change_info *why_change_info(size_t index)
{
    return &why_rows[index].info;
}

static const char *keep(struct comparison *c, const char *text)
{
    const struct why_map_entry *entry;

    if (!text)
        return NULL;
    entry = why_map_add(c->diff->texts, text, strlen(text));
    c->failed = c->failed || !entry;
    return entry ? entry->key : NULL;
}

/* Texts are kept once each: the same text is the same pointer. */
static bool is_same(const struct why_change *a, const struct why_change *b)
{
    if (a->info != b->info || a->class != b->class || a->before != b->before ||
        a->after != b->after || a->detail_count != b->detail_count)
        return false;
    for (size_t i = 0; i < a->detail_count; i++) {
        if (strcmp(a->details[i].name, b->details[i].name) != 0 ||
            a->details[i].before != b->details[i].before ||
            a->details[i].after != b->details[i].after)
            return false;
    }
    return true;
}

/* |change| among the host's, which is new where no step has changed so yet. */
static struct why_change *add_change(struct comparison *c, const struct why_change *change)
{
    struct why_diff_host *host = &c->host;

    for (size_t i = 0; i < host->count; i++) {
        if (is_same(&host->changes[i], change))
            return &host->changes[i];
    }
    if (!why_grow(&host->changes, &c->change_capacity, host->count + 1, sizeof(*host->changes)))
        return NULL;
    host->changes[host->count] = *change;
    host->classes[change->class]++;
    return &host->changes[host->count++];
}

static bool add_step(struct why_change *change, const struct run_attempt *attempt)
{
    struct why_change_step *steps =
        realloc(change->steps, (change->step_count + 1) * sizeof(*steps));

    if (!steps)
        return false;
    change->steps = steps;
    steps[change->step_count++] = (struct why_change_step){attempt->profile, attempt->license_mode};
    return true;
}

void why_draft_emit(const struct draft *draft, const struct pair *pair, const char *before,
                    const char *after)
{
    struct comparison *c = pair->into;
    struct why_change change = draft->change, *added;

    change.info = &draft->row->info;
    change.class = draft->class;
    change.before = keep(c, before);
    change.after = keep(c, after);
    for (size_t i = 0; i < change.detail_count; i++) {
        change.details[i].before = keep(c, change.details[i].before);
        change.details[i].after = keep(c, change.details[i].after);
    }
    added = c->failed ? NULL : add_change(c, &change);
    if (!added) {
        c->failed = true;
        return;
    }
    if (!draft->row->of_host && pair->attempts[AFTER] && !add_step(added, pair->attempts[AFTER]))
        c->failed = true;
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

    if (c->host.count == 0)
        return;
    if (!why_grow(&diff->hosts, &c->host_capacity, diff->count + 1, sizeof(*diff->hosts))) {
        c->failed = true;
        return;
    }
    qsort(c->host.changes, c->host.count, sizeof(*c->host.changes), by_severity);
    for (int class = 0; class < WHY_CHANGE_CLASS_COUNT; class ++)
        diff->classes[class] += c->host.classes[class];
    diff->hosts[diff->count++] = c->host;
    c->host = (struct why_diff_host){.target = NULL};
    c->change_capacity = 0;
}

static struct pair make_pair(struct comparison *c, const struct run_host *before,
                             const struct run_host *after)
{
    return (struct pair){.into = c,
                         .limits = c->limits,
                         .runs = {c->runs[BEFORE], c->runs[AFTER]},
                         .hosts = {before, after}};
}

static void compare_hosts(struct comparison *c, const struct run_host *before,
                          const struct run_host *after)
{
    struct pair pair = make_pair(c, before, after);

    c->host.target = after->target;
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
    struct draft draft =
        why_draft(row_named(side == BEFORE ? "gone" : "appeared"), WHY_CHANGE_OTHER);
    const char *state =
        host->state < 0 ? "not finished" : why_host_state_name((enum why_host_state)host->state);

    c->host.target = host->target;
    why_draft_emit(&draft, &pair, side == BEFORE ? state : NULL, side == AFTER ? state : NULL);
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

    while (!c->failed && (entry = why_map_next(&after->hosts, &position)) != NULL) {
        const struct run_host *host = host_in(before, entry);

        if (host)
            compare_hosts(c, host, entry->value);
        else if (says_all(c, BEFORE))
            add_alone(c, AFTER, entry->value);
    }
    position = 0;
    while (!c->failed && says_all(c, AFTER) &&
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
    compare_runs(&c);
    clear_host(&c.host);
    if (c.failed) {
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
