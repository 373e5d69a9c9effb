/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_formats.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/text.h"

#include "page.h"
#include "steps.h"

/* For people: the worst host first, a block each, what it was before and what it is now; then, in
 * the same order, the hosts that do not meet what is required of them. */

#define SHOWN_MAX 240 /* bytes of a text that are shown: names can be 64 KiB long */

static const enum page_style class_styles[WHY_CHANGE_CLASS_COUNT] = {
    [WHY_CHANGE_WORSE] = PAGE_RED,
    [WHY_CHANGE_BETTER] = PAGE_GREEN,
    [WHY_CHANGE_OTHER] = PAGE_YELLOW,
};

/* |text| to |buf|, cut between two characters where it is too long. */
static void cut(const char *text, char *buf, size_t len)
{
    size_t n = 0;

    while (text[n]) {
        uint32_t codepoint;
        size_t step = why_utf8_decode(text + n, &codepoint);

        step = step ? step : 1;
        if (n + step > SHOWN_MAX)
            break;
        n += step;
    }
    snprintf(buf, len, "%.*s%s", (int)n, text, text[n] ? "..." : "");
}

static void put_values(const char *before, const char *after, char *buf, size_t len)
{
    char texts[2][SHOWN_MAX + 8];

    cut(before ? before : "-", texts[0], sizeof(texts[0]));
    cut(after ? after : "-", texts[1], sizeof(texts[1]));
    snprintf(buf, len, "%s -> %s", texts[0], texts[1]);
}

/* "2 worse, 1 changed" */
static void put_counts(const size_t *classes, char *buf, size_t len)
{
    *buf = '\0';
    for (int class = 0; class < WHY_CHANGE_CLASS_COUNT; class ++) {
        size_t at = strlen(buf);

        if (classes[class] > 0)
            snprintf(buf + at, len - at, "%s%zu %s", at ? ", " : "", classes[class],
                     why_change_class_name((enum why_change_class) class));
    }
}

static void add_change(struct page *page, struct table *table, const struct why_change *change,
                       bool details)
{
    struct table_row *row = why_table_add(table);
    char text[2 * SHOWN_MAX + 64];

    why_table_set(page, row, 0, class_styles[change->class], why_change_class_name(change->class));
    why_table_set(page, row, 1, PAGE_PLAIN, change->info->name);
    why_diff_steps_words(change, text, sizeof(text));
    why_table_set(page, row, 2, PAGE_PLAIN, text);
    put_values(change->before, change->after, text, sizeof(text));
    why_table_set(page, row, 3, PAGE_PLAIN, text);
    for (size_t i = 0; details && i < change->detail_count; i++) {
        row = why_table_add(table);
        why_table_set(page, row, 1, PAGE_DIM, change->details[i].name);
        put_values(change->details[i].before, change->details[i].after, text, sizeof(text));
        why_table_set(page, row, 3, PAGE_DIM, text);
    }
}

static void put_host(struct page *page, const struct why_diff_host *host, bool details)
{
    static const char *const titles[] = {"CLASS", "WHAT", "WHERE", "BEFORE -> AFTER"};
    struct table table = {.columns = 4};
    struct table_row *row = why_table_add(&table);
    char text[128];

    put_counts(host->classes, text, sizeof(text));
    why_page_text(page, PAGE_BOLD, host->target);
    why_page_printf(page, PAGE_PLAIN, ": %s", text);
    why_page_newline(page);
    for (size_t i = 0; i < table.columns; i++)
        why_table_set(page, row, i, PAGE_DIM, titles[i]);
    for (size_t i = 0; i < host->count; i++)
        add_change(page, &table, &host->changes[i], details);
    why_page_table(page, 2, &table);
    why_page_newline(page);
}

/* The worst change stands for the others. */
static void put_host_line(struct page *page, const struct why_diff_host *host)
{
    const struct why_change *change = &host->changes[0];
    const char *class = why_change_class_name(change->class);
    char counts[128], steps[512], values[2 * SHOWN_MAX + 64];

    put_counts(host->classes, counts, sizeof(counts));
    why_diff_steps_words(change, steps, sizeof(steps));
    put_values(change->before, change->after, values, sizeof(values));
    why_page_text(page, class_styles[change->class], class);
    why_page_printf(page, PAGE_PLAIN, "%*s", 9 - (int)strlen(class), "");
    why_page_text(page, PAGE_PLAIN, host->target);
    why_page_printf(page, PAGE_PLAIN, "  %s: %s, %s ", counts, steps, change->info->name);
    why_page_text(page, PAGE_PLAIN, values);
    why_page_newline(page);
}

static void put_unmet_count(struct page *page, const struct why_judged_host *host)
{
    why_page_printf(page, PAGE_PLAIN, "%zu of %zu requirement%s not met", host->unmet, host->count,
                    host->count == 1 ? "" : "s");
}

static void put_unmet(struct page *page, const struct why_judged_host *host)
{
    struct table table = {.columns = 2};
    struct table_row *row = why_table_add(&table);

    why_page_text(page, PAGE_BOLD, host->target);
    why_page_text(page, PAGE_PLAIN, ": ");
    put_unmet_count(page, host);
    why_page_newline(page);
    why_table_set(page, row, 0, PAGE_DIM, "REQUIREMENT");
    why_table_set(page, row, 1, PAGE_DIM, "FOUND");
    for (size_t i = 0; i < host->count; i++) {
        const struct why_judgement *judgement = &host->judgements[i];

        if (judgement->met)
            continue;
        row = why_table_add(&table);
        why_table_set(page, row, 0, PAGE_RED, judgement->requirement);
        why_table_set(page, row, 1, PAGE_PLAIN, judgement->fact);
    }
    why_page_table(page, 2, &table);
    why_page_newline(page);
}

/* The first requirement that is not met stands for the others. */
static void put_unmet_line(struct page *page, const struct why_judged_host *host)
{
    const struct why_judgement *judgement = host->judgements;

    while (judgement->met)
        judgement++;
    why_page_text(page, PAGE_RED, "unmet");
    why_page_text(page, PAGE_PLAIN, "    ");
    why_page_text(page, PAGE_PLAIN, host->target);
    why_page_text(page, PAGE_PLAIN, "  ");
    put_unmet_count(page, host);
    why_page_text(page, PAGE_PLAIN, ": ");
    why_page_text(page, PAGE_PLAIN, judgement->requirement);
    why_page_text(page, PAGE_PLAIN, ", ");
    why_page_text(page, PAGE_PLAIN, judgement->fact);
    why_page_newline(page);
}

static void put_total(struct page *page, const struct why_diff_about *about,
                      const struct why_diff *diff)
{
    char counts[128];

    put_counts(diff->classes, counts, sizeof(counts));
    why_page_printf(page, PAGE_BOLD, "%zu host%s compared", diff->compared,
                    diff->compared == 1 ? "" : "s");
    why_page_printf(page, PAGE_PLAIN, ", %zu with changes: %s", diff->count,
                    *counts ? counts : "nothing has changed");
    why_page_newline(page);
    if (diff->only_baseline > 0) {
        why_page_printf(page, PAGE_PLAIN, "Not compared: %zu step%s that only %s has made",
                        diff->only_baseline, diff->only_baseline == 1 ? "" : "s", about->baseline);
        why_page_newline(page);
    }
    if (diff->only_current > 0) {
        why_page_printf(page, PAGE_PLAIN, "Not compared: %zu step%s that only %s has made",
                        diff->only_current, diff->only_current == 1 ? "" : "s", about->current);
        why_page_newline(page);
    }
    if (about->judged && about->judged->unmet > 0) {
        why_page_printf(page, PAGE_BOLD, "%zu host%s not meet what is required",
                        about->judged->unmet, about->judged->unmet == 1 ? " does" : "s do");
        why_page_newline(page);
    }
}

static int write_changes(FILE *out, const struct why_diff_about *about,
                         const struct why_diff_host *host)
{
    struct page page;
    int status = why_page_open(&page, about->color, about->columns);

    if (status != WHY_OK)
        return status;
    if (about->verbosity < 0)
        put_host_line(&page, host);
    else
        put_host(&page, host, about->verbosity > 0);
    return why_page_close(&page, out);
}

static int write_unmet(FILE *out, const struct why_diff_about *about,
                       const struct why_judged_host *host)
{
    struct page page;
    int status = why_page_open(&page, about->color, about->columns);

    if (status != WHY_OK)
        return status;
    if (about->verbosity < 0)
        put_unmet_line(&page, host);
    else
        put_unmet(&page, host);
    return why_page_close(&page, out);
}

static int write_total(FILE *out, const struct why_diff_about *about, const struct why_diff *diff)
{
    struct page page;
    int status = why_page_open(&page, about->color, about->columns);

    if (status != WHY_OK)
        return status;
    put_total(&page, about, diff);
    return why_page_close(&page, out);
}

static int write_text(FILE *out, const struct why_diff_about *about, const struct why_diff *diff)
{
    size_t unmet = about->judged ? about->judged->unmet : 0;
    int status = WHY_OK;

    for (size_t i = 0; i < diff->count && status == WHY_OK; i++)
        status = write_changes(out, about, &diff->hosts[i]);
    /* The list has them in front. */
    for (size_t i = 0; i < unmet && status == WHY_OK; i++)
        status = write_unmet(out, about, &about->judged->hosts[i]);
    if (status == WHY_OK && about->verbosity >= 0)
        status = write_total(out, about, diff);
    return status;
}

const struct why_diff_format why_diff_text = {"text", write_text};
