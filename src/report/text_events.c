/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <stdio.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>

#include "base/text.h"
#include "progress/progress.h"

#include "page.h"
#include "words.h"

/* One decoder for what passed above TLS and one for the records below: their states differ. */
struct decoders {
    struct why_dissector pdus, records;
};

static void decoders_init(struct decoders *decoders)
{
    why_dissector_init(&decoders->pdus);
    why_dissector_init(&decoders->records);
}

static bool has_pdus(const struct why_event *event)
{
    return (event->kind == WHY_EV_PDU || event->kind == WHY_EV_TLS_RECORD) && event->bytes &&
           event->len > 0;
}

/* The PDU at |*offset| of the event's bytes; |*offset| is moved behind it. */
static void decode(struct decoders *decoders, const struct why_event *event, size_t *offset,
                   struct why_pdu *pdu)
{
    unsigned flags = event->flags & WHY_EVENT_DECRYPTED ? WHY_DISSECT_DECRYPTED : 0;

    *pdu = (struct why_pdu){.type = WHY_PDU_UNKNOWN};
    if (event->kind == WHY_EV_TLS_RECORD) {
        why_dissect_record(&decoders->records, event->dir, event->bytes, event->len, offset, pdu);
        return;
    }
    why_dissect_next(&decoders->pdus, event->dir, event->bytes, event->len, flags, offset, pdu);
    why_progress_name(event, pdu);
}

void why_text_last_pdus(const struct why_result *result, struct text_last_pdus *last)
{
    size_t count = result->trace ? why_trace_count(result->trace) : 0;
    struct decoders decoders;

    *last = (struct text_last_pdus){.names = {{NULL}}};
    decoders_init(&decoders);
    for (size_t i = 0; i < count; i++) {
        const struct why_event *event = why_trace_at(result->trace, i);
        size_t offset = 0, before = 0;

        if (!has_pdus(event))
            continue;
        do {
            struct why_pdu pdu;
            const struct why_pdu_info *info;

            before = offset;
            decode(&decoders, event, &offset, &pdu);
            info = why_pdu_info(pdu.type);
            if (info->phase != WHY_PHASE_NONE)
                last->names[info->phase][event->dir] = info->name;
        } while (offset > before && offset < event->len);
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
                     struct decoders *decoders)
{
    size_t offset = 0, before = 0;

    do {
        struct why_pdu pdu;
        char size[32] = "", more[160];

        before = offset;
        decode(decoders, event, &offset, &pdu);
        if (before == 0)
            snprintf(size, sizeof(size), "%zu bytes", event->wire_len);
        snprintf(more, sizeof(more), "%s%s%s", size, *size && pdu.problem ? ", " : "",
                 pdu.problem ? pdu.problem : "");
        put_line(page, table, event, event->dir == WHY_DIR_SENT ? ">" : "<",
                 why_pdu_info(pdu.type)->name, more);
    } while (offset > before && offset < event->len);
}

static void put_event(struct page *page, struct table *table, const struct why_event *event,
                      struct decoders *decoders)
{
    char more[64];

    if (why_event_is_capture(event->kind))
        return;
    if (has_pdus(event)) {
        put_pdus(page, table, event, decoders);
        return;
    }
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
    struct decoders decoders;
    size_t count = result->trace ? why_trace_count(result->trace) : 0;

    decoders_init(&decoders);
    for (size_t i = 0; i < count; i++)
        put_event(page, &table, why_trace_at(result->trace, i), &decoders);
    why_page_table(page, 2, &table);
}
