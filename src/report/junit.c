/* SPDX-License-Identifier: Apache-2.0 */
#include "formats.h"

#include <inttypes.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "base/rfc3339.h"
#include "facts/words.h"

#include "escape.h"
#include "junit_parts.h"
#include "memory.h"

/*
 * JUnit XML as continuous integration reads it: a test suite per host, a test case per step and per
 * requirement. An offer that the server turns down by configuration is skipped, not failed, and so
 * is an attempt of which a capture does not show the end; one that failed on our side is an error.
 */

enum verdict_kind { PASSED, FAILED, ERROR, SKIPPED };

static enum verdict_kind kind_of(const struct why_result *result)
{
    static const enum verdict_kind kinds[WHY_ANSWER_COUNT] = {
        [WHY_ANSWER_THROUGH] = PASSED,     [WHY_ANSWER_WITHHELD] = PASSED,
        [WHY_ANSWER_POLICY] = SKIPPED,     [WHY_ANSWER_TLS_VERSION] = FAILED,
        [WHY_ANSWER_ACCOUNT] = FAILED,     [WHY_ANSWER_NTLM] = FAILED,
        [WHY_ANSWER_KERBEROS] = FAILED,    [WHY_ANSWER_FAULT] = FAILED,
        [WHY_ANSWER_UNREACHABLE] = FAILED, [WHY_ANSWER_UNKNOWN] = SKIPPED,
        [WHY_ANSWER_SKIPPED] = SKIPPED,    [WHY_ANSWER_FAILED] = ERROR,
    };

    return kinds[result->answer];
}

/* Seconds, as this dialect has them. */
static void put_seconds(FILE *out, uint64_t us)
{
    fprintf(out, " time=\"%" PRIu64 ".%06" PRIu64 "\"", us / 1000000, us % 1000000);
}

/* What a person wants to read below the message. */
static void put_details(FILE *out, const struct why_result *result)
{
    const struct why_facts *facts = &result->facts;
    char text[512];

    why_verdict_line(&result->verdict, text, sizeof(text));
    why_escape(out, ESCAPE_XML, text);
    if (result->verdict.has_mstsc) {
        why_words_mstsc(&result->verdict, text, sizeof(text));
        fprintf(out, "\nmstsc: %s", text);
    }
    if (facts->last_sent)
        fprintf(out, "\nlast sent: %s", facts->last_sent);
    if (facts->last_received)
        fprintf(out, "\nlast received: %s", facts->last_received);
}

static void put_step(FILE *out, const struct why_result *result)
{
    static const char *const elements[] = {
        [FAILED] = "failure", [ERROR] = "error", [SKIPPED] = "skipped"};
    enum verdict_kind kind = kind_of(result);
    char name[64], target[WHY_TARGET_WORDS];

    why_words_step(&result->step, name, sizeof(name));
    fputs("    <testcase", out);
    why_junit_attribute(out, "name", name);
    why_junit_attribute(out, "classname", why_words_target(result->target, target));
    put_seconds(out, result->verdict.duration_us);
    if (kind == PASSED) {
        fputs("/>\n", out);
        return;
    }
    fprintf(out, ">\n      <%s", elements[kind]);
    why_junit_attribute(out, "message", result->verdict.reason);
    why_junit_attribute(out, "type", why_ending_name(result->verdict.ending));
    fputc('>', out);
    put_details(out, result);
    fprintf(out, "</%s>\n    </testcase>\n", elements[kind]);
}

struct totals {
    size_t kinds[SKIPPED + 1];
    uint64_t us;
};

static struct totals count(const struct why_host *host)
{
    struct totals totals = {.us = 0};

    for (size_t i = 0; i < host->count; i++) {
        totals.kinds[kind_of(host->results[i])]++;
        totals.us += host->results[i]->verdict.duration_us;
    }
    for (size_t i = 0; i < host->judgement_count; i++)
        totals.kinds[host->judgements[i].met ? PASSED : FAILED]++;
    return totals;
}

static void put_started(FILE *out, const struct why_host *host)
{
    const struct why_trace *trace = host->count > 0 ? host->results[0]->trace : NULL;
    uint64_t us = trace ? why_trace_head(trace)->started_us : 0;
    char text[WHY_RFC3339_SIZE];

    if (us == 0 || !why_rfc3339_print((int64_t)(us / 1000000), -1, text))
        return;
    text[strcspn(text, "Z")] = '\0'; /* the dialect knows no time zone */
    why_junit_attribute(out, "timestamp", text);
}

static void put_findings(FILE *out, const struct why_host *host)
{
    fprintf(out, "    <system-out>host: %s", why_host_state_name(host->state));
    for (size_t i = 0; i < host->finding_count; i++) {
        const struct why_finding *finding = &host->findings[i];

        fprintf(out, "\n%s: ", why_severity_name(finding->severity));
        why_escape(out, ESCAPE_XML, finding->summary);
        fprintf(out, " [%s]", finding->rule);
    }
    fputs("</system-out>\n", out);
}

static void put_suite(FILE *out, const struct why_host *host)
{
    struct totals totals = count(host);
    char buf[WHY_TARGET_WORDS];
    const char *target = why_words_target(host->target, buf);

    fputs("  <testsuite", out);
    why_junit_attribute(out, "name", target);
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
            host->count + host->judgement_count, totals.kinds[FAILED], totals.kinds[ERROR],
            totals.kinds[SKIPPED]);
    put_seconds(out, totals.us);
    put_started(out, host);
    why_junit_attribute(out, "hostname", host->target->host);
    fputs(">\n", out);
    for (size_t i = 0; i < host->count; i++)
        put_step(out, host->results[i]);
    for (size_t i = 0; i < host->judgement_count; i++)
        why_junit_requirement(out, target, &host->judgements[i]);
    put_findings(out, host);
    fputs("  </testsuite>\n", out);
}

static int junit_begin(struct why_report *report, const struct why_run_info *run)
{
    (void)run;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rdpwhy\">\n",
          report->out);
    return fflush(report->out) == 0 ? WHY_OK : WHY_ERR_IO;
}

/* A host is told as a whole, when its last attempt is over. */
static int junit_attempt(struct why_report *report, const struct why_result *result)
{
    (void)report, (void)result;
    return WHY_OK;
}

static int junit_host(struct why_report *report, const struct why_host *host)
{
    struct memory memory;
    int status = why_memory_open(&memory);

    if (status != WHY_OK)
        return status;
    put_suite(memory.out, host);
    return why_memory_close(&memory, report->out);
}

static int junit_end(struct why_report *report, const struct why_scan_summary *summary)
{
    (void)summary;
    fputs("</testsuites>\n", report->out);
    return fflush(report->out) == 0 && !ferror(report->out) ? WHY_OK : WHY_ERR_IO;
}

const struct why_report_format why_report_junit = {
    .name = "junit",
    .summary = "JUnit XML for continuous integration: a suite per host, a case per step and "
               "requirement",
    .begin = junit_begin,
    .attempt = junit_attempt,
    .host = junit_host,
    .end = junit_end,
};
