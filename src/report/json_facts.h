/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_JSON_FACTS_H
#define RDPWHY_REPORT_JSON_FACTS_H

#include "json_build.h"

struct why_facts;

/* Adds to |record| what the server told: "negotiation", "tls", "ntlm" and so on, those known. */
void why_json_put_facts(struct why_json_builder *b, json_t *record, const struct why_facts *facts);

#endif /* !defined(RDPWHY_REPORT_JSON_FACTS_H) */
