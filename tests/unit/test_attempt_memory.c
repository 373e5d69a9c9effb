/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt/attempt.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "base/clock.h"

#include "unit.h"

/*
 * Attempts that run out of memory: the linker puts these in the place of what our own code calls
 * (-Wl,--wrap), not of what the libraries do. Every allocation fails once.
 */
/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's own names. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__real_CRYPTO_clear_realloc(void *old, size_t old_size, size_t size, const char *file,
                                  int line);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
void *__wrap_CRYPTO_clear_realloc(void *old, size_t old_size, size_t size, const char *file,
                                  int line);

static atomic_int left = -1; /* allocations until one fails; negative: none will */

static bool fails(void)
{
    return atomic_load(&left) >= 0 && atomic_fetch_sub(&left, 1) == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

void *__wrap_CRYPTO_clear_realloc(void *old, size_t old_size, size_t size, const char *file,
                                  int line)
{
    return fails() ? NULL : __real_CRYPTO_clear_realloc(old, old_size, size, file, line);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static unsigned open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    CU_ASSERT_PTR_NOT_NULL(dir);
    while (dir != NULL && readdir(dir) != NULL)
        count++;
    if (dir != NULL)
        (void)closedir(dir);
    return count;
}

/* A port of this machine at which nobody answers more than TCP does. */
static int listen_here(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int server = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CU_ASSERT_EQUAL_FATAL(bind(server, (struct sockaddr *)&address, sizeof(address)), 0);
    CU_ASSERT_EQUAL_FATAL(listen(server, 1), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(server, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return server;
}

/* A connection to the server, in whose |*peer| it has chosen TLS and sends no more. */
static int connect_to(int server, uint16_t port, int *peer)
{
    static const uint8_t confirm[] = {0x03, 0x00, 0x00, 0x13, 0x0e, 0xd0, 0x00, 0x00, 0x12, 0x34,
                                      0x00, 0x02, 0x00, 0x08, 0x00, 0x01, 0x00, 0x00, 0x00};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    *peer = accept(server, NULL, NULL);
    CU_ASSERT_EQUAL_FATAL(send(*peer, confirm, sizeof(confirm), 0), sizeof(confirm));
    CU_ASSERT_EQUAL_FATAL(shutdown(*peer, SHUT_WR), 0);
    CU_ASSERT_EQUAL_FATAL(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

static struct why_trace *dialled_trace(const struct why_target *target)
{
    struct why_trace_head head = {.host = target->host,
                                  .port = target->port,
                                  .profile = WHY_PROFILE_TLS,
                                  .until = WHY_PHASE_ACTIVE};
    struct why_trace *trace = why_trace_new(&head);

    CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
    CU_ASSERT_EQUAL(
        why_trace_append(trace, &(struct why_event){.kind = WHY_EV_CONNECTED, .text = "here"}),
        WHY_OK);
    return trace;
}

/* Our lack of memory is not to be read as the server's fault. */
static void check_events(const struct why_trace *trace)
{
    for (size_t i = 0; trace != NULL && i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        CU_ASSERT_FALSE(event->kind == WHY_EV_PARTIAL && event->text != NULL);
    }
}

/* False: it came to its end without the allocation that should have failed. */
static bool starve(struct why_engine *engine, struct why_attempt *attempt, int server, int nth)
{
    unsigned before = open_descriptors();
    struct why_trace *trace = NULL;
    int status, peer = -1;
    bool failed;

    attempt->began_us = why_clock_us();
    if (attempt->dialled != NULL)
        attempt->fd = connect_to(server, attempt->target->port, &peer);
    atomic_store(&left, nth);
    status = why_attempt_run(engine, attempt, &trace, NULL);
    failed = atomic_exchange(&left, -1) < 0;
    CU_ASSERT_TRUE(status == WHY_OK || status == WHY_ERR_NOMEM);
    CU_ASSERT_EQUAL(status == WHY_OK, trace != NULL);
    check_events(trace);
    if (peer >= 0)
        (void)close(peer);
    CU_ASSERT_EQUAL(open_descriptors(), before);
    why_trace_free(trace);
    return failed;
}

/* Whatever cannot be had, no descriptor stays open: neither one's own nor one taken over. */
static void no_leak(struct why_engine *engine, bool dialled)
{
    char host[] = "127.0.0.1";
    struct why_target target = {.host = host, .label = host};
    struct why_attempt attempt = {
        .target = &target,
        .step = {.profile = WHY_PROFILE_TLS},
        .until = WHY_PHASE_ACTIVE,
        .timeout_us = 100000,
        .connect_timeout_us = 100000,
        .family = AF_INET,
        .capture = true,
    };
    int server = listen_here(&target.port), nth = 0;
    struct why_trace *trace = dialled ? dialled_trace(&target) : NULL;

    attempt.dialled = trace;
    while (starve(engine, &attempt, server, nth))
        nth++;
    CU_ASSERT(nth > 5);
    why_trace_free(trace);
    (void)close(server);
}

static void test_handed_over(void)
{
    struct why_engine *engine;
    char err[200] = "";

    CU_ASSERT_EQUAL_FATAL(why_engine_new(&engine, 1, err, sizeof(err)), WHY_OK);
    no_leak(engine, true);
    why_engine_free(engine);
}

static void test_own(void)
{
    struct why_engine *engine;
    char err[200] = "";

    CU_ASSERT_EQUAL_FATAL(why_engine_new(&engine, 1, err, sizeof(err)), WHY_OK);
    no_leak(engine, false);
    why_engine_free(engine);
}

static CU_TestInfo tests[] = {
    {"a connection handed over", test_handed_over},
    {"a connection of its own", test_own},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "attempts without memory", .pTests = tests},
                             CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
