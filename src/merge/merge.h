/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_MERGE_H
#define RDPWHY_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/diagnosis.h>

/*
 * Many saved runs (JSON Lines, `rdpwhy/1`) as one: of a host that several of them have from the
 * same vantage point, the newest run that finished it counts. Each run is read twice, first to see
 * what it has, then for its records; in memory is what a host comes to from each place, about 200
 * bytes, and never a run.
 */

struct why_merge;

struct why_merge_counts {
    size_t runs;       /* that were taken, as far as they could be read */
    size_t cut_off;    /* of these, without their end */
    size_t hosts;      /* finished, each place's counted */
    size_t duplicates; /* finished once more: an older run's, or a run given twice */
    size_t unfinished; /* with attempts, but finished in no run */
    size_t unknown;    /* records of a kind that this version does not know */
    size_t attempts;   /* of the hosts that count */
    size_t outcomes[WHY_OUTCOME_COUNT];
    size_t states[WHY_HOST_STATE_COUNT];
    bool complete;    /* all runs came to their end, and no host is unfinished */
    bool interrupted; /* one was by its user */
};

/* A run that was taken. */
struct why_merge_run {
    const char *vantage; /* the record's, or what it was called when it was added */
    const char *version; /* of the tool; NULL: not told */
    const char *started; /* RFC 3339; NULL: not told */
    int64_t targets;     /* 0: not told */
    bool complete;
};

/* NULL: out of memory. */
struct why_merge *why_merge_new(void);
void why_merge_free(struct why_merge *merge);

/*
 * Looks through one run. |in| is seekable and stays the caller's; |name| is for messages. All its
 * records are from |vantage|; NULL: as they say, and where they do not, from |otherwise|. Returns
 * WHY_OK; WHY_ERR_NOMEM; WHY_ERR_USAGE with a message: it is no run, has another schema, or is
 * damaged somewhere. Hosts that were finished before the damage count all the same.
 */
int why_merge_add(struct why_merge *merge, FILE *in, const char *name, const char *vantage,
                  const char *otherwise, char *err, size_t errlen);

/* What all runs so far come to. */
void why_merge_count(const struct why_merge *merge, struct why_merge_counts *counts);
const struct why_merge_run *why_merge_run(const struct why_merge *merge, size_t index);
/* The vantage points, in the order in which they came up. */
size_t why_merge_vantage_count(const struct why_merge *merge);
const char *why_merge_vantage(const struct why_merge *merge, size_t index);

/* Whether it is run |run| whose record of this host counts. */
bool why_merge_counts_of(const struct why_merge *merge, size_t run, const char *label,
                         const char *vantage);

/*
 * The attempts and hosts of run |run| that count, as lines with their vantage point in them. |in|
 * is what it was added from. Returns WHY_OK, WHY_ERR_NOMEM, WHY_ERR_USAGE with a message, or what
 * |on_line| returned other than WHY_OK.
 */
int why_merge_lines(struct why_merge *merge, size_t run, FILE *in, const char *name,
                    int (*on_line)(void *arg, const char *line, size_t len), void *arg, char *err,
                    size_t errlen);

/*
 * What several places together tell of hosts, rule by rule, those first by which places differ, and
 * of a rule in the order in which hosts came up. Returns WHY_OK, WHY_ERR_NOMEM or what |on_finding|
 * returned other than WHY_OK.
 */
int why_merge_across(const struct why_merge *merge,
                     int (*on_finding)(void *arg, const struct why_target *target,
                                       const struct why_finding *finding),
                     void *arg);

#endif /* !defined(RDPWHY_MERGE_H) */
