/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "facts/fact_table.h"

#include "escape.h"
#include "memory.h"
#include "pending.h"

/*
 * Comma-separated values (RFC 4180, with LF at the end of a line): a line an attempt, the columns
 * of the field table, the time of each phase, and last what is known of the host as a whole.
 */

/* A spreadsheet takes a cell that begins with one of these for a formula: an apostrophe makes text
 * of it (OWASP, "CSV Injection"). Its tab and carriage return begin with a backslash here. Numbers
 * are safe, unless a server gives them. */
static bool is_formula(const struct why_fact_row *row, const char *value)
{
    bool number = !(row->flags & FACT_FOREIGN_TEXT) && value[strspn(value, "-.0123456789")] == '\0';

    return *value != '\0' && !number && strchr("=+-@", *value) != NULL;
}

/* What can stand without quotes: most fields are our own words. */
static bool is_plain(const struct why_fact_row *row, const char *value)
{
    while (*value > ' ' && *value < 0x7F && strchr(",\"\\", *value) == NULL)
        value++;
    return *value == '\0' && !(row->flags & FACT_FOREIGN_TEXT);
}

static void put_value(FILE *out, const struct why_fact_row *row, const char *value)
{
    if (is_plain(row, value) && !is_formula(row, value)) {
        fputs(value, out);
        return;
    }
    fputc('"', out);
    if (is_formula(row, value))
        fputc('\'', out);
    why_escape(out, ESCAPE_CSV, value);
    fputc('"', out);
}

/* The column behind the |*at|th row of the table, which is gone through twice; NULL: no more. */
static const struct why_fact_row *next_column(size_t *at)
{
    while (*at < 2 * why_fact_row_count) {
        bool again = *at >= why_fact_row_count;
        const struct why_fact_row *row = &why_fact_rows[*at - (again ? why_fact_row_count : 0)];
        unsigned flag = again ? FACT_CSV_LAST : FACT_CSV;

        ++*at;
        if (row->flags & flag)
            return row;
    }
    return NULL;
}

static void put_heading(FILE *out)
{
    const struct why_fact_row *row;

    for (size_t at = 0; (row = next_column(&at)) != NULL;)
        fprintf(out, "%s,", row->name);
    for (int phase = 0; phase < WHY_PHASE_COUNT; phase++) {
        for (const char *c = why_phase_name((enum why_phase)phase); *c; c++)
            fputc(*c == '-' ? '_' : *c, out);
        fputs("_us,", out);
    }
    fputs("state,unmet_requirements,server_kind\n", out);
}

static int csv_begin(struct why_report *report, const struct why_run_info *run)
{
    (void)run;
    report->state = calloc(1, sizeof(struct why_pending));
    if (!report->state)
        return WHY_ERR_NOMEM;
    put_heading(report->out);
    if (fflush(report->out) == 0)
        return WHY_OK;
    free(report->state);
    return WHY_ERR_IO;
}

static void put_phases(FILE *out, const struct why_verdict *verdict)
{
    for (int phase = 0; phase < WHY_PHASE_COUNT; phase++) {
        for (size_t i = 0; i < verdict->phase_count; i++) {
            if (verdict->phases[i].phase == (enum why_phase)phase)
                fprintf(out, "%" PRIu64, verdict->phases[i].duration_us);
        }
        fputc(',', out);
    }
}

/* The line up to the host's columns; NULL when out of memory. */
static char *make_line(const struct why_result *result)
{
    size_t len = 0;
    char *text = NULL;
    FILE *out = open_memstream(&text, &len);
    const struct why_fact_row *row;

    if (!out)
        return NULL;
    for (size_t at = 0; (row = next_column(&at)) != NULL;) {
        struct why_fact_value value;
        const char *fact = why_fact_text(row, result, &value);

        if (fact && *fact)
            put_value(out, row, fact);
        fputc(',', out);
    }
    put_phases(out, &result->verdict);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* An attempt's line goes without the host's columns until the host is over. */
static int csv_attempt(struct why_report *report, const struct why_result *result)
{
    return why_pending_add(report->state, result->target, make_line(result));
}

static void put_unmet(FILE *out, const struct why_host *host)
{
    const char *separator = "";

    fputc('"', out);
    for (size_t i = 0; i < host->judgement_count; i++) {
        if (host->judgements[i].met)
            continue;
        fputs(separator, out);
        why_escape(out, ESCAPE_CSV, host->judgements[i].requirement);
        separator = " ";
    }
    fputc('"', out);
}

/* Writes the lines of |host|, or all that are left where it is NULL. */
static int write_lines(struct why_report *report, const struct why_host *host)
{
    char *line;

    while ((line = why_pending_take(report->state, host ? host->target : NULL)) != NULL) {
        fprintf(report->out, "%s%s,", line, host ? why_host_state_name(host->state) : "");
        if (host && host->judgement_count > 0)
            put_unmet(report->out, host);
        fprintf(report->out, ",%s\n",
                host && host->kind.kind != WHY_KIND_UNKNOWN ? why_kind_name(host->kind.kind) : "");
        free(line);
    }
    return fflush(report->out) == 0 && !ferror(report->out) ? WHY_OK : WHY_ERR_IO;
}

static int csv_host(struct why_report *report, const struct why_host *host)
{
    return write_lines(report, host);
}

static int csv_end(struct why_report *report, const struct why_scan_summary *summary)
{
    int status = write_lines(report, NULL);

    (void)summary;
    why_pending_drop(report->state, NULL);
    free(report->state);
    return status;
}

const struct why_report_format why_report_csv = {
    .name = "csv",
    .summary = "Comma-separated values, one line per attempt",
    .begin = csv_begin,
    .attempt = csv_attempt,
    .host = csv_host,
    .end = csv_end,
};
