/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIFF_RUN_H
#define RDPWHY_DIFF_RUN_H

#include <rdpwhy/diff.h>
#include <rdpwhy/vocab.h>

#include "base/map.h"

/* A saved run in memory. */

/* What of an attempt is compared besides how it ended. */
enum fact {
#define WHY_FACT(...)
#define WHY_COMPARED_FACT(name, ...) FACT_##name,
#include "facts/facts.def"
    FACT_COUNT
};

/* Of a certificate; the last two bits of each pair say whether the file says so. */
#define RUN_EXPIRED       0x01u
#define RUN_NOT_YET_VALID 0x02u
#define RUN_SELF_SIGNED   0x04u
#define RUN_NAME_MATCHES  0x08u

#define RUN_NO_NUMBER INT64_MIN

struct run_attempt {
    uint32_t host; /* its number */
    uint32_t repeat;
    enum why_license_mode license_mode;
    enum why_profile profile;
    enum why_outcome outcome;
    enum why_phase phase;
    enum why_ending ending;
    enum why_answer answer; /* settled among the host's attempts */
    bool has_code;          /* and |code|, in its space */
    int64_t code;
    int code_space;                /* enum why_code_space, or -1 */
    unsigned flags;                /* RUN_ bits that are true */
    int64_t started_s;             /* seconds since 1970-01-01 UTC, or RUN_NO_NUMBER */
    int64_t clock_skew_s;          /* or RUN_NO_NUMBER */
    int64_t credssp;               /* the server's version, or RUN_NO_NUMBER */
    const char *facts[FACT_COUNT]; /* NULL: not known; the run's */
    uint32_t *phases; /* of a repeated step: microseconds by phase, UINT32_MAX: none; owned */
};

struct run_host {
    uint32_t number; /* in the order of their first appearance */
    const char *target;
    int state;           /* enum why_host_state, or -1: the file has no host record */
    const char *kind;    /* of its server; NULL: not known; the pool's */
    size_t first, count; /* its attempts */
};

struct why_run {
    struct why_run_plan plan;
    struct why_map hosts;         /* by target: struct run_host, owned */
    struct why_map texts;         /* the same text is the same pointer */
    struct run_attempt *attempts; /* by host, profile, license mode, repeat */
    size_t count, capacity;
};

/* The host of this number. */
struct run_host *why_run_host(const struct why_run *run, size_t number);

#endif /* !defined(RDPWHY_DIFF_RUN_H) */
