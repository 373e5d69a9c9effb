/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_DIFF_OUTPUT_H
#define RDPWHY_CLI_DIFF_OUTPUT_H

#include <rdpwhy/report.h>

#include "options.h"

/* Where a diff goes. */

struct cli_diff_output {
    const struct why_diff_format *format;
    const char *name; /* for messages: the file, or "standard output" */
    FILE *out;
    bool color;
};

struct cli_diff_outputs {
    struct cli_diff_output items[CLI_REPORTS_MAX];
    size_t count;
    int verbosity;
};

/* Whether this report of `probe --baseline` shows the diff: its format has one. */
bool cli_is_diff_report(const struct cli_options *options, const struct cli_report *report);

/*
 * Opens what |options| ask for. Formats without a diff are passed over for `probe`; |strict| makes
 * them an error. Returns WHY_OK, or WHY_ERR_USAGE after a message.
 */
int cli_diff_outputs_open(struct cli_diff_outputs *outputs, const struct cli_options *options,
                          bool strict);
/* |judged| is what the hosts of |current| were required to meet, worst first; NULL: nothing.
 * Returns WHY_OK, or the first failing output's status after a message that names it. */
int cli_diff_outputs_write(struct cli_diff_outputs *outputs, const char *baseline,
                           const char *current, const struct why_diff *diff,
                           const struct why_judged_list *judged);
int cli_diff_outputs_close(struct cli_diff_outputs *outputs);

#endif /* !defined(RDPWHY_CLI_DIFF_OUTPUT_H) */
