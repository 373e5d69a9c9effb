/* SPDX-License-Identifier: Apache-2.0 */
#include "dials.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "run_builder.h"
#include "schedule.h"
#include "unit.h"

#define PATIENCE_S 20

/* ---- names, in place of the name service's -----------------------------------------------------
 */

struct answer {
    struct addrinfo info;
    struct sockaddr_in address;
};

static struct addrinfo *add_address(struct addrinfo *next, const char *text, uint16_t port)
{
    struct answer *a = calloc(1, sizeof(*a));

    if (a == NULL)
        return next;
    a->address.sin_family = AF_INET;
    a->address.sin_port = htons(port);
    (void)inet_pton(AF_INET, text, &a->address.sin_addr);
    a->info = (struct addrinfo){.ai_family = AF_INET,
                                .ai_socktype = SOCK_STREAM,
                                .ai_addrlen = sizeof(a->address),
                                .ai_addr = (struct sockaddr *)&a->address,
                                .ai_next = next};
    return &a->info;
}

static uint16_t deaf_port; /* where nobody listens */

/* "two.test" has two addresses, of which only the second one listens; there are no other names. */
int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict req, struct addrinfo **restrict pai)
{
    uint16_t port = service != NULL ? (uint16_t)strtoul(service, NULL, 10) : 0;

    (void)req;
    *pai = NULL;
    if (strcmp(name, "two.test") == 0)
        *pai = add_address(add_address(NULL, "127.0.0.1", port), "127.0.0.1", deaf_port);
    else if (strcmp(name, "127.0.0.1") == 0)
        *pai = add_address(NULL, "127.0.0.1", port);
    return *pai != NULL ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *ai)
{
    while (ai != NULL) {
        struct addrinfo *next = ai->ai_next;

        free(ai); /* the first member of its answer */
        ai = next;
    }
}

/* ---- the loop ---------------------------------------------------------------------------------
 */

static const struct why_step tls[] = {{.profile = WHY_PROFILE_TLS}};
static const char *const loopback[] = {"127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1", NULL};

static void begin(struct run_builder *b, const char *const *hosts, uint16_t port)
{
    run_build(b, tls, 1, hosts);
    b->port = port;
}

/* Dials the next step; returns its task, which may be over by then. */
static struct task *dial(struct run_builder *b)
{
    struct task *task = why_schedule_next(&b->schedule, true);

    CU_ASSERT_PTR_NOT_NULL_FATAL(task);
    CU_ASSERT_EQUAL(why_dials_begin(&b->dials, task, &b->done), WHY_OK);
    run_build_settle(b);
    return task;
}

static void step(struct run_builder *b)
{
    b->fds.count = 0;
    (void)why_poll_add(&b->fds, why_resolver_fd(b->resolver), POLLIN);
    (void)why_dials_poll(&b->dials, &b->fds);
    (void)poll(b->fds.items, (nfds_t)b->fds.count, 5);
    why_resolver_seen(b->resolver);
    why_dials_step(&b->dials, &b->fds, &b->done);
    run_build_settle(b);
}

/* Until no dial is under way. */
static void settle(struct run_builder *b)
{
    time_t last = time(NULL) + PATIENCE_S;

    while (b->dials.count > 0 && b->schedule.status == WHY_OK && time(NULL) < last)
        step(b);
    CU_ASSERT_EQUAL(b->dials.count, 0);
    CU_ASSERT_EQUAL(b->dials.new_hosts, 0);
    CU_ASSERT_EQUAL(b->dials.known_hosts, 0);
}

/* "dial dial-failed …", the kinds of the trace's events. */
static const char *kinds_of(const struct why_trace *trace, char *buf, size_t len)
{
    size_t n = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < why_trace_count(trace) && n < len; i++)
        n += (size_t)snprintf(buf + n, len - n, "%s ",
                              why_event_kind_name(why_trace_at(trace, i)->kind));
    return buf;
}

/* ---- tests ------------------------------------------------------------------------------------
 */

/* A host that answers goes to the workers, with its socket and with how long it took. */
static void test_answered(void)
{
    struct run_builder b;
    struct task *tasks[3];
    uint16_t port;
    int server = run_build_port(true, &port);
    char kinds[200];

    begin(&b, loopback, port);
    for (size_t i = 0; i < 3; i++)
        tasks[i] = dial(&b);
    settle(&b);
    CU_ASSERT_EQUAL(b.pool.waiting.count, 3);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT(tasks[i]->fd >= 0);
        CU_ASSERT(tasks[i]->connected_us >= tasks[i]->began_us);
        CU_ASSERT_TRUE(tasks[i]->host->answered);
        CU_ASSERT_STRING_EQUAL(kinds_of(tasks[i]->trace, kinds, sizeof(kinds)),
                               "resolve resolved dial connected ");
    }
    CU_ASSERT_STRING_EQUAL(b.log, "");
    run_build_end(&b);
    close(server);
}

static void test_refused(void)
{
    struct run_builder b;
    uint16_t port;
    int server = run_build_port(false, &port);

    begin(&b, loopback, port);
    (void)dial(&b);
    settle(&b);
    CU_ASSERT_EQUAL(b.pool.waiting.count, 0);
    CU_ASSERT_STRING_EQUAL(b.log, "tls@127.0.0.1 unreachable/refused; 127.0.0.1 unreachable; ");
    run_build_end(&b);
    close(server);
}

/* A name with two addresses: the next one is tried. */
static void test_addresses(void)
{
    static const char *const hosts[] = {"two.test", NULL};
    struct run_builder b;
    struct task *task;
    uint16_t port;
    int server = run_build_port(true, &port), deaf = run_build_port(false, &deaf_port);
    char kinds[200], address[32];

    begin(&b, hosts, port);
    task = dial(&b);
    settle(&b);
    CU_ASSERT_EQUAL_FATAL(b.pool.waiting.count, 1);
    CU_ASSERT_STRING_EQUAL(kinds_of(task->trace, kinds, sizeof(kinds)),
                           "resolve resolved dial dial-failed dial connected ");
    (void)snprintf(address, sizeof(address), "127.0.0.1:%u", (unsigned)port);
    CU_ASSERT_STRING_EQUAL(why_trace_at(task->trace, 5)->text, address);
    run_build_end(&b);
    close(server);
    close(deaf);
}

static void test_no_such_name(void)
{
    static const char *const hosts[] = {"none.test", NULL};
    struct run_builder b;

    begin(&b, hosts, 3389);
    (void)dial(&b);
    settle(&b);
    CU_ASSERT_PTR_NOT_NULL(strstr(b.log, "tls@none.test unreachable/name-not-found; "));
    run_build_end(&b);
}

/* A listener whose queue is full takes no connection and refuses none. |fill| keeps it so. */
#define FILL 8

static int full_port(uint16_t *port, int fill[FILL])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int server = run_build_port(false, port);

    CU_ASSERT_EQUAL_FATAL(listen(server, 0), 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(*port);
    for (size_t i = 0; i < FILL; i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM, 0);
        CU_ASSERT_EQUAL_FATAL(fcntl(fill[i], F_SETFL, O_NONBLOCK), 0);
        (void)connect(fill[i], (struct sockaddr *)&address, sizeof(address));
    }
    return server;
}

static void close_full(int server, const int fill[FILL])
{
    for (size_t i = 0; i < FILL; i++)
        close(fill[i]);
    close(server);
}

static void test_deadline(void)
{
    struct run_builder b;
    int fill[FILL], server;
    uint16_t port;

    server = full_port(&port, fill);
    begin(&b, loopback, port);
    b.scan.connect_timeout_us = 30000;
    (void)dial(&b);
    settle(&b);
    CU_ASSERT_STRING_EQUAL(b.log, "tls@127.0.0.1 unreachable/timeout; 127.0.0.1 unreachable; ");
    run_build_end(&b);
    close_full(server, fill);
}

/* The shorter of the two times counts. */
static void test_short_timeout(void)
{
    struct run_builder b;
    int fill[FILL], server;
    uint16_t port;

    server = full_port(&port, fill);
    begin(&b, loopback, port);
    b.scan.timeout_us = 30000;
    (void)dial(&b);
    settle(&b);
    CU_ASSERT_PTR_NOT_NULL(strstr(b.log, "unreachable/timeout"));
    run_build_end(&b);
    close_full(server, fill);
}

/* Time in which nobody looked is not the server's. */
static void test_postponed(void)
{
    struct timespec rest = {.tv_nsec = 40000000};
    struct run_builder b;
    int fill[FILL], server;
    struct task *task;
    uint64_t began_us;
    uint16_t port;

    server = full_port(&port, fill);
    begin(&b, loopback, port);
    b.scan.connect_timeout_us = 30000;
    task = dial(&b);
    began_us = task->began_us;
    why_dials_postpone(&b.dials, UINT64_C(3600000000));
    (void)nanosleep(&rest, NULL);
    step(&b);
    CU_ASSERT_EQUAL(b.dials.count, 1);
    CU_ASSERT_EQUAL(task->began_us, began_us + UINT64_C(3600000000));
    task->began_us = began_us; /* for the trace of what is abandoned */
    run_build_end(&b);
    close_full(server, fill);
}

/* As many are begun as will keep the workers busy: fewer of those that nobody has answered for. */
static void test_how_many(void)
{
    static const struct {
        size_t busy, known, fresh, under_way;
        double answer_rate;
        bool may, new_targets;
    } rows[] = {
        {0, 0, 0, 0, 1, true, true},      {10, 0, 0, 0, 1, false, true},
        {9, 0, 0, 0, 1, true, true},      {4, 6, 0, 6, 1, false, true},
        {0, 0, 10, 10, 1, false, true},   {0, 0, 10, 10, 0.5, true, true},
        {0, 0, 40, 40, 0.1, true, true},  {0, 0, 0, 64, 0.1, true, false},
        {0, 0, 0, 65, 0.1, false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run_builder b;
        bool new_targets;

        begin(&b, loopback, 3389);
        b.scan.jobs = 10;
        b.dials.known_hosts = rows[i].known;
        b.dials.new_hosts = rows[i].fresh;
        b.dials.count = rows[i].under_way;
        b.dials.answer_rate = rows[i].answer_rate;
        CU_ASSERT_EQUAL(why_dials_may_begin(&b.dials, rows[i].busy, &new_targets), rows[i].may);
        CU_ASSERT_EQUAL(new_targets, rows[i].new_targets);
        b.dials.count = 0;
        run_build_end(&b);
    }
}

/* Dials that are not answered for a while count as none, and lower what is expected. */
static void test_slow(void)
{
    struct run_builder b;
    int fill[FILL], server;
    struct task *task;
    uint16_t port;

    server = full_port(&port, fill);
    begin(&b, loopback, port);
    task = dial(&b);
    CU_ASSERT_EQUAL(b.dials.new_hosts, 1);
    task->began_us -= 1000000;
    step(&b);
    CU_ASSERT_TRUE(task->slow);
    CU_ASSERT_EQUAL(b.dials.new_hosts, 0);
    CU_ASSERT_EQUAL(b.dials.count, 1);
    CU_ASSERT(b.dials.answer_rate < 1);
    why_dials_abandon(&b.dials, &b.done);
    run_build_settle(&b);
    CU_ASSERT_EQUAL(b.dials.count, 0);
    CU_ASSERT_STRING_EQUAL(b.log, "");
    run_build_end(&b);
    close_full(server, fill);
}

/* --until resolve and connect: the dial is all there is. */
static void test_until(void)
{
    static const enum why_phase rows[] = {WHY_PHASE_RESOLVE, WHY_PHASE_CONNECT};
    uint16_t port;
    int server = run_build_port(true, &port);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run_builder b;

        begin(&b, loopback, port);
        b.scan.until = rows[i];
        (void)dial(&b);
        settle(&b);
        CU_ASSERT_EQUAL(b.pool.waiting.count, 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(b.log, "tls@127.0.0.1 completed/done; "));
        run_build_end(&b);
    }
    close(server);
}

static CU_TestInfo tests[] = {
    {"answered", test_answered},
    {"refused", test_refused},
    {"several addresses", test_addresses},
    {"no such name", test_no_such_name},
    {"the deadline", test_deadline},
    {"the attempt's own deadline", test_short_timeout},
    {"postponed", test_postponed},
    {"how many", test_how_many},
    {"slow", test_slow},
    {"until resolve and connect", test_until},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "dials", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
