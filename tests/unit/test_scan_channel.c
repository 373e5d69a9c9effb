/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "message.h"
#include "unit.h"

struct pair {
    struct channel a, b;
};

static void open_pair(struct pair *pair)
{
    int fds[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    why_channel_init(&pair->a, fds[0]);
    why_channel_init(&pair->b, fds[1]);
}

static void close_pair(struct pair *pair)
{
    why_channel_clear(&pair->a);
    why_channel_clear(&pair->b);
}

static void test_messages(void)
{
    struct channel_message m;
    struct pair pair;

    open_pair(&pair);
    CU_ASSERT_EQUAL(why_channel_put(&pair.a, why_message_new("one"), NULL, 0, -1), WHY_OK);
    CU_ASSERT_EQUAL(why_channel_put(&pair.a, why_message_new("two"), "pay\nload", 8, -1), WHY_OK);
    CU_ASSERT_TRUE(why_channel_has_output(&pair.a));
    CU_ASSERT_TRUE(why_channel_flush(&pair.a));
    CU_ASSERT_FALSE(why_channel_has_output(&pair.a));
    CU_ASSERT_EQUAL_FATAL(why_channel_next(&pair.b, &m), CHANNEL_MESSAGE);
    CU_ASSERT_TRUE(why_message_is(m.head, "one"));
    CU_ASSERT_EQUAL(m.len, 0);
    CU_ASSERT_EQUAL(m.fd, -1);
    json_decref(m.head);
    CU_ASSERT_EQUAL_FATAL(why_channel_next(&pair.b, &m), CHANNEL_MESSAGE);
    CU_ASSERT_TRUE(why_message_is(m.head, "two"));
    CU_ASSERT_EQUAL_FATAL(m.len, 8);
    CU_ASSERT_EQUAL(memcmp(m.payload, "pay\nload", 8), 0);
    json_decref(m.head);
    why_channel_clear(&pair.a);
    CU_ASSERT_EQUAL(why_channel_next(&pair.b, &m), CHANNEL_EOF);
    close_pair(&pair);
}

/* Sockets arrive with the messages that they were sent with. */
static void test_sockets(void)
{
    struct channel_message m;
    struct pair pair;
    struct stat sent[3], got;

    open_pair(&pair);
    for (size_t i = 0; i < 3; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        CU_ASSERT_EQUAL(fstat(fd, &sent[i]), 0);
        CU_ASSERT_EQUAL(why_channel_put(&pair.a, json_pack("{s:b}", "socket", 1), NULL, 0, fd),
                        WHY_OK);
        CU_ASSERT_EQUAL(why_channel_put(&pair.a, why_message_new("between"), NULL, 0, -1), WHY_OK);
    }
    CU_ASSERT_TRUE(why_channel_flush(&pair.a));
    for (size_t i = 0; i < 6; i++) {
        enum channel_read r;

        while ((r = why_channel_next(&pair.b, &m)) == CHANNEL_NOTHING)
            continue;
        CU_ASSERT_EQUAL_FATAL(r, CHANNEL_MESSAGE);
        json_decref(m.head);
        if (i % 2 == 1) {
            CU_ASSERT_EQUAL(m.fd, -1);
            continue;
        }
        CU_ASSERT_FATAL(m.fd >= 0);
        CU_ASSERT_EQUAL(fstat(m.fd, &got), 0);
        CU_ASSERT_EQUAL(got.st_ino, sent[i / 2].st_ino);
        close(m.fd);
    }
    close_pair(&pair);
}

/* What a worker that has gone mad may write. */
static void test_bad(void)
{
    static const char *const rows[] = {
        "no json\n",
        "{\"record\":\"x\",\"bytes\":-1}\n",
        "{\"record\":\"x\",\"bytes\":999999999999}\n",
        "{\"record\":\"x\",\"socket\":true}\n",
        "{\"record\":\"x\",\"record\":\"y\"}\n",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct channel_message m;
        struct pair pair;

        open_pair(&pair);
        CU_ASSERT_EQUAL(write(pair.a.fd, rows[i], strlen(rows[i])), (ssize_t)strlen(rows[i]));
        CU_ASSERT_EQUAL(why_channel_next(&pair.b, &m), CHANNEL_BAD);
        close_pair(&pair);
    }
}

static void test_job(void)
{
    uint8_t bytes[] = {0, 1, 0x7f, 0xff};
    struct message_job job = {.id = 1234567890123,
                              .dial_us = 42,
                              .timeout_us = 15000000,
                              .repeat = 3,
                              .variation = WHY_VARIATION_NO_SALTED_MAC,
                              .isolated = true,
                              .license = {bytes, sizeof(bytes)}};
    json_t *head = why_message_of_job(&job);
    struct message_job got;

    CU_ASSERT_PTR_NOT_NULL_FATAL(head);
    CU_ASSERT_TRUE_FATAL(why_message_read_job(head, &got));
    CU_ASSERT_EQUAL(got.id, job.id);
    CU_ASSERT_EQUAL(got.dial_us, job.dial_us);
    CU_ASSERT_EQUAL(got.timeout_us, job.timeout_us);
    CU_ASSERT_EQUAL(got.repeat, job.repeat);
    CU_ASSERT_EQUAL(got.variation, job.variation);
    CU_ASSERT_TRUE(got.isolated);
    CU_ASSERT_EQUAL_FATAL(got.license.len, sizeof(bytes));
    CU_ASSERT_EQUAL(memcmp(got.license.data, bytes, sizeof(bytes)), 0);
    free(got.license.data);
    json_object_del(head, "dial_us");
    CU_ASSERT_FALSE(why_message_read_job(head, &got));
    json_decref(head);
}

static void test_trace(void)
{
    char host[] = "h\xff";
    struct why_trace_head head = {.host = host, .port = 3389, .until = WHY_PHASE_ACTIVE};
    struct why_trace *trace = why_trace_new(&head), *back;
    size_t len = 0;
    char *text;

    CU_ASSERT_EQUAL(
        why_trace_append(trace, &(struct why_event){.t_us = 5, .kind = WHY_EV_DIAL, .text = "x"}),
        WHY_OK);
    text = why_message_write_trace(trace, 0, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    back = why_message_read_trace(text, len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(back);
    CU_ASSERT_STRING_EQUAL(why_trace_head(back)->host, host);
    CU_ASSERT_EQUAL(why_trace_count(back), 1);
    CU_ASSERT_PTR_NULL(why_message_read_trace(text, len / 2));
    CU_ASSERT_PTR_NULL(why_message_read_trace(NULL, 0));
    free(text);
    why_trace_free(back);
    why_trace_free(trace);
}

static CU_TestInfo tests[] = {
    {"messages", test_messages}, {"sockets", test_sockets}, {"malformed", test_bad},
    {"a job", test_job},         {"a trace", test_trace},   CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "channel", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
