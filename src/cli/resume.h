/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_RESUME_H
#define RDPWHY_CLI_RESUME_H

#include <rdpwhy/source.h>

#include "options.h"

/*
 * Reads the JSON Lines report of a run that was cut off, --resume's FILE, and tells |source| to
 * skip the targets that have their host record. Its last line may be cut off too. Returns WHY_OK,
 * or WHY_ERR_USAGE after a message: it is no such report, its profiles, license modes or last phase
 * were others, or a report of this run would overwrite it.
 */
int cli_resume(const struct cli_options *options, struct why_source *source);

#endif /* !defined(RDPWHY_CLI_RESUME_H) */
