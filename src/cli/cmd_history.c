/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rdpwhy/history.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "history/history.h"

#include "color.h"
#include "help.h"
#include "options.h"
#include "run_file.h"

static void say_failed(int status, const char *err)
{
    cli_sayf("history: %s", *err != '\0' ? err : why_strstatus(status));
}

/* ---- add --------------------------------------------------------------------------------------
 */

static void say_added(const char *name, const struct why_history_added *added)
{
    if (added->what == WHY_HISTORY_KNOWN) {
        cli_sayf("history: '%s' is in the history already: nothing was added", name);
        return;
    }
    if (added->what == WHY_HISTORY_REPLACED)
        cli_sayf("history: a shorter part of '%s' was in the history: it was replaced", name);
    if (!added->complete)
        cli_sayf("history: '%s' has no end: the run was interrupted, or the file is cut off", name);
    if (added->unfinished > 0)
        cli_sayf("history: '%s' has %zu unfinished host(s): left out", name, added->unfinished);
    if (added->known > 0)
        cli_sayf("history: '%s' has %zu host(s) that another run has added before: left out", name,
                 added->known);
}

static int add_run(struct why_history *history, const struct cli_options *options, const char *file)
{
    FILE *in = cli_run_file_open("history", file);
    const char *name = cli_run_file_name(file);
    struct why_history_added added;
    char err[CLI_ERROR_MAX] = "";
    int status;

    if (in == NULL)
        return WHY_ERR_USAGE;
    status = why_history_add(history, in, name, &added, err, sizeof(err));
    if (in != stdin)
        (void)fclose(in);
    if (status != WHY_OK) {
        say_failed(status, err);
        return status;
    }
    if (options->quiet)
        return WHY_OK;
    say_added(name, &added);
    printf("%s: %zu host%s, %zu attempt%s added\n", name, added.hosts, added.hosts == 1 ? "" : "s",
           added.attempts, added.attempts == 1 ? "" : "s");
    return WHY_OK;
}

/* All that can be read are added, whatever is wrong with another. */
static int add_runs(struct why_history *history, const struct cli_options *options)
{
    int first = WHY_OK;

    for (size_t i = 2; i < options->operand_count; i++) {
        int status = add_run(history, options, options->operands[i]);

        if (first == WHY_OK)
            first = status;
        if (status != WHY_OK && status != WHY_ERR_USAGE)
            return status;
    }
    return first;
}

static int check_runs(const struct cli_options *options)
{
    bool standard = false;

    if (options->operand_count < 3) {
        cli_say("history: no run to add (try: rdpwhy history add DB RUN..., with files from probe "
                "--save)");
        return WHY_ERR_USAGE;
    }
    for (size_t i = 2; i < options->operand_count; i++) {
        if (strcmp(options->operands[i], "-") != 0)
            continue;
        if (standard) {
            cli_say("history: standard input was given twice");
            return WHY_ERR_USAGE;
        }
        standard = true;
    }
    if (options->report_count == 0)
        return WHY_OK;
    cli_say("history: --report is for history report");
    return WHY_ERR_USAGE;
}

static int add(const struct cli_options *options)
{
    struct why_history *history = NULL;
    char err[CLI_ERROR_MAX] = "";
    int status = check_runs(options);

    if (status != WHY_OK)
        return status;
    status = why_history_open(&history, options->operands[1], true, err, sizeof(err));
    if (status != WHY_OK)
        say_failed(status, err);
    else
        status = add_runs(history, options);
    why_history_close(history);
    return status;
}

/* ---- report -----------------------------------------------------------------------------------
 */

static int say_formats(const char *name)
{
    char names[128] = "";
    size_t count = 0;
    const struct why_history_format *const *formats = why_history_formats(&count);

    for (size_t i = 0; i < count; i++) {
        size_t at = strlen(names);

        (void)snprintf(names + at, sizeof(names) - at, "%s%s", i > 0 ? ", " : "", formats[i]->name);
    }
    cli_sayf("--report: the format %s cannot show a history (use one of %s)", name, names);
    return WHY_ERR_USAGE;
}

static int write_to(const struct cli_options *options, const struct why_history_format *format,
                    const char *file, const struct why_history_view *view)
{
    FILE *out = file != NULL ? fopen(file, "w") : stdout;
    struct why_history_about about = {.file = options->operands[1],
                                      .verbosity = options->verbose > 0 ? 1
                                                   : options->quiet     ? -1
                                                                        : 0};
    int status;

    if (out == NULL) {
        cli_sayf("--report: cannot write '%s': %s", file, strerror(errno));
        return WHY_ERR_USAGE;
    }
    about.color = cli_wants_color(options->color, out);
    about.columns = cli_columns(out);
    errno = 0;
    status = format->write(out, &about, view);
    if (out != stdout && fclose(out) != 0 && status == WHY_OK)
        status = WHY_ERR_IO;
    if (status != WHY_OK && !(out == stdout && cli_reader_has_left(errno)))
        cli_sayf("%s history on %s: %s", format->name, file != NULL ? file : "standard output",
                 status == WHY_ERR_IO && errno != 0 ? strerror(errno) : why_strstatus(status));
    return status;
}

static int write_all(const struct cli_options *options, const struct why_history_view *view)
{
    int status = WHY_OK;

    if (options->report_count == 0)
        return write_to(options, why_history_format_find("text"), NULL, view);
    for (size_t i = 0; i < options->report_count && status == WHY_OK; i++)
        status = write_to(options, why_history_format_find(options->reports[i].format->name),
                          options->reports[i].file, view);
    return status;
}

static int check_report(const struct cli_options *options)
{
    if (options->operand_count != 2) {
        cli_say("history: one database at a time (try: rdpwhy history report DB)");
        return WHY_ERR_USAGE;
    }
    for (size_t i = 0; i < options->report_count; i++) {
        const char *name = options->reports[i].format->name, *file = options->reports[i].file;

        if (why_history_format_find(name) == NULL)
            return say_formats(name);
        if (file != NULL && strcmp(file, options->operands[1]) == 0) {
            cli_sayf("--report: '%s' is the database that is shown", file);
            return WHY_ERR_USAGE;
        }
    }
    return WHY_OK;
}

static int report(const struct cli_options *options)
{
    const struct why_history_limits limits = {options->slower_percent, options->slower_floor_us};
    struct why_history_view view = {.now = 0};
    struct why_history *history = NULL;
    char err[CLI_ERROR_MAX] = "";
    int status = check_report(options);

    if (status != WHY_OK)
        return status;
    status = why_history_open(&history, options->operands[1], false, err, sizeof(err));
    if (status == WHY_OK)
        status = why_history_ask(history, (int64_t)time(NULL), &limits, &view, err, sizeof(err));
    if (status != WHY_OK)
        say_failed(status, err);
    else
        status = write_all(options, &view);
    why_history_view_clear(&view);
    why_history_close(history);
    return status;
}

/* ---- both -------------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    int (*run)(const struct cli_options *options);
} actions[] = {
    {"add", add},
    {"report", report},
};

static int run_action(const struct cli_options *options)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, options->operands[0]) == 0)
            return actions[i].run(options);
    }
    cli_sayf("history: unknown action '%s' (one of add, report)", options->operands[0]);
    return WHY_ERR_USAGE;
}

int cmd_history(int argc, char **argv)
{
    struct cli_options options;
    int code, status;

    if (!cli_begin(&options, CLI_HISTORY, argc, argv, &code))
        return code;
    if (options.operand_count < 2) {
        cli_say("history: use add DB RUN... or report DB");
        return CLI_EXIT_USAGE;
    }
    status = run_action(&options);
    if (status == WHY_ERR_USAGE)
        return CLI_EXIT_USAGE;
    return status == WHY_OK ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}
