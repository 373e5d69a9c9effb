/* SPDX-License-Identifier: Apache-2.0 */
#include "pending.h"

#include <stdint.h>
#include <stdlib.h>

#include <rdpwhy/status.h>

/* In two lists at once: that of all lines, and that of its target's. */
struct why_pending_line {
    const struct why_target *target;
    char *text; /* owned */
    struct why_pending_line *before, *after;
    struct why_pending_line *same, *last_same; /* |last_same| counts in a target's first line */
};

static struct why_pending_line *first_of(const struct why_pending *pending,
                                         const struct why_target *target)
{
    uintptr_t key = (uintptr_t)target;

    return target ? why_map_get(&pending->targets, &key, sizeof(key)) : pending->first;
}

int why_pending_add(struct why_pending *pending, const struct why_target *target, char *text)
{
    struct why_pending_line *line = text ? calloc(1, sizeof(*line)) : NULL;
    struct why_pending_line *first = line ? first_of(pending, target) : NULL;
    uintptr_t key = (uintptr_t)target;

    if (!line || (!first && why_map_put(&pending->targets, &key, sizeof(key), line) != WHY_OK)) {
        free(line);
        free(text);
        return WHY_ERR_NOMEM;
    }
    *line = (struct why_pending_line){
        .target = target, .text = text, .before = pending->last, .last_same = line};
    if (first) {
        first->last_same->same = line;
        first->last_same = line;
    }
    *(pending->last ? &pending->last->after : &pending->first) = line;
    pending->last = line;
    return WHY_OK;
}

char *why_pending_take(struct why_pending *pending, const struct why_target *target)
{
    struct why_pending_line *line = first_of(pending, target);
    char *text = line ? line->text : NULL;
    uintptr_t key;

    if (!line)
        return NULL;
    key = (uintptr_t)line->target;
    if (line->same) {
        line->same->last_same = line->last_same;
        /* the key is there: no memory is needed */
        (void)why_map_put(&pending->targets, &key, sizeof(key), line->same);
    } else {
        why_map_remove(&pending->targets, &key, sizeof(key));
    }
    *(line->before ? &line->before->after : &pending->first) = line->after;
    *(line->after ? &line->after->before : &pending->last) = line->before;
    free(line);
    return text;
}

void why_pending_drop(struct why_pending *pending, const struct why_target *target)
{
    char *text;

    while ((text = why_pending_take(pending, target)) != NULL)
        free(text);
    if (!target)
        why_map_clear(&pending->targets, NULL);
}
