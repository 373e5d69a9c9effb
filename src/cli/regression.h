/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_REGRESSION_H
#define RDPWHY_CLI_REGRESSION_H

#include <stddef.h>
#include <stdio.h>

#include <rdpwhy/diff.h>
#include <rdpwhy/require.h>

#include "diff_output.h"
#include "options.h"

/* What a run is held against: the run before it, and what the user requires. All zeros is neither.
 */
struct cli_regression {
    struct why_run *baseline; /* NULL: none */
    struct cli_diff_outputs outputs;
    struct why_requirement_list requirements;
    size_t unmet;                  /* hosts that do not meet a requirement */
    struct why_judged_list judged; /* with a baseline: for the reports of the diff */
};

/* Reads a saved run. |option| goes before messages; "-" is standard input. Returns WHY_OK,
 * WHY_ERR_USAGE after a message, or WHY_ERR_NOMEM after one. */
int cli_run_read(struct why_run **run, const char *file, bool partial);

/* The limits that |options| set. */
struct why_diff_limits cli_diff_limits(const struct cli_options *options);

/*
 * Reads the baseline, whose steps take the place of the options', and the requirements. Returns
 * WHY_OK, or a status after a message.
 */
int cli_regression_prepare(struct cli_regression *regression, struct cli_options *options);

/* Opens what the diff goes to. */
int cli_regression_open(struct cli_regression *regression, const struct cli_options *options);

/*
 * Judges |host|: |*judged| is what reports get to see, to be given to
 * why_requirements_judged_clear. Returns WHY_OK or WHY_ERR_NOMEM.
 */
int cli_regression_judge(struct cli_regression *regression, const struct why_host *host,
                         struct why_host *judged);

/*
 * The exit code of a run whose own is |code|: with a baseline what the diff to |saved|, the run as
 * JSON Lines, says.
 */
int cli_regression_finish(struct cli_regression *regression, const struct cli_options *options,
                          FILE *saved, int code);

/* Returns WHY_OK, or WHY_ERR_IO after a message. */
int cli_regression_close(struct cli_regression *regression);

#endif /* !defined(RDPWHY_CLI_REGRESSION_H) */
