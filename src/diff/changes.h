/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIFF_CHANGES_H
#define RDPWHY_DIFF_CHANGES_H

#include <rdpwhy/diff.h>

#include "base/map.h"

/* The changes of the host that is being compared: what the rows of the table hand in. */
struct why_changes {
    struct why_diff_host host;
    size_t capacity;
    struct why_map *texts; /* the diff's: the same text is the same pointer */
    bool failed;           /* out of memory */
};

/* The class of going from one rank to another. */
enum why_change_class why_class_of_ranks(int before, int after);

/* Adds a detail where the two differ; NULL is a value as well. */
void why_change_detail(struct why_change *change, const char *name, const char *before,
                       const char *after);

/*
 * Adds |change|, whose |info|, |class| and details are set, with what it was |before| and |after|;
 * its texts may be temporary. |step|: of which it is true; NULL: of the host. Steps that changed
 * alike are one change.
 */
void why_changes_add(struct why_changes *changes, const struct why_change *change,
                     const char *before, const char *after, const struct why_change_step *step);

#endif /* !defined(RDPWHY_DIFF_CHANGES_H) */
