/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_JSON_KIND_H
#define RDPWHY_REPORT_JSON_KIND_H

#include "json_build.h"

struct why_server_kind;

/* "server": what is known of the host's server as a whole; nothing where its kind is unknown. */
void why_json_put_kind(struct why_json_builder *b, json_t *host,
                       const struct why_server_kind *kind);

#endif /* !defined(RDPWHY_REPORT_JSON_KIND_H) */
