/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_PROGRESS_H
#define RDPWHY_CLI_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/scan.h>

#include "options.h"

/* The run's progress on standard error: a line that is written over and over on a terminal, a line
 * now and then elsewhere, and one whenever a signal asks for it. */
struct cli_progress {
    bool on;
    bool terminal;
    bool shown;   /* the terminal's line is there */
    size_t total; /* targets; 0: not known */
    uint64_t next_us;
    atomic_bool *asked; /* set by SIGUSR1 and SIGINFO */
};

void cli_progress_init(struct cli_progress *progress, const struct cli_options *options,
                       size_t total);
void cli_progress_tell(struct cli_progress *progress, const struct why_scan_progress *now);
/* Takes the line off the terminal, where something else is about to be written. */
void cli_progress_hide(struct cli_progress *progress);

#endif /* !defined(RDPWHY_CLI_PROGRESS_H) */
