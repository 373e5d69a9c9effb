/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_OFFLINE_H
#define RDPWHY_CLI_OFFLINE_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>
#include <rdpwhy/scan.h>
#include <rdpwhy/vocab.h>

#include "output.h"

/* Attempts that were made before: traces in, the same reports out as of a run. */

struct offline_kind;

struct offline_host {
    struct offline_host *next; /* in its bucket */
    struct why_target target;
    struct why_result **results; /* those that are kept */
    size_t count, capacity;
    size_t attempts;                                             /* all of them */
    unsigned repeats[WHY_PROFILE_COUNT][WHY_LICENSE_MODE_COUNT]; /* of each step */
    struct offline_kind *kinds;                                  /* how they ended */
    size_t kind_count, kind_capacity;
};

#define OFFLINE_BUCKETS 4096u

struct offline {
    struct cli_outputs outputs;
    struct why_scan_summary summary;
    struct offline_host *buckets[OFFLINE_BUCKETS];
    struct offline_host **hosts; /* in the order in which they came */
    size_t host_count, host_capacity;
    bool quiet;
    size_t kept;                /* results with all that passed in them */
    size_t passed;              /* results that were reported, but not kept for their host */
    struct why_result *pending; /* the next trace may be the second try of its step */
    struct offline_host *pending_host;
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
int offline_end(struct offline *offline, int status, bool complete);

#endif /* !defined(RDPWHY_CLI_OFFLINE_H) */
