/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <rdpwhy/diff.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "fuzz.h"
#include "merge/merge.h"
#include "saved/saved.h"

/* A saved run as somebody else's file: read whole and as a part, compared with itself, and shown
 * again in every format. A run has not changed since it was saved. */

static void compare(const struct why_run *run)
{
    static const struct why_diff_limits limits = {WHY_DIFF_SLOWER_PERCENT, WHY_DIFF_SLOWER_FLOOR_US,
                                                  WHY_DIFF_SKEW_S, WHY_DIFF_CERTIFICATE_DAYS};
    struct why_diff diff;

    REQUIRE(why_diff_make(run, run, &limits, &diff) == WHY_OK);
    REQUIRE(diff.count == 0);
    REQUIRE(diff.compared == why_run_target_count(run));
    REQUIRE(diff.only_baseline == 0 && diff.only_current == 0);
    why_diff_clear(&diff);
}

struct shown {
    const struct why_report_format *format;
    struct why_report report;
    size_t hosts;
};

static int show_begin(void *arg, const struct why_run_info *run)
{
    struct shown *shown = arg;

    return shown->format->begin(&shown->report, run);
}

static int show_attempt(void *arg, const struct why_result *result)
{
    struct shown *shown = arg;

    return shown->format->attempt(&shown->report, result);
}

static int show_host(void *arg, const struct why_host *host)
{
    struct shown *shown = arg;

    shown->hosts++;
    return shown->format->host(&shown->report, host);
}

static int show_across(void *arg, const struct why_target *target,
                       const struct why_finding *finding)
{
    struct shown *shown = arg;

    return shown->format->across != NULL ? shown->format->across(&shown->report, target, finding)
                                         : WHY_OK;
}

/* A run that was looked through may still be wrong where nobody has looked; then there is a
 * message. */
static void show(struct why_saved *saved, const struct why_report_format *format, int verbosity)
{
    struct shown shown = {.format = format, .report = {.verbosity = verbosity}};
    const struct why_saved_sink sink = {show_begin, show_attempt, show_host, show_across, &shown};
    struct why_scan_summary summary;
    char *text = NULL, err[256] = "";
    size_t len = 0;
    int status;

    shown.report.out = open_memstream(&text, &len);
    REQUIRE(shown.report.out != NULL);
    status = why_saved_tell(saved, &sink, &summary, err, sizeof(err));
    REQUIRE(status == WHY_OK || status == WHY_ERR_USAGE);
    REQUIRE((*err != '\0') == (status != WHY_OK));
    REQUIRE(summary.hosts == shown.hosts);
    if (shown.report.state != NULL)
        REQUIRE(format->end(&shown.report, &summary) == WHY_OK);
    (void)fclose(shown.report.out);
    free(text);
}

static void show_all(const uint8_t *data, size_t size)
{
    FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
    struct why_saved *saved = NULL;
    char err[256] = "";
    size_t count;
    const struct why_report_format *const *formats = why_report_formats(&count);
    int status;

    REQUIRE(in != NULL);
    status = why_saved_open(&saved, in, "run", err, sizeof(err));
    REQUIRE(status == WHY_OK || status == WHY_ERR_USAGE);
    REQUIRE((saved != NULL) == (status == WHY_OK) && (*err != '\0') == (status != WHY_OK));
    for (size_t i = 0; saved != NULL && i < count; i++)
        show(saved, formats[i], (int)(i % 3));
    for (size_t i = 0; saved != NULL && i < why_saved_count(saved); i++)
        why_saved_want(saved, i);
    if (saved != NULL)
        show(saved, why_report_format_find("text"), 1);
    why_saved_free(saved);
    fclose(in);
}

static int count_line(void *arg, const char *line, size_t len)
{
    size_t *lines = arg;

    REQUIRE(len > 1 && line[0] != '\n');
    ++*lines;
    return WHY_OK;
}

static int take_finding(void *arg, const struct why_target *target,
                        const struct why_finding *finding)
{
    (void)arg;
    REQUIRE(target->label[0] != '\0' && finding->summary[0] != '\0');
    return WHY_OK;
}

/* A run with itself as another place saw it: nothing is lost, and nothing counts twice. */
static void merge(const uint8_t *data, size_t size)
{
    static const char *const places[] = {"fra", "nyc", "fra"};
    struct why_merge *merge = why_merge_new();
    struct why_merge_counts counts;
    FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
    char err[256] = "";
    size_t lines = 0;

    REQUIRE(merge != NULL && in != NULL);
    for (size_t i = 0; i < 3; i++) {
        int status = why_merge_add(merge, in, "run", places[i], "unknown", err, sizeof(err));

        REQUIRE(status == WHY_OK || status == WHY_ERR_USAGE);
        REQUIRE((*err != '\0') == (status != WHY_OK));
    }
    why_merge_count(merge, &counts);
    for (size_t i = 0; i < 3; i++)
        REQUIRE(why_merge_lines(merge, i, in, "run", count_line, &lines, err, sizeof(err)) ==
                WHY_OK);
    REQUIRE(why_merge_across(merge, take_finding, NULL) == WHY_OK);
    REQUIRE(counts.hosts % 2 == 0 && counts.duplicates >= counts.hosts / 2);
    REQUIRE(lines >= counts.hosts);
    why_merge_free(merge);
    fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int partial = 0; partial <= 1 && size > 0; partial++) {
        FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
        struct why_run *run = NULL;
        char err[256] = "";
        int status;

        REQUIRE(in != NULL);
        status = why_run_read(&run, in, "run", partial != 0, err, sizeof(err));
        REQUIRE(status == WHY_OK || status == WHY_ERR_USAGE);
        REQUIRE((run != NULL) == (status == WHY_OK) && (*err != '\0') == (status != WHY_OK));
        if (run)
            compare(run);
        why_run_free(run);
        fclose(in);
    }
    if (size > 0)
        show_all(data, size);
    if (size > 0)
        merge(data, size);
    return 0;
}
