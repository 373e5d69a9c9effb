/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "help.h"
#include "options.h"
#include "output.h"

/* Which code spaces there are, and from where to where. */
static void say_ranges(const char *query)
{
    size_t count = 0;
    const struct why_code_table *tables = why_code_tables(&count);

    cli_sayf("explain: '%s' is in no table; they hold:", query);
    for (size_t i = 0; i < count; i++) {
        const struct why_code_table *t = &tables[i];
        char first[32], last[32];

        int64_t low = t->rows[0].value, high = low;

        for (size_t j = 1; j < t->count; j++) {
            low = t->rows[j].value < low ? t->rows[j].value : low;
            high = t->rows[j].value > high ? t->rows[j].value : high;
        }
        why_table_format(t, low, first, sizeof(first));
        why_table_format(t, high, last, sizeof(last));
        fprintf(stderr, "  %-20s%s to %s, %zu codes: %s\n", t->space, first, last, t->count,
                t->title);
    }
    fputs("  rules               see: rdpwhy list rules\n", stderr);
}

static int write_one(FILE *out, bool jsonl, bool color, const struct why_explanation *explanation)
{
    return jsonl ? why_explanation_jsonl(out, explanation)
                 : why_explanation_text(out, color, explanation);
}

static bool has_both_halves(const struct why_explanation *explanation)
{
    bool code = false, extended = false;

    for (size_t i = 0; i < explanation->count; i++) {
        code = code || explanation->meanings[i].part == WHY_PART_CODE;
        extended = extended || explanation->meanings[i].part == WHY_PART_EXTENDED;
    }
    return explanation->is_pair && code && extended;
}

/* Two operands that are a pair as mstsc prints it, on two lines: "0x904 0x7". */
static bool is_pair(const struct cli_options *options, char *query, size_t len)
{
    struct why_explanation explanation;
    bool pair;

    if (options->operand_count != 2)
        return false;
    (void)snprintf(query, len, "%s/%s", options->operands[0], options->operands[1]);
    pair = why_explain(query, &explanation) == WHY_OK && has_both_halves(&explanation);
    why_explanation_clear(&explanation);
    return pair;
}

/* One query to one output. Returns an exit code. */
static int explain_one(FILE *out, const char *query, bool jsonl, bool color, bool say_unknown)
{
    struct why_explanation explanation;
    int status = why_explain(query, &explanation);

    if (status == WHY_OK)
        status = write_one(out, jsonl, color, &explanation);
    else if (status == WHY_ERR_NOTFOUND && say_unknown)
        say_ranges(query);
    why_explanation_clear(&explanation);
    if (status == WHY_OK)
        return CLI_EXIT_OK;
    if (status == WHY_ERR_NOTFOUND)
        return CLI_EXIT_NOT_HEALTHY;
    cli_say(status == WHY_ERR_IO && errno ? strerror(errno) : why_strstatus(status));
    return CLI_EXIT_FAILED;
}

/* Everything asked to one output. Returns an exit code. */
static int explain_to(FILE *out, const struct cli_options *options, bool jsonl, bool color,
                      bool say_unknown)
{
    char pair[CLI_ERROR_MAX];
    int code = CLI_EXIT_OK;

    if (is_pair(options, pair, sizeof(pair)))
        return explain_one(out, pair, jsonl, color, say_unknown);
    for (size_t i = 0; i < options->operand_count && code != CLI_EXIT_FAILED; i++) {
        int one;

        if (i > 0 && !jsonl)
            fputc('\n', out);
        one = explain_one(out, options->operands[i], jsonl, color, say_unknown);
        code = one > code ? one : code;
    }
    return code;
}

static int explain_report(const struct cli_options *options, const struct cli_report *report,
                          bool say_unknown)
{
    bool jsonl = report->format != NULL && strcmp(report->format->name, "jsonl") == 0;
    FILE *out = report->file != NULL ? fopen(report->file, "w") : stdout;
    int code;

    if (out == NULL) {
        cli_sayf("--report: cannot write '%s': %s", report->file, strerror(errno));
        return CLI_EXIT_USAGE;
    }
    code = explain_to(out, options, jsonl, cli_wants_color(options->color, out), say_unknown);
    if (out != stdout && fclose(out) != 0 && code != CLI_EXIT_FAILED) {
        cli_sayf("--report: cannot write '%s': %s", report->file, strerror(errno));
        return CLI_EXIT_FAILED;
    }
    return code;
}

/* Codes can be told as text and as JSON Lines; other formats are about probes. */
static int check_formats(const struct cli_options *options)
{
    for (size_t i = 0; i < options->report_count; i++) {
        const char *name = options->reports[i].format->name;

        if (strcmp(name, "text") != 0 && strcmp(name, "jsonl") != 0) {
            cli_sayf("explain: --report: text or jsonl, not '%s'", name);
            return -1;
        }
    }
    return 0;
}

int cmd_explain(int argc, char **argv)
{
    const struct cli_report fallback = {NULL, NULL};
    struct cli_options options;
    int code = CLI_EXIT_OK;

    if (!cli_begin(&options, CLI_EXPLAIN, argc, argv, &code))
        return code;
    if (options.operand_count == 0) {
        cli_say("explain: no code (try: rdpwhy explain 0x904/0x7)");
        return CLI_EXIT_USAGE;
    }
    if (check_formats(&options) != 0)
        return CLI_EXIT_USAGE;
    if (options.report_count == 0)
        return explain_report(&options, &fallback, true);
    for (size_t i = 0; i < options.report_count; i++) {
        int one = explain_report(&options, &options.reports[i], i == 0);

        code = one > code ? one : code;
    }
    return code;
}
