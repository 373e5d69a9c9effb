/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_OUTPUT_H
#define RDPWHY_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <rdpwhy/report.h>

#include "options.h"

/* Where the results go: reports and the trace file. */

struct cli_output {
    const struct why_report_format *format;
    const char *name; /* for messages: the file, or "standard output" */
    struct why_report report;
    char *partial; /* what the file is called while it is written; NULL: as it always is; owned */
    bool begun;
    bool ended;
    bool failed;
};

struct cli_outputs {
    struct cli_output items[CLI_REPORTS_MAX + 1]; /* the reports, and the saved run */
    size_t count;
    FILE *saved;   /* the run as JSON Lines, to be read again; NULL: not wanted */
    bool lines;    /* records come as lines for the formats that take them */
    bool complete; /* the run is: what is saved may take its place */
    FILE *trace;   /* NULL: none */
    const char *trace_name;
    const char *capture_dir; /* NULL: no captures */
    bool quiet;              /* no remarks */
    bool decode_as_said;     /* how Wireshark is to read captures */
    bool logon_said;         /* that a capture holds a logon */
};

/* The file that the run is saved in as JSON Lines; NULL: none. */
const char *cli_saved_name(const struct cli_options *options);

/*
 * Opens everything that |options| ask for. Returns WHY_OK, or WHY_ERR_USAGE after a message that
 * names what could not be opened.
 */
int cli_outputs_open(struct cli_outputs *outputs, const struct cli_options *options);

/* Each returns WHY_OK, or the first failing output's status after a message that names it. */
int cli_outputs_begin(struct cli_outputs *outputs, const struct why_run_info *run);
/* What several places together tell of a host. */
int cli_outputs_across(struct cli_outputs *outputs, const struct why_target *target,
                       const struct why_finding *finding);
/* A record as it is, for the formats that take it so: where |outputs->lines|, they get no other. */
int cli_outputs_line(struct cli_outputs *outputs, const char *line, size_t len);
/* Whether there are formats for records as they are, and for results. */
bool cli_outputs_take_lines(const struct cli_outputs *outputs);
bool cli_outputs_take_results(const struct cli_outputs *outputs);
int cli_outputs_attempt(struct cli_outputs *outputs, const struct why_result *result);
/* How many hosts there will be, where the run's beginning could not say. */
void cli_outputs_targets(struct cli_outputs *outputs, size_t count);
int cli_outputs_host(struct cli_outputs *outputs, const struct why_host *host);
/* Ends the reports that have not failed. */
int cli_outputs_end(struct cli_outputs *outputs, const struct why_scan_summary *summary);

/* Closes the files; an error that only shows now counts. */
int cli_outputs_close(struct cli_outputs *outputs);

#endif /* !defined(RDPWHY_CLI_OUTPUT_H) */
