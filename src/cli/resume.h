/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_RESUME_H
#define RDPWHY_CLI_RESUME_H

#include <rdpwhy/plan.h>

#include "options.h"

/*
 * Reads the JSON Lines reports of a run that was cut off, --resume's FILEs, and tells |source| to
 * skip the targets that have their host record. A line that was cut off is passed over. Returns
 * WHY_OK, or WHY_ERR_USAGE after a message: one is no such report, its profiles, license modes or
 * last phase were others, or this run would overwrite it.
 */
int cli_resume(const struct cli_options *options, struct why_source *source);

#endif /* !defined(RDPWHY_CLI_RESUME_H) */
