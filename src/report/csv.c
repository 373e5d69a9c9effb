/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "facts/fact_table.h"

#include "csv_cell.h"
#include "pending.h"

/*
 * Comma-separated values: a line an attempt, the columns of the field table, the time of each
 * phase, what is known of the host as a whole, and last whatever came later: columns are counted by
 * who reads them.
 */

static void put_facts_heading(FILE *out, unsigned flag)
{
    for (size_t i = 0; i < why_fact_row_count; i++) {
        if (why_fact_rows[i].flags & flag)
            fprintf(out, "%s,", why_fact_rows[i].name);
    }
}

/* Phases whose columns came later stand at the end: columns are counted by who reads them. */
enum age { OLD, LATE, LATER, NEW };

static enum age age_of(enum why_phase phase)
{
    if (phase >= WHY_PHASE_GATEWAY_TLS && phase <= WHY_PHASE_GATEWAY_CHANNEL)
        return NEW;
    return phase == WHY_PHASE_PROXY || phase == WHY_PHASE_SESSION ? LATER
           : phase == WHY_PHASE_KERBEROS                          ? LATE
                                                                  : OLD;
}

static void put_phase_name(FILE *out, enum why_phase phase)
{
    for (const char *c = why_phase_name(phase); *c; c++)
        fputc(*c == '-' ? '_' : *c, out);
    fputs("_us", out);
}

/* With a comma in front instead of behind: they are the line's last. */
static void put_new_phases_heading(FILE *out)
{
    for (int phase = 0; phase < WHY_PHASE_COUNT; phase++) {
        if (age_of((enum why_phase)phase) == NEW) {
            fputc(',', out);
            put_phase_name(out, (enum why_phase)phase);
        }
    }
}

static void put_phases_heading(FILE *out, enum age age)
{
    for (int phase = 0; phase < WHY_PHASE_COUNT; phase++) {
        if (age_of((enum why_phase)phase) != age)
            continue;
        put_phase_name(out, (enum why_phase)phase);
        fputc(',', out);
    }
}

static void put_heading(FILE *out)
{
    put_facts_heading(out, FACT_CSV);
    put_facts_heading(out, FACT_CSV_LAST);
    put_phases_heading(out, OLD);
    fputs("state,unmet_requirements,server_kind,", out);
    put_facts_heading(out, FACT_CSV_END);
    put_phases_heading(out, LATE);
    put_phases_heading(out, LATER);
    fputs("finding,finding_summary", out);
    for (size_t i = 0; i < why_fact_row_count; i++) {
        if (why_fact_rows[i].flags & FACT_CSV_NEW)
            fprintf(out, ",%s", why_fact_rows[i].name);
    }
    put_new_phases_heading(out);
    fputc('\n', out);
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

static void put_phase(FILE *out, const struct why_verdict *verdict, enum why_phase phase)
{
    for (size_t i = 0; i < verdict->phase_count; i++) {
        if (verdict->phases[i].phase == phase)
            fprintf(out, "%" PRIu64, verdict->phases[i].duration_us);
    }
}

static void put_phases(FILE *out, const struct why_verdict *verdict, enum age age)
{
    for (int phase = 0; phase < WHY_PHASE_COUNT; phase++) {
        if (age_of((enum why_phase)phase) != age)
            continue;
        put_phase(out, verdict, (enum why_phase)phase);
        fputc(',', out);
    }
}

static void put_new_phases(FILE *out, const struct why_verdict *verdict)
{
    for (int phase = 0; phase < WHY_PHASE_COUNT; phase++) {
        if (age_of((enum why_phase)phase) != NEW)
            continue;
        fputc(',', out);
        put_phase(out, verdict, (enum why_phase)phase);
    }
}

static void put_fact(FILE *out, const struct why_fact_row *row, const struct why_result *result)
{
    struct why_fact_value value;
    const char *fact = why_fact_text(row, result, &value);

    if (fact && *fact)
        why_csv_put(out, (row->flags & FACT_FOREIGN_TEXT) != 0, fact);
}

static void put_facts(FILE *out, unsigned flag, const struct why_result *result)
{
    for (size_t i = 0; i < why_fact_row_count; i++) {
        if ((why_fact_rows[i].flags & flag) == 0)
            continue;
        put_fact(out, &why_fact_rows[i], result);
        fputc(',', out);
    }
}

static void put_new_facts(FILE *out, const struct why_result *result)
{
    for (size_t i = 0; i < why_fact_row_count; i++) {
        if ((why_fact_rows[i].flags & FACT_CSV_NEW) == 0)
            continue;
        fputc(',', out);
        put_fact(out, &why_fact_rows[i], result);
    }
}

/* Four lines: the attempt's number, what stands before the host's columns, what stands behind them,
 * what stands behind the finding. NULL when out of memory. */
static char *make_line(const struct why_result *result)
{
    size_t len = 0;
    char *text = NULL;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return NULL;
    fprintf(out, "%zu\n", result->ordinal);
    put_facts(out, FACT_CSV, result);
    put_facts(out, FACT_CSV_LAST, result);
    put_phases(out, &result->verdict, OLD);
    fputc('\n', out);
    put_facts(out, FACT_CSV_END, result);
    put_phases(out, &result->verdict, LATE);
    put_phases(out, &result->verdict, LATER);
    fputc('\n', out);
    put_new_facts(out, result);
    put_new_phases(out, &result->verdict);
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

/* The most severe finding that rests on the attempt; NULL: none does. */
static const struct why_finding *finding_of(const struct why_host *host, size_t ordinal)
{
    for (size_t i = 0; i < host->finding_count; i++) {
        const struct why_finding *finding = &host->findings[i];

        for (size_t k = 0; k < finding->attempt_count; k++) {
            if (finding->attempts[k] == ordinal)
                return finding;
        }
    }
    return NULL;
}

static void put_host(FILE *out, const struct why_host *host)
{
    fprintf(out, "%s,", why_host_state_name(host->state));
    why_csv_put_unmet(out, host);
    fprintf(out, ",%s,", host->kind.kind != WHY_KIND_UNKNOWN ? why_kind_name(host->kind.kind) : "");
}

/* |line| as make_line has made it; |host|: NULL where the run ended before the host was over. */
static void write_line(FILE *out, const char *line, const struct why_host *host)
{
    char *head;
    size_t ordinal = strtoul(line, &head, 10), len = strcspn(++head, "\n");
    const char *behind = head + len + 1;
    size_t behind_len = strcspn(behind, "\n");
    const struct why_finding *finding = host ? finding_of(host, ordinal) : NULL;

    fwrite(head, 1, len, out);
    if (host)
        put_host(out, host);
    else
        fputs(",,,", out);
    fwrite(behind, 1, behind_len, out);
    if (finding)
        why_csv_put(out, false, finding->rule);
    fputc(',', out);
    if (finding)
        why_csv_put(out, true, finding->summary);
    fputs(behind + behind_len + 1, out);
    fputc('\n', out);
}

/* Writes the lines of |host|, or all that are left where it is NULL. */
static int write_lines(struct why_report *report, const struct why_host *host)
{
    char *line;

    while ((line = why_pending_take(report->state, host ? host->target : NULL)) != NULL) {
        write_line(report->out, line, host);
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
