/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_output.h"

#include <errno.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "cli.h"
#include "color.h"

bool cli_is_diff_report(const struct cli_options *options, const struct cli_report *report)
{
    return options->baseline && why_diff_format_find(report->format->name);
}

static int say_formats(const char *name)
{
    char names[128] = "";
    size_t count = 0;
    const struct why_diff_format *const *formats = why_diff_formats(&count);

    for (size_t i = 0; i < count; i++) {
        size_t at = strlen(names);

        snprintf(names + at, sizeof(names) - at, "%s%s", i ? ", " : "", formats[i]->name);
    }
    cli_sayf("--report: the format %s cannot show a diff (use one of %s)", name, names);
    return WHY_ERR_USAGE;
}

static int open_one(struct cli_diff_outputs *outputs, const struct cli_options *options,
                    const struct why_diff_format *format, const char *file)
{
    FILE *out = file ? fopen(file, "w") : stdout;

    if (!out) {
        cli_sayf("--report: cannot write '%s': %s", file, strerror(errno));
        return WHY_ERR_USAGE;
    }
    outputs->items[outputs->count++] = (struct cli_diff_output){
        format, file ? file : "standard output", out, cli_wants_color(options->color, out)};
    return WHY_OK;
}

static int open_all(struct cli_diff_outputs *outputs, const struct cli_options *options,
                    bool strict)
{
    for (size_t i = 0; i < options->report_count; i++) {
        const struct cli_report *report = &options->reports[i];
        const struct why_diff_format *format = why_diff_format_find(report->format->name);
        int status = WHY_OK;

        if (format)
            status = open_one(outputs, options, format, report->file);
        else if (strict)
            status = say_formats(report->format->name);
        if (status != WHY_OK)
            return status;
    }
    if (options->report_count > 0)
        return WHY_OK;
    return open_one(outputs, options, why_diff_format_find("text"), NULL);
}

int cli_diff_outputs_open(struct cli_diff_outputs *outputs, const struct cli_options *options,
                          bool strict)
{
    int status;

    *outputs = (struct cli_diff_outputs){.verbosity = options->verbose ? 1
                                                      : options->quiet ? -1
                                                                       : 0};
    status = open_all(outputs, options, strict);
    if (status != WHY_OK)
        cli_diff_outputs_close(outputs);
    return status;
}

static int say_failed(const struct cli_diff_output *output, int status)
{
    if (output->out == stdout && status == WHY_ERR_IO && cli_reader_has_left(errno))
        return status;
    cli_sayf("%s diff on %s: %s", output->format->name, output->name,
             status == WHY_ERR_IO && errno ? strerror(errno) : why_strstatus(status));
    return status;
}

int cli_diff_outputs_write(struct cli_diff_outputs *outputs, const char *baseline,
                           const char *current, const struct why_diff *diff,
                           const struct why_judged_list *judged)
{
    int first = WHY_OK;

    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_diff_output *output = &outputs->items[i];
        struct why_diff_about about = {baseline,           current, output->color,
                                       outputs->verbosity, judged,  cli_columns(output->out)};
        int status;

        errno = 0;
        status = output->format->write(output->out, &about, diff);
        if (status != WHY_OK)
            say_failed(output, status);
        if (first == WHY_OK)
            first = status;
    }
    return first;
}

int cli_diff_outputs_close(struct cli_diff_outputs *outputs)
{
    int first = WHY_OK;

    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_diff_output *output = &outputs->items[i];

        /* Standard output is closed, and its errors are found, at the very end. */
        errno = 0;
        if (output->out != stdout && fclose(output->out) != 0 && first == WHY_OK)
            first = say_failed(output, WHY_ERR_IO);
    }
    outputs->count = 0;
    return first;
}
