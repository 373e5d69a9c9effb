/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_JSON_FACTS_H
#define RDPWHY_REPORT_JSON_FACTS_H

#include "json_build.h"

struct why_result;

/* Adds the facts of |result| that have all of |flags| (fact_table.h), each where its row says. */
void why_json_put_facts(struct why_json_builder *b, json_t *record, const struct why_result *result,
                        unsigned flags);

/* Adds those in the object |path| of a record. */
void why_json_put_facts_of(struct why_json_builder *b, json_t *record,
                           const struct why_result *result, const char *path);

#endif /* !defined(RDPWHY_REPORT_JSON_FACTS_H) */
