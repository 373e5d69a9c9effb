/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_JSON_RUN_H
#define RDPWHY_REPORT_JSON_RUN_H

#include <stdint.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/report.h>

#include "json_build.h"

/* What the JSON of programs and that of the page have in common about a run and its hosts. */

/* Adds |us| since 1970 as RFC 3339 text; 0 is unknown and left out. */
void why_json_put_time_us(struct why_json_builder *b, json_t *object, const char *key, uint64_t us);

json_t *why_json_run_options(struct why_json_builder *b, const struct why_run_info *run);
json_t *why_json_spread(struct why_json_builder *b, const struct why_spread *spread);
/* Adds what was required of a host and whether it is met; nothing where nothing was required. */
void why_json_put_judgements(struct why_json_builder *b, json_t *object,
                             const struct why_judgement *judgements, size_t count);
json_t *why_json_footprint(struct why_json_builder *b, const struct why_footprint *footprint);

#endif /* !defined(RDPWHY_REPORT_JSON_RUN_H) */
