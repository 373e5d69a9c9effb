/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_TARGETS_H
#define RDPWHY_CLI_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/plan.h>

#include "options.h"

struct why_run;

/* The targets of a run: the command line's, those of --input, or a baseline's, less those that
 * --resume has done. */
struct cli_targets {
    struct why_source_input inputs[CLI_TEXTS_MAX];
    size_t input_count;
    const char **operands; /* of the source; what they point to is not owned */
    struct why_source_options source_options;
    struct why_source *source;
    const struct cli_options *options;
    struct why_target ahead[2]; /* taken before anything is sent; owned */
    size_t ahead_count;
    size_t total; /* 0: not known before the end */
};

/*
 * |baseline| has targets of its own; NULL: there is none. Finds out what can be known before
 * anything is sent: every file can be read, every target of the command line is one, with --strict
 * every line too, and there is at least one target. Returns WHY_OK, WHY_ERR_USAGE after a message,
 * or WHY_ERR_NOTFOUND after one: --resume has left nothing.
 */
int cli_targets_open(struct cli_targets *targets, const struct cli_options *options,
                     const struct why_run *baseline);

/* As why_source_next, but the message has been said. */
int cli_targets_next(struct cli_targets *targets, struct why_target *target);

/* What is to be said at the end of the run. */
void cli_targets_remarks(const struct cli_targets *targets);
void cli_targets_close(struct cli_targets *targets);

#endif /* !defined(RDPWHY_CLI_TARGETS_H) */
