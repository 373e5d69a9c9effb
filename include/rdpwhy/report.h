/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_H
#define RDPWHY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/diff.h>
#include <rdpwhy/result.h>

struct why_explanation;

/* Reports: a format is one constant struct of functions and receives frozen results only. */

/* One of several runs that were merged. */
struct why_run_part {
    const char *vantage;
    const char *version, *started; /* NULL: not told */
    int64_t targets;               /* 0: not told */
    bool complete;
};

struct why_run_info {
    const char *tool_version;
    const char *library_built, *library_running, *openssl;
    uint64_t started_us; /* wall clock, microseconds since 1970-01-01 UTC */
    const char *vantage; /* where the run looks from; NULL: not known */
    const char *source;  /* "captures", "traces": nothing was probed; NULL: it was */
    /* The options that shaped the run, without secrets. */
    const enum why_profile *profiles;
    size_t profile_count;
    const enum why_license_mode *license_modes;
    size_t license_mode_count;
    enum why_phase until;
    uint64_t timeout_us, connect_timeout_us, linger_us, watch_us, pause_us, second_try_us;
    unsigned jobs, per_host, repeat;
    struct why_routing routing;
    const char *preconnection; /* NULL: none */
    bool follow, udp;
    const char *proxy,
        *proxy_resolve; /* its URL; who looks names up: "proxy", "local"; NULL: none */
    const char *gateway, *gateway_transport; /* host and port; its word; NULL: none */
    size_t target_count;                     /* 0: not known before the end */
    bool credentials;
    const struct why_run_part *parts; /* what was merged; NULL: nothing was */
    size_t part_count;
    const char *saved; /* the file that it is saved in, which `rdpwhy show` reads; NULL: none */
};

/* Whether the run is put together of runs from different places. */
bool why_run_is_from_several(const struct why_run_info *run);

struct why_report {
    FILE *out;
    bool color;
    size_t columns; /* where text is broken into lines; 0: as where nobody looks at it */
    int verbosity;  /* -1 quiet, 0, 1 all details, 2 all that passed on the wire, too */
    void *state;    /* the format's own */
};

struct why_report_format {
    const char *name;
    const char *summary; /* one line for `rdpwhy list formats` */
    bool replaces; /* a file of it must never be seen half written: write it under another name */
    /* Each returns WHY_OK, WHY_ERR_IO or WHY_ERR_NOMEM; |end| frees the state and is called once
     * after a successful |begin|, whatever happened in between. */
    int (*begin)(struct why_report *report, const struct why_run_info *run);
    int (*attempt)(struct why_report *report, const struct why_result *result);
    int (*host)(struct why_report *report, const struct why_host *host);
    /* What several places together tell of a host, before the first host; may be NULL. */
    int (*across)(struct why_report *report, const struct why_target *target,
                  const struct why_finding *finding);
    /* A record of another run as it stands there, |len| bytes without a newline; may be NULL. */
    int (*line)(struct why_report *report, const char *line, size_t len);
    /* How many hosts there are, before the first of them, where |begin| could not say; may be NULL:
     * the format looks the same for one host and for many. */
    void (*targets)(struct why_report *report, size_t count);
    int (*end)(struct why_report *report, const struct why_scan_summary *summary);
    /* The exit code that who reads the format understands. |summary| is NULL where the run could
     * not be carried out; |unmet|: hosts that do not meet a requirement. NULL: the tool's own. */
    int (*exit_code)(const struct why_scan_summary *summary, size_t unmet);
    /* The whole report where nothing was probed, with the reason; NULL: it has none then. */
    void (*usage_error)(FILE *out, const char *message);
};

/* All formats; |*count| is their number. */
const struct why_report_format *const *why_report_formats(size_t *count);
const struct why_report_format *why_report_format_find(const char *name);

/* What the format nagios answers, which is the exit code as well. */
enum why_nagios {
    WHY_NAGIOS_OK,       /* every host is healthy and meets what is required of it */
    WHY_NAGIOS_WARNING,  /* a host is degraded */
    WHY_NAGIOS_CRITICAL, /* a host is broken or unreachable, or does not meet a requirement */
    WHY_NAGIOS_UNKNOWN   /* the run could not be carried out, or not to its end */
};

/* |unmet|: hosts that do not meet a requirement. */
enum why_nagios why_nagios_of(const struct why_scan_summary *summary, size_t unmet);

/* "OK", "WARNING", "CRITICAL", "UNKNOWN". */
const char *why_nagios_word(enum why_nagios nagios);

struct why_judged_list;

/* What changed and which requirements are not met, in the formats that can say it. */

struct why_diff_about {
    const char *baseline, *current; /* what the two runs are called */
    bool color;
    int verbosity; /* -1 quiet, 0, 1 verbose */
    /* What the current run's hosts were required to meet, worst first; NULL: nothing. */
    const struct why_judged_list *judged;
    size_t columns; /* as in struct why_report */
};

struct why_diff_format {
    const char *name; /* as the report format of the same kind is called */
    /* Returns WHY_OK, WHY_ERR_IO or WHY_ERR_NOMEM. */
    int (*write)(FILE *out, const struct why_diff_about *about, const struct why_diff *diff);
};

/* The format of that name, or NULL. */
const struct why_diff_format *why_diff_format_find(const char *name);
/* All of them; |*count| is their number. */
const struct why_diff_format *const *why_diff_formats(size_t *count);

/* What `rdpwhy explain` writes; |columns| as in struct why_report. Returns WHY_OK, WHY_ERR_IO or
 * WHY_ERR_NOMEM. */
int why_explanation_text(FILE *out, bool color, size_t columns, const struct why_explanation *x);
int why_explanation_jsonl(FILE *out, const struct why_explanation *x);

#endif /* !defined(RDPWHY_REPORT_H) */
