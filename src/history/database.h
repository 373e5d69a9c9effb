/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_HISTORY_DATABASE_H
#define RDPWHY_HISTORY_DATABASE_H

#include <sqlite3.h>

#include "history.h"

/* The open database, and statements of SQL in few words. */

struct why_history {
    sqlite3 *db;
    const char *file; /* for messages */
    char *err;        /* of the call under way: where messages go */
    size_t errlen;
};

/* The last call's error as a status, with a message that names the file. */
int why_history_fail(struct why_history *h, int code);

/* Statements without rows and arguments. */
int why_history_run(struct why_history *h, const char *sql);

/* A statement with |?1|, |?2| ... to be bound; finalized by the caller. */
int why_history_prepare(struct why_history *h, const char *sql, sqlite3_stmt **statement);

/* Of bound values: NULL is SQL's, and texts have to live until the step. */
void why_history_bind_text(sqlite3_stmt *statement, int at, const char *text);
void why_history_bind_int(sqlite3_stmt *statement, int at, int64_t value);

/* Carries out a statement that has no rows, and makes it ready for the next time. */
int why_history_step(struct why_history *h, sqlite3_stmt *statement);

/* The next row: WHY_OK, WHY_ERR_NOTFOUND behind the last, or what went wrong. */
int why_history_next(struct why_history *h, sqlite3_stmt *statement);

/* A text of the row; "" for NULL; valid until the next row. */
const char *why_history_text(sqlite3_stmt *statement, int column);

/* The first value of the first row; |otherwise| where there is none. */
int why_history_number(struct why_history *h, const char *sql, int64_t otherwise, int64_t *value);

#endif /* !defined(RDPWHY_HISTORY_DATABASE_H) */
