/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "facts/fact_table.h"

#include "csv_cell.h"
#include "host_words.h"

/*
 * Comma-separated values, a line a host: its state and the finding that is the answer, where the
 * attempt that says most ended, and what is known of the server from any attempt. New columns come
 * last: they are counted by who reads them.
 */

static void put_text(FILE *out, const char *text)
{
    if (text)
        why_csv_put(out, false, text);
}

static const struct why_finding *answer_of(const struct why_host *host)
{
    return host->finding_count > 0 ? host->findings : NULL;
}

static void put_target(FILE *out, const struct why_host *host)
{
    why_csv_put(out, true, host->target->label);
}

static void put_state(FILE *out, const struct why_host *host)
{
    put_text(out, why_host_state_name(host->state));
}

static void put_finding(FILE *out, const struct why_host *host)
{
    if (answer_of(host))
        put_text(out, answer_of(host)->rule);
}

static void put_severity(FILE *out, const struct why_host *host)
{
    if (answer_of(host))
        put_text(out, why_severity_name(answer_of(host)->severity));
}

static void put_summary(FILE *out, const struct why_host *host)
{
    if (answer_of(host))
        why_csv_put(out, true, answer_of(host)->summary);
}

static void put_others(FILE *out, const struct why_host *host)
{
    if (host->finding_count < 2)
        return;
    fputc('"', out);
    for (size_t i = 1; i < host->finding_count; i++)
        fprintf(out, "%s%s", i > 1 ? " " : "", host->findings[i].rule);
    fputc('"', out);
}

static void put_attempts(FILE *out, const struct why_host *host)
{
    fprintf(out, "%zu", host->count);
}

static void put_nla(FILE *out, const struct why_host *host)
{
    put_text(out, why_host_nla(host));
}

static void put_tls(FILE *out, const struct why_host *host)
{
    put_text(out, why_host_tls(host));
}

static void put_kind(FILE *out, const struct why_host *host)
{
    if (host->kind.kind != WHY_KIND_UNKNOWN)
        put_text(out, why_kind_name(host->kind.kind));
}

/* A column is the host's own (put), or a fact: of the attempt that says most, or of the first that
 * knows it. */
enum of { OF_HOST, OF_TELLING, OF_ANY };

static const struct column {
    const char *name; /* of a fact: where it is in a JSON Lines record */
    enum of of;
    void (*put)(FILE *out, const struct why_host *host);
} columns[] = {
    {"target", OF_HOST, put_target},
    {"address", OF_ANY, NULL},
    {"port", OF_ANY, NULL},
    {"state", OF_HOST, put_state},
    {"finding", OF_HOST, put_finding},
    {"severity", OF_HOST, put_severity},
    {"finding_summary", OF_HOST, put_summary},
    {"other_findings", OF_HOST, put_others},
    {"profile", OF_TELLING, NULL},
    {"outcome", OF_TELLING, NULL},
    {"phase", OF_TELLING, NULL},
    {"ending", OF_TELLING, NULL},
    {"closed_by", OF_TELLING, NULL},
    {"mstsc.code", OF_TELLING, NULL},
    {"mstsc.extended", OF_TELLING, NULL},
    {"mstsc.basis", OF_TELLING, NULL},
    {"attempts", OF_HOST, put_attempts},
    {"nla", OF_HOST, put_nla},
    {"tls_version", OF_HOST, put_tls},
    {"tls.certificate.subject", OF_ANY, NULL},
    {"tls.certificate.issuer", OF_ANY, NULL},
    {"tls.certificate.not_after", OF_ANY, NULL},
    {"tls.certificate.name_matches", OF_ANY, NULL},
    {"tls.certificate.trust", OF_ANY, NULL},
    {"ntlm.netbios_computer", OF_ANY, NULL},
    {"ntlm.dns_computer", OF_ANY, NULL},
    {"ntlm.dns_domain", OF_ANY, NULL},
    {"ntlm.os_version", OF_ANY, NULL},
    {"ntlm.clock_skew_s", OF_ANY, NULL},
    {"server_kind", OF_HOST, put_kind},
    {"unmet_requirements", OF_HOST, why_csv_put_unmet},
    {"vantage", OF_ANY, NULL},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *fact_of(const struct why_host *host, const struct column *column,
                           const struct why_fact_row *row, struct why_fact_value *value)
{
    const struct why_result *telling = why_host_telling(host);
    const char *text = NULL;

    if (column->of == OF_TELLING)
        return telling ? why_fact_text(row, telling, value) : NULL;
    for (size_t i = 0; !text && i < host->count; i++)
        text = why_fact_text(row, host->results[i], value);
    return text;
}

static void put_column(FILE *out, const struct why_host *host, const struct column *column)
{
    const struct why_fact_row *row = column->of == OF_HOST ? NULL : why_fact_at(column->name);
    struct why_fact_value value;
    const char *text = row ? fact_of(host, column, row, &value) : NULL;

    if (column->of == OF_HOST)
        column->put(out, host);
    else if (text && *text)
        why_csv_put(out, (row->flags & FACT_FOREIGN_TEXT) != 0, text);
}

static int finish(FILE *out)
{
    return fflush(out) == 0 && !ferror(out) ? WHY_OK : WHY_ERR_IO;
}

static int hosts_begin(struct why_report *report, const struct why_run_info *run)
{
    (void)run;
    for (size_t i = 0; i < COLUMNS; i++)
        fprintf(report->out, "%s%s", i > 0 ? "," : "",
                columns[i].of == OF_HOST ? columns[i].name : why_fact_at(columns[i].name)->name);
    fputc('\n', report->out);
    return finish(report->out);
}

static int hosts_attempt(struct why_report *report, const struct why_result *result)
{
    (void)report, (void)result;
    return WHY_OK;
}

static int hosts_host(struct why_report *report, const struct why_host *host)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (i > 0)
            fputc(',', report->out);
        put_column(report->out, host, &columns[i]);
    }
    fputc('\n', report->out);
    return finish(report->out);
}

static int hosts_end(struct why_report *report, const struct why_scan_summary *summary)
{
    (void)summary;
    return finish(report->out);
}

const struct why_report_format why_report_csv_hosts = {
    .name = "csv-hosts",
    .summary = "Comma-separated values, one line per host",
    .begin = hosts_begin,
    .attempt = hosts_attempt,
    .host = hosts_host,
    .end = hosts_end,
};
