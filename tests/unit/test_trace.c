/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "unit.h"

static struct why_trace *new_trace(void)
{
    char host[] = "srv1";
    struct why_trace_head head = {.host = host, .port = 3389, .until = WHY_PHASE_ACTIVE};
    struct why_trace *trace = why_trace_new(&head);

    CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
    memset(host, 'x', sizeof(host) - 1);
    return trace;
}

static void test_head_is_copied(void)
{
    struct why_trace *trace = new_trace();

    CU_ASSERT_STRING_EQUAL(why_trace_head(trace)->host, "srv1");
    CU_ASSERT_EQUAL(why_trace_head(trace)->port, 3389);
    CU_ASSERT_PTR_NULL(why_trace_head(trace)->variation);
    CU_ASSERT_EQUAL(why_trace_count(trace), 0);
    CU_ASSERT_PTR_NULL(why_trace_at(trace, 0));
    why_trace_free(trace);
    why_trace_free(NULL);
}

static void test_events_are_copied_and_stay(void)
{
    struct why_trace *trace = new_trace();
    const struct why_event *first;
    uint8_t bytes[] = {1, 2, 3};
    char text[] = "text";

    CU_ASSERT_EQUAL(why_trace_append(trace, &(struct why_event){.t_us = 5,
                                                                .kind = WHY_EV_PDU,
                                                                .dir = WHY_DIR_RECEIVED,
                                                                .flags = WHY_EVENT_DECRYPTED,
                                                                .value = -1,
                                                                .text = text,
                                                                .bytes = bytes,
                                                                .len = 3}),
                    WHY_OK);
    bytes[0] = 9;
    text[0] = 'n';
    first = why_trace_at(trace, 0);
    for (unsigned i = 0; i < 5000; i++)
        CU_ASSERT_EQUAL(why_trace_append(trace, &(struct why_event){.t_us = 5 + i,
                                                                    .kind = WHY_EV_STATE,
                                                                    .value = i,
                                                                    .text = "state"}),
                        WHY_OK);

    CU_ASSERT_PTR_EQUAL(why_trace_at(trace, 0), first);
    CU_ASSERT_EQUAL(first->t_us, 5);
    CU_ASSERT_EQUAL(first->dir, WHY_DIR_RECEIVED);
    CU_ASSERT_EQUAL(first->flags, WHY_EVENT_DECRYPTED);
    CU_ASSERT_EQUAL(first->value, -1);
    CU_ASSERT_STRING_EQUAL(first->text, "text");
    CU_ASSERT_EQUAL(first->len, 3);
    CU_ASSERT_EQUAL(first->wire_len, 3);
    CU_ASSERT_EQUAL(memcmp(first->bytes, "\1\2\3", 3), 0);
    CU_ASSERT_EQUAL(why_trace_count(trace), 5001);
    for (size_t i = 1; i < 5001; i++)
        CU_ASSERT_EQUAL(why_trace_at(trace, i)->value, (int64_t)i - 1);
    CU_ASSERT_PTR_NULL(why_trace_at(trace, 5001));
    why_trace_free(trace);
}

static void test_time_never_runs_backwards(void)
{
    struct why_trace *trace = new_trace();

    why_trace_append(trace, &(struct why_event){.t_us = 10, .kind = WHY_EV_DIAL});
    why_trace_append(trace, &(struct why_event){.t_us = 7, .kind = WHY_EV_CONNECTED});
    CU_ASSERT_EQUAL(why_trace_at(trace, 1)->t_us, 10);
    why_trace_free(trace);
}

static void test_byte_limit(void)
{
    struct why_trace *trace = new_trace();
    size_t size = 3 * 1024 * 1024;
    uint8_t *bytes = calloc(1, size);
    static const size_t kept[] = {3145728, 3145728, 2097152, 0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(
            why_trace_append(trace,
                             &(struct why_event){.kind = WHY_EV_PDU, .bytes = bytes, .len = size}),
            WHY_OK);
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(why_trace_at(trace, i)->len, kept[i]);
        CU_ASSERT_EQUAL(why_trace_at(trace, i)->wire_len, size);
    }
    CU_ASSERT_PTR_NULL(why_trace_at(trace, 3)->bytes);
    CU_ASSERT_EQUAL(why_trace_lost(trace), 0);
    free(bytes);
    why_trace_free(trace);
}

static void test_event_limit(void)
{
    struct why_trace *trace = new_trace();
    const struct why_event pdu = {.kind = WHY_EV_PDU};
    const struct why_event fin = {.kind = WHY_EV_FIN};

    for (unsigned i = 0; i < WHY_TRACE_MAX_EVENTS + 10; i++)
        CU_ASSERT_EQUAL_FATAL(why_trace_append(trace, &pdu), WHY_OK);
    CU_ASSERT(why_trace_count(trace) < WHY_TRACE_MAX_EVENTS);
    CU_ASSERT_EQUAL(why_trace_count(trace) + why_trace_lost(trace), WHY_TRACE_MAX_EVENTS + 10);

    /* How it ended is kept even then. */
    CU_ASSERT_EQUAL(why_trace_append(trace, &fin), WHY_OK);
    CU_ASSERT_EQUAL(why_trace_at(trace, why_trace_count(trace) - 1)->kind, WHY_EV_FIN);
    for (unsigned i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(why_trace_append(trace, &fin), WHY_OK);
    CU_ASSERT_EQUAL(why_trace_count(trace), WHY_TRACE_MAX_EVENTS);
    why_trace_free(trace);
}

static void test_wire_bytes(void)
{
    struct why_trace *trace = new_trace();

    why_trace_count_bytes(trace, WHY_DIR_SENT, 10);
    why_trace_count_bytes(trace, WHY_DIR_SENT, 5);
    why_trace_count_bytes(trace, WHY_DIR_RECEIVED, 1);
    CU_ASSERT_EQUAL(why_trace_bytes(trace, WHY_DIR_SENT), 15);
    CU_ASSERT_EQUAL(why_trace_bytes(trace, WHY_DIR_RECEIVED), 1);
    why_trace_free(trace);
}

static void test_kind_names(void)
{
    for (int i = 0; i < WHY_EV_KIND_COUNT; i++)
        CU_ASSERT_EQUAL(why_event_kind_find(why_event_kind_name((enum why_event_kind)i)), i);
    CU_ASSERT_STRING_EQUAL(why_event_kind_name(WHY_EV_DIAL_FAILED), "dial-failed");
    CU_ASSERT_STRING_EQUAL(why_event_kind_name(WHY_EV_KIND_COUNT), "?");
    CU_ASSERT_EQUAL(why_event_kind_find("PDU"), WHY_ERR_NOTFOUND);
}

static CU_TestInfo tests[] = {
    {"the head is copied", test_head_is_copied},
    {"events are copied and never move", test_events_are_copied_and_stay},
    {"time never runs backwards", test_time_never_runs_backwards},
    {"bytes beyond the limit are counted", test_byte_limit},
    {"events beyond the limit are counted", test_event_limit},
    {"bytes on the wire", test_wire_bytes},
    {"names of the kinds", test_kind_names},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "trace", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
