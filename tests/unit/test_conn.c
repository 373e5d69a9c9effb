/* SPDX-License-Identifier: Apache-2.0 */
#include "conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/system_error.h"

#include "loopback.h"
#include "plain.h"
#include "unit.h"

#define LONG_MS  20000 /* a deadline that no test comes to */
#define SHORT_MS 200   /* one that is met */
#define BOUND_US 5000000u

static uint64_t elapsed_us(const struct loopback *l)
{
    return why_clock_us() - l->rec.start_us;
}

static size_t count(const struct loopback *l, enum why_event_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < why_trace_count(l->rec.trace); i++)
        n += why_trace_at(l->rec.trace, i)->kind == kind;
    return n;
}

/* Reads until something other than CONN_AGAIN comes. */
static int read_some(struct loopback *l, uint8_t *buf, size_t len)
{
    int r;

    while ((r = why_plain_read(&l->conn, buf, len)) == CONN_AGAIN)
        (void)why_conn_wait(&l->conn, false, 1000);
    return r;
}

static void test_bytes_then_fin(void)
{
    struct loopback l;
    uint8_t buf[8];

    loopback_open(&l, LONG_MS, NULL, NULL, NULL);
    CU_ASSERT_EQUAL(why_plain_read(&l.conn, buf, sizeof(buf)), CONN_AGAIN);
    CU_ASSERT_FALSE(why_conn_readable_now(&l.conn));
    CU_ASSERT_FALSE(why_conn_wait(&l.conn, false, 10));
    CU_ASSERT_TRUE(why_conn_wait(&l.conn, true, 1000));
    CU_ASSERT_EQUAL(send(l.peer, "abcde", 5, 0), 5);
    loopback_fin(&l.peer);
    CU_ASSERT_EQUAL(read_some(&l, buf, 2), 2);
    CU_ASSERT_EQUAL(memcmp(buf, "ab", 2), 0);
    CU_ASSERT_TRUE(why_conn_readable_now(&l.conn)); /* read ahead */
    CU_ASSERT_EQUAL(why_plain_read(&l.conn, buf, sizeof(buf)), 3);
    CU_ASSERT_EQUAL(memcmp(buf, "cde", 3), 0);
    CU_ASSERT_EQUAL(read_some(&l, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(l.conn.end, CONN_FIN);
    CU_ASSERT_TRUE(why_conn_readable_now(&l.conn));
    CU_ASSERT_EQUAL(why_plain_read(&l.conn, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(count(&l, WHY_EV_FIN), 1);
    CU_ASSERT_EQUAL(why_trace_bytes(l.rec.trace, WHY_DIR_RECEIVED), 5);
    loopback_close(&l);
}

static void test_reset(void)
{
    struct loopback l;
    uint8_t buf[8];

    loopback_open(&l, LONG_MS, NULL, NULL, NULL);
    loopback_rst(&l.peer);
    CU_ASSERT_EQUAL(read_some(&l, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(l.conn.end, CONN_RESET);
    CU_ASSERT_EQUAL(count(&l, WHY_EV_RESET), 1);
    CU_ASSERT_EQUAL(loopback_event(&l, WHY_EV_RESET)->value, ECONNRESET);
    CU_ASSERT_EQUAL(count(&l, WHY_EV_FIN), 0);
    loopback_close(&l);
}

static void test_silence(void)
{
    struct loopback l;
    uint8_t buf[8];

    loopback_open(&l, SHORT_MS, NULL, NULL, NULL);
    CU_ASSERT_EQUAL(read_some(&l, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(l.conn.end, CONN_DEADLINE);
    CU_ASSERT_EQUAL(count(&l, WHY_EV_DEADLINE), 1);
    CU_ASSERT(elapsed_us(&l) >= SHORT_MS * 1000u);
    CU_ASSERT(elapsed_us(&l) < BOUND_US);
    loopback_close(&l);
}

static void test_cancelled(void)
{
    struct loopback l;
    atomic_bool cancelled;
    uint8_t buf[8];

    atomic_init(&cancelled, false);
    loopback_open(&l, LONG_MS, &cancelled, NULL, NULL);
    CU_ASSERT_FALSE(why_conn_expired(&l.conn));
    atomic_store(&cancelled, true);
    CU_ASSERT_TRUE(why_conn_wait(&l.conn, false, LONG_MS));
    CU_ASSERT_EQUAL(why_plain_read(&l.conn, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(why_plain_write(&l.conn, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(l.conn.end, CONN_CANCELLED);
    CU_ASSERT_EQUAL(count(&l, WHY_EV_CANCELLED), 1);
    CU_ASSERT(elapsed_us(&l) < BOUND_US);
    loopback_close(&l);
}

/* One byte at a time, each only when the one before has been read. */
static void test_drip(void)
{
    struct loopback l;
    uint8_t buf[8];

    loopback_open(&l, LONG_MS, NULL, NULL, NULL);
    for (int i = 0; i < 200; i++) {
        uint8_t byte = (uint8_t)i;

        CU_ASSERT_EQUAL(send(l.peer, &byte, 1, 0), 1);
        CU_ASSERT_EQUAL(read_some(&l, buf, sizeof(buf)), 1);
        CU_ASSERT_EQUAL(buf[0], byte);
        CU_ASSERT_EQUAL(why_plain_read(&l.conn, buf, sizeof(buf)), CONN_AGAIN);
    }
    loopback_close(&l);
}

static void flood(int fd, void *arg)
{
    static const uint8_t zeros[65536];

    (void)arg;
    while (send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL) > 0)
        continue;
    (void)close(fd);
}

/* The deadline comes also where there is always something to read. */
static void test_flood(void)
{
    static uint8_t buf[CONN_READ_AHEAD];
    struct loopback l;

    loopback_open(&l, SHORT_MS, NULL, flood, NULL);
    while (read_some(&l, buf, sizeof(buf)) > 0 && elapsed_us(&l) < 2 * BOUND_US)
        continue;
    CU_ASSERT_EQUAL(l.conn.end, CONN_DEADLINE);
    CU_ASSERT(elapsed_us(&l) < BOUND_US);
    loopback_close(&l);
}

static void read_all(int fd, void *arg)
{
    uint8_t buf[1000];
    size_t total = 0;
    ssize_t n;

    while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
        total += (size_t)n;
    *(size_t *)arg = total;
    (void)close(fd);
}

#define LARGE (4u * 1024 * 1024) /* more than two socket buffers */

static void test_large_write(void)
{
    uint8_t *data = calloc(1, LARGE);
    struct loopback l;
    size_t got = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    loopback_open(&l, LONG_MS, NULL, read_all, &got);
    CU_ASSERT_EQUAL(why_plain_write(&l.conn, data, LARGE), (int)LARGE);
    CU_ASSERT_EQUAL(why_trace_bytes(l.rec.trace, WHY_DIR_SENT), LARGE);
    loopback_close(&l);
    CU_ASSERT_EQUAL(got, LARGE);
    free(data);
}

static void test_nobody_reads(void)
{
    uint8_t *data = calloc(1, 8 * LARGE);
    struct loopback l;

    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    loopback_open(&l, SHORT_MS, NULL, NULL, NULL);
    CU_ASSERT_EQUAL(why_plain_write(&l.conn, data, 8 * LARGE), CONN_ENDED);
    CU_ASSERT_EQUAL(l.conn.end, CONN_DEADLINE);
    CU_ASSERT(elapsed_us(&l) < BOUND_US);
    loopback_close(&l);
    free(data);
}

/* Half-closed by a peer that does not read: no deadline is left to wait for. */
static void test_nobody_reads_after_fin(void)
{
    uint8_t *data = calloc(1, 8 * LARGE), buf[8];
    struct loopback l;

    CU_ASSERT_PTR_NOT_NULL_FATAL(data);
    loopback_open(&l, LONG_MS, NULL, NULL, NULL);
    CU_ASSERT_EQUAL(shutdown(l.peer, SHUT_WR), 0);
    CU_ASSERT_EQUAL(read_some(&l, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(l.conn.end, CONN_FIN);
    CU_ASSERT_EQUAL(why_plain_write(&l.conn, data, 10), 10); /* a FIN does not forbid writing */
    CU_ASSERT_EQUAL(why_plain_write(&l.conn, data, 8 * LARGE), CONN_ENDED);
    CU_ASSERT(elapsed_us(&l) < BOUND_US);
    loopback_close(&l);
    free(data);
}

/* A write meets the RST; the read afterwards says what it was. */
static void test_write_meets_reset(void)
{
    struct loopback l;
    uint8_t buf[8] = {0};

    loopback_open(&l, LONG_MS, NULL, NULL, NULL);
    loopback_rst(&l.peer);
    loopback_await(&l);
    CU_ASSERT_EQUAL(why_plain_write(&l.conn, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(l.conn.end, CONN_OPEN);
    CU_ASSERT_NOT_EQUAL(l.conn.write_error, 0);
    CU_ASSERT_EQUAL(loopback_event(&l, WHY_EV_NET_ERROR)->flags, WHY_EVENT_WRITING);
    CU_ASSERT_STRING_EQUAL(loopback_event(&l, WHY_EV_NET_ERROR)->text,
                           why_system_error_text(WHY_SPACE_ERRNO, l.conn.write_error));
    CU_ASSERT_EQUAL(why_plain_write(&l.conn, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(count(&l, WHY_EV_NET_ERROR), 1);
    CU_ASSERT_EQUAL(read_some(&l, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT_EQUAL(l.conn.end, CONN_RESET);
    loopback_close(&l);
}

/* What the peer said before it closed is read although a write has failed. */
static void test_last_words(void)
{
    struct loopback l;
    uint8_t buf[16] = {0};

    loopback_open(&l, LONG_MS, NULL, NULL, NULL);
    CU_ASSERT_EQUAL(send(l.peer, "last words", 10, 0), 10);
    loopback_fin(&l.peer);
    loopback_await(&l);
    /* the first write draws a RST, a later one meets it */
    for (int i = 0; i < 1000 && l.conn.write_error == 0; i++)
        (void)why_plain_write(&l.conn, buf, 1);
    CU_ASSERT_NOT_EQUAL(l.conn.write_error, 0);
    CU_ASSERT_EQUAL(read_some(&l, buf, sizeof(buf)), 10);
    CU_ASSERT_EQUAL(memcmp(buf, "last words", 10), 0);
    CU_ASSERT_EQUAL(read_some(&l, buf, sizeof(buf)), CONN_ENDED);
    CU_ASSERT(l.conn.end == CONN_FIN || l.conn.end == CONN_RESET);
    loopback_close(&l);
}

static void test_first_end_stays(void)
{
    struct loopback l;

    loopback_open(&l, LONG_MS, NULL, NULL, NULL);
    why_conn_set_end(&l.conn, CONN_VIOLATION);
    why_conn_set_end(&l.conn, CONN_FIN);
    CU_ASSERT_EQUAL(l.conn.end, CONN_VIOLATION);
    CU_ASSERT_TRUE(why_conn_expired(&l.conn));
    CU_ASSERT_EQUAL(why_trace_count(l.rec.trace), 0);
    loopback_close(&l);
}

static CU_TestInfo tests[] = {
    {"bytes, then a FIN", test_bytes_then_fin},
    {"RST", test_reset},
    {"silence", test_silence},
    {"cancelled", test_cancelled},
    {"one byte at a time", test_drip},
    {"a peer that never stops", test_flood},
    {"a write larger than the buffers", test_large_write},
    {"nobody reads", test_nobody_reads},
    {"nobody reads after a FIN", test_nobody_reads_after_fin},
    {"a write meets the RST", test_write_meets_reset},
    {"last words", test_last_words},
    {"the first end stays", test_first_end_stays},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "conn", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
