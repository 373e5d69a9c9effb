/* SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "base/hex.h"
#include "saved/saved.h"

#include "database.h"
#include "rows.h"

#define HEAD_SIZE 65 /* SHA-256 in hexadecimal */

/* A run on its way into the database. */
struct adding {
    struct why_history *h;
    struct why_saved *saved;
    const char *name;
    char head[HEAD_SIZE];
    size_t finished; /* hosts that have their record */
    struct history_rows rows;
    struct why_history_added *added;
};

/* ---- which run it is --------------------------------------------------------------------------
 */

/* A run's first line has when and where it began, and with what: no two runs have the same, and a
 * run that was cut off has its own. */
static int take_head(FILE *in, char head[HEAD_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char byte;
    int c, status = WHY_ERR_NOMEM;

    rewind(in);
    if (ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1) {
        status = WHY_OK;
        while (status == WHY_OK && (c = getc(in)) != EOF && c != '\n') {
            byte = (unsigned char)c;
            status = EVP_DigestUpdate(ctx, &byte, 1) == 1 ? WHY_OK : WHY_ERR_NOMEM;
        }
        if (status == WHY_OK && EVP_DigestFinal_ex(ctx, digest, NULL) == 1)
            (void)why_hex_print(head, digest, (HEAD_SIZE - 1) / 2);
        else
            status = WHY_ERR_NOMEM;
    }
    EVP_MD_CTX_free(ctx);
    return status;
}

static size_t count_finished(const struct why_saved *saved)
{
    size_t finished = 0;

    for (size_t i = 0; i < why_saved_count(saved); i++)
        finished += why_saved_is_finished(saved, i);
    return finished;
}

/* What of it is there: the row's id, 0: none; and whether this one has no more. */
static int look_up(struct adding *a, int64_t *id, bool *known)
{
    sqlite3_stmt *s = NULL;
    int status =
        why_history_prepare(a->h, "SELECT id, complete, finished FROM runs WHERE head = ?1", &s);

    *id = 0;
    *known = false;
    if (status == WHY_OK) {
        why_history_bind_text(s, 1, a->head);
        status = why_history_next(a->h, s);
    }
    if (status == WHY_OK) {
        *id = sqlite3_column_int64(s, 0);
        *known = sqlite3_column_int(s, 1) != 0 ||
                 (!a->added->complete && (size_t)sqlite3_column_int64(s, 2) >= a->finished);
    }
    (void)sqlite3_finalize(s);
    return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
}

static int drop_run(struct why_history *h, int64_t id)
{
    sqlite3_stmt *s = NULL;
    int status = why_history_prepare(h, "DELETE FROM runs WHERE id = ?1", &s);

    if (status == WHY_OK) {
        why_history_bind_int(s, 1, id);
        status = why_history_step(h, s);
    }
    (void)sqlite3_finalize(s);
    return status;
}

/* ---- its records ------------------------------------------------------------------------------
 */

static int on_begin(void *arg, const struct why_run_info *run)
{
    struct adding *a = arg;

    const struct history_origin origin = {a->head, a->name, a->finished, a->added->complete};

    return why_history_put_run(&a->rows, run, &origin);
}

static int on_attempt(void *arg, const struct why_result *result)
{
    (void)arg, (void)result; /* the host has them */
    return WHY_OK;
}

static int on_host(void *arg, const struct why_host *host)
{
    struct adding *a = arg;

    return why_history_put_host(&a->rows, host, a->added);
}

static int on_across(void *arg, const struct why_target *target, const struct why_finding *finding)
{
    struct adding *a = arg;

    return why_history_put_across(&a->rows, target, finding);
}

static int tell(struct adding *a)
{
    const struct why_saved_sink sink = {on_begin, on_attempt, on_host, on_across, a};
    struct why_scan_summary summary;
    char problem[512] = "";
    int status = why_history_rows_open(&a->rows, a->h);

    if (status == WHY_OK)
        status = why_saved_tell(a->saved, &sink, &summary, problem, sizeof(problem));
    if (*problem != '\0')
        (void)snprintf(a->h->err, a->h->errlen, "%s", problem);
    why_history_rows_close(&a->rows);
    return status;
}

/* Within the transaction: whether the run is there is asked where nobody else can add it. */
static int put(struct adding *a)
{
    int64_t id = 0;
    bool known = false;
    int status = look_up(a, &id, &known);

    if (status != WHY_OK)
        return status;
    a->added->what = known ? WHY_HISTORY_KNOWN : id != 0 ? WHY_HISTORY_REPLACED : WHY_HISTORY_ADDED;
    if (known)
        return WHY_OK;
    if (id != 0)
        status = drop_run(a->h, id);
    if (status == WHY_OK)
        status = tell(a);
    a->added->unfinished = why_saved_count(a->saved) - a->finished;
    return status;
}

static int transact(struct adding *a)
{
    int status = why_history_run(a->h, "BEGIN IMMEDIATE");

    if (status != WHY_OK)
        return status;
    status = put(a);
    if (status == WHY_OK)
        status = why_history_run(a->h, "COMMIT");
    if (status != WHY_OK)
        (void)sqlite3_exec(a->h->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

int why_history_add(struct why_history *history, FILE *in, const char *name,
                    struct why_history_added *added, char *err, size_t errlen)
{
    struct adding a = {.h = history, .name = name, .added = added};
    int status;

    *added = (struct why_history_added){.what = WHY_HISTORY_ADDED};
    history->err = err;
    history->errlen = errlen;
    *err = '\0';
    status = take_head(in, a.head);
    if (status == WHY_OK)
        status = why_saved_open(&a.saved, in, name, err, errlen);
    if (status != WHY_OK)
        return status;
    why_saved_place(a.saved, NULL, NULL, false);
    a.finished = count_finished(a.saved);
    added->complete = why_saved_is_complete(a.saved);
    status = transact(&a);
    why_saved_free(a.saved);
    return status;
}
