/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_HTML_EVENTS_H
#define RDPWHY_REPORT_HTML_EVENTS_H

#include <stdint.h>

#include "html_writer.h"

struct why_result;

/*
 * Adds to |attempt| the "exchange" as the trace has it, if that takes at most |allowance| bytes:
 * "events", an array of [who, name, phase, flags], the same for attempts which went alike; "at",
 * the microseconds between each event and the one before; "size", "text" and "many", how many
 * records it stands for, for the events whose flags say that they have them; and beside it "cut",
 * [index, count], where events in the middle were left out. "no_exchange":true where it takes
 * more. Who: ">" the
 * client, "<" the server, "" neither. Phase: -1 where it cannot be known.
 */
void why_html_events(struct html_writer *writer, struct why_json_builder *b, json_t *attempt,
                     const struct why_result *result, uint64_t allowance);

#endif /* !defined(RDPWHY_REPORT_HTML_EVENTS_H) */
