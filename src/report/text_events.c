/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <stdio.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>

#include "base/text.h"
#include "facts/words.h"
#include "progress/reading.h"

#include "page.h"

void why_text_last_pdus(const struct why_result *result, struct text_last_pdus *last)
{
    size_t count = result->reading ? result->reading->count : 0;

    *last = (struct text_last_pdus){.names = {{NULL}}};
    for (size_t i = 0; i < count; i++) {
        const struct why_read_pdu *pdu = &result->reading->pdus[i];
        const struct why_pdu_info *info = why_pdu_info(pdu->type);

        if (info->phase != WHY_PHASE_NONE)
            last->names[info->phase][pdu->dir] = info->name;
    }
}

static void put_line(struct page *page, struct table *table, const struct why_event *event,
                     const char *direction, const char *what, const char *more)
{
    struct table_row *row = why_table_add(table);
    char text[64];

    why_duration_text(event->t_us, text, sizeof(text));
    why_table_set(page, row, 0, PAGE_PLAIN, text);
    why_table_set(page, row, 1, PAGE_DIM, direction);
    why_table_set(page, row, 2, PAGE_PLAIN, what);
    why_table_set(page, row, 3, PAGE_DIM, more);
}

static void put_pdus(struct page *page, struct table *table, const struct why_event *event,
                     const struct why_read_pdu *pdus, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *problem = pdus[i].problem;
        char size[32] = "", more[160];

        if (i == 0)
            snprintf(size, sizeof(size), "%zu bytes", event->wire_len);
        snprintf(more, sizeof(more), "%s%s%s", size, *size && problem ? ", " : "",
                 problem ? problem : "");
        put_line(page, table, event, event->dir == WHY_DIR_SENT ? ">" : "<",
                 why_pdu_info(pdus[i].type)->name, more);
    }
}

static void put_event(struct page *page, struct table *table, const struct why_event *event)
{
    char more[64];

    if (why_event_is_capture(event->kind) || why_event_is_remark(event->kind))
        return;
    switch (event->kind) {
    case WHY_EV_CERTIFICATE:
    case WHY_EV_PARTIAL:
        snprintf(more, sizeof(more), "%zu bytes", event->wire_len);
        put_line(page, table, event, "<", why_event_kind_name(event->kind), more);
        return;
    case WHY_EV_REACHED:
        put_line(page, table, event, "", why_event_kind_name(event->kind),
                 why_phase_name((enum why_phase)event->value));
        return;
    case WHY_EV_STATE: /* the library's bookkeeping: in trace files only */
        return;
    case WHY_EV_UDP:
        put_line(page, table, event, event->dir == WHY_DIR_SENT ? ">" : "<", "RDP over UDP",
                 event->text ? event->text : "");
        return;
    case WHY_EV_OPAQUE:
        if (event->value > 1) /* of a capture: several in one */
            snprintf(more, sizeof(more), "%" PRId64 " records, %zu bytes", event->value,
                     event->wire_len);
        else
            snprintf(more, sizeof(more), "%zu bytes", event->wire_len);
        put_line(page, table, event, event->dir == WHY_DIR_SENT ? ">" : "<", "encrypted", more);
        return;
    default:
        break;
    }
    snprintf(more, sizeof(more), "%" PRId64, event->value);
    if (!event->text && event->value == 0)
        more[0] = '\0';
    put_line(page, table, event, "", why_event_kind_name(event->kind),
             event->text ? event->text : more);
}

void why_text_events(struct page *page, const struct why_result *result)
{
    struct table table = {.columns = 4};
    size_t count = result->trace ? why_trace_count(result->trace) : 0;

    for (size_t i = 0; i < count; i++) {
        const struct why_event *event = why_trace_at(result->trace, i);
        size_t pdu_count;
        const struct why_read_pdu *pdus = why_reading_of(result->reading, i, &pdu_count);

        if (pdus)
            put_pdus(page, &table, event, pdus, pdu_count);
        else
            put_event(page, &table, event);
    }
    why_page_table(page, 2, &table);
}
