/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_HISTORY_ROWS_H
#define RDPWHY_HISTORY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

struct why_finding;
struct why_history;
struct why_history_added;
struct why_host;
struct why_run_info;
struct why_target;

/* A run's records as rows of the tables. */

enum history_insert {
    INSERT_RUN,
    INSERT_PART,
    INSERT_HOST,
    INSERT_CERTIFICATE,
    INSERT_ATTEMPT,
    INSERT_PHASE,
    INSERT_FINDING,
    INSERT_ACROSS,
    INSERT_COUNT
};

struct history_rows {
    struct why_history *h;
    sqlite3_stmt *statements[INSERT_COUNT]; /* owned */
    int64_t run_id;
    uint64_t run_started_us; /* for hosts whose attempts do not tell */
    int64_t across;          /* findings of several places so far */
};

/* Returns WHY_OK, WHY_ERR_NOMEM or WHY_ERR_IO with a message, as do the others. */
int why_history_rows_open(struct history_rows *rows, struct why_history *h);
void why_history_rows_close(struct history_rows *rows);

/* What a run is besides its first record. */
struct history_origin {
    const char *head; /* tells runs apart */
    const char *file;
    size_t finished; /* hosts in it that have their record */
    bool complete;   /* it came to its end */
};

/* The first: the others are of this run. */
int why_history_put_run(struct history_rows *rows, const struct why_run_info *run,
                        const struct history_origin *origin);
/* With its attempts and findings; counts in |added|. One that is there already is left alone. */
int why_history_put_host(struct history_rows *rows, const struct why_host *host,
                         struct why_history_added *added);
int why_history_put_across(struct history_rows *rows, const struct why_target *target,
                           const struct why_finding *finding);

#endif /* !defined(RDPWHY_HISTORY_ROWS_H) */
