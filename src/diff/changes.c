/* SPDX-License-Identifier: Apache-2.0 */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

const char *why_change_class_name(enum why_change_class class)
{
    static const char *const names[WHY_CHANGE_CLASS_COUNT] = {[WHY_CHANGE_WORSE] = "worse",
                                                              [WHY_CHANGE_BETTER] = "better",
                                                              [WHY_CHANGE_OTHER] = "changed"};

    return names[class];
}

enum why_change_class why_class_of_ranks(int before, int after)
{
    if (before < 0 || after < 0 || before == after)
        return WHY_CHANGE_OTHER;
    return after < before ? WHY_CHANGE_WORSE : WHY_CHANGE_BETTER;
}

void why_change_detail(struct why_change *c, const char *name, const char *before,
                       const char *after)
{
    if (before == after || (before && after && strcmp(before, after) == 0) ||
        c->detail_count == WHY_CHANGE_DETAILS_MAX)
        return;
    c->details[c->detail_count++] = (struct why_change_detail){name, before, after};
}

static const char *add_text(struct why_changes *c, const char *text)
{
    const struct why_map_entry *entry;

    if (!text)
        return NULL;
    entry = why_map_add(c->texts, text, strlen(text));
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
static struct why_change *add_change(struct why_changes *c, const struct why_change *change)
{
    struct why_diff_host *host = &c->host;

    for (size_t i = 0; i < host->count; i++) {
        if (is_same(&host->changes[i], change))
            return &host->changes[i];
    }
    if (!why_grow(&host->changes, &c->capacity, host->count + 1, sizeof(*host->changes)))
        return NULL;
    host->changes[host->count] = *change;
    host->classes[change->class]++;
    return &host->changes[host->count++];
}

static bool add_step(struct why_change *change, const struct why_change_step *step)
{
    struct why_change_step *steps =
        realloc(change->steps, (change->step_count + 1) * sizeof(*steps));

    if (!steps)
        return false;
    change->steps = steps;
    steps[change->step_count++] = *step;
    return true;
}

void why_changes_add(struct why_changes *c, const struct why_change *change, const char *before,
                     const char *after, const struct why_change_step *step)
{
    struct why_change copy = *change, *added;

    copy.before = add_text(c, before);
    copy.after = add_text(c, after);
    for (size_t i = 0; i < copy.detail_count; i++) {
        copy.details[i].before = add_text(c, copy.details[i].before);
        copy.details[i].after = add_text(c, copy.details[i].after);
    }
    added = c->failed ? NULL : add_change(c, &copy);
    if (!added || (step && !add_step(added, step)))
        c->failed = true;
}
