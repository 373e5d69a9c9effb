/* SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "database.h"
#include "upgrade.h"

#define BUSY_MS 30000 /* somebody else adds a run: a large one takes seconds */

static int open_file(struct why_history *h, bool create)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
    int code;

    if (!create && access(h->file, F_OK) != 0) {
        (void)snprintf(h->err, h->errlen, "cannot read '%s': %s", h->file, strerror(errno));
        return WHY_ERR_USAGE;
    }
    code = sqlite3_open_v2(h->file, &h->db, flags, NULL);
    if (code != SQLITE_OK) {
        (void)why_history_fail(h, code);
        return code == SQLITE_NOMEM ? WHY_ERR_NOMEM : WHY_ERR_USAGE;
    }
    (void)sqlite3_busy_timeout(h->db, BUSY_MS);
    return why_history_run(h, "PRAGMA foreign_keys = ON");
}

int why_history_open(struct why_history **history, const char *file, bool create, char *err,
                     size_t errlen)
{
    struct why_history *h = calloc(1, sizeof(*h));
    int status;

    *history = NULL;
    if (h == NULL)
        return WHY_ERR_NOMEM;
    *h = (struct why_history){.file = file, .err = err, .errlen = errlen};
    status = open_file(h, create);
    if (status == WHY_OK)
        status = why_history_upgrade(h, why_history_steps, why_history_step_count);
    if (status == WHY_OK) {
        *history = h;
        return WHY_OK;
    }
    why_history_close(h);
    return status;
}

void why_history_close(struct why_history *history)
{
    if (history == NULL)
        return;
    (void)sqlite3_close(history->db);
    free(history);
}
