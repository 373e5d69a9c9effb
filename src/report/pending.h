/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_PENDING_H
#define RDPWHY_REPORT_PENDING_H

#include "base/map.h"

struct why_target;
struct why_pending_line;

/* Lines about attempts whose host is not over yet: should the run be interrupted, what was finished
 * is written all the same. All zeros is empty. */
struct why_pending {
    struct why_pending_line *first, *last; /* of all, in the order of adding; owned */
    struct why_map targets;                /* a target's first line */
};

/* Adds |text| (taken over, on failure too; NULL: it could not be made). WHY_OK or WHY_ERR_NOMEM. */
int why_pending_add(struct why_pending *pending, const struct why_target *target, char *text);

/* Takes out the first line about |target|, or the first of all where it is NULL. The caller frees
 * it; NULL: there is none. */
char *why_pending_take(struct why_pending *pending, const struct why_target *target);

/* Takes out all lines about |target|, or all that there are where it is NULL. */
void why_pending_drop(struct why_pending *pending, const struct why_target *target);

#endif /* !defined(RDPWHY_REPORT_PENDING_H) */
