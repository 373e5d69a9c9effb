/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIFF_REPORT_H
#define RDPWHY_DIFF_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <rdpwhy/diff.h>

struct why_judged_list;

/* What changed and which requirements are not met, in the formats that can say it. */

struct why_diff_about {
    const char *baseline, *current; /* what the two runs are called */
    bool color;
    int verbosity; /* -1 quiet, 0, 1 verbose */
    /* What the current run's hosts were required to meet, worst first; NULL: nothing. */
    const struct why_judged_list *judged;
};

struct why_diff_format {
    const char *name; /* as the report format of the same kind is called */
    /* Returns WHY_OK, WHY_ERR_IO or WHY_ERR_NOMEM. */
    int (*write)(FILE *out, const struct why_diff_about *about, const struct why_diff *diff);
};

/* The format of that name, or NULL. */
const struct why_diff_format *why_diff_format_find(const char *name);
/* All of them; |*count| is their number. */
const struct why_diff_format *const *why_diff_formats(size_t *count);

#endif /* !defined(RDPWHY_DIFF_REPORT_H) */
