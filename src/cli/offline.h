/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_OFFLINE_H
#define RDPWHY_CLI_OFFLINE_H

#include <stdbool.h>

#include "offline/offline.h"

#include "output.h"

/* The reports of attempts that were made before, and the exit code. */

struct offline {
    struct why_offline run;
    struct why_scan_summary summary;
    struct cli_outputs outputs;
    struct cli_fail_on fail_on;
    size_t failing; /* hosts as bad as that */
    bool quiet;
};

/*
 * Opens the reports. |source|: as in struct why_run_info. Returns WHY_OK, or a status after a
 * message.
 */
int offline_begin(struct offline *offline, const struct cli_options *options, const char *source);
/* Takes |trace| over. Returns WHY_OK, WHY_ERR_NOMEM, or a failing report's status after a message.
 */
int offline_trace(struct offline *offline, struct why_trace *trace);
/* Diagnoses the hosts, ends the reports and frees everything. Returns the exit code; |status| is
 * what the reading came to. */
int offline_end(struct offline *offline, int status);

#endif /* !defined(RDPWHY_CLI_OFFLINE_H) */
