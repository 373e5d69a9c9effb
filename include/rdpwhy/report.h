/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_H
#define RDPWHY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/result.h>
#include <rdpwhy/scan.h>

/* Reports: a format is one constant struct of functions and receives frozen results only. */

struct why_run_info {
    const char *tool_version;
    const char *library_built, *library_running, *openssl;
    uint64_t started_us; /* wall clock, microseconds since 1970-01-01 UTC */
    /* The options that shaped the run, without secrets. */
    const enum why_profile *profiles;
    size_t profile_count;
    const enum why_license_mode *license_modes;
    size_t license_mode_count;
    enum why_phase until;
    uint64_t timeout_us, connect_timeout_us;
    unsigned jobs, per_host, repeat;
    size_t target_count;
    bool credentials;
};

struct why_report {
    FILE *out;
    bool color;
    int verbosity; /* -1 quiet, 0, 1 verbose */
    void *state;   /* the format's own */
};

struct why_report_format {
    const char *name;
    const char *summary; /* one line for `rdpwhy list formats` */
    /* Each returns WHY_OK, WHY_ERR_IO or WHY_ERR_NOMEM; |end| frees the state and is called once
     * after a successful |begin|, whatever happened in between. */
    int (*begin)(struct why_report *report, const struct why_run_info *run);
    int (*attempt)(struct why_report *report, const struct why_result *result);
    int (*host)(struct why_report *report, const struct why_host *host);
    int (*end)(struct why_report *report, const struct why_scan_summary *summary);
};

/* All formats; |*count| is their number. */
const struct why_report_format *const *why_report_formats(size_t *count);
const struct why_report_format *why_report_format_find(const char *name);

#endif /* !defined(RDPWHY_REPORT_H) */
