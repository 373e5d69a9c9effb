/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_H
#define RDPWHY_ATTEMPT_H

#include "attempt/library.h"
#include "attempt/request.h"

/* One step through libfreerdp. The only stage that knows the library. */

/*
 * Carries the step out. Whatever the peer does is in the trace; the call returns at the deadline
 * at the latest. |*issued| receives the license that the server issued, if any: the caller frees
 * its data; |issued| may be NULL. Returns WHY_OK with |*trace| owned by the caller, or
 * WHY_ERR_NOMEM.
 */
int why_attempt_run(struct why_engine *engine, const struct why_attempt *attempt,
                    struct why_trace **trace, struct why_license_data *issued);

#endif /* !defined(RDPWHY_ATTEMPT_H) */
