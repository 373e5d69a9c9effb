/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "escape.h"
#include "fields.h"
#include "memory.h"

/*
 * Comma-separated values (RFC 4180, with LF at the end of a line): a line an attempt, the columns
 * of the field table, the time of each phase, and last what is known of the host as a whole.
 */

/* An attempt's line without the host's columns, until the host is over. */
struct csv_line {
    const struct why_target *target;
    char *text; /* owned */
};

struct csv_state {
    struct csv_line *lines; /* owned */
    size_t count, capacity;
};

/* A spreadsheet takes a cell that begins with one of these for a formula: an apostrophe makes text
 * of it (OWASP, "CSV Injection"). Its tab and carriage return begin with a backslash here. Numbers
 * are safe, unless a server gives them. */
static bool is_formula(const struct report_field *field, const char *value)
{
    bool number = !field->server_text && value[strspn(value, "-.0123456789")] == '\0';

    return *value != '\0' && !number && strchr("=+-@", *value) != NULL;
}

/* What can stand without quotes: most fields are our own words. */
static bool is_plain(const struct report_field *field, const char *value)
{
    while (*value > ' ' && *value < 0x7F && strchr(",\"\\", *value) == NULL)
        value++;
    return *value == '\0' && !field->server_text;
}

static void put_value(FILE *out, const struct report_field *field, const char *value)
{
    if (is_plain(field, value) && !is_formula(field, value)) {
        fputs(value, out);
        return;
    }
    fputc('"', out);
    if (is_formula(field, value))
        fputc('\'', out);
    why_escape(out, ESCAPE_CSV, value);
    fputc('"', out);
}

static void put_heading(FILE *out)
{
    for (size_t i = 0; i < why_report_field_count; i++)
        fprintf(out, "%s,", why_report_fields[i].name);
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
    report->state = calloc(1, sizeof(struct csv_state));
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

    if (!out)
        return NULL;
    for (size_t i = 0; i < why_report_field_count; i++) {
        char buf[FIELD_TEXT];
        const char *value = why_report_fields[i].get(result, buf);

        if (value)
            put_value(out, &why_report_fields[i], value);
        fputc(',', out);
    }
    put_phases(out, &result->verdict);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static int csv_attempt(struct why_report *report, const struct why_result *result)
{
    struct csv_state *state = report->state;
    char *text;

    if (state->count == state->capacity) {
        size_t capacity = state->capacity ? 2 * state->capacity : 16;
        struct csv_line *lines = realloc(state->lines, capacity * sizeof(*lines));

        if (!lines)
            return WHY_ERR_NOMEM;
        state->lines = lines;
        state->capacity = capacity;
    }
    text = make_line(result);
    if (!text)
        return WHY_ERR_NOMEM;
    state->lines[state->count++] = (struct csv_line){result->target, text};
    return WHY_OK;
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
    struct csv_state *state = report->state;
    size_t kept = 0;

    for (size_t i = 0; i < state->count; i++) {
        if (host && state->lines[i].target != host->target) {
            state->lines[kept++] = state->lines[i];
            continue;
        }
        fprintf(report->out, "%s%s,", state->lines[i].text,
                host ? why_host_state_name(host->state) : "");
        if (host && host->judgement_count > 0)
            put_unmet(report->out, host);
        fprintf(report->out, ",%s\n",
                host && host->kind.kind != WHY_KIND_UNKNOWN ? why_kind_name(host->kind.kind) : "");
        free(state->lines[i].text);
    }
    state->count = kept;
    return fflush(report->out) == 0 && !ferror(report->out) ? WHY_OK : WHY_ERR_IO;
}

static int csv_host(struct why_report *report, const struct why_host *host)
{
    return write_lines(report, host);
}

static int csv_end(struct why_report *report, const struct why_scan_summary *summary)
{
    struct csv_state *state = report->state;
    int status = write_lines(report, NULL);

    (void)summary;
    free(state->lines);
    free(state);
    return status;
}

const struct why_report_format why_report_csv = {
    .name = "csv",
    .summary = "Comma-separated values, a line an attempt",
    .begin = csv_begin,
    .attempt = csv_attempt,
    .host = csv_host,
    .end = csv_end,
};
