/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_ACROSS_H
#define RDPWHY_VERDICT_ACROSS_H

#include <stdint.h>

#include <rdpwhy/diagnosis.h>

/* One host as several places saw it: what they mean together. Pure. */

/* What one place saw. */
struct why_view {
    const char *vantage;
    enum why_host_state state;
    struct why_verdict verdict; /* of the attempt that the host's first finding rests on; of it
                                   outcome, phases, ending and code */
    const char *address;        /* NULL: not known */
    const char *certificate;    /* SHA-256 in hexadecimal; NULL: none was seen */
    uint64_t connect_us;        /* that TCP took; 0: not known */
};

#define WHY_ACROSS_MAX 6 /* findings of one host at most */

/*
 * The findings of |count| views, those first by which places differ, into |findings|, whose texts
 * are the caller's to free. One view is not compared with anything. Returns WHY_OK or
 * WHY_ERR_NOMEM; |*found| is their number in any case.
 */
int why_across(const struct why_target *target, const struct why_view *views, size_t count,
               struct why_finding findings[WHY_ACROSS_MAX], size_t *found);

/* The name of the rule at |index|, < WHY_ACROSS_MAX, in the order in which findings come. */
const char *why_across_rule(size_t index);

#endif /* !defined(RDPWHY_VERDICT_ACROSS_H) */
