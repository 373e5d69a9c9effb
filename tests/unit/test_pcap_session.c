/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>

#include "unit.h"

#define LARGE (1024u * 1024u) /* no buffer of a session holds as much */

static char host[] = "192.0.2.7";

static struct session *new_session(void)
{
    struct session_setup setup = {.host = host,
                                  .label = "192.0.2.7:3389",
                                  .port = 3389,
                                  .profile = WHY_PROFILE_TLS,
                                  .connected = true};
    struct session *s = why_session_new(&setup);

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    return s;
}

/* Negotiation up to where TLS begins, or not: |selected| is the Connection Confirm's word. */
static void negotiate(struct session *s, uint8_t selected)
{
    const uint8_t request[] = {0x03, 0x00, 0x00, 0x13, 0x0e, 0xe0,     0x00, 0x00, 0x00, 0x00,
                               0x00, 0x01, 0x00, 0x08, 0x00, selected, 0x00, 0x00, 0x00};
    const uint8_t confirm[] = {0x03, 0x00, 0x00, 0x13, 0x0e, 0xd0,     0x00, 0x00, 0x12, 0x34,
                               0x00, 0x02, 0x00, 0x08, 0x00, selected, 0x00, 0x00, 0x00};

    why_session_bytes(s, WHY_DIR_SENT, request, sizeof(request), 1);
    why_session_bytes(s, WHY_DIR_RECEIVED, confirm, sizeof(confirm), 2);
}

static size_t count_of(const struct why_trace *trace, enum why_event_kind kind, size_t *bytes)
{
    size_t count = 0;

    *bytes = 0;
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        if (event->kind != kind || event->dir != WHY_DIR_RECEIVED)
            continue;
        count++;
        *bytes += event->wire_len;
    }
    return count;
}

/* Records or PDUs of |unit| bytes, head and zeros, to the end of |data|; what is left is the head
 * of one more. Returns how many are whole. */
static size_t fill(uint8_t *data, size_t len, const uint8_t *head, size_t unit)
{
    memset(data, 0, len);
    for (size_t at = 0; at + 5 <= len; at += unit)
        memcpy(data + at, head, 5);
    return len / unit;
}

/* A segment of any length (BIG TCP, GRO) is taken apart as it comes. */
static void test_large_segments(void)
{
    static const struct {
        uint8_t selected, head[5];
        size_t unit;
        enum why_event_kind kind;
        size_t before; /* of this kind, without the segment */
    } rows[] = {
        {1, {0x16, 0x03, 0x03, 0x40, 0x00}, 0x4005, WHY_EV_TLS_RECORD, 0},
        {0, {0x03, 0x00, 0x40, 0x00, 0x02}, 0x4000, WHY_EV_PDU, 1},
    };
    uint8_t *data = malloc(LARGE);

    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct session *s = new_session();
        size_t whole = fill(data, LARGE - 7, rows[i].head, rows[i].unit), bytes;
        struct why_trace *trace;

        negotiate(s, rows[i].selected);
        why_session_bytes(s, WHY_DIR_RECEIVED, data, LARGE - 7, 3);
        trace = why_session_take(s);
        CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
        CU_ASSERT_EQUAL(count_of(trace, rows[i].kind, &bytes), rows[i].before + whole);
        CU_ASSERT_EQUAL(why_trace_bytes(trace, WHY_DIR_RECEIVED), LARGE - 7 + 19);
        why_trace_free(trace);
    }
    free(data);
}

/* What comes behind bytes that cannot be RDP is unreadable: the rest of their segment, too. */
static void test_large_nonsense(void)
{
    struct session *s = new_session();
    uint8_t *data = malloc(LARGE);
    struct why_trace *trace;
    size_t partial, opaque;

    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    memset(data, 'x', LARGE);
    negotiate(s, 1);
    why_session_bytes(s, WHY_DIR_RECEIVED, data, LARGE, 3);
    trace = why_session_take(s);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
    CU_ASSERT_EQUAL(count_of(trace, WHY_EV_PARTIAL, &partial), 1);
    CU_ASSERT_EQUAL(count_of(trace, WHY_EV_OPAQUE, &opaque), 1);
    CU_ASSERT_EQUAL(partial + opaque, LARGE);
    why_trace_free(trace);
    free(data);
}

static CU_TestInfo tests[] = {
    {"large segments", test_large_segments},
    {"large segments that are no RDP", test_large_nonsense},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "sessions of captures", .pTests = tests},
                             CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
