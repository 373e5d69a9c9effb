/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_HISTORY_HISTORY_H
#define RDPWHY_HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct why_history_view;

/*
 * Runs in a database that anybody's SQL reads (docs/HISTORY.md). A run is added in one transaction:
 * whatever ends the program, the file has all of it or nothing.
 */

struct why_history;

/*
 * Opens |file|, which is made if |create| and brought to this version's tables. Functions return
 * WHY_OK; WHY_ERR_NOMEM; WHY_ERR_USAGE with a message: it is not there, is no such database, or a
 * later version's; WHY_ERR_IO with a message.
 */
int why_history_open(struct why_history **history, const char *file, bool create, char *err,
                     size_t errlen);
/* Takes NULL. */
void why_history_close(struct why_history *history);

enum why_history_what {
    WHY_HISTORY_ADDED,
    WHY_HISTORY_KNOWN,   /* it is there already, and nothing was done */
    WHY_HISTORY_REPLACED /* a part of it was there: it had been cut off */
};

struct why_history_added {
    enum why_history_what what;
    size_t hosts, attempts; /* records that were added */
    size_t known;           /* hosts that another run has brought: left out */
    size_t unfinished;      /* hosts without their record: left out */
    bool complete;          /* the run came to its end */
};

/*
 * Adds the saved run |in|, which is seekable and stays the caller's; |name| is its file's.
 * Returns as above; WHY_ERR_USAGE also for what is no run or damaged, of which nothing is added.
 */
int why_history_add(struct why_history *history, FILE *in, const char *name,
                    struct why_history_added *added, char *err, size_t errlen);

/* How much slower or faster than before a phase has to be to be told of. */
struct why_history_limits {
    unsigned percent; /* 200: at least twice as long */
    uint64_t floor_us;
};

/* All that it tells at the time |now|, seconds since 1970; the view is the caller's to clear, in
 * any case. Returns as above. */
int why_history_ask(struct why_history *history, int64_t now,
                    const struct why_history_limits *limits, struct why_history_view *view,
                    char *err, size_t errlen);

#endif /* !defined(RDPWHY_HISTORY_HISTORY_H) */
