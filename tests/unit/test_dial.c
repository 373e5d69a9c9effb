/* SPDX-License-Identifier: Apache-2.0 */
#include "dial/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#include "unit.h"

#define SECOND_US 1000000u

struct events {
    char text[1024]; /* the kinds, each ended by a space */
    int64_t last_value;
};

static void on_event(void *arg, enum why_event_kind kind, int64_t value, const char *text)
{
    struct events *events = arg;
    size_t n = strlen(events->text);

    (void)text;
    events->last_value = value;
    snprintf(events->text + n, sizeof(events->text) - n, "%s ", why_event_kind_name(kind));
}

/* A port of the loopback that listens, or only is taken. */
static int bound(bool listens, uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    if (listens)
        CU_ASSERT_EQUAL_FATAL(listen(fd, 4), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static enum why_dial_state run(struct why_dial *dial, const struct why_resolver *resolver)
{
    enum why_dial_state state = why_dial_state(dial);

    while (state < WHY_DIAL_CONNECTED) {
        struct pollfd fds[WHY_DIAL_FDS + 1];
        size_t n = why_dial_fds(dial, fds);

        fds[n] = (struct pollfd){.fd = why_resolver_fd(resolver), .events = POLLIN};
        (void)poll(fds, (nfds_t)n + 1, 20);
        state = why_dial_step(dial, fds, n);
    }
    return state;
}

static struct why_dial_request request_of(const char *host, uint16_t port, struct events *events)
{
    return (struct why_dial_request){
        .host = host,
        .port = port,
        .family = AF_UNSPEC,
        .deadline_us = why_clock_us() + 10 * SECOND_US,
        .event = on_event,
        .arg = events,
    };
}

static void test_connected(void)
{
    struct why_resolver *resolver = why_resolver_new(2);
    struct events events = {"", 0};
    struct why_dial_request request;
    struct why_dial *dial;
    uint16_t port;
    int server = bound(true, &port), fd;

    request = request_of("127.0.0.1", port, &events);
    dial = why_dial_new(resolver, &request);
    CU_ASSERT_EQUAL(run(dial, resolver), WHY_DIAL_CONNECTED);
    CU_ASSERT_STRING_EQUAL(events.text, "resolve resolved dial connected ");
    fd = why_dial_take(dial);
    CU_ASSERT(fd >= 0);
    CU_ASSERT_EQUAL(why_dial_take(dial), -1);
    close(fd);
    why_dial_free(dial);
    why_dial_free(NULL);
    why_resolver_free(resolver);
    why_resolver_free(NULL);
    close(server);
}

static void test_refused(void)
{
    struct why_resolver *resolver = why_resolver_new(2);
    struct events events = {"", 0};
    struct why_dial_request request;
    struct why_dial *dial;
    uint16_t port;
    int server = bound(false, &port);

    request = request_of("127.0.0.1", port, &events);
    dial = why_dial_new(resolver, &request);
    CU_ASSERT_EQUAL(run(dial, resolver), WHY_DIAL_OVER);
    CU_ASSERT_STRING_EQUAL(events.text, "resolve resolved dial dial-failed ");
    CU_ASSERT_EQUAL(events.last_value, ECONNREFUSED);
    CU_ASSERT_EQUAL(why_dial_take(dial), -1);
    why_dial_free(dial);
    why_resolver_free(resolver);
    close(server);
}

/* A name with several addresses: the first that is up wins. */
static void test_next_address(void)
{
    struct why_resolver *resolver = why_resolver_new(2);
    struct events events = {"", 0};
    struct why_dial_request request;
    struct why_dial *dial;
    uint16_t port;
    int server = bound(true, &port);

    request = request_of("localhost", port, &events);
    dial = why_dial_new(resolver, &request);
    CU_ASSERT_EQUAL(run(dial, resolver), WHY_DIAL_CONNECTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(events.text, "resolve resolved dial "));
    CU_ASSERT_PTR_NOT_NULL(strstr(events.text, "connected "));
    why_dial_free(dial); /* the socket was not taken */
    why_resolver_free(resolver);
    close(server);
}

static void test_resolve_only(void)
{
    struct why_resolver *resolver = why_resolver_new(2);
    struct events events = {"", 0};
    struct why_dial_request request = request_of("127.0.0.1", 1, &events);
    struct why_dial *dial;

    request.resolve_only = true;
    dial = why_dial_new(resolver, &request);
    CU_ASSERT_EQUAL(run(dial, resolver), WHY_DIAL_OVER);
    CU_ASSERT_STRING_EQUAL(events.text, "resolve resolved ");
    why_dial_free(dial);
    why_resolver_free(resolver);
}

/* The look-up goes on without anybody: neither dial nor resolver is waited for. */
static void test_deadline_in_look_up(void)
{
    struct why_resolver *resolver = why_resolver_new(1);
    struct events events = {"", 0};
    struct why_dial_request request = request_of("name.invalid", 1, &events);
    struct why_dial *dial;

    request.deadline_us = why_clock_us();
    dial = why_dial_new(resolver, &request);
    CU_ASSERT_EQUAL(why_dial_wake_us(dial), request.deadline_us);
    if (why_dial_step(dial, NULL, 0) == WHY_DIAL_OVER)
        CU_ASSERT_PTR_NOT_NULL(strstr(events.text, "resolve "));
    why_dial_free(dial);
    why_resolver_free(resolver);
}

/* Whoever could not look after it gives it as much longer. */
static void test_postponed(void)
{
    struct why_resolver *resolver = why_resolver_new(1);
    struct events events = {"", 0};
    struct why_dial_request request = request_of("name.invalid", 1, &events);
    uint64_t now = why_clock_us();
    struct why_dial *dial;

    request.deadline_us = now;
    dial = why_dial_new(resolver, &request);
    why_dial_postpone(dial, 10 * SECOND_US);
    CU_ASSERT_EQUAL(why_dial_wake_us(dial), now + 10 * SECOND_US);
    (void)why_dial_step(dial, NULL, 0);
    CU_ASSERT_PTR_NULL(strstr(events.text, "deadline"));
    why_dial_free(dial);
    why_resolver_free(resolver);
}

/* An answer that is there is taken, however late the caller comes. */
static void test_late_caller(void)
{
    struct why_resolver *resolver = why_resolver_new(1);
    struct events events = {"", 0};
    struct why_dial_request request;
    struct pollfd fds[WHY_DIAL_FDS];
    struct why_dial *dial;
    uint16_t port;
    int server = bound(true, &port);
    size_t n;

    request = request_of("127.0.0.1", port, &events);
    request.deadline_us = why_clock_us() + 50000;
    dial = why_dial_new(resolver, &request);
    n = why_dial_fds(dial, fds);
    while (why_clock_us() < request.deadline_us)
        continue;
    (void)poll(fds, (nfds_t)n, 0);
    CU_ASSERT_EQUAL(why_dial_step(dial, fds, n), WHY_DIAL_CONNECTED);
    why_dial_free(dial);
    why_resolver_free(resolver);
    close(server);
}

static void test_addresses(void)
{
    CU_ASSERT_TRUE(why_dial_is_address("192.0.2.1"));
    CU_ASSERT_TRUE(why_dial_is_address("2001:db8::1"));
    CU_ASSERT_FALSE(why_dial_is_address("host.invalid"));
}

static CU_TestInfo tests[] = {
    {"connected", test_connected},
    {"refused", test_refused},
    {"the next address", test_next_address},
    {"the name alone", test_resolve_only},
    {"deadline in the look-up", test_deadline_in_look_up},
    {"postponed", test_postponed},
    {"a caller that comes late", test_late_caller},
    {"addresses and names", test_addresses},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "dial", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
