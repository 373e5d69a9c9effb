/* SPDX-License-Identifier: Apache-2.0 */
#include "progress/file_offer.h"

struct why_file_offer why_file_offer_of(const struct why_trace *trace)
{
    struct why_file_offer offer = why_file_offer_init();

    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        if (event->kind == WHY_EV_FILE && event->value == WHY_FILE_USED && event->text != NULL)
            why_file_offer_see(&offer, event->text);
    }
    return offer;
}

bool why_file_has_settings(const struct why_trace *trace)
{
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        if (why_trace_at(trace, i)->kind == WHY_EV_FILE)
            return true;
    }
    return false;
}
