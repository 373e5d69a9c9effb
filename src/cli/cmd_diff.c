/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/diff.h>
#include <rdpwhy/status.h>

#include "diff_output.h"
#include "help.h"
#include "options.h"
#include "regression.h"

static int exit_of_status(int status)
{
    return status == WHY_ERR_USAGE ? CLI_EXIT_USAGE : CLI_EXIT_FAILED;
}

static int check_operands(const struct cli_options *options)
{
    if (options->operand_count != 2) {
        cli_say("diff: needs two saved runs (try: rdpwhy diff BASELINE CURRENT)");
        return WHY_ERR_USAGE;
    }
    if (strcmp(options->operands[0], "-") == 0 && strcmp(options->operands[1], "-") == 0) {
        cli_say("diff: standard input was given twice");
        return WHY_ERR_USAGE;
    }
    return WHY_OK;
}

/* A run with an account and one without differ in more than the server. */
static void compare_credentials(const struct cli_options *options, struct why_run *const runs[2])
{
    bool before = why_run_plan(runs[0])->credentials, after = why_run_plan(runs[1])->credentials;

    if (before != after && !options->quiet)
        cli_sayf("'%s' was recorded %s an account, '%s' %s one", options->operands[0],
                 before ? "with" : "without", options->operands[1], after ? "with" : "without");
}

/* What one place saw is not what several saw. */
static int compare_places(const struct cli_options *options, struct why_run *const runs[2])
{
    bool before = why_run_plan(runs[0])->from_several, after = why_run_plan(runs[1])->from_several;

    if (before == after)
        return WHY_OK;
    cli_sayf("diff: '%s' is merged from several places, and '%s' is not",
             options->operands[before ? 0 : 1], options->operands[before ? 1 : 0]);
    return WHY_ERR_USAGE;
}

static int diff_runs(const struct cli_options *options, struct cli_diff_outputs *outputs,
                     struct why_run *const runs[2], int *code)
{
    struct why_diff_limits limits = cli_diff_limits(options);
    struct why_diff diff;
    int status = why_diff_make(runs[0], runs[1], &limits, &diff);

    if (status != WHY_OK) {
        cli_say(why_strstatus(status));
        return status;
    }
    compare_credentials(options, runs);
    status =
        cli_diff_outputs_write(outputs, options->operands[0], options->operands[1], &diff, NULL);
    *code = diff.classes[WHY_CHANGE_WORSE] > 0 ? CLI_EXIT_WORSE : CLI_EXIT_OK;
    why_diff_clear(&diff);
    return status;
}

/* Both runs are read before an output is opened: it may be one of them by mistake. */
static int run(const struct cli_options *options, int *code)
{
    struct why_run *runs[2] = {NULL, NULL};
    struct cli_diff_outputs outputs = {.count = 0};
    int status = check_operands(options), closed;

    for (int i = 0; i < 2 && status == WHY_OK; i++)
        status = cli_run_read(&runs[i], options->operands[i], options->allow_partial);
    if (status == WHY_OK)
        status = compare_places(options, runs);
    if (status == WHY_OK)
        status = cli_diff_outputs_open(&outputs, options, true);
    if (status == WHY_OK)
        status = diff_runs(options, &outputs, runs, code);
    closed = cli_diff_outputs_close(&outputs);
    why_run_free(runs[0]);
    why_run_free(runs[1]);
    return status == WHY_OK ? closed : status;
}

int cmd_diff(int argc, char **argv)
{
    struct cli_options options;
    int code = CLI_EXIT_OK, status;

    if (!cli_begin(&options, CLI_DIFF, argc, argv, &code))
        return code;
    status = run(&options, &code);
    return status == WHY_OK ? code : exit_of_status(status);
}
