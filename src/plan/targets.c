/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "target_lines.h"
#include "target_range.h"
#include "target_set.h"
#include "target_text.h"

static int make_room(struct why_target_list *list)
{
    size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
    struct why_target *items;

    if (list->count < list->capacity)
        return WHY_OK;
    if (capacity > SIZE_MAX / sizeof(*items))
        return WHY_ERR_NOMEM;
    items = realloc(list->items, capacity * sizeof(*items));
    if (items == NULL)
        return WHY_ERR_NOMEM;
    list->items = items;
    list->capacity = capacity;
    return WHY_OK;
}

/* Appends |target|, whose strings are taken over, unless the list has it. */
static int append(struct why_target_list *list, struct why_target *target)
{
    int status = make_room(list);

    if (status == WHY_OK)
        status = why_target_set_add(list, target->label);
    if (status == 0) {
        list->items[list->count++] = *target;
        return WHY_OK;
    }
    if (status > 0) {
        list->duplicates++;
        status = WHY_OK;
    }
    free(target->host);
    free(target->label);
    return status;
}

static int append_text(struct why_target_list *list, const struct why_target_text *text)
{
    struct why_target_range range;
    struct why_target target;
    int status;

    why_range_begin(&range, text);
    while ((status = why_range_next(&range, &target)) == WHY_OK) {
        status = append(list, &target);
        if (status != WHY_OK)
            return status;
    }
    return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
}

int why_targets_add(struct why_target_list *list, const char *text, char *err, size_t errlen)
{
    struct why_target_text parsed;
    int status = why_target_parse(text, &parsed, err, errlen);

    if (status == WHY_OK) {
        status = append_text(list, &parsed);
        if (status != WHY_OK && errlen > 0)
            snprintf(err, errlen, "%s", why_strstatus(status));
    }
    return status;
}

int why_targets_read(struct why_target_list *list, FILE *in, const char *name, char *err,
                     size_t errlen)
{
    struct why_target_line line = {.number = 0};
    char message[512];
    const char *problem = message;
    int status;

    while ((status = why_target_line_read(&line, in, NULL, &problem)) == WHY_OK) {
        problem = message;
        status = why_targets_add(list, line.text, message, sizeof(message));
        if (status != WHY_OK)
            break;
    }
    if (status == WHY_ERR_NOTFOUND)
        return WHY_OK;
    if (errlen > 0)
        snprintf(err, errlen, "%s:%zu: %s", name, line.number, problem);
    return status;
}

void why_targets_clear(struct why_target_list *list)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].host);
        free(list->items[i].label);
    }
    free(list->items);
    why_target_set_free(list->seen);
    *list = (struct why_target_list){0};
}
