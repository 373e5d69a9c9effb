/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_HISTORY_UPGRADE_H
#define RDPWHY_HISTORY_UPGRADE_H

#include <stddef.h>

struct why_history;

#define WHY_HISTORY_APPLICATION 0x72647077 /* "rdpw": PRAGMA application_id */

/* The tables, version by version: what takes a database from version I to I + 1. */
extern const char *const why_history_steps[];
extern const size_t why_history_step_count;

/*
 * Brings the database to version |count| by those of |steps| that it has not seen, all of them or
 * none. Returns WHY_OK, or as why_history_open: it is somebody else's, or a later version's.
 */
int why_history_upgrade(struct why_history *h, const char *const *steps, size_t count);

#endif /* !defined(RDPWHY_HISTORY_UPGRADE_H) */
