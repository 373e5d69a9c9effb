/* SPDX-License-Identifier: Apache-2.0 */
#include "upgrade.h"

#include <stdio.h>

#include <rdpwhy/status.h>

#include "database.h"

/* docs/HISTORY.md explains the tables. What stands here was in somebody's database: it is never
 * changed, and the next version is another text behind it. */
const char *const why_history_steps[] = {
    "CREATE TABLE runs ("
    "  id INTEGER PRIMARY KEY,"
    "  head TEXT NOT NULL UNIQUE,"
    "  file TEXT NOT NULL,"
    "  added TEXT NOT NULL,"
    "  version TEXT,"
    "  started TEXT,"
    "  vantage TEXT,"
    "  source TEXT,"
    "  targets INTEGER,"
    "  finished INTEGER NOT NULL,"
    "  complete INTEGER NOT NULL CHECK (complete IN (0, 1)));"
    "CREATE TABLE parts ("
    "  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
    "  place INTEGER NOT NULL,"
    "  vantage TEXT,"
    "  version TEXT,"
    "  started TEXT,"
    "  targets INTEGER,"
    "  complete INTEGER NOT NULL CHECK (complete IN (0, 1)),"
    "  PRIMARY KEY (run_id, place)) WITHOUT ROWID;"
    "CREATE TABLE hosts ("
    "  id INTEGER PRIMARY KEY,"
    "  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
    "  target TEXT NOT NULL,"
    "  vantage TEXT NOT NULL,"
    "  started TEXT NOT NULL,"
    "  state TEXT NOT NULL,"
    "  kind TEXT,"
    "  UNIQUE (target, vantage, started));"
    "CREATE INDEX hosts_run ON hosts (run_id);"
    "CREATE TABLE certificates ("
    "  sha256 TEXT NOT NULL PRIMARY KEY,"
    "  subject TEXT,"
    "  issuer TEXT,"
    "  not_before TEXT,"
    "  not_after TEXT,"
    "  key TEXT) WITHOUT ROWID;"
    "CREATE TABLE attempts ("
    "  id INTEGER PRIMARY KEY,"
    "  host_id INTEGER NOT NULL REFERENCES hosts(id) ON DELETE CASCADE,"
    "  ordinal INTEGER NOT NULL,"
    "  profile TEXT NOT NULL,"
    "  license_mode TEXT NOT NULL,"
    "  started TEXT,"
    "  duration_us INTEGER NOT NULL,"
    "  outcome TEXT NOT NULL,"
    "  answer TEXT NOT NULL,"
    "  phase TEXT NOT NULL,"
    "  ending TEXT NOT NULL,"
    "  closed_by TEXT,"
    "  code_space TEXT,"
    "  code INTEGER,"
    "  code_name TEXT,"
    "  reason TEXT,"
    "  address TEXT,"
    "  tls_version TEXT,"
    "  certificate TEXT REFERENCES certificates(sha256));"
    "CREATE INDEX attempts_host ON attempts (host_id);"
    "CREATE TABLE phases ("
    "  attempt_id INTEGER NOT NULL REFERENCES attempts(id) ON DELETE CASCADE,"
    "  phase TEXT NOT NULL,"
    "  start_us INTEGER NOT NULL,"
    "  duration_us INTEGER NOT NULL,"
    "  PRIMARY KEY (attempt_id, phase)) WITHOUT ROWID;"
    "CREATE TABLE findings ("
    "  host_id INTEGER NOT NULL REFERENCES hosts(id) ON DELETE CASCADE,"
    "  place INTEGER NOT NULL,"
    "  rule TEXT NOT NULL,"
    "  severity TEXT NOT NULL,"
    "  summary TEXT NOT NULL,"
    "  PRIMARY KEY (host_id, place)) WITHOUT ROWID;"
    "CREATE TABLE across ("
    "  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
    "  place INTEGER NOT NULL,"
    "  target TEXT NOT NULL,"
    "  rule TEXT NOT NULL,"
    "  severity TEXT NOT NULL,"
    "  summary TEXT NOT NULL,"
    "  PRIMARY KEY (run_id, place)) WITHOUT ROWID;"
    "CREATE VIEW latest AS"
    "  SELECT * FROM hosts AS h WHERE h.started ="
    "    (SELECT max(o.started) FROM hosts AS o"
    "     WHERE o.target = h.target AND o.vantage = h.vantage);",
};
const size_t why_history_step_count = sizeof(why_history_steps) / sizeof(why_history_steps[0]);

static int set_pragma(struct why_history *h, const char *name, int64_t value)
{
    char sql[64];

    (void)snprintf(sql, sizeof(sql), "PRAGMA %s = %lld", name, (long long)value);
    return why_history_run(h, sql);
}

/* Whose it is, and of which version. */
static int look(struct why_history *h, size_t count, int64_t *version)
{
    int64_t application = 0, tables = 0;
    int status = why_history_number(h, "PRAGMA application_id", 0, &application);

    if (status == WHY_OK)
        status = why_history_number(h, "PRAGMA user_version", 0, version);
    if (status == WHY_OK)
        status = why_history_number(h, "SELECT count(*) FROM sqlite_master", 0, &tables);
    if (status != WHY_OK)
        return status;
    if (application != WHY_HISTORY_APPLICATION &&
        (application != 0 || *version != 0 || tables > 0)) {
        (void)snprintf(h->err, h->errlen, "'%s' is a database of another program", h->file);
        return WHY_ERR_USAGE;
    }
    if (*version < 0 || (size_t)*version > count) {
        (void)snprintf(h->err, h->errlen,
                       "'%s' has version %lld, which a later rdpwhy wrote: this one knows versions "
                       "up to %zu",
                       h->file, (long long)*version, count);
        return WHY_ERR_USAGE;
    }
    return WHY_OK;
}

static int upgrade_from(struct why_history *h, const char *const *steps, size_t count,
                        int64_t version)
{
    int status = WHY_OK;

    for (size_t i = (size_t)version; i < count && status == WHY_OK; i++)
        status = why_history_run(h, steps[i]);
    if (status == WHY_OK)
        status = set_pragma(h, "application_id", WHY_HISTORY_APPLICATION);
    if (status == WHY_OK)
        status = set_pragma(h, "user_version", (int64_t)count);
    return status;
}

int why_history_upgrade(struct why_history *h, const char *const *steps, size_t count)
{
    int64_t version = 0;
    int status = look(h, count, &version);

    if (status != WHY_OK || (size_t)version == count)
        return status;
    status = why_history_run(h, "BEGIN IMMEDIATE");
    if (status != WHY_OK)
        return status;
    status = look(h, count, &version); /* somebody else may have been faster */
    if (status == WHY_OK && (size_t)version < count)
        status = upgrade_from(h, steps, count, version);
    if (status == WHY_OK)
        return why_history_run(h, "COMMIT");
    (void)sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
