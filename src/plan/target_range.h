/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TARGET_RANGE_H
#define RDPWHY_TARGET_RANGE_H

#include <rdpwhy/plan.h>

#include "target_text.h"

/* The targets that one text stands for: one, or all addresses of a range, one by one. All zeros is
 * the empty range. */
struct why_target_range {
    struct why_target_text text;
    uint32_t next, end;
};

void why_range_begin(struct why_target_range *range, const struct why_target_text *text);

/*
 * The next one: WHY_OK with |*target|'s strings for the caller to free, WHY_ERR_NOTFOUND when there
 * is none, or WHY_ERR_NOMEM.
 */
int why_range_next(struct why_target_range *range, struct why_target *target);

#endif /* !defined(RDPWHY_TARGET_RANGE_H) */
