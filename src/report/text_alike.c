/* SPDX-License-Identifier: Apache-2.0 */
#include "text_alike.h"

#include <string.h>

#include <rdpwhy/diagnosis.h>

#include "facts/words.h"

bool why_alike_is_first(const struct why_host *host, size_t index, const struct why_alike *alike)
{
    const struct why_result *result = host->results[index];

    if (!alike->same(result, result, alike->arg))
        return false;
    for (size_t i = 0; i < index; i++) {
        if (alike->same(host->results[i], result, alike->arg))
            return false;
    }
    return true;
}

size_t why_alike_count(const struct why_host *host, const struct why_alike *alike)
{
    size_t count = 0;

    for (size_t i = 0; i < host->count; i++)
        count += why_alike_is_first(host, i, alike);
    return count;
}

static void name_of(const struct why_result *result, const struct why_alike *alike, char *buf,
                    size_t len)
{
    if (alike->name)
        alike->name(result, buf, len);
    else
        why_words_step(&result->step, buf, len);
}

/* Whether an attempt from |first| on that is like the one at |index| has the same name. */
static bool is_named(const struct why_host *host, size_t first, size_t index,
                     const struct why_alike *alike, const char *name)
{
    for (size_t i = first; i < index; i++) {
        char other[64];

        name_of(host->results[i], alike, other, sizeof(other));
        if (strcmp(name, other) == 0 &&
            alike->same(host->results[first], host->results[i], alike->arg))
            return true;
    }
    return false;
}

void why_alike_names(const struct why_host *host, size_t first, const struct why_alike *alike,
                     char *buf, size_t len)
{
    const char *separator = "";

    for (size_t i = first; i < host->count; i++) {
        size_t at = strlen(buf);
        char name[64];

        if (!alike->same(host->results[first], host->results[i], alike->arg))
            continue;
        name_of(host->results[i], alike, name, sizeof(name));
        if (is_named(host, first, i, alike, name))
            continue;
        snprintf(buf + at, len - at, "%s%s", separator, name);
        separator = ", ";
    }
}

static bool describe_alike(const struct why_result *a, const struct why_result *b, const void *arg)
{
    const struct why_alike_field *field = arg;
    char texts[2][WHY_ALIKE_TEXT] = {"", ""};

    field->describe(a, field->arg, texts[0]);
    field->describe(b, field->arg, texts[1]);
    return *texts[0] && strcmp(texts[0], texts[1]) == 0;
}

void why_alike_put(struct page *page, const struct why_host *host,
                   const struct why_alike_field *field, const char **heading)
{
    const struct why_alike alike = {describe_alike, field, field->name};
    bool several = !field->once && why_alike_count(host, &alike) > 1;
    const char *label = field->label;

    for (size_t i = 0; i < host->count; i++) {
        char text[WHY_ALIKE_TEXT] = "";

        if (!why_alike_is_first(host, i, &alike))
            continue;
        field->describe(host->results[i], field->arg, text);
        if (several) {
            WHY_ALIKE_APPEND(text, " (");
            why_alike_names(host, i, &alike, text, sizeof(text));
            WHY_ALIKE_APPEND(text, ")");
        }
        if (*heading)
            why_page_heading(page, *heading);
        *heading = NULL;
        why_page_field(page, 2, WHY_ALIKE_LABEL, label, text);
        label = field->label_once ? "" : label;
        if (field->once)
            return;
    }
}
