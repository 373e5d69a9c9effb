/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <stdio.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>

#include "page.h"
#include "words.h"

/* One decoder for what passed above TLS and one for the records below: their states differ. */
struct decoders {
    struct why_dissector pdus, records;
};

static void put_line(struct page *page, struct table *table, const struct why_event *event,
                     const char *direction, const char *what, const char *more)
{
    struct table_row *row = table_add(table);
    char text[64];

    why_words_duration(event->t_us, text, sizeof(text));
    table_set(page, row, 0, PAGE_PLAIN, text);
    table_set(page, row, 1, PAGE_DIM, direction);
    table_set(page, row, 2, PAGE_PLAIN, what);
    table_set(page, row, 3, PAGE_DIM, more);
}

static void put_bytes(struct page *page, struct table *table, const struct why_event *event,
                      struct decoders *decoders)
{
    const char *direction = event->dir == WHY_DIR_SENT ? ">" : "<";
    unsigned flags = event->flags & WHY_EVENT_DECRYPTED ? WHY_DISSECT_DECRYPTED : 0;
    size_t offset = 0;

    do {
        struct why_pdu pdu = {.type = WHY_PDU_UNKNOWN};
        size_t before = offset;
        char size[128];

        if (event->kind == WHY_EV_TLS_RECORD)
            why_dissect_record(&decoders->records, event->dir, event->bytes, event->len, &offset,
                               &pdu);
        else
            why_dissect_next(&decoders->pdus, event->dir, event->bytes, event->len, flags, &offset,
                             &pdu);
        if (before == 0)
            snprintf(size, sizeof(size), "%zu bytes%s%s", event->wire_len, pdu.problem ? ", " : "",
                     pdu.problem ? pdu.problem : "");
        else
            snprintf(size, sizeof(size), "%s", pdu.problem ? pdu.problem : "");
        put_line(page, table, event, direction, why_pdu_info(pdu.type)->name, size);
        if (offset <= before)
            break;
    } while (offset < event->len);
}

static void put_event(struct page *page, struct table *table, const struct why_event *event,
                      struct decoders *decoders)
{
    char more[64];

    switch (event->kind) {
    case WHY_EV_PDU:
    case WHY_EV_TLS_RECORD:
        if (event->bytes && event->len > 0) {
            put_bytes(page, table, event, decoders);
            return;
        }
        break;
    case WHY_EV_CERTIFICATE:
    case WHY_EV_PARTIAL:
        snprintf(more, sizeof(more), "%zu bytes", event->wire_len);
        put_line(page, table, event, "<", why_event_kind_name(event->kind), more);
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

void text_events(struct page *page, const struct why_result *result)
{
    struct table table = {.columns = 4};
    struct decoders decoders;
    size_t count = result->trace ? why_trace_count(result->trace) : 0;

    why_dissector_init(&decoders.pdus);
    why_dissector_init(&decoders.records);
    for (size_t i = 0; i < count; i++)
        put_event(page, &table, why_trace_at(result->trace, i), &decoders);
    page_table(page, 2, &table);
}
