/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "json_records.h"

/* JSON Lines for programs: one object a line, flushed line by line, so that what a cut-off run has
 * written is whole. Its state is the name of the vantage point. */

/* Gives |record| up. */
static int write_line(struct why_report *report, const struct why_json_builder *b, json_t *record)
{
    int status = why_json_write_record(report->out, b, record);

    return status == WHY_OK && fflush(report->out) != 0 ? WHY_ERR_IO : status;
}

static void jsonl_free(struct why_report *report)
{
    free(report->state);
    report->state = NULL;
}

static int jsonl_begin(struct why_report *report, const struct why_run_info *run)
{
    struct why_json_builder b = {false};
    int status;

    if (run->vantage != NULL && (report->state = strdup(run->vantage)) == NULL)
        return WHY_ERR_NOMEM;
    status = write_line(report, &b, why_json_run(&b, run));
    if (status != WHY_OK)
        jsonl_free(report);
    return status;
}

static int jsonl_across(struct why_report *report, const struct why_target *target,
                        const struct why_finding *finding)
{
    struct why_json_builder b = {false};

    return write_line(report, &b, why_json_across(&b, target, finding));
}

static int jsonl_line(struct why_report *report, const char *line, size_t len)
{
    return fwrite(line, 1, len, report->out) == len && putc('\n', report->out) != EOF ? WHY_OK
                                                                                      : WHY_ERR_IO;
}

static int jsonl_attempt(struct why_report *report, const struct why_result *result)
{
    struct why_json_builder b = {false};

    return write_line(report, &b, why_json_attempt(&b, result));
}

static int jsonl_host(struct why_report *report, const struct why_host *host)
{
    struct why_json_builder b = {false};

    return write_line(report, &b, why_json_host(&b, host));
}

static int jsonl_end(struct why_report *report, const struct why_scan_summary *summary)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_end(&b, summary);
    int status;

    why_json_put_text(&b, record, "vantage", report->state);
    status = write_line(report, &b, record);
    jsonl_free(report);
    return status;
}

const struct why_report_format why_report_jsonl = {
    .name = "jsonl",
    .summary = "JSON Lines for programs: one object per line, schema " WHY_JSON_SCHEMA,
    .begin = jsonl_begin,
    .attempt = jsonl_attempt,
    .host = jsonl_host,
    .across = jsonl_across,
    .line = jsonl_line,
    .end = jsonl_end,
};
