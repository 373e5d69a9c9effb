/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rdpwhy/capture.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "cli.h"
#include "color.h"
#include "diff_output.h"
#include "replace.h"

static int say_cannot_open(const char *option, const char *file)
{
    cli_sayf("%s: cannot write '%s': %s", option, file, strerror(errno));
    return WHY_ERR_USAGE;
}

const char *cli_saved_name(const struct cli_options *options)
{
    const struct why_report_format *jsonl = why_report_format_find("jsonl");

    for (size_t i = 0; i < options->report_count; i++) {
        if (options->reports[i].format == jsonl && options->reports[i].file != NULL)
            return options->reports[i].file;
    }
    return options->save;
}

static FILE *open_file(const struct cli_report *report, char **partial)
{
    *partial = NULL;
    if (!report->file)
        return stdout;
    return report->format->replaces ? cli_replace_open(report->file, "w", partial)
                                    : fopen(report->file, "w");
}

static int open_report(struct cli_outputs *outputs, const struct cli_options *options,
                       const struct cli_report *report)
{
    struct cli_output *output = &outputs->items[outputs->count];
    char *partial;
    FILE *out = open_file(report, &partial);

    if (!out)
        return say_cannot_open("--report", report->file);
    *output = (struct cli_output){
        .format = report->format,
        .name = report->file ? report->file : "standard output",
        .partial = partial,
        .report = {.out = out,
                   .color = cli_wants_color(options->color, out),
                   .columns = cli_columns(out),
                   .verbosity = options->verbose ? (int)options->verbose
                                : options->quiet ? -1
                                                 : 0},
    };
    outputs->count++;
    return WHY_OK;
}

/* The run as JSON Lines: for --save, and for --baseline to read again. */
static int open_saved(struct cli_outputs *outputs, const struct cli_options *options)
{
    struct cli_output *output = &outputs->items[outputs->count];
    char *partial = NULL;
    FILE *out;

    if (!options->save && !options->baseline)
        return WHY_OK;
    out = options->save ? cli_replace_open(options->save, "w+", &partial) : tmpfile();
    if (!out)
        return say_cannot_open("--save", options->save ? options->save : "a temporary file");
    if (options->save && !partial) {
        fclose(out);
        errno = EINVAL; /* a device or a pipe cannot be read again */
        return say_cannot_open("--save", options->save);
    }
    *output = (struct cli_output){.format = why_report_format_find("jsonl"),
                                  .name = options->save ? options->save : "a temporary file",
                                  .partial = partial,
                                  .report = {.out = out}};
    outputs->saved = out;
    outputs->count++;
    return WHY_OK;
}

/* Traces name accounts and hosts: only the user may read them, also where the file was there
 * before. */
static FILE *open_private(const char *file)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct stat info;
    FILE *out = NULL;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &info) == 0 &&
        (!S_ISREG(info.st_mode) || (info.st_mode & 077) == 0 || fchmod(fd, 0600) == 0))
        out = fdopen(fd, "w");
    if (!out) {
        int saved = errno;

        close(fd);
        errno = saved;
    }
    return out;
}

static int open_all(struct cli_outputs *outputs, const struct cli_options *options)
{
    const struct cli_report fallback = {why_report_format_find("text"), NULL};

    if (open_saved(outputs, options) != WHY_OK)
        return WHY_ERR_USAGE;
    if (options->report_count == 0 && !cli_is_diff_report(options, &fallback) &&
        open_report(outputs, options, &fallback) != WHY_OK)
        return WHY_ERR_USAGE;
    for (size_t i = 0; i < options->report_count; i++) {
        if (!cli_is_diff_report(options, &options->reports[i]) &&
            open_report(outputs, options, &options->reports[i]) != WHY_OK)
            return WHY_ERR_USAGE;
    }
    if (options->capture_dir) {
        char err[CLI_ERROR_MAX];

        if (why_capture_prepare(options->capture_dir, err, sizeof(err)) != WHY_OK) {
            cli_sayf("--capture: %s", err);
            return WHY_ERR_USAGE;
        }
        outputs->capture_dir = options->capture_dir;
        outputs->quiet = options->quiet;
    }
    if (options->screenshot_dir) {
        char err[CLI_ERROR_MAX];

        if (why_capture_prepare(options->screenshot_dir, err, sizeof(err)) != WHY_OK) {
            cli_sayf("--screenshot: %s", err);
            return WHY_ERR_USAGE;
        }
    }
    if (!options->trace_file)
        return WHY_OK;
    outputs->trace_name = options->trace_file;
    outputs->trace = open_private(options->trace_file);
    return outputs->trace ? WHY_OK : say_cannot_open("--trace", options->trace_file);
}

int cli_outputs_open(struct cli_outputs *outputs, const struct cli_options *options)
{
    int status;

    *outputs = (struct cli_outputs){.count = 0};
    status = open_all(outputs, options);
    if (status != WHY_OK)
        cli_outputs_close(outputs);
    return status;
}

/* Says once what went wrong with |name|; |status| is not WHY_OK. */
static int say_failed(const char *what, const char *name, int status)
{
    cli_sayf("%s on %s: %s", what, name,
             status == WHY_ERR_IO && errno ? strerror(errno) : why_strstatus(status));
    return status;
}

/* Whether there is more to write than the reports that failed. */
static bool has_more(const struct cli_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        if (!outputs->items[i].failed)
            return true;
    }
    return outputs->trace || outputs->capture_dir;
}

/* |*first| becomes the status of the first output that failed. Where it was standard output, and
 * its reader has gone, the others go on: nothing of what is measured for them is to be lost. */
static void judge(struct cli_outputs *outputs, struct cli_output *output, int status, int *first)
{
    bool left = status == WHY_ERR_IO && output->report.out == stdout && cli_reader_has_left(errno);
    char what[64];

    if (status == WHY_OK)
        return;
    output->failed = true;
    if (left) {
        if (*first == WHY_OK && !has_more(outputs))
            *first = status;
        return;
    }
    snprintf(what, sizeof(what), "%s report", output->format->name);
    say_failed(what, output->name, status);
    if (*first == WHY_OK)
        *first = status;
}

static bool is_open(const struct cli_output *output)
{
    return output->begun && !output->failed;
}

static bool takes_lines(const struct cli_outputs *outputs, const struct cli_output *output)
{
    return outputs->lines && output->format->line != NULL;
}

bool cli_outputs_take_lines(const struct cli_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        if (takes_lines(outputs, &outputs->items[i]))
            return true;
    }
    return false;
}

bool cli_outputs_take_results(const struct cli_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        if (!takes_lines(outputs, &outputs->items[i]))
            return true;
    }
    return false;
}

int cli_outputs_begin(struct cli_outputs *outputs, const struct why_run_info *run)
{
    int first = WHY_OK;

    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_output *output = &outputs->items[i];
        int status;

        errno = 0;
        status = output->format->begin(&output->report, run);
        output->begun = status == WHY_OK;
        judge(outputs, output, status, &first);
    }
    return first;
}

static int write_trace(struct cli_outputs *outputs, const struct why_result *result)
{
    int status = WHY_OK;

    if (result->first_try)
        status = write_trace(outputs, result->first_try);
    if (status == WHY_OK && result->trace)
        status = why_trace_write(outputs->trace, result->trace);
    if (status == WHY_OK && result->tls_first)
        status = write_trace(outputs, result->tls_first);
    return status;
}

/* Once a run: that Wireshark has to be told how to read the files. */
static void say_decode_as(struct cli_outputs *outputs, const struct why_result *result)
{
    char decode_as[64];

    if (outputs->quiet || outputs->decode_as_said)
        return;
    why_capture_decode_as(result, decode_as, sizeof(decode_as));
    if (*decode_as == '\0')
        return;
    outputs->decode_as_said = true;
    cli_sayf("--capture: Wireshark shows the RDP messages after Decode As: tshark -r FILE -d %s "
             "(the line for each file is in its comment)",
             decode_as);
}

static int write_capture(struct cli_outputs *outputs, const struct why_result *result)
{
    char err[CLI_ERROR_MAX] = "";
    int status = why_capture_save(outputs->capture_dir, result, err, sizeof(err));

    if (status != WHY_OK)
        cli_sayf("--capture: %s", *err ? err : why_strstatus(status));
    if (status == WHY_OK)
        say_decode_as(outputs, result);
    if (status == WHY_OK && !outputs->logon_said && why_capture_holds_logon(result)) {
        outputs->logon_said = true;
        cli_say("--capture: captures of NLA contain the account's NTLM exchange, the password "
                "itself (in the Client Info) and the secrets that decrypt them: protect them like "
                "the password");
    }
    return status;
}

int cli_outputs_attempt(struct cli_outputs *outputs, const struct why_result *result)
{
    int first = WHY_OK;

    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_output *output = &outputs->items[i];

        errno = 0;
        if (is_open(output) && !takes_lines(outputs, output))
            judge(outputs, output, output->format->attempt(&output->report, result), &first);
    }
    if (outputs->capture_dir && first == WHY_OK)
        first = write_capture(outputs, result);
    if (outputs->trace && first == WHY_OK) {
        errno = 0;
        first = write_trace(outputs, result);
        if (first == WHY_OK && fflush(outputs->trace) != 0)
            first = WHY_ERR_IO;
        if (first != WHY_OK)
            say_failed("trace", outputs->trace_name, first);
    }
    return first;
}

void cli_outputs_targets(struct cli_outputs *outputs, size_t count)
{
    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_output *output = &outputs->items[i];

        if (is_open(output) && output->format->targets != NULL)
            output->format->targets(&output->report, count);
    }
}

int cli_outputs_line(struct cli_outputs *outputs, const char *line, size_t len)
{
    int first = WHY_OK;

    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_output *output = &outputs->items[i];

        errno = 0;
        if (is_open(output) && takes_lines(outputs, output))
            judge(outputs, output, output->format->line(&output->report, line, len), &first);
    }
    return first;
}

int cli_outputs_across(struct cli_outputs *outputs, const struct why_target *target,
                       const struct why_finding *finding)
{
    int first = WHY_OK;

    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_output *output = &outputs->items[i];

        errno = 0;
        if (is_open(output) && output->format->across != NULL)
            judge(outputs, output, output->format->across(&output->report, target, finding),
                  &first);
    }
    return first;
}

int cli_outputs_host(struct cli_outputs *outputs, const struct why_host *host)
{
    int first = WHY_OK;

    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_output *output = &outputs->items[i];

        errno = 0;
        if (is_open(output) && !takes_lines(outputs, output))
            judge(outputs, output, output->format->host(&output->report, host), &first);
    }
    return first;
}

int cli_outputs_end(struct cli_outputs *outputs, const struct why_scan_summary *summary)
{
    int first = WHY_OK;

    outputs->complete = summary->complete;
    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_output *output = &outputs->items[i];
        int status;

        if (!output->begun)
            continue;
        errno = 0;
        status = output->format->end(&output->report, summary);
        output->begun = false;
        output->ended = status == WHY_OK;
        if (!output->failed)
            judge(outputs, output, status, &first);
    }
    return first;
}

/* A file that was written beside its place takes it now, if it may. */
static int settle(const struct cli_outputs *outputs, struct cli_output *output)
{
    bool saved = output->report.out == outputs->saved;

    if (!output->partial)
        return WHY_OK;
    if (output->failed || !output->ended) {
        cli_replace_drop(output->partial);
        return WHY_OK;
    }
    if (saved && !outputs->complete) {
        cli_sayf("--save: the run was not finished; the part that was is in '%s'", output->partial);
        free(output->partial);
        return WHY_OK;
    }
    return cli_replace_finish(output->name, output->partial) == 0 ? WHY_OK : WHY_ERR_IO;
}

int cli_outputs_close(struct cli_outputs *outputs)
{
    int first = WHY_OK;

    for (size_t i = 0; i < outputs->count; i++) {
        struct cli_output *output = &outputs->items[i];
        bool is_stdout = output->report.out == stdout;

        /* Standard output is closed, and its errors are found, at the very end. */
        errno = 0;
        if (!is_stdout && fclose(output->report.out) != 0 && !output->failed)
            judge(outputs, output, WHY_ERR_IO, &first);
        errno = 0;
        if (settle(outputs, output) != WHY_OK)
            judge(outputs, output, WHY_ERR_IO, &first);
    }
    errno = 0;
    if (outputs->trace && fclose(outputs->trace) != 0 && first == WHY_OK)
        first = say_failed("trace", outputs->trace_name, WHY_ERR_IO);
    *outputs = (struct cli_outputs){.count = 0};
    return first;
}
