/* SPDX-License-Identifier: Apache-2.0 */
#include "database.h"

#include <stdio.h>

#include <rdpwhy/status.h>

int why_history_fail(struct why_history *h, int code)
{
    if (code == SQLITE_NOMEM)
        return WHY_ERR_NOMEM;
    if (code == SQLITE_NOTADB)
        (void)snprintf(h->err, h->errlen, "'%s' is no SQLite database", h->file);
    else if (code == SQLITE_BUSY)
        (void)snprintf(h->err, h->errlen, "'%s' is in use by another program", h->file);
    else
        (void)snprintf(h->err, h->errlen, "'%s': %s", h->file,
                       h->db != NULL ? sqlite3_errmsg(h->db) : sqlite3_errstr(code));
    return code == SQLITE_NOTADB ? WHY_ERR_USAGE : WHY_ERR_IO;
}

int why_history_run(struct why_history *h, const char *sql)
{
    int code = sqlite3_exec(h->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? WHY_OK : why_history_fail(h, code);
}

int why_history_prepare(struct why_history *h, const char *sql, sqlite3_stmt **statement)
{
    int code = sqlite3_prepare_v2(h->db, sql, -1, statement, NULL);

    return code == SQLITE_OK ? WHY_OK : why_history_fail(h, code);
}

void why_history_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    if (text != NULL)
        (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
    else
        (void)sqlite3_bind_null(statement, at);
}

void why_history_bind_int(sqlite3_stmt *statement, int at, int64_t value)
{
    (void)sqlite3_bind_int64(statement, at, value);
}

int why_history_step(struct why_history *h, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    int status = code == SQLITE_DONE ? WHY_OK : why_history_fail(h, code);

    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    return status;
}

int why_history_next(struct why_history *h, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);

    if (code == SQLITE_ROW)
        return WHY_OK;
    return code == SQLITE_DONE ? WHY_ERR_NOTFOUND : why_history_fail(h, code);
}

const char *why_history_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    return text != NULL ? (const char *)text : "";
}

int why_history_number(struct why_history *h, const char *sql, int64_t otherwise, int64_t *value)
{
    sqlite3_stmt *statement = NULL;
    int status = why_history_prepare(h, sql, &statement);

    *value = otherwise;
    if (status == WHY_OK)
        status = why_history_next(h, statement);
    if (status == WHY_OK)
        *value = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
}
