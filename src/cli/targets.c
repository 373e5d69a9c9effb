/* SPDX-License-Identifier: Apache-2.0 */
#include "targets.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rdpwhy/diff.h>
#include <rdpwhy/rdp_file.h>
#include <rdpwhy/status.h>

#include "cli.h"
#include "resume.h"

#define STANDARD_INPUT "standard input"

static int say_cannot_read(const char *name, int error)
{
    cli_sayf("--input: cannot read '%s': %s", name, strerror(error));
    return WHY_ERR_USAGE;
}

/* What can be read once only in a file that has no name: it is to be read twice. */
static int spool(struct why_source_input *input)
{
    FILE *copy = tmpfile();
    char buf[65536];
    size_t n;

    if (copy == NULL) {
        cli_sayf("--strict: cannot copy '%s' to a temporary file: %s", input->name,
                 strerror(errno));
        return WHY_ERR_USAGE;
    }
    while ((n = fread(buf, 1, sizeof(buf), input->in)) > 0 && fwrite(buf, 1, n, copy) == n)
        continue;
    if (ferror(input->in) || ferror(copy) || fflush(copy) != 0) {
        int error = errno;

        fclose(copy);
        return say_cannot_read(input->name, error);
    }
    rewind(copy);
    if (input->in != stdin)
        fclose(input->in);
    input->in = copy;
    return WHY_OK;
}

static int open_input(struct cli_targets *targets, const char *name, bool strict)
{
    struct why_source_input *input = &targets->inputs[targets->input_count];
    bool standard = strcmp(name, "-") == 0;
    struct stat info = {.st_mode = 0};

    *input = (struct why_source_input){.in = standard ? stdin : fopen(name, "r"),
                                       .name = standard ? STANDARD_INPUT : name};
    if (input->in == NULL)
        return say_cannot_read(name, errno);
    targets->input_count++;
    if (fstat(fileno(input->in), &info) == 0 && S_ISDIR(info.st_mode))
        return say_cannot_read(input->name, EISDIR);
    input->waits = !S_ISREG(info.st_mode);
    if (!strict || (!input->waits && !standard))
        return WHY_OK;
    input->waits = false;
    return spool(input);
}

static int open_inputs(struct cli_targets *targets, const struct cli_options *options)
{
    for (size_t i = 0; i < options->inputs.count; i++) {
        int status = open_input(targets, options->inputs.items[i], options->strict);

        if (status != WHY_OK)
            return status;
    }
    return WHY_OK;
}

static void on_bad_line(void *arg, const char *message)
{
    (void)arg;
    cli_say(message);
}

static int say_problem(int status, const char *message)
{
    cli_sayf("%s%s", status == WHY_ERR_IO ? "--input: " : "",
             status == WHY_ERR_NOMEM ? why_strstatus(status) : message);
    return status == WHY_ERR_IO ? WHY_ERR_USAGE : status;
}

/* Files can be gone through twice, pipes cannot. */
static bool can_count(const struct cli_targets *targets)
{
    for (size_t i = 0; i < targets->input_count; i++) {
        struct stat info;

        if (targets->inputs[i].in == stdin || fstat(fileno(targets->inputs[i].in), &info) != 0 ||
            !S_ISREG(info.st_mode))
            return false;
    }
    return true;
}

/* All targets where they can be counted, else those of the command line: a bad one is found before
 * anything is sent. */
static int count(struct cli_targets *targets)
{
    struct why_source_options operands = targets->source_options;
    char err[CLI_ERROR_MAX] = "";
    struct why_source *source = targets->source;
    size_t total = 0;
    int status;

    if (!can_count(targets)) {
        operands.input_count = 0;
        source = why_source_new(&operands);
        if (source == NULL)
            return say_problem(WHY_ERR_NOMEM, "");
    }
    status = why_source_count(source, &total, err, sizeof(err));
    if (source == targets->source)
        targets->total = total;
    else
        why_source_free(source);
    return status == WHY_OK ? WHY_OK : say_problem(status, err);
}

/* Waits for what a pipe has not brought yet. */
static int next_waiting(struct why_source *source, struct why_target *target, char *err,
                        size_t errlen)
{
    int status;

    while ((status = why_source_next(source, target, err, errlen)) == WHY_ERR_AGAIN) {
        struct pollfd input = {.fd = why_source_fd(source), .events = POLLIN};

        (void)poll(&input, 1, -1);
    }
    return status;
}

/* Of what an .rdp file asks for, the command line counts where it says something of the same. */
static void overrule(const struct cli_options *options, struct why_rdp_file *file)
{
    bool kdc = options->kdc != NULL || options->kdc_proxy != NULL;
    bool text = options->pcb != NULL || options->vmconnect != NULL;
    const struct {
        const char *name;
        bool said;
    } rows[] = {
        {"username:s:", options->user != NULL},
        {"domain:s:", options->user != NULL},
        {"loadbalanceinfo:s:", options->routing.kind != WHY_ROUTING_ACCOUNT},
        {"pcb:s:", text},
        {"vmid:s:", text},
        {"kdcproxyname:s:", kdc},
    };

    for (size_t i = 0; file != NULL && i < file->count; i++) {
        for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
            const char *value = why_file_value(file->items[i].text, rows[k].name);

            if (rows[k].said && value != NULL && *value != '\0')
                file->items[i].use = WHY_FILE_OVERRULED;
        }
    }
}

/* The first two, before anything is sent: none is an error, and one alone is probed step by step
 * and reported in more detail than many. */
static int take_first(struct cli_targets *targets)
{
    char err[CLI_ERROR_MAX] = "";
    int status = WHY_OK;

    while (targets->ahead_count < 2 && status == WHY_OK) {
        status =
            next_waiting(targets->source, &targets->ahead[targets->ahead_count], err, sizeof(err));
        if (status == WHY_OK)
            overrule(targets->options, targets->ahead[targets->ahead_count++].file);
    }
    if (status != WHY_ERR_NOTFOUND)
        return status == WHY_OK ? status : say_problem(status, err);
    if (targets->ahead_count > 0) {
        targets->total = targets->ahead_count;
        return WHY_OK;
    }
    if (why_source_skipped(targets->source) > 0) {
        cli_say("--resume: all targets were already probed");
        return status;
    }
    if (why_source_elsewhere(targets->source) > 0)
        return WHY_OK; /* a run of none, for the other shards' to be merged with */
    cli_say("probe: no target (try: rdpwhy probe HOST)");
    return WHY_ERR_USAGE;
}

/* Those of the command line, or the baseline's: never both. */
static int collect_operands(struct cli_targets *targets, const struct cli_options *options,
                            const struct why_run *baseline, size_t *count)
{
    *count = baseline != NULL ? why_run_target_count(baseline) : options->operand_count;
    targets->operands = calloc(*count + 1, sizeof(char *));
    if (targets->operands == NULL)
        return say_problem(WHY_ERR_NOMEM, "");
    for (size_t i = 0; i < *count; i++)
        targets->operands[i] =
            baseline != NULL ? why_run_target(baseline, i) : options->operands[i];
    return WHY_OK;
}

int cli_targets_open(struct cli_targets *targets, const struct cli_options *options,
                     const struct why_run *baseline)
{
    size_t operand_count = 0;
    int status;

    *targets = (struct cli_targets){.options = options};
    status = open_inputs(targets, options);
    if (status == WHY_OK)
        status = collect_operands(targets, options, baseline, &operand_count);
    if (status != WHY_OK)
        return status;
    targets->source_options = (struct why_source_options){
        .operands = targets->operands,
        .operand_count = operand_count,
        .inputs = targets->inputs,
        .input_count = targets->input_count,
        .strict = options->strict,
        .family = cli_options_family(options),
        .vm = options->vmconnect,
        .vantage = options->vantage,
        .shard = options->shard,
        .bad_line = on_bad_line,
        .read_file = why_rdp_file_read,
    };
    targets->source = why_source_new(&targets->source_options);
    if (targets->source == NULL)
        return say_problem(WHY_ERR_NOMEM, "");
    if (options->resumes.count > 0)
        status = cli_resume(options, targets->source);
    if (status == WHY_OK)
        status = count(targets);
    return status == WHY_OK ? take_first(targets) : status;
}

int cli_targets_next(struct cli_targets *targets, struct why_target *target)
{
    char err[CLI_ERROR_MAX] = "";
    int status;

    if (targets->ahead_count > 0) {
        *target = targets->ahead[0];
        targets->ahead[0] = targets->ahead[1];
        targets->ahead_count--;
        return WHY_OK;
    }
    status = why_source_next(targets->source, target, err, sizeof(err));
    if (status == WHY_OK)
        overrule(targets->options, target->file);
    if (status == WHY_OK || status == WHY_ERR_NOTFOUND || status == WHY_ERR_AGAIN)
        return status;
    (void)say_problem(status, err);
    return status;
}

void cli_targets_remarks(const struct cli_targets *targets)
{
    if (why_source_duplicates(targets->source) > 0)
        cli_sayf("%zu target(s) were given more than once; each is probed once",
                 why_source_duplicates(targets->source));
    if (why_source_bad_lines(targets->source) > 0)
        cli_sayf("%zu line(s) were skipped because they are not targets",
                 why_source_bad_lines(targets->source));
    if (why_source_skipped(targets->source) > 0)
        cli_sayf("%zu target(s) were already probed", why_source_skipped(targets->source));
    if (why_source_elsewhere(targets->source) > 0)
        cli_sayf("%zu target(s) are in other shards", why_source_elsewhere(targets->source));
}

void cli_targets_close(struct cli_targets *targets)
{
    for (size_t i = 0; i < targets->ahead_count; i++)
        why_target_clear(&targets->ahead[i]);
    why_source_free(targets->source);
    free((void *)targets->operands); /* the array is ours, its texts are not */
    for (size_t i = 0; i < targets->input_count; i++) {
        if (targets->inputs[i].in != stdin && targets->inputs[i].in != NULL)
            fclose(targets->inputs[i].in);
    }
    *targets = (struct cli_targets){.input_count = 0};
}
