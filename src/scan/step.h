/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_STEP_H
#define RDPWHY_SCAN_STEP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/scan.h>

#include "ledger.h"

/* One step of one host, with what the run knows when it begins. */
struct step_context {
    const struct why_scan *scan;
    struct ledger *ledger;
    size_t host; /* the target's index */
    const struct why_step *step;
    size_t ordinal;   /* from 1 */
    bool unreachable; /* an earlier attempt found that the host is */
    const atomic_bool *stop;
    void (*warn)(void *arg, const char *message);
    void *warn_arg;
};

/* True when the step will be skipped: nothing will be sent. */
bool step_is_pointless(const struct step_context *context);

/*
 * Carries the step out, with its one variation where that is due. Returns WHY_OK with |*result|
 * owned by the caller, WHY_ERR_INTERRUPTED without one, or WHY_ERR_NOMEM.
 */
int step_run(const struct step_context *context, struct why_result **result);

#endif /* !defined(RDPWHY_SCAN_STEP_H) */
