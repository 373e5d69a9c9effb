/* SPDX-License-Identifier: Apache-2.0 */
#include "run_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "pcap/input.h"

#include "cli.h"
#include "options.h"

#define CHUNK ((size_t)1 << 16)

const char *cli_run_file_name(const char *file)
{
    return strcmp(file, "-") == 0 ? "standard input" : file;
}

/* All that is left of |in|, at most |CHUNK| bytes at once, to |to|. */
static bool copy(struct input *in, FILE *to)
{
    for (;;) {
        size_t n = CHUNK;
        const uint8_t *bytes;

        while (n > 0 && (bytes = why_input_peek(in, n)) == NULL)
            n /= 2;
        if (n == 0)
            return fflush(to) == 0;
        if (fwrite(bytes, 1, n, to) != n)
            return false;
        (void)why_input_skip(in, n);
    }
}

/* The content of |from|, unpacked, in a file that can be gone through again. */
static FILE *spool(const char *command, const char *name, struct input *in)
{
    const char *undo = NULL, *kind = why_input_unreadable(in, &undo), *problem;
    FILE *to = kind == NULL ? tmpfile() : NULL;

    errno = kind != NULL ? 0 : errno;
    if (to != NULL && copy(in, to) && why_input_problem(in) == NULL && !why_input_nomem(in))
        return to;
    problem = why_input_problem(in);
    if (kind != NULL)
        cli_sayf("%s: '%s' is compressed (%s), which this rdpwhy was built without: %s %s | rdpwhy "
                 "%s -",
                 command, name, kind, undo, name, command);
    else
        cli_sayf("%s: cannot read '%s': %s", command, name,
                 problem != NULL ? problem : strerror(errno));
    if (to != NULL)
        (void)fclose(to);
    return NULL;
}

FILE *cli_run_file_open(const char *command, const char *file)
{
    const char *name = cli_run_file_name(file);
    FILE *from = strcmp(file, "-") == 0 ? stdin : fopen(file, "r"), *run = NULL;
    struct input *in = from != NULL ? why_input_open(from) : NULL;
    struct stat info;

    if (from != NULL && fstat(fileno(from), &info) == 0 && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        why_input_close(in);
        in = NULL;
    }
    if (in == NULL) {
        cli_sayf("%s: cannot read '%s': %s", command, name, strerror(errno));
    } else if (from != stdin && why_input_can_rewind(in) && !why_input_is_packed(in)) {
        why_input_close(in);
        rewind(from);
        return from;
    } else {
        run = spool(command, name, in);
    }
    why_input_close(in);
    if (from != NULL && from != stdin)
        (void)fclose(from);
    return run;
}

int cli_run_file_check(FILE *in, const struct cli_options *options)
{
    struct stat run, report;

    if (fstat(fileno(in), &run) != 0)
        return WHY_OK;
    for (size_t i = 0; i < options->report_count; i++) {
        const char *file = options->reports[i].file;

        if (file != NULL && stat(file, &report) == 0 && report.st_dev == run.st_dev &&
            report.st_ino == run.st_ino) {
            cli_sayf("--report: '%s' is the run that is shown", file);
            return WHY_ERR_USAGE;
        }
    }
    return WHY_OK;
}

int cli_run_file_exit(const struct cli_options *options, int status,
                      const struct why_scan_summary *summary, size_t failing, size_t unmet)
{
    for (size_t i = 0; i < options->report_count; i++) {
        if (options->reports[i].format->exit_code != NULL)
            return options->reports[i].format->exit_code(status == WHY_OK ? summary : NULL, unmet);
    }
    if (status == WHY_ERR_USAGE)
        return CLI_EXIT_USAGE;
    if (status != WHY_OK)
        return CLI_EXIT_FAILED;
    return summary->hosts > 0 && failing == 0 ? CLI_EXIT_OK : CLI_EXIT_NOT_HEALTHY;
}
