/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SAVED_H
#define RDPWHY_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct why_finding;
struct why_host;
struct why_result;
struct why_run_info;
struct why_scan_summary;
struct why_target;

/*
 * A saved run (JSON Lines, `rdpwhy/1`) as the results and hosts that it was written from, for the
 * reports to write again. Nothing is judged anew: states, answers and findings are those that were
 * saved. A result has what its record holds: of its trace the head, and no timeline. The file may
 * be anybody's: every size in it is checked.
 */

struct why_saved;

/*
 * Looks through |in|, which has to be seekable and stays open as long as |*saved| is used. |name|
 * is the file's, for messages, and is kept. Returns WHY_OK; WHY_ERR_NOMEM; WHY_ERR_USAGE with a
 * message that names the line. A run whose end is missing, or whose last line is cut off, is not
 * wrong: why_saved_is_complete.
 */
int why_saved_open(struct why_saved **saved, FILE *in, const char *name, char *err, size_t errlen);

/* All targets are from |vantage|, whatever the records say; NULL: as they say, and else from
 * |otherwise|. Both live as long as |saved|. |among_others|: people have to be told. */
void why_saved_place(struct why_saved *saved, const char *vantage, const char *otherwise,
                     bool among_others);
/* The vantage point of a target; NULL: not known. */
const char *why_saved_vantage(const struct why_saved *saved, size_t index);

/* The run's first line alone, to |on_begin|. Returns as why_saved_tell. */
int why_saved_head(FILE *in, const char *name,
                   int (*on_begin)(void *arg, const struct why_run_info *run), void *arg, char *err,
                   size_t errlen);
/* Takes NULL. */
void why_saved_free(struct why_saved *saved);

/* The run came to its end, and all its steps have a result. */
bool why_saved_is_complete(const struct why_saved *saved);
/* Number of its targets, and their labels in the order in which they come first. */
size_t why_saved_count(const struct why_saved *saved);
const char *why_saved_label(const struct why_saved *saved, size_t index);
/* Whether the host was finished: its state and findings are there. */
bool why_saved_is_finished(const struct why_saved *saved, size_t index);
/* Of many targets only those that are wanted are told; without a call, all. */
void why_saved_want(struct why_saved *saved, size_t index);

/* Each returns WHY_OK, or a status that ends the telling. What they are given is theirs as long as
 * they run. */
struct why_saved_sink {
    int (*on_begin)(void *arg, const struct why_run_info *run);
    int (*on_attempt)(void *arg, const struct why_result *result);
    int (*on_host)(void *arg, const struct why_host *host);
    /* What several places together tell; NULL: nobody asks. */
    int (*on_across)(void *arg, const struct why_target *target, const struct why_finding *finding);
    void *arg;
};

/*
 * Hands on what is wanted, in the order of the file. |*summary| counts it. Returns WHY_OK,
 * WHY_ERR_NOMEM, WHY_ERR_USAGE with a message that names the line and the member, or a function's
 * status.
 */
int why_saved_tell(struct why_saved *saved, const struct why_saved_sink *sink,
                   struct why_scan_summary *summary, char *err, size_t errlen);

#endif /* !defined(RDPWHY_SAVED_H) */
