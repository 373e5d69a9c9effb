/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIFF_H
#define RDPWHY_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/vocab.h>

/* Two saved runs, and what changed between them. Pure but for reading the files. */

/* ---- saved runs -------------------------------------------------------------------------------
 */

/* A run of JSON Lines, of which only what can be compared is kept. */
struct why_run;

/*
 * Reads a run from |in|. |name| is what messages call it. A run that was cut off or not finished is
 * an error unless |partial| allows it; then the part that is whole is kept. Returns WHY_OK,
 * WHY_ERR_USAGE with a message in |err| that names the file and the line, WHY_ERR_IO with a
 * message, or WHY_ERR_NOMEM.
 */
int why_run_read(struct why_run **run, FILE *in, const char *name, bool partial, char *err,
                 size_t errlen);
void why_run_free(struct why_run *run);

/* What the run set out to do, as its first line says. */
struct why_run_plan {
    enum why_profile profiles[WHY_PROFILE_COUNT];
    size_t profile_count;
    enum why_license_mode license_modes[WHY_LICENSE_MODE_COUNT];
    size_t license_mode_count;
    enum why_phase until;
    uint64_t timeout_us, connect_timeout_us; /* 0: not said */
    unsigned repeat;
    bool credentials;
    struct why_routing routing; /* its text is the run's */
    const char *preconnection;  /* the same; NULL: none */
    bool follow, udp;
    const char *proxy;                       /* its URL; NULL: none */
    const char *proxy_resolve;               /* "proxy", "local" */
    const char *gateway, *gateway_transport; /* host and port; its word; NULL: none */
    bool complete;                           /* false: only a part was read */
    bool from_several; /* places: targets are told with theirs, "srv1:3389 from fra" */
};

const struct why_run_plan *why_run_plan(const struct why_run *run);

/* The run's targets in the order of their first appearance, as the user would write them. */
size_t why_run_target_count(const struct why_run *run);
const char *why_run_target(const struct why_run *run, size_t index);

/* ---- changes ----------------------------------------------------------------------------------
 */

/* Worst first. */
enum why_change_class { WHY_CHANGE_WORSE, WHY_CHANGE_BETTER, WHY_CHANGE_OTHER };
#define WHY_CHANGE_CLASS_COUNT 3

/* "worse", "better", "changed". */
const char *why_change_class_name(enum why_change_class class);

/* One thing that is compared. */
struct why_change_info {
    const char *name;    /* kebab-case: "tls-version" */
    const char *meaning; /* one line: what is compared and when it is worse */
};

/* All of them, in the order in which a host's changes are told. */
size_t why_change_info_count(void);
const struct why_change_info *why_change_info(size_t index);

#define WHY_CHANGE_DETAILS_MAX 8

struct why_change_step {
    enum why_profile profile;
    enum why_license_mode license_mode;
};

/* A fact that a change is made of; |before| or |after| is NULL where that run does not say. */
struct why_change_detail {
    const char *name; /* static: "phase", "sha256" */
    const char *before, *after;
};

/* Steps that changed alike are told once. Texts belong to the diff. */
struct why_change {
    const struct why_change_info *info;
    enum why_change_class class;
    const char *before, *after; /* for people; NULL: nothing there */
    struct why_change_detail details[WHY_CHANGE_DETAILS_MAX];
    size_t detail_count;
    struct why_change_step *steps; /* owned; none where the change is the host's as a whole */
    size_t step_count;
};

struct why_diff_host {
    const char *target;         /* the current run's text, or the baseline's where it is gone */
    struct why_change *changes; /* worst first; owned */
    size_t count;
    size_t classes[WHY_CHANGE_CLASS_COUNT];
};

/* Beyond which a difference counts. */
struct why_diff_limits {
    unsigned slower_percent;  /* of the time before, more than 100 */
    uint64_t slower_floor_us; /* and at least so much more */
    int64_t skew_s;           /* of a server's clock */
    int64_t certificate_days; /* that a certificate should have left */
};
#define WHY_DIFF_SLOWER_PERCENT   200
#define WHY_DIFF_SLOWER_FLOOR_US  250000
#define WHY_DIFF_SKEW_S           300
#define WHY_DIFF_CERTIFICATE_DAYS 14

struct why_diff {
    struct why_diff_host *hosts; /* those with changes, worst first; owned */
    size_t count;
    size_t compared;                        /* hosts that are in both runs */
    size_t classes[WHY_CHANGE_CLASS_COUNT]; /* changes, over all hosts */
    /* Steps (target, profile, license mode) that one run alone has made, of hosts that both have.
     */
    size_t only_baseline, only_current;
    void *texts; /* owned */
};

/*
 * Compares two runs. Returns WHY_OK or WHY_ERR_NOMEM. The runs must outlive the diff. A partial run
 * makes no host `gone` or `appeared`.
 */
int why_diff_make(const struct why_run *baseline, const struct why_run *current,
                  const struct why_diff_limits *limits, struct why_diff *diff);
void why_diff_clear(struct why_diff *diff);

#endif /* !defined(RDPWHY_DIFF_H) */
