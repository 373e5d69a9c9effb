/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#include <ctype.h>
#include <string.h>

#include "rows_next.h"
#include "rows_reported.h"
#include "rows_see.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static bool is_in(const struct why_code_table *table, const char *space)
{
    return strcmp(table->space, space) == 0;
}

const struct why_code_report *why_code_report(const struct why_code_table *table,
                                              const struct why_code_row *row, size_t index)
{
    for (size_t i = 0; i < COUNT(reported_rows); i++) {
        const struct why_code_report *report = &reported_rows[i];

        if (is_in(table, report->space) && report->value == row->value && index-- == 0)
            return report;
    }
    return NULL;
}

/* Only mstsc's reasons have numbers that no reference names. */
bool why_row_is_documented(const struct why_code_row *row)
{
    return !isdigit((unsigned char)row->name[0]);
}

const char *why_row_source(const struct why_code_table *table, const struct why_code_row *row)
{
    const struct why_code_report *report = why_code_report(table, row, 0);

    if (why_row_is_documented(row))
        return table->source;
    return report != NULL ? report->source : TECHNET_WIKI;
}

/* ExtendedDisconnectReasonCode shares these numbers with the Set Error Info PDU. */
static bool is_told_by_error_info(int64_t value)
{
    return (value >= 0x1 && value <= 0xC) || (value >= 0x100 && value <= 0x10A);
}

enum why_rule why_meaning_rule(const struct why_code_table *table, const struct why_code_row *row)
{
    int space = why_word_find(WHY_VOCAB_CODE_SPACE, table->space);

    /* CredSSP carries SSPI codes in the place of an NTSTATUS too. */
    if (is_in(table, "sspi"))
        space = WHY_SPACE_NTSTATUS;
    else if (is_in(table, "mstsc-extended") && is_told_by_error_info(row->value))
        space = WHY_SPACE_ERROR_INFO;
    return space < 0 ? WHY_RULE_COUNT : why_rule_of_code((enum why_code_space)space, row->value);
}

enum why_rule why_meaning_see(const struct why_code_table *table, const struct why_code_row *row,
                              size_t index)
{
    enum why_rule rule = why_meaning_rule(table, row);

    if (rule != WHY_RULE_COUNT && index-- == 0)
        return rule;
    for (size_t i = 0; i < COUNT(see_rows); i++) {
        const struct see_row *see = &see_rows[i];

        if (is_in(table, see->space) && row->value >= see->first && row->value <= see->last &&
            index-- == 0)
            return see->rule;
    }
    return WHY_RULE_COUNT;
}

const struct why_next *why_meaning_next(const struct why_code_table *table,
                                        const struct why_code_row *row)
{
    size_t i = 0;

    while (next_rows[i].space != NULL &&
           !(is_in(table, next_rows[i].space) && row->value >= next_rows[i].first &&
             row->value <= next_rows[i].last))
        i++;
    return &next_rows[i].next;
}
