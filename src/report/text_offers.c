/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>

#include "base/text.h"
#include "facts/words.h"

#include "page.h"

/* The offers as a table: what was tried, and how each went. */

/* In the words of somebody who wants to know whether it works. */
static const char *outcome_words(const struct why_result *result)
{
    bool stopped = result->verdict.outcome == WHY_OUTCOME_STOPPED;

    switch (result->answer) {
    case WHY_ANSWER_THROUGH:
        if (why_is_redirected_nowhere(result))
            return "sent nowhere";
        return stopped ? "ok up to the logon" : "ok";
    case WHY_ANSWER_WITHHELD:
        return stopped ? "ok up to the logon" : "ok";
    case WHY_ANSWER_POLICY:
        return stopped ? "not offered" : "refused";
    default:
        return why_outcome_name(result->verdict.outcome);
    }
}

/* How it ended; of what was skipped or stopped, why. */
static void ending_words(const struct why_verdict *verdict, char *buf, size_t len)
{
    const char *reason = strstr(verdict->reason, ": ");

    if ((verdict->outcome == WHY_OUTCOME_SKIPPED || verdict->ending == WHY_END_STOP) && reason)
        snprintf(buf, len, "%.*s", (int)strcspn(reason + 2, "."), reason + 2);
    else if (verdict->ending == WHY_END_DONE)
        snprintf(buf, len, "-");
    else
        why_words_ending(verdict, buf, len);
}

static void fill_row(struct page *page, struct table_row *row, const char *steps,
                     const struct why_result *result)
{
    const struct why_verdict *verdict = &result->verdict;
    char text[WHY_REASON_MAX + 64];

    why_table_set(page, row, 0, PAGE_PLAIN, steps);
    why_table_set(page, row, 1, why_text_outcome_style(result), outcome_words(result));
    why_words_phase(verdict, text, sizeof(text));
    why_table_set(page, row, 2, PAGE_PLAIN, *text ? text : "-");
    why_table_set(page, row, 3, PAGE_PLAIN,
                  verdict->has_closer ? why_closer_name(verdict->closed_by) : "-");
    if (verdict->outcome == WHY_OUTCOME_SKIPPED)
        snprintf(text, sizeof(text), "-");
    else
        why_duration_text(verdict->duration_us, text, sizeof(text));
    why_table_set(page, row, 4, PAGE_PLAIN, text);
    ending_words(verdict, text, sizeof(text));
    why_table_set(page, row, 5, PAGE_PLAIN, text);
}

/* The steps of one row: |first|, and those after it that were skipped for the same reason. Returns
 * the one behind. */
static size_t row_steps(const struct why_host *host, size_t first, char *buf, size_t len)
{
    const struct why_verdict *verdict = &host->results[first]->verdict;
    size_t i = first + 1;

    why_words_step(&host->results[first]->step, buf, len);
    for (; i < host->count && verdict->outcome == WHY_OUTCOME_SKIPPED; i++) {
        const struct why_verdict *other = &host->results[i]->verdict;
        size_t at = strlen(buf);
        char step[64];

        if (other->outcome != WHY_OUTCOME_SKIPPED || strcmp(other->reason, verdict->reason) != 0)
            break;
        why_words_step(&host->results[i]->step, step, sizeof(step));
        if (at + strlen(step) + 3 > len)
            break;
        snprintf(buf + at, len - at, ", %s", step);
    }
    return i;
}

void why_text_offers(struct page *page, const struct why_host *host)
{
    static const char *const titles[] = {"PROFILE",   "OUTCOME", "PHASE",
                                         "CLOSED BY", "TIME",    "ENDED WITH"};
    struct table table = {.columns = 6};
    struct table_row *row = why_table_add(&table);
    char steps[256];
    size_t next;

    for (size_t i = 0; i < table.columns; i++)
        why_table_set(page, row, i, PAGE_DIM, titles[i]);
    for (size_t i = 0; i < host->count; i = next) {
        next = row_steps(host, i, steps, sizeof(steps));
        fill_row(page, why_table_add(&table), steps, host->results[i]);
    }
    why_page_newline(page);
    why_page_table(page, 0, &table);
}
