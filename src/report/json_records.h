/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_JSON_RECORDS_H
#define RDPWHY_REPORT_JSON_RECORDS_H

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/report.h>

#include "json_build.h"

/* The records of a run as the schema has them, for JSON Lines and for the page. */

json_t *why_json_run(struct why_json_builder *b, const struct why_run_info *run);
json_t *why_json_attempt(struct why_json_builder *b, const struct why_result *result);
json_t *why_json_host(struct why_json_builder *b, const struct why_host *host);
json_t *why_json_across(struct why_json_builder *b, const struct why_target *target,
                        const struct why_finding *finding);
json_t *why_json_end(struct why_json_builder *b, const struct why_scan_summary *summary);

/* Adds what was required of a host and whether it is met; nothing where nothing was required. */
void why_json_put_judgements(struct why_json_builder *b, json_t *object,
                             const struct why_judgement *judgements, size_t count);

#endif /* !defined(RDPWHY_REPORT_JSON_RECORDS_H) */
