/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TARGET_SET_H
#define RDPWHY_TARGET_SET_H

#include <stdbool.h>

#include <rdpwhy/plan.h>

/* The hash set behind why_target_list's |seen|: which labels the list has, ASCII case ignored. */

/*
 * Enters |label| for the target that the caller appends next, at |list->count|. Returns 1 when the
 * list has the label already, 0 when it was entered, or WHY_ERR_NOMEM. Nothing fails between a 0
 * and the append: the caller makes room first.
 */
int why_target_set_add(struct why_target_list *list, const char *label);

void why_target_set_free(void *seen);

#endif /* !defined(RDPWHY_TARGET_SET_H) */
